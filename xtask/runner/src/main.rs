//! `spec-runner [--trace] PACK…` on a hosted machine. The exit code is 0 unless something failed.

use std::fmt;
use std::process::ExitCode;

use aot_runtime::{StoreOptions, platform};
use spec_runner::{Count, Host, Options, command};

/// The suite overflows the stack on purpose; room to do it in.
const STACK_BYTES: usize = 16 << 20;

/// Room for objects: what the suite keeps alive is little.
const GC_HEAP_BYTES: usize = 64 << 20;

fn main() -> ExitCode {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    match thread.spawn(run).map(std::thread::JoinHandle::join) {
        Ok(Ok(Some(count))) if count.failed == 0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn run() -> Option<Count> {
    let Some(platform) = platform::hosted() else {
        eprintln!("the runtime has no platform for this machine");
        return None;
    };
    let words: Vec<String> = std::env::args().skip(1).collect();
    let store = StoreOptions {
        gc_heap_bytes: GC_HEAP_BYTES,
        ..StoreOptions::default()
    };
    Some(command(&words, &Options { platform, store }, &mut System))
}

/// The operating system.
struct System;

impl Host for System {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| error.to_string())
    }

    fn print(&mut self, line: fmt::Arguments<'_>) {
        println!("{line}");
    }
}
