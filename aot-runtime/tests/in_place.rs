//! Execute-in-place files of stock wamrc run where they are, as far as the folder with them is there.
#![cfg(all(feature = "std", target_os = "linux", target_arch = "x86_64"))]

#[path = "support/flash.rs"]
mod flash;

use std::path::PathBuf;

use aot_runtime::{Imports, Instance, LoadOptions, Module, Store, Trap, TrapId};

/// A file of the folder, where it cannot be written.
fn stock(name: &str) -> Option<&'static [u8]> {
    let shared = std::env::var_os("WAMRC_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let file = std::fs::read(shared.join("interop/aot").join(name)).ok()?;
    Some(flash::hold(&file, 0))
}

#[test]
fn code_runs_from_memory_that_cannot_be_written() {
    let Some(bytes) = stock("x86_64-arith-xip.aot") else {
        return;
    };
    let module = Module::load_in_place(bytes, &flash::options()).unwrap();
    let mut store = Store::new();
    let instance = Instance::new(&mut store, &module, &Imports::new()).unwrap();
    let fact = instance.typed::<(i64,), i64>(&store, "fact").unwrap();
    assert_eq!(fact.call(&mut store, (20,)), Ok(2_432_902_008_176_640_000));
    let divide = instance.typed::<(i32, i32), i32>(&store, "divide").unwrap();
    assert_eq!(divide.call(&mut store, (7, -2)), Ok(-3));
    let by_zero = Err(Trap::Wasm(TrapId::IntegerDivideByZero));
    assert_eq!(divide.call(&mut store, (1, 0)), by_zero);
}

#[test]
fn other_files_and_places_are_refused_with_the_reason() {
    let error = |bytes, options: &LoadOptions| match Module::load_in_place(bytes, options) {
        Ok(_) => String::from("loaded"),
        Err(error) => error.to_string(),
    };
    let Some(bytes) = stock("x86_64-arith.aot") else {
        return;
    };
    assert_eq!(
        error(bytes, &flash::options()),
        "the code cannot stay where it is: the file is not an execute-in-place file"
    );
    let Some(bytes) = stock("x86_64-arith-xip.aot") else {
        return;
    };
    assert_eq!(
        error(bytes, &LoadOptions::default()),
        "the code cannot stay where it is: the file is not where the platform executes code"
    );
}
