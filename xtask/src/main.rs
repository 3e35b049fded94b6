//! `cargo xtask`: everything a developer or CI does, by name.
//!
//! This file is the task table and nothing else; each task is a file of its name.
//! Tasks start the project's programs as child processes, so that this crate
//! builds in seconds and without LLVM (architecture §13).
#![forbid(unsafe_code)]

mod arc;
mod bare;
mod bench;
mod bless;
mod ci;
mod corpus;
mod cpus;
mod cross;
mod demo;
mod docs;
mod flag;
mod fuzz;
mod host;
mod interop;
mod process;
mod program;
mod ruby;
mod setup;
mod sizes;
mod spec;
mod sqlite;
mod tally;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use crate::flag::Flags;

/// One row of the task table.
struct Task {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&mut Flags) -> Result<Outcome>,
}

/// Whether what a task looked at is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
}

/// Every task, in the order in which a newcomer meets them.
const TASKS: &[Task] = &[
    Task {
        name: "demo",
        arguments: "[PATH.wasm]",
        about: "install what is missing, build, compile and run real programs",
        run: demo::run,
    },
    Task {
        name: "test",
        arguments: "",
        about: "install what is missing, run every test",
        run: test::run,
    },
    Task {
        name: "ci",
        arguments: "",
        about: "format, lints, tests, tidy, bare-metal builds, end-to-end programs",
        run: ci::run,
    },
    Task {
        name: "tidy",
        arguments: "",
        about: "check the house rules of ARCHITECTURE.md",
        run: tidy::run,
    },
    Task {
        name: "spec",
        arguments: "[FILTER] [--target MACHINE] [--wamrc-flags \"…\"]",
        about: "run WebAssembly's official test suite in both bounds-check modes",
        run: spec::run,
    },
    Task {
        name: "cross",
        arguments: "[MACHINE…|all] [--filter F] [--slice] [--wamrc-flags \"…\"]",
        about: "run the test suite on other machines, under emulators (all: docs/conformance-targets.md)",
        run: cross::run,
    },
    Task {
        name: "host",
        arguments: "[TARGET…] [--wamrc-flags \"…\"]",
        about: "run the compiler on an emulated AArch64 machine: it must make the same bytes",
        run: host::run,
    },
    Task {
        name: "arc-backend",
        arguments: "[--source PATH]",
        about: "build LLVM's ARC target as a plugin for wamrc --target=arc",
        run: arc::run,
    },
    Task {
        name: "corpus",
        arguments: "DIR [FILTER] [--target MACHINE] [--wamrc-flags \"…\"]",
        about: "compile and run every NAME.wasm of DIR, compare with NAME.stdout and .stderr",
        run: corpus::run,
    },
    Task {
        name: "interop",
        arguments: "DIR [FILTER] [--target MACHINE] [--wamrc-flags \"…\"]",
        about: "run DIR/aot/*.aot against DIR/expected.tsv, and our own output of DIR/wasm",
        run: interop::run,
    },
    Task {
        name: "sqlite",
        arguments: "[--wamrc-flags \"…\"]",
        about: "run SQLite on a database file, compare with SQLite compiled natively",
        run: sqlite::run,
    },
    Task {
        name: "ruby",
        arguments: "[--wamrc-flags \"…\"]",
        about: "compile Ruby's interpreter (24 MB, from npm) and run a line of Ruby",
        run: ruby::run,
    },
    Task {
        name: "bench",
        arguments: "[FILTER] [--json FILE] [--runs N] [--wamrc-flags \"…\"]",
        about: "run time, compile time and size against native code and stock WAMR",
        run: bench::run,
    },
    Task {
        name: "sizes",
        arguments: "",
        about: "measure the runtime per target and the container per fixture (docs/sizes.md)",
        run: sizes::run,
    },
    Task {
        name: "docs",
        arguments: "[--check]",
        about: "regenerate the generated tables in docs/",
        run: docs::run,
    },
    Task {
        name: "cpus",
        arguments: "",
        about: "read from clang which features CPUs have (targets/src/feature/cpu.rs)",
        run: cpus::run,
    },
    Task {
        name: "bless",
        arguments: "",
        about: "accept today's output as the snapshots",
        run: bless::run,
    },
    Task {
        name: "fuzz",
        arguments: "[TARGET] [--seconds N]",
        about: "run a fuzz target, or all of them in turn",
        run: fuzz::run,
    },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        print_table();
        return ExitCode::SUCCESS;
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print_table();
        return ExitCode::SUCCESS;
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprintln!("error: no task named {name:?}");
        print_table();
        return ExitCode::from(2);
    };
    let mut flags = Flags::new(arguments.collect());
    match (task.run)(&mut flags) {
        Ok(Outcome::Passed) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_table() {
    println!("cargo xtask TASK [ARGUMENTS]\n");
    for task in TASKS {
        let call = format!("{} {}", task.name, task.arguments);
        println!("  {:<46} {}", call.trim_end(), task.about);
    }
}
