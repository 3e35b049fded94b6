//! Linear memories.
//!
//! A memory is a region of address space plus the structure compiled code
//! reads its size and base from. With guard pages the region is reserved once
//! and the base never moves; without, growing allocates anew and copies. What
//! is reserved for which memory is decision 009.

use alloc::sync::Arc;
use core::fmt;

use aot_format::abi::memory::{Field, GUARDED_RESERVATION, SIZE, WIDE_GUARD};

use crate::context::{Block, Region};
use crate::error::InstantiateError;
use crate::layout::WIDTH;
use crate::limits::Limits;
use crate::platform::{Placement, Platform};
use crate::store::{Store, StoreId};

/// Bytes of a WebAssembly page, unless the memory's type says otherwise.
pub const PAGE_BYTES: u32 = 65536;

/// Address space behind what offsets reach, for wide accesses at the end.
const RESERVATION_TAIL: u64 = 65536;

/// Most address space reserved ahead for a memory with 64-bit addresses to
/// grow into. Untouched it costs nothing but addresses, of which a process has
/// 128 TiB.
const WIDE_ROOM: u64 = 64 << 30;

/// A memory of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub(crate) index: u32,
    pub(crate) store: StoreId,
}

/// The type of a memory.
///
/// ```
/// use aot_runtime::MemoryType;
///
/// let small = MemoryType::new(100, Some(200)).with_page_bytes(1);
/// let large = MemoryType::new(1, None).with_memory64(true);
/// assert_eq!((small.most_pages(), large.most_pages()), (200, 1 << 48));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryType {
    /// Sizes in pages.
    pub limits: Limits,
    /// Addresses have 64 bits.
    pub memory64: bool,
    /// Bytes per page: 1 or [`PAGE_BYTES`].
    pub page_bytes: u32,
}

impl MemoryType {
    /// A memory with 32-bit addresses and pages of 64 KiB.
    pub const fn new(min: u64, max: Option<u64>) -> MemoryType {
        MemoryType {
            limits: Limits { min, max },
            memory64: false,
            page_bytes: PAGE_BYTES,
        }
    }

    /// The same with 64-bit addresses, or not.
    pub const fn with_memory64(self, memory64: bool) -> MemoryType {
        MemoryType { memory64, ..self }
    }

    /// The same with pages of so many bytes.
    pub const fn with_page_bytes(self, page_bytes: u32) -> MemoryType {
        MemoryType { page_bytes, ..self }
    }

    /// Most pages such a memory can have: as declared, and as addresses reach.
    pub const fn most_pages(&self) -> u64 {
        let reach = match (self.memory64, self.page_bytes) {
            (false, 1) => u32::MAX as u64,
            (false, _) => 1 << 16,
            (true, 1) => u64::MAX,
            (true, _) => 1 << 48,
        };
        match self.limits.max {
            Some(max) if max < reach => max,
            _ => reach,
        }
    }

    /// Whether a memory of this type (the current size as minimum) may be
    /// imported where `wanted` is declared.
    pub fn fits(&self, wanted: &MemoryType) -> bool {
        self.limits.fits(&wanted.limits)
            && self.memory64 == wanted.memory64
            && self.page_bytes == wanted.page_bytes
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.memory64 {
            f.write_str("64-bit ")?;
        }
        write!(f, "memory of {} ", self.limits)?;
        match self.page_bytes {
            PAGE_BYTES => f.write_str("pages"),
            bytes => write!(f, "pages of {bytes} bytes"),
        }
    }
}

/// What a memory is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryInit {
    /// Bytes per page. Stock's files have pages of other sizes than the type,
    /// for memories that never grow.
    pub(crate) page_bytes: u32,
    /// First size in pages.
    pub(crate) pages: u64,
    /// Largest size in pages.
    pub(crate) max_pages: u64,
    /// The type as the module declares it.
    pub(crate) ty: MemoryType,
}

impl MemoryInit {
    /// For a memory of the type.
    pub(crate) fn new(ty: MemoryType) -> MemoryInit {
        MemoryInit {
            page_bytes: ty.page_bytes,
            pages: ty.limits.min,
            max_pages: ty.most_pages(),
            ty,
        }
    }

