//! `spec-runner [--trace] PACK…`: runs packs on a hosted machine, one after the other.
//!
//! For each pack it prints what failed, as `FILE:LINE: expected …, got …`, and then `FILE: N passed, N failed, N
//! skipped`; at the end the sums. With `--trace` each step's place is printed before it is taken, so that the one that
//! ends the process is known. The exit code is 0 unless something failed.

use std::process::ExitCode;

use aot_runtime::{StoreOptions, platform};
use spec_runner::pack::Pack;
use spec_runner::{Count, Options, Watch, run};

/// The suite overflows the stack on purpose; room to do it in.
const STACK_BYTES: usize = 16 << 20;

fn main() -> ExitCode {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    match thread.spawn(run_all).map(std::thread::JoinHandle::join) {
        Ok(Ok(count)) if count.failed == 0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn run_all() -> Count {
    let mut trace = false;
    let mut total = Count::default();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--trace" => trace = true,
            path => total.add(run_one(path, trace)),
        }
    }
    println!("{total}");
    total
}

fn run_one(path: &str, trace: bool) -> Count {
    let failed = |what: String| {
        println!("{path}: {what}");
        Count {
            failed: 1,
            ..Count::default()
        }
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return failed(error.to_string()),
    };
    let pack = match Pack::read(&bytes) {
        Ok(pack) => pack,
        Err(error) => return failed(error.to_string()),
    };
    let Some(platform) = platform::hosted() else {
        return failed("the runtime has no platform for this machine".to_owned());
    };
    let options = Options {
        platform,
        store: StoreOptions::default(),
    };
    let name = &pack.name;
    let count = run(&pack, &options, &mut Printer { name, trace });
    println!("{name}: {count}");
    count
}

/// Prints what happens.
struct Printer<'a> {
    name: &'a str,
    trace: bool,
}

impl Watch for Printer<'_> {
    fn step(&mut self, line: u32) {
        if self.trace {
            println!("at {}:{line}", self.name);
        }
    }

    fn failure(&mut self, line: u32, detail: &str) {
        println!("{}:{line}: {detail}", self.name);
    }
}
