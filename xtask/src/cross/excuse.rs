//! Assertions that cannot hold on a machine, or in its emulator, each with the reason.
//!
//! They count as skipped; one that holds all the same fails the run. What holds nowhere is in `fixtures/spec/skip.toml`
//! instead, and whole scripts that a machine is without are in its row.

use std::collections::BTreeMap;

use super::machine::Machine;
use super::run::Outcome;

/// Assertions of one script.
pub(super) struct Excuse {
    /// Names of machines.
    machines: &'static [&'static str],
    /// `FOLDER/NAME.wast`.
    pub(super) file: &'static str,
    /// First lines of the assertions.
    pub(super) lines: &'static [u32],
    /// With the instruction, where that is at fault.
    pub(super) reason: &'static str,
}

/// Boards with 16 MiB of memory in one piece, which is all that QEMU has for these processors.
const SMALL: &[&str] = &[
    "thumbv7m",
    "thumbv7em",
    "thumbv7em-hf",
    "thumbv8m.base",
    "thumbv8m.main",
];

/// Why memories do not grow there.
const ROOM: &str = "grows a memory to 20 MB, on a board with 16 MiB";

/// Memories that do not grow there, and what is asked of them afterwards.
const fn grows(file: &'static str, lines: &'static [u32]) -> Excuse {
    Excuse {
        machines: SMALL,
        file,
        lines,
        reason: ROOM,
    }
}

/// All of them.
const EXCUSES: &[Excuse] = &[
    grows("memory64/memory_grow64.wast", &[45, 46]),
    grows("wasm-v2/call.wast", &[359]),
    grows("wasm-v2/call_indirect.wast", &[603]),
    grows("wasm-v2/memory_grow.wast", &[45, 48]),
    grows("wasm-v3/call.wast", &[359]),
    grows("wasm-v3/call_indirect.wast", &[603]),
    grows("wasm-v3/memory_grow.wast", &[10, 13]),
];

/// What cannot hold on a machine.
pub(super) fn of(machine: &Machine) -> impl Iterator<Item = &'static Excuse> {
    let name = machine.name;
    EXCUSES
        .iter()
        .filter(move |excuse| excuse.machines.contains(&name))
}

/// Turns failures that have an excuse into skips, and excuses without failure into failures.
pub(super) fn apply(machine: &Machine, results: &mut BTreeMap<String, Outcome>) {
    for excuse in of(machine) {
        let Some(outcome) = results.get_mut(excuse.file) else {
            continue;
        };
        for line in excuse.lines {
            excuse.apply(*line, outcome);
        }
    }
}

impl Excuse {
    fn apply(&self, line: u32, outcome: &mut Outcome) {
        let place = format!("{}:{line}: ", self.file);
        let before = outcome.failures.len();
        outcome
            .failures
            .retain(|failure| !failure.starts_with(&place));
        let excused = (before - outcome.failures.len()) as u64;
        let count = &mut outcome.count;
        if excused > 0 {
            println!("skipped {place}{}", self.reason);
            count.failed = count.failed.saturating_sub(excused);
            count.skipped += excused;
            return;
        }
        let failure = format!(
            "{place}listed as not holding ({}), but it holds",
            self.reason
        );
        outcome.failures.push(failure);
        count.passed = count.passed.saturating_sub(1);
        count.failed += 1;
    }
}

#[cfg(test)]
mod tests;
