//! Relocation rows and the only interpreter of them.
//!
//! A [`Row`] says what one relocation number computes (over `S`, `A`, `P`, and `V`, the value stored in the field),
//! where it puts the result, and what must hold. [`apply`] does it, in `u64` on every host, so that relocation of
//! every architecture can be tested anywhere. What a symbol resolves to is the loader's business.

use core::fmt;

use crate::PtrWidth;
use crate::field::Field;

/// One relocation number of one architecture, with the psABI's name.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The number in object files and containers.
    pub number: u32,
    /// The psABI's name, e.g. `R_X86_64_PC32`.
    pub name: &'static str,
    /// The computation.
    pub calc: Calc,
    /// Where the result goes.
    pub field: Field,
    /// What the result must satisfy.
    pub range: Range,
    /// Required alignment of `P` in bytes (a power of two).
    pub align: u8,
    /// Whether the stored value takes part.
    pub stored: Stored,
    /// What the loader has to pass as `S`.
    pub via: Via,
    /// Width of addresses: results wrap modulo 2^width and are then read as signed.
    pub width: PtrWidth,
}

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calc {
    /// `S + A`
    Abs,
    /// `S + A - P`
    Rel,
}

/// Whether the value already in the field is an addend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is overwritten.
    Ignored,
    /// It is added (sign-extended).
    Added,
}

/// What `S` is for a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// The symbol's address.
    Direct,
    /// The address of a stub that jumps to the symbol, if the symbol is one of the runtime's; else the symbol's.
    Stub,
    /// The address of a pointer-sized slot that holds the symbol's address.
    Slot,
}

/// What the result must satisfy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Anything goes; the field takes the low bits.
    Any,
    /// It fits a two's complement number of so many bits.
    Signed(u8),
    /// It fits an unsigned number of so many bits.
    Unsigned(u8),
}

impl Range {
    /// Whether `value` (the signed result) is inside.
    #[must_use]
    pub const fn contains(self, value: i64) -> bool {
        match self {
            Range::Any => true,
            Range::Signed(bits) if bits >= 64 => true,
            Range::Signed(bits) => {
                let half = 1_i64 << (bits - 1);
                value >= -half && value < half
            }
            Range::Unsigned(bits) if bits >= 64 => true,
            Range::Unsigned(bits) => value >= 0 && value < 1_i64 << bits,
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Any => f.write_str("any"),
            Range::Signed(bits) => write!(f, "signed {bits} bits"),
            Range::Unsigned(bits) => write!(f, "unsigned {bits} bits"),
        }
    }
}

/// Why a relocation could not be applied; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelocError {
    /// The field is not inside the section.
    OutOfSection {
        /// Offset of the field.
        offset: u64,
        /// Size of the field in bytes.
        size: u32,
        /// Size of the section in bytes.
        section: u64,
    },
    /// `P` is not aligned as the row demands.
    Misaligned {
        /// The address of the field.
        place: u64,
        /// The alignment demanded, in bytes.
        align: u8,
    },
    /// The result does not fit.
    OutOfRange {
        /// The result.
        value: i64,
        /// What it should have satisfied.
        range: Range,
    },
}

impl fmt::Display for RelocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RelocError::OutOfSection {
                offset,
                size,
                section,
            } => write!(
                f,
                "field of {size} bytes at {offset:#x} outside its section of {section:#x} bytes"
            ),
            RelocError::Misaligned { place, align } => {
                write!(f, "address {place:#x} not aligned to {align}")
            }
            RelocError::OutOfRange { value, range } => {
                let sign = if *value < 0 { "-" } else { "" };
                write!(f, "value {sign}{:#x} outside {range}", value.unsigned_abs())
            }
        }
    }
}

impl core::error::Error for RelocError {}

/// Applies one relocation to the bytes of its section.
///
/// `place` is the address `P` the field has at run time, `bytes` the whole section, `offset` the field in it,
/// `symbol` and `addend` are `S` and `A`.
///
/// # Errors
/// [`RelocError`], in which case `bytes` is unchanged.
pub fn apply(
    row: &Row,
    bytes: &mut [u8],
    offset: u64,
    place: u64,
    symbol: u64,
    addend: i64,
) -> Result<(), RelocError> {
    let outside = RelocError::OutOfSection {
        offset,
        size: row.field.bits() / 8,
        section: bytes.len() as u64,
    };
    let start = usize::try_from(offset).map_err(|_| outside)?;
    let field = bytes.get_mut(start..).ok_or(outside)?;
    let stored = row.field.read(field).ok_or(outside)?;
    if place & u64::from(row.align).wrapping_sub(1) != 0 {
        let align = row.align;
        return Err(RelocError::Misaligned { place, align });
    }
    let value = row.result(place, symbol, addend, stored);
    if !row.range.contains(value) {
        let range = row.range;
        return Err(RelocError::OutOfRange { value, range });
    }
    row.field.write(field, value.cast_unsigned()).ok_or(outside)
}

impl Row {
    /// The computation alone: `S`, `A`, `P`, `V` to the signed result, modulo 2^width.
    #[must_use]
    pub const fn result(&self, place: u64, symbol: u64, addend: i64, stored: i64) -> i64 {
        let mut value = symbol.cast_signed().wrapping_add(addend);
        if matches!(self.stored, Stored::Added) {
            value = value.wrapping_add(stored);
        }
        if matches!(self.calc, Calc::Rel) {
            value = value.wrapping_sub(place.cast_signed());
        }
        let unused = 64 - self.width.bits();
        (value << unused) >> unused
    }
}

/// Rows of one architecture, one a line, all with addresses of the same width.
///
/// Grammar: `rows! { WIDTH; (NUMBER NAME CALC FIELD RANGE ALIGN STORED VIA;)* }`. The line
/// `2 R_X86_64_PC32 Rel Word32 (Signed(32)) 1 Ignored Direct;` becomes
/// `Row { number: 2, name: "R_X86_64_PC32", calc: Calc::Rel, field: Field::Word32, range: Range::Signed(32), align: 1,
/// stored: Stored::Ignored, via: Via::Direct, width: PtrWidth::W64 }`.
macro_rules! rows {
    ($width:ident; $($number:literal $name:ident $calc:ident $field:ident ($range:ident $(($bits:literal))?) $align:literal $stored:ident $via:ident;)*) => {
        &[$($crate::reloc::Row {
            number: $number,
            name: stringify!($name),
            calc: $crate::reloc::Calc::$calc,
            field: $crate::field::Field::$field,
            range: $crate::reloc::Range::$range $(($bits))?,
            align: $align,
            stored: $crate::reloc::Stored::$stored,
            via: $crate::reloc::Via::$via,
            width: $crate::PtrWidth::$width,
        }),*]
    };
}
pub(crate) use rows;

#[cfg(test)]
mod tests;
