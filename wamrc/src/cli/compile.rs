//! `wamrc [compile] [OPTIONS] -o OUT IN.wasm`: files in, files out.

mod depfile;
mod product;
mod report;

use super::message::{self, Diagnostic};
use super::progress::Progress;
use super::settings::Settings;
use super::{Failure, Invocation, advice, container, list, output, resources, size};
use clap::{Args, ValueEnum};
use product::{Destination, Job, Kind, Product};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use wamrc::llvm::LlvmError;
use wamrc::options::{Format, StackCheck};
use wamrc::{CompileError, Options, Output, Resources};

/// Options of the compile command.
#[derive(Debug, Args)]
#[group(id = "compile-options")]
pub(super) struct Arguments {
    /// The modules to compile; - is standard input
    #[arg(value_name = "IN.wasm")]
    inputs: Vec<PathBuf>,

    /// The file to write; - is standard output
    #[arg(short, long, value_name = "OUT", help_heading = "Output")]
    output: Option<PathBuf>,

    /// Write a file for each input into this folder, which is made if it is not there: x.wasm becomes x.aot
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "output",
        help_heading = "Output"
    )]
    out_dir: Option<PathBuf>,

    /// Kind of output, as stock names it: aot, object, llvmir-unopt, llvmir-opt
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "aot",
        hide_possible_values = true,
        help_heading = "Output"
    )]
    format: FormatName,

    /// Kinds of output: aot, object, llvm-ir, asm. With several, OUT is the name without its ending (.aot, .o,
    /// .ll, .s)
    #[arg(
        long,
        value_name = "KIND,…",
        value_delimiter = ',',
        conflicts_with = "format",
        hide_possible_values = true,
        help_heading = "Output"
    )]
    emit: Vec<Kind>,

    /// Write what the output was made from, as a rule of Make
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    emit_depfile: Option<PathBuf>,

    /// Write the native stack frames of functions, as C compilers do with -fstack-usage: lines of file and
    /// function, bytes, kind. Known where the code checks the stack
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    stack_usage: Option<PathBuf>,

    /// Print a report of times and sizes as JSON to standard output
    #[arg(long, help_heading = "Messages")]
    json: bool,

    /// Say on standard error where the bytes of the file are: sections, largest functions, relocations
    #[arg(long, help_heading = "Messages")]
    size_report: bool,

    /// Say on standard error how long each stage took
    #[arg(long, help_heading = "Messages")]
    time_report: bool,

    /// How much to say: 0 nothing but errors, 1 and 2 remarks, 3 to 5 times and sizes, too
    #[arg(short, long, value_name = "LEVEL", default_value = "2",
          value_parser = ["0", "1", "2", "3", "4", "5"], hide_possible_values = true,
          help_heading = "Messages")]
    verbose: String,

    #[command(flatten)]
    settings: Settings,

    #[command(flatten)]
    resources: resources::Arguments,

    /// Print the version of the compiler
    #[arg(long, short = 'V')]
    version: bool,

    /// Print the version of LLVM
    #[arg(long)]
    llvm_version: bool,
}

/// A format by stock's name.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatName {
    Aot,
    Object,
    #[value(name = "llvmir-unopt")]
    LlvmIrUnopt,
    #[value(name = "llvmir-opt")]
    LlvmIrOpt,
}

impl FormatName {
    fn format(self) -> Format {
        match self {
            Self::Aot => Format::Aot,
            Self::Object => Format::Object,
            Self::LlvmIrUnopt => Format::LlvmIrUnopt,
            Self::LlvmIrOpt => Format::LlvmIrOpt,
        }
    }
}

/// Compiles, or prints what was asked for instead.
pub(super) fn run(arguments: &Arguments, invocation: &Invocation) -> Result<(), Failure> {
    if arguments.version {
        return list::version();
    }
    if arguments.llvm_version {
        return list::llvm_version();
    }
    if arguments.settings.print_list()? {
        return Ok(());
    }
    let options = arguments.settings.options()?;
    if arguments.stack_usage.is_some() && options.stack_check == StackCheck::GuardPage {
        return Err(Failure::usage(
            "--stack-usage goes with --stack-bounds-checks=1: only functions that check the stack know their frames",
        ));
    }
    let jobs = jobs(arguments)?;
    let compiler = Compiler {
        options,
        resources: arguments.resources.resources()?,
        cpu: arguments.settings.cpu.as_deref(),
        saying: Saying {
            level: match invocation.quiet {
                true => 0,
                false => arguments.verbose.parse().unwrap_or(2),
            },
            sizes: arguments.size_report,
            times: arguments.time_report,
            frames: arguments.stack_usage.is_some(),
        },
    };
    if compiler.saying.level >= 1 {
        super::stock::print(&invocation.remarks);
    }
    if let Some(folder) = &arguments.out_dir {
        make_folder(folder)?;
    }
    let reports = compiler.run_all(&jobs)?;
    arguments.resources.print_cache(&compiler.resources);
    if arguments.json && jobs.iter().all(|job| !job.is_printed()) {
        report::print_json(&reports)?;
    }
    if let Some(path) = &arguments.stack_usage {
        output::write(path, report::stack_usage(&reports).as_bytes())?;
    }
    if let Some(path) = &arguments.emit_depfile {
        let rules = depfile::rules(&jobs, &invocation.response_files);
        output::write(path, rules.as_bytes())?;
    }
    Ok(())
}

