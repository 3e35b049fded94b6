//! Symbols of the merged objects, by name and by place.

use super::ObjectError;
use super::error::Place;
use super::sections::{Image, unreadable};
use crate::plan::{parse_entry_symbol, parse_internal_symbol, parse_thunk_symbol};
use crate::wasm::TypeIdx;
use object::{File, Object as _, ObjectSymbol as _, SymbolIndex, SymbolKind, SymbolSection};
use std::collections::BTreeMap;
use std::fmt;
use targets::Target;

/// Offset in the image of constants and code, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeOffset(pub u64);

impl fmt::Display for CodeOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}

/// What a symbol stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A place in the image. Of functions it is what they are called by (`targets::Target::code_bit`).
    Defined(u64),
    /// Something the objects do not define.
    Undefined(String),
    /// Defined in a section that is dropped, or in a way that is not supported.
    Dropped(String),
}

/// Name of the image as a symbol.
pub(super) const TEXT: &str = ".text";

impl fmt::Display for Meaning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Defined(_) => TEXT,
            Self::Undefined(name) | Self::Dropped(name) => name,
        })
    }
}

/// All symbols of all objects.
pub(super) struct Symbols {
    /// Global definitions.
    global: BTreeMap<String, u64>,
    /// Named places in the image.
    places: BTreeMap<(CodeOffset, String), ()>,
}

/// Symbol of the numbers for stack checks.
const STACK_SIZES: &str = "aot_stack_sizes";

impl Symbols {
    /// Reads the symbol tables.
    pub(super) fn read(
        files: &[File<'_>],
        image: &Image,
        target: &Target,
    ) -> Result<Self, ObjectError> {
        let mut global = BTreeMap::new();
        let mut places = BTreeMap::new();
        for (position, file) in files.iter().enumerate() {
            for symbol in file.symbols() {
                let name = symbol.name().map_err(unreadable)?;
                let SymbolSection::Section(section) = symbol.section() else {
                    continue;
                };
                let Some(home) = image.home(position, section) else {
                    continue;
                };
                let home = home.wrapping_add(symbol.address());
                if is_name(name) {
                    let bit = match symbol.kind() {
                        SymbolKind::Text => u64::from(target.code_bit),
                        _ => 0,
                    };
                    places.insert((CodeOffset(home & !bit), name.to_owned()), ());
                }
                if symbol.is_global() && global.insert(name.to_owned(), home).is_some() {
                    let symbol = name.to_owned();
                    return Err(ObjectError::Duplicate { symbol });
                }
            }
        }
        Ok(Self { global, places })
    }

    /// What a relocation of one object refers to.
    pub(super) fn meaning(
        &self,
        files: &[File<'_>],
        image: &Image,
        position: usize,
        index: SymbolIndex,
    ) -> Result<Meaning, ObjectError> {
        let file = files.get(position).ok_or_else(missing_object)?;
        let symbol = file.symbol_by_index(index).map_err(unreadable)?;
        let name = symbol.name().map_err(unreadable)?;
        Ok(match symbol.section() {
            SymbolSection::Section(section) => match image.home(position, section) {
                Some(home) => Meaning::Defined(home.wrapping_add(symbol.address())),
                None => Meaning::Dropped(name.to_owned()),
            },
            SymbolSection::Undefined => match self.global.get(name) {
                Some(home) => Meaning::Defined(*home),
                None => Meaning::Undefined(name.to_owned()),
            },
            _ => Meaning::Dropped(name.to_owned()),
        })
    }

    /// Where the functions that exist begin, by defined index: their entries, or the bodies of those
    /// that nothing outside can reach.
    pub(super) fn functions(&self) -> BTreeMap<u32, CodeOffset> {
        let mut functions = self.named(parse_internal_symbol);
        functions.extend(self.named(parse_entry_symbol));
        functions
    }

    /// Entry thunks by type.
    pub(super) fn thunks(&self) -> BTreeMap<TypeIdx, CodeOffset> {
        self.named(parse_thunk_symbol)
    }

    /// Every named place, ascending.
    pub(super) fn names(&self) -> Vec<(CodeOffset, String)> {
        self.places.keys().cloned().collect()
    }

    fn named<K: Ord>(&self, parse: impl Fn(&str) -> Option<K>) -> BTreeMap<K, CodeOffset> {
        let found = self.places.keys();
        found
            .filter_map(|(offset, name)| Some((parse(name)?, *offset)))
            .collect()
    }

    /// Where the numbers for stack checks are, if there are any.
    pub(super) fn stack_sizes(&self) -> Option<CodeOffset> {
        self.global.get(STACK_SIZES).copied().map(CodeOffset)
    }

    /// Describes a place of an object for an error: so far behind a section's place in the image.
    pub(super) fn place(&self, section: &str, home: u64, offset: u64) -> Place {
        let at = home.saturating_add(offset);
        let upto = ..(CodeOffset(at.saturating_add(1)), String::new());
        let before = self.places.range(upto).next_back();
        Place {
            section: section.to_owned(),
            offset,
            function: before.map(|((_, name), ())| name.clone()),
        }
    }
}

/// Whether a symbol names anything a reader knows, not a section, a kind of content or a label of LLVM's.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(['$', '.'])
}

fn missing_object() -> ObjectError {
    ObjectError::Unreadable {
        message: "symbol of an object that is not there".to_owned(),
    }
}
