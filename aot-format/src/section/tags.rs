//! Our own section of exception tags: what a module throws, catches, imports and exports.
//!
//! It is a raw custom section named `wamrc.tags`, present only in files that use exceptions. Files that have it name
//! runtime functions that stock WAMR lacks, so stock refuses them.
//!
//! Layout, each field aligned as everywhere: `u16` version, `u16` flags (bit 0: the code looks for exceptions after
//! calls), then three lists, each a `u32` count and its items: imported tags `{u32 type, string module, string name}`,
//! defined tags `{u32 type}`, exports `{u32 index, string name}`.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::seq::{Form, Item, Seq};

/// Name of the custom section.
pub const NAME: &str = "wamrc.tags";

/// Version of the section this crate writes, and the only one it reads.
pub const VERSION: u16 = 1;

const HANDLES: u16 = 1;

/// The exception tags of a module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tags<'a> {
    /// After every call that may leave one the code looks for an exception, so throwing returns. Else throwing ends
    /// the activation.
    pub handles: bool,
    /// Imported tags; their indices come first.
    pub imports: Seq<'a, ImportTag<'a>>,
    /// Defined tags.
    pub defined: Seq<'a, DefinedTag>,
    /// Exported tags.
    pub exports: Seq<'a, ExportTag<'a>>,
}

/// An imported tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportTag<'a> {
    /// Function type whose parameters are the payload. Invariant (read): in range.
    pub type_index: u32,
    /// Module it comes from.
    pub module: &'a str,
    /// Name there.
    pub name: &'a str,
}

/// A defined tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefinedTag {
    /// Function type whose parameters are the payload. Invariant (read): in range.
    pub type_index: u32,
}

/// An exported tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportTag<'a> {
    /// Its index, imports first. Invariant (read): in range.
    pub index: u32,
    /// Its name.
    pub name: &'a str,
}

impl<'a> Tags<'a> {
    /// Reads the contents of a raw section named [`NAME`].
    pub(crate) fn decode(cursor: &mut Cursor<'a>) -> Result<Tags<'a>, ReadError> {
        cursor.align(2);
        let at = *cursor;
        let version = cursor.u16()?;
        if version != VERSION {
            return Err(at.error(ReadErrorKind::TagsVersion(version)));
        }
        let at = *cursor;
        let flags = cursor.u16()?;
        if flags & !HANDLES != 0 {
            return Err(at.error(ReadErrorKind::NotBoolean(flags.into())));
        }
        Ok(Tags {
            handles: flags & HANDLES != 0,
            imports: list(cursor)?,
            defined: list(cursor)?,
            exports: list(cursor)?,
        })
    }

    /// Number of tags, imported and defined. Each takes bytes of the file, so the sum cannot overflow.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.imports.len().saturating_add(self.defined.len())
    }
}

fn list<'a, T: Item<'a>>(cursor: &mut Cursor<'a>) -> Result<Seq<'a, T>, ReadError> {
    let count = cursor.u32()?;
    Seq::read(cursor, count, Form::PLAIN)
}

impl<'a> Item<'a> for ImportTag<'a> {
    const MIN_BYTES: u32 = 8;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        Ok(ImportTag {
            type_index: cursor.u32()?,
            module: cursor.string()?,
            name: cursor.string()?,
        })
    }
}

impl<'a> Item<'a> for DefinedTag {
    const MIN_BYTES: u32 = 4;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        Ok(DefinedTag {
            type_index: cursor.u32()?,
        })
    }
}

impl<'a> Item<'a> for ExportTag<'a> {
    const MIN_BYTES: u32 = 6;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        Ok(ExportTag {
            index: cursor.u32()?,
            name: cursor.string()?,
        })
    }
}

#[cfg(feature = "alloc")]
impl Tags<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        sink.u16(VERSION);
        sink.u16(if self.handles { HANDLES } else { 0 });
        sink.u32(self.imports.len());
        for tag in self.imports {
            sink.u32(tag.type_index);
            sink.string(tag.module)?;
            sink.string(tag.name)?;
        }
        sink.u32(self.defined.len());
        for tag in self.defined {
            sink.u32(tag.type_index);
        }
        sink.u32(self.exports.len());
        for export in self.exports {
            sink.u32(export.index);
            sink.string(export.name)?;
        }
        Ok(())
    }
}
