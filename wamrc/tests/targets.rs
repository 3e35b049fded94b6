//! Every machine: fixtures compile, into files that a loader of the machine can take apart.
//!
//! Extraction has checked every relocation and symbol against the target's tables when a file comes out
//! at all. What is asserted besides: the file reads back, its target is the one asked for, and for some
//! fixtures that the same bytes come out twice. To save time a machine takes every third fixture, the next
//! machine others, half of them without optimisation, too; `WAMRC_ALL_FIXTURES=1` has every machine take
//! all in every way. What code does when it runs is for `cargo xtask cross`.

#[path = "support/fixtures.rs"]
mod fixtures;

use aot_format::View;
use targets::{Emission, Target};
use wamrc::options::{OptLevel, Runtime};
use wamrc::{Options, disassembly};

/// One fixture in so many is compiled for a machine.
const SHARE: usize = 3;

fn check(wasm: &[u8], options: &Options) -> Result<Vec<u8>, String> {
    let target = options.target;
    let output = wamrc::compile(wasm, options).map_err(|error| error.to_string())?;
    let view = View::read(&output.bytes).map_err(|error| error.to_string())?;
    let info = view.target();
    if info.arch.as_str() != target.aot_arch || info.e_machine != target.elf_machine {
        return Err(format!("is for {info:?}"));
    }
    Ok(output.bytes)
}

/// How much is done with a fixture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effort {
    Nothing,
    Optimised,
    Unoptimised,
    Twice,
}

impl Effort {
    fn of(position: usize, target: &Target) -> Self {
        if std::env::var_os("WAMRC_ALL_FIXTURES").is_some() {
            return Self::Twice;
        }
        let number = targets::ALL.iter().position(|it| it.name == target.name);
        let turn = position + number.expect("a target of the list");
        match (turn % SHARE, turn / SHARE % 4) {
            (0, 0) => Self::Twice,
            (0, 2) => Self::Unoptimised,
            (0, _) => Self::Optimised,
            _ => Self::Nothing,
        }
    }
}

fn check_with(effort: Effort, wasm: &[u8], options: &Options) -> Result<(), String> {
    if effort == Effort::Nothing {
        return Ok(());
    }
    let bytes = check(wasm, options)?;
    if effort >= Effort::Unoptimised {
        let unoptimised = Options {
            opt_level: OptLevel::O0,
            ..options.clone()
        };
        check(wasm, &unoptimised)?;
    }
    match effort == Effort::Twice && check(wasm, options)? != bytes {
        true => Err("differs when compiled again".to_owned()),
        false => Ok(()),
    }
}

fn check_target(target: &'static Target) {
    let mut failures = Vec::new();
    let fixtures = fixtures::valid();
    assert!(fixtures.len() > 100, "{} fixtures", fixtures.len());
    let options = Options::new(target);
    for (position, path) in fixtures.iter().enumerate() {
        let effort = Effort::of(position, target);
        if let Err(message) = check_with(effort, &fixtures::wasm(path), &options) {
            failures.push(format!("{}: {message}", path.display()));
        }
    }
    let count = failures.len();
    let name = target.name;
    assert!(
        failures.is_empty(),
        "{name}: {count} failures\n{}",
        failures.join("\n")
    );
}

