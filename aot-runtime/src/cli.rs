//! The command `iwasm`: runs one AOT file as stock's command of that name
//! does.
//!
//! Options come before FILE, everything behind it belongs to the program.
//! Results and exceptions go to standard output, as stock prints them; errors
//! of ours go to standard error, one line each.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

mod number;
mod program;
mod text;

/// Native stack of the program: what main threads commonly have.
const STACK_BYTES: usize = 8 << 20;

/// Run a WebAssembly program compiled ahead of time.
#[derive(Parser, Debug)]
#[command(name = "iwasm", version, about, long_about = None)]
struct Options {
    /// Call this exported function with ARGS and print its results.
    #[arg(short = 'f', long = "function", value_name = "FUNCTION")]
    function: Option<String>,
    /// Give the program a directory under its own name.
    #[arg(long = "dir", value_name = "DIR")]
    dirs: Vec<String>,
    /// Give the program a host directory under another name.
    #[arg(long = "map-dir", value_name = "GUEST::HOST")]
    map_dirs: Vec<String>,
    /// Set a variable of the program's environment.
    #[arg(long = "env", value_name = "NAME=VALUE")]
    envs: Vec<String>,
    /// Accepted for compatibility: frames live on the native stack.
    #[arg(long = "stack-size", value_name = "BYTES")]
    stack_size: Option<u32>,
    /// Accepted for compatibility: there is no host-managed heap.
    #[arg(long = "heap-size", value_name = "BYTES")]
    heap_size: Option<u32>,
    /// Most bytes of garbage-collected objects (1 GiB without this option).
    #[arg(long = "gc-heap-size", value_name = "BYTES")]
    gc_heap_size: Option<usize>,
    /// Most threads the program may have besides its first.
    #[arg(long = "max-threads", value_name = "NUMBER", default_value_t = 4)]
    max_threads: usize,
    /// Run the program although nobody provides some functions it imports: calls of them are exceptions.
    #[arg(long = "trap-unknown-imports")]
    trap_unknown_imports: bool,
    /// Accepted for compatibility: nothing is logged.
    #[arg(short = 'v', value_name = "LEVEL")]
    verbosity: Option<u8>,
    /// The file, then arguments of the program or function.
    #[arg(
        value_name = "FILE [ARGS]",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    command: Vec<OsString>,
}

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let options = Options::parse();
    refuse_unknown(&options);
    let thread = std::thread::Builder::new()
        .name("program".into())
        .stack_size(STACK_BYTES);
    let outcome = match thread.spawn(move || program::run(&options)) {
        Ok(thread) => thread.join(),
        Err(error) => {
            report(&format!("cannot start a thread: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match outcome {
        Ok(Ok(code)) => exit(code),
        Ok(Err(error)) => {
            report(&error.to_string());
            ExitCode::FAILURE
        }
        // The panic has been reported by its hook.
        Err(_) => ExitCode::FAILURE,
    }
}

/// What stands where the file should and looks like an option is one that does not exist: the file's
/// arguments may look like options, so the parser lets it pass. Ends the process.
fn refuse_unknown(options: &Options) {
    let first = options.command.first();
    if let Some(option) = first.filter(|first| first.as_encoded_bytes().starts_with(b"-")) {
        let message = format!("unknown option '{}'", option.display());
        Options::command()
            .error(ErrorKind::UnknownArgument, message)
            .exit();
    }
}

/// The exit code as the system passes it on: its low byte.
fn exit(code: i32) -> ExitCode {
    ExitCode::from(code.to_le_bytes()[0])
}

#[expect(clippy::print_stderr, reason = "this is the command's error output")]
fn report(message: &str) {
    eprintln!("iwasm: {message}");
}
