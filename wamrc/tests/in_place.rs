//! Files whose code is executed where they are: nothing in the code is left to a loader, and it runs from memory that
//! cannot be written.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(unsafe_code, reason = "the test maps memory to execute code in")]

#[path = "support/fixtures.rs"]
mod fixtures;
#[path = "../../aot-runtime/tests/support/flash.rs"]
mod flash;

use aot_format::{CustomSection, ExecMode, View};
use aot_runtime::{Imports, Instance, Module, Store, Trap, TrapId};
use wamrc::options::{Intrinsics, OptLevel, Runtime, RuntimeCalls};
use wamrc::{CompileError, Options};

/// What `--xip` says.
fn options(target: &str) -> Options {
    let selection = targets::triple::parse(target).expect("a target");
    let mut options = Options::select(&selection);
    options.runtime_calls = RuntimeCalls::Table;
    options.intrinsics = Intrinsics::OfTarget;
    options
}

/// Compiles and checks that nothing is left to a loader, and that the code is aligned in the file.
fn compile(wasm: &[u8], options: &Options) -> Result<Vec<u8>, CompileError> {
    let bytes = wamrc::compile(wasm, options)?.bytes;
    let view = View::read(&bytes).expect("a file");
    assert_eq!(view.target().e_type, ExecMode::Xip);
    let left = view
        .relocations()
        .iter()
        .map(|group| group.raw().len())
        .sum::<u32>();
    assert_eq!(left, 0, "relocations");
    let code = view.text().code.as_ptr() as usize - bytes.as_ptr() as usize;
    assert!(code.is_multiple_of(16), "{code}");
    Ok(bytes)
}

/// Compiles every so many fixtures; answers the messages of those that cannot be executed in place.
fn refused(target: &str, first: usize) -> Vec<String> {
    let mut refused = Vec::new();
    for path in fixtures::valid().iter().skip(first).step_by(4) {
        let name = path.display();
        match compile(&fixtures::wasm(path), &options(target)) {
            Ok(_) => {}
            Err(error @ CompileError::InPlace { .. }) => refused.push(format!("{name}: {error}")),
            Err(error) => panic!("{target} {name}: {error}"),
        }
    }
    refused
}

#[test]
fn x86_64_leaves_nothing_to_a_loader() {
    assert_eq!(refused("x86_64", 0), [""; 0]);
}

#[test]
fn aarch64_leaves_nothing_to_a_loader() {
    assert_eq!(refused("aarch64", 1), [""; 0]);
}

/// Vectors of floats and 64-bit atomics are the only things such machines have no routine for.
#[test]
fn microcontrollers_leave_nothing_to_a_loader() {
    for (first, target) in ["thumbv7em", "cortex-m4f", "riscv32", "cortex-m0"]
        .iter()
        .enumerate()
    {
        for message in refused(target, first) {
            assert!(
                ["simd", "atomic", "thread", "relaxed", "wide"]
                    .iter()
                    .any(|name| message.contains(name)),
                "{target}: {message}"
            );
        }
    }
}

const PROGRAM: &str = r#"(module (memory 1)
    (type $unary (func (param f64) (result f64)))
    (table funcref (elem $floor $half))
    (func $floor (type $unary) (f64.floor (local.get 0)))
    (func $half (type $unary) (f64.mul (local.get 0) (f64.const 0.5)))
    (func (export "apply") (param i32 f64) (result f64)
        (call_indirect (type $unary) (local.get 1) (local.get 0)))
    (func (export "divide") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
    (func (export "fill") (param i32 i32) (result i32)
        (memory.fill (i32.const 8) (local.get 0) (local.get 1))
        (memory.copy (i32.const 9) (i32.const 0) (i32.const 8))
        (i32.load (i32.const 15)))
    (func (export "sum") (param i32) (result i32) (local i32)
        (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 1))
    (func (export "name") (param i32) (result i32)
        (block (block (block (block (br_table 0 1 2 3 (local.get 0)))
            (return (i32.const 10))) (return (i32.const 21))) (return (i32.const 32))) (i32.const 43)))"#;

fn call(bytes: &'static [u8]) {
    let module = Module::load_in_place(bytes, &flash::options()).expect("a module");
    let mut store = Store::new();
    let instance = Instance::new(&mut store, &module, &Imports::new()).expect("an instance");
    let apply = instance
        .typed::<(i32, f64), f64>(&store, "apply")
        .expect("apply");
    assert_eq!(apply.call(&mut store, (0, -2.5)), Ok(-3.0));
    assert_eq!(apply.call(&mut store, (1, -2.5)), Ok(-1.25));
    let undefined = Err(Trap::Wasm(TrapId::UndefinedElement));
    assert_eq!(apply.call(&mut store, (2, 0.0)), undefined);
    let divide = instance
        .typed::<(i64, i64), i64>(&store, "divide")
        .expect("divide");
    assert_eq!(divide.call(&mut store, (-7, 2)), Ok(-3));
    let by_zero = Err(Trap::Wasm(TrapId::IntegerDivideByZero));
    assert_eq!(divide.call(&mut store, (1, 0)), by_zero);
    let fill = instance
        .typed::<(i32, i32), i32>(&store, "fill")
        .expect("fill");
    assert_eq!(fill.call(&mut store, (7, 64)), Ok(0x0707_0000));
    let outside = Err(Trap::Wasm(TrapId::OutOfBoundsMemoryAccess));
    assert_eq!(fill.call(&mut store, (7, 65536)), outside);
    let name = instance.typed::<(i32,), i32>(&store, "name").expect("name");
    assert_eq!(name.call(&mut store, (2,)), Ok(32));
    let sum = instance.typed::<(i32,), i32>(&store, "sum").expect("sum");
    assert_eq!(sum.call(&mut store, (10,)), Ok(55));
}

