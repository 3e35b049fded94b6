//! Relocation vectors of `fixtures/reloc/`: every row of every architecture, on any host, with both range edges.
//!
//! A line is `ROW P S A BEFORE[@OFFSET] => AFTER | ERROR`; see the head of a fixture.

use std::collections::{BTreeMap, BTreeSet};

use targets::reloc::{self, Range, RelocError};
use targets::{ALL, Target};

struct Vector {
    row: String,
    place: u64,
    symbol: u64,
    addend: i64,
    before: Vec<u8>,
    offset: u64,
    want: Result<Vec<u8>, String>,
}

#[test]
fn vectors() {
    for target in ALL {
        check(target);
    }
}

fn check(target: &Target) {
    let path = format!(
        "{}/../fixtures/reloc/{}.txt",
        env!("CARGO_MANIFEST_DIR"),
        target.arch.file()
    );
    if target.relocs.is_empty() {
        return;
    }
    let text = std::fs::read_to_string(&path).expect("a fixture per target");
    let mut reached: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Some(vector) = parse(line) else { continue };
        let row = target.relocs.iter().find(|row| row.name == vector.row);
        let row = row.unwrap_or_else(|| panic!("{path}:{number}: no row {}", vector.row));
        let mut bytes = vector.before;
        let result = reloc::apply(
            row,
            &mut bytes,
            vector.offset,
            vector.place,
            vector.symbol,
            vector.addend,
        );
        let got = result.map(|()| bytes).map_err(|error| match error {
            RelocError::OutOfSection { .. } => "section".to_owned(),
            RelocError::Misaligned { .. } => "misaligned".to_owned(),
            RelocError::OutOfRange { .. } => "range".to_owned(),
        });
        assert_eq!(got, vector.want, "{path}:{number}: {line}");
        let kind = match result {
            Ok(()) => "value",
            Err(RelocError::OutOfRange { value, .. }) if value < 0 => "below",
            Err(RelocError::OutOfRange { .. }) => "above",
            Err(_) => "other",
        };
        reached.entry(vector.row).or_default().insert(kind);
    }
    for row in target.relocs {
        let kinds = reached.get(row.name).cloned().unwrap_or_default();
        assert!(kinds.contains("value"), "{path}: no value of {}", row.name);
        if row.range != Range::Any {
            let edges = ["above", "below"].iter().all(|edge| kinds.contains(edge));
            assert!(edges, "{path}: not both range edges of {}", row.name);
        }
    }
}

/// `None` for comments and empty lines.
fn parse(line: &str) -> Option<Vector> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (input, want) = line.split_once("=>").expect("an arrow");
    let fields: Vec<&str> = input.split_whitespace().collect();
    let [row, place, symbol, addend, before] = fields[..] else {
        panic!("five fields before the arrow: {line}");
    };
    let (before, offset) = before.split_once('@').unwrap_or((before, "0"));
    let want = want.trim();
    Some(Vector {
        row: row.to_owned(),
        place: u64::from_str_radix(place, 16).unwrap(),
        symbol: u64::from_str_radix(symbol, 16).unwrap(),
        addend: i64::from_str_radix(addend, 16).unwrap(),
        before: bytes(before).expect("hexadecimal bytes"),
        offset: offset.parse().unwrap(),
        want: bytes(want).ok_or_else(|| want.to_owned()),
    })
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
