//! Relocations of objects as what they mean: a row, a symbol, an explicit addend.
//!
//! Two forms of the ABIs tie several relocations together; here each becomes one that stands for itself.
//! A low part that names the label of its high part (RISC-V) gets the other's symbol, and the distance
//! between the two in its addend. A high part whose carry depends on the addend stored in the low part
//! behind it (MIPS o32) gets the whole addend.

use super::error::ObjectError;
use super::sections::{Image, unreadable};
use super::symbols::{Meaning, Symbols};
use object::{
    File, Object as _, ObjectSection as _, ObjectSymbol as _, Relocation, RelocationFlags,
    RelocationTarget, SectionIndex, SymbolIndex, SymbolSection,
};
use std::collections::BTreeMap;
use targets::Target;
use targets::reloc::{Range, Row, Stored};

/// One relocation with everything known about it.
pub(super) struct Pending {
    /// Name of the section it is in.
    pub(super) section: String,
    /// Where that section went.
    pub(super) home: u64,
    /// Offset in the section.
    pub(super) offset: u64,
    pub(super) symbol: Meaning,
    /// What it computes.
    pub(super) row: &'static Row,
    pub(super) addend: i64,
}

/// The relocations of one section.
struct Section<'f> {
    file: &'f File<'f>,
    /// Position of the file in the list.
    position: usize,
    index: SectionIndex,
    name: String,
    home: u64,
    bytes: &'f [u8],
    list: Vec<(u64, Relocation)>,
}

/// What reading needs to know of the rest.
struct Reader<'a> {
    files: &'a [File<'a>],
    symbols: &'a Symbols,
    image: &'a Image,
    target: &'a Target,
}

/// Reads the relocations of all sections that are kept.
pub(super) fn read(
    files: &[File<'_>],
    symbols: &Symbols,
    image: &Image,
    target: &Target,
) -> Result<Vec<Pending>, ObjectError> {
    let reader = Reader {
        files,
        symbols,
        image,
        target,
    };
    let mut pending = Vec::new();
    for (position, file) in files.iter().enumerate() {
        let mut sections = Vec::new();
        for section in file.sections() {
            if let Some(home) = image.home(position, section.index()) {
                sections.push(Section {
                    file,
                    position,
                    index: section.index(),
                    name: section.name().map_err(unreadable)?.to_owned(),
                    home,
                    bytes: section.data().map_err(unreadable)?,
                    list: section.relocations().collect(),
                });
            }
        }
        for section in &sections {
            let by_offset: BTreeMap<u64, usize> = section
                .list
                .iter()
                .enumerate()
                .map(|(at, (offset, _))| (*offset, at))
                .collect();
            for at in 0..section.list.len() {
                pending.push(reader.one(section, at, &by_offset)?);
            }
        }
    }
    Ok(pending)
}

impl Reader<'_> {
    /// The relocation at a position of the section's list.
    fn one(
        &self,
        section: &Section<'_>,
        at: usize,
        by_offset: &BTreeMap<u64, usize>,
    ) -> Result<Pending, ObjectError> {
        let pending = self.alone(section, at)?;
        let by_label = self.target.row(pending.row.number).is_some_and(|row| {
            // All a stock loader does with such a low part is to look where its high part is.
            row != pending.row && matches!(row.range, Range::Exactly(_))
        });
        if !by_label {
            return Ok(pending);
        }
        let label = section.list.get(at).and_then(|(_, low)| {
            let symbol = section.file.symbol_by_index(symbol_index(low)?).ok()?;
            let here = symbol.section() == SymbolSection::Section(section.index);
            here.then(|| symbol.address())
        });
        let high = label.and_then(|label| by_offset.get(&label));
        let Some(high) = high else {
            return Err(ObjectError::Pair {
                place: self.place(section, pending.offset),
                name: pending.row.name,
            });
        };
        let high = self.alone(section, *high)?;
        let distance = pending.offset.wrapping_sub(high.offset).cast_signed();
        Ok(Pending {
            symbol: high.symbol,
            addend: high.addend.wrapping_add(distance),
            ..pending
        })
    }

    /// A relocation without regard to what its symbol stands for.
    fn alone(&self, section: &Section<'_>, at: usize) -> Result<Pending, ObjectError> {
        let missing = || ObjectError::Unreadable {
            message: "relocation that is not there".to_owned(),
        };
        let (offset, relocation) = section.list.get(at).ok_or_else(missing)?;
        let meaning = match symbol_index(relocation) {
            Some(index) => self
                .symbols
                .meaning(self.files, self.image, section.position, index)?,
            None => Meaning::Dropped("no symbol".to_owned()),
        };
        let number = number(relocation);
        let Some(row) = self.target.object_row(number) else {
            return Err(ObjectError::Number {
                place: self.place(section, *offset),
                symbol: meaning.to_string(),
                number,
            });
        };
        let addend = match relocation.has_implicit_addend() {
            false => relocation.addend(),
            // It stays where it is.
            true if row.stored == Stored::Added => 0,
            true => self.stored_addend(section, at, row),
        };
        Ok(Pending {
            section: section.name.clone(),
            home: section.home,
            offset: *offset,
            symbol: meaning,
            row,
            addend,
        })
    }

    /// The addend in the field, with that of the low part if there is one.
    fn stored_addend(&self, section: &Section<'_>, at: usize, row: &Row) -> i64 {
        let Some((offset, relocation)) = section.list.get(at) else {
            return 0;
        };
        let addend = stored(row, section.bytes, *offset).unwrap_or(0);
        let rounds = row.field.runs.first().is_some_and(|run| run.round != 0);
        if !rounds {
            return addend;
        }
        // The low part follows, perhaps behind other high parts of the same symbol.
        let symbol = symbol_index(relocation);
        let low = section
            .list
            .iter()
            .skip(at + 1)
            .find_map(|(offset, other)| {
                let row = self.target.object_row(number(other))?;
                let is_low = row.field.runs.first().is_some_and(|run| run.from == 0);
                (is_low && symbol_index(other) == symbol)
                    .then(|| stored(row, section.bytes, *offset))
                    .flatten()
            });
        addend.wrapping_add(low.unwrap_or(0))
    }

    fn place(&self, section: &Section<'_>, offset: u64) -> super::Place {
        self.symbols.place(&section.name, section.home, offset)
    }
}

fn stored(row: &Row, bytes: &[u8], offset: u64) -> Option<i64> {
    let field = bytes.get(usize::try_from(offset).ok()?..)?;
    row.field.read(field, row.endian)
}

fn symbol_index(relocation: &Relocation) -> Option<SymbolIndex> {
    match relocation.target() {
        RelocationTarget::Symbol(index) => Some(index),
        _ => None,
    }
}

/// The number; no other format than ELF gets here.
fn number(relocation: &Relocation) -> u32 {
    match relocation.flags() {
        RelocationFlags::Elf { r_type } => r_type.0,
        _ => 0,
    }
}
