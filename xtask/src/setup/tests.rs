//! Tests of reading apt's answers and of the advice given without apt.

use super::{BARE_RUST, BUILD, PROGRAMS, elsewhere, offers_candidate, without_candidate};

#[test]
fn candidates_are_read() {
    assert!(offers_candidate(
        "llvm-22:\n  Installed: (none)\n  Candidate: 1:22.1.8\n"
    ));
    assert!(!offers_candidate(
        "llvm-22:\n  Installed: (none)\n  Candidate: (none)\n"
    ));
    assert!(!offers_candidate(""));
}

#[test]
fn advice_names_every_need() {
    let all: Vec<_> = [BUILD, PROGRAMS, BARE_RUST].concat();
    let text = elsewhere(&all);
    for need in all {
        assert!(text.contains(need.package), "{} missing", need.package);
        assert!(text.contains(need.what), "{} missing", need.what);
    }
    assert!(without_candidate(&["llvm-22"]).contains("llvm.sh 22"));
    assert!(!without_candidate(&["rustc-web"]).contains("llvm.sh"));
}
