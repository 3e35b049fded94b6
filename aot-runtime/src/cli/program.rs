//! Loads, instantiates and calls, and prints what stock prints.

use std::io::Write;
use std::path::PathBuf;

use crate::cli::text;
use crate::cli::{Options, STACK_BYTES, number};
use crate::wasi::{self, Threads, WasiCtx};
use crate::{
    Func, Imports, Instance, InstantiateError, LoadError, LoadOptions, Module, SharedMemory, Store,
    StoreOptions, Trap, Value,
};

/// Why the command could not do its work; traps of the program are not errors
/// of ours.
#[derive(Debug)]
pub(super) enum Error {
    /// The file could not be read.
    File(PathBuf, std::io::Error),
    /// It is not a file for this runtime.
    Load(PathBuf, Box<LoadError>),
    /// It could not be instantiated.
    Instantiate(PathBuf, Box<InstantiateError>),
    /// A directory or string for the program is unusable.
    Wasi(wasi::BuildError),
    /// `--map-dir` without `::`.
    MapDir(String),
    /// `--env` without `=`.
    Env(String),
    /// Results could not be printed.
    Output(std::io::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::File(path, error) => write!(f, "{}: {error}", path.display()),
            Error::Load(path, error) => write!(f, "{}: {error}", path.display()),
            Error::Instantiate(path, error) => write!(f, "{}: {error}", path.display()),
            Error::Wasi(error) => write!(f, "{error}"),
            Error::MapDir(text) => write!(f, "--map-dir={text}: GUEST::HOST expected"),
            Error::Env(text) => write!(f, "--env={text}: NAME=VALUE expected"),
            Error::Output(error) => write!(f, "standard output: {error}"),
        }
    }
}

/// Runs the program and returns its exit code.
pub(super) fn run(options: &Options) -> Result<i32, Error> {
    let mut command = options.command.iter();
    let path = PathBuf::from(command.next().cloned().unwrap_or_default());
    let bytes = std::fs::read(&path).map_err(|error| Error::File(path.clone(), error))?;
    let module = Module::load(&bytes, &LoadOptions::default())
        .map_err(|error| Error::Load(path.clone(), error.into()))?;
    let mut imports = Imports::new();
    wasi::link(&mut imports, context(options)?);
    // Nobody else could bring the memory that threads of the program share.
    for (from, name, ty) in module.shared_memory_imports() {
        let memory = SharedMemory::new(ty);
        let memory = memory.map_err(|error| Error::Instantiate(path.clone(), error.into()))?;
        imports.shared_memory(from, name, &memory);
    }
    let threads = Threads {
        limit: options.max_threads,
        stack_bytes: STACK_BYTES,
        ended: Box::new(end),
    };
    wasi::link_threads(&mut imports, &module, threads);
    if options.trap_unknown_imports {
        imports.trap_unknown_functions();
    }
    let loading = LoadOptions::default();
    let mut limits = StoreOptions::default();
    limits.gc_heap_bytes = options.gc_heap_size.unwrap_or(limits.gc_heap_bytes);
    let mut store = Store::with_options(loading.platform, &limits);
    let instance = match Instance::new(&mut store, &module, &imports) {
        Ok(instance) => instance,
        Err(InstantiateError::Trap(trap)) => return finish(Err(trap)),
        Err(error) => return Err(Error::Instantiate(path, error.into())),
    };
    let arguments: Vec<String> = command
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let outcome =
        initialize(&mut store, instance, &module).and_then(|()| match &options.function {
            Some(name) => call(&mut store, instance, name, &arguments),
            None => start(&mut store, instance),
        });
    finish(outcome)
}

/// Prints results or the exception; returns the exit code.
fn finish(outcome: Result<Option<String>, Trap>) -> Result<i32, Error> {
    let (line, code) = match outcome {
        Ok(line) => (line, 0),
        Err(Trap::Exit(code)) => (None, code),
        Err(trap) => (Some(format!("Exception: {trap}")), 1),
    };
    if let Some(line) = line {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(Error::Output)?;
    }
    Ok(code)
}

/// Ends the process with what a thread of the program ended with.
fn end(trap: Trap) {
    let code = finish(Err(trap)).unwrap_or(1);
    std::process::exit(i32::from(code.to_le_bytes()[0]));
}

/// What the program may see of the system.
fn context(options: &Options) -> Result<WasiCtx, Error> {
    let arguments = options
        .command
        .iter()
        .map(|argument| argument.as_encoded_bytes().to_vec());
    let mut builder = WasiCtx::builder().args(arguments).inherit_stdio();
    for env in &options.envs {
        let (name, value) = env.split_once('=').ok_or_else(|| Error::Env(env.clone()))?;
        builder = builder.env(name, value);
    }
    for dir in &options.dirs {
        builder = builder.preopen(dir, dir).map_err(Error::Wasi)?;
    }
    for map in &options.map_dirs {
        let (guest, host) = map
            .split_once("::")
            .ok_or_else(|| Error::MapDir(map.clone()))?;
        builder = builder.preopen(host, guest).map_err(Error::Wasi)?;
    }
    builder.build().map_err(Error::Wasi)
}

/// Calls the initialisers toolchains export, as stock does at instantiation.
fn initialize(store: &mut Store, instance: Instance, module: &Module) -> Result<(), Trap> {
    let wasi =
        module.imports_from("wasi_snapshot_preview1") || module.imports_from("wasi_unstable");
    let names = [
        ("_initialize", wasi),
        ("__post_instantiate", true),
        ("__wasm_call_ctors", !wasi),
    ];
    for (name, wanted) in names {
        if let Some(func) = instance.func(store, name).filter(|_| wanted) {
            let ty = func.ty(store);
            if ty.params().is_empty() && ty.results().is_empty() {
                func.call(store, &[], &mut [])?;
            }
        }
    }
    Ok(())
}

/// Calls the entry point of a command.
fn start(store: &mut Store, instance: Instance) -> Result<Option<String>, Trap> {
    let names = ["_start", "main", "__main_argc_argv", "_main"];
    let Some(func) = names.iter().find_map(|name| instance.func(store, name)) else {
        if instance.func(store, "_initialize").is_some() {
            return Ok(None);
        }
        return Err(Trap::host(
            "lookup the entry point symbol (like _start, main, _main, __main_argc_argv) failed",
        ));
    };
    let ty = func.ty(store);
    if !ty.params().is_empty() {
        return Err(Trap::host("invalid function type of main function"));
    }
    let mut results: Vec<Value> = ty.results().iter().map(|&ty| Value::zero(ty)).collect();
    func.call(store, &[], &mut results)?;
    Ok(None)
}

/// Calls a function by name and returns its results as text.
fn call(
    store: &mut Store,
    instance: Instance,
    name: &str,
    arguments: &[String],
) -> Result<Option<String>, Trap> {
    let func: Func = instance
        .func(store, name)
        .ok_or_else(|| Trap::host(format!("lookup function {name} failed")))?;
    let ty = func.ty(store);
    if ty.params().len() != arguments.len() {
        return Err(Trap::host("invalid input argument count"));
    }
    let mut params = Vec::new();
    for (index, (argument, &ty)) in arguments.iter().zip(ty.params()).enumerate() {
        let value = number::parse(argument, ty);
        params
            .push(value.ok_or_else(|| {
                Trap::host(format!("invalid input argument {index}: {argument}"))
            })?);
    }
    let mut results: Vec<Value> = ty.results().iter().map(|&ty| Value::zero(ty)).collect();
    func.call(store, &params, &mut results)?;
    let texts: Vec<String> = results.iter().map(text::value).collect();
    Ok(Some(texts.join(",")))
}
