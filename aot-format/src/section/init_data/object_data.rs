//! Object data sections: what the compiler's object file holds besides code (constants, jump tables, stack sizes).
//!
//! Spec: `aot-v6.md` A.5.12.

use crate::cursor::Cursor;
use crate::error::ReadError;
use crate::seq::{Form, Item};

/// One object data section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectData<'a> {
    /// Name, e.g. `.rodata`; symbols and groups mean the first of a name.
    pub name: &'a str,
    /// Contents before relocation.
    pub bytes: &'a [u8],
}

impl ObjectData<'_> {
    /// Whether it may be protected against writing once relocated.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(self.name, ".rdata" | ".rodata" | ".srodata")
            || [".rodata.", ".srodata."]
                .iter()
                .any(|prefix| self.name.starts_with(prefix))
    }
}

impl<'a> Item<'a> for ObjectData<'a> {
    const MIN_BYTES: u32 = 8;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        let name = cursor.string()?;
        let size = cursor.u32()?;
        let bytes = cursor.bytes(size)?;
        Ok(ObjectData { name, bytes })
    }
}

#[cfg(feature = "alloc")]
impl ObjectData<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        sink.string(self.name)?;
        sink.count(self.bytes.len())?;
        sink.bytes(self.bytes);
        Ok(())
    }
}
