//! Symbols of the merged objects, by name and by place.

use super::ObjectError;
use super::error::Place;
use super::sections::{Home, Image, unreadable};
use crate::plan::{parse_entry_symbol, parse_internal_symbol, parse_thunk_symbol};
use crate::wasm::TypeIdx;
use object::{File, Object as _, ObjectSymbol as _, SymbolIndex, SymbolSection};
use std::collections::BTreeMap;
use std::fmt;

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
pub(super) enum Target {
    /// A place in the merged sections.
    Defined(Home),
    /// Something the objects do not define.
    Undefined(String),
    /// Defined in a section that is dropped, or in a way that is not supported.
    Dropped(String),
}

/// All symbols of all objects.
pub(super) struct Symbols {
    /// Global definitions.
    global: BTreeMap<String, Home>,
    /// Named places in the image.
    places: BTreeMap<(CodeOffset, String), ()>,
}

impl Symbols {
    /// Reads the symbol tables.
    pub(super) fn read(files: &[File<'_>], image: &Image) -> Result<Self, ObjectError> {
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
                let home = home.plus(symbol.address());
                if let (Home::Image(offset), false) = (home, name.is_empty()) {
                    places.insert((CodeOffset(offset), name.to_owned()), ());
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
    pub(super) fn target(
        &self,
        files: &[File<'_>],
        image: &Image,
        position: usize,
        index: SymbolIndex,
    ) -> Result<Target, ObjectError> {
        let file = files.get(position).ok_or_else(missing_object)?;
        let symbol = file.symbol_by_index(index).map_err(unreadable)?;
        let name = symbol.name().map_err(unreadable)?;
        Ok(match symbol.section() {
            SymbolSection::Section(section) => match image.home(position, section) {
                Some(home) => Target::Defined(home.plus(symbol.address())),
                None => Target::Dropped(name.to_owned()),
            },
            SymbolSection::Undefined => match self.global.get(name) {
                Some(home) => Target::Defined(*home),
                None => Target::Undefined(name.to_owned()),
            },
            _ => Target::Dropped(name.to_owned()),
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

    /// Describes a place of an object for an error.
    pub(super) fn place(&self, section: &str, home: Home, offset: u64) -> Place {
        let function = match home.plus(offset) {
            Home::Image(at) => {
                let upto = ..(CodeOffset(at.saturating_add(1)), String::new());
                self.places
                    .range(upto)
                    .next_back()
                    .map(|((_, name), ())| name.clone())
            }
            Home::Data(..) => None,
        };
        Place {
            section: section.to_owned(),
            offset,
            function,
        }
    }
}

impl Home {
    /// The place `offset` bytes further on.
    pub(super) fn plus(self, offset: u64) -> Self {
        match self {
            Self::Image(at) => Self::Image(at.wrapping_add(offset)),
            Self::Data(section, at) => Self::Data(section, at.wrapping_add(offset)),
        }
    }
}

fn missing_object() -> ObjectError {
    ObjectError::Unreadable {
        message: "symbol of an object that is not there".to_owned(),
    }
}
