//! Which partition a thread takes next: the largest that is left, as soon as there is memory for it.

use super::Input;
use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes of memory that compiling takes for a byte of WebAssembly code, about.
const PER_BYTE: u64 = 1500;

/// Bytes of memory that everything else takes for a byte of the module, and that the process takes at least.
const PER_MODULE_BYTE: u64 = 14;
const PROCESS: u64 = 100 << 20;

/// The same for each thread: what it has freed, it keeps for itself.
const PER_MODULE_BYTE_OF_THREAD: u64 = 5;
const THREAD: u64 = 16 << 20;

/// What a limit of memory leaves for partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Budget {
    /// For those under way.
    bytes: u64,
    /// How many threads may take some.
    threads: usize,
}

impl Budget {
    fn new(module_bytes: u64, memory_limit: Option<u64>) -> Self {
        let Some(limit) = memory_limit else {
            return Self {
                bytes: u64::MAX,
                threads: usize::MAX,
            };
        };
        let base = module_bytes.saturating_mul(PER_MODULE_BYTE) + PROCESS;
        let thread = module_bytes.saturating_mul(PER_MODULE_BYTE_OF_THREAD) + THREAD;
        let bytes = limit.saturating_sub(base);
        Self {
            bytes,
            threads: usize::try_from(bytes / thread).map_or(usize::MAX, |threads| threads.max(1)),
        }
    }
}

/// The partitions that are left.
pub(super) struct Queue {
    /// What each takes, in bytes.
    costs: Vec<u64>,
    /// What may be taken at a time.
    budget: Budget,
    state: Mutex<State>,
    freed: Condvar,
}

struct State {
    /// Positions; the next one last.
    left: Vec<usize>,
    /// What the ones under way take.
    taken: u64,
    /// The first one that failed: later ones do not matter any more.
    failed: Option<usize>,
}

impl Queue {
    pub(super) fn new(input: &Input<'_>, memory_limit: Option<u64>) -> Self {
        let sizes = input.plan.partition_bytes(input.module);
        let costs: Vec<u64> = sizes.iter().map(|bytes| bytes * PER_BYTE).collect();
        Self::with(
            costs,
            Budget::new(input.module.bytes.len() as u64, memory_limit),
        )
    }

    /// How many threads may take partitions.
    pub(super) fn threads(&self) -> usize {
        self.budget.threads
    }

    fn with(costs: Vec<u64>, budget: Budget) -> Self {
        let mut left: Vec<usize> = (0..costs.len()).collect();
        // Stable: of equals the first comes first.
        left.sort_by_key(|position| std::cmp::Reverse(costs.get(*position).copied()));
        left.reverse();
        Self {
            costs,
            budget,
            state: Mutex::new(State {
                left,
                taken: 0,
                failed: None,
            }),
            freed: Condvar::new(),
        }
    }

    /// The next one; waits for memory unless nothing is under way.
    pub(super) fn take(&self) -> Option<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let position = *state.left.last()?;
            if state.failed.is_some_and(|failed| failed < position) {
                state.left.pop();
                continue;
            }
            let cost = self.cost(position);
            if state.taken == 0 || state.taken.saturating_add(cost) <= self.budget.bytes {
                state.left.pop();
                state.taken = state.taken.saturating_add(cost.max(1));
                return Some(position);
            }
            state = self
                .freed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// One is done.
    pub(super) fn put_back(&self, position: usize, failed: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.taken = state.taken.saturating_sub(self.cost(position).max(1));
        if failed {
            state.failed = Some(state.failed.map_or(position, |first| first.min(position)));
        }
        self.freed.notify_all();
    }

    fn cost(&self, position: usize) -> u64 {
        self.costs.get(position).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Queue};

    fn drain(queue: &Queue) -> Vec<usize> {
        std::iter::from_fn(|| queue.take()).collect()
    }

    #[test]
    fn the_largest_is_first_and_of_equals_the_first() {
        assert_eq!(
            drain(&Queue::with(vec![3, 9, 3, 1], Budget::new(1, None))),
            [1, 0, 2, 3]
        );
    }

    #[test]
    fn what_comes_behind_a_failure_is_left() {
        let queue = Queue::with(vec![5, 4, 3, 2, 1], Budget::new(1, None));
        assert_eq!(queue.take(), Some(0));
        assert_eq!(queue.take(), Some(1));
        queue.put_back(1, true);
        assert_eq!(drain(&queue), [0_usize; 0]);
    }

    #[test]
    fn threads_that_have_no_room_are_not_started() {
        let threads =
            |module: u64, limit: u64| Budget::new(module << 20, Some(limit << 20)).threads;
        assert_eq!(threads(0, 50), 1);
        assert_eq!(threads(0, 164), 4);
        assert_eq!(
            [400, 600, 720, 860].map(|limit| threads(24, limit)),
            [1, 1, 2, 3]
        );
    }

    #[test]
    fn what_has_no_room_waits() {
        let (bytes, threads) = (10, 2);
        let queue = Queue::with(vec![6, 5, 4], Budget { bytes, threads });
        assert_eq!(queue.take(), Some(0));
        std::thread::scope(|scope| {
            let other = scope.spawn(|| queue.take());
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!other.is_finished());
            queue.put_back(0, false);
            assert_eq!(other.join().ok(), Some(Some(1)));
        });
    }
}
