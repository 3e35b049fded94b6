//! Where things are: the workspace root, the programs cargo builds, and
//! folders for what tasks make.
//!
//! Everything a task writes goes under `target/xtask/`, except reports that
//! are committed on purpose.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// The workspace root (the parent of this crate).
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// The sample data that may lie beside a checkout, if it does: the folder
/// `WAMRC_SHARED` names, or `../shared`.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let base = match std::env::var_os("WAMRC_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => root().join("../shared"),
    };
    let folder = base.join(name);
    folder.is_dir().then_some(folder)
}

/// A folder of a task's own under `target/xtask/`, created.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target().join("xtask").join(name);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// A cargo command in the workspace root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    // What this process was started with is meant for this process alone.
    command.env_remove("CARGO_MANIFEST_DIR");
    command
}

/// The two programs of the project, built for release; the second perhaps for another machine.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) wamrc: PathBuf,
    pub(crate) iwasm: Program,
    /// The target that `iwasm` is for, as the compiler calls it.
    pub(crate) target: &'static str,
    /// Options of `wamrc` for that target.
    pub(crate) wamrc_flags: Vec<String>,
}

impl Tools {
    /// The values of `--bounds-checks` that make sense: without guard pages only one does.
    pub(crate) fn bounds_checks(&self) -> &'static [&'static str] {
        match targets::by_name(self.target) {
            Some(target) if !target.guard_pages => &["1"],
            _ => &["0", "1"],
        }
    }
}

/// A program that may be for another machine.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// What runs it, if it is.
    pub(crate) emulator: &'static [&'static str],
}

impl Program {
    /// A program for this machine.
    pub(crate) fn native(path: PathBuf) -> Program {
        Program {
            path,
            emulator: &[],
        }
    }

    /// A command that starts it.
    pub(crate) fn command(&self) -> Command {
        let mut words = self.emulator.iter();
        match words.next() {
            None => Command::new(&self.path),
            Some(emulator) => {
                let mut command = Command::new(emulator);
                command.args(words).arg(&self.path);
                command
            }
        }
    }
}

/// Builds `wamrc` and `iwasm` for release and tells where they are.
pub(crate) fn build() -> Result<Tools> {
    let mut command = cargo(&[
        "build",
        "--release",
        "--quiet",
        "-p",
        "wamrc",
        "-p",
        "aot-runtime",
        "--bins",
    ]);
    process::stream(&mut command).context("building wamrc and iwasm")?;
    let folder = target().join("release");
    let suffix = std::env::consts::EXE_SUFFIX;
    Ok(Tools {
        wamrc: folder.join(format!("wamrc{suffix}")),
        iwasm: Program::native(folder.join(format!("iwasm{suffix}"))),
        target: "x86_64",
        wamrc_flags: Vec::new(),
    })
}

/// Shows a path relative to the workspace where possible.
pub(crate) fn shown(path: &Path) -> String {
    let root = root();
    path.strip_prefix(&root)
        .unwrap_or(path)
        .display()
        .to_string()
}
