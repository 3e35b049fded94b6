//! Gives the compiler a name that changes with its source: what the cache takes it for.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// What machine code depends on besides LLVM: this crate, and the one that knows the targets where it is beside it.
const FOLDERS: &[&str] = &["src", "../targets/src"];

fn main() {
    let mut files = BTreeMap::new();
    for folder in FOLDERS {
        println!("cargo:rerun-if-changed={folder}");
        read(Path::new(folder), &mut files);
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    println!("cargo:rustc-env=WAMRC_SOURCE={:016x}", hasher.finish());
}

/// Adds every file of a folder; none if it is not there.
fn read(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match std::fs::read(&path) {
            Ok(bytes) => drop(files.insert(path, bytes)),
            Err(_) => read(&path, files),
        }
    }
}
