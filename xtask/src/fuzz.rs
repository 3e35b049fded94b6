//! Runs the fuzz targets of `fuzz/` for a while each.
//!
//! They need cargo-fuzz and a compiler with sanitizers (nightly, or
//! `RUSTC_BOOTSTRAP=1` with a stable one); CI does not run them.

use anyhow::{Context, Result, bail};

use crate::flag::Flags;
use crate::tally::Tally;
use crate::{Outcome, process, workspace};

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let seconds = flags.value("--seconds")?.unwrap_or_else(|| "60".to_owned());
    let chosen = flags.word();
    flags.finish()?;
    if !process::exists("cargo-fuzz") {
        bail!("cargo-fuzz is not installed: cargo install cargo-fuzz");
    }
    let targets = targets()?;
    if let Some(name) = chosen.as_ref().filter(|name| !targets.contains(name)) {
        bail!("no fuzz target {name:?}; there are: {}", targets.join(", "));
    }
    let mut tally = Tally::default();
    for target in targets {
        if chosen.as_ref().is_some_and(|name| *name != target) {
            continue;
        }
        let mut command = workspace::cargo(&["fuzz", "run", &target, "--"]);
        command.arg(format!("-max_total_time={seconds}"));
        command.env("RUSTC_BOOTSTRAP", "1");
        let result = process::stream(&mut command);
        tally.check(
            &target,
            result
                .map(|()| String::new())
                .map_err(|error| format!("{error:#}")),
        );
    }
    Ok(tally.close())
}

/// The targets' names: the files of `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).with_context(|| workspace::shown(&folder))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "rs") {
            names.push(crate::corpus::stem(&path));
        }
    }
    names.sort();
    Ok(names)
}
