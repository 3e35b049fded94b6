//! Everything a change must pass, in the order in which it tells most soonest.
//!
//! A step that fails does not stop the others; the closing line counts steps
//! and every test they ran. Sample data beside the checkout (`WAMRC_SHARED`, or
//! `../shared`) is used where it is there and skipped with a notice where not.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::Result;

use crate::flag::Flags;
use crate::program::{Built, Program};
use crate::tally::{self, Tally};
use crate::workspace::Tools;
use crate::{
    Outcome, arc, bare, corpus, cross, interop, process, program, setup, sqlite, test, tidy,
    workspace,
};

/// One step: its name and what it counts.
type Step = (&'static str, fn() -> Result<Tally>);

const STEPS: &[Step] = &[
    ("format", format_check),
    ("tidy", || Ok(tidy::check())),
    ("bare-metal builds", bare_builds),
    ("clippy", clippy),
    ("plugins of LLVM", arc::check),
    ("tests", test::check),
    ("programs", programs),
    ("sqlite", || sqlite::check(&workspace::build()?, &[])),
    ("corpus", corpus_check),
    ("interop", interop_check),
    ("cross", cross::slice),
];

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    flags.finish()?;
    setup::ensure(&[setup::BUILD, setup::PROGRAMS].concat())?;
    let ahead = build_ahead();
    let mut tally = Tally::default();
    let mut summary = Vec::new();
    for (name, step) in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        let counted = step().unwrap_or_else(|error| {
            println!("error: {error:#}");
            Tally {
                failed: 1,
                ..Tally::default()
            }
        });
        tally.add(counted);
        summary.push((name, counted, start.elapsed()));
    }
    if let Some(mut child) = ahead {
        // The tests have waited for it; what it could not build they have reported.
        drop(child.wait());
    }
    println!("\n== summary");
    for (name, counted, time) in summary {
        let Tally {
            passed,
            failed,
            skipped,
        } = counted;
        println!(
            "{name:<18} {passed:>7} ok {failed:>4} failed {skipped:>4} skipped {:>6.0} s",
            time.as_secs_f64()
        );
    }
    Ok(tally.close())
}

/// Builds the other engine while processors are idle between and within the steps: it takes longer than all the rest.
fn build_ahead() -> Option<Child> {
    let mut cargo = workspace::cargo(test::INDEPENDENT);
    cargo.args(["--no-run", "--quiet"]);
    let mut command = Command::new("nice");
    command.args(["-n", "19"]).arg(cargo.get_program());
    command
        .args(cargo.get_args())
        .current_dir(workspace::root());
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().ok()
}

/// A step that is one command.
fn single(name: &str, command: &mut std::process::Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let result = process::stream(command);
    tally.check(
        name,
        result
            .map(|()| String::new())
            .map_err(|error| format!("{error:#}")),
    );
    Ok(tally)
}

fn format_check() -> Result<Tally> {
    single(
        "cargo fmt --check",
        &mut workspace::cargo(&["fmt", "--all", "--check"]),
    )
}

fn clippy() -> Result<Tally> {
    let mut command = workspace::cargo(&["clippy", "--quiet", "--workspace", "--all-targets"]);
    command.args(["--", "-D", "warnings"]);
    single("cargo clippy", &mut command)
}

/// The `no_std` crates for bare machines, so that the border stays real.
fn bare_builds() -> Result<Tally> {
    let mut tally = Tally::default();
    for target in bare::TARGETS {
        let result = bare::build(target);
        tally.check(
            target,
            result
                .map(|_| String::new())
                .map_err(|error| format!("{error:#}")),
        );
    }
    Ok(tally)
}

/// Our own programs, wasm against native, in both bounds-check modes.
fn programs() -> Result<Tally> {
    let tools = workspace::build()?;
    let mut programs = Vec::new();
    let mut unbuilt = Tally::default();
    for program in program::all("")? {
        match program.build() {
            Ok(built) => programs.push((built, program)),
            Err(error) => unbuilt.check(&program.name, Err(format!("{error:#}"))),
        }
    }
    let mut tally = tally::in_both_modes(|bounds| {
        let mut tally = Tally::default();
        for (built, program) in &programs {
            let name = format!("{} --bounds-checks={bounds}", program.name);
            tally.check(&name, same_output(&tools, (built, program), bounds));
        }
        Ok(tally)
    })?;
    tally.add(unbuilt);
    Ok(tally)
}

fn same_output(
    tools: &Tools,
    (built, program): (&Built, &Program),
    bounds: &str,
) -> Result<String, String> {
    let plain = |error: anyhow::Error| format!("{error:#}");
    let folder = workspace::scratch("ci").map_err(plain)?;
    let aot = folder.join(format!("{}-{bounds}.aot", program.name));
    let flags = [format!("--bounds-checks={bounds}")];
    corpus::compile(&tools.wamrc, &built.wasm, &aot, &flags)?;
    let limit = crate::bench::LIMIT;
    let mut native = std::process::Command::new(&built.native);
    let native = process::capture(&mut native, limit).map_err(plain)?;
    let mut ours = tools.iwasm.command();
    let ours = process::capture(ours.arg(&aot), limit).map_err(plain)?;
    match ours.code == Some(0) && ours.stdout == native.stdout {
        true => Ok(String::new()),
        false => Err(format!(
            "{}\nprinted: {}native:  {}",
            ours.ending(),
            ours.text(),
            native.text()
        )),
    }
}

fn corpus_check() -> Result<Tally> {
    let Some(folder) = workspace::shared("corpus") else {
        return Ok(absent("corpus"));
    };
    // What lies between is for `cargo xtask corpus DIR --matrix`.
    corpus::check_matrix(&workspace::build()?, &folder, "", &["0", "3"], &[])
}

fn interop_check() -> Result<Tally> {
    let Some(folder) = workspace::shared("interop") else {
        return Ok(absent("interop"));
    };
    interop::check(&workspace::build()?, &folder, "", &[])
}

fn absent(name: &str) -> Tally {
    let mut tally = Tally::default();
    tally.skip(name, "no sample data beside this checkout");
    tally
}
