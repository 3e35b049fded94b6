//! FUNCTION: where each defined function is, its type, and the sizes of its frame.
//!
//! Four arrays, each with one entry per defined function; the count is in INIT_DATA. Files with garbage collection say
//! behind them which cells of each function's locals hold references.
//!
//! Spec: `aot-v6.md` A.7.

use targets::PtrWidth;

use crate::cursor::Cursor;
use crate::error::ReadError;
use crate::seq::{Form, Item, Seq};

/// One defined function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionEntry {
    /// Offset in the code. Invariant (read): inside it.
    pub text_offset: u64,
    /// Its type; the smallest index among equal types.
    pub type_index: u32,
    /// Cells of 32 bits its parameters and locals take.
    pub max_local_cells: u32,
    /// Cells its operands take at most.
    pub max_stack_cells: u32,
}

/// The function section of a file.
#[derive(Clone, Copy, Debug)]
pub struct Functions<'a> {
    width: PtrWidth,
    offsets: &'a [u8],
    types: &'a [u8],
    locals: &'a [u8],
    stacks: &'a [u8],
    /// Offset of the section's body in the file.
    pub(crate) at: u32,
}

impl Functions<'_> {
    /// Number of defined functions.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.types.len() / 4).unwrap_or(u32::MAX)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// The defined function of this index (imports not counted), in constant time.
    #[must_use]
    pub fn entry(&self, index: u32) -> Option<FunctionEntry> {
        Some(FunctionEntry {
            text_offset: match self.width {
                PtrWidth::W32 => word(self.offsets, index)?.into(),
                PtrWidth::W64 => u64::from_le_bytes(*chunk(self.offsets, index)?),
            },
            type_index: word(self.types, index)?,
            max_local_cells: word(self.locals, index)?,
            max_stack_cells: word(self.stacks, index)?,
        })
    }

    /// All defined functions in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = FunctionEntry> {
        let functions = *self;
        let count = self.types.len() / 4;
        (0..count).map(move |index| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            // The arrays have the same length, so the default never shows.
            functions.entry(index).unwrap_or(FunctionEntry {
                text_offset: 0,
                type_index: 0,
                max_local_cells: 0,
                max_stack_cells: 0,
            })
        })
    }
}

/// One byte per cell of a function's parameters and locals: 1 where a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalFlags<'a>(pub &'a [u8]);

impl<'a> Item<'a> for LocalFlags<'a> {
    const MIN_BYTES: u32 = 4;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let count = cursor.u32()?;
        cursor.bytes(count).map(LocalFlags)
    }
}

pub(crate) fn decode_flags<'a>(
    cursor: &mut Cursor<'a>,
    functions: u32,
    objects: bool,
) -> Result<Seq<'a, LocalFlags<'a>>, ReadError> {
    if objects {
        Seq::read(cursor, functions, Form::PLAIN)
    } else {
        Ok(Seq::EMPTY)
    }
}

/// The flags of a file as the writer takes them: none if no function has any.
#[cfg(feature = "alloc")]
pub(crate) fn used_flags<'a>(flags: Seq<'a, LocalFlags<'a>>) -> alloc::vec::Vec<LocalFlags<'a>> {
    if flags.iter().all(|flags| flags.0.is_empty()) {
        return alloc::vec::Vec::new();
    }
    flags.iter().collect()
}

#[cfg(feature = "alloc")]
pub(crate) fn encode_flags(
    flags: &[LocalFlags<'_>],
    functions: usize,
    sink: &mut crate::sink::Sink,
) -> Result<(), crate::WriteError> {
    let flags = flags.iter().map(|flags| flags.0);
    for flags in flags.chain(core::iter::repeat(&[][..])).take(functions) {
        sink.count(flags.len())?;
        sink.bytes(flags);
    }
    Ok(())
}

fn chunk<const N: usize>(bytes: &[u8], index: u32) -> Option<&[u8; N]> {
    let start = (index as usize).checked_mul(N)?;
    bytes.get(start..)?.first_chunk()
}

fn word(bytes: &[u8], index: u32) -> Option<u32> {
    chunk(bytes, index).map(|bytes| u32::from_le_bytes(*bytes))
}

pub(crate) fn decode<'a>(
    cursor: &mut Cursor<'a>,
    count: u32,
    width: PtrWidth,
) -> Result<Functions<'a>, ReadError> {
    let at = cursor.offset();
    Ok(Functions {
        width,
        offsets: cursor.bytes(count.saturating_mul(width.bytes()))?,
        types: cursor.bytes(count.saturating_mul(4))?,
        locals: cursor.bytes(count.saturating_mul(4))?,
        stacks: cursor.bytes(count.saturating_mul(4))?,
        at,
    })
}

#[cfg(feature = "alloc")]
pub(crate) fn encode(
    functions: &[FunctionEntry],
    sink: &mut crate::sink::Sink,
    width: PtrWidth,
) -> Result<(), crate::WriteError> {
    for function in functions {
        sink.word(function.text_offset, width)?;
    }
    for function in functions {
        sink.u32(function.type_index);
    }
    for function in functions {
        sink.u32(function.max_local_cells);
    }
    for function in functions {
        sink.u32(function.max_stack_cells);
    }
    Ok(())
}
