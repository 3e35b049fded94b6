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
pub mod error;
mod in_place;
pub mod llvm;
pub mod lower;
pub mod object;
pub mod options;
pub mod plan;
pub mod report;
pub mod wasm;

pub use error::CompileError;
pub use options::Options;

use llvm::{Context, Machine, MachineOptions};
use options::{Cpu, Format, Proposal, RuntimeCalls};
use report::{Recorder, Report, Stage};
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

/// Compiles a module.
///
/// # Errors
/// [`CompileError`]; its variants tell a wrong module from an unsupported one, a wrong option and a
/// bug.
pub fn compile(wasm: &[u8], options: &Options) -> Result<Output, CompileError> {
    compile_with(wasm, options, &mut |_| {})
}

/// Compiles a module and announces each stage when it begins.
///
/// # Errors
/// As for [`compile`].
pub fn compile_with(
    wasm: &[u8],
    options: &Options,
    announce: &mut dyn FnMut(Stage),
) -> Result<Output, CompileError> {
    let mut recorder = Recorder::new(announce);
    let bytes = run(wasm, options, &mut recorder)?;
    let mut report = recorder.report;
    report.sizes.wasm = wasm.len() as u64;
    report.sizes.output = bytes.len() as u64;
    Ok(Output { bytes, report })
}

/// The pipeline.
fn run(wasm: &[u8], options: &Options, recorder: &mut Recorder) -> Result<Vec<u8>, CompileError> {
    let module = recorder.stage(Stage::Parse, || wasm::parse(wasm))?;
    check_proposals(&module, options)?;
    let plan = recorder.stage(Stage::Plan, || plan::plan(&module, options))?;
    let cpu = resolve_cpu(options)?;
    let machine = Machine::new(&MachineOptions {
        target: options.target,
        abi: options.abi,
        cpu: &cpu.name,
        features: &cpu.features,
        level: options.opt_level,
        in_place: options.runtime_calls == RuntimeCalls::Table,
    })?;
    let context = Context::new();
    let lowered = recorder.stage(Stage::Lower, || {
        lower::lower(&context, &machine, &module, &plan, options, &cpu.set)
    })?;
    if options.format == Format::LlvmIrUnopt {
        return Ok(lowered.module.print().into_bytes());
    }
    recorder.stage(Stage::Optimise, || {
        lowered.module.optimise(&machine, options.opt_level)
    })?;
    if options.format == Format::LlvmIrOpt {
        return Ok(lowered.module.print().into_bytes());
    }
    let object = recorder.stage(Stage::Emit, || machine.emit(&lowered.module))?;
    if options.format == Format::Object {
        return Ok(object);
    }
    let extracted = recorder.stage(Stage::Extract, || {
        object::extract(&[object], options.target, options.runtime)
    })?;
    if options.runtime_calls == RuntimeCalls::Table {
        let table = &lowered.native_symbols;
        in_place::check(&module, &extracted, table, options.runtime)?;
    }
    let frames = assemble::Frames {
        sizes: context.take_stack_sizes(),
        call_bytes: lowered.call_bytes,
    };
    recorder.report.note_code(&extracted, &plan);
    for name in assemble::missing_custom_sections(&module, options) {
        recorder
            .report
            .remarks
            .push(format!("the module has no custom section {name:?}"));
    }
    recorder.stage(Stage::Assemble, || {
        let table = &lowered.native_symbols;
        assemble::assemble(&module, &plan, extracted, &frames, (options, &cpu), table)
    })
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
