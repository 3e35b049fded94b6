//! Relocations: resolved here where the distance is known, checked and rewritten where not.

use super::Relocation;
use super::error::ObjectError;
use super::reading::Pending;
use super::sections::Image;
use super::symbols::{Meaning, Symbols, TEXT};
use crate::options::Runtime;
use aot_format::abi::native_symbols;
use targets::Target;
use targets::reloc::{Via, apply};

/// Resolves what can be resolved; returns what loaders have to do, ascending by offset.
pub(super) fn resolve(
    pending: Vec<Pending>,
    symbols: &Symbols,
    image: &mut Image,
    target: &Target,
    runtime: Runtime,
) -> Result<Vec<Relocation>, ObjectError> {
    let mut left = Vec::new();
    for pending in pending {
        let remaining = one(&pending, symbols, image, target)?;
        if let (Some(relocation), Runtime::Stock) = (&remaining, runtime) {
            check_stock(&pending, relocation, symbols, target)?;
        }
        left.extend(remaining);
    }
    left.sort_by_key(|relocation| relocation.offset);
    Ok(left)
}

/// Applies one relocation, or says what remains to be done.
fn one(
    pending: &Pending,
    symbols: &Symbols,
    image: &mut Image,
    target: &Target,
) -> Result<Option<Relocation>, ObjectError> {
    let Pending { row, addend, .. } = *pending;
    let offset = pending.home.wrapping_add(pending.offset);
    let place = || symbols.place(&pending.section, pending.home, pending.offset);
    let name = pending.symbol.to_string();
    let form = |only| ObjectError::Form {
        place: place(),
        symbol: name.clone(),
        name: row.name,
        only,
    };
    let known = match &pending.symbol {
        Meaning::Defined(at) => Some(*at),
        Meaning::Undefined(_) => None,
        Meaning::Dropped(_) => return Err(ObjectError::unprovided(place(), name)),
    };
    if let (Some(at), true) = (known, row.via != Via::Slot && row.image_align().is_some()) {
        // Loaders place the image so that its offset in a page is its alignment (`Extracted::align`).
        let (from, to) = (
            image.align.wrapping_add(offset),
            image.align.wrapping_add(at),
        );
        apply(row, &mut image.text, offset, from, to, addend).map_err(|error| {
            ObjectError::Value {
                place: place(),
                symbol: name.clone(),
                name: row.name,
                error,
            }
        })?;
        return Ok(None);
    }
    if target.row(row.number) != Some(row) {
        return Err(ObjectError::Number {
            place: place(),
            symbol: name,
            number: row.number,
        });
    }
    match known {
        Some(_) if row.via == Via::Slot => return Err(form("to functions of the module")),
        None if !provided(&name, target) => return Err(ObjectError::unprovided(place(), name)),
        // Runtime functions can be anywhere: only stubs and full addresses reach them.
        None if !row.reaches_everything() => return Err(form("to what is mapped nearby")),
        _ => {}
    }
    Ok(Some(Relocation {
        offset,
        number: row.number,
        symbol: match known {
            Some(_) => TEXT.to_owned(),
            None => name,
        },
        addend: addend.wrapping_add_unsigned(known.unwrap_or(0)),
    }))
}

/// Whether the loader of a default build of stock WAMR applies the relocation (spec B.4 to B.13).
fn check_stock(
    pending: &Pending,
    relocation: &Relocation,
    symbols: &Symbols,
    target: &Target,
) -> Result<(), ObjectError> {
    let symbol = relocation.symbol.as_str();
    let place = || symbols.place(&pending.section, pending.home, pending.offset);
    if !target.stock_relocs.contains(&relocation.number) {
        return Err(ObjectError::StockNumber {
            place: place(),
            symbol: symbol.to_owned(),
            name: pending.row.name,
            target: target.name,
        });
    }
    let known = symbol == TEXT
        || native_symbols::in_default_build(symbol)
        || target.stock_libcalls.contains(&symbol);
    match known {
        true => Ok(()),
        false => Err(ObjectError::StockSymbol {
            place: place(),
            symbol: symbol.to_owned(),
        }),
    }
}

/// Whether the runtime of a target resolves a name.
fn provided(name: &str, target: &Target) -> bool {
    native_symbols::provided(name) || target.libcalls.contains(&name)
}
