//! Random modules run by compiled code and by an independent engine must behave the
//! same: results, traps, exceptions, memories, globals, table sizes.
//!
//! Seeds are fixed, so that a run says the same thing everywhere. NaNs are made
//! canonical while generating, loops and calls are bounded by wasm-smith's
//! fuel. A module that differs is written to the target folder's `tmp`.
//! `WAMRC_SEED` runs one seed, `WAMRC_SEEDS` a range (`FROM..TO`) or that many.
//!
//! With guard pages, optimised code may lose the trap of a load whose value is
//! never used, or take another trap first (see `lower/memory.rs`): where the
//! other engine stops with an access out of bounds, that mode compares nothing
//! more of the module. The other mode compares everything.

#[path = "differential/compare.rs"]
mod compare;
#[path = "differential/module.rs"]
mod module;
#[path = "differential/oracle.rs"]
mod oracle;
#[path = "differential/unrolled.rs"]
mod unrolled;

use std::num::NonZeroU32;
use std::ops::Range;
use std::panic::AssertUnwindSafe;

use aot_runtime::{Extern, Imports, Instance, InstantiateError, LoadOptions, Module, Store, Value};
use wamrc::Options;
use wamrc::options::{BoundsCheck, OptLevel, Partitioning};

use oracle::Oracle;

/// How many modules each mode runs.
const SEEDS: u64 = 1000;

/// How often each function is called, with other arguments each time.
const ROUNDS: usize = 3;

#[test]
fn guard_pages() {
    compare_seeds(
        BoundsCheck::GuardPages,
        OptLevel::O3,
        seeds(0),
        module::generate,
    );
}

#[test]
fn checked() {
    compare_seeds(
        BoundsCheck::Emit,
        OptLevel::O2,
        seeds(SEEDS),
        module::generate,
    );
}

#[test]
fn unrolled_loops() {
    let seeds = seeds(0);
    let some = seeds.start
        ..seeds
            .end
            .min(seeds.start + (seeds.end - seeds.start).div_ceil(8));
    let generate = |seed| Some(unrolled::generate(seed));
    compare_seeds(BoundsCheck::GuardPages, OptLevel::O3, some, generate);
}