/// One test per target, so that they run side by side.
macro_rules! targets {
    ($($test:ident $target:ident;)*) => {
        $(#[test] fn $test() { check_target(&targets::$target); })*

        /// The targets with a test.
        const TESTED: &[&Target] = &[$(&targets::$target),*];
    };
}

targets! {
    x86_64 X86_64;
    i386 I386;
    aarch64 AARCH64;
    armv7 ARMV7;
    thumbv6m THUMBV6M;
    thumbv7m THUMBV7M;
    thumbv7em THUMBV7EM;
    thumbv7 THUMBV7;
    thumbv8m_base THUMBV8M_BASE;
    thumbv8m_main THUMBV8M_MAIN;
    riscv32 RISCV32;
    riscv64 RISCV64;
    xtensa XTENSA;
    xtensa_call0 XTENSA_CALL0;
    mips MIPS;
    mipsel MIPSEL;
    mips64 MIPS64;
    mips64el MIPS64EL;
}

#[test]
fn every_target_that_llvm_emits_has_a_test() {
    for target in targets::ALL {
        let emitted = !matches!(target.llvm.emission, Emission::External(_));
        let tested = TESTED.iter().any(|tested| tested.name == target.name);
        assert_eq!(tested, emitted, "{}", target.name);
    }
}

/// A function that has so many values at the same time.
fn busy(values: usize) -> Vec<u8> {
    let list = |one: &dyn Fn(usize) -> String| (0..values).map(one).collect::<String>();
    let locals = list(&|_| " i32".to_owned());
    let loaded = list(&|at| {
        let offset = 4 * at;
        format!(
            "(local.set {} (i32.load offset={offset} (local.get 0)))",
            at + 1
        )
    });
    let changed = list(&|at| {
        let other = (7 * at + 3) % values + 1;
        format!(
            "(local.set {0} (i32.add (local.get {0}) (i32.load8_u (local.get {other}))))",
            at + 1
        )
    });
    let stored = list(&|at| format!("(i32.store (local.get 0) (local.get {}))", at + 1));
    let text = format!(
        "(module (memory 1) (func (export \"busy\") (param i32) (local{locals})
        {loaded} (loop {changed} (br_if 0 (i32.load (local.get 1)))) {stored}))"
    );
    wat::parse_str(text).expect("a module")
}

/// Where a frame is larger than the distances in instructions, LLVM needs registers that it may not have.
#[test]
fn frames_of_every_size_compile() {
    for values in [20, 70, 130, 280] {
        let wasm = busy(values);
        for target in TESTED {
            let compiled = check_with(Effort::Unoptimised, &wasm, &Options::new(target));
            assert_eq!(compiled, Ok(()), "{}, {values} values", target.name);
        }
    }
}

/// Calls, constants that need a pool, an import, a division that may trap.
const SOME: &str = r#"(module (import "env" "f" (func $f (param i32))) (memory 1)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func $div (export "div") (param i32 i32) (result i32)
        (call $f (i32.const 0x12345678)) (i32.div_s (i32.load (local.get 0)) (local.get 1)))
    (func (export "float") (param f64) (result f64) (f64.add (local.get 0) (f64.const 0.1)))
    (func (export "both") (param i32) (result i32)
        (i32.mul (call $div (local.get 0) (i32.const 7)) (call $div (local.get 0) (i32.const 1000003)))))"#;

/// All code is instructions the disassembler knows, and words that they read.
#[test]
fn code_is_disassembled() {
    let wasm = wat::parse_str(SOME).expect("a module");
    for target in TESTED {
        let bytes = check(&wasm, &Options::new(target)).expect(target.name);
        let view = View::read(&bytes).expect("a file");
        let names = disassembly::function_names(&view);
        let listings = disassembly::disassemble(&view, &names, |_| true).expect(target.name);
        let code: String = listings.iter().map(ToString::to_string).collect();
        // Zeros fill up what is aligned.
        let unknown = |line: &str| line.contains(".byte") && !line.ends_with(" 0x00");
        let known = !code
            .lines()
            .any(|line| unknown(line) || line.ends_with(" ill"));
        assert!(known, "{}: {code}", target.name);
        for text in ["add", "; function 2 (div)", "; aot_set_exception_with_id"] {
            assert!(code.contains(text), "{}: no {text}: {code}", target.name);
        }
    }
}

/// Stock's loaders apply what is left in files for them, or the file is refused.
#[test]
fn what_stock_cannot_load_is_refused() {
    let text = r#"(module (memory 1) (func (export "div") (param i64 i64) (result i64)
        (i64.div_s (local.get 0) (local.get 1))))"#;
    let wasm = wat::parse_str(text).expect("a module");
    let compile = |target| {
        let mut options = Options::new(target);
        options.runtime = Runtime::Stock;
        check(&wasm, &options).map(|_| ())
    };
    for target in [
        "x86_64", "i386", "aarch64", "armv7", "thumbv7m", "riscv32", "riscv64",
    ] {
        let target = targets::by_name(target).expect("a target");
        assert_eq!(compile(target), Ok(()), "{}", target.name);
    }
    let message = compile(&targets::MIPSEL).expect_err("nothing is applied on MIPS");
    assert!(
        message.ends_with("which stock WAMR does not apply on mipsel"),
        "{message}"
    );
}
