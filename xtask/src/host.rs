//! The compiler on another machine: built for AArch64 Linux, run under an emulator, its files compared with those made here,
//! byte for byte.
//!
//! LLVM for that machine is Debian's package, unpacked below `target/`; nothing is installed for it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::bare::{self, Library};
use crate::flag::Flags;
use crate::setup::{self, Need};
use crate::tally::Tally;
use crate::{Outcome, process, program, workspace};

/// Rust's and Debian's names of the machine, and the prefix of its tools.
const RUST: &str = "aarch64-unknown-linux-gnu";
const DEBIAN: &str = "arm64";
const TOOLS: &str = "aarch64-linux-gnu";

const NEEDS: &[Need] = &[
    Need::program("gcc-aarch64-linux-gnu", "aarch64-linux-gnu-gcc"),
    Need::c_library("libc6-dev-arm64-cross", "aarch64-linux-gnu-gcc"),
    Need::program("qemu-user", "qemu-aarch64"),
];

/// Targets without being told: one of each width and byte order, and one that goes through an assembler.
const TARGETS: &[&str] = &["x86_64", "thumbv7em", "riscv64", "mips", "xtensa"];

/// How many modules to compile: the compiler is some thirty times slower there.
const MODULES: usize = 4;

const LIMIT: Duration = Duration::from_secs(3600);

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let wamrc_flags = flags.wamrc()?;
    let named: Vec<String> = std::iter::from_fn(|| flags.word()).collect();
    flags.finish()?;
    setup::ensure(&[setup::BUILD, setup::PROGRAMS, NEEDS].concat())?;
    let modules = modules()?;
    let here = workspace::build()?;
    let there = Host::build()?;
    let targets: Vec<&str> = match named.is_empty() {
        true => TARGETS.to_vec(),
        false => named.iter().map(String::as_str).collect(),
    };
    let mut tally = Tally::default();
    for target in targets {
        let flags = [vec![format!("--target={target}")], wamrc_flags.clone()].concat();
        let folders = ["here", "there"].map(|side| workspace::scratch(&format!("host/{side}")));
        let [ours, theirs] = folders;
        let (ours, theirs) = (ours?, theirs?);
        compile(Command::new(&here.wamrc), &flags, &ours, &modules)?;
        compile(there.wamrc(), &flags, &theirs, &modules)?;
        for module in &modules {
            let name = module.with_extension("aot");
            let name = Path::new(name.file_name().unwrap_or_default());
            let [a, b] = [&ours, &theirs].map(|folder| std::fs::read(folder.join(name)));
            let same = match a? == b? {
                true => Ok(String::new()),
                false => Err("the bytes differ".to_owned()),
            };
            tally.check(&format!("{target} {}", name.display()), same);
        }
    }
    Ok(tally.close())
}

/// The smallest modules of `fixtures/programs`.
fn modules() -> Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    for program in program::all("")? {
        let wasm = program.build()?.wasm;
        modules.push((wasm.metadata()?.len(), wasm));
    }
    modules.sort();
    modules.truncate(MODULES);
    Ok(modules.into_iter().map(|(_, wasm)| wasm).collect())
}

/// Compiles all modules at once: starting the emulator takes a second.
fn compile(
    mut command: Command,
    flags: &[String],
    folder: &Path,
    modules: &[PathBuf],
) -> Result<()> {
    command
        .args(flags)
        .arg("--out-dir")
        .arg(folder)
        .args(modules);
    process::succeed(&mut command, LIMIT).map(drop)
}

/// The other machine.
struct Host {
    wamrc: PathBuf,
    root: PathBuf,
}

