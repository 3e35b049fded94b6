//! A platform for machines without an operating system: memory from one buffer.
//!
//! Contract: a page belongs to at most one reservation; pages are handed out
//! zeroed, under a lock. Nothing is protected: code stays writable, and files
//! need their bounds checks in their code. Pages may be small, since they are
//! only the unit in which memory is given out. A machine that runs code in
//! place from flash needs only the data of its modules in here.

use core::cell::UnsafeCell;
use core::ptr::NonNull;
#[cfg(target_has_atomic = "8")]
use core::sync::atomic::{AtomicBool, Ordering};

use crate::host::arch::native as arch;
use crate::platform::{Access, Capabilities, Placement, Platform};

/// Memory for code and linear memories out of a buffer of the embedder's.
///
/// The first part of the buffer is a map with a byte per page. Reservations are
/// taken at the first place where they fit, each a run of pages.
///
/// ```
/// use aot_runtime::platform::{Arena, Placement, Platform};
///
/// let buffer = Box::leak(vec![0_u8; 65536].into_boxed_slice());
/// let arena = Arena::new(buffer, 256).unwrap();
/// let at = arena.reserve(1000_usize.next_multiple_of(256), Placement::Any).unwrap();
/// assert_eq!(at.as_ptr() as usize % 256, 0);
/// arena.release(at, 1024);
/// ```
pub struct Arena {
    #[cfg(target_has_atomic = "8")]
    locked: AtomicBool,
    pages: UnsafeCell<Pages>,
    page_bytes: usize,
    stack_low: usize,
}

/// Invariant: `map` has a byte for each page of `memory`, whose first page
/// starts at a multiple of the page size.
struct Pages {
    map: &'static mut [u8],
    memory: NonNull<u8>,
}

/// States of a page in the map.
const FREE: u8 = 0;
const FIRST: u8 = 1;
const FOLLOWING: u8 = 2;

// SAFETY: `pages` is only touched by `with_pages`, one caller at a time.
unsafe impl Sync for Arena {}
// SAFETY: the buffer belongs to the arena for ever.
unsafe impl Send for Arena {}

impl Arena {
    /// Smallest page, in bytes: what code and vectors are aligned to.
    pub const SMALLEST_PAGE: usize = 16;
    /// Greatest page, in bytes.
    pub const GREATEST_PAGE: usize = 65536;

    /// Takes over a buffer; pages have `page_bytes`, a power of two between
    /// [`Arena::SMALLEST_PAGE`] and [`Arena::GREATEST_PAGE`]. `None` for another
    /// size, and for a buffer without room for a page.
    #[cfg(target_has_atomic = "8")]
    pub fn new(buffer: &'static mut [u8], page_bytes: usize) -> Option<Arena> {
        Some(Arena {
            locked: AtomicBool::new(false),
            pages: UnsafeCell::new(Pages::new(buffer, page_bytes)?),
            page_bytes,
            stack_low: 0,
        })
    }

    /// As `new` on machines with compare-and-swap.
    ///
    /// # Safety
    /// This machine has nothing to make a lock of, so the arena, and modules,
    /// stores and memories that use it, must not be used by two threads,
    /// interrupt handlers or processors at the same time.
    #[cfg(not(target_has_atomic = "8"))]
    pub unsafe fn new_unlocked(buffer: &'static mut [u8], page_bytes: usize) -> Option<Arena> {
        Some(Arena {
            pages: UnsafeCell::new(Pages::new(buffer, page_bytes)?),
            page_bytes,
            stack_low: 0,
        })
    }

    /// Says where the native stack ends: the lowest address it may reach. Its
    /// overflow is then a trap.
    #[must_use]
    pub fn with_stack_low(self, stack_low: usize) -> Arena {
        Arena { stack_low, ..self }
    }

    /// Bytes that are not reserved; they need not be in one piece.
    pub fn free_bytes(&self) -> usize {
        self.with_pages(|pages| {
            pages.map.iter().filter(|page| **page == FREE).count() * self.page_bytes
        })
    }

    fn with_pages<R>(&self, work: impl FnOnce(&mut Pages) -> R) -> R {
        #[cfg(target_has_atomic = "8")]
        while self.locked.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: the lock, or the promise made to `new_unlocked`, keeps others away.
        let result = work(unsafe { &mut *self.pages.get() });
        #[cfg(target_has_atomic = "8")]
        self.locked.store(false, Ordering::Release);
        result
    }
}

impl Pages {
    fn new(buffer: &'static mut [u8], page_bytes: usize) -> Option<Pages> {
        let fits = (Arena::SMALLEST_PAGE..=Arena::GREATEST_PAGE).contains(&page_bytes);
        if !fits || !page_bytes.is_power_of_two() {
            return None;
        }
        // A byte of the map, and its page; what alignment costs comes off the end.
        let count = buffer.len() / (page_bytes + 1);
        let (map, rest) = buffer.split_at_mut(count);
        let skip = rest.as_ptr().align_offset(page_bytes);
        let memory = rest.get_mut(skip..)?;
        let count = count.min(memory.len() / page_bytes);
        let map = map.get_mut(..count).filter(|map| !map.is_empty())?;
        map.fill(FREE);
        let memory = NonNull::from(memory).cast();
        Some(Pages { map, memory })
    }

