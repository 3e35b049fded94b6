//! `wamrc [OPTIONS] -o OUT IN.wasm`: the options, and what is done with them.

use super::progress::Progress;
use super::{Failure, list, output, resources};
use anyhow::Context as _;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Duration;
use targets::triple::Selection;
use targets::{Abi, Target};
use wamrc::llvm::LlvmError;
use wamrc::options::{
    AotVersion, AuxStackCheck, BoundsCheck, Cpu, Format, Intrinsics, JumpTables, OptLevel,
    Partitioning, Proposal, Runtime, RuntimeCalls, SizeLevel, StackCheck,
};
use wamrc::report::Report;
use wamrc::{CompileError, Options, Output, Resources};

/// Target when none is given. A constant, not the host: the same command line gives the same file
/// everywhere.
const DEFAULT_TARGET: &str = "x86_64";

/// Options of the compile command.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The module to compile
    #[arg(value_name = "IN.wasm")]
    input: Option<PathBuf>,

    /// The file to write; - is standard output
    #[arg(short, value_name = "OUT", help_heading = "Output")]
    output: Option<PathBuf>,

    /// Kind of output: aot, object, llvmir-unopt, llvmir-opt
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "aot",
        help_heading = "Output"
    )]
    format: String,

    /// Version of the AOT file: 6 (WAMR 2.4.3 and later) or 5 (WAMR 2.4.1 and 2.4.2)
    #[arg(long, value_name = "N", default_value = "6", help_heading = "Output")]
    aot_version: String,

    /// Copy these custom sections of the module, in this order; `name` keeps the function names
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Output"
    )]
    emit_custom_sections: Vec<String>,

    /// Print a report of times and sizes as JSON to standard output
    #[arg(long, help_heading = "Output")]
    json: bool,

    /// Say on standard error how long each stage took
    #[arg(long, help_heading = "Output")]
    time_report: bool,

    /// How much to say: 0 nothing but errors, 1 and 2 remarks, 3 to 5 times and sizes, too
    #[arg(short, value_name = "LEVEL", default_value_t = 2,
          value_parser = clap::value_parser!(u8).range(0..=5), help_heading = "Output")]
    verbose: u8,

    /// Machine to compile for, by name or triple; `help` lists them
    #[arg(long, value_name = "TARGET", default_value = DEFAULT_TARGET, help_heading = "Target")]
    target: String,

    /// ABI of the target; `help` lists them [default: the target's]
    #[arg(long, value_name = "ABI", help_heading = "Target")]
    target_abi: Option<String>,

    /// CPU to compile for; `help` lists them, `native` is this machine's [default: the target's
    /// portable baseline]
    #[arg(long, value_name = "CPU", help_heading = "Target")]
    cpu: Option<String>,

    /// CPU features to add and remove, as +a,-b; `+help` lists them
    #[arg(
        long,
        value_name = "FEATURES",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true,
        help_heading = "Target"
    )]
    cpu_features: String,

    /// Runtime the file has to load on: wamrc, or stock for the default build of stock WAMR. What its
    /// loader could not apply is an error
    #[arg(
        long,
        value_name = "RUNTIME",
        default_value = "wamrc",
        help_heading = "Target"
    )]
    runtime: String,

    /// How hard to optimise: 0 to 3
    #[arg(long, value_name = "LEVEL", default_value_t = 3,
          value_parser = clap::value_parser!(u8).range(0..=3), help_heading = "Code")]
    opt_level: u8,

    /// The same with the letters of C compilers: 0 compiles fastest, 3 is the default, s and z make small code
    #[arg(short = 'O', value_name = "LEVEL", value_parser = level, conflicts_with = "opt_level",
          help_heading = "Code")]
    optimise: Option<OptLevel>,

    /// Compile all functions of the module together. Else large modules are compiled in parts, side by side
    #[arg(long, help_heading = "Code")]
    whole_module: bool,

    /// Code model: 0 large, 1 medium, 2 kernel, 3 small. The code is the same for all: it reaches
    /// everything from anywhere
    #[arg(long, value_name = "LEVEL", default_value_t = 3,
          value_parser = clap::value_parser!(u8).range(0..=3), help_heading = "Code")]
    size_level: u8,

    /// Check memory accesses in the code (1) or by guard pages of the runtime (0) [default: 0 on
    /// 64-bit targets]
    #[arg(long, value_name = "0|1", value_parser = switch, help_heading = "Code")]
    bounds_checks: Option<bool>,

    /// Check the native stack in the code (1) or by a guard page (0) [default: as --bounds-checks
    /// has it for the target]
    #[arg(long, value_name = "0|1", value_parser = switch, help_heading = "Code")]
    stack_bounds_checks: Option<bool>,

    /// Do not check the program's own stack pointer
    #[arg(long, help_heading = "Code")]
    disable_aux_stack_check: bool,

    /// Do not make jump tables
    #[arg(long, help_heading = "Code")]
    disable_llvm_jump_tables: bool,

    /// Make a file whose code is executed where the file is, in flash for example: the same as
    /// --enable-indirect-mode --disable-llvm-intrinsics. Code that could not be is an error
    #[arg(long, help_heading = "Code")]
    xip: bool,

    /// Call the runtime through a table instead of directly, and mark the file as one whose code can
    /// stay where it is
    #[arg(long, help_heading = "Code")]
    enable_indirect_mode: bool,

    /// Have the runtime carry out the operations that LLVM would call helper routines for
    #[arg(long, help_heading = "Code")]
    disable_llvm_intrinsics: bool,

    /// Instead of those, have it carry out these operations: groups (all, i32.common, fpxint, …) and
    /// single ones, separated by commas; `help` lists them
    #[arg(long, value_name = "LIST", help_heading = "Code")]
    enable_builtin_intrinsics: Option<String>,

    /// Refuse modules that use SIMD
    #[arg(long, help_heading = "Proposals")]
    disable_simd: bool,

    /// Refuse modules that use bulk memory
    #[arg(long, help_heading = "Proposals")]
    disable_bulk_memory: bool,

    /// Refuse modules that use reference types
    #[arg(long, help_heading = "Proposals")]
    disable_ref_types: bool,

    #[command(flatten)]
    resources: resources::Arguments,

    #[command(flatten)]
    without_effect: WithoutEffect,

    /// Print the version of the compiler
    #[arg(long, short = 'V')]
    version: bool,

    /// Print the version of LLVM
    #[arg(long)]
    llvm_version: bool,
}

