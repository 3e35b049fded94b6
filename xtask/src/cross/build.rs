//! Builds the compiler of the suite for this machine, and the runner for another one.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::machine::{Kind, Machine};
use super::{image, user};
use crate::bare::{self, Library};
use crate::{process, setup, workspace};

/// The program that compiles the suite.
pub(super) struct Compiler {
    pub(super) program: PathBuf,
}

/// Builds the compiler. Not for release: it takes minutes longer to build and saves seconds when it runs, because
/// almost all of the time is LLVM's.
pub(super) fn compiler() -> Result<Compiler> {
    let arguments = ["build", "--quiet", "-p", "wamrc", "--example", "suite"];
    process::stream(&mut workspace::cargo(&arguments)).context("building the suite's compiler")?;
    let name = format!("suite{}", std::env::consts::EXE_SUFFIX);
    Ok(Compiler {
        program: workspace::target().join("debug/examples").join(name),
    })
}

/// Builds the runner for a machine.
pub(super) fn runner(machine: &Machine) -> Result<PathBuf> {
    match machine.kind {
        Kind::Hosted(linker) => {
            let manifest = workspace::root().join("xtask/runner/Cargo.toml");
            let arguments = ["-p", "spec-runner", "--manifest-path"];
            let mut command = hosted(machine, linker)?;
            command.args(arguments).arg(manifest);
            process::stream(&mut command)?;
            Ok(folder(machine).join("release/spec-runner"))
        }
        Kind::User(start) => user::build(machine, start),
        Kind::Bare(layout) => image::build(machine, layout),
    }
}

/// Builds `iwasm` for a Linux machine.
pub(crate) fn iwasm(machine: &Machine, linker: &str) -> Result<PathBuf> {
    setup::ensure(machine.needs)?;
    let mut command = hosted(machine, linker)?;
    command.args(["-p", "aot-runtime", "--bin", "iwasm"]);
    process::stream(&mut command)?;
    Ok(folder(machine).join("release/iwasm"))
}

/// Where results for a machine are.
pub(super) fn folder(machine: &Machine) -> PathBuf {
    target_folder(machine).join(machine.rust)
}

/// Cargo's target folder for a machine: one for each, because cargo builds one thing at a time in each.
pub(super) fn target_folder(machine: &Machine) -> PathBuf {
    host_folder().join(machine.rust)
}

/// Cargo's target folder for what belongs to the runners but runs here.
pub(super) fn host_folder() -> PathBuf {
    workspace::target().join("cross/runner")
}

/// The beginning of a command that builds for a Linux machine: a statically linked program needs nothing around it.
fn hosted(machine: &Machine, linker: &str) -> Result<Command> {
    let flags = format!("-Clinker={linker} -Ctarget-feature=+crt-static");
    command(machine, Library::Std, &flags)
}

/// The beginning of a command that builds for a machine.
pub(super) fn command(machine: &Machine, library: Library, flags: &str) -> Result<Command> {
    let flags = format!("{flags} -Crelocation-model={}", machine.relocations);
    bare::command(machine.rust, library, &target_folder(machine), &flags)
}
