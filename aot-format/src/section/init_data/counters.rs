//! Counters and auxiliary values: number of functions, start function, and where the C stack and heap are.
//!
//! Spec: `aot-v6.md` A.5.11.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};

/// Counters and auxiliary values, 48 bytes. Absent indices are all ones in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuxInfo {
    /// Number of defined functions.
    pub func_count: u32,
    /// Start function, in the whole index space.
    pub start: Option<u32>,
    /// Global exported as `__data_end`. Invariant (read, all three): a defined global.
    pub data_end_global: Option<u32>,
    /// Its value, rounded up to 16.
    pub data_end: u64,
    /// Global exported as `__heap_base`.
    pub heap_base_global: Option<u32>,
    /// Its value.
    pub heap_base: u64,
    /// The stack pointer global.
    pub stack_top_global: Option<u32>,
    /// Its initial value: the stack grows down from here. Invariant (read, all three): below 4 GiB.
    pub stack_bottom: u64,
    /// Size of the stack in bytes.
    pub stack_size: u32,
}

const ABSENT: u32 = u32::MAX;

pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<AuxInfo, ReadError> {
    Ok(AuxInfo {
        func_count: cursor.u32()?,
        start: index(cursor)?,
        data_end_global: index(cursor)?,
        data_end: value(cursor)?,
        heap_base_global: index(cursor)?,
        heap_base: value(cursor)?,
        stack_top_global: index(cursor)?,
        stack_bottom: value(cursor)?,
        stack_size: cursor.u32()?,
    })
}

fn index(cursor: &mut Cursor<'_>) -> Result<Option<u32>, ReadError> {
    Ok(Some(cursor.u32()?).filter(|index| *index != ABSENT))
}

fn value(cursor: &mut Cursor<'_>) -> Result<u64, ReadError> {
    let at = *cursor;
    match cursor.u64()? {
        value if value > u64::from(u32::MAX) => Err(at.error(ReadErrorKind::AuxValue(value))),
        value => Ok(value),
    }
}

#[cfg(feature = "alloc")]
impl AuxInfo {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) {
        sink.u32(self.func_count);
        sink.u32(self.start.unwrap_or(ABSENT));
        sink.u32(self.data_end_global.unwrap_or(ABSENT));
        sink.u64(self.data_end);
        sink.u32(self.heap_base_global.unwrap_or(ABSENT));
        sink.u64(self.heap_base);
        sink.u32(self.stack_top_global.unwrap_or(ABSENT));
        sink.u64(self.stack_bottom);
        sink.u32(self.stack_size);
    }
}
