//! RELOCATION: a table of symbols, then groups of relocations, one per section they apply to.
//!
//! The meaning of a relocation's number is not this crate's business (`targets` has it); where it applies and what its
//! symbol denotes is.
//!
//! Spec: `aot-v6.md` A.9, B.1.

use targets::PtrWidth;

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind, Space, What};
use crate::limits;
use crate::seq::{Form, Item, Seq};

/// Relocations of one section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelocGroup<'a> {
    /// Name as object files have it, e.g. `.rela.text`.
    pub section: &'a str,
    /// The relocations.
    pub relocs: Seq<'a, Reloc<'a>>,
}

/// One relocation, self-contained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reloc<'a> {
    /// Where, from the start of the section (for code: of the code).
    pub offset: u64,
    /// `A`.
    pub addend: i64,
    /// The number of a row of the target.
    pub kind: u32,
    /// What `S` is the address of.
    pub symbol: &'a str,
}

/// One relocation as the file has it: the symbol by its position in the symbol table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawReloc {
    /// Where, from the start of the section.
    pub offset: u64,
    /// `A`.
    pub addend: i64,
    /// The number of a row of the target.
    pub kind: u32,
    /// Position in [`Symbols`].
    pub symbol: SymbolIdx,
}

/// Position in the symbol table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolIdx(pub u32);

/// The symbol table of a file: names of symbols and of groups, without duplicates in files of ours and stock's.
#[derive(Clone, Copy)]
pub struct Symbols<'a> {
    offsets: &'a [u8],
    area: Cursor<'a>,
}

/// What a relocation group applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The code.
    Code,
    /// The literal area.
    Literal,
    /// The object data section of this position.
    Data(u32),
}

/// What a symbol denotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol<'a> {
    /// A defined function (index without imports; in range when read from a [`View`](crate::View)).
    Function(u32),
    /// The start of the code, of the literals, or of an object data section.
    Section(Place),
    /// Something of the runtime.
    Runtime(&'a str),
}

impl<'a> Symbols<'a> {
    pub(crate) const EMPTY: Symbols<'a> = Symbols {
        offsets: &[],
        area: Cursor::empty(),
    };

    /// Number of symbols.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.offsets.len() / 4).unwrap_or(u32::MAX)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The symbol of this position, in constant time.
    #[must_use]
    pub fn name(&self, index: SymbolIdx) -> Option<&'a str> {
        let start = (index.0 as usize).checked_mul(4)?;
        let offset = u32::from_le_bytes(*self.offsets.get(start..)?.first_chunk()?);
        let mut cursor = self.area;
        cursor.bytes(offset).ok()?;
        cursor.string().ok()
    }

    /// Offset in the file of the symbol's string.
    pub(crate) fn offset(&self, index: SymbolIdx) -> u32 {
        let start = index.0 as usize * 4;
        let field = self.offsets.get(start..).and_then(<[u8]>::first_chunk);
        let offset = field.map_or(0, |bytes| u32::from_le_bytes(*bytes));
        self.area.offset().saturating_add(offset)
    }

    /// All symbols in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        let mut cursor = self.area;
        (0..self.len()).map_while(move |_| cursor.string().ok())
    }

    fn decode(cursor: &mut Cursor<'a>) -> Result<Symbols<'a>, ReadError> {
        let count = cursor.u32()?;
        let mut expected = *cursor;
        let offsets = cursor.bytes(count.saturating_mul(4))?;
        let size_at = *cursor;
        let size = cursor.u32()?;
        let area = cursor.sub(size)?;
        let mut strings = area;
        for _ in 0..count {
            let at = expected;
            let found = expected.u32()?;
            strings.align(2);
            let offset = strings.offset() - area.offset();
            if found != offset {
                return Err(at.error(ReadErrorKind::SymbolOffset {
                    found,
                    expected: offset,
                }));
            }
            strings.string()?;
        }
        strings.align(2);
        let used = strings.offset() - area.offset();
        if used != size {
            return Err(size_at.error(ReadErrorKind::SymbolBytes {
                found: size,
                expected: used,
            }));
        }
        Ok(Symbols { offsets, area })
    }
}

impl core::fmt::Debug for Symbols<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> Item<'a> for RelocGroup<'a> {
    const MIN_BYTES: u32 = 8;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        let section = symbol_name(cursor, form.symbols)?;
        let count = cursor.u32()?;
        // Checked without looking up names: the symbol table has been read, an index in range is enough.
        let relocs = Seq::<RawReloc>::read(cursor, count, form)?.reinterpret();
        Ok(RelocGroup { section, relocs })
    }
}

impl<'a> Item<'a> for Reloc<'a> {
    const MIN_BYTES: u32 = RawReloc::MIN_BYTES;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        let raw = RawReloc::decode(cursor, form)?;
        Ok(Reloc {
            offset: raw.offset,
            addend: raw.addend,
            kind: raw.kind,
            // In range, as just checked; the default never shows.
            symbol: form.symbols.name(raw.symbol).unwrap_or_default(),
        })
    }
}

