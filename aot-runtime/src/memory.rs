//! Linear memories.
//!
//! A memory is a region of address space plus the structure compiled code
//! reads its size and base from. With guard pages the region is reserved once
//! and the base never moves; without, growing allocates anew and copies.

use alloc::sync::Arc;

use aot_format::abi::memory::{Field, GUARDED_RESERVATION, SIZE};

use crate::context::{Block, Region};
use crate::error::InstantiateError;
use crate::layout::WIDTH;
use crate::limits::Limits;
use crate::platform::{Placement, Platform};
use crate::store::{Store, StoreId};

/// Bytes of a WebAssembly page.
pub const PAGE_BYTES: u32 = 65536;

/// Address space behind the 8 GiB that offsets reach, for wide accesses at the end.
const RESERVATION_TAIL: u64 = 65536;

/// A memory of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub(crate) index: u32,
    pub(crate) store: StoreId,
}

/// What a memory is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryInit {
    /// Bytes per page.
    pub(crate) page_bytes: u32,
    /// First size in pages.
    pub(crate) pages: u32,
    /// Largest size in pages.
    pub(crate) max_pages: u32,
    /// Limits as the module declares them, in WebAssembly pages.
    pub(crate) declared: Limits,
    /// Addresses have 64 bits.
    pub(crate) wide: bool,
}

/// A memory with the structure that describes it to compiled code.
pub(crate) struct MemoryEntry {
    region: Region,
    init: MemoryInit,
    pages: u32,
    bytes: usize,
    block: Arc<Block>,
    offset: usize,
}

