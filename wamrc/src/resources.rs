//! What a compilation may use. Nothing here changes what comes out.

use crate::cache::Cache;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Threads and memory.
#[derive(Clone, Debug)]
pub struct Resources {
    /// Most threads.
    pub jobs: NonZeroUsize,
    /// Bytes of memory to stay below: fewer partitions are then compiled at a time, one at least. An estimate, which
    /// functions of unusual size exceed.
    pub memory_limit: Option<u64>,
    /// Where code is looked for that was compiled before.
    pub cache: Option<Arc<Cache>>,
}

impl Default for Resources {
    /// One thread.
    fn default() -> Self {
        Self {
            jobs: NonZeroUsize::MIN,
            memory_limit: None,
            cache: None,
        }
    }
}

impl Resources {
    /// As many threads as the machine has processors.
    #[must_use]
    pub fn all() -> Self {
        let jobs = std::thread::available_parallelism();
        Self {
            jobs: jobs.unwrap_or(NonZeroUsize::MIN),
            ..Self::default()
        }
    }
}
