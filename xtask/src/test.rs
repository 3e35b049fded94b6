//! Installs what is missing, then runs every test of the workspace.
//!
//! The crates that need no LLVM go first: they answer in seconds.

use anyhow::Result;

use crate::flag::Flags;
use crate::tally::Tally;
use crate::{Outcome, process, setup, workspace};

/// Groups of crates, quickest first.
const GROUPS: &[&[&str]] = &[
    &["-p", "targets", "-p", "aot-format", "-p", "xtask"],
    &["-p", "aot-runtime"],
    &[
        "--manifest-path",
        "xtask/runner/Cargo.toml",
        "--target-dir",
        "target/cross/runner",
    ],
    &["-p", "wamrc"],
];

/// The comparison with another engine. Optimised: that one is slow otherwise.
pub(crate) const INDEPENDENT: &[&str] =
    &["test", "--no-fail-fast", "--release", "-p", "differential"];

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    flags.finish()?;
    setup::ensure(&[setup::BUILD, setup::PROGRAMS].concat())?;
    Ok(check()?.close())
}

/// Runs every group, even after one failed, and adds up libtest's counts.
pub(crate) fn check() -> Result<Tally> {
    let mut tally = Tally::default();
    for group in GROUPS {
        let mut command = workspace::cargo(&["test", "--no-fail-fast"]);
        command.args(*group);
        tally.add(counted(&mut command)?);
    }
    tally.add(counted(&mut workspace::cargo(INDEPENDENT))?);
    Ok(tally)
}

/// Runs a child that prints closing lines; one that fails without having
/// counted a failure (it did not build, say) counts as one.
pub(crate) fn counted(command: &mut std::process::Command) -> Result<Tally> {
    println!("-- {}", process::show(command));
    let (succeeded, output) = process::stream_and_read(command)?;
    let mut tally = Tally::read(&output);
    if !succeeded && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}