impl Host {
    fn build() -> Result<Host> {
        let root = unpack()?;
        let libraries = root.join("usr/lib").join(TOOLS);
        let folder = workspace::target().join("host");
        let prefix = llvm_config(&folder, &libraries)?;
        let compiler = format!("{TOOLS}-gcc");
        let flags = format!(
            "-Clinker={compiler} -Clink-arg=-Wl,--allow-shlib-undefined -Lnative={}",
            libraries.display()
        );
        let mut command = bare::command(RUST, Library::Std, &folder, &flags)?;
        command
            .args(["-p", "wamrc", "--bin", "wamrc"])
            .env(format!("CC_{}", RUST.replace('-', "_")), &compiler)
            .env("LLVM_SYS_221_PREFIX", prefix)
            .env("CARGO_PROFILE_RELEASE_LTO", "off");
        process::stream(&mut command)?;
        let wamrc = folder.join(RUST).join("release/wamrc");
        Ok(Host { wamrc, root })
    }

    /// A command that starts the compiler there.
    fn wamrc(&self) -> Command {
        let paths = ["usr/lib", "lib"].map(|path| self.root.join(path).join(TOOLS));
        let [a, b] = paths.map(|path| path.display().to_string());
        let mut command = Command::new("qemu-aarch64");
        command.arg("-L").arg(&self.root);
        command.args(["-E", &format!("LD_LIBRARY_PATH={a}:{b}")]);
        command.arg(&self.wamrc);
        command
    }
}

/// A folder with an `llvm-config` that answers as this machine's does, but names the other one's libraries.
fn llvm_config(folder: &Path, libraries: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let prefix = folder.join("llvm");
    let script = prefix.join("bin/llvm-config");
    std::fs::create_dir_all(prefix.join("bin"))?;
    let own = process::output(Command::new("llvm-config-22").arg("--libdir"))?;
    let text = format!(
        "#!/bin/sh\nllvm-config-22 \"$@\" | sed 's|{}|{}|g'\n",
        own.trim(),
        libraries.display()
    );
    std::fs::write(&script, text)?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
    Ok(prefix)
}

/// What apt is told so that it looks at the other machine's packages and at nothing of this system but its sources.
fn apt(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let setting = |name: &str, value: String| ["-o".to_owned(), format!("{name}={value}")];
    let lists = folder.join("lists").display().to_string();
    let cache = folder.join("cache").display().to_string();
    let status = folder.join("status").display().to_string();
    command
        .args(setting("APT::Architecture", DEBIAN.to_owned()))
        .args(setting("APT::Architectures", DEBIAN.to_owned()))
        .args(setting("Dir::State::Lists", lists))
        .args(setting("Dir::State::status", status))
        .args(setting("Dir::Cache", cache))
        .args(setting("APT::Sandbox::User", "root".to_owned()));
    command
}

/// Fetches LLVM's library and what it needs, and unpacks them; the folder.
fn unpack() -> Result<PathBuf> {
    let folder = workspace::target().join("host/packages");
    let root = folder.join("root");
    let libraries = root.join("usr/lib").join(TOOLS);
    if libraries.join("libffi.so").exists() {
        return Ok(root);
    }
    for name in ["lists/partial", "cache/archives/partial", "debs"] {
        std::fs::create_dir_all(folder.join(name))?;
    }
    std::fs::write(folder.join("status"), "")?;
    println!("fetching LLVM for {DEBIAN}");
    process::output(apt("apt-get", &folder).arg("update")).context("reading package lists")?;
    let plan = ["install", "-s", "--no-install-recommends", "libllvm22"];
    let plan = process::output(apt("apt-get", &folder).args(plan))?;
    let names = plan.lines().filter_map(|line| line.strip_prefix("Inst "));
    let names: Vec<&str> = names
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let debs = folder.join("debs");
    let mut download = apt("apt-get", &folder);
    process::output(download.arg("download").args(names).current_dir(&debs))?;
    for entry in std::fs::read_dir(&debs)? {
        let mut extract = Command::new("dpkg");
        process::output(extract.arg("-x").arg(entry?.path()).arg(&root))?;
    }
    // What development packages have: the names that linkers look for.
    for (name, file) in [
        ("libffi.so", "libffi.so.8"),
        ("libstdc++.so", "libstdc++.so.6"),
    ] {
        std::os::unix::fs::symlink(file, libraries.join(name))
            .with_context(|| format!("{name} in {}", libraries.display()))?;
    }
    Ok(root)
}