/// Options that are accepted for compatibility; `stock::WITHOUT_EFFECT` has the reasons.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one per option, as clap wants them"
)]
struct WithoutEffect {
    #[arg(long, hide = true)]
    enable_bulk_memory_opt: bool,
    #[arg(long, hide = true)]
    enable_extended_const: bool,
    #[arg(long, hide = true)]
    enable_call_indirect_overlong: bool,
    #[arg(long, hide = true)]
    enable_lime1: bool,
    #[arg(long, hide = true)]
    enable_tail_call: bool,
    #[arg(long, hide = true)]
    disable_llvm_lto: bool,
    #[arg(long, hide = true)]
    invoke_c_api_import: bool,
}

fn level(text: &str) -> Result<OptLevel, String> {
    let level = OptLevel::ALL.iter().find(|(name, _)| *name == text);
    level
        .map(|(_, level)| *level)
        .ok_or_else(|| "expected 0, 1, 2, 3, s or z".to_owned())
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err("expected 0 or 1".to_owned()),
    }
}

/// Compiles, or prints what was asked for instead.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.version {
        list::version();
        return Ok(());
    }
    if arguments.llvm_version {
        list::llvm_version();
        return Ok(());
    }
    if arguments.target == "help" {
        return list::targets(&list::Arguments::default());
    }
    let selection = targets::triple::parse(&arguments.target).map_err(|error| {
        let name = &arguments.target;
        usage(format!(
            "--target={name}: {error} (--target=help lists the targets)"
        ))
    })?;
    if print_list(arguments, selection.target) {
        return Ok(());
    }
    let options = options(arguments, &selection)?;
    let Some(input) = &arguments.input else {
        return Err(usage("no input file; see wamrc --help"));
    };
    let Some(path) = &arguments.output else {
        return Err(usage("no output file: -o OUT is missing"));
    };
    let wasm = std::fs::read(input).with_context(|| format!("cannot read {}", input.display()))?;
    let resources = arguments.resources.resources()?;
    let output = compile(&wasm, &options, &resources, arguments.verbose == 0)
        .map_err(|error| failure(error, arguments, input))?;
    arguments.resources.print_cache(&resources);
    output::write(path, &output.bytes)?;
    if arguments.json && path.as_os_str() != "-" {
        println!("{:#}", report_json(&output.report));
    }
    print_report(&output.report, path, arguments);
    Ok(())
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::Usage(message.into())
}