fn compare_seeds(
    bounds_check: BoundsCheck,
    opt_level: OptLevel,
    seeds: Range<u64>,
    generate: fn(u64) -> Option<Vec<u8>>,
) {
    let mut options = Options::new(targets::by_name("x86_64").expect("the target exists"));
    options.bounds_check = bounds_check;
    options.opt_level = opt_level;
    let runner = std::thread::Builder::new().stack_size(64 << 20);
    let thread = runner.spawn(move || run_seeds(seeds, &options, generate));
    let (failures, count) = thread.expect("a thread").join().expect("no panic");
    println!("{bounds_check:?}: {count:?}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// `first`: the modes look at different modules, unless told which.
fn seeds(first: u64) -> Range<u64> {
    let number = |text: &str| text.parse::<u64>().expect("a number");
    if let Ok(seed) = std::env::var("WAMRC_SEED") {
        let seed = number(&seed);
        return seed..seed + 1;
    }
    match std::env::var("WAMRC_SEEDS") {
        Err(_) => first..first + SEEDS,
        Ok(text) => match text.split_once("..") {
            Some((from, to)) => number(from)..number(to),
            None => 0..number(&text),
        },
    }
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    modules: usize,
    calls: usize,
    /// Calls that ended in a trap or an exception.
    traps: usize,
    /// Modules not followed to their end, see the head of this file.
    cut: usize,
}

/// Every fourth module is compiled in parts of about a function or two.
const PARTS: Partitioning = Partitioning::Parts(NonZeroU32::MIN.saturating_add(127));

fn run_seeds(
    seeds: Range<u64>,
    options: &Options,
    generate: fn(u64) -> Option<Vec<u8>>,
) -> (Vec<String>, Count) {
    let single = seeds.end - seeds.start == 1;
    let mut failures = Vec::new();
    let mut count = Count::default();
    for seed in seeds {
        let Some(wasm) = generate(seed) else {
            continue;
        };
        let file = format!("{}/differential-{seed}.wasm", env!("CARGO_TARGET_TMPDIR"));
        let keep = || std::fs::write(&file, &wasm).expect("the target folder is writable");
        if single {
            // Before it runs: it may take the process with it.
            keep();
        }
        let mut options = options.clone();
        if seed % 4 == 1 {
            options.partitioning = PARTS;
        }
        let mut counted = count;
        counted.modules += 1;
        let comparing = AssertUnwindSafe(|| compare_module(&wasm, &options, seed, &mut counted));
        let result = std::panic::catch_unwind(comparing);
        count = counted;
        if let Err(detail) = result.unwrap_or_else(|_| Err("panicked".to_owned())) {
            keep();
            let failure = format!("seed {seed}: {detail} (module in {file})");
            println!("{failure}");
            failures.push(failure);
        }
    }
    (failures, count)
}

/// Both engines with the same module in them.
struct Pair {
    store: Store,
    instance: Instance,
    oracle: Oracle,
}

/// Runs every exported function in both engines.
fn compare_module(
    wasm: &[u8],
    options: &Options,
    seed: u64,
    count: &mut Count,
) -> Result<(), String> {
    let output = wamrc::compile(wasm, options).map_err(|error| format!("compile: {error}"))?;
    let module = Module::load(&output.bytes, &LoadOptions::default());
    let module = module.map_err(|error| format!("load: {error}"))?;
    let mut store = Store::new();
    let ours = Instance::new(&mut store, &module, &Imports::new());
    let theirs = Oracle::new(wasm)?;
    let (instance, oracle) = match (ours, theirs) {
        (_, Err(theirs)) if imprecise(options, &theirs) => {
            count.cut += 1;
            return Ok(());
        }
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (Err(InstantiateError::Trap(ours)), Err(theirs)) => {
            return compare::same_end(&ours, &theirs)
                .map_err(|detail| format!("instantiate: {detail}"));
        }
        (ours, theirs) => {
            let (ours, theirs) = (ours.map(|_| ()), theirs.map(|_| ()));
            return Err(format!("instantiate: ours {ours:?}, theirs {theirs:?}"));
        }
    };
    let mut pair = Pair {
        store,
        instance,
        oracle,
    };
    pair.call_all(options, seed, count)
}

impl Pair {
    fn call_all(&mut self, options: &Options, seed: u64, count: &mut Count) -> Result<(), String> {
        let mut random = module::Random::new(seed ^ 0x5eed);
        let exports = self.instance.exports(&self.store);
        for (name, item) in exports.iter().cycle().take(exports.len() * ROUNDS) {
            let Extern::Func(func) = item else { continue };
            let types = func.ty(&self.store);
            let arguments = types.params().iter();
            let arguments: Option<Vec<Value>> =
                arguments.map(|ty| random.value(&self.store, *ty)).collect();
            // A parameter that cannot be null takes an object, which nobody here has.
            let Some(arguments) = arguments else { continue };
            let mut results: Vec<Value> =
                types.results().iter().map(|ty| Value::zero(*ty)).collect();
            let ours = func.call(&mut self.store, &arguments, &mut results);
            let theirs = self.oracle.call(name, &arguments, results.len());
            count.calls += 1;
            count.traps += usize::from(theirs.is_err());
            match (ours, theirs) {
                (_, Err(theirs)) if imprecise(options, &theirs) => {
                    count.cut += 1;
                    return Ok(());
                }
                (Ok(()), Ok(theirs)) => compare::same_values(&results, &theirs),
                (Err(ours), Err(theirs)) => compare::same_end(&ours, &theirs),
                (ours, theirs) => Err(format!("ours {ours:?}, theirs {theirs:?}")),
            }
            .and_then(|()| self.same_state())
            .map_err(|detail| format!("{name:?}({arguments:x?}): {detail}"))?;
        }
        Ok(())
    }

    /// Exported memories, globals and tables.
    fn same_state(&mut self) -> Result<(), String> {
        for (name, item) in self.instance.exports(&self.store) {
            match item {
                Extern::Memory(memory) => {
                    compare::same_memory(memory.data(&self.store), self.oracle.memory(&name))
                }
                Extern::Global(global) => {
                    let ours = global.get(&mut self.store);
                    compare::same_values(&[ours], &[self.oracle.global(&name)])
                }
                Extern::Table(table) => {
                    let ours = u64::from(table.size(&self.store));
                    compare::same_size(ours, self.oracle.table_size(&name))
                }
                _ => Ok(()),
            }
            .map_err(|detail| format!("{name}: {detail}"))?;
        }
        Ok(())
    }
}

/// Whether guard pages may make compiled code miss this trap.
fn imprecise(options: &Options, theirs: &oracle::End) -> bool {
    options.bounds_check == BoundsCheck::GuardPages
        && *theirs == oracle::End::Trap(wasmtime::Trap::MemoryOutOfBounds)
}
