//! Shapes are consistent in themselves: runs do not overlap, stay inside, and what is written can be read back.

use std::vec::Vec;

use super::{ALL, Addend, Field, Order, Run};
use crate::Endian;

fn variants(field: &Field) -> Vec<&'static [Run]> {
    let other = field.other.map(|(_, runs)| runs);
    core::iter::once(field.runs).chain(other).collect()
}

#[test]
fn runs_are_inside_and_apart() {
    for (name, field) in ALL {
        assert!((1..=8).contains(&field.size), "{name}");
        assert!(field.order == Order::Whole || field.size % 2 == 0, "{name}");
        for runs in variants(field) {
            let (mut word, mut value) = (0_u64, 0_u64);
            for run in runs {
                assert!(
                    u32::from(run.to + run.bits) <= u32::from(field.size) * 8,
                    "{name}"
                );
                let placed = run.mask() << run.to;
                assert_eq!(word & placed, 0, "{name}: overlapping in the word");
                word |= placed;
                let taken = run.mask() << run.from;
                assert_eq!(value & taken, 0, "{name}: overlapping in the value");
                value |= taken;
                assert!(u32::from(run.from + run.bits) <= field.bits(), "{name}");
            }
            assert!(
                value.trailing_zeros() >= u32::from(field.unit),
                "{name}: low bits that must be zero are stored"
            );
            assert_eq!(
                word & field.expect.mask,
                0,
                "{name}: the opcode is overwritten"
            );
        }
    }
}

#[test]
fn what_is_written_is_read() {
    for (name, field) in ALL {
        let rounds = variants(field)
            .into_iter()
            .flatten()
            .any(|run| run.round != 0);
        if rounds || field.addend == Addend::Low || field.runs.is_empty() {
            continue;
        }
        let stored: u64 = field.runs.iter().map(|run| run.mask() << run.from).sum();
        for endian in [Endian::Little, Endian::Big] {
            for value in [0, 1, u64::MAX, 0x0123_4567_89AB_CDEF, 0x5555_5555_5555_5555] {
                for fill in [0, 0xFF] {
                    let mut bytes = [fill; 8];
                    assert_eq!(field.write(&mut bytes, endian, value), Some(()));
                    let read = field.read(&bytes, endian).unwrap();
                    assert_eq!(read.cast_unsigned() & stored, value & stored, "{name}");
                    let unused = 64 - field.bits();
                    let extended = match field.addend {
                        Addend::Unsigned => (read.cast_unsigned() << unused) >> unused,
                        _ => ((read << unused) >> unused).cast_unsigned(),
                    };
                    assert_eq!(read.cast_unsigned(), extended, "{name}: extended");
                    assert!(
                        bytes[field.size()..].iter().all(|byte| *byte == fill),
                        "{name}"
                    );
                }
            }
        }
        let mut short = [0; 8];
        let short = &mut short[..field.size() - 1];
        assert_eq!(field.write(short, Endian::Little, 0), None);
        assert_eq!(field.read(short, Endian::Little), None);
        assert_eq!(field.fits(short, Endian::Little), None);
    }
}
