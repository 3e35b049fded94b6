//! Runs the official test suite: the test `spec` of the crate `wamrc`, in
//! process, in both bounds-check modes, files chosen by FILTER.
//!
//! `--wamrc-flags` may name `--opt-level=N` and `--bounds-checks=N`.

use anyhow::Result;

use crate::flag::Flags;
use crate::tally::Tally;
use crate::{Outcome, cross, process, setup, workspace};

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    if let Some(machine) = flags.value("--target")? {
        return cross::spec(&machine, flags);
    }
    let wamrc_flags = flags.wamrc()?.join(" ");
    let filter = flags.word().unwrap_or_default();
    flags.finish()?;
    setup::ensure(setup::BUILD)?;
    let mut command = workspace::cargo(&["test", "--quiet", "-p", "wamrc", "--test", "spec"]);
    command.args(["--", "--nocapture"]);
    command.env("WAMRC_SPEC_FILTER", filter);
    command.env("WAMRC_SPEC_FLAGS", wamrc_flags);
    let (succeeded, output) = process::stream_and_read(&mut command)?;
    // The suite's own lines count assertions; libtest's count the two modes.
    let own: String = output
        .lines()
        .filter(|line| !line.starts_with("test result:"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut tally = Tally::read(&own);
    if !succeeded && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally.close())
}
