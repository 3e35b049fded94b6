//! Measures code size: the runtime per target, the container per program.
//!
//! The runtime's figure is what its own crates put into a library (text and
//! read-only data before a linker drops unused parts); generic code is counted
//! where it is used. The report is committed; `--check` fails when a figure
//! grew by more than 2 % without it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::flag::Flags;
use crate::tally::Tally;
use crate::workspace::Tools;
use crate::{Outcome, bare, corpus, process, program, setup, workspace};

/// Growth that needs the report to be updated in the same change.
const ALLOWED: f64 = 1.02;

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let check = flags.present("--check");
    flags.finish()?;
    setup::ensure(&[setup::BUILD, setup::PROGRAMS].concat())?;
    let tools = workspace::build()?;
    let figures = measure(&tools)?;
    let path = workspace::root().join("docs/sizes.md");
    if check {
        let old = std::fs::read_to_string(&path).with_context(|| workspace::shown(&path))?;
        return Ok(compare(&read(&old), &figures).close());
    }
    std::fs::write(&path, markdown(&figures))?;
    println!("{}", markdown(&figures));
    let tally = Tally {
        passed: figures.len() as u64,
        ..Tally::default()
    };
    Ok(tally.close())
}

/// Every figure in bytes, by name; a name starts with its table's.
type Figures = BTreeMap<String, u64>;

fn measure(tools: &Tools) -> Result<Figures> {
    let mut figures = Figures::new();
    for target in bare::TARGETS {
        let folder = bare::build(target)?;
        for name in ["targets", "aot_format", "aot_runtime"] {
            let library = folder.join(format!("lib{name}.rlib"));
            figures.insert(format!("runtime {target} {name}"), text(&library)?);
        }
    }
    figures.insert("runtime hosted iwasm".to_owned(), text(&tools.iwasm.path)?);
    for program in program::all("")? {
        let built = program.build()?;
        let aot = workspace::scratch("sizes")?.join(format!("{}.aot", program.name));
        if let Err(detail) = corpus::compile(&tools.wamrc, &built.wasm, &aot, &[]) {
            bail!("{}: {detail}", program.name);
        }
        let bytes = |path: &PathBuf| Ok::<u64, anyhow::Error>(path.metadata()?.len());
        figures.insert(
            format!("container {} wasm", program.name),
            bytes(&built.wasm)?,
        );
        figures.insert(format!("container {} aot", program.name), bytes(&aot)?);
    }
    Ok(figures)
}

/// The `text` column of LLVM's size tool, summed over a library's members.
fn text(file: &Path) -> Result<u64> {
    let tool = match process::exists("llvm-size-22") {
        true => "llvm-size-22",
        false => "size",
    };
    let printed = process::output(Command::new(tool).arg(file))?;
    let rows = printed.lines().skip(1);
    Ok(rows
        .filter_map(|row| row.split_whitespace().next()?.parse::<u64>().ok())
        .sum())
}

fn markdown(figures: &Figures) -> String {
    let mut text = String::from(
        "# Sizes\n\nWritten by `cargo xtask sizes`; bytes.\n\n\
         Runtime: text and read-only data of its crates as a library, before a linker\n\
         drops what is unused. Container: a program's wasm and its compiled file.\n\n\
         | what | bytes |\n| --- | --: |\n",
    );
    for (name, bytes) in figures {
        text.push_str(&format!("| {name} | {bytes} |\n"));
    }
    text
}

/// Reads the figures back from the report.
fn read(report: &str) -> Figures {
    let mut figures = Figures::new();
    for line in report.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, name, bytes, _] = cells[..]
            && let Ok(bytes) = bytes.parse()
        {
            figures.insert(name.to_owned(), bytes);
        }
    }
    figures
}

fn compare(old: &Figures, new: &Figures) -> Tally {
    let mut tally = Tally::default();
    for (name, bytes) in new {
        let result = match old.get(name) {
            Some(before) if *bytes as f64 > *before as f64 * ALLOWED => Err(format!(
                "{bytes} bytes, docs/sizes.md says {before}: run `cargo xtask sizes` and say why"
            )),
            Some(_) => Ok(format!("{bytes} bytes")),
            None => Err("not in docs/sizes.md: run `cargo xtask sizes`".to_owned()),
        };
        tally.check(name, result);
    }
    tally
}

#[cfg(test)]
mod tests;
