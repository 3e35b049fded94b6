//! Anything that can be written reads back equal; nothing that can be read, truncated or damaged panics.

#[path = "support/generate.rs"]
mod generate;

use aot_format::{Artifact, ReadErrorKind, View, WriteError, dump};

/// Every second artifact has garbage collection.
fn generate(seed: u64) -> Artifact<'static> {
    match seed % 2 {
        0 => generate::artifact(seed),
        _ => generate::objects::objects(seed),
    }
}

/// Reads, and uses everything a reader could use.
fn exercise(bytes: &[u8]) -> Option<usize> {
    let view = View::read(bytes).ok()?;
    let text = dump::to_string(&view);
    let artifact = Artifact::from_view(&view);
    // A damaged file that still reads may hold what the writer refuses or orders differently, but never panics.
    let written = artifact.write().map_or(0, |bytes| bytes.len());
    Some(text.len() + written)
}

#[test]
fn written_artifacts_read_back_equal() {
    for seed in 0..1600 {
        let artifact = generate(seed);
        let bytes = artifact.write();
        let bytes = bytes.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let view = View::read(&bytes).unwrap();
        assert_eq!(Artifact::from_view(&view), artifact, "seed {seed}");
        assert_eq!(artifact.write().unwrap(), bytes, "seed {seed}");
        assert!(exercise(&bytes).is_some(), "seed {seed}");
    }
}

#[test]
fn flipped_bytes_never_panic() {
    for seed in [1, 2, 3, 4, 5] {
        let mut bytes = generate(seed).write().unwrap();
        for position in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xFF] {
                bytes[position] ^= flip;
                exercise(&bytes);
                bytes[position] ^= flip;
            }
        }
    }
}

#[test]
fn truncation_never_panics_and_is_noticed() {
    for seed in 1..20 {
        let artifact = generate(seed);
        let bytes = artifact.write().unwrap();
        // A file may end after any custom section, and custom sections may end anywhere inside their bytes.
        let required = {
            let mut bare = artifact.clone();
            bare.custom.clear();
            bare.record = None;
            bare.tags = None;
            bare.write().unwrap().len()
        };
        for length in 0..bytes.len() {
            let read = exercise(&bytes[..length]);
            assert!(
                length >= required || read.is_none(),
                "seed {seed} length {length}"
            );
        }
    }
}

#[test]
fn versions_differ_in_the_version_only() {
    let mut artifact = generate::artifact(4);
    artifact.version = 5;
    let five = artifact.write().unwrap();
    artifact.version = 6;
    let six = artifact.write().unwrap();
    let differing: Vec<usize> = (0..six.len()).filter(|i| five[*i] != six[*i]).collect();
    assert_eq!((five.len(), differing), (six.len(), vec![4]));
    artifact.version = 4;
    assert_eq!(artifact.write(), Err(WriteError::Version(4)));
}

#[test]
fn every_write_error() {
    let base = generate::artifact(5);
    let mut bad = base.clone();
    bad.aux.func_count += 1;
    let entries = base.functions.len();
    let counter = bad.aux.func_count;
    assert_eq!(
        bad.write(),
        Err(WriteError::FunctionCount { counter, entries })
    );

    let mut bad = base.clone();
    let name = "x".repeat(32767);
    bad.custom = vec![aot_format::CustomSection::Raw {
        name: &name,
        bytes: &[],
    }];
    assert_eq!(bad.write(), Err(WriteError::StringTooLong(32767)));

    let mut bad = base.clone();
    bad.import_funcs = vec![aot_format::ImportFunc {
        type_index: 65536,
        module: "",
        name: "",
    }];
    assert_eq!(bad.write(), Err(WriteError::ImportType(65536)));

    let mut bad = base.clone();
    let params = vec![aot_format::ValType::I32; 65536];
    bad.types = vec![aot_format::SubType::func(&params, &[])];
    assert_eq!(bad.write(), Err(WriteError::TypeArity(65536)));

    let mut bad = base.clone();
    bad.target.bin_type = aot_format::BinType::Elf32Le;
    bad.functions = vec![aot_format::FunctionEntry {
        text_offset: 1 << 32,
        type_index: 0,
        max_local_cells: 0,
        max_stack_cells: 0,
    }];
    bad.aux.func_count = 1;
    assert_eq!(bad.write(), Err(WriteError::TooWide(1 << 32)));

    let mut bad = base.clone();
    bad.exports = vec![
        aot_format::Export {
            index: 0,
            kind: aot_format::ExportKind::Func,
            name: "twice",
        };
        2
    ];
    bad.functions = vec![aot_format::FunctionEntry {
        text_offset: 0,
        type_index: 0,
        max_local_cells: 0,
        max_stack_cells: 0,
    }];
    bad.aux.func_count = 1;
    bad.aux.start = None;
    bad.elems.clear();
    bad.globals.clear();
    bad.aux.stack_top_global = None;
    bad.data.clear();
    let error = bad.write().unwrap_err();
    assert!(
        matches!(error, WriteError::Invalid(e) if e.kind == ReadErrorKind::DuplicateExport),
        "{error}"
    );
}

#[test]
fn many_exports_are_compared_across_chunks() {
    let names: Vec<String> = (0..1000).map(|number| format!("export {number}")).collect();
    let mut artifact = Artifact::new(generate::artifact(1).target);
    artifact.memories = vec![aot_format::MemoryType::NONE];
    artifact.exports = names
        .iter()
        .map(|name| aot_format::Export {
            index: 0,
            kind: aot_format::ExportKind::Memory,
            name,
        })
        .collect();
    assert!(artifact.write().is_ok());
    for (first, second) in [(0, 999), (127, 128), (500, 501), (255, 383)] {
        let mut bad = artifact.clone();
        bad.exports[second].name = bad.exports[first].name;
        let error = bad.write().unwrap_err();
        assert!(
            matches!(error, WriteError::Invalid(e) if e.kind == ReadErrorKind::DuplicateExport)
        );
    }
}
