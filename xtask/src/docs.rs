//! Regenerates the generated tables in `docs/`.
//!
//! Tables come from the code they describe: tests of the crates compare them
//! and, with `WAMRC_BLESS=1`, write them. This task only starts those tests.

use anyhow::Result;

use crate::flag::Flags;
use crate::{Outcome, process, workspace};

/// Crates with generated tables; the test is called `docs`.
const CRATES: &[&str] = &["targets", "aot-format"];

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let check = flags.present("--check");
    flags.finish()?;
    match check {
        true => start(false),
        false => start(true),
    }?;
    Ok(Outcome::Passed)
}

/// Writes every generated table.
pub(crate) fn write() -> Result<()> {
    start(true)
}

fn start(bless: bool) -> Result<()> {
    for name in CRATES {
        let mut command = workspace::cargo(&[
            "test",
            "--quiet",
            "-p",
            name,
            "--all-features",
            "--test",
            "docs",
            // One test reads what another writes.
            "--",
            "--test-threads=1",
        ]);
        if bless {
            command.env("WAMRC_BLESS", "1");
        }
        process::stream(&mut command)?;
    }
    Ok(())
}
