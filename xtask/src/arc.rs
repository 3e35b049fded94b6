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
use crate::tally::Tally;
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
    match wanted(given.as_deref())? {
        Some(wanted) => wanted.build()?,
        None => println!("the plugin is up to date"),
    }
    Ok(Outcome::Passed)
}

/// For CI: the tests of the compiler need the plugin. That its source cannot be fetched is no failure of ours.
pub(crate) fn check() -> Result<Tally> {
    const NAME: &str = "plugin for ARC";
    let mut tally = Tally::default();
    let obtained = setup::ensure(&[setup::BUILD, NEEDS].concat()).and_then(|()| wanted(None));
    match obtained {
        Err(error) => tally.skip(NAME, &format!("{error:#}")),
        Ok(None) => tally.check(NAME, Ok("up to date".to_owned())),
        Ok(Some(wanted)) => {
            let built = wanted.build().map(|()| String::new());
            tally.check(NAME, built.map_err(|error| format!("{error:#}")));
        }
    }
    Ok(tally)
}

/// A plugin to build.
struct Wanted {
    external: &'static External,
    llvm: build::Llvm,
    /// The source as others wrote it.
    original: PathBuf,
    plugin: PathBuf,
    /// Where it is noted what the plugin was built of.
    note: PathBuf,
    start: Instant,
}

/// Fetches what the plugin is built of; nothing if it is there as it would be built.
fn wanted(given: Option<&Path>) -> Result<Option<Wanted>> {
    let start = Instant::now();
    let external = external()?;
    let llvm = build::Llvm::find()?;
    let folder = workspace::target().join(external.folder);
    let (plugin, note) = (folder.join(external.plugin), folder.join("built"));
    let built = std::fs::read_to_string(&note).unwrap_or_default();
    if built == noted(&llvm) && plugin.is_file() {
        return Ok(None);
    }
    std::fs::create_dir_all(&folder)?;
    let original = source::original(&llvm.version, given)?;
    Ok(Some(Wanted {
        external,
        llvm,
        original,
        plugin,
        note,
        start,
    }))
}

/// What tells one plugin from another.
fn noted(llvm: &build::Llvm) -> String {
    format!("{} {:016x}\n", llvm.version, correction::digest())
}

impl Wanted {
    fn build(&self) -> Result<()> {
        let corrected = workspace::scratch("arc/corrected")?;
        println!("correcting the source:");
        correction::apply(&self.original, &corrected)?;
        build::plugin(&self.llvm, &corrected, self.external.register, &self.plugin)?;
        std::fs::write(&self.note, noted(&self.llvm))?;
        println!(
            "{}: LLVM {}'s ARC target with {} corrections, in {:.0} s\n\
             programs in {} find it there; for others, name it in {}",
            workspace::shown(&self.plugin),
            self.llvm.version,
            correction::ALL.len(),
            self.start.elapsed().as_secs_f64(),
            workspace::shown(&workspace::target()),
            self.external.variable
        );
        Ok(())
    }
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
