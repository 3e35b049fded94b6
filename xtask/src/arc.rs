//! LLVM's ARC target as a plugin, for `wamrc --target=arc`.
//!
//! Debian's LLVM is built without it. Its source is fetched, corrected where it makes wrong code (`arc/correction.rs`) and
//! built against the installed LLVM; nothing of it is part of this repository. Facts and measurements:
//! `docs/decisions/017-arc.md`.

mod build;
mod correction;
mod source;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use targets::{Emission, External};

use crate::flag::Flags;
use crate::setup::{self, Need};
use crate::{Outcome, process, workspace};

/// What building takes besides `setup::BUILD`, and assembling afterwards.
const NEEDS: &[Need] = &[
    Need::program("xz-utils", "xz"),
    Need::program("binutils-arc-linux-gnu", "arc-linux-gnu-as"),
];

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let given = flags.value("--source")?.map(PathBuf::from);
    flags.finish()?;
    setup::ensure(&[setup::BUILD, NEEDS].concat())?;
    ensure(given.as_deref())?;
    Ok(Outcome::Passed)
}

/// Builds the plugin unless it is there as it would be built; tells where it is.
fn ensure(given: Option<&Path>) -> Result<()> {
    let external = external()?;
    let start = Instant::now();
    let llvm = build::Llvm::find()?;
    let folder = workspace::target().join(external.folder);
    let plugin = folder.join(external.plugin);
    let wanted = format!("{} {:016x}\n", llvm.version, correction::digest());
    let note = folder.join("built");
    let built = std::fs::read_to_string(&note).unwrap_or_default();
    if built == wanted && plugin.is_file() {
        println!("{} is up to date", workspace::shown(&plugin));
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    let original = source::original(&llvm.version, given)?;
    let corrected = workspace::scratch("arc/corrected")?;
    println!("correcting the source:");
    correction::apply(&original, &corrected)?;
    build::plugin(&llvm, &corrected, external.register, &plugin)?;
    std::fs::write(&note, wanted)?;
    println!(
        "{}: LLVM {}'s ARC target with {} corrections, built in {:.0} s\n\
         programs in {} find it there; for others, name it in {}",
        workspace::shown(&plugin),
        llvm.version,
        correction::ALL.len(),
        start.elapsed().as_secs_f64(),
        workspace::shown(&workspace::target()),
        external.variable
    );
    Ok(())
}

/// What `targets` says about the plugin.
fn external() -> Result<&'static External> {
    match targets::ARC.llvm.emission {
        Emission::External(external) => Ok(external),
        _ => bail!("ARC needs no plugin"),
    }
}

/// Runs a child and shows what it printed only if it fails.
fn quietly(command: &mut std::process::Command) -> Result<String> {
    let shown = process::show(command);
    process::output(command).with_context(|| shown)
}
