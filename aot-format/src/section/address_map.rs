//! Our own section of origins: which instruction of the module the code was made from.
//!
//! It is a raw custom section named `wamrc.address_map`, in files that were compiled to have it. No loader reads it.
//!
//! Layout, each field aligned as everywhere: `u16` version, `u16` 0, `u32` count, then `{u32 offset in the code, u32 offset
//! in the module}`, ascending by the first. An item is for the code up to the next one's; offset 0 in the module, where no
//! instruction is, stands for code that belongs to none.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::section::custom::CustomSection;
use crate::seq::{Form, Item, Seq};
use crate::view::View;

/// Name of the custom section.
pub const NAME: &str = "wamrc.address_map";

/// Version of the section this crate writes, and the only one it reads.
pub const VERSION: u16 = 1;

/// Where code begins that was made from an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Offset in the code, in bytes.
    pub text_offset: u32,
    /// Offset of the instruction in the module, in bytes; 0 for none.
    pub wasm_offset: u32,
}

/// What a file says of the origin of its code.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AddressMap<'a> {
    /// By ascending offset in the code.
    pub origins: Seq<'a, Origin>,
}

impl<'a> AddressMap<'a> {
    /// The map of a file; `None` if it has none.
    ///
    /// # Errors
    /// The version is unknown, or the items are cut off. The position is that in the section.
    pub fn find(view: &View<'a>) -> Result<Option<AddressMap<'a>>, ReadError> {
        let mut sections = view.custom().iter();
        let bytes = sections.find_map(|section| match section {
            CustomSection::Raw { name: NAME, bytes } => Some(bytes),
            _ => None,
        });
        bytes.map(AddressMap::read).transpose()
    }

    /// Reads the contents of the section.
    ///
    /// # Errors
    /// As for [`AddressMap::find`].
    pub fn read(bytes: &'a [u8]) -> Result<AddressMap<'a>, ReadError> {
        let mut cursor = Cursor::new(bytes)?;
        let at = cursor;
        let version = cursor.u16()?;
        if version != VERSION {
            return Err(at.error(ReadErrorKind::AddressMapVersion(version)));
        }
        cursor.u16()?;
        let count = cursor.u32()?;
        let origins = Seq::read(&mut cursor, count, Form::PLAIN)?;
        Ok(AddressMap { origins })
    }
}

impl<'a> Item<'a> for Origin {
    const MIN_BYTES: u32 = 8;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        Ok(Origin {
            text_offset: cursor.u32()?,
            wasm_offset: cursor.u32()?,
        })
    }
}

#[cfg(feature = "alloc")]
impl AddressMap<'_> {
    /// The contents of the section.
    #[must_use]
    pub fn write(&self) -> alloc::vec::Vec<u8> {
        let mut sink = crate::sink::Sink::default();
        sink.u16(VERSION);
        sink.u16(0);
        sink.u32(self.origins.len());
        for origin in self.origins {
            sink.u32(origin.text_offset);
            sink.u32(origin.wasm_offset);
        }
        sink.finish()
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::{AddressMap, Origin, VERSION};
    use crate::ReadErrorKind;

    #[test]
    fn what_is_written_is_read() {
        let origins = [(0, 8), (4, 0), (12, 9)].map(|(text_offset, wasm_offset)| Origin {
            text_offset,
            wasm_offset,
        });
        let origins = origins.as_slice().into();
        let bytes = AddressMap { origins }.write();
        assert_eq!(AddressMap::read(&bytes), Ok(AddressMap { origins }));
        for length in 0..bytes.len() {
            assert!(AddressMap::read(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn other_versions_are_refused() {
        let bytes = [2, 0, 0, 0, 0, 0, 0, 0];
        let found = AddressMap::read(&bytes).map_err(|error| error.kind);
        assert_eq!(found, Err(ReadErrorKind::AddressMapVersion(VERSION + 1)));
    }
}
