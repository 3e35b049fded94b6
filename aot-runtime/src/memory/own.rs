//! Memories that belong to one store.
//!
//! With guard pages the region is reserved once and the base never moves;
//! without, growing allocates anew and copies. What is reserved for which
//! memory is decision 009; what compiled code reads of one is spec C.7.

use crate::host::share::Arc;

use aot_format::abi::memory::{Field, GUARDED_RESERVATION, WIDE_GUARD};

use super::{MemoryInit, MemoryType};
use crate::context::{Block, Region};
use crate::error::InstantiateError;
use crate::layout::WIDTH;
use crate::limits::Limits;
use crate::platform::{Placement, Platform};

/// Address space behind what offsets reach, for wide accesses at the end.
const RESERVATION_TAIL: u64 = 65536;

/// Most address space reserved ahead for a memory with 64-bit addresses to
/// grow into. Untouched it costs nothing but addresses, of which a process has
/// 128 TiB.
const WIDE_ROOM: u64 = 64 << 30;

/// A memory of one store, with the structure that describes it to compiled code.
pub(crate) struct OwnMemory {
    region: Region,
    /// Bytes of the region it may grow to.
    room: usize,
    init: MemoryInit,
    pages: u64,
    bytes: usize,
    block: Arc<Block>,
    offset: usize,
}

impl OwnMemory {
    /// A memory described at `offset` of `block`.
    pub(crate) fn new(
        platform: &'static dyn Platform,
        init: MemoryInit,
        block: Arc<Block>,
        offset: usize,
    ) -> Result<OwnMemory, InstantiateError> {
        let failed = InstantiateError::OutOfMemory { pages: init.pages };
        let bytes = size(&init, init.pages).ok_or(failed.clone())?;
        let (mut region, room) = reserve(platform, &init, bytes).ok_or(failed.clone())?;
        if !region.commit(bytes) {
            return Err(failed);
        }
        let entry = OwnMemory {
            region,
            room,
            init,
            pages: init.pages,
            bytes,
            block,
            offset,
        };
        entry.describe();
        Ok(entry)
    }

    /// Address of the structure.
    pub(crate) fn descriptor(&self) -> usize {
        self.block.address(self.offset)
    }

    /// Address of its first byte.
    pub(crate) fn base(&self) -> usize {
        self.region.address()
    }

    /// How far an address is inside the reservation, if it is.
    pub(crate) fn offset_of(&self, address: usize) -> Option<usize> {
        let offset = address.wrapping_sub(self.region.address());
        (offset < self.region.reserved()).then_some(offset)
    }

    /// The type to match imports against: current size as minimum.
    pub(crate) fn ty(&self) -> MemoryType {
        present_type(&self.init, self.bytes)
    }

    /// The size in pages.
    pub(crate) fn pages(&self) -> u64 {
        self.pages
    }

    /// Grows by `delta` pages; the old size, or `None` if refused.
    pub(crate) fn grow(&mut self, delta: u64) -> Option<u64> {
        let old = self.pages;
        let pages = old
            .checked_add(delta)
            .filter(|&pages| pages <= self.init.max_pages)?;
        let bytes = size(&self.init, pages)?;
        if bytes > self.room || !self.region.commit(bytes) {
            self.relocate(bytes)?;
        }
        self.pages = pages;
        self.bytes = bytes;
        self.describe();
        Some(old)
    }

    /// Moves to a larger region, where address space is not reserved ahead.
    fn relocate(&mut self, bytes: usize) -> Option<()> {
        if bytes <= self.region.reserved() || self.region.platform().capabilities().guard_pages {
            return None;
        }
        let mut region = Region::reserve(self.region.platform(), bytes, Placement::Any)?;
        if !region.commit(bytes) {
            return None;
        }
        let old = self.region.slice(self.bytes);
        region
            .slice_mut(bytes)
            .get_mut(..old.len())?
            .copy_from_slice(old);
        self.region = region;
        self.room = bytes;
        Some(())
    }

    fn describe(&self) {
        let base = self.region.address();
        describe(&self.block, self.offset, &self.init, base, self.bytes);
    }

    /// The bytes.
    pub(crate) fn data(&self) -> &[u8] {
        self.region.slice(self.bytes)
    }

    /// The bytes, to write.
    pub(crate) fn data_mut(&mut self) -> &mut [u8] {
        self.region.slice_mut(self.bytes)
    }
}

