//! The packs of a machine: compiled by the suite's compiler, kept for as long as nothing they depend on changes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Choice;
use super::build::{self, Compiler};
use super::machine::Machine;
use crate::{process, workspace};

/// A compiled script.
#[derive(Clone, Debug)]
pub(super) struct Pack {
    pub(super) path: PathBuf,
    /// `FOLDER/NAME.wast`.
    pub(super) name: String,
    /// Different modules in it.
    pub(super) modules: u64,
    /// Assertions in it.
    pub(super) assertions: u64,
    /// Assertions about validation, decided when it was compiled: passed, failed, skipped.
    pub(super) decided: [u64; 3],
    /// Why the machine cannot run it, if so.
    pub(super) without: Option<&'static str>,
}

impl Compiler {
    /// Compiles the chosen scripts for a machine, as far as they are not there.
    pub(super) fn packs(&self, machine: &Machine, choice: &Choice) -> Result<Vec<Pack>> {
        let folder = self.folder(machine, choice)?;
        let mut command = Command::new(&self.program);
        command.args(["--target", machine.target]);
        command.args(machine.flags).args(&choice.wamrc_flags);
        command.arg("--out").arg(&folder).args(&choice.filters);
        let (succeeded, _) = process::stream_and_read(&mut command)?;
        if !succeeded {
            bail!("compiling the suite for {} failed", machine.name);
        }
        let wanted = |name: &str| {
            let filters = &choice.filters;
            filters.is_empty() || filters.iter().any(|part| name.contains(part))
        };
        let mut packs = read(&folder)?;
        packs.retain(|pack| wanted(&pack.name));
        for pack in &mut packs {
            let mut without = machine.without.iter();
            let row = without.find(|(part, _)| pack.name.contains(part));
            pack.without = row.map(|(_, reason)| *reason);
        }
        match packs.is_empty() {
            true => bail!("no script is called so"),
            false => Ok(packs),
        }
    }

    /// The folder for this compiler and these options; packs of earlier ones are removed.
    fn folder(&self, machine: &Machine, choice: &Choice) -> Result<PathBuf> {
        let mut hasher = DefaultHasher::new();
        let program = std::fs::read(&self.program);
        let program = program.with_context(|| workspace::shown(&self.program))?;
        program.hash(&mut hasher);
        (machine.target, machine.flags, &choice.wamrc_flags).hash(&mut hasher);
        let parent = workspace::target().join("cross/suite").join(machine.name);
        let folder = parent.join(format!("{:016x}", hasher.finish()));
        if !folder.exists() {
            // Missing the first time.
            let _ = std::fs::remove_dir_all(&parent);
        }
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// Packs of the files that stock wamrc has made for a machine's target.
pub(super) fn stock(machine: &Machine, folder: &Path, filter: &str) -> Result<Vec<Pack>> {
    let out = workspace::scratch(&format!("interop/{}", machine.name))?;
    let arguments = ["run", "--quiet", "--example", "interop", "--manifest-path"];
    let mut command = workspace::cargo(&arguments);
    command.arg(workspace::root().join("xtask/runner/Cargo.toml"));
    command.arg("--target-dir").arg(build::host_folder());
    command.arg("--").arg(folder).arg(machine.target).arg(&out);
    process::stream(&mut command)?;
    let mut packs = read(&out)?;
    packs.retain(|pack| pack.name.contains(filter));
    Ok(packs)
}

/// The packs of a folder, by name.
fn read(folder: &Path) -> Result<Vec<Pack>> {
    let mut packs = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "pack") {
            let line = std::fs::read_to_string(path.with_extension("tsv"))?;
            let shown = path.display().to_string();
            packs.push(parse(path, &line).with_context(|| shown)?);
        }
    }
    packs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packs)
}

/// Reads the line beside a pack, the compiler's `Summary`.
fn parse(path: PathBuf, line: &str) -> Result<Pack> {
    let fields: Vec<&str> = line.trim_end().split('\t').collect();
    let [
        name,
        modules,
        assertions,
        _uncompiled,
        passed,
        failed,
        skipped,
    ] = fields[..]
    else {
        bail!("{} fields instead of 7", fields.len());
    };
    Ok(Pack {
        path,
        name: name.to_owned(),
        modules: modules.parse()?,
        assertions: assertions.parse()?,
        decided: [passed.parse()?, failed.parse()?, skipped.parse()?],
        without: None,
    })
}
