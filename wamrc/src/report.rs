//! What a compilation did: times, sizes, remarks. Data only; the command line prints it.

use crate::object::Extracted;
use crate::plan::Plan;
use std::fmt;
use std::time::{Duration, Instant};

/// A stage of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading and validating the module.
    Parse,
    /// Deciding everything that needs no LLVM.
    Plan,
    /// Making LLVM IR.
    Lower,
    /// Optimising it.
    Optimise,
    /// Making machine code.
    Emit,
    /// Taking the object apart.
    Extract,
    /// Building the container.
    Assemble,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Parse => "parse",
            Self::Plan => "plan",
            Self::Lower => "lower",
            Self::Optimise => "optimise",
            Self::Emit => "emit",
            Self::Extract => "extract",
            Self::Assemble => "assemble",
        })
    }
}

/// Sizes of what went in and came out, in bytes unless a count is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The wasm file.
    pub wasm: u64,
    /// Functions defined by the module.
    pub functions: u64,
    /// Functions that were inlined everywhere and are gone.
    pub functions_gone: u64,
    /// Machine code.
    pub code: u64,
    /// Constants in front of the code.
    pub constants: u64,
    /// Relocations left to the loader.
    pub relocations: u64,
    /// The output.
    pub output: u64,
}

/// What a compilation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Stages in order, each with the time it took.
    pub stages: Vec<(Stage, Duration)>,
    /// Sizes.
    pub sizes: Sizes,
    /// Things that are worth knowing but no errors.
    pub remarks: Vec<String>,
}

impl Report {
    /// Notes the sizes of the code and what became of the functions.
    pub(crate) fn note_code(&mut self, extracted: &Extracted, plan: &Plan) {
        let sizes = &mut self.sizes;
        sizes.functions = plan.functions.len() as u64;
        sizes.functions_gone = sizes
            .functions
            .saturating_sub(extracted.functions.len() as u64);
        sizes.constants = extracted.constant_bytes;
        sizes.code = (extracted.text.len() as u64).saturating_sub(extracted.constant_bytes);
        sizes.relocations = extracted.relocations.len() as u64;
    }

    /// Time all stages took together.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.stages.iter().map(|(_, time)| *time).sum()
    }
}

/// Measures stages and announces them.
pub(crate) struct Recorder<'a> {
    announce: &'a mut dyn FnMut(Stage),
    pub(crate) report: Report,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(announce: &'a mut dyn FnMut(Stage)) -> Self {
        Self {
            announce,
            report: Report::default(),
        }
    }

    /// Runs one stage.
    pub(crate) fn stage<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        (self.announce)(stage);
        let start = Instant::now();
        let result = work();
        self.report.stages.push((stage, start.elapsed()));
        result
    }
}
