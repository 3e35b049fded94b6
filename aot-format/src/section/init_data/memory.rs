//! Memories as INIT_DATA lists them.
//!
//! Imported memories are in the same list, first; the field that would count them apart is always 0. A module
//! without memory has one entry `{0, 65536, 0, 0}`.
//!
//! Spec: `aot-v6.md` A.5.4.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind, Unsupported};
use crate::seq::{Form, Item};

/// One memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryType {
    /// [`MemoryType::HAS_MAX`], [`MemoryType::SHARED`], [`MemoryType::MEMORY64`], [`MemoryType::OURS`].
    pub flags: u32,
    /// Bytes per page: 65536, or any number for a memory that cannot grow.
    pub page_bytes: u32,
    /// Initial size in pages.
    pub init_pages: u32,
    /// Maximum size in pages. Invariant (read): not below the initial size.
    pub max_pages: u32,
}

impl MemoryType {
    /// Flag: a maximum was declared.
    pub const HAS_MAX: u32 = 1;
    /// Flag: shared between threads.
    pub const SHARED: u32 = 2;
    /// Flag: 64-bit addresses.
    pub const MEMORY64: u32 = 4;

    /// Flag of ours: stock runtimes would get this memory wrong, and refuse a file with unknown flags. They have no guard
    /// pages in builds with 64-bit memories, put all data into memory 0, and round sizes up to the machine's pages.
    pub const OURS: u32 = 8;

    /// Stands for "no memory".
    pub const NONE: MemoryType = MemoryType {
        flags: 0,
        page_bytes: 65536,
        init_pages: 0,
        max_pages: 0,
    };

    /// Whether a flag is set.
    #[must_use]
    pub const fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Initial size in bytes.
    #[must_use]
    pub const fn init_bytes(&self) -> u64 {
        self.init_pages as u64 * self.page_bytes as u64
    }
}

impl<'a> Item<'a> for MemoryType {
    const MIN_BYTES: u32 = 16;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let memory = MemoryType {
            flags: cursor.u32()?,
            page_bytes: cursor.u32()?,
            init_pages: cursor.u32()?,
            max_pages: cursor.u32()?,
        };
        let known = Self::HAS_MAX | Self::SHARED | Self::MEMORY64 | Self::OURS;
        let shared_without_max = memory.has(Self::SHARED) && !memory.has(Self::HAS_MAX);
        if memory.flags & !known != 0 || shared_without_max {
            return Err(at.error(ReadErrorKind::MemoryFlags(memory.flags)));
        }
        let (init, max) = (memory.init_pages, memory.max_pages);
        if init > max {
            return Err(at.error(ReadErrorKind::Limits { init, max }));
        }
        Ok(memory)
    }
}

/// The count of memories listed apart as imported: always 0.
pub(super) fn refuse_imported(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    let at = *cursor;
    match cursor.u32()? {
        0 => Ok(()),
        _ => Err(at.error(ReadErrorKind::Unsupported(Unsupported::ImportedMemories))),
    }
}

#[cfg(feature = "alloc")]
impl MemoryType {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) {
        sink.u32(self.flags);
        sink.u32(self.page_bytes);
        sink.u32(self.init_pages);
        sink.u32(self.max_pages);
    }
}
