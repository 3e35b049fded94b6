//! Memories that stores on several threads use at the same time.
//!
//! All address space up to the maximum is reserved at once, so the base never
//! moves; growing happens under a lock and is visible to all threads. The
//! structure compiled code reads belongs to the memory, not to an instance.

use crate::host::share::Arc;
use core::fmt;
use core::sync::atomic::Ordering;
use std::time::Duration;

use aot_format::abi::memory::{Field, SIZE};
use aot_format::abi::traps::TrapId;

use super::own::{self, BOUNDS};
use super::parking::{Parking, Woken};
use super::{MemoryInit, MemoryType};
use crate::context::Block;
use crate::error::InstantiateError;
use crate::host::shared::SharedRegion;
use crate::layout::WIDTH;
use crate::platform::{self, Platform};
use crate::trap::Trap;

/// A linear memory that any number of stores, on any number of threads, can
/// use: a handle to it, as cheap to clone as an `Arc`.
///
/// Other threads may write the bytes at any time, so they are only copied in
/// and out, never borrowed. Addresses are in bytes from the memory's start.
///
/// ```
/// use aot_runtime::{Imports, MemoryType, SharedMemory, Woken};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let memory = SharedMemory::new(MemoryType::new(1, Some(16)).with_shared(true))?;
/// // Every thread has a store and instances of its own, and imports the one memory.
/// let mut imports = Imports::new();
/// imports.shared_memory("env", "memory", &memory);
///
/// let waiting = memory.clone();
/// let thread = std::thread::spawn(move || waiting.wait32(0, 0, None));
/// memory.store32(0, 1)?;
/// while memory.notify(0, u32::MAX)? == 0 && !thread.is_finished() {}
/// assert!(matches!(thread.join().unwrap()?, Woken::Notified | Woken::NotEqual));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SharedMemory(Arc<Shared>);

struct Shared {
    region: SharedRegion,
    /// Bytes it may grow to.
    room: usize,
    init: MemoryInit,
    block: Block,
    parking: Parking,
}

const OUT_OF_BOUNDS: Trap = Trap::Wasm(TrapId::OutOfBoundsMemoryAccess);

impl SharedMemory {
    /// A memory on the hosted platform.
    ///
    /// # Errors
    /// [`InstantiateError::MemoryType`] for a type that is not shared or has no
    /// maximum, limits that exclude each other and pages that do not exist;
    /// [`InstantiateError::OutOfMemory`] if the machine has no address space
    /// for its maximum.
    pub fn new(ty: MemoryType) -> Result<SharedMemory, InstantiateError> {
        SharedMemory::with_platform(platform::hosted().unwrap_or(&platform::Nothing), ty)
    }

    /// A memory on a platform of the embedder's.
    ///
    /// # Errors
    /// As [`SharedMemory::new`].
    pub fn with_platform(
        platform: &'static dyn Platform,
        ty: MemoryType,
    ) -> Result<SharedMemory, InstantiateError> {
        if !ty.shared || !ty.exists() {
            return Err(InstantiateError::MemoryType(ty));
        }
        SharedMemory::from_init(platform, MemoryInit::new(ty))
    }

    pub(super) fn from_init(
        platform: &'static dyn Platform,
        init: MemoryInit,
    ) -> Result<SharedMemory, InstantiateError> {
        let failed = || InstantiateError::OutOfMemory { pages: init.pages };
        let bytes = own::size(&init, init.pages).ok_or_else(failed)?;
        let (region, room) = own::reserve(platform, &init, bytes).ok_or_else(failed)?;
        let region = SharedRegion::new(region).ok_or_else(failed)?;
        region.grow(|_| Some(bytes), |_| {}).ok_or_else(failed)?;
        let block = Block::new(SIZE as usize);
        own::describe(&block, 0, &init, region.address(), bytes);
        Ok(SharedMemory(Arc::new(Shared {
            region,
            room,
            init,
            block,
            parking: Parking::default(),
        })))
    }

    /// Whether both are handles to one memory.
    pub fn same(&self, other: &SharedMemory) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The type; its minimum is the current size.
    pub fn ty(&self) -> MemoryType {
        own::present_type(&self.0.init, self.bytes())
    }

    /// The size in pages.
    pub fn size(&self) -> u64 {
        self.bytes() as u64 / u64::from(self.0.init.page_bytes.max(1))
    }

    /// The size in bytes. It never shrinks.
    pub fn bytes(&self) -> usize {
        self.0.region.bytes()
    }

    /// Grows by `delta` pages and returns the old size; `None` if refused.
    pub fn grow(&self, delta: u64) -> Option<u64> {
        let shared = &*self.0;
        let init = &shared.init;
        let page = u64::from(init.page_bytes.max(1));
        let next = |bytes: usize| {
            let pages = (bytes as u64 / page).checked_add(delta)?;
            let bytes = own::size(init, pages)?;
            (pages <= init.max_pages && bytes <= shared.room).then_some(bytes)
        };
        let old = shared.region.grow(next, |bytes| self.publish(bytes))?;
        Some(old as u64 / page)
    }

