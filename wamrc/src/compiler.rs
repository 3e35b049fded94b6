//! A compiler that is set up once and used for any number of modules.

use crate::cache::Cache;
use crate::error::CompileError;
use crate::options::Options;
use crate::report::Progress;
use crate::resources::Resources;
use crate::{Output, compile_with};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

/// Options with what may be used.
///
/// ```
/// let options = wamrc::Options::new(&targets::X86_64);
/// let compiler = wamrc::Compiler::new(options).all_processors();
/// let output = compiler.compile(b"\0asm\x01\0\0\0")?;
/// assert!(output.bytes.starts_with(b"\0aot"));
/// # Ok::<(), wamrc::CompileError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Compiler {
    options: Options,
    resources: Resources,
}

impl Compiler {
    /// A compiler that uses one thread and no cache.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            resources: Resources::default(),
        }
    }

    /// Lets it use so many threads.
    #[must_use]
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.resources.jobs = jobs;
        self
    }

    /// Lets it use as many threads as the machine has processors.
    #[must_use]
    pub fn all_processors(self) -> Self {
        self.jobs(Resources::all().jobs)
    }

    /// Has it use about so many bytes of memory at most ([`Resources::memory_limit`]).
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.resources.memory_limit = Some(bytes);
        self
    }

    /// Has it keep machine code in a folder, and look there first.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn cache(mut self, folder: &Path) -> std::io::Result<Self> {
        self.resources.cache = Some(Arc::new(Cache::open(folder)?));
        Ok(self)
    }

    /// Compiles a module.
    ///
    /// # Errors
    /// As for [`compile`](crate::compile()).
    pub fn compile(&self, wasm: &[u8]) -> Result<Output, CompileError> {
        self.compile_with(wasm, &mut |_| {})
    }

    /// Compiles a module and announces how far it has come.
    ///
    /// # Errors
    /// As for [`compile`](crate::compile()).
    pub fn compile_with(
        &self,
        wasm: &[u8],
        announce: &mut dyn FnMut(Progress),
    ) -> Result<Output, CompileError> {
        compile_with(wasm, &self.options, &self.resources, announce)
    }
}
