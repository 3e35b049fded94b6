//! The modules of `fixtures/wat`.

use std::path::{Path, PathBuf};

/// Every fixture that compiles, by path.
pub(crate) fn valid() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/wat");
    let mut found = Vec::new();
    for family in std::fs::read_dir(root).expect("fixtures") {
        let family = family.expect("a family").path();
        if family.ends_with("errors") {
            continue;
        }
        for case in std::fs::read_dir(family).expect("cases") {
            found.push(case.expect("a case").path());
        }
    }
    found.sort();
    found
}

/// A fixture as text.
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A fixture as a module.
pub(crate) fn wasm(path: &Path) -> Vec<u8> {
    wat::parse_str(text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
