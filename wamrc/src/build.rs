//! For build scripts: a module is compiled when the program that will run it is built.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), wamrc::build::BuildError> {
//!     wamrc::build::Wasm::new("app.wasm").target("cortex-m4f").compile()?;
//!     Ok(())
//! }
//! ```
//!
//! makes `app.aot` in the folder that cargo gives build scripts, and beside it `app.rs`, an expression with the file's
//! bytes, aligned as code that is executed in place has to be:
//!
//! ```ignore
//! static APP: &[u8] = include!(concat!(env!("OUT_DIR"), "/app.rs"));
//! ```
//!
//! Cargo is told to run the script again when the module changes. Nothing else is printed, and nothing is read but the
//! module; `fixtures/example` is a crate that does all this.

use crate::{CompileError, Options, Resources, compile_with};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use targets::triple::{self, TripleError};

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Not in a build script: cargo sets this variable there.
    #[error("the variable {0} is not set; cargo sets it for build scripts")]
    Variable(&'static str),
    /// The target is none of the compiler's.
    #[error("target {name:?}: {error}")]
    Target {
        /// The name.
        name: String,
        /// What is wrong with it.
        error: TripleError,
    },
    /// The module's path does not end in a file name.
    #[error("{0} names no file")]
    Name(PathBuf),
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The module was not compiled.
    #[error("{path}: {error}")]
    Compile {
        /// The module.
        path: PathBuf,
        /// Why.
        error: Box<CompileError>,
    },
}

/// The files that were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The container.
    pub aot: PathBuf,
    /// The Rust expression with its bytes.
    pub rust: PathBuf,
    /// Things that are worth knowing but no errors.
    pub remarks: Vec<String>,
}

/// A change of the options, made once the target is known.
type Change = Box<dyn FnOnce(&mut Options)>;

/// A module to compile.
#[must_use = "nothing is compiled before `compile`"]
pub struct Wasm {
    path: PathBuf,
    target: Option<String>,
    folder: Option<PathBuf>,
    changes: Vec<Change>,
}

impl Wasm {
    /// A module's file, relative to the folder of the package.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            target: None,
            folder: None,
            changes: Vec::new(),
        }
    }

    /// The machine to compile for, as `--target` takes it; without, the one that cargo builds for.
    pub fn target(mut self, name: impl Into<String>) -> Self {
        self.target = Some(name.into());
        self
    }

    /// Changes an option. Changes are made in the order given, after the target's defaults.
    pub fn option(mut self, change: impl FnOnce(&mut Options) + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// The folder to write to; without, cargo's `OUT_DIR`.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Compiles the module and writes both files.
    ///
    /// # Errors
    /// [`BuildError`] says which file, target or variable is at fault.
    pub fn compile(self) -> Result<Built, BuildError> {
        println!("cargo:rerun-if-changed={}", self.path.display());
        let folder = match self.folder {
            Some(folder) => folder,
            None => PathBuf::from(variable("OUT_DIR")?),
        };
        let name = match self.target {
            Some(name) => name,
            None => variable("TARGET")?.to_string_lossy().into_owned(),
        };
        let selection = triple::parse(&name).map_err(|error| BuildError::Target { name, error })?;
        let mut options = Options::select(&selection);
        for change in self.changes {
            change(&mut options);
        }
        let wasm = std::fs::read(&self.path).map_err(|error| failed(&self.path, error))?;
        let output = compile_with(&wasm, &options, &resources(), &mut |_| {});
        let output = output.map_err(|error| BuildError::Compile {
            path: self.path.clone(),
            error: error.into(),
        })?;
        let stem = self.path.file_stem();
        let stem = stem.ok_or_else(|| BuildError::Name(self.path.clone()))?;
        let named = |ending: &str| {
            let mut name = stem.to_owned();
            name.push(ending);
            folder.join(name)
        };
        let (aot, rust) = (named(".aot"), named(".rs"));
        write(&aot, &output.bytes)?;
        write(&rust, expression(&aot).as_bytes())?;
        Ok(Built {
            aot,
            rust,
            remarks: output.report.remarks,
        })
    }
}

/// As many threads as cargo lets build scripts have.
fn resources() -> Resources {
    let jobs = std::env::var("NUM_JOBS").ok();
    let jobs: Option<NonZeroUsize> = jobs.and_then(|jobs| jobs.parse().ok());
    let one = Resources::default();
    Resources {
        jobs: jobs.unwrap_or(one.jobs),
        ..one
    }
}

fn variable(name: &'static str) -> Result<OsString, BuildError> {
    std::env::var_os(name).ok_or(BuildError::Variable(name))
}

fn failed(path: &Path, error: std::io::Error) -> BuildError {
    BuildError::File {
        path: path.to_owned(),
        error,
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    std::fs::write(path, bytes).map_err(|error| failed(path, error))
}

/// Rust source of the bytes of a file beside it, at an address that is a multiple of 16.
fn expression(aot: &Path) -> String {
    let name = aot.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "{{
    #[repr(C, align(16))]
    struct Aligned<T: ?Sized>(T);
    const FILE: &Aligned<[u8]> = &Aligned(*include_bytes!({name:?}));
    &FILE.0
}}
"
    )
}