impl MemoryEntry {
    /// A memory described at `offset` of `block`.
    pub(crate) fn new(
        platform: &'static dyn Platform,
        init: MemoryInit,
        block: Arc<Block>,
        offset: usize,
    ) -> Result<MemoryEntry, InstantiateError> {
        let failed = InstantiateError::OutOfMemory { pages: init.pages };
        let bytes = size(&init, init.pages).ok_or(failed.clone())?;
        let reserved = reservation(platform, &init, bytes).ok_or(failed.clone())?;
        let mut region =
            Region::reserve(platform, reserved, Placement::Any).ok_or(failed.clone())?;
        if !region.commit(bytes) {
            return Err(failed);
        }
        let entry = MemoryEntry {
            region,
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

    /// Whether an address lies in the reservation.
    #[allow(dead_code, reason = "only hosts with a fault handler ask")]
    pub(crate) fn owns_address(&self, address: usize) -> bool {
        address.wrapping_sub(self.region.address()) < self.region.reserved()
    }

    /// The type to match imports against: current size as minimum.
    pub(crate) fn limits(&self) -> Limits {
        let scale = u64::from(self.init.page_bytes);
        let pages = u64::from(self.pages) * scale / u64::from(PAGE_BYTES);
        Limits {
            min: pages.max(self.init.declared.min),
            max: self.init.declared.max,
        }
    }

    /// Grows by `delta` pages; the old size, or `None` if refused.
    pub(crate) fn grow(&mut self, delta: u32) -> Option<u32> {
        let old = self.pages;
        let pages = old
            .checked_add(delta)
            .filter(|&pages| pages <= self.init.max_pages)?;
        let bytes = size(&self.init, pages)?;
        if !self.region.commit(bytes) {
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
        Some(())
    }

    /// Writes size and base where compiled code looks.
    fn describe(&self) {
        let at = |field: Field| self.offset + field.offset(WIDTH) as usize;
        let block = &self.block;
        block.set_u32(at(Field::ModuleType), 1);
        block.write(at(Field::IsMemory64), &[u8::from(self.init.wide)]);
        block.write(at(Field::RefCount), &1_u16.to_ne_bytes());
        block.set_u32(at(Field::NumBytesPerPage), self.init.page_bytes);
        block.set_u32(at(Field::CurPageCount), self.pages);
        block.set_u32(at(Field::MaxPageCount), self.init.max_pages);
        block.set_u64(at(Field::MemoryDataSize), self.bytes as u64);
        let base = self.region.address();
        block.set_word(at(Field::MemoryData), base);
        block.set_word(at(Field::MemoryDataEnd), base.wrapping_add(self.bytes));
        let bounds = [
            (Field::MemBoundCheck1byte, 1),
            (Field::MemBoundCheck2bytes, 2),
            (Field::MemBoundCheck4bytes, 4),
            (Field::MemBoundCheck8bytes, 8),
            (Field::MemBoundCheck16bytes, 16),
        ];
        for (field, width) in bounds {
            block.set_word(at(field), self.bytes.saturating_sub(width));
        }
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

/// Bytes of so many pages, if this machine can address them.
fn size(init: &MemoryInit, pages: u32) -> Option<usize> {
    usize::try_from(u64::from(pages) * u64::from(init.page_bytes)).ok()
}

/// Bytes of address space to set aside.
fn reservation(platform: &'static dyn Platform, init: &MemoryInit, bytes: usize) -> Option<usize> {
    if !platform.capabilities().guard_pages {
        return Some(bytes);
    }
    let most = u64::from(init.max_pages) * u64::from(init.page_bytes);
    let wide = if init.wide {
        most.min(2 * GUARDED_RESERVATION)
    } else {
        0
    };
    let reserved = GUARDED_RESERVATION.max(wide).max(bytes as u64) + RESERVATION_TAIL;
    usize::try_from(reserved).ok()
}

/// The bytes of the memory with this number.
pub(crate) fn bytes_mut(store: &mut Store, number: u32) -> &mut [u8] {
    store
        .memories
        .get_mut(number as usize)
        .map(MemoryEntry::data_mut)
        .unwrap_or_default()
}

impl Memory {
    /// A memory of the host's, of `min` pages of 64 KiB.
    ///
    /// # Errors
    /// [`InstantiateError::OutOfMemory`], or limits that exclude each other.
    pub fn new(store: &mut Store, min: u32, max: Option<u32>) -> Result<Memory, InstantiateError> {
        if max.is_some_and(|max| max < min) || min > PAGE_BYTES {
            return Err(InstantiateError::OutOfMemory { pages: min });
        }
        let init = MemoryInit {
            page_bytes: PAGE_BYTES,
            pages: min,
            max_pages: max.unwrap_or(PAGE_BYTES).min(PAGE_BYTES),
            declared: Limits {
                min: min.into(),
                max: max.map(u64::from),
            },
            wide: false,
        };
        let block = Arc::new(Block::new(SIZE as usize));
        let entry = MemoryEntry::new(store.platform(), init, block, 0)?;
        Ok(Memory::add(store, entry))
    }

    /// Adds a memory to the store.
    pub(crate) fn add(store: &mut Store, entry: MemoryEntry) -> Memory {
        store.memories.push(entry);
        let index = u32::try_from(store.memories.len() - 1).unwrap_or(u32::MAX);
        Memory {
            index,
            store: store.id(),
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "handles are positions; memories are never removed"
    )]
    pub(crate) fn entry(self, store: &Store) -> &MemoryEntry {
        store.check(self.store);
        &store.memories[self.index as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "as `entry`")]
    pub(crate) fn entry_mut(self, store: &mut Store) -> &mut MemoryEntry {
        store.check(self.store);
        &mut store.memories[self.index as usize]
    }

    /// The bytes.
    ///
    /// # Panics
    /// If the handle belongs to another store (so do all methods here).
    pub fn data<'a>(&self, store: &'a Store) -> &'a [u8] {
        self.entry(store).data()
    }

    /// The bytes, to write.
    pub fn data_mut<'a>(&self, store: &'a mut Store) -> &'a mut [u8] {
        self.entry_mut(store).data_mut()
    }

    /// The size in pages.
    pub fn size(&self, store: &Store) -> u32 {
        self.entry(store).pages
    }

    /// Grows by `delta` pages and returns the old size; `None` if refused.
    pub fn grow(&self, store: &mut Store, delta: u32) -> Option<u32> {
        self.entry_mut(store).grow(delta)
    }
}
