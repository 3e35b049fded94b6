//! Threads that wait at addresses of a shared memory, and who wakes them
//! (threads proposal, `memory.atomic.wait` and `memory.atomic.notify`).
//!
//! Every memory has its own list. The value is compared, and a waiter listed,
//! under the list's lock, which a notifier takes as well: no wake is lost.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Why waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Somebody notified the address.
    Notified,
    /// The value was another one; there was no wait.
    NotEqual,
    /// Time was up.
    TimedOut,
}

impl Woken {
    /// The operator's result.
    pub(crate) fn code(self) -> u32 {
        match self {
            Woken::Notified => 0,
            Woken::NotEqual => 1,
            Woken::TimedOut => 2,
        }
    }
}

#[derive(Default)]
struct Waiter {
    woken: AtomicBool,
    wake: Condvar,
}

/// Waiters by offset, in the order they came.
type Waiters = BTreeMap<usize, VecDeque<Arc<Waiter>>>;

/// The waiters of one memory.
#[derive(Default)]
pub(super) struct Parking {
    waiters: Mutex<Waiters>,
}

impl Parking {
    /// Waits at `offset` if `equal` says so; for ever without a timeout.
    pub(super) fn wait(
        &self,
        offset: usize,
        equal: impl FnOnce() -> bool,
        timeout: Option<Duration>,
    ) -> Woken {
        // A time too far to express is as good as none.
        let end = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut waiters = self.waiters.lock().unwrap_or_else(PoisonError::into_inner);
        if !equal() {
            return Woken::NotEqual;
        }
        let waiter = Arc::new(Waiter::default());
        waiters
            .entry(offset)
            .or_default()
            .push_back(Arc::clone(&waiter));
        while !waiter.woken.load(Ordering::Relaxed) {
            waiters = match end {
                None => {
                    let woken = waiter.wake.wait(waiters);
                    woken.unwrap_or_else(PoisonError::into_inner)
                }
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        forget(&mut waiters, offset, &waiter);
                        return Woken::TimedOut;
                    }
                    let woken = waiter.wake.wait_timeout(waiters, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        Woken::Notified
    }

    /// Wakes up to `count` waiters at `offset`, the oldest first; how many.
    pub(super) fn notify(&self, offset: usize, count: u32) -> u32 {
        let mut waiters = self.waiters.lock().unwrap_or_else(PoisonError::into_inner);
        let mut woken = 0;
        let Some(queue) = waiters.get_mut(&offset) else {
            return 0;
        };
        while woken < count
            && let Some(waiter) = queue.pop_front()
        {
            waiter.woken.store(true, Ordering::Relaxed);
            waiter.wake.notify_one();
            woken += 1;
        }
        if queue.is_empty() {
            waiters.remove(&offset);
        }
        woken
    }
}

/// Takes a waiter off the list.
fn forget(waiters: &mut Waiters, offset: usize, waiter: &Arc<Waiter>) {
    if let Some(queue) = waiters.get_mut(&offset) {
        queue.retain(|other| !Arc::ptr_eq(other, waiter));
        if queue.is_empty() {
            waiters.remove(&offset);
        }
    }
}
