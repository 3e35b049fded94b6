//! Installs what the build and the tests need beyond Rust itself.
//!
//! On Debian and Ubuntu missing packages are installed through apt, saying so.
//! Elsewhere, or without the right to install, the exact list is printed and the
//! task stops. Costs a few file look-ups when everything is there.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::process;

/// Something the project needs from the system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    /// Debian's and Ubuntu's package.
    package: &'static str,
    /// What it is called elsewhere, for people.
    what: &'static str,
    probe: Probe,
}

impl Need {
    /// A program that `package` brings.
    pub(crate) const fn program(package: &'static str, program: &'static str) -> Need {
        Need {
            package,
            what: program,
            probe: Probe::Program(program),
        }
    }

    /// The C library of `package`, which a compiler for another machine links programs with.
    pub(crate) const fn c_library(package: &'static str, compiler: &'static str) -> Need {
        Need {
            package,
            what: "the C library of a cross compiler",
            probe: Probe::CLibrary(compiler),
        }
    }
}

/// How to see that a need is met, wherever it came from.
#[derive(Clone, Copy, Debug)]
enum Probe {
    /// A program on the search path.
    Program(&'static str),
    /// One of these files.
    File(&'static [&'static str]),
    /// The start of a program, which this C compiler can link.
    CLibrary(&'static str),
    /// A C++ runtime library that the C compiler can link.
    CxxLibrary,
}

/// What building `wamrc` takes.
pub(crate) const BUILD: &[Need] = &[
    Need {
        package: "g++",
        what: "a C++ standard library to link LLVM with",
        probe: Probe::CxxLibrary,
    },
    Need {
        package: "llvm-22-dev",
        what: "LLVM 22 libraries and headers",
        probe: Probe::File(&[
            "/usr/lib/llvm-22/include/llvm-c/Core.h",
            "/usr/include/llvm-c/Core.h",
        ]),
    },
    Need {
        package: "llvm-22",
        what: "LLVM 22 tools (llvm-config-22)",
        probe: Probe::Program("llvm-config-22"),
    },
];

/// What compiling the C programs of `fixtures/programs` takes.
pub(crate) const PROGRAMS: &[Need] = &[
    Need {
        package: "clang-22",
        what: "clang 22",
        probe: Probe::Program("clang-22"),
    },
    Need {
        package: "lld-22",
        what: "lld 22 (wasm-ld-22)",
        probe: Probe::Program("wasm-ld-22"),
    },
    Need {
        package: "wasi-libc",
        what: "wasi-libc",
        probe: Probe::File(&["/usr/lib/wasm32-wasi/libc.a"]),
    },
    Need {
        package: "libclang-rt-22-dev-wasm32",
        what: "clang 22's runtime library for wasm32",
        probe: Probe::File(&[
            "/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a",
            "/usr/lib/llvm-22/lib/clang/22/lib/wasm32-unknown-wasi/libclang_rt.builtins.a",
        ]),
    },
];

/// A second Rust with the source of its library, to build `core` for bare
/// machines where the active toolchain has neither.
pub(crate) const BARE_RUST: &[Need] = &[
    Need {
        package: "rustc-web",
        what: "a Rust compiler with library source",
        probe: Probe::File(&["/usr/bin/rustc"]),
    },
    Need {
        package: "cargo-web",
        what: "its cargo",
        probe: Probe::File(&["/usr/bin/cargo"]),
    },
    Need {
        package: "rust-web-src",
        what: "its library source",
        probe: Probe::File(&["/usr/lib/rustlib/src/rust/library/Cargo.lock"]),
    },
];

/// One installation at a time.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Makes sure that all of `needs` are met.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    // What another thread's panic has left half done is looked at afresh.
    let _installing = INSTALLING.lock();
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !met(need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !process::exists("apt-get") {
        bail!("{}", elsewhere(&missing));
    }
    install(&missing)?;
    match missing.iter().find(|need| !met(need)) {
        Some(need) => bail!(
            "{} was installed but {} was still not found",
            need.package,
            need.what
        ),
        None => Ok(()),
    }
}

fn met(need: &Need) -> bool {
    match need.probe {
        Probe::Program(program) => process::exists(program),
        Probe::File(files) => files.iter().any(|file| Path::new(file).exists()),
        Probe::CLibrary(compiler) => links(compiler.as_ref(), "crt1.o"),
        Probe::CxxLibrary => {
            let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
            ["libstdc++.so", "libc++.so"]
                .into_iter()
                .any(|library| links(&compiler, library))
        }
    }
}

/// Whether the C compiler knows where this file is: it then prints a path
/// instead of the bare name.
fn links(compiler: &OsStr, file: &str) -> bool {
    let printed = Command::new(compiler)
        .arg(format!("-print-file-name={file}"))
        .output();
    printed.is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        path != file && Path::new(&path).exists()
    })
}

