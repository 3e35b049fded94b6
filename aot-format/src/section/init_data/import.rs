//! Imported functions.
//!
//! Spec: `aot-v6.md` A.5.10.

use crate::cursor::Cursor;
use crate::error::ReadError;
use crate::seq::{Form, Item};

/// One imported function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportFunc<'a> {
    /// Its type (16 bits in the file); the smallest index among equal types. Invariant (read): in range.
    pub type_index: u32,
    /// Module it comes from.
    pub module: &'a str,
    /// Name there.
    pub name: &'a str,
}

impl<'a> Item<'a> for ImportFunc<'a> {
    const MIN_BYTES: u32 = 6;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        Ok(ImportFunc {
            type_index: cursor.u16()?.into(),
            module: cursor.string()?,
            name: cursor.string()?,
        })
    }
}

#[cfg(feature = "alloc")]
impl ImportFunc<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        let index = u16::try_from(self.type_index);
        sink.u16(index.map_err(|_| crate::WriteError::ImportType(self.type_index))?);
        sink.string(self.module)?;
        sink.string(self.name)
    }
}
