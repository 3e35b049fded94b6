//! NATIVE_SYMBOL: the table of addresses and constants that execute-in-place code takes instead of relocations.
//!
//! Names are stored last entry first. Each says what its pointer-sized slot holds.
//!
//! Spec: `aot-v6.md` A.10.

use crate::cursor::Cursor;
use crate::error::ReadError;
use crate::seq::{Form, Seq};

/// What a slot of the native symbol table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeSymbol<'a> {
    /// Nothing; the slot stays zero (or is the second half of a 64-bit constant before it).
    Empty,
    /// A 32-bit constant.
    Word32(u32),
    /// A 64-bit constant, over two slots where pointers have 32 bits.
    Word64(u64),
    /// The address of something of the runtime.
    Address(&'a str),
}

impl<'a> NativeSymbol<'a> {
    /// What a name says. A constant with malformed digits is an address nobody knows.
    #[must_use]
    pub fn parse(name: &'a str) -> NativeSymbol<'a> {
        if name.is_empty() || name.starts_with("__ignore") {
            return NativeSymbol::Empty;
        }
        let constant = name.split_once('#').and_then(|(kind, digits)| {
            let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            match (kind, digits.len()) {
                ("i32" | "f32", 8) if plain => u32::from_str_radix(digits, 16)
                    .ok()
                    .map(NativeSymbol::Word32),
                ("i64" | "f64", 16) if plain => u64::from_str_radix(digits, 16)
                    .ok()
                    .map(NativeSymbol::Word64),
                _ => None,
            }
        });
        constant.unwrap_or(NativeSymbol::Address(name))
    }
}

pub(super) fn decode<'a>(cursor: &mut Cursor<'a>) -> Result<Seq<'a, &'a str>, ReadError> {
    let count = cursor.u32()?;
    Seq::read(cursor, count, Form::PLAIN)
}

#[cfg(feature = "alloc")]
pub(super) fn encode<'a>(
    symbols: Seq<'a, &'a str>,
    sink: &mut crate::sink::Sink,
) -> Result<(), crate::WriteError> {
    sink.u32(symbols.len());
    symbols.iter().try_for_each(|name| sink.string(name))
}
