//! Line tables of objects: which instruction of the WebAssembly file a place in the image comes from.
//!
//! They are read where `llvm` was told to note origins; a line's number is an offset in that file.

use super::error::ObjectError;
use super::sections::{Image, unreadable};
use super::symbols::{Meaning, Symbols};
use crate::debug::{self, Line};
use aot_format::Origin;
use object::{File, Object as _, ObjectSection as _, Relocation, RelocationTarget, Section};
use std::collections::BTreeMap;
use targets::Endian;

const SECTION: &str = ".debug_line";

/// The places where another instruction begins to be the origin, ascending; empty without line tables.
pub(super) fn read(
    files: &[File<'_>],
    symbols: &Symbols,
    image: &Image,
) -> Result<Vec<Origin>, ObjectError> {
    let mut rows = BTreeMap::new();
    for (position, file) in files.iter().enumerate() {
        if let Some(section) = file.section_by_name(SECTION) {
            let table = Table {
                files,
                symbols,
                image,
                position,
            };
            let bytes = table.relocated(file, &section)?;
            let lines = debug::lines(&bytes, address_bytes(file), file.is_little_endian());
            let lines = lines.map_err(|error| ObjectError::Unreadable {
                message: format!("{SECTION}: {error}"),
            })?;
            lines.iter().for_each(|line| add(line, &mut rows));
        }
    }
    let mut origins: Vec<Origin> = Vec::new();
    for (place, wasm_offset) in rows {
        let (before, place) = (origins.last(), u32::try_from(place));
        if let (Ok(text_offset), true) =
            (place, before.map_or(0, |it| it.wasm_offset) != wasm_offset)
        {
            origins.push(Origin {
                text_offset,
                wasm_offset,
            });
        }
    }
    Ok(origins)
}

/// The table of one object.
struct Table<'a> {
    files: &'a [File<'a>],
    symbols: &'a Symbols,
    image: &'a Image,
    position: usize,
}

impl Table<'_> {
    /// The section with the places in the image in it that its relocations stand for.
    fn relocated(
        &self,
        file: &File<'_>,
        section: &Section<'_, '_>,
    ) -> Result<Vec<u8>, ObjectError> {
        let mut bytes = section.data().map_err(unreadable)?.to_vec();
        let size = address_bytes(file);
        let endian = match file.is_little_endian() {
            true => Endian::Little,
            false => Endian::Big,
        };
        for (offset, relocation) in section.relocations() {
            let RelocationTarget::Symbol(index) = relocation.target() else {
                continue;
            };
            let meaning = self
                .symbols
                .meaning(self.files, self.image, self.position, index)?;
            let at = usize::try_from(offset).unwrap_or(usize::MAX);
            // What is not in the image are names.
            if let (Meaning::Defined(home), Some(field)) = (
                meaning,
                at.checked_add(size).and_then(|end| bytes.get_mut(at..end)),
            ) {
                let addend = addend(&relocation, field, endian);
                endian.write(home.wrapping_add_signed(addend), field);
            }
        }
        Ok(bytes)
    }
}

fn address_bytes(file: &File<'_>) -> usize {
    if file.is_64() { 8 } else { 4 }
}

/// What a relocation adds to its symbol: told by it, or in the field.
fn addend(relocation: &Relocation, field: &[u8], endian: Endian) -> i64 {
    if !relocation.has_implicit_addend() {
        return relocation.addend();
    }
    endian.number(field).cast_signed()
}

/// Adds where a line begins; 0 where none does.
fn add(line: &Line, rows: &mut BTreeMap<u64, u32>) {
    match line.is_end {
        // Another sequence may begin there.
        true => {
            rows.entry(line.address).or_insert(0);
        }
        false => {
            rows.insert(line.address, line.number);
        }
    }
}