    /// Tells compiled code on all threads the new size.
    fn publish(&self, bytes: usize) {
        let shared = &*self.0;
        let block = &shared.block;
        let at = |field: Field| field.offset(WIDTH) as usize;
        let pages = bytes as u64 / u64::from(shared.init.page_bytes.max(1));
        let end = shared.region.address().wrapping_add(bytes);
        for (field, width) in BOUNDS {
            block.publish_word(at(field), bytes.saturating_sub(width));
        }
        block.publish_u64(at(Field::MemoryDataSize), bytes as u64);
        block.publish_word(at(Field::MemoryDataEnd), end);
        block.publish_u32(at(Field::CurPageCount), own::narrow(pages));
    }

    /// Copies bytes out; while another thread writes them, a mixture.
    ///
    /// # Errors
    /// The trap of an access out of bounds (so do all methods here).
    pub fn read(&self, at: usize, out: &mut [u8]) -> Result<(), Trap> {
        let inside = self.0.region.read(at, out);
        inside.then_some(()).ok_or(OUT_OF_BOUNDS)
    }

    /// Copies bytes in; other threads may see any part of them first.
    pub fn write(&self, at: usize, bytes: &[u8]) -> Result<(), Trap> {
        let inside = self.0.region.write(at, bytes);
        inside.then_some(()).ok_or(OUT_OF_BOUNDS)
    }

    /// Loads 32 bits as `i32.atomic.load` does.
    pub fn load32(&self, at: usize) -> Result<u32, Trap> {
        aligned(at, 4)?;
        let word = self.0.region.word32(at).ok_or(OUT_OF_BOUNDS)?;
        Ok(u32::from_le(word.load(Ordering::SeqCst)))
    }

    /// Loads 64 bits as `i64.atomic.load` does.
    pub fn load64(&self, at: usize) -> Result<u64, Trap> {
        aligned(at, 8)?;
        let word = self.0.region.word64(at).ok_or(OUT_OF_BOUNDS)?;
        Ok(u64::from_le(word.load()))
    }

    /// Stores 32 bits as `i32.atomic.store` does.
    pub fn store32(&self, at: usize, value: u32) -> Result<(), Trap> {
        aligned(at, 4)?;
        let word = self.0.region.word32(at).ok_or(OUT_OF_BOUNDS)?;
        word.store(value.to_le(), Ordering::SeqCst);
        Ok(())
    }

    /// Stores 64 bits as `i64.atomic.store` does.
    pub fn store64(&self, at: usize, value: u64) -> Result<(), Trap> {
        aligned(at, 8)?;
        let word = self.0.region.word64(at).ok_or(OUT_OF_BOUNDS)?;
        word.store(value.to_le());
        Ok(())
    }

    /// Waits, while the 32 bits at an address are the expected ones, for a
    /// notification; for ever without a timeout.
    pub fn wait32(
        &self,
        at: usize,
        expected: u32,
        timeout: Option<Duration>,
    ) -> Result<Woken, Trap> {
        aligned(at, 4)?;
        let word = self.0.region.word32(at).ok_or(OUT_OF_BOUNDS)?;
        let equal = || u32::from_le(word.load(Ordering::SeqCst)) == expected;
        Ok(self.0.parking.wait(at, equal, timeout))
    }

    /// As [`SharedMemory::wait32`], for 64 bits.
    pub fn wait64(
        &self,
        at: usize,
        expected: u64,
        timeout: Option<Duration>,
    ) -> Result<Woken, Trap> {
        aligned(at, 8)?;
        let word = self.0.region.word64(at).ok_or(OUT_OF_BOUNDS)?;
        let equal = || u64::from_le(word.load()) == expected;
        Ok(self.0.parking.wait(at, equal, timeout))
    }

    /// Wakes up to `count` threads that wait at an address; how many.
    pub fn notify(&self, at: usize, count: u32) -> Result<u32, Trap> {
        aligned(at, 4)?;
        let _inside = self.0.region.word32(at).ok_or(OUT_OF_BOUNDS)?;
        Ok(self.0.parking.notify(at, count))
    }

    /// Address of the structure.
    pub(super) fn descriptor(&self) -> usize {
        self.0.block.address(0)
    }

    /// Address of its first byte.
    pub(super) fn base(&self) -> usize {
        self.0.region.address()
    }

    /// How far an address is inside the reservation, if it is.
    pub(super) fn offset_of(&self, address: usize) -> Option<usize> {
        let region = &self.0.region;
        let offset = address.wrapping_sub(region.address());
        (offset < region.reserved()).then_some(offset)
    }
}

fn aligned(at: usize, bytes: usize) -> Result<(), Trap> {
    match at.is_multiple_of(bytes) {
        true => Ok(()),
        false => Err(Trap::Wasm(TrapId::UnalignedAtomic)),
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedMemory({})", self.ty())
    }
}