/// Prints the lists that `help` as a value asks for; false if none was asked for.
fn print_list(arguments: &Arguments, target: &Target) -> bool {
    if arguments.target_abi.as_deref() == Some("help") {
        list::abis(target);
    } else if arguments.cpu.as_deref() == Some("help") {
        list::cpus(target);
    } else if matches!(arguments.cpu_features.as_str(), "help" | "+help") {
        list::cpu_features(target);
    } else if arguments.enable_builtin_intrinsics.as_deref() == Some("help") {
        list::intrinsics();
    } else {
        return false;
    }
    true
}

fn compile(
    wasm: &[u8],
    options: &Options,
    resources: &Resources,
    quiet: bool,
) -> Result<Output, CompileError> {
    let bar = Progress::start(quiet);
    wamrc::compile_with(wasm, options, resources, &mut |progress| bar.show(progress))
}

/// A wrong option is a wrong command line even if only a later stage can tell.
fn failure(error: CompileError, arguments: &Arguments, input: &Path) -> Failure {
    if !error.is_about_options() {
        return Failure::Work(anyhow::Error::new(error).context(input.display().to_string()));
    }
    let cpu = arguments.cpu.as_deref();
    usage(match (&error, cpu) {
        (CompileError::Llvm(LlvmError::Cpu { .. }), _) => {
            format!("{error} (--cpu=help lists those of the target)")
        }
        (CompileError::Llvm(LlvmError::Feature { .. }), _) => {
            format!("{error} (--cpu-features=help lists those of the target)")
        }
        (CompileError::UnknownIntrinsic { .. }, _) => {
            format!("{error} (--enable-builtin-intrinsics=help lists them)")
        }
        (_, Some(cpu)) => format!("--cpu={cpu}: {error}"),
        (_, None) => error.to_string(),
    })
}

fn options(arguments: &Arguments, selection: &Selection) -> Result<Options, Failure> {
    let mut options = Options::select(selection);
    if let Some(name) = arguments.target_abi.as_deref() {
        options.abi = abi(name, selection.target)?;
    }
    options.runtime = match arguments.runtime.as_str() {
        "wamrc" => Runtime::Ours,
        "stock" => Runtime::Stock,
        other => return Err(usage(format!("--runtime={other}: expected wamrc or stock"))),
    };
    match arguments.cpu.as_deref() {
        None => {}
        Some("native") => options.cpu = Cpu::Native,
        Some(name) => options.cpu = Cpu::Named(name.to_owned()),
    }
    if !options.cpu_features.is_empty() && !arguments.cpu_features.is_empty() {
        options.cpu_features.push(',');
    }
    options.cpu_features.push_str(&arguments.cpu_features);
    calls_of_the_runtime(arguments, &mut options)?;
    options.format = format(&arguments.format)?;
    options.aot_version = match arguments.aot_version.as_str() {
        "5" => AotVersion::V5,
        "6" => AotVersion::V6,
        other => return Err(usage(format!("--aot-version={other}: expected 5 or 6"))),
    };
    let named = arguments.opt_level.to_string();
    let level = arguments.optimise.or_else(|| level(&named).ok());
    options.opt_level = level.unwrap_or(OptLevel::O3);
    if arguments.whole_module {
        options.partitioning = Partitioning::Whole;
    }
    options.size_level = match arguments.size_level {
        0 => SizeLevel::Large,
        1 => SizeLevel::Medium,
        2 => SizeLevel::Kernel,
        _ => SizeLevel::Small,
    };
    if let Some(checks) = arguments.bounds_checks {
        options.bounds_check = if checks {
            BoundsCheck::Emit
        } else {
            BoundsCheck::GuardPages
        };
    }
    if let Some(checks) = arguments.stack_bounds_checks {
        options.stack_check = if checks {
            StackCheck::Emit
        } else {
            StackCheck::GuardPage
        };
    }
    if arguments.disable_aux_stack_check {
        options.aux_stack_check = AuxStackCheck::Omit;
    }
    if arguments.disable_llvm_jump_tables {
        options.jump_tables = JumpTables::Avoid;
    }
    if arguments.disable_simd {
        options.simd = Proposal::Refuse;
    }
    if arguments.disable_bulk_memory {
        options.bulk_memory = Proposal::Refuse;
    }
    if arguments.disable_ref_types {
        options.reference_types = Proposal::Refuse;
    }
    options
        .custom_sections
        .clone_from(&arguments.emit_custom_sections);
    Ok(options)
}

