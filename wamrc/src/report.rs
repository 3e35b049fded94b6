//! What a compilation did: times, sizes, remarks. Data only; the command line prints it.

use crate::llvm::StackSize;
use crate::object::Extracted;
use crate::options::StackCheck;
use crate::plan::{Plan, parse_internal_symbol};
use crate::wasm::{FuncIdx, Module};
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

/// A stage of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading and validating the module.
    Parse,
    /// Deciding everything that needs no LLVM.
    Plan,
    /// The next three, for each partition.
    Generate,
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
            Self::Generate => "generate",
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

/// Bytes of WebAssembly code from which on a function is remarkable.
const LARGE_BYTES: u32 = 128 * 1024;

/// How far a compilation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The stage that is under way.
    pub stage: Stage,
    /// Parts of it that are done.
    pub done: usize,
    /// All parts.
    pub total: usize,
}

/// The native stack frame of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSize {
    /// The function.
    pub function: FuncIdx,
    /// Bytes, without the return address.
    pub bytes: u64,
}

/// What a compilation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Stages in order, each with the time it took: the sum over all threads for those of partitions.
    pub stages: Vec<(Stage, Duration)>,
    /// Number of partitions.
    pub partitions: usize,
    /// Time from start to end.
    pub total: Duration,
    /// Sizes.
    pub sizes: Sizes,
    /// Frames of the functions that have code, by index; empty unless they check the stack.
    pub frames: Vec<FrameSize>,
    /// Things that are worth knowing but no errors.
    pub remarks: Vec<String>,
}

impl Report {
    /// Notes functions that most of the time goes into.
    pub(crate) fn note_large_functions(&mut self, module: &Module<'_>) {
        let bodies = module.defined_functions();
        for (index, _, body) in bodies.filter(|(_, _, body)| body.size >= LARGE_BYTES) {
            let name = module.function_name(index);
            let name = name.map_or_else(String::new, |name| format!(" {name:?}"));
            self.remarks.push(format!(
                "function {index}{name} has {} bytes of code: it takes one thread long, and accesses in its large blocks are \
                 ordered less carefully",
                body.size
            ));
        }
    }

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

    /// Notes the frames of functions that check the stack.
    pub(crate) fn note_frames(&mut self, extracted: &Extracted, plan: &Plan, sizes: &[StackSize]) {
        if plan.checks.stack == StackCheck::GuardPage {
            return;
        }
        let bodies = extracted.names.iter();
        let bodies = bodies.filter_map(|(_, symbol)| parse_internal_symbol(symbol));
        // LLVM does not report functions that use no stack.
        let mut frames: BTreeMap<u32, u64> = bodies.map(|defined| (defined, 0)).collect();
        let sizes = sizes
            .iter()
            .filter_map(|size| Some((parse_internal_symbol(&size.symbol)?, size.bytes)));
        frames.extend(sizes);
        let imported = FuncIdx::from_position(plan.imported_types.len()).0;
        let frames = frames.into_iter().map(|(defined, bytes)| FrameSize {
            function: FuncIdx(defined.saturating_add(imported)),
            bytes,
        });
        self.frames = frames.collect();
    }
}

/// Times of stages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(BTreeMap<Stage, Duration>);

impl Clock {
    /// Runs what belongs to a stage.
    pub(crate) fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        *self.0.entry(stage).or_default() += start.elapsed();
        result
    }

    /// Adds what another clock measured.
    pub(crate) fn add(&mut self, other: &Clock) {
        for (stage, time) in &other.0 {
            *self.0.entry(*stage).or_default() += *time;
        }
    }

    /// The stages in order.
    pub(crate) fn stages(self) -> Vec<(Stage, Duration)> {
        self.0.into_iter().collect()
    }
}