#[test]
fn code_runs_from_memory_that_cannot_be_written() {
    let wasm = wat::parse_str(PROGRAM).expect("a module");
    for (opt_level, offset) in [(OptLevel::O0, 0), (OptLevel::O3, 0), (OptLevel::O3, 16)] {
        let mut options = options("x86_64");
        options.opt_level = opt_level;
        let bytes = compile(&wasm, &options).expect("code");
        call(flash::hold(&bytes, offset));
    }
}

/// The code counts on its constants being aligned.
#[test]
fn files_must_be_aligned() {
    let wasm = wat::parse_str(PROGRAM).expect("a module");
    let bytes = compile(&wasm, &options("x86_64")).expect("code");
    let error = Module::load_in_place(flash::hold(&bytes, 8), &flash::options())
        .map(|_| ())
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the code cannot stay where it is: the file has its code at an odd address"
    );
}

#[test]
fn the_table_holds_functions_and_constants() {
    let wasm = wat::parse_str(
        r#"(module (func (export "f") (param f64 f32) (result f64)
            (f64.add (f64.mul (local.get 0) (f64.const 1.5)) (f64.promote_f32 (f32.mul (local.get 1) (f32.const 2.5))))))"#,
    )
    .expect("a module");
    let symbols = |target, list: &str| {
        let mut options = options(target);
        options.intrinsics = Intrinsics::Listed(list.split(',').map(str::to_owned).collect());
        let bytes = compile(&wasm, &options).expect("code");
        let view = View::read(&bytes).expect("a file");
        let found = view.custom().iter().find_map(|section| match section {
            CustomSection::NativeSymbols(names) => Some(names.iter().map(str::to_owned).collect()),
            _ => None,
        });
        let mut found: Vec<String> = found.expect("a table");
        // The last slot comes first.
        found.reverse();
        found
    };
    assert_eq!(
        symbols("x86_64", "constop,llvm.experimental.constrained.fmul.f64"),
        [
            "f64#3FF8000000000000",
            "aot_intrinsic_fmul_f64",
            "f32#40200000"
        ]
    );
    let narrow = symbols("thumbv7em", "constop,fp.common,f64_promote_f32");
    assert_eq!(
        narrow,
        [
            "aot_set_exception_with_id",
            "__ignore_1",
            "f64#3FF8000000000000",
            "__ignore_3",
            "aot_intrinsic_fmul_f64",
            "f32#40200000",
            "aot_intrinsic_fmul_f32",
            "aot_intrinsic_f32_to_f64",
            "aot_intrinsic_fadd_f64",
        ]
    );
}

/// Exceptions are ours alone.
#[test]
fn what_stock_does_not_have_is_refused() {
    let throws = r#"(module (tag $e) (func (export "f") (throw $e)))"#;
    let wasm = wat::parse_str(throws).expect("a module");
    let mut options = options("x86_64");
    assert!(compile(&wasm, &options).is_ok());
    options.runtime = Runtime::Stock;
    let error = compile(&wasm, &options).expect_err("not in stock");
    assert!(matches!(error, CompileError::StockTable { .. }), "{error}");
    let wasm = wat::parse_str(PROGRAM).expect("a module");
    assert!(compile(&wasm, &options).is_ok());
}

#[test]
fn what_cannot_stay_in_place_is_refused_with_the_function() {
    let wasm = wat::parse_str(
        r#"(module (func $same (export "same") (param f64) (result f64) (local.get 0))
            (func $twice (export "twice") (param f64) (result f64) (f64.add (local.get 0) (local.get 0))))"#,
    )
    .expect("a module");
    let mut options = options("thumbv7em");
    options.intrinsics = Intrinsics::Llvm;
    let error = compile(&wasm, &options).expect_err("a helper routine");
    assert!(
        error.to_string().starts_with(
            "function 1 \"twice\" cannot be executed in place: it refers to __aeabi_dadd, which llvm calls directly"
        ),
        "{error}"
    );
    let error = compile(&wasm, &self::options("i386")).expect_err("absolute addresses");
    assert!(
        error
            .to_string()
            .contains("refers to .text, an absolute address"),
        "{error}"
    );
}
