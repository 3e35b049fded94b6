//! An excuse moves a failure, and is one itself once it is not needed.

use super::*;
use crate::cross::machine::{self, MACHINES};
use crate::tally::Tally;

const EXCUSE: Excuse = Excuse {
    machines: SMALL,
    file: "a/b.wast",
    lines: &[7],
    reason: "why",
};

fn outcome(failures: &[&str]) -> Outcome {
    let failures: Vec<String> = failures.iter().map(|&line| line.to_owned()).collect();
    Outcome {
        count: Tally {
            passed: 10,
            failed: failures.len() as u64,
            skipped: 0,
        },
        failures,
    }
}

#[test]
fn only_the_listed_line_is_excused() {
    let mut outcome = outcome(&["a/b.wast:7: x", "a/b.wast:70: y"]);
    EXCUSE.apply(7, &mut outcome);
    assert_eq!(outcome.failures, ["a/b.wast:70: y"]);
    let Tally {
        passed,
        failed,
        skipped,
    } = outcome.count;
    assert_eq!((passed, failed, skipped), (10, 1, 1));
}

#[test]
fn what_holds_needs_no_excuse() {
    let mut outcome = outcome(&[]);
    EXCUSE.apply(7, &mut outcome);
    assert_eq!(
        outcome.failures,
        ["a/b.wast:7: listed as not holding (why), but it holds"]
    );
    assert_eq!((outcome.count.passed, outcome.count.failed), (9, 1));
}

#[test]
fn rows_name_machines() {
    for name in EXCUSES.iter().flat_map(|excuse| excuse.machines) {
        assert!(MACHINES.iter().any(|known| known.name == *name), "{name}");
    }
    let excused = machine::by_name("thumbv7m").map(|machine| of(machine).count());
    assert!(excused.is_ok_and(|count| count > 0));
}
