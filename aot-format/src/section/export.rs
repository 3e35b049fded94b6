//! EXPORT: what the module gives to others, by name.
//!
//! Spec: `aot-v6.md` A.8.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::seq::{Form, Item};

/// One export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export<'a> {
    /// Index in the space of its kind, imports first.
    pub index: u32,
    /// What it is.
    pub kind: ExportKind,
    /// Its name. Invariant (read): unique in the file.
    pub name: &'a str,
}

/// Kinds of exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExportKind {
    /// A function.
    Func = 0,
    /// A table.
    Table = 1,
    /// A memory.
    Memory = 2,
    /// A global.
    Global = 3,
}

impl ExportKind {
    /// Name in wasm text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ExportKind::Func => "func",
            ExportKind::Table => "table",
            ExportKind::Memory => "memory",
            ExportKind::Global => "global",
        }
    }
}

impl<'a> Item<'a> for Export<'a> {
    const MIN_BYTES: u32 = 8;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        let index = cursor.u32()?;
        let at = *cursor;
        let kind = match cursor.u8()? {
            0 => ExportKind::Func,
            1 => ExportKind::Table,
            2 => ExportKind::Memory,
            3 => ExportKind::Global,
            other => return Err(at.error(ReadErrorKind::ExportKind(other))),
        };
        let name = cursor.string()?;
        Ok(Export { index, kind, name })
    }
}

#[cfg(feature = "alloc")]
impl Export<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        sink.u32(self.index);
        sink.u8(self.kind as u8);
        sink.string(self.name)
    }
}
