//! Relocation vectors of `fixtures/reloc/`: every row of every target, on any host, with both range edges.
//!
//! A line is `ROW P S A BEFORE[@OFFSET] => AFTER | ERROR`; see the head of a fixture.

use std::collections::{BTreeMap, BTreeSet};

use targets::field::Pattern;
use targets::reloc::{self, Range, RelocError, Row};
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

/// What must be seen of each row, by name.
type Reached = BTreeMap<String, BTreeSet<&'static str>>;

fn check(target: &Target) {
    let path = format!(
        "{}/../fixtures/reloc/{}.txt",
        env!("CARGO_MANIFEST_DIR"),
        target.arch.file()
    );
    let text = std::fs::read_to_string(&path).expect("a fixture per architecture");
    let mut reached = Reached::new();
    let mut meant = true;
    for (number, line) in (1..).zip(text.lines()) {
        let place = format!("{path}:{number} for {}: {line}", target.name);
        if let Some(names) = line.strip_prefix('[') {
            let names: Vec<&str> = names.trim_end_matches(']').split_whitespace().collect();
            let known = |name: &&str| ALL.iter().any(|target| target.name == *name);
            assert!(names.iter().all(known), "{place}");
            meant = names.is_empty() || names.contains(&target.name);
        } else if let Some(vector) = parse(line).filter(|_| meant) {
            run(target, vector, &mut reached, &place);
        }
    }
    for (name, row) in rows(target) {
        let kinds = reached.get(&name).cloned().unwrap_or_default();
        for kind in needed(row) {
            assert!(kinds.contains(kind), "{}: no {kind} of {name}", target.name);
        }
    }
}

/// The rows of a target by the name vectors call them.
fn rows(target: &Target) -> impl Iterator<Item = (String, &'static Row)> {
    let plain = target.relocs.iter().map(|row| (row.name.to_owned(), row));
    let object = target.object_relocs.iter().map(|row| {
        let double = target.row(row.number).is_some();
        let suffix = if double { "/object" } else { "" };
        (format!("{}{suffix}", row.name), row)
    });
    plain.chain(object)
}

/// Kinds of vectors a row must have.
fn needed(row: &Row) -> impl Iterator<Item = &'static str> {
    let edges = row.range != Range::Any;
    let kinds = [
        ("value", true),
        ("above", edges),
        ("below", edges && !matches!(row.range, Range::Negative(_))),
        ("misaligned", row.align > 1),
        ("uneven", row.field.unit > 0),
        ("instruction", row.field.expect != Pattern::ANY),
    ];
    kinds
        .into_iter()
        .filter(|(_, yes)| *yes)
        .map(|(kind, _)| kind)
}

fn run(target: &Target, vector: Vector, reached: &mut Reached, place: &str) {
    let row = rows(target).find(|(name, _)| *name == vector.row);
    let (_, row) = row.unwrap_or_else(|| panic!("{place}: no such row"));
    let mut bytes = vector.before;
    let result = reloc::apply(
        row,
        &mut bytes,
        vector.offset,
        vector.place,
        vector.symbol,
        vector.addend,
    );
    let kind = match result {
        Ok(()) => "value",
        Err(RelocError::OutOfRange { value, .. }) if value < 0 => "below",
        Err(RelocError::OutOfRange { .. }) => "above",
        Err(RelocError::OutOfSection { .. }) => "section",
        Err(RelocError::Misaligned { .. }) => "misaligned",
        Err(RelocError::Instruction { .. }) => "instruction",
        Err(RelocError::Uneven { .. }) => "uneven",
    };
    let got = result.map(|()| bytes).map_err(|error| match error {
        RelocError::OutOfRange { .. } => "range",
        _ => kind,
    });
    let got = got.map_err(str::to_owned);
    assert_eq!(got, vector.want, "{place}");
    reached.entry(vector.row).or_default().insert(kind);
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
