//! The other engine of the differential test as a program, for measurements: `cargo xtask bench` runs
//! programs whose features native code has no counterpart of in it and in ours.
//!
//! `independent assemble IN.wat OUT.wasm` writes a module's binary form; `independent run FILE.wasm FUNCTION [I32…]`
//! calls an exported function and prints its results as `iwasm -f` does.

use std::process::ExitCode;

use wasmtime::{Config, Engine, Instance, Module, Store, Val};

type Failure = Box<dyn std::error::Error>;

const USAGE: &str =
    "usage: independent assemble IN.wat OUT.wasm\n       independent run FILE.wasm FUNCTION [I32…]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["assemble", input, output] => assemble(input, output),
        ["run", file, function, rest @ ..] => run(file, function, rest),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn assemble(input: &str, output: &str) -> Result<(), Failure> {
    std::fs::write(output, wat::parse_file(input)?)?;
    Ok(())
}

fn run(file: &str, function: &str, arguments: &[&str]) -> Result<(), Failure> {
    let mut config = Config::new();
    config.wasm_function_references(true).wasm_gc(true);
    let engine = Engine::new(&config)?;
    let module = Module::from_file(&engine, file)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let function = instance
        .get_func(&mut store, function)
        .ok_or("no such function")?;
    let arguments = arguments.iter().map(|text| Ok(Val::I32(text.parse()?)));
    let arguments = arguments.collect::<Result<Vec<_>, Failure>>()?;
    let mut results = vec![Val::I32(0); function.ty(&store).results().len()];
    function.call(&mut store, &arguments, &mut results)?;
    for result in results {
        println!("{:#x}:i32", result.i32().ok_or("a result other than i32")?);
    }
    Ok(())
}