/// How code calls the runtime, and what for.
fn calls_of_the_runtime(arguments: &Arguments, options: &mut Options) -> Result<(), Failure> {
    if arguments.xip || arguments.enable_indirect_mode {
        options.runtime_calls = RuntimeCalls::Table;
    }
    if arguments.xip || arguments.disable_llvm_intrinsics {
        // The list replaces the target's.
        let list = arguments.enable_builtin_intrinsics.as_deref();
        options.intrinsics = list.map_or(Intrinsics::OfTarget, |list| {
            Intrinsics::Listed(list.split(',').map(str::to_owned).collect())
        });
    } else if arguments.enable_builtin_intrinsics.is_some() {
        return Err(usage(
            "--enable-builtin-intrinsics goes with --disable-llvm-intrinsics or --xip",
        ));
    }
    Ok(())
}

/// The ABI of this name. Stock's `gnu` is the default of targets that do not know it.
fn abi(name: &str, target: &Target) -> Result<Option<&'static Abi>, Failure> {
    let known = target.abi(name);
    if known.is_some() || name == "gnu" {
        return Ok(known);
    }
    let names: Vec<_> = target.abis.iter().map(|abi| abi.name).collect();
    Err(usage(format!(
        "--target-abi={name}: not an ABI of {}, which has {}",
        target.name,
        names.join(", ")
    )))
}

fn format(name: &str) -> Result<Format, Failure> {
    Ok(match name {
        "aot" => Format::Aot,
        "object" => Format::Object,
        "llvmir-unopt" => Format::LlvmIrUnopt,
        "llvmir-opt" => Format::LlvmIrOpt,
        _ => {
            return Err(usage(format!(
                "--format={name}: expected aot, object, llvmir-unopt or llvmir-opt"
            )));
        }
    })
}

fn print_report(report: &Report, path: &Path, arguments: &Arguments) {
    let verbose = arguments.verbose;
    if verbose >= 1 {
        for remark in &report.remarks {
            eprintln!("remark: {remark}");
        }
    }
    if verbose >= 3 || arguments.time_report {
        print_times(report);
    }
    if verbose < 3 {
        return;
    }
    let sizes = &report.sizes;
    eprintln!(
        "{} bytes of wasm with {} functions ({} of them inlined away); {} bytes of code, {} of \
         constants, {} relocations; {} bytes in {}",
        sizes.wasm,
        sizes.functions,
        sizes.functions_gone,
        sizes.code,
        sizes.constants,
        sizes.relocations,
        sizes.output,
        path.display()
    );
}

/// Stages run side by side, so that their sum may be more than the total.
fn print_times(report: &Report) {
    let line =
        |name: &str, time: Duration| eprintln!("{name:10} {:9.3} ms", time.as_secs_f64() * 1e3);
    for (stage, time) in &report.stages {
        line(&stage.to_string(), *time);
    }
    line("total", report.total);
    eprintln!("{:10} {:9}", "parts", report.partitions);
}

fn report_json(report: &Report) -> serde_json::Value {
    let sizes = &report.sizes;
    let stages: serde_json::Map<String, serde_json::Value> = report
        .stages
        .iter()
        .map(|(stage, time)| (stage.to_string(), time.as_secs_f64().into()))
        .collect();
    serde_json::json!({
        "seconds": stages,
        "total_seconds": report.total.as_secs_f64(),
        "parts": report.partitions,
        "bytes": {
            "wasm": sizes.wasm,
            "code": sizes.code,
            "constants": sizes.constants,
            "output": sizes.output,
        },
        "functions": sizes.functions,
        "functions_gone": sizes.functions_gone,
        "relocations": sizes.relocations,
        "remarks": report.remarks,
    })
}
