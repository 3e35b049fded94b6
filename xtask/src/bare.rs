//! Builds the `no_std` core of the runtime for machines without an operating
//! system, so that the border between core and host stays real.
//!
//! `core` and `alloc` for such a target come, in this order, from: the active
//! toolchain's prebuilt library, which rustup is asked to fetch; the active
//! toolchain's library source; a second Rust of the system's packages with its
//! own source.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::{process, setup, workspace};

/// The targets CI builds for: a microcontroller each of two architectures.
pub(crate) const TARGETS: &[&str] = &["thumbv7em-none-eabi", "riscv32imac-unknown-none-elf"];

/// The crates that must build without `std`, with the features to do it.
const CRATES: &[&str] = &["targets", "aot-format", "aot-runtime"];

/// Builds every `no_std` crate for `target`, the runtime without garbage collection (with it is what `cross` runs);
/// returns the folder with the results.
pub(crate) fn build(target: &str) -> Result<PathBuf> {
    let folder = workspace::target().join("bare");
    let mut command = command(target, Library::Core, &folder, "")?;
    command
        .args(["--no-default-features", "--lib"])
        // Small code, as a device wants it; machine code in the libraries
        // instead of bitcode, because `sizes` measures it.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z")
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    for name in CRATES {
        command.args(["-p", name]);
    }
    process::stream(&mut command)?;
    Ok(folder.join(target).join("release"))
}

/// The beginning of a command that builds for another machine: with so much of the library, and flags for rustc.
pub(crate) fn command(
    target: &str,
    library: Library,
    folder: &Path,
    flags: &str,
) -> Result<Command> {
    let way = Way::find(target)?;
    let mut command = way.cargo();
    command
        .args(["build", "--quiet", "--release", "--target", target])
        .arg("--target-dir")
        .arg(folder)
        .current_dir(workspace::root());
    way.add_build_std(&mut command, library);
    let name = target.replace(['-', '.'], "_").to_uppercase();
    command.env(format!("CARGO_TARGET_{name}_RUSTFLAGS"), flags);
    Ok(command)
}

/// How much of the library a target gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    /// `core` and `alloc`.
    Core,
    /// All of it, on top of the target's C library.
    Std,
}

/// Where the library for a target comes from.
pub(crate) enum Way {
    /// The active toolchain has it ready.
    Prebuilt,
    /// Built from the active toolchain's source.
    Source,
    /// Built by the system's Rust from its own source.
    System,
}

impl Way {
    /// The first way that this machine offers for `target`.
    pub(crate) fn find(target: &str) -> Result<Way> {
        let sysroot = PathBuf::from(
            process::output(Command::new("rustc").args(["--print", "sysroot"]))?.trim(),
        );
        let prebuilt = sysroot.join("lib/rustlib").join(target).join("lib");
        if prebuilt.is_dir() || fetch(target) && prebuilt.is_dir() {
            return Ok(Way::Prebuilt);
        }
        if sysroot.join(SOURCE).exists() {
            return Ok(Way::Source);
        }
        Way::system(target)
    }

    /// The system's Rust, which uses the system's LLVM and so has all of its back ends.
    pub(crate) fn system(target: &str) -> Result<Way> {
        if let Err(error) = setup::ensure(setup::BARE_RUST) {
            bail!("{}\n({error:#})", three_ways(target));
        }
        let system = Path::new("/usr/lib").join("rustlib/src/rust/library/Cargo.lock");
        match system.exists() {
            true => Ok(Way::System),
            false => bail!("{}", three_ways(target)),
        }
    }

    /// A cargo of the toolchain that this way uses.
    pub(crate) fn cargo(&self) -> Command {
        match self {
            Way::Prebuilt | Way::Source => workspace::cargo(&[]),
            Way::System => {
                // Both must be named: the packaged cargo would otherwise pick
                // the first rustc of the search path, and compiler and library
                // source have to be of one version.
                let mut command = Command::new("/usr/bin/cargo");
                command.env("RUSTC", "/usr/bin/rustc");
                command.env_remove("RUSTUP_TOOLCHAIN");
                command
            }
        }
    }

    /// Adds what builds the library from source, where that is needed.
    pub(crate) fn add_build_std(&self, command: &mut Command, library: Library) {
        if matches!(self, Way::Prebuilt) {
            return;
        }
        command.env("RUSTC_BOOTSTRAP", "1").args(match library {
            Library::Core => [
                "-Zbuild-std=core,alloc,compiler_builtins",
                "-Zbuild-std-features=compiler-builtins-mem",
            ],
            Library::Std => ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features="],
        });
    }
}

/// Asks rustup for a target's library; false without rustup, without connection, or where there is none for it.
fn fetch(target: &str) -> bool {
    // rustup changes one thing at a time.
    static ASKING: Mutex<()> = Mutex::new(());
    let _asking = ASKING.lock();
    if !process::exists("rustup") {
        return false;
    }
    let mut command = Command::new("rustup");
    // From here, because this folder's toolchain is meant.
    let command = command
        .args(["target", "add", target])
        .current_dir(workspace::root());
    let done = process::capture(command, FETCH_LIMIT);
    let fetched = done.is_ok_and(|done| done.code == Some(0));
    if fetched {
        println!("installed with rustup: the library for {target}");
    }
    fetched
}

/// How long rustup may take.
const FETCH_LIMIT: Duration = Duration::from_secs(300);

/// Present when a toolchain carries its library's source.
const SOURCE: &str = "lib/rustlib/src/rust/library/Cargo.lock";

fn three_ways(target: &str) -> String {
    format!(
        "no Rust library for {target}; one of these provides it:\n  \
         rustup target add {target}\n  \
         rustup component add rust-src\n  \
         apt-get install rustc-web cargo-web rust-web-src"
    )
}
