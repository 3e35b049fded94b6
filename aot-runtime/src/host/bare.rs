//! A build without an operating system: no faults to catch, nothing to unwind.
//!
//! A failing helper sets the instance's exception and returns; compiled code
//! with checks tests it after every call. Panics end the program. One thread.

use crate::entry::Activation;
use crate::platform::Platform;

/// What a caught panic would carry: there are none.
pub(crate) enum Panic {}

/// Runs `f`; a panic is the embedder's panic handler's business.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    Ok(f())
}

/// Continues a panic caught earlier.
pub(crate) fn resume(panic: Panic) -> ! {
    match panic {}
}

/// No platform of its own: the embedder brings one.
pub(crate) fn platform() -> Option<&'static dyn Platform> {
    None
}

#[path = "no_segment.rs"]
pub(crate) mod segment;

/// The running thread.
pub(crate) mod thread {
    use super::{Activation, Platform};

    /// Lowest address the native stack may reach, as the embedder says; 0 if it does not.
    pub(crate) fn stack_limit(platform: &dyn Platform) -> usize {
        platform.stack_low()
    }

    /// Makes `activation` the innermost one; no fault handler asks for it here.
    pub(crate) fn replace(_activation: *const Activation) -> *const Activation {
        core::ptr::null()
    }
}
