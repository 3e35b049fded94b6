//! Execute-in-place files of stock wamrc run where they are, as far as the folder with them is there.
#![cfg(all(feature = "std", target_os = "linux", target_arch = "x86_64"))]

use std::path::PathBuf;
use std::ptr::NonNull;

use aot_runtime::platform::{Access, Capabilities, Placement, Platform, hosted};
use aot_runtime::{Imports, Instance, LoadOptions, Module, Store, Trap, TrapId};

/// The hosted platform on a machine that executes code anywhere.
struct Flash(&'static dyn Platform);

// SAFETY: the hosted platform's promises; the test makes the bytes executable.
unsafe impl Platform for Flash {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    fn page_bytes(&self) -> usize {
        self.0.page_bytes()
    }
    fn reserve(&self, bytes: usize, placement: Placement) -> Option<NonNull<u8>> {
        self.0.reserve(bytes, placement)
    }
    fn protect(&self, at: NonNull<u8>, bytes: usize, access: Access) -> bool {
        self.0.protect(at, bytes, access)
    }
    fn release(&self, at: NonNull<u8>, bytes: usize) {
        self.0.release(at, bytes);
    }
    fn sync_code(&self, at: NonNull<u8>, bytes: usize) {
        self.0.sync_code(at, bytes);
    }
    fn executes(&self, _bytes: &'static [u8]) -> bool {
        true
    }
}

/// A file in memory that can be read and executed, but not written.
fn flash(name: &str) -> Option<&'static [u8]> {
    let shared = std::env::var_os("WAMRC_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let file = std::fs::read(shared.join("interop/aot").join(name)).ok()?;
    let platform = hosted().unwrap();
    let bytes = file.len().next_multiple_of(platform.page_bytes());
    let at = platform.reserve(bytes, Placement::Any).unwrap();
    assert!(platform.protect(at, bytes, Access::ReadWrite));
    // SAFETY: the reservation is as long as the file, and writable.
    unsafe { at.copy_from_nonoverlapping(NonNull::from(&file[..]).cast(), file.len()) };
    assert!(platform.protect(at, bytes, Access::ReadExecute));
    // SAFETY: it is never released.
    Some(unsafe { std::slice::from_raw_parts(at.as_ptr(), file.len()) })
}

fn options() -> LoadOptions {
    let flash: &'static Flash = Box::leak(Box::new(Flash(hosted().unwrap())));
    LoadOptions {
        platform: flash,
        ..LoadOptions::default()
    }
}

#[test]
fn code_runs_from_memory_that_cannot_be_written() {
    let Some(bytes) = flash("x86_64-arith-xip.aot") else {
        return;
    };
    let module = Module::load_in_place(bytes, &options()).unwrap();
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
    let Some(bytes) = flash("x86_64-arith.aot") else {
        return;
    };
    assert_eq!(
        error(bytes, &options()),
        "the code cannot stay where it is: the file is not an execute-in-place file"
    );
    let Some(bytes) = flash("x86_64-arith-xip.aot") else {
        return;
    };
    assert_eq!(
        error(bytes, &LoadOptions::default()),
        "the code cannot stay where it is: the file is not where the platform executes code"
    );
}