    /// Takes over the limits as declared, which the container may not be able
    /// to express.
    pub(crate) fn declare(&mut self, limits: Limits) {
        self.ty.limits = limits;
        if self.page_bytes == self.ty.page_bytes {
            self.pages = self.pages.max(limits.min);
            self.max_pages = self.ty.most_pages();
        }
    }
}

/// A memory with the structure that describes it to compiled code.
pub(crate) struct MemoryEntry {
    region: Region,
    /// Bytes of the region it may grow to.
    room: usize,
    init: MemoryInit,
    pages: u64,
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
        let (mut region, room) = reserve(platform, &init, bytes).ok_or(failed.clone())?;
        if !region.commit(bytes) {
            return Err(failed);
        }
        let entry = MemoryEntry {
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

    /// Whether an address lies in the reservation.
    #[allow(dead_code, reason = "only hosts with a fault handler ask")]
    pub(crate) fn owns_address(&self, address: usize) -> bool {
        address.wrapping_sub(self.region.address()) < self.region.reserved()
    }

    /// The type to match imports against: current size as minimum.
    pub(crate) fn ty(&self) -> MemoryType {
        let ty = self.init.ty;
        let pages = self.bytes as u64 / u64::from(ty.page_bytes.max(1));
        let limits = Limits {
            min: pages.max(ty.limits.min),
            max: ty.limits.max,
        };
        MemoryType { limits, ..ty }
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

    /// Writes size and base where compiled code looks.
    fn describe(&self) {
        let at = |field: Field| self.offset + field.offset(WIDTH) as usize;
        let block = &self.block;
        block.set_u32(at(Field::ModuleType), 1);
        block.write(at(Field::IsMemory64), &[u8::from(self.init.ty.memory64)]);
        block.write(at(Field::RefCount), &1_u16.to_ne_bytes());
        block.set_u32(at(Field::NumBytesPerPage), self.init.page_bytes);
        // Code asks the size in bytes where pages could be more.
        let narrow = |pages| u32::try_from(pages).unwrap_or(u32::MAX);
        block.set_u32(at(Field::CurPageCount), narrow(self.pages));
        block.set_u32(at(Field::MaxPageCount), narrow(self.init.max_pages));
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
fn size(init: &MemoryInit, pages: u64) -> Option<usize> {
    usize::try_from(pages.checked_mul(init.page_bytes.into())?).ok()
}

/// Sets address space aside; also answers how much of it the memory may grow to.
fn reserve(
    platform: &'static dyn Platform,
    init: &MemoryInit,
    bytes: usize,
) -> Option<(Region, usize)> {
    let region = |bytes: usize| Region::reserve(platform, bytes, Placement::Any);
    if !platform.capabilities().guard_pages {
        return Some((region(bytes)?, bytes));
    }
    let most = init.max_pages.saturating_mul(init.page_bytes.into());
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
    let mut room = most.min(WIDE_ROOM).max(first);
    loop {
        let reserved = room.checked_add(WIDE_GUARD)?.max(GUARDED_RESERVATION);
        let reserved = usize::try_from(reserved.checked_add(RESERVATION_TAIL)?).ok()?;
        if let Some(region) = region(reserved) {
            return Some((region, usize::try_from(room).ok()?));
        }
        if room == first {
            return None;
        }
        // Few addresses are left: less room to grow is better than none.
        room = (room / 2).max(first);
    }
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
    /// A memory of the host's.
    ///
    /// # Errors
    /// [`InstantiateError::OutOfMemory`]; [`InstantiateError::MemoryType`] for
    /// limits that exclude each other and pages that do not exist.
    pub fn new(store: &mut Store, ty: MemoryType) -> Result<Memory, InstantiateError> {
        let pages = ty.page_bytes == 1 || ty.page_bytes == PAGE_BYTES;
        if !pages || ty.limits.min > ty.most_pages() {
            return Err(InstantiateError::MemoryType(ty));
        }
        let init = MemoryInit::new(ty);
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

    /// The type; its minimum is the current size.
    pub fn ty(&self, store: &Store) -> MemoryType {
        self.entry(store).ty()
    }

    /// The size in pages.
    pub fn size(&self, store: &Store) -> u64 {
        self.entry(store).pages
    }

    /// Grows by `delta` pages and returns the old size; `None` if refused.
    pub fn grow(&self, store: &mut Store, delta: u64) -> Option<u64> {
        self.entry_mut(store).grow(delta)
    }
}
