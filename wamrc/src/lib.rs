//! Ahead-of-time WebAssembly compiler: wasm in, WAMR AOT container out.
//!
//! The stages are `wasm` (parse and validate), `plan` (every decision that needs no LLVM), `lower`
//! (LLVM IR), `llvm` (optimise, emit an object), `object` (take the object apart) and `assemble`
//! (build the container). Each is a function from values to a value. What is not here: loading and
//! running, see the crate `aot-runtime`.
//!
//! ```
//! let wasm = b"\0asm\x01\0\0\0";
//! let options = wamrc::Options::new(&targets::X86_64);
//! let output = wamrc::compile(wasm, &options)?;
//! assert!(output.bytes.starts_with(b"\0aot"));
//! # Ok::<(), wamrc::CompileError>(())
//! ```
#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod assemble;
pub mod build;
pub mod cache;
mod compiler;
mod debug;
pub mod disassembly;
pub mod error;
mod generate;
mod in_place;
pub mod llvm;
pub mod lower;
pub mod object;
pub mod options;
pub mod plan;
pub mod report;
pub mod resources;
pub mod snapshot;
pub mod wasm;

pub use compiler::Compiler;
pub use error::CompileError;
pub use options::Options;
pub use resources::Resources;

use generate::{Input, generate};
use options::{Cpu, Format, Proposal, RuntimeCalls};
use report::{Clock, Progress, Report, Stage};
use std::time::Instant;
use targets::feature::{self, Required};
use wasm::Module;

/// The result of a compilation.
#[derive(Clone, Debug)]
pub struct Output {
    /// The file, of the kind the options ask for.
    pub bytes: Vec<u8>,
    /// What was done.
    pub report: Report,
}

/// Compiles a module on this thread's behalf, on one other.
///
/// # Errors
/// [`CompileError`]; its variants tell a wrong module from an unsupported one, a wrong option and a
/// bug.
pub fn compile(wasm: &[u8], options: &Options) -> Result<Output, CompileError> {
    compile_with(wasm, options, &Resources::default(), &mut |_| {})
}

/// Compiles a module with what it may use, and announces each stage when it begins and how far it has come.
///
/// # Errors
/// As for [`compile`].
pub fn compile_with(
    wasm: &[u8],
    options: &Options,
    resources: &Resources,
    announce: &mut dyn FnMut(Progress),
) -> Result<Output, CompileError> {
    let start = Instant::now();
    let mut run = Run {
        options,
        resources,
        announce,
        clock: Clock::default(),
        report: Report::default(),
    };
    let bytes = run.run(wasm)?;
    let mut report = run.report;
    report.stages = run.clock.stages();
    report.total = start.elapsed();
    report.sizes.wasm = wasm.len() as u64;
    report.sizes.output = bytes.len() as u64;
    Ok(Output { bytes, report })
}

/// A compilation under way.
struct Run<'a> {
    options: &'a Options,
    resources: &'a Resources,
    announce: &'a mut dyn FnMut(Progress),
    clock: Clock,
    report: Report,
}

impl Run<'_> {
    /// The pipeline.
    fn run(&mut self, wasm: &[u8]) -> Result<Vec<u8>, CompileError> {
        let options = self.options;
        let module = self.stage(Stage::Parse, || wasm::parse(wasm))?;
        check_proposals(&module, options)?;
        let plan = self.stage(Stage::Plan, || plan::plan(&module, options))?;
        let cpu = resolve_cpu(options)?;
        let input = Input {
            module: &module,
            plan: &plan,
            options,
            cpu: &cpu,
            cache: self.resources.cache.as_deref(),
        };
        let parts = generate(&input, self.resources, self.announce)?;
        self.report.partitions = parts.len();
        self.report.note_large_functions(&module);
        parts.iter().for_each(|part| self.clock.add(&part.clock));
        if options.format != Format::Aot {
            let bytes = parts.into_iter().map(|part| part.bytes);
            return Ok(bytes.flatten().collect());
        }
        let objects: Vec<&[u8]> = parts.iter().map(|part| part.bytes.as_slice()).collect();
        let extracted = self.stage(Stage::Extract, || {
            object::extract(&objects, options.target, options.runtime)
        })?;
        // Files with a table are not divided.
        let table = parts.first().map_or(&[][..], |part| &part.native_symbols);
        if options.runtime_calls == RuntimeCalls::Table {
            in_place::check(&module, &extracted, table, options.runtime)?;
        }
        let frames = assemble::Frames {
            sizes: parts.iter().flat_map(|it| it.stack_sizes.clone()).collect(),
            call_bytes: parts.iter().flat_map(|it| it.call_bytes.clone()).collect(),
        };
        self.report.note_code(&extracted, &plan);
        self.report.note_frames(&extracted, &plan, &frames.sizes);
        for name in assemble::missing_custom_sections(&module, options) {
            let remark = format!("the module has no custom section {name:?}");
            self.report.remarks.push(remark);
        }
        self.stage(Stage::Assemble, || {
            assemble::assemble(&module, &plan, extracted, &frames, (options, &cpu), table)
        })
    }

    /// Announces and measures a stage.
    fn stage<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        (self.announce)(Progress {
            stage,
            done: 0,
            total: 1,
        });
        self.clock.time(stage, work)
    }
}

/// Refuses modules that use what the options forbid.
fn check_proposals(module: &Module<'_>, options: &Options) -> Result<(), CompileError> {
    let forbidden = [
        (options.simd, module.uses.simd, "SIMD", "--disable-simd"),
        (
            options.bulk_memory,
            module.uses.bulk_memory,
            "bulk memory",
            "--disable-bulk-memory",
        ),
        (
            options.reference_types,
            module.uses.reference_types,
            "reference types",
            "--disable-ref-types",
        ),
    ];
    for (proposal, used, feature, option) in forbidden {
        if let (Proposal::Refuse, Some(offset)) = (proposal, used) {
            return Err(CompileError::Forbidden {
                feature,
                offset,
                option,
            });
        }
    }
    Ok(())
}

/// LLVM's names of the processor to compile for.
#[derive(Clone, Debug)]
pub struct CpuNames {
    /// Processor.
    pub name: String,
    /// Features, as `+a,-b`.
    pub features: String,
    /// The features that a machine must have to run the code, as `+a,+b`.
    pub required: String,
    /// The features that the machine has.
    pub set: feature::Set,
}

/// Resolves the CPU option and refuses what cannot be right. Only `Cpu::Native` looks at the machine the compiler runs on.
fn resolve_cpu(options: &Options) -> Result<CpuNames, CompileError> {
    let target = options.target;
    let llvm = &target.llvm;
    let (name, of_machine) = match &options.cpu {
        Cpu::Baseline => (llvm.cpu.to_owned(), String::new()),
        Cpu::Named(name) => (name.clone(), String::new()),
        Cpu::Native => llvm::host_cpu(),
    };
    let joined = |parts: &[&str]| {
        let parts = parts.iter().filter(|part| !part.is_empty());
        parts.copied().collect::<Vec<_>>().join(",")
    };
    let asked = joined(&[&of_machine, &options.cpu_features]);
    let set = feature::check(target, options.abi, &name, &asked)?;
    let baseline = if name == llvm.cpu { llvm.features } else { "" };
    Ok(CpuNames {
        features: joined(&[baseline, llvm.always, &asked]),
        required: Required(set, target).to_string(),
        set,
        name,
    })
}