    /// The first run of so many free pages.
    fn find(&self, count: usize) -> Option<usize> {
        let mut run = 0;
        for (index, page) in self.map.iter().enumerate() {
            run = if *page == FREE { run + 1 } else { 0 };
            if run == count {
                return Some(index + 1 - count);
            }
        }
        None
    }

    fn reserve(&mut self, count: usize, page_bytes: usize) -> Option<NonNull<u8>> {
        let start = self.find(count)?;
        let run = self.map.get_mut(start..start + count)?;
        run.fill(FOLLOWING);
        *run.first_mut()? = FIRST;
        // SAFETY: `start` is a position of the map, so the page is in the buffer.
        let at = unsafe { self.memory.add(start * page_bytes) };
        // SAFETY: the whole run is in the buffer, and nobody else's.
        unsafe { at.write_bytes(0, count * page_bytes) };
        Some(at)
    }

    fn release(&mut self, at: NonNull<u8>, page_bytes: usize) {
        let offset = (at.as_ptr() as usize).wrapping_sub(self.memory.as_ptr() as usize);
        let Some(run) = self.map.get_mut(offset / page_bytes..) else {
            return;
        };
        let Some((first, rest)) = run.split_first_mut() else {
            return;
        };
        *first = FREE;
        rest.iter_mut()
            .take_while(|page| **page == FOLLOWING)
            .for_each(|page| *page = FREE);
    }
}

// SAFETY: `Pages` marks what it hands out until it is released, and zeroes it;
// all of it is accessible, and `capabilities` claims what `arch` can do alone.
unsafe impl Platform for Arena {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unwinding_traps: arch::CAN_LEAVE,
            ..Capabilities::NONE
        }
    }

    fn page_bytes(&self) -> usize {
        self.page_bytes
    }

    fn reserve(&self, bytes: usize, _placement: Placement) -> Option<NonNull<u8>> {
        let count = bytes.div_ceil(self.page_bytes).max(1);
        self.with_pages(|pages| pages.reserve(count, self.page_bytes))
    }

    fn protect(&self, _at: NonNull<u8>, _bytes: usize, _access: Access) -> bool {
        true
    }

    fn release(&self, at: NonNull<u8>, _bytes: usize) {
        self.with_pages(|pages| pages.release(at, self.page_bytes));
    }

    /// Without an operating system all memory is executable, unless the embedder
    /// has arranged otherwise: then it needs a platform of its own.
    fn executes(&self, _bytes: &'static [u8]) -> bool {
        cfg!(target_os = "none")
    }

    fn sync_code(&self, at: NonNull<u8>, bytes: usize) {
        arch::sync_code(at, bytes);
    }

    fn stack_low(&self) -> usize {
        self.stack_low
    }
}

#[cfg(test)]
mod tests {
    use std::boxed::Box;

    use super::*;

    #[test]
    fn pages_are_aligned_zeroed_and_used_again() {
        for page in [16, 256, 4096] {
            let buffer = Box::leak(std::vec![0xA5_u8; 20 * page + 3].into_boxed_slice());
            let arena = Arena::new(&mut buffer[3..], page).unwrap();
            let all = arena.free_bytes();
            assert!(
                all >= 17 * page && all.is_multiple_of(page),
                "{all} of {page}"
            );
            let reserve = |pages: usize| arena.reserve(pages * page, Placement::Any);
            let (a, b, c) = (
                reserve(4).unwrap(),
                reserve(1).unwrap(),
                reserve(4).unwrap(),
            );
            for (at, pages) in [(a, 4), (b, 1), (c, 4)] {
                assert_eq!(at.as_ptr() as usize % page, 0);
                // SAFETY: just reserved.
                let bytes = unsafe { core::slice::from_raw_parts_mut(at.as_ptr(), pages * page) };
                assert!(bytes.iter().all(|byte| *byte == 0));
                bytes.fill(1);
            }
            assert_eq!(arena.free_bytes(), all - 9 * page);
            assert_eq!(reserve(100), None);
            arena.release(b, page);
            arena.release(a, 4 * page);
            // The first fit is where the first two were.
            assert_eq!(reserve(5), Some(a));
            arena.release(a, 5 * page);
            arena.release(c, 4 * page);
            assert_eq!(arena.free_bytes(), all);
        }
    }

    #[test]
    fn impossible_pages_and_buffers_are_refused() {
        let buffer = |bytes: usize| Box::leak(std::vec![0_u8; bytes].into_boxed_slice());
        for (bytes, page) in [
            (4096, 0),
            (4096, 8),
            (4096, 48),
            (1 << 20, 131_072),
            (0, 16),
            (15, 16),
        ] {
            assert!(Arena::new(buffer(bytes), page).is_none(), "{bytes} {page}");
        }
    }
}
