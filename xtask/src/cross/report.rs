//! What the machines came to, for people who watch; `document` is for those who read.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::machine::Machine;
use super::pack::Pack;
use super::run::Outcome;
use crate::tally::Tally;
use crate::workspace;

/// Failures shown per machine; the rest is in a file.
const SHOWN: usize = 30;

/// What a machine came to.
pub(super) struct Row {
    pub(super) machine: &'static Machine,
    /// Scripts that were run; 0 if none could be.
    pub(super) files: usize,
    pub(super) modules: u64,
    pub(super) count: Tally,
    /// Assertions about validation: passed, failed, skipped.
    pub(super) decided: [u64; 3],
    pub(super) failures: Vec<String>,
    /// From first to last, with what had to be built.
    pub(super) time: Duration,
    /// Of that, the runner's.
    pub(super) ran: Duration,
}

impl Row {
    /// Adds up what the packs came to.
    pub(super) fn new(
        machine: &'static Machine,
        packs: &[Pack],
        results: &BTreeMap<String, Outcome>,
    ) -> Row {
        let mut row = Row::empty(machine);
        for pack in packs {
            if pack.without.is_some() {
                row.count.skipped += pack.assertions;
            } else {
                row.files += 1;
                row.modules += pack.modules;
            }
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

    /// A machine before anything was run.
    pub(super) fn empty(machine: &'static Machine) -> Row {
        Row {
            machine,
            files: 0,
            modules: 0,
            count: Tally::default(),
            decided: [0; 3],
            failures: Vec::new(),
            time: Duration::ZERO,
            ran: Duration::ZERO,
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
            "{:<16} {:>4} files {:>5} modules {passed:>6} passed {failed:>6} failed {skipped:>4} skipped {:>5.0} s, {:.0} s of it running",
            row.machine.name,
            row.files,
            row.modules,
            row.time.as_secs_f64(),
            row.ran.as_secs_f64()
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
