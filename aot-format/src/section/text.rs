//! TEXT: the literal area (Xtensa), then the code.
//!
//! Spec: `aot-v6.md` A.6.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};

/// The text section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// Literals that code addresses relative to itself. Invariant (read): a multiple of 4 bytes.
    pub literal: &'a [u8],
    /// Machine code; function offsets count from here.
    pub code: &'a [u8],
}

pub(crate) fn decode<'a>(cursor: &mut Cursor<'a>) -> Result<Text<'a>, ReadError> {
    let at = *cursor;
    let literal_size = cursor.u32()?;
    let bad_size = at.error(ReadErrorKind::LiteralSize(literal_size));
    if literal_size % 4 != 0 || literal_size > cursor.left() {
        return Err(bad_size);
    }
    let literal = cursor.bytes(literal_size)?;
    let code = cursor.bytes(cursor.left())?;
    Ok(Text { literal, code })
}

#[cfg(feature = "alloc")]
pub(crate) fn encode(text: &Text<'_>, sink: &mut crate::sink::Sink) {
    let size = u32::try_from(text.literal.len()).unwrap_or(u32::MAX);
    sink.u32(size.next_multiple_of(4));
    sink.bytes(text.literal);
    sink.align(4);
    sink.bytes(text.code);
    sink.align(4);
}
