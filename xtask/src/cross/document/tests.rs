//! The document keeps what it says about machines that were not run.

use std::time::Duration;

use super::*;
use crate::cross::machine;

fn row(name: &str, passed: u64, failures: &[&str]) -> Row {
    let mut row = Row::empty(machine::by_name(name).expect("a row of the list"));
    row.files = 3;
    row.modules = 5;
    row.count.passed = passed;
    row.count.failed = failures.len() as u64;
    row.failures = failures.iter().map(|&line| line.to_owned()).collect();
    row.ran = Duration::from_secs(61);
    row
}

#[test]
fn other_machines_stay() {
    let first = merged("", &row("x86_64", 1, &["a.wast:1: one\nmore"]));
    let second = merged(&first, &row("thumbv7m", 2, &["b.wast:2: two"]));
    let third = merged(&second, &row("thumbv7m", 4, &[]));
    let new = merged(&third, &row("mips", 3, &[]));
    let table: Vec<&str> = new.lines().filter(|line| line.ends_with(" s |")).collect();
    assert_eq!(
        table,
        [
            "| x86_64 | x86-64 Linux, this machine | natively | 3 | 5 | 1 | 1 | 0 | 61 s |",
            "| mips | MIPS32 r2 Linux, big-endian, o32 | `qemu-mips` | 3 | 5 | 3 | 0 | 0 | 61 s |",
            "| thumbv7m | Cortex-M3, no operating system | `qemu-system-arm -M mps2-an385` | 3 | 5 | 4 | 0 | 0 | 61 s |",
        ]
    );
    let (_, failures) = new.split_once(FAILURES).expect("one machine still fails");
    assert_eq!(failures, "\n\n### x86_64\n\n- `a.wast:1: one`\n");
}

#[test]
fn all_passing_needs_no_list_of_failures() {
    let old = merged("", &row("mips", 1, &["a.wast:1: one"]));
    assert!(old.contains(FAILURES));
    assert!(!merged(&old, &row("mips", 2, &[])).contains(FAILURES));
}
