//! Counted sharing, and counting, with what atomic operations the machine has.
//!
//! Machines without compare-and-swap (ARMv6-M) have no `Arc`. There a module is
//! counted without atomics and, as the types then say, stays on one thread.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::caller::Caller;
use crate::trap::Trap;

#[cfg(target_has_atomic = "ptr")]
pub(crate) use alloc::sync::Arc;

#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) use alloc::rc::Rc as Arc;

/// The body of a host function: arguments in the first slots, results in their place.
#[cfg(target_has_atomic = "ptr")]
pub(crate) type Body = dyn Fn(&mut Caller<'_>, &mut [u64]) -> Result<(), Trap> + Send + Sync;

/// The body of a host function: arguments in the first slots, results in their place.
#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) type Body = dyn Fn(&mut Caller<'_>, &mut [u64]) -> Result<(), Trap>;

/// The counter's value, which then is one more.
#[cfg(target_has_atomic = "32")]
pub(crate) fn next(counter: &AtomicU32) -> u32 {
    counter.fetch_add(1, Ordering::Relaxed)
}

/// The counter's value, which then is one more.
#[cfg(not(target_has_atomic = "32"))]
pub(crate) fn next(counter: &AtomicU32) -> u32 {
    let value = counter.load(Ordering::Relaxed);
    counter.store(value.wrapping_add(1), Ordering::Relaxed);
    value
}
