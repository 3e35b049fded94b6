//! Relocation rows and the only interpreter of them.
//!
//! A [`Row`] says what one relocation number computes (over `S`, `A`, `P`, and `V`, the value stored in the field),
//! where it puts the result, and what must hold. [`apply`] does it, in `u64` on every host, so that relocation of
//! every architecture can be tested anywhere. What a symbol resolves to is the loader's business.

use core::fmt;

use crate::field::Field;
use crate::{Endian, PtrWidth};

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
    pub field: &'static Field,
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
    /// Byte order of the field.
    pub endian: Endian,
}

/// What is computed. `Page(x)` is `x` without its low 12 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calc {
    /// `S + A`
    Abs,
    /// `S + A - P`
    Rel,
    /// `S + A - (P & ~3)`: relative to the word that holds `P`.
    RelDown,
    /// `S + A - ((P + 3) & ~3)`: relative to the first word that does not begin before `P`.
    RelUp,
    /// `Page(S + A) - Page(P)`
    Page,
    /// `S + A - Region(P + 4)`, the 256 MiB region of the instruction behind `P`.
    Region,
    /// `V + S + A`: half of a difference of two symbols.
    Plus,
    /// `V - S - A`: the other half, at the same place.
    Minus,
}

impl Calc {
    /// Alignment of an image, in bytes, that makes the result the same wherever the image is placed, if the symbol is in
    /// the image too; `None` if there is no such alignment. Halves of differences come in pairs at one place, whose
    /// sum is meant.
    #[must_use]
    pub const fn image_align(self) -> Option<u64> {
        match self {
            Calc::Rel | Calc::Plus | Calc::Minus => Some(1),
            Calc::RelDown | Calc::RelUp => Some(4),
            Calc::Page => Some(4096),
            Calc::Abs | Calc::Region => None,
        }
    }
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
    /// With 0x800 added it fits a two's complement number of so many bits: what an upper part and a signed lower part of 12
    /// bits reach together.
    Rounded(u8),
    /// It is negative, and fits a two's complement number of one bit more than so many.
    Negative(u8),
    /// It is this number.
    Exactly(i8),
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
            Range::Rounded(bits) => Range::Signed(bits).contains(value.wrapping_add(0x800)),
            Range::Negative(bits) => value < 0 && value >= -(1_i64 << bits),
            Range::Exactly(number) => value == number as i64,
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Any => f.write_str("any"),
            Range::Signed(bits) => write!(f, "signed {bits} bits"),
            Range::Unsigned(bits) => write!(f, "unsigned {bits} bits"),
            Range::Rounded(bits) => write!(f, "signed {bits} bits when rounded"),
            Range::Negative(bits) => write!(f, "negative {bits} bits"),
            Range::Exactly(number) => write!(f, "{number}"),
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
    /// The place holds no instruction the row is for.
    Instruction {
        /// The address of the field.
        place: u64,
    },
    /// The result has low bits the field does not store.
    Uneven {
        /// The result.
        value: i64,
        /// What it should have been a multiple of.
        unit: u64,
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
            RelocError::Instruction { place } => {
                write!(f, "no instruction for this relocation at {place:#x}")
            }
            RelocError::Uneven { value, unit } => {
                let sign = if *value < 0 { "-" } else { "" };
                let value = value.unsigned_abs();
                write!(f, "value {sign}{value:#x} no multiple of {unit}")
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
        size: row.field.size.into(),
        section: bytes.len() as u64,
    };
    let start = usize::try_from(offset).map_err(|_| outside)?;
    let field = bytes.get_mut(start..).ok_or(outside)?;
    let stored = row.field.read(field, row.endian).ok_or(outside)?;
    if place & u64::from(row.align).wrapping_sub(1) != 0 {
        let align = row.align;
        return Err(RelocError::Misaligned { place, align });
    }
    if row.field.fits(field, row.endian) != Some(true) {
        return Err(RelocError::Instruction { place });
    }
    let value = row.result(place, symbol, addend, stored);
    if !row.range.contains(value) {
        let range = row.range;
        return Err(RelocError::OutOfRange { value, range });
    }
    let unit = 1_u64 << row.field.unit;
    if !value.cast_unsigned().is_multiple_of(unit) {
        return Err(RelocError::Uneven { value, unit });
    }
    let value = value.cast_unsigned();
    row.field.write(field, row.endian, value).ok_or(outside)
}

impl Row {
    /// The computation alone: `S`, `A`, `P`, `V` to the signed result, modulo 2^width.
    #[must_use]
    pub const fn result(&self, place: u64, symbol: u64, addend: i64, stored: i64) -> i64 {
        let stored = match self.stored {
            Stored::Added => stored.cast_unsigned(),
            Stored::Ignored => 0,
        };
        let sum = symbol.wrapping_add_signed(addend);
        let to = sum.wrapping_add(stored);
        let value = match self.calc {
            Calc::Abs | Calc::Plus => to,
            Calc::Rel => to.wrapping_sub(place),
            Calc::RelDown => to.wrapping_sub(place & !3),
            Calc::RelUp => to.wrapping_sub(place.wrapping_add(3) & !3),
            Calc::Page => (to & !0xFFF).wrapping_sub(place & !0xFFF),
            Calc::Region => to.wrapping_sub(place.wrapping_add(4) & !0x0FFF_FFFF),
            Calc::Minus => stored.wrapping_sub(sum),
        };
        let unused = 64 - self.width.bits();
        (value << unused).cast_signed() >> unused
    }

