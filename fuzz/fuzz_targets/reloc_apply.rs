//! Any row, place, symbol and bytes: applying a relocation never panics, touches only its field, and writes nothing on error.
//!
//! The input: row number, offset, place, symbol, addend, then the bytes of the section.

#![no_main]

use libfuzzer_sys::fuzz_target;
use targets::ALL;
use targets::reloc::apply;

fn word(input: &mut &[u8]) -> Option<u64> {
    let (word, rest) = input.split_first_chunk()?;
    *input = rest;
    Some(u64::from_le_bytes(*word))
}

fn run(mut input: &[u8]) -> Option<()> {
    let choice = word(&mut input)? as usize;
    let (offset, place, symbol) = (word(&mut input)?, word(&mut input)?, word(&mut input)?);
    let addend = word(&mut input)? as i64;
    let rows: Vec<_> = ALL.iter().flat_map(|target| target.relocs).collect();
    let row = rows[choice % rows.len()];
    let mut bytes = input.to_vec();
    let result = apply(row, &mut bytes, offset, place, symbol, addend);
    match result {
        Ok(()) => {
            let start = usize::try_from(offset).expect("inside the section");
            let end = start + row.field.size();
            assert_eq!(bytes[..start], input[..start]);
            assert_eq!(bytes[end..], input[end..]);
        }
        Err(_) => assert_eq!(bytes, input),
    }
    Some(())
}

fuzz_target!(|input: &[u8]| {
    run(input);
});
