//! The command line: spelled as stock wamrc spells it, plus subcommands of our own.
//!
//! clap types stay below this module. Exit codes: 0 success, 1 the work failed, 2 the command line
//! makes no sense.

mod advice;
mod compile;
mod container;
mod diff;
mod failure;
mod inspect;
mod interrupt;
mod list;
mod message;
mod objdump;
mod output;
mod progress;
mod resources;
mod response;
mod run;
mod settings;
mod shell;
mod size;
mod snapshot;
mod stock;
mod usage;
mod validate;

pub(crate) use failure::Failure;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Shown below the options by `--help`.
const EXAMPLES: &str = "\
Examples:
  wamrc -o app.aot app.wasm                     compile for x86-64 with guard pages, optimised
  wamrc --bounds-checks=1 -o app.aot app.wasm   for runtimes without guard pages
  wamrc --opt-level=0 -o app.aot app.wasm       compile as fast as possible
  wamrc --cpu=x86-64-v3 -o app.aot app.wasm     for CPUs with AVX2
  wamrc --out-dir=build a.wasm b.wasm           make build/a.aot and build/b.aot
  wamrc --emit=aot,asm -o app app.wasm          make app.aot and app.s
  wamrc @flags.txt -o app.aot app.wasm          with options from a file
  wamrc inspect --disassemble app.aot           look at the machine code
  iwasm app.aot                                 run it

Exit status: 0 done, 1 the module could not be compiled or a file not be read or written, 2 the
command line is wrong.";

const USAGE: &str = "\
wamrc [OPTIONS] -o OUT IN.wasm
       wamrc [OPTIONS] --out-dir DIR IN.wasm...
       wamrc COMMAND …";

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
    args_override_self = true,
    override_usage = USAGE,
    max_term_width = 100
)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    compile: compile::Arguments,
    #[command(flatten)]
    messages: message::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compile; the same as without a command
    #[command(
        override_usage = "wamrc compile [OPTIONS] -o OUT IN.wasm",
        args_override_self = true
    )]
    Compile(Box<compile::Arguments>),
    /// Compile in memory and run with WASI
    #[command(args_override_self = true)]
    Run(Box<run::Arguments>),
    /// Print what an AOT file contains and what it relies on
    Inspect(inspect::Arguments),
    /// Print the machine code of functions, with names for what it refers to
    Objdump(objdump::Arguments),
    /// Say where the bytes of AOT files are
    Size(size::Arguments),
    /// Check whether a runtime takes AOT files
    Validate(validate::Arguments),
    /// Say what changed from one AOT file to another
    Diff(diff::Arguments),
    /// Print what a compilation makes as text for snapshot tests
    #[command(args_override_self = true)]
    Snapshot(Box<snapshot::Arguments>),
    /// List the targets with what each implies
    Targets(list::Arguments),
    /// Print completions for a shell
    Completions(shell::Completions),
    /// Print the manual page of wamrc or of a command, for man -l -
    Man(shell::Manual),
}

/// What holds for the whole command line.
#[derive(Debug, Default)]
struct Invocation {
    /// Say nothing but errors.
    quiet: bool,
    /// What there is to say about options of stock's.
    remarks: Vec<String>,
    /// The response files that were read.
    response_files: Vec<PathBuf>,
}

/// The end of the process when LLVM gives up: a bug, of LLVM's or of this compiler's.
fn give_up(reason: &str) -> ! {
    message::Diagnostic::plain(format!("llvm gave up, please report it: {reason}")).print();
    std::process::exit(1)
}

/// The whole command line.
fn command() -> clap::Command {
    let command = stock::declare(CommandLine::command());
    let command = ["compile", "run", "snapshot"]
        .into_iter()
        .fold(command, |command, name| {
            command.mut_subcommand(name, stock::declare)
        });
    command.after_help(format!("{EXAMPLES}\n\n{}", stock::describe()))
}

/// Runs the command line.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    wamrc::llvm::on_fatal_error(give_up);
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    message::choose_form(&arguments);
    let mut expanded = response::Expanded::none(arguments);
    // What follows `run` belongs to the program, too.
    if expanded.arguments.get(1).is_none_or(|first| first != "run") {
        expanded = response::expand(expanded.arguments)?;
        stock::respell(&mut expanded.arguments);
        message::choose_form(&expanded.arguments);
    }
    let matches = command()
        .try_get_matches_from(expanded.arguments)
        .map_err(Failure::Clap)?;
    let given = matches.subcommand().map_or(&matches, |(_, given)| given);
    let remarks = stock::judge(given)?;
    let arguments = CommandLine::from_arg_matches(&matches).map_err(Failure::Clap)?;
    arguments.messages.settle();
    let invocation = Invocation {
        quiet: arguments.messages.quiet,
        remarks,
        response_files: expanded.files,
    };
    match arguments.command {
        Some(Command::Compile(arguments)) => compile::run(&arguments, &invocation),
        Some(Command::Run(arguments)) => run::run(&arguments, &invocation),
        Some(Command::Inspect(arguments)) => inspect::run(&arguments),
        Some(Command::Objdump(arguments)) => objdump::run(&arguments),
        Some(Command::Size(arguments)) => size::run(&arguments),
        Some(Command::Validate(arguments)) => validate::run(&arguments),
        Some(Command::Diff(arguments)) => diff::run(&arguments),
        Some(Command::Snapshot(arguments)) => snapshot::run(&arguments, &invocation),
        Some(Command::Targets(arguments)) => list::targets(&arguments),
        Some(Command::Completions(arguments)) => shell::completions(&arguments),
        Some(Command::Man(arguments)) => shell::manual(&arguments),
        None => compile::run(&arguments.compile, &invocation),
    }
}
