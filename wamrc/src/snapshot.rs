//! What a compilation makes, as text for snapshot tests.
//!
//! The text leaves out what changes without the code changing: addresses, distances, checksums, versions. A test that keeps
//! it (with the crate insta, or in a file) shows in a review what a change of a module, of options or of the compiler does.
//! `fixtures/example` is a crate with such tests; `wamrc snapshot` prints the same.
//!
//! ```
//! use wamrc::snapshot::{self, Kind};
//! let options = wamrc::Options::new(&targets::X86_64);
//! let text = snapshot::take(b"\0asm\x01\0\0\0", &options, Kind::Container)?;
//! assert!(text.starts_with("aot version 6\n"));
//! # Ok::<(), snapshot::SnapshotError>(())
//! ```

mod assembly;
mod container;

use crate::disassembly::{self, DisassemblyError};
use crate::options::Format;
use crate::{CompileError, Options, compile};
use aot_format::{ReadError, View};

pub use assembly::normalise_listings;
pub use container::normalise_container;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// LLVM IR as lowered.
    Ir,
    /// LLVM IR after optimisation.
    OptimisedIr,
    /// Machine code of each function.
    Asm,
    /// Declarations and requirements of the container.
    Container,
}

impl Kind {
    /// Every kind by the name it has on the command line.
    pub const ALL: &[(&str, Self)] = &[
        ("ir", Self::Ir),
        ("optimised-ir", Self::OptimisedIr),
        ("asm", Self::Asm),
        ("container", Self::Container),
    ];

    /// The output of the compiler that it is taken from.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Ir => Format::LlvmIrUnopt,
            Self::OptimisedIr => Format::LlvmIrOpt,
            Self::Asm | Self::Container => Format::Aot,
        }
    }
}

/// Why there is no snapshot.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SnapshotError {
    /// The module was not compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The file is no container.
    #[error("not a valid AOT file: {0}")]
    Read(ReadError),
    /// The code cannot be shown.
    #[error(transparent)]
    Disassembly(#[from] DisassemblyError),
}

/// Compiles a module and shows what comes out.
///
/// # Errors
/// Why the module was not compiled, or its code not shown.
pub fn take(wasm: &[u8], options: &Options, kind: Kind) -> Result<String, SnapshotError> {
    let options = Options {
        format: kind.format(),
        ..options.clone()
    };
    render(&compile(wasm, &options)?.bytes, kind)
}

/// Shows the output of a compilation with the format that belongs to the kind.
///
/// # Errors
/// [`SnapshotError::Read`] and [`SnapshotError::Disassembly`] for bytes that are no such output.
pub fn render(bytes: &[u8], kind: Kind) -> Result<String, SnapshotError> {
    if matches!(kind, Kind::Ir | Kind::OptimisedIr) {
        return Ok(normalise_ir(&String::from_utf8_lossy(bytes)));
    }
    let view = View::read(bytes).map_err(SnapshotError::Read)?;
    Ok(match kind {
        Kind::Asm => {
            let names = disassembly::function_names(&view);
            normalise_listings(&disassembly::disassemble(&view, &names, |_| true)?)
        }
        _ => normalise_container(&view),
    })
}

/// Functions and metadata of LLVM IR, without the lines that name the producer or the target.
#[must_use]
pub fn normalise_ir(ir: &str) -> String {
    let skipped = ["; ModuleID", "source_filename", "target datalayout"];
    let lines = ir
        .lines()
        .filter(|line| !skipped.iter().any(|prefix| line.starts_with(prefix)));
    lines.collect::<Vec<_>>().join("\n")
}