/// Installs through apt, or says exactly what to type.
fn install(missing: &[Need]) -> Result<()> {
    let mut packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    packages.sort_unstable();
    packages.dedup();
    let list = packages.join(" ");
    let Some(prefix) = privilege() else {
        bail!("missing packages; as root, run:\n  apt-get update\n  apt-get install {list}");
    };
    println!("installing with apt: {list}");
    let mut update = apt(&prefix, &["update", "-qq"]);
    if let Err(error) = process::stream(&mut update) {
        println!("warning: {error:#}; trying the package lists that are there");
    }
    let unknown: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !has_candidate(package))
        .collect();
    if !unknown.is_empty() {
        bail!("{}", without_candidate(&unknown));
    }
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(&packages);
    process::stream(&mut apt(&prefix, &arguments)).context("installing packages")
}

/// How to run apt-get with the right to install: as it is for root, through
/// sudo for others; none if neither works.
fn privilege() -> Option<Vec<&'static str>> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if String::from_utf8_lossy(&id.stdout).trim() == "0" {
        return Some(Vec::new());
    }
    process::exists("sudo").then(|| vec!["sudo"])
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let mut words = prefix.to_vec();
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    words.extend(arguments);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// Whether apt knows a version of the package that it could install.
fn has_candidate(package: &str) -> bool {
    let policy = Command::new("apt-cache").args(["policy", package]).output();
    policy.is_ok_and(|output| offers_candidate(&String::from_utf8_lossy(&output.stdout)))
}

/// Reads the answer of `apt-cache policy`.
fn offers_candidate(policy: &str) -> bool {
    policy
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Candidate:"))
        .any(|candidate| candidate.trim() != "(none)")
}

/// What to do when the configured sources do not have a package.
fn without_candidate(unknown: &[&str]) -> String {
    let mut text = format!(
        "apt knows no installable version of: {}\n",
        unknown.join(" ")
    );
    if unknown.iter().any(|package| package.contains("22")) {
        text.push_str(
            "LLVM 22 comes from the LLVM project's own repository on systems that lack it:\n  \
             curl -fsSLO https://apt.llvm.org/llvm.sh && sudo bash llvm.sh 22\n\
             then run this command again. Debian 12 has LLVM 22 in its security repository:\n  \
             deb http://security.debian.org/debian-security bookworm-security main\n",
        );
    }
    if unknown.iter().any(|package| package.contains("-web")) {
        text.push_str(
            "these packages only serve the bare-metal builds; a Rust toolchain with the\n\
             targets' prebuilt library does as well (see CONTRIBUTING.md)\n",
        );
    }
    text
}

/// What to install on a system without apt.
fn elsewhere(missing: &[Need]) -> String {
    let mut text =
        "this system has no apt; please install, in the way your system does:\n".to_owned();
    for need in missing {
        text.push_str("  - ");
        text.push_str(need.what);
        text.push_str(&format!(" (Debian's package {})\n", need.package));
    }
    text.push_str(
        "llvm-config-22 must be on the search path, or LLVM_SYS_221_PREFIX name LLVM's folder;\n\
         wasi-libc is expected in /usr/lib/wasm32-wasi and /usr/include/wasm32-wasi",
    );
    text
}

#[cfg(test)]
mod tests;
