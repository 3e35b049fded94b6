//! Tests of reading closing lines.

use super::Tally;

const CASES: &[(&str, (u64, u64, u64))] = &[
    ("12 passed, 0 failed", (12, 0, 0)),
    ("12 passed, 3 failed, 4 skipped", (12, 3, 4)),
    (
        "guard: 12 passed, 3 failed\nchecked: 1 passed, 0 failed",
        (13, 3, 0),
    ),
    (
        "test result: ok. 5 passed; 0 failed; 2 ignored; 0 measured; 1 filtered out; finished in 0.00s",
        (5, 0, 2),
    ),
    (
        "test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        (5, 1, 0),
    ),
    ("running 5 tests\nnothing here passed, or failed", (0, 0, 0)),
];

#[test]
fn closing_lines_are_read_back() {
    for (text, (passed, failed, skipped)) in CASES {
        let want = Tally {
            passed: *passed,
            failed: *failed,
            skipped: *skipped,
        };
        assert_eq!(Tally::read(text), want, "{text}");
    }
}
