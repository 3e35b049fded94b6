//! The command line: spelled as stock wamrc spells it, plus subcommands of our own.
//!
//! clap types stay below this module. Exit codes: 0 success, 1 the work failed, 2 the command line
//! makes no sense.

mod compile;
mod inspect;
mod list;
mod output;
mod progress;
mod resources;
mod stock;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::process::ExitCode;

/// Shown below the options by `--help`.
const EXAMPLES: &str = "\
Examples:
  wamrc -o app.aot app.wasm                     compile for x86-64 with guard pages, optimised
  wamrc --bounds-checks=1 -o app.aot app.wasm   for runtimes without guard pages
  wamrc --opt-level=0 -o app.aot app.wasm       compile as fast as possible
  wamrc --cpu=x86-64-v3 -o app.aot app.wasm     for CPUs with AVX2
  wamrc --format=llvmir-opt -o app.ll app.wasm  look at the optimised LLVM IR
  wamrc inspect --disassemble app.aot           look at the machine code
  iwasm app.aot                                 run it

Exit status: 0 done, 1 the module could not be compiled or a file not be read or written, 2 the
command line is wrong.";

/// Ahead-of-time WebAssembly compiler: turns app.wasm into app.aot, which iwasm loads.
///
/// The output does not depend on the machine the compiler runs on. It needs a runtime with guard
/// pages unless --bounds-checks=1 is given; `wamrc inspect` says what a file relies on.
#[derive(Debug, Parser)]
#[command(
    name = "wamrc",
    disable_version_flag = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    override_usage = "wamrc [OPTIONS] -o OUT IN.wasm\n       wamrc inspect [--json] [--disassemble] FILE.aot\n       wamrc targets [--json]",
    max_term_width = 100
)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    compile: compile::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print what an AOT file contains and what it relies on.
    Inspect(inspect::Arguments),
    /// List the targets with what each implies.
    Targets(list::Arguments),
}

/// Why the command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line makes no sense.
    Usage(String),
    /// clap's own message, which may also be the help text.
    Clap(clap::Error),
    /// The work failed.
    Work(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Work(error)
    }
}

impl Failure {
    /// Prints the failure and says how the process ends.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Usage(message) => {
                print_error(message);
                ExitCode::from(2)
            }
            Self::Clap(error) => {
                // Nothing sensible is left to do if even this cannot be printed.
                drop(error.print());
                ExitCode::from(if error.use_stderr() { 2 } else { 0 })
            }
            Self::Work(error) => {
                print_error(&format!("{error:#}"));
                ExitCode::FAILURE
            }
        }
    }
}

fn print_error(message: &str) {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let (start, end) = if colour {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    eprintln!("{start}error:{end} {message}");
}

/// The end of the process when LLVM gives up: a bug, of LLVM's or of this compiler's.
fn give_up(reason: &str) -> ! {
    print_error(&format!("llvm gave up, please report it: {reason}"));
    std::process::exit(1)
}

/// Runs the command line.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    wamrc::llvm::on_fatal_error(give_up);
    let arguments: Vec<OsString> = arguments.into_iter().map(stock::respell).collect();
    stock::refuse_pending(&arguments)?;
    let command = CommandLine::command().after_help(format!("{EXAMPLES}\n\n{}", stock::describe()));
    let matches = command
        .try_get_matches_from(arguments)
        .map_err(Failure::Clap)?;
    let arguments = CommandLine::from_arg_matches(&matches).map_err(Failure::Clap)?;
    match arguments.command {
        Some(Command::Inspect(arguments)) => inspect::run(&arguments),
        Some(Command::Targets(arguments)) => list::targets(&arguments),
        None => compile::run(&arguments.compile),
    }
}
