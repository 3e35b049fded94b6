//! Accepts today's output as the snapshots; the diff is then part of a review.

use anyhow::Result;

use crate::flag::Flags;
use crate::{Outcome, docs, process, setup, workspace};

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    flags.finish()?;
    setup::ensure(setup::BUILD)?;
    for name in ["targets", "aot-format", "aot-runtime", "wamrc"] {
        let mut command = workspace::cargo(&["test", "--quiet", "-p", name]);
        command.args(["--no-fail-fast"]);
        command.env("INSTA_UPDATE", "always");
        command.env("INSTA_FORCE_PASS", "1");
        command.env("WAMRC_BLESS", "1");
        process::stream(&mut command)?;
    }
    docs::write()?;
    println!("blessed; look at `git diff snapshots docs` before you commit");
    Ok(Outcome::Passed)
}
