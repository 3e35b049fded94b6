//! Modules that are compiled in parts: the file is the same for any number of threads, any memory limit, with a cache and
//! without, and its code does what the code of the whole module does.

use aot_runtime::{Imports, Instance, LoadOptions, Module, Store, Trap, TrapId};
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use wamrc::cache::Cache;
use wamrc::options::{BoundsCheck, OptLevel, Partitioning, StackCheck};
use wamrc::report::Stage;
use wamrc::{Options, Output, Resources};

/// Functions of the module: far more than a part has.
const COUNT: u32 = 200;

/// A module whose functions call each other across parts: directly, through a table of known content, and as small leaves
/// that are put in place of calls.
fn module(tail_calls: bool) -> Vec<u8> {
    let mut text = String::from(
        "(module (memory (export \"memory\") 1) (global $g (mut i64) (i64.const 0))\n",
    );
    text.push_str("(type $unary (func (param i32 i64) (result i64)))\n");
    write!(text, "(table {COUNT} funcref) (elem (i32.const 0)").expect("text");
    for number in 0..COUNT {
        write!(text, " $f{number}").expect("text");
    }
    text.push_str(")\n");
    for number in 0..COUNT {
        let (next, other, small) = (
            number * 7 % COUNT,
            (number + 71) % COUNT,
            (number + 60) % COUNT,
        );
        write!(
            text,
            "(func $s{number} (param i64) (result i64) (i64.xor (local.get 0) (i64.const {number}977)))
            (func $f{number} (type $unary) (local i64 i32)
                (if (i32.eqz (local.get 0)) (then (return (i64.mul (local.get 1) (i64.const {number}3)))))
                (local.set 2 (call $f{next} (i32.sub (local.get 0) (i32.const 1)) (call $s{small} (local.get 1))))
                (local.set 3 (i32.and (i32.wrap_i64 (local.get 2)) (i32.const 0xfff8)))
                (i64.store (local.get 3) (i64.add (i64.load (local.get 3)) (local.get 2)))
                (global.set $g (i64.rotl (i64.xor (global.get $g) (i64.load (local.get 3))) (i64.const {shift})))
                (loop $l
                    (i64.store8 (local.get 3) (i64.add (local.get 2) (i64.extend_i32_u (local.get 3))))
                    (local.set 2 (i64.add (i64.mul (local.get 2) (i64.const 0x9E3779B97F4A7C15)) (i64.load (local.get 3))))
                    (br_if $l (i32.and (i32.ne (local.tee 3 (i32.add (local.get 3) (i32.const 1))) (i32.const 65520))
                                       (i32.and (local.get 3) (i32.const 7)))))
                (call_indirect (type $unary) (i32.shr_u (local.get 0) (i32.const 1)) (local.get 2)
                    (i32.rem_u (i32.add (i32.wrap_i64 (local.get 2)) (i32.const {other})) (i32.const {COUNT}))))\n",
            shift = number % 63,
        )
        .expect("text");
    }
    text.push_str(
        r#"(func (export "run") (param i32 i64) (result i64)
            (call_indirect (type $unary) (local.get 0) (local.get 1) (local.get 0)))
        (func (export "global") (result i64) (global.get $g))
        (func (export "trap") (param i32) (result i64) (call_indirect (type $unary) (i32.const 0) (i64.const 0) (local.get 0)))"#,
    );
    if tail_calls {
        text.push_str(
            r#"(func $even (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
                (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
            (func $odd (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
                (return_call $even (i32.sub (local.get 0) (i32.const 1))))
            (func (export "even") (param i32) (result i32) (return_call $even (local.get 0)))"#,
        );
    }
    text.push(')');
    wat::parse_str(&text).expect("a module")
}

fn jobs(count: usize) -> Resources {
    Resources {
        jobs: NonZeroUsize::new(count).expect("a number"),
        ..Resources::default()
    }
}

fn compile(wasm: &[u8], options: &Options, resources: &Resources) -> Output {
    wamrc::compile_with(wasm, options, resources, &mut |_| {}).expect("compiled")
}

/// What a file answers to some calls.
fn answers(file: &[u8]) -> Vec<Result<i64, Trap>> {
    let module = Module::load(file, &LoadOptions::default()).expect("a module");
    let mut store = Store::new();
    let instance = Instance::new(&mut store, &module, &Imports::new()).expect("an instance");
    let run = instance
        .typed::<(i32, i64), i64>(&store, "run")
        .expect("run");
    let mut answers = Vec::new();
    for (depth, seed) in [(0, 5), (3, 7), (7, -1), (9, 0x1234_5678_9ABC)] {
        answers.push(run.call(&mut store, (depth, seed)));
    }
    let trap = instance.typed::<(i32,), i64>(&store, "trap").expect("trap");
    answers.push(trap.call(&mut store, (i32::try_from(COUNT).expect("small"),)));
    let global = instance.typed::<(), i64>(&store, "global").expect("global");
    answers.push(global.call(&mut store, ()));
    answers
}

fn options(bounds_check: BoundsCheck, stack_check: StackCheck, level: OptLevel) -> Options {
    let mut options = Options::new(&targets::X86_64);
    options.bounds_check = bounds_check;
    options.stack_check = stack_check;
    options.opt_level = level;
    options
}

#[test]
fn the_file_does_not_depend_on_threads_memory_or_cache() {
    let wasm = module(false);
    let options = options(BoundsCheck::GuardPages, StackCheck::GuardPage, OptLevel::O3);
    let one = compile(&wasm, &options, &jobs(1));
    assert!(
        one.report.partitions >= 3,
        "{} parts",
        one.report.partitions
    );
    for count in [2, 4, 7] {
        assert!(
            compile(&wasm, &options, &jobs(count)).bytes == one.bytes,
            "-j {count}"
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    let cached = |count| {
        let cache = Arc::new(Cache::open(folder.path()).expect("a cache"));
        let resources = Resources {
            cache: Some(cache.clone()),
            memory_limit: Some(1),
            ..jobs(count)
        };
        let output = compile(&wasm, &options, &resources);
        assert!(output.bytes == one.bytes, "-j {count}");
        (cache.usage().found, cache.usage().made)
    };
    let parts = one.report.partitions;
    assert_eq!(cached(2), (0, parts));
    assert_eq!(cached(1), (parts, 0));
    assert_eq!(cached(7), (parts, 0));
    damage(folder.path());
    assert_eq!(cached(2), (0, parts));
}

/// Cuts every entry in half, as a full disk would.
fn damage(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a cache") {
        for file in std::fs::read_dir(entry.expect("a folder").path()).expect("entries") {
            let path = file.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("an entry");
            std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
        }
    }
}

/// Another option, another module: nothing old is taken.
#[test]
fn the_cache_tells_apart_what_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    let text =
        |number: u32| format!("(module (func (export \"f\") (result i32) (i32.const {number})))");
    let mut seen = Vec::new();
    for (number, level) in [(1, OptLevel::O3), (2, OptLevel::O3), (1, OptLevel::O0)] {
        let cache = Arc::new(Cache::open(folder.path()).expect("a cache"));
        let resources = Resources {
            cache: Some(cache.clone()),
            ..jobs(1)
        };
        let wasm = wat::parse_str(text(number)).expect("a module");
        let options = options(BoundsCheck::Emit, StackCheck::Emit, level);
        seen.push(compile(&wasm, &options, &resources).bytes);
        assert_eq!(cache.usage().found, 0);
        assert_eq!(
            compile(&wasm, &options, &resources).bytes,
            seen[seen.len() - 1]
        );
        assert_eq!(cache.usage().found, 1);
    }
    assert!(seen[0] != seen[1] && seen[0] != seen[2]);
}

#[test]
fn parts_do_what_the_whole_does() {
    let wasm = module(false);
    let modes = [
        (BoundsCheck::GuardPages, StackCheck::GuardPage, OptLevel::O3),
        (BoundsCheck::GuardPages, StackCheck::GuardPage, OptLevel::Os),
        (BoundsCheck::Emit, StackCheck::Emit, OptLevel::O1),
        (BoundsCheck::Emit, StackCheck::GuardPage, OptLevel::O0),
    ];
    for (bounds_check, stack_check, level) in modes {
        let mut options = options(bounds_check, stack_check, level);
        let parts = compile(&wasm, &options, &jobs(2));
        options.partitioning = Partitioning::Whole;
        let whole = compile(&wasm, &options, &jobs(2));
        assert_eq!(
            (whole.report.partitions, parts.report.partitions >= 3),
            (1, true)
        );
        let answers = answers(&parts.bytes);
        assert_eq!(answers, self::answers(&whole.bytes), "{level:?}");
        let outside = Err(Trap::Wasm(TrapId::UndefinedElement));
        assert_eq!(answers.iter().filter(|it| it.is_err()).count(), 1);
        assert!(answers.contains(&outside), "{answers:?}");
    }
}

#[test]
fn tail_calls_cross_parts() {
    let wasm = module(true);
    let options = options(BoundsCheck::GuardPages, StackCheck::GuardPage, OptLevel::O2);
    let file = compile(&wasm, &options, &jobs(2)).bytes;
    let module = Module::load(&file, &LoadOptions::default()).expect("a module");
    let mut store = Store::new();
    let instance = Instance::new(&mut store, &module, &Imports::new()).expect("an instance");
    let even = instance.typed::<(i32,), i32>(&store, "even").expect("even");
    assert_eq!(even.call(&mut store, (3_000_001,)), Ok(0));
    assert!(answers(&file).iter().filter(|it| it.is_ok()).count() == 5);
}

/// Every target whose objects are put together here.
#[test]
fn every_target_divides() {
    let wasm = module(false);
    for target in targets::ALL {
        let mut options = Options::new(target);
        options.opt_level = OptLevel::O0;
        if target.llvm.emission != targets::Emission::Object {
            continue;
        }
        let output = compile(&wasm, &options, &jobs(2));
        assert!(output.report.partitions >= 3, "{}", target.name);
        let view = aot_format::View::read(&output.bytes).expect(target.name);
        assert_eq!(view.functions().len(), 2 * COUNT + 3);
    }
}

#[test]
fn progress_goes_from_nothing_to_all() {
    let wasm = module(false);
    let mut options = options(BoundsCheck::GuardPages, StackCheck::GuardPage, OptLevel::O0);
    options.opt_level = OptLevel::O0;
    let mut seen = Vec::new();
    wamrc::compile_with(&wasm, &options, &jobs(3), &mut |at| seen.push(at)).expect("compiled");
    let parts: Vec<_> = seen
        .iter()
        .filter(|at| at.stage == Stage::Generate)
        .collect();
    let total = parts[0].total;
    let done: Vec<usize> = parts.iter().map(|at| at.done).collect();
    assert_eq!(done, (0..=total).collect::<Vec<_>>());
    assert_eq!(seen[0].stage, Stage::Parse);
}
