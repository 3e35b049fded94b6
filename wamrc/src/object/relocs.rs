//! Relocations: resolved here where the distance is known, checked and rewritten where not.

use super::error::ObjectError;
use super::sections::{Home, Image, STACK_SIZES, unreadable};
use super::symbols::{Symbols, Target as SymbolTarget};
use super::{Relocation, RelocationGroup};
use aot_format::abi::native_symbols;
use object::{File, Object as _, ObjectSection as _, RelocationFlags, RelocationTarget};
use std::collections::BTreeMap;
use targets::Target;
use targets::reloc::{Calc, Via, apply};

/// Name of the image among the container's sections, as symbol and as group.
const TEXT: &str = ".text";

/// One relocation with everything known about it.
struct Pending<'a> {
    section: &'a str,
    /// Where the section went.
    section_home: Home,
    /// Offset in the section.
    offset: u64,
    number: u32,
    addend: i64,
}

/// Resolves what can be resolved; returns what loaders have to do.
pub(super) fn resolve(
    files: &[File<'_>],
    symbols: &Symbols,
    image: &mut Image,
    target: &Target,
) -> Result<Vec<RelocationGroup>, ObjectError> {
    let mut groups: BTreeMap<String, Vec<Relocation>> = BTreeMap::new();
    for (position, file) in files.iter().enumerate() {
        for section in file.sections() {
            let Some(section_home) = image.home(position, section.index()) else {
                continue;
            };
            let name = section.name().map_err(unreadable)?;
            for (offset, relocation) in section.relocations() {
                let RelocationFlags::Elf { r_type } = relocation.flags() else {
                    continue;
                };
                let pending = Pending {
                    section: name,
                    section_home,
                    offset,
                    number: r_type.0,
                    addend: relocation.addend(),
                };
                let symbol = match relocation.target() {
                    RelocationTarget::Symbol(index) => {
                        symbols.target(files, image, position, index)?
                    }
                    _ => SymbolTarget::Dropped("no symbol".to_owned()),
                };
                if let Some((group, relocation)) = one(&pending, symbol, symbols, image, target)? {
                    groups.entry(group).or_default().push(relocation);
                }
            }
        }
    }
    let mut result = Vec::with_capacity(groups.len());
    for (section, mut relocations) in groups {
        relocations.sort_by_key(|relocation| relocation.offset);
        result.push(RelocationGroup {
            section,
            relocations,
        });
    }
    Ok(result)
}

/// Applies one relocation, or says what remains to be done.
fn one(
    pending: &Pending<'_>,
    symbol: SymbolTarget,
    symbols: &Symbols,
    image: &mut Image,
    target: &Target,
) -> Result<Option<(String, Relocation)>, ObjectError> {
    let place = || symbols.place(pending.section, pending.section_home, pending.offset);
    let (symbol_home, name) = match symbol {
        SymbolTarget::Defined(home) => (Some(home), section_name(home, image)),
        SymbolTarget::Undefined(name) => (None, name),
        SymbolTarget::Dropped(symbol) => {
            return Err(ObjectError::Symbol {
                place: place(),
                symbol,
            });
        }
    };
    let Some(row) = target.row(pending.number) else {
        let number = pending.number;
        return Err(ObjectError::Number {
            place: place(),
            symbol: name,
            number,
        });
    };
    let form = |only| ObjectError::Form {
        place: place(),
        symbol: name.clone(),
        name: row.name,
        only,
    };
    let (offset, group) = match pending.section_home.plus(pending.offset) {
        Home::Image(offset) => (offset, TEXT.to_owned()),
        Home::Data(..) => return Err(form("in code and constants")),
    };
    match symbol_home {
        Some(Home::Image(at)) if row.calc == Calc::Rel && row.via != Via::Slot => {
            apply(row, &mut image.text, offset, offset, at, pending.addend).map_err(|error| {
                ObjectError::Value {
                    place: place(),
                    symbol: name.clone(),
                    name: row.name,
                    error,
                }
            })?;
            return Ok(None);
        }
        Some(_) if row.via == Via::Slot => return Err(form("to functions of the module")),
        None if !native_symbols::provided(&name) => {
            return Err(ObjectError::Symbol {
                place: place(),
                symbol: name,
            });
        }
        // Runtime functions can be anywhere: only stubs and full addresses reach them.
        None if !row.reaches_everything() => return Err(form("to what is mapped nearby")),
        _ => {}
    }
    let base = match symbol_home {
        Some(Home::Image(at) | Home::Data(_, at)) => at.cast_signed(),
        None => 0,
    };
    let addend = pending.addend.wrapping_add(base);
    Ok(Some((
        group,
        Relocation {
            offset,
            number: pending.number,
            symbol: name,
            addend,
        },
    )))
}

/// How a container names the section of a place.
fn section_name(home: Home, image: &Image) -> String {
    match home {
        Home::Image(_) => TEXT.to_owned(),
        Home::Data(position, _) => image
            .data
            .get(position)
            .map_or_else(|| STACK_SIZES.to_owned(), |section| section.name.clone()),
    }
}
