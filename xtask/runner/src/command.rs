//! The command, on whatever it runs: `spec-runner [--trace] PACK…`.
//!
//! For each pack it prints what failed, as `FILE:LINE: expected …, got …`, and then `FILE: N passed, N failed, N
//! skipped`; at the end the sums. With `--trace` each step's place is printed before it is taken, so that the one that
//! ends the program is known.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::pack::Pack;
use crate::run::{Count, Options, Watch, run};

/// What is below the command: files and output.
pub trait Host {
    /// A file's content.
    ///
    /// # Errors
    /// Why there is none, in the host's words.
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String>;
    /// Prints a line.
    fn print(&mut self, line: fmt::Arguments<'_>);
}

/// Runs the packs that the words of a command line name.
pub fn command(words: &[String], options: &Options, host: &mut dyn Host) -> Count {
    let mut trace = false;
    let mut total = Count::default();
    for word in words {
        match word.as_str() {
            "--trace" => trace = true,
            path => total.add(run_file(path, options, trace, host)),
        }
    }
    host.print(format_args!("{total}"));
    total
}

fn run_file(path: &str, options: &Options, trace: bool, host: &mut dyn Host) -> Count {
    let bytes = host.read(path);
    let pack = bytes
        .as_ref()
        .map_err(String::clone)
        .and_then(|bytes| Pack::read(bytes).map_err(|error| error.to_string()));
    let pack = match pack {
        Ok(pack) => pack,
        Err(error) => {
            host.print(format_args!("{path}: {error}"));
            return Count {
                failed: 1,
                ..Count::default()
            };
        }
    };
    let name = pack.name.clone();
    let count = run(
        &pack,
        options,
        &mut Printer {
            name: &name,
            trace,
            host,
        },
    );
    host.print(format_args!("{name}: {count}"));
    count
}

/// Prints what happens.
struct Printer<'a> {
    name: &'a str,
    trace: bool,
    host: &'a mut dyn Host,
}

impl Watch for Printer<'_> {
    fn step(&mut self, line: u32) {
        if self.trace {
            self.host.print(format_args!("at {}:{line}", self.name));
        }
    }

    fn failure(&mut self, line: u32, detail: &str) {
        self.host
            .print(format_args!("{}:{line}: {detail}", self.name));
    }
}