/// The type of a memory of so many bytes: they are its minimum.
pub(super) fn present_type(init: &MemoryInit, bytes: usize) -> MemoryType {
    let ty = init.ty;
    let pages = bytes as u64 / u64::from(ty.page_bytes.max(1));
    let limits = Limits {
        min: pages.max(ty.limits.min),
        max: ty.limits.max,
    };
    MemoryType { limits, ..ty }
}

/// The bounds of accesses by width.
pub(super) const BOUNDS: [(Field, usize); 5] = [
    (Field::MemBoundCheck1byte, 1),
    (Field::MemBoundCheck2bytes, 2),
    (Field::MemBoundCheck4bytes, 4),
    (Field::MemBoundCheck8bytes, 8),
    (Field::MemBoundCheck16bytes, 16),
];

/// The number of pages as the structure has it: code asks the size in bytes
/// where pages could be more.
pub(super) fn narrow(pages: u64) -> u32 {
    u32::try_from(pages).unwrap_or(u32::MAX)
}

/// Writes type, size and base where compiled code looks.
pub(super) fn describe(block: &Block, offset: usize, init: &MemoryInit, base: usize, bytes: usize) {
    let at = |field: Field| offset + field.offset(WIDTH) as usize;
    block.set_u32(at(Field::ModuleType), 1);
    block.write(at(Field::IsSharedMemory), &[u8::from(init.ty.shared)]);
    block.write(at(Field::IsMemory64), &[u8::from(init.ty.memory64)]);
    block.write(at(Field::RefCount), &1_u16.to_ne_bytes());
    block.set_u32(at(Field::NumBytesPerPage), init.page_bytes);
    let pages = bytes as u64 / u64::from(init.page_bytes.max(1));
    block.set_u32(at(Field::CurPageCount), narrow(pages));
    block.set_u32(at(Field::MaxPageCount), narrow(init.max_pages));
    block.set_u64(at(Field::MemoryDataSize), bytes as u64);
    block.set_word(at(Field::MemoryData), base);
    block.set_word(at(Field::MemoryDataEnd), base.wrapping_add(bytes));
    for (field, width) in BOUNDS {
        block.set_word(at(field), bytes.saturating_sub(width));
    }
}

/// Bytes of so many pages, if this machine can address them.
pub(super) fn size(init: &MemoryInit, pages: u64) -> Option<usize> {
    usize::try_from(pages.checked_mul(init.page_bytes.into())?).ok()
}

/// Sets address space aside; also answers how much of it the memory may grow to.
pub(super) fn reserve(
    platform: &'static dyn Platform,
    init: &MemoryInit,
    bytes: usize,
) -> Option<(Region, usize)> {
    let region = |bytes: usize| Region::reserve(platform, bytes, Placement::Any);
    let most = init.max_pages.saturating_mul(init.page_bytes.into());
    if !platform.capabilities().guard_pages {
        if !init.ty.shared {
            return Some((region(bytes)?, bytes));
        }
        // A shared memory never moves, so all it may grow to is reserved, or as
        // much of it as there are addresses for.
        let most = usize::try_from(most).unwrap_or(usize::MAX / 2);
        return most_room(most.max(bytes), bytes, region);
    }
    let first = bytes as u64;
    if !init.ty.memory64 {
        let reserved = GUARDED_RESERVATION
            .max(first)
            .checked_add(RESERVATION_TAIL)?;
        let room = most.min(GUARDED_RESERVATION).max(first);
        return Some((
            region(usize::try_from(reserved).ok()?)?,
            usize::try_from(room).ok()?,
        ));
    }
    let most = usize::try_from(most.min(WIDE_ROOM).max(first)).ok()?;
    most_room(most, bytes, |room| {
        let reserved = (room as u64).checked_add(WIDE_GUARD)?;
        let reserved = reserved.max(GUARDED_RESERVATION);
        region(usize::try_from(reserved.checked_add(RESERVATION_TAIL)?).ok()?)
    })
}

/// A region for `most` bytes to grow into; where addresses are few, for half as
/// many and so on, but not less than `least`.
fn most_room(
    most: usize,
    least: usize,
    region: impl Fn(usize) -> Option<Region>,
) -> Option<(Region, usize)> {
    let mut room = most;
    loop {
        if let Some(region) = region(room) {
            return Some((region, room));
        }
        if room == least {
            return None;
        }
        room = (room / 2).max(least);
    }
}
