//! `wamrc run FILE.wasm [ARGS]`: compile in memory, then become the runtime.
//!
//! The compiler does not link the runtime: `iwasm` is started in this process's place, with a file that has no name. Signals, exit code and standard streams are then the program's own.

use super::compile::{self, Compiler};
use super::settings::Settings;
use super::{Failure, Invocation, resources, stock};
use anyhow::Context as _;
use clap::Args;
use rustix::io::{FdFlags, fcntl_setfd};
use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

/// The variable that names the runtime.
const VARIABLE: &str = "IWASM";

/// Options of the command.
#[derive(Debug, Args)]
#[group(id = "run-options")]
pub(super) struct Arguments {
    /// Give the program a directory under its own name
    #[arg(long, value_name = "DIR", help_heading = "Program")]
    dir: Vec<String>,

    /// Give the program a host directory under another name
    #[arg(long, value_name = "GUEST::HOST", help_heading = "Program")]
    map_dir: Vec<String>,

    /// Set a variable of the program's environment
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Program")]
    env: Vec<String>,

    /// Call this exported function with ARGS and print its results
    #[arg(short, long, value_name = "FUNCTION", help_heading = "Program")]
    function: Option<String>,

    /// Print the command that would be executed as a JSON list, and do not execute it
    #[arg(long, help_heading = "Program")]
    json: bool,

    #[command(flatten)]
    settings: Settings,

    #[command(flatten)]
    resources: resources::Arguments,

    /// The module, then arguments of the program or function
    #[arg(
        value_name = "FILE.wasm [ARGS]",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    command: Vec<OsString>,
}

/// Compiles and runs. Returns only if that fails.
pub(super) fn run(arguments: &Arguments, invocation: &Invocation) -> Result<(), Failure> {
    if arguments.settings.print_list()? {
        return Ok(());
    }
    let mut words = arguments.command.iter();
    let input = PathBuf::from(words.next().cloned().unwrap_or_default());
    if input.as_os_str().as_encoded_bytes().starts_with(b"-") && input.as_os_str() != "-" {
        let message = format!("unknown option {} (see wamrc run --help)", input.display());
        return Err(Failure::usage(message));
    }
    let compiler = Compiler::new(&arguments.settings, &arguments.resources, invocation)?;
    if !invocation.quiet {
        stock::print(&invocation.remarks);
    }
    let runtime = runtime()?;
    let wasm = compiler.read(&input)?;
    let made = compiler.compile(&wasm, &compiler.options, &input)?;
    if !invocation.quiet {
        compile::print_remarks(&made.report.remarks);
    }
    arguments.resources.print_cache(&compiler.resources);
    let file = nameless(&made.bytes).context("cannot keep the code in a temporary file")?;
    let mut command = Command::new(&runtime);
    command
        .args(flags(arguments))
        // The runtime opens it again, so it reads from the start.
        .arg(format!("/dev/fd/{}", file.as_raw_fd()))
        .args(words);
    if arguments.json {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        super::output::print(format!("{}\n", serde_json::json!(words)).as_bytes())?;
        return Ok(());
    }
    let error = anyhow::Error::new(command.exec());
    Err(error
        .context(format!("cannot start {}", runtime.display()))
        .into())
}

/// The program's options, as the runtime spells them.
fn flags(arguments: &Arguments) -> Vec<String> {
    let lists = [
        ("dir", &arguments.dir),
        ("map-dir", &arguments.map_dir),
        ("env", &arguments.env),
    ];
    let mut flags = Vec::new();
    for (name, values) in lists {
        flags.extend(values.iter().map(|value| format!("--{name}={value}")));
    }
    if let Some(function) = &arguments.function {
        flags.extend(["-f".to_owned(), function.clone()]);
    }
    flags
}

/// A file without a name, which stays open when this process becomes another, and is gone when that one ends.
fn nameless(bytes: &[u8]) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    fcntl_setfd(&file, FdFlags::empty())?;
    Ok(file)
}

/// The runtime: what the variable names, else beside this program, else in the search path.
fn runtime() -> Result<PathBuf, Failure> {
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    let beside = std::env::current_exe().ok();
    let beside = beside.and_then(|path| path.parent().map(PathBuf::from));
    let search = std::env::var_os("PATH").unwrap_or_default();
    let folders = beside.into_iter().chain(std::env::split_paths(&search));
    let mut found = folders.map(|folder| folder.join("iwasm"));
    found.find(|path| path.is_file()).ok_or_else(|| {
        Failure::Work(anyhow::anyhow!(
            "iwasm, which runs the code, is neither beside wamrc nor in PATH; build it with \
             `cargo build --release -p aot-runtime --features cli`, or name it in the variable {VARIABLE}"
        ))
    })
}