/// What is to be made of what.
fn jobs(arguments: &Arguments) -> Result<Vec<Job>, Failure> {
    if arguments.inputs.is_empty() {
        return Err(Failure::usage("no input file; see wamrc --help"));
    }
    let destination = match (&arguments.output, &arguments.out_dir) {
        (Some(file), _) => Destination::File(file),
        (None, Some(folder)) => Destination::Folder(folder),
        (None, None) => return Err(Failure::usage("no output file: -o OUT is missing")),
    };
    let formats = product::formats(&arguments.emit, arguments.format.format());
    let containers = [
        (arguments.size_report, "--size-report"),
        (arguments.stack_usage.is_some(), "--stack-usage"),
    ];
    if let Some((_, option)) = containers.iter().find(|(given, _)| *given)
        && formats != [Format::Aot]
    {
        return Err(Failure::usage(format!("{option} is about AOT files only")));
    }
    let jobs = product::jobs(&arguments.inputs, &formats, destination)?;
    if arguments.emit_depfile.is_some() && jobs.iter().any(Job::is_printed) {
        return Err(Failure::usage(
            "--emit-depfile needs the name of an output file, and -o - has none",
        ));
    }
    Ok(jobs)
}

fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let folder = folder.display();
        Failure::Work(anyhow::anyhow!("cannot make {folder}: {error}"))
    })
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() != "-" {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is said on standard error besides errors.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Saying {
    /// The level of `-v`.
    level: u8,
    /// Where the bytes of containers are.
    sizes: bool,
    /// How long each stage took.
    times: bool,
    /// The frames of functions, though to a file.
    frames: bool,
}

/// What is the same for all inputs.
pub(super) struct Compiler<'a> {
    pub(super) options: Options,
    pub(super) resources: Resources,
    /// What `--cpu` says, for messages.
    cpu: Option<&'a str>,
    saying: Saying,
}

impl<'a> Compiler<'a> {
    /// One for commands that say no more than remarks.
    pub(super) fn new(
        settings: &'a Settings,
        resources: &resources::Arguments,
        invocation: &Invocation,
    ) -> Result<Self, Failure> {
        Ok(Self {
            options: settings.options()?,
            resources: resources.resources()?,
            cpu: settings.cpu.as_deref(),
            saying: Saying {
                level: u8::from(!invocation.quiet),
                ..Saying::default()
            },
        })
    }
}

impl Compiler<'_> {
    /// Compiles all inputs; one that fails does not keep the others from being compiled.
    fn run_all<'j>(&self, jobs: &'j [Job]) -> Result<Vec<report::Entry<'j>>, Failure> {
        let mut reports = Vec::new();
        let mut errors = Vec::new();
        for job in jobs {
            match self.run(job) {
                Ok(entries) => reports.extend(entries),
                Err(Failure::Diagnosed(found)) => errors.extend(found),
                Err(Failure::Work(error)) => errors.push(Diagnostic::plain(format!("{error:#}"))),
                Err(failure) => return Err(failure),
            }
        }
        match errors.is_empty() {
            true => Ok(reports),
            false => Err(Failure::Diagnosed(errors)),
        }
    }

    fn run<'j>(&self, job: &'j Job) -> Result<Vec<report::Entry<'j>>, Failure> {
        let wasm = self.read(&job.input)?;
        let mut entries = Vec::new();
        for (position, product) in job.products.iter().enumerate() {
            let entry = self.make(&wasm, job, product)?;
            // Remarks are about the module, not about each file made of it.
            if position == 0 && self.saying.level >= 1 {
                print_remarks(&entry.report.remarks);
            }
            entry.print(self.saying);
            entries.push(entry);
        }
        Ok(entries)
    }

    /// Reads an input.
    pub(super) fn read(&self, input: &Path) -> Result<Vec<u8>, Failure> {
        read(input).map_err(|error| {
            let file = input.display().to_string();
            Failure::Diagnosed(vec![Diagnostic {
                message: format!("cannot read {file}: {error}"),
                file: Some(file),
                ..Diagnostic::default()
            }])
        })
    }

    fn make<'j>(
        &self,
        wasm: &[u8],
        job: &'j Job,
        product: &'j Product,
    ) -> Result<report::Entry<'j>, Failure> {
        let options = Options {
            format: product.format,
            ..self.options.clone()
        };
        let output = self.compile(wasm, &options, &job.input)?;
        output::write(&product.path, &output.bytes)?;
        if self.saying.sizes {
            size::report(&product.path, &output.bytes, wasm)?;
        }
        let frames = match self.saying.frames {
            true => {
                let view = container::view(&product.path, &output.bytes)?;
                report::frames(&output.report, &container::names(&view, Some(wasm)))
            }
            false => Vec::new(),
        };
        Ok(report::Entry {
            input: &job.input,
            output: &product.path,
            report: output.report,
            frames,
        })
    }

    /// Compiles a module, showing progress.
    pub(super) fn compile(
        &self,
        wasm: &[u8],
        options: &Options,
        input: &Path,
    ) -> Result<Output, Failure> {
        let file = input.display().to_string();
        let bar = Progress::start(self.saying.level == 0, &file);
        let show = &mut |progress| bar.show(progress);
        wamrc::compile_with(wasm, options, &self.resources, show)
            .map_err(|error| self.failure(&error, &file, wasm))
    }

    /// A wrong option is a wrong command line even if only a later stage can tell.
    fn failure(&self, error: &CompileError, file: &str, wasm: &[u8]) -> Failure {
        if !error.is_about_options() {
            return Failure::Diagnosed(vec![advice::diagnose(error, file, wasm)]);
        }
        Failure::usage(match (error, self.cpu) {
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
}

impl Job {
    /// Whether output goes to standard output.
    fn is_printed(&self) -> bool {
        self.products.iter().any(|it| it.path.as_os_str() == "-")
    }
}

/// Prints remarks of a compilation.
pub(super) fn print_remarks(remarks: &[String]) {
    remarks.iter().for_each(|remark| message::remark(remark));
}
