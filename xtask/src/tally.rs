//! Counts what passed and failed, and prints the closing line that people and
//! machines read: `N passed, N failed`, with `, N skipped` when there are any.
//!
//! Also reads such lines (ours and libtest's) back from a child's output.

use anyhow::{Result, bail};

use crate::Outcome;

/// A running count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// Counts one check and prints its line; `detail` follows a failure.
    pub(crate) fn check(&mut self, name: &str, result: Result<String, String>) {
        match result {
            Ok(note) => {
                self.passed += 1;
                println!("{}", format!("ok      {name}  {note}").trim_end());
            }
            Err(detail) => {
                self.failed += 1;
                println!("FAILED  {name}");
                for line in detail.lines() {
                    println!("        {line}");
                }
            }
        }
    }

    /// Counts one check that could not be made, and says why.
    pub(crate) fn skip(&mut self, name: &str, reason: &str) {
        println!("skipped {name}  ({reason})");
        self.skipped += 1;
    }

    /// Adds another count.
    pub(crate) fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Prints the closing line and tells how the process should end.
    pub(crate) fn close(self) -> Outcome {
        let Tally {
            passed,
            failed,
            skipped,
        } = self;
        match skipped {
            0 => println!("{passed} passed, {failed} failed"),
            _ => println!("{passed} passed, {failed} failed, {skipped} skipped"),
        }
        match failed {
            0 => Outcome::Passed,
            _ => Outcome::Failed,
        }
    }

    /// Adds up every closing line in a child's output: libtest's
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …` and our own.
    pub(crate) fn read(output: &str) -> Tally {
        let mut sum = Tally::default();
        for line in output.lines() {
            let numbers = match line.strip_prefix("test result: ") {
                Some(rest) => rest.split_once(". ").map(|(_, counts)| counts),
                None => Some(without_label(line)),
            };
            if let Some(tally) = numbers.and_then(Tally::read_counts) {
                sum.add(tally);
            }
        }
        sum
    }

    /// Reads `N passed, N failed[, N skipped]` with commas or semicolons.
    pub(crate) fn read_counts(text: &str) -> Option<Tally> {
        let mut tally = Tally::default();
        let mut seen = 0;
        for (place, part) in text.split([',', ';']).enumerate() {
            let (number, word) = part.trim().split_once(' ')?;
            let Ok(number) = number.parse::<u64>() else {
                break;
            };
            match (place, word) {
                (0, "passed") => tally.passed = number,
                (1, "failed") => tally.failed = number,
                (_, "skipped" | "ignored") => tally.skipped = number,
                (0 | 1, _) => return None,
                _ => {}
            }
            seen += 1;
        }
        (seen >= 2).then_some(tally)
    }
}

/// Runs a check in both bounds-check modes (the values of `--bounds-checks`), a thread for each: only for checks whose
/// outcome does not depend on time.
pub(crate) fn in_both_modes(check: impl Fn(&str) -> Result<Tally> + Sync) -> Result<Tally> {
    std::thread::scope(|scope| {
        let checked = scope.spawn(|| check("1"));
        let mut tally = check("0")?;
        match checked.join() {
            Ok(counted) => tally.add(counted?),
            Err(_) => bail!("the thread of the checked mode panicked"),
        }
        Ok(tally)
    })
}

/// Drops one leading `word:`.
fn without_label(line: &str) -> &str {
    match line.split_once(": ") {
        Some((label, rest)) if !label.contains(' ') => rest,
        _ => line,
    }
}

#[cfg(test)]
mod tests;
