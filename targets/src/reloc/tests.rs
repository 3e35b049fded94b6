//! `apply` touches its field only, reports instead of writing, and wraps at the target's width.

use std::vec;

use super::{Calc, Range, RelocError, Row, Stored, Via, apply};
use crate::{ALL, Endian, PtrWidth, field};

#[test]
fn touches_only_its_field() {
    // A small deterministic generator: the property must hold for any S, A, P and any surrounding bytes.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for row in ALL
        .iter()
        .flat_map(|target| target.relocs.iter().chain(target.object_relocs))
    {
        for _ in 0..2000 {
            let before: vec::Vec<u8> = (0..24).map(|_| next().to_le_bytes()[0]).collect();
            let mut after = before.clone();
            let offset = next() % 24;
            let near = (next().cast_signed() >> 32) * 3 / 2;
            let symbol = next() >> 1;
            let place = symbol.wrapping_add_signed(near) & !(u64::from(row.align) - 1);
            let result = apply(
                row,
                &mut after,
                offset,
                place,
                symbol,
                next().cast_signed() >> 56,
            );
            let start = usize::try_from(offset).unwrap();
            let field = start..(start + row.field.size()).min(24);
            assert_eq!(after[..start], before[..start], "{}", row.name);
            assert_eq!(after[field.end..], before[field.end..], "{}", row.name);
            if result.is_err() {
                assert_eq!(after, before, "{}: an error writes nothing", row.name);
            }
            let inside = start + row.field.size() <= 24;
            assert_eq!(
                matches!(result, Err(RelocError::OutOfSection { .. })),
                !inside
            );
        }
    }
}

#[test]
fn ranges() {
    const CASES: &[(Range, i64, bool)] = &[
        (Range::Any, i64::MIN, true),
        (Range::Signed(32), 0x7FFF_FFFF, true),
        (Range::Signed(32), 0x8000_0000, false),
        (Range::Signed(32), -0x8000_0000, true),
        (Range::Signed(32), -0x8000_0001, false),
        (Range::Signed(64), i64::MIN, true),
        (Range::Unsigned(32), 0xFFFF_FFFF, true),
        (Range::Unsigned(32), 0x1_0000_0000, false),
        (Range::Unsigned(32), -1, false),
        (Range::Unsigned(64), -1, true),
    ];
    for (range, value, want) in CASES {
        assert_eq!(range.contains(*value), *want, "{range} {value:#x}");
    }
}

#[test]
fn thirty_two_bit_addresses_wrap() {
    let row = Row {
        number: 0,
        name: "TEST",
        calc: Calc::Rel,
        field: field::WORD32,
        range: Range::Signed(26),
        align: 4,
        stored: Stored::Ignored,
        via: Via::Direct,
        width: PtrWidth::W32,
        endian: Endian::Little,
    };
    let mut bytes = [0; 4];
    // 0x10 - 0xFFFF_FFF0 is 0x20 on a 32-bit machine.
    assert_eq!(apply(&row, &mut bytes, 0, 0xFFFF_FFF0, 0x10, 0), Ok(()));
    assert_eq!(bytes, [0x20, 0, 0, 0]);
    let misaligned = RelocError::Misaligned { place: 2, align: 4 };
    assert_eq!(apply(&row, &mut bytes, 0, 2, 0, 0), Err(misaligned));
}

#[test]
fn messages() {
    let errors = [
        RelocError::OutOfSection {
            offset: 0x10,
            size: 4,
            section: 0x12,
        },
        RelocError::Misaligned {
            place: 0x1002,
            align: 4,
        },
        RelocError::OutOfRange {
            value: -0x8000_0001,
            range: Range::Signed(32),
        },
    ];
    let text = errors.map(|error| std::format!("{error}"));
    assert_eq!(
        text,
        [
            "field of 4 bytes at 0x10 outside its section of 0x12 bytes",
            "address 0x1002 not aligned to 4",
            "value -0x80000001 outside signed 32 bits",
        ]
    );
}
