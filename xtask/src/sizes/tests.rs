//! Tests of the size report.

use super::{Figures, compare, markdown, read};

fn figures(rows: &[(&str, u64)]) -> Figures {
    rows.iter()
        .map(|(name, bytes)| ((*name).to_owned(), *bytes))
        .collect()
}

#[test]
fn the_report_reads_back() {
    let figures = figures(&[("container sieve aot", 12_345), ("runtime hosted iwasm", 7)]);
    assert_eq!(read(&markdown(&figures)), figures);
}

#[test]
fn growth_and_unknown_names_fail() {
    let old = figures(&[("a", 1000), ("b", 1000)]);
    let tally = compare(&old, &figures(&[("a", 1020), ("b", 900)]));
    assert_eq!((tally.passed, tally.failed), (2, 0));
    let tally = compare(&old, &figures(&[("a", 1021), ("c", 1)]));
    assert_eq!((tally.passed, tally.failed), (0, 2));
}
