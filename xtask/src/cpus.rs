//! Reads from clang what LLVM's CPU names stand for, into `targets/src/feature/cpu.rs`.
//!
//! To be run when LLVM changes, or the features listed in `targets/src/feature/family.rs`. clang writes the features of
//! a CPU into the LLVM IR it prints; those that a family lists are kept. Names that clang does not take for a family's
//! triples are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use targets::feature::{self, Family};

use crate::flag::Flags;
use crate::{Outcome, process, workspace};

/// Where the names of a family come from.
struct Source {
    name: &'static str,
    family: &'static Family,
    triples: &'static [&'static str],
    /// The option that takes a CPU, with others it needs in front.
    options: &'static [&'static str],
}

const SOURCES: &[Source] = &[
    Source {
        name: "X86",
        family: &feature::X86,
        triples: &["x86_64", "i386"],
        options: &["-march="],
    },
    Source {
        name: "ARM",
        family: &feature::ARM,
        triples: &["armv7-none-eabihf", "thumbv7em-none-eabihf"],
        options: &["-mfloat-abi=hard", "-mcpu="],
    },
    Source {
        name: "AARCH64",
        family: &feature::AARCH64,
        triples: &["aarch64"],
        options: &["-mcpu="],
    },
    Source {
        name: "RISCV",
        family: &feature::RISCV,
        triples: &["riscv64", "riscv32"],
        options: &["-mcpu="],
    },
    Source {
        name: "MIPS",
        family: &feature::MIPS,
        triples: &["mips-linux-gnu", "mips64-linux-gnuabi64"],
        options: &["-mcpu="],
    },
];

/// Features that LLVM's code generator uses for CPUs for which Debian's clang denies them.
const DENIED: &[(&str, &str)] = &[
    ("pentium4", "sse2"),
    ("pentium4m", "sse2"),
    ("pentium-m", "sse2"),
];

/// What one run of clang may take.
const LIMIT: Duration = Duration::from_secs(60);

const HEAD: &str = "\
//! What LLVM's CPU names stand for: the features that matter, with what they imply.
//!
//! Written by `cargo xtask cpus` from what clang writes for each CPU; not to be edited. The CPU `generic` is another one for
//! each triple and stands with the targets.
";

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    flags.finish()?;
    let mut text = HEAD.to_owned();
    for source in SOURCES {
        let cpus = read(source)?;
        if cpus.is_empty() {
            bail!("clang has no CPUs for {}", source.name);
        }
        writeln!(
            text,
            "\n#[rustfmt::skip]\npub(super) const {}: &[(&str, &str)] = &[",
            source.name
        )?;
        for (cpu, features) in &cpus {
            writeln!(text, "    ({cpu:?}, {:?}),", features.join(","))?;
        }
        writeln!(text, "];")?;
        println!("{}: {} CPUs", source.name, cpus.len());
    }
    let path = workspace::root().join("targets/src/feature/cpu.rs");
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Outcome::Passed)
}

/// CPU names and their features, both ascending.
fn read(source: &Source) -> Result<BTreeMap<String, Vec<String>>> {
    let input = workspace::scratch("cpus")?.join("empty.c");
    std::fs::write(&input, "void f(void) {}\n")?;
    let mut cpus = BTreeMap::new();
    for triple in source.triples {
        let mut list = clang(triple);
        let list = process::capture(list.arg("--print-supported-cpus"), LIMIT)?.text();
        let names = list.lines().filter_map(|line| line.strip_prefix('\t'));
        for name in names.filter(|name| *name != "generic") {
            if cpus.contains_key(name) {
                continue;
            }
            let mut command = clang(triple);
            if let Some((option, others)) = source.options.split_last() {
                command.args(others).arg(format!("{option}{name}"));
            }
            command.args(["-S", "-emit-llvm", "-o", "-"]).arg(&input);
            let done = process::capture(&mut command, LIMIT)?;
            if done.code == Some(0) {
                let mut features = features(&done.text(), source.family);
                let denied = DENIED.iter().filter(|(cpu, _)| *cpu == name);
                features.extend(denied.map(|(_, feature)| (*feature).to_owned()));
                cpus.insert(name.to_owned(), features);
            }
        }
    }
    Ok(cpus)
}

/// The features that matter in the IR.
fn features(ir: &str, family: &Family) -> Vec<String> {
    let known: BTreeSet<_> = family.features.iter().map(|feature| feature.name).collect();
    let rest = ir.split_once("\"target-features\"=\"");
    let list = rest.and_then(|(_, rest)| rest.split('"').next());
    let all = list.unwrap_or("").split(',');
    let names = all.filter_map(|name| name.strip_prefix('+'));
    names
        .filter(|name| known.contains(name))
        .map(str::to_owned)
        .collect()
}

fn clang(triple: &str) -> Command {
    let mut command = Command::new("clang-22");
    command.arg(format!("--target={triple}"));
    command
}