    /// Whether a symbol at any address can be reached, with a stub if there is one.
    #[must_use]
    pub fn reaches_everything(&self) -> bool {
        let all = match self.range {
            Range::Any => true,
            Range::Signed(bits) | Range::Rounded(bits) | Range::Unsigned(bits) => {
                u32::from(bits) >= self.width.bits()
            }
            Range::Negative(_) | Range::Exactly(_) => false,
        };
        all || self.via == Via::Stub
    }

    /// Alignment of an image, in bytes, with which this relocation can be resolved for good if its symbol is in the image
    /// too: the result then does not depend on where the image is placed. `None` if it always does.
    ///
    /// Low parts of absolute addresses are such relocations: the low 12 bits are known once the image is aligned to 4096.
    #[must_use]
    pub fn image_align(&self) -> Option<u64> {
        match (self.calc, self.range) {
            (_, Range::Exactly(_)) => None,
            (Calc::Abs, Range::Any) if self.field.bits() <= 12 => Some(1 << self.field.bits()),
            (calc, _) => calc.image_align(),
        }
    }
}

/// Rows of one architecture, one a line, all with addresses of the same width and fields of the same byte order.
///
/// Grammar: `rows! { WIDTH ENDIAN; (NUMBER NAME CALC FIELD RANGE ALIGN STORED VIA;)* }`. The line
/// `2 R_X86_64_PC32 Rel WORD32 (Signed(32)) 1 Ignored Direct;` becomes
/// `Row { number: 2, name: "R_X86_64_PC32", calc: Calc::Rel, field: field::WORD32, range: Range::Signed(32), align: 1,
/// stored: Stored::Ignored, via: Via::Direct, width: PtrWidth::W64, endian: Endian::Little }`.
macro_rules! rows {
    ($width:ident $endian:ident; $($number:literal $name:ident $calc:ident $field:ident ($range:ident $(($bits:literal))?) $align:literal $stored:ident $via:ident;)*) => {
        &[$($crate::reloc::Row {
            number: $number,
            name: stringify!($name),
            calc: $crate::reloc::Calc::$calc,
            field: $crate::field::$field,
            range: $crate::reloc::Range::$range $(($bits))?,
            align: $align,
            stored: $crate::reloc::Stored::$stored,
            via: $crate::reloc::Via::$via,
            width: $crate::PtrWidth::$width,
            endian: $crate::Endian::$endian,
        }),*]
    };
}
pub(crate) use rows;

#[cfg(test)]
mod tests;
