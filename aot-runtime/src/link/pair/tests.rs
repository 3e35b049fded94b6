//! Relocations in pairs, together and apart, applied to RISC-V instructions on any host.

use aot_format::{RawReloc, SymbolIdx};
use targets::Machine;
use targets::machine::RISCV;
use targets::reloc::apply;

use super::Pairs;

const UPPER: u32 = 23;
const LOWER_LOAD: u32 = 24;
const LOWER_STORE: u32 = 25;

/// Where the code is.
const BASE: u64 = 0x1_0000;
/// What the upper parts refer to, by symbol.
const SYMBOLS: [u64; 3] = [BASE, 0x1_2345_6000, 0x7_FABC];

fn machine() -> &'static Machine {
    let mut machines = RISCV.iter().copied();
    machines
        .find(|machine| machine.name == "riscv32")
        .expect("invariant: a row of the list")
}

const fn upper(offset: u64, symbol: u32, addend: i64) -> RawReloc {
    RawReloc {
        offset,
        addend,
        kind: UPPER,
        symbol: SymbolIdx(symbol),
    }
}

/// A lower part that names an upper part by its place: the code's symbol is 0.
const fn lower(offset: u64, kind: u32, upper: i64) -> RawReloc {
    RawReloc {
        offset,
        addend: upper,
        kind,
        symbol: SymbolIdx(0),
    }
}

/// Applies relocations as `link` does and returns the code's words.
fn relocated(code: &[u32], relocs: &[RawReloc]) -> Vec<u32> {
    let machine = machine();
    let mut bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    let value = |reloc: &RawReloc| SYMBOLS[reloc.symbol.0 as usize] & 0xFFFF_FFFF;
    let pairs = Pairs::find(machine, relocs.iter().copied(), |reloc, _| {
        value(reloc)
            .wrapping_add_signed(reloc.addend)
            .wrapping_sub(BASE)
    });
    for &reloc in relocs {
        let row = machine.row(reloc.kind).expect("a row");
        let (row, reloc) = match &pairs {
            Some(pairs) => pairs.read(machine, row, reloc),
            None => (row, reloc),
        };
        let place = BASE + reloc.offset;
        let symbol = value(&reloc);
        apply(row, &mut bytes, reloc.offset, place, symbol, reloc.addend).expect("it fits");
    }
    let words = bytes.chunks_exact(4);
    words
        .map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")))
        .collect()
}

/// What `auipc` at `upper` and the 12 bits of a load or store at `lower` give as an address.
fn address(code: &[u32], upper: usize, lower: usize) -> u32 {
    let place = u32::try_from(BASE).unwrap() + 4 * u32::try_from(upper).unwrap();
    let word = code[lower];
    let store = word & 0x7F == 0x23;
    let bits = match store {
        true => (word.cast_signed() >> 25 << 5) | (word >> 7 & 31).cast_signed(),
        false => word.cast_signed() >> 20,
    };
    place
        .wrapping_add(code[upper] & 0xFFFF_F000)
        .wrapping_add_signed(bits)
}

const AUIPC: u32 = 0x0000_0517;
const NOP: u32 = 0x0000_0013;
const LOAD: u32 = 0x0005_2583;
const STORE: u32 = 0x00B5_2023;

#[test]
fn pairs_together_need_no_looking_up() {
    let relocs = [upper(0, 2, 8), lower(4, LOWER_LOAD, 0)];
    let found = Pairs::find(machine(), relocs, |reloc, _| reloc.addend.cast_unsigned());
    assert!(found.is_none());
    let code = relocated(&[AUIPC, LOAD], &relocs);
    assert_eq!(address(&code, 0, 1), 0x7_FABC + 8);
}

#[test]
fn a_lower_part_further_behind_completes_its_upper_part() {
    let relocs = [upper(0, 2, -4), lower(12, LOWER_LOAD, 0)];
    let code = relocated(&[AUIPC, NOP, STORE, LOAD], &relocs);
    assert_eq!(address(&code, 0, 3), 0x7_FABC - 4);
    assert_eq!(code[1..3], [NOP, STORE], "what is between stays");
}

#[test]
fn several_lower_parts_share_an_upper_part() {
    let relocs = [
        lower(16, LOWER_STORE, 4),
        upper(4, 2, 0),
        lower(8, LOWER_LOAD, 4),
        upper(20, 1, 0),
        lower(28, LOWER_STORE, 20),
    ];
    let code = [NOP, AUIPC, LOAD, NOP, STORE, AUIPC, NOP, STORE];
    let code = relocated(&code, &relocs);
    assert_eq!(address(&code, 1, 2), 0x7_FABC);
    assert_eq!(address(&code, 1, 4), 0x7_FABC);
    assert_eq!(address(&code, 5, 7), 0x2345_6000);
    assert_eq!([code[0], code[3], code[6]], [NOP; 3]);
}

#[test]
fn a_lower_part_without_an_upper_part_is_an_error() {
    let machine = machine();
    let relocs = [lower(8, LOWER_LOAD, 0)];
    let pairs = Pairs::find(machine, relocs, |_, _| 0).expect("it names another place");
    let row = machine.row(LOWER_LOAD).expect("a row");
    let (row, reloc) = pairs.read(machine, row, relocs[0]);
    let mut code = [0; 12];
    let error = apply(row, &mut code, reloc.offset, BASE + 8, BASE, reloc.addend);
    assert!(error.is_err(), "{error:?}");
    assert_eq!(code, [0; 12]);
}
