//! Data segments.
//!
//! Spec: `aot-v6.md` A.5.5.

use super::expr::InitExpr;
use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::seq::{Form, Item};

/// One data segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DataSegment<'a> {
    /// Copied by `memory.init` only.
    pub passive: bool,
    /// The memory it initialises. Invariant (read): in range when active.
    pub memory: u32,
    /// Where; [`InitExpr::None`] when passive. Invariant (read): an integer when active.
    pub offset: InitExpr<'a>,
    /// What.
    pub bytes: &'a [u8],
}

impl<'a> Item<'a> for DataSegment<'a> {
    const MIN_BYTES: u32 = 16;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let passive = match cursor.u32()? {
            0 => false,
            1 => true,
            other => return Err(at.error(ReadErrorKind::NotBoolean(other))),
        };
        let memory = cursor.u32()?;
        let at = *cursor;
        let offset = InitExpr::decode(cursor, form)?;
        if !passive && !offset.can_be_integer() {
            return Err(at.error(ReadErrorKind::InitExprType(0x7F)));
        }
        let size = cursor.u32()?;
        Ok(DataSegment {
            passive,
            memory,
            offset,
            bytes: cursor.bytes(size)?,
        })
    }
}

#[cfg(feature = "alloc")]
impl DataSegment<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        sink.u32(self.passive.into());
        sink.u32(self.memory);
        self.offset.encode(sink);
        sink.count(self.bytes.len())?;
        sink.bytes(self.bytes);
        Ok(())
    }
}