impl<'a> Item<'a> for RawReloc {
    const MIN_BYTES: u32 = 16;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let (offset, addend) = match form.width {
            PtrWidth::W32 => {
                let offset = cursor.u32()?.into();
                (offset, cursor.u32()?.cast_signed().into())
            }
            PtrWidth::W64 => (cursor.u64()?, cursor.u64()?.cast_signed()),
        };
        let kind = cursor.u32()?;
        let (index, count) = (cursor.u32()?, form.symbols.len());
        if index >= count {
            return Err(at.error(ReadErrorKind::IndexOutOfRange {
                space: Space::Symbol,
                index,
                count,
            }));
        }
        Ok(RawReloc {
            offset,
            addend,
            kind,
            symbol: SymbolIdx(index),
        })
    }
}

impl<'a> RelocGroup<'a> {
    /// The relocations with their symbols by position: what a loader that has resolved the symbol table first wants.
    ///
    /// Empty for a group that was not read from a file.
    #[must_use]
    pub fn raw(&self) -> Seq<'a, RawReloc> {
        self.relocs.reinterpret()
    }

    /// Name of the section the group applies to: its own name without `.rel` or `.rela`.
    #[must_use]
    pub fn target_name(&self) -> &'a str {
        let name = self.section;
        name.strip_prefix(".rela")
            .or_else(|| name.strip_prefix(".rel"))
            .filter(|rest| rest.starts_with(['.', '_']))
            .unwrap_or(name)
    }
}

impl<'a> Symbol<'a> {
    /// Prefix of the symbols of defined functions.
    pub const FUNCTION_PREFIX: &'static str = "aot_func#";

    /// What a name denotes; `data` gives the position of an object data section by its name.
    pub fn parse(name: &'a str, data: impl Fn(&str) -> Option<u32>) -> Symbol<'a> {
        if let Some(index) = name.strip_prefix(Self::FUNCTION_PREFIX)
            && let Ok(index) = index.parse()
        {
            return Symbol::Function(index);
        }
        match place(name, data) {
            Some(place) => Symbol::Section(place),
            None => Symbol::Runtime(name),
        }
    }
}

/// The place of this section name.
pub(crate) fn place(name: &str, data: impl Fn(&str) -> Option<u32>) -> Option<Place> {
    match name {
        ".text" | ".ltext" => Some(Place::Code),
        ".literal" => Some(Place::Literal),
        name => data(name).map(Place::Data),
    }
}

fn symbol_name<'a>(cursor: &mut Cursor<'a>, symbols: Symbols<'a>) -> Result<&'a str, ReadError> {
    cursor.align(4);
    let at = *cursor;
    let index = cursor.u32()?;
    symbols
        .name(SymbolIdx(index))
        .ok_or(at.error(ReadErrorKind::IndexOutOfRange {
            space: Space::Symbol,
            index,
            count: symbols.len(),
        }))
}

/// The relocation section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relocations<'a> {
    pub(crate) symbols: Symbols<'a>,
    pub(crate) groups: Seq<'a, RelocGroup<'a>>,
}

pub(crate) fn decode<'a>(
    cursor: &mut Cursor<'a>,
    width: PtrWidth,
) -> Result<Relocations<'a>, ReadError> {
    let symbols = Symbols::decode(cursor)?;
    let count = cursor.count(What::RelocationGroups, limits::RELOCATION_GROUPS)?;
    let groups = Seq::read(
        cursor,
        count,
        Form {
            width,
            symbols,
            objects: false,
        },
    )?;
    Ok(Relocations { symbols, groups })
}

#[cfg(feature = "alloc")]
pub(crate) fn encode(
    groups: &[RelocGroup<'_>],
    sink: &mut crate::sink::Sink,
    width: PtrWidth,
) -> Result<(), crate::WriteError> {
    let symbols = symbol_table(groups);
    sink.count(symbols.names.len())?;
    let mut offset = 0_u32;
    for name in &symbols.names {
        sink.u32(offset);
        let bytes = 2 + sink.string_bytes(name)?;
        offset = offset.saturating_add(bytes.next_multiple_of(2));
    }
    sink.u32(offset);
    for name in &symbols.names {
        sink.string(name)?;
        sink.align(2);
    }
    sink.count(groups.len())?;
    for group in groups {
        sink.u32(symbols.index(group.section));
        sink.u32(group.relocs.len());
        for reloc in group.relocs {
            sink.word(reloc.offset, width)?;
            sink.signed_word(reloc.addend, width)?;
            sink.u32(reloc.kind);
            sink.u32(symbols.index(reloc.symbol));
        }
    }
    Ok(())
}

#[cfg(feature = "alloc")]
struct SymbolTable<'a> {
    names: alloc::vec::Vec<&'a str>,
    by_name: alloc::collections::BTreeMap<&'a str, u32>,
}

#[cfg(feature = "alloc")]
impl<'a> SymbolTable<'a> {
    fn add(&mut self, name: &'a str) {
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        if let alloc::collections::btree_map::Entry::Vacant(entry) = self.by_name.entry(name) {
            entry.insert(next);
            self.names.push(name);
        }
    }

    fn index(&self, name: &str) -> u32 {
        self.by_name.get(name).copied().unwrap_or(u32::MAX)
    }
}

/// Names in order of first use, as stock writes them.
#[cfg(feature = "alloc")]
fn symbol_table<'a>(groups: &[RelocGroup<'a>]) -> SymbolTable<'a> {
    let mut table = SymbolTable {
        names: alloc::vec::Vec::new(),
        by_name: alloc::collections::BTreeMap::new(),
    };
    for group in groups {
        table.add(group.section);
        for reloc in group.relocs {
            table.add(reloc.symbol);
        }
    }
    table
}
