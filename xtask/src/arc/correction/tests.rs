//! Tests of edits, and of the corrections against the source where it is at hand.

use super::{ALL, Change, Edit, apply};
use crate::workspace;

const REPLACED: Edit = Edit {
    file: "A.cpp",
    anchor: "one(",
    change: Change::Instead("two("),
};

const EXTENDED: Edit = Edit {
    file: "A.cpp",
    anchor: "one();",
    change: Change::LineBehind("two();"),
};

#[test]
fn places_are_changed_and_nothing_else() {
    let text = "  zero();\n  one(); // first\n  three();\n";
    assert_eq!(
        REPLACED.apply(text).unwrap(),
        "  zero();\n  two(); // first\n  three();\n"
    );
    assert_eq!(
        EXTENDED.apply(text).unwrap(),
        "  zero();\n  one(); // first\n  two();\n  three();\n"
    );
}

#[test]
fn places_must_be_there_once() {
    for (text, count) in [("zero();", 0), ("one(); one();", 2)] {
        let error = REPLACED.apply(text).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("A.cpp has \"one(\" {count} times instead of once: not the source this is for")
        );
    }
}

/// Where `cargo xtask arc-backend` has left the source: the corrections fit it, and change what they say.
#[test]
fn corrections_fit_the_source() {
    let Ok(entries) = std::fs::read_dir(workspace::target().join("xtask/arc")) else {
        println!("skipped: no source of LLVM's ARC target is at hand");
        return;
    };
    for original in entries.filter_map(|entry| Some(entry.ok()?.path().join("ARC"))) {
        if !original.join("ARC.td").is_file() {
            continue;
        }
        let corrected = workspace::scratch("test/arc-corrected").unwrap();
        apply(&original, &corrected).unwrap();
        for edit in ALL.iter().flat_map(|correction| correction.edits) {
            let text =
                |folder: &std::path::Path| std::fs::read_to_string(folder.join(edit.file)).unwrap();
            let (before, after) = (text(&original), text(&corrected));
            assert_ne!(before, after, "{}", edit.file);
            match edit.change {
                Change::Instead(new) => assert_eq!(
                    (after.matches(edit.anchor).count(), after.contains(new)),
                    (0, true)
                ),
                Change::LineBehind(new) => assert_eq!(after.matches(new).count(), 1),
            }
        }
    }
}
