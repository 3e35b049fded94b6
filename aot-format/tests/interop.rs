//! Files made by stock tools, when a folder of them is at hand: every one reads, dumps, and is written back byte for byte.
//!
//! The folder is `$WAMRC_SHARED/interop/aot`, or `../shared/interop/aot` beside the workspace; without it the
//! test passes, as the repository holds nothing of stock's.

use std::path::PathBuf;

use aot_format::{Artifact, View};

/// Path and bytes of each stock file; empty without the folder.
fn stock_files() -> Vec<(PathBuf, Vec<u8>)> {
    let shared = match std::env::var_os("WAMRC_SHARED") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
    };
    let Ok(folder) = std::fs::read_dir(shared.join("interop/aot")) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "aot"))
        .map(|path| (path.clone(), std::fs::read(&path).expect("readable file")))
        .collect()
}

#[test]
fn stock_files_round_trip() {
    for (path, bytes) in stock_files() {
        let name = path.display();
        let view = View::read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(aot_format::dump::to_string(&view).starts_with("aot version 6\n"));
        assert!(view.record().is_none(), "{name}");
        let written = Artifact::from_view(&view).write();
        let written = written.unwrap_or_else(|error| panic!("{name}: {error}"));
        let first = written.iter().zip(&bytes).position(|(a, b)| a != b);
        assert_eq!(first, None, "{name}: differs at {first:x?}");
        assert_eq!(written.len(), bytes.len(), "{name}");
    }
}
