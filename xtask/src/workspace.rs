//! Where things are: the workspace root, the programs cargo builds, and
//! folders for what tasks make.
//!
//! Everything a task writes goes under `target/xtask/`, except reports that
//! are committed on purpose.

use std::path::{Path, PathBuf};

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
pub(crate) fn cargo(arguments: &[&str]) -> std::process::Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(program);
    command.args(arguments).current_dir(root());
    // What this process was started with is meant for this process alone.
    command.env_remove("CARGO_MANIFEST_DIR");
    command
}

/// The two programs of the project, built for release.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) wamrc: PathBuf,
    pub(crate) iwasm: PathBuf,
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
        iwasm: folder.join(format!("iwasm{suffix}")),
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
