//! Linear memories.
//!
//! A memory is a region of address space plus the structure compiled code
//! reads its size and base from. It belongs to one store (`memory/own.rs`) or
//! to any number of them (`memory/shared.rs`).

use crate::host::share::Arc;
use core::fmt;

use aot_format::abi::memory::SIZE;
use aot_format::abi::traps::TrapId;

use crate::context::Block;
use crate::error::InstantiateError;
use crate::limits::Limits;
use crate::platform::Platform;
use crate::store::{Store, StoreId};
use crate::trap::Trap;

mod own;
#[cfg(feature = "std")]
mod parking;
#[cfg(feature = "std")]
mod shared;

use own::OwnMemory;
#[cfg(feature = "std")]
pub use parking::Woken;
#[cfg(feature = "std")]
pub use shared::SharedMemory;

/// Bytes of a WebAssembly page, unless the memory's type says otherwise.
pub const PAGE_BYTES: u32 = 65536;

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
    /// Stores on several threads can use it; such a memory has a maximum.
    pub shared: bool,
}

impl MemoryType {
    /// A memory with 32-bit addresses and pages of 64 KiB.
    pub const fn new(min: u64, max: Option<u64>) -> MemoryType {
        MemoryType {
            limits: Limits { min, max },
            memory64: false,
            page_bytes: PAGE_BYTES,
            shared: false,
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

    /// The same to be shared between threads, or not.
    pub const fn with_shared(self, shared: bool) -> MemoryType {
        MemoryType { shared, ..self }
    }

    /// Whether there are memories of this type: its limits do not exclude each
    /// other, its pages exist, and it has a maximum if it is shared.
    pub(crate) const fn exists(&self) -> bool {
        (self.page_bytes == 1 || self.page_bytes == PAGE_BYTES)
            && self.limits.min <= self.most_pages()
            && (!self.shared || self.limits.max.is_some())
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
            && self.shared == wanted.shared
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shared {
            f.write_str("shared ")?;
        }
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

/// A memory of a store.
pub(crate) enum MemoryEntry {
    /// One that belongs to the store alone.
    Own(OwnMemory),
    /// One that other stores may use at the same time.
    #[cfg(feature = "std")]
    Shared(SharedMemory),
}

impl MemoryEntry {
    /// A memory described at `offset` of `block`, or elsewhere if it is shared.
    pub(crate) fn new(
        platform: &'static dyn Platform,
        init: MemoryInit,
        block: Arc<Block>,
        offset: usize,
    ) -> Result<MemoryEntry, InstantiateError> {
        if !init.ty.shared {
            return OwnMemory::new(platform, init, block, offset).map(MemoryEntry::Own);
        }
        #[cfg(feature = "std")]
        return SharedMemory::from_init(platform, init).map(MemoryEntry::Shared);
        #[cfg(not(feature = "std"))]
        return Err(InstantiateError::MemoryType(init.ty));
    }

    /// Address of the structure.
    pub(crate) fn descriptor(&self) -> usize {
        match self {
            MemoryEntry::Own(memory) => memory.descriptor(),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(memory) => memory.descriptor(),
        }
    }

    /// Address of its first byte. It stays there where memories have guard pages.
    pub(crate) fn base(&self) -> usize {
        match self {
            MemoryEntry::Own(memory) => memory.base(),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(memory) => memory.base(),
        }
    }

    /// How far an address is inside the reservation, if it is. Called by the
    /// fault handler: no allocation, no locks.
    pub(crate) fn offset_of(&self, address: usize) -> Option<usize> {
        match self {
            MemoryEntry::Own(memory) => memory.offset_of(address),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(memory) => memory.offset_of(address),
        }
    }

    /// The type to match imports against: current size as minimum.
    pub(crate) fn ty(&self) -> MemoryType {
        match self {
            MemoryEntry::Own(memory) => memory.ty(),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(memory) => memory.ty(),
        }
    }

    /// The size in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            MemoryEntry::Own(memory) => memory.data().len(),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(memory) => memory.bytes(),
        }
    }

    fn pages(&self) -> u64 {
        match self {
            MemoryEntry::Own(memory) => memory.pages(),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(memory) => memory.size(),
        }
    }

    /// Grows by `delta` pages; the old size, or `None` if refused.
    pub(crate) fn grow(&mut self, delta: u64) -> Option<u64> {
        match self {
            MemoryEntry::Own(memory) => memory.grow(delta),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(memory) => memory.grow(delta),
        }
    }

    /// The bytes; none of a shared memory.
    fn data(&self) -> &[u8] {
        match self {
            MemoryEntry::Own(memory) => memory.data(),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(_) => &[],
        }
    }

    /// The bytes, to write; none of a shared memory.
    fn data_mut(&mut self) -> &mut [u8] {
        match self {
            MemoryEntry::Own(memory) => memory.data_mut(),
            #[cfg(feature = "std")]
            MemoryEntry::Shared(_) => &mut [],
        }
    }

    /// Copies bytes in.
    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Trap> {
        let out_of_bounds = Trap::Wasm(TrapId::OutOfBoundsMemoryAccess);
        let Ok(offset) = usize::try_from(offset) else {
            return Err(out_of_bounds);
        };
        let memory = match self {
            MemoryEntry::Own(memory) => memory,
            #[cfg(feature = "std")]
            MemoryEntry::Shared(memory) => return memory.write(offset, bytes),
        };
        let rest = memory.data_mut().get_mut(offset..);
        let target = rest.and_then(|rest| rest.get_mut(..bytes.len()));
        target.ok_or(out_of_bounds)?.copy_from_slice(bytes);
        Ok(())
    }
}

/// The bytes of the memory with this number; `None` if it is shared.
pub(crate) fn bytes_mut(store: &mut Store, number: u32) -> Option<&mut [u8]> {
    match store.memories.get_mut(number as usize)? {
        MemoryEntry::Own(memory) => Some(memory.data_mut()),
        #[cfg(feature = "std")]
        MemoryEntry::Shared(_) => None,
    }
}

/// Copies bytes into the memory with this number.
pub(crate) fn write(store: &mut Store, number: u32, offset: u64, bytes: &[u8]) -> Result<(), Trap> {
    match store.memories.get_mut(number as usize) {
        Some(memory) => memory.write(offset, bytes),
        None => Err(Trap::Wasm(TrapId::OutOfBoundsMemoryAccess)),
    }
}

impl Memory {
    /// A memory of the host's.
    ///
    /// # Errors
    /// [`InstantiateError::OutOfMemory`]; [`InstantiateError::MemoryType`] for
    /// limits that exclude each other, pages that do not exist, and shared
    /// memories without maximum.
    pub fn new(store: &mut Store, ty: MemoryType) -> Result<Memory, InstantiateError> {
        if !ty.exists() {
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

    /// A shared memory as one of the store's: the same handle every time.
    #[cfg(feature = "std")]
    pub fn from_shared(store: &mut Store, memory: &SharedMemory) -> Memory {
        let same =
            |entry: &MemoryEntry| matches!(entry, MemoryEntry::Shared(known) if known.same(memory));
        match store.memories.iter().position(same) {
            Some(position) => Memory {
                index: u32::try_from(position).unwrap_or(u32::MAX),
                store: store.id(),
            },
            None => Memory::add(store, MemoryEntry::Shared(memory.clone())),
        }
    }

    /// The memory to give to other stores, if it is a shared one.
    #[cfg(feature = "std")]
    pub fn shared(&self, store: &Store) -> Option<SharedMemory> {
        match self.entry(store) {
            MemoryEntry::Own(_) => None,
            MemoryEntry::Shared(memory) => Some(memory.clone()),
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

    /// The bytes. Empty for a shared memory, which other threads may be writing:
    /// [`Memory::shared`] leads to its bytes.
    ///
    /// # Panics
    /// If the handle belongs to another store (so do all methods here).
    pub fn data<'a>(&self, store: &'a Store) -> &'a [u8] {
        self.entry(store).data()
    }

    /// The bytes, to write; empty for a shared memory.
    pub fn data_mut<'a>(&self, store: &'a mut Store) -> &'a mut [u8] {
        self.entry_mut(store).data_mut()
    }

    /// The type; its minimum is the current size.
    pub fn ty(&self, store: &Store) -> MemoryType {
        self.entry(store).ty()
    }

    /// The size in pages.
    pub fn size(&self, store: &Store) -> u64 {
        self.entry(store).pages()
    }

    /// Grows by `delta` pages and returns the old size; `None` if refused.
    pub fn grow(&self, store: &mut Store, delta: u64) -> Option<u64> {
        self.entry_mut(store).grow(delta)
    }
}
