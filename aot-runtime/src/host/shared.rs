//! Memory that several threads write at the same time.
//!
//! Contract: nobody gets a reference to the bytes. They are copied in and out
//! by relaxed atomic accesses, or accessed by sequentially consistent ones of
//! four and eight bytes; each access is checked against the size, which only
//! grows, so a checked range stays accessible. Compiled code, which runs
//! outside of Rust's memory model, is the other party.

use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::context::Region;

const WORD: usize = size_of::<usize>();

/// A region whose accessible part only grows.
pub(crate) struct SharedRegion {
    region: Mutex<Region>,
    base: NonNull<u8>,
    reserved: usize,
    bytes: AtomicUsize,
}

// SAFETY: `base` is the region's, which is `Send`; all else is, too.
unsafe impl Send for SharedRegion {}
// SAFETY: the bytes are accessed atomically only (module contract).
unsafe impl Sync for SharedRegion {}

impl SharedRegion {
    /// Takes over a region, of which nothing is in use yet.
    pub(crate) fn new(region: Region) -> Option<SharedRegion> {
        let base = NonNull::new(core::ptr::with_exposed_provenance_mut(region.address()))?;
        Some(SharedRegion {
            base,
            reserved: region.reserved(),
            region: Mutex::new(region),
            bytes: AtomicUsize::new(0),
        })
    }

    /// Address of the first byte.
    pub(crate) fn address(&self) -> usize {
        self.base.as_ptr() as usize
    }

    /// Reserved bytes.
    pub(crate) fn reserved(&self) -> usize {
        self.reserved
    }

    /// Bytes in use.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    /// Changes the size to what `next` makes of the present one, which is not
    /// less, then tells it `done` before anyone else can change it; the size
    /// before. `None` if refused.
    pub(crate) fn grow(
        &self,
        next: impl FnOnce(usize) -> Option<usize>,
        done: impl FnOnce(usize),
    ) -> Option<usize> {
        let mut region = self.region.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.bytes();
        let bytes = next(before).filter(|bytes| *bytes >= before)?;
        if !region.commit(bytes) {
            return None;
        }
        self.bytes.store(bytes, Ordering::Release);
        done(bytes);
        Some(before)
    }

    fn at(&self, offset: usize, bytes: usize) -> Option<*mut u8> {
        let end = offset.checked_add(bytes)?;
        if end > self.bytes() {
            return None;
        }
        // SAFETY: `offset` is inside the region, checked against its size.
        Some(unsafe { self.base.as_ptr().add(offset) })
    }

    /// Copies bytes out; false if they are not all inside.
    pub(crate) fn read(&self, offset: usize, out: &mut [u8]) -> bool {
        let Some(start) = self.at(offset, out.len()) else {
            return false;
        };
        let (head, words, tail) = split(start as usize, out.len());
        let (first, rest) = out.split_at_mut(head);
        let (middle, last) = rest.split_at_mut(words * WORD);
        for (index, byte) in first.iter_mut().enumerate() {
            *byte = byte_at(start, index).load(Ordering::Relaxed);
        }
        for (index, chunk) in middle.as_chunks_mut::<WORD>().0.iter_mut().enumerate() {
            *chunk = word_at(start, head + index * WORD)
                .load(Ordering::Relaxed)
                .to_ne_bytes();
        }
        debug_assert_eq!(last.len(), tail, "three parts make the whole");
        for (index, byte) in last.iter_mut().enumerate() {
            *byte = byte_at(start, head + words * WORD + index).load(Ordering::Relaxed);
        }
        true
    }

    /// Copies bytes in; false if they do not all fit.
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) -> bool {
        let Some(start) = self.at(offset, bytes.len()) else {
            return false;
        };
        let (head, words, tail) = split(start as usize, bytes.len());
        let (first, rest) = bytes.split_at(head);
        let (middle, last) = rest.split_at(words * WORD);
        for (index, byte) in first.iter().enumerate() {
            byte_at(start, index).store(*byte, Ordering::Relaxed);
        }
        for (index, chunk) in middle.as_chunks::<WORD>().0.iter().enumerate() {
            let word = usize::from_ne_bytes(*chunk);
            word_at(start, head + index * WORD).store(word, Ordering::Relaxed);
        }
        debug_assert_eq!(last.len(), tail, "three parts make the whole");
        for (index, byte) in last.iter().enumerate() {
            byte_at(start, head + words * WORD + index).store(*byte, Ordering::Relaxed);
        }
        true
    }

    /// The 32-bit word at a multiple of 4; `None` if it is not inside.
    pub(crate) fn word32(&self, offset: usize) -> Option<&AtomicU32> {
        let at = self
            .at(offset, 4)
            .filter(|at| (*at as usize).is_multiple_of(4))?;
        // SAFETY: checked for range and alignment just now; the range stays
        // accessible as long as the region lives.
        Some(unsafe { AtomicU32::from_ptr(at.cast()) })
    }

    /// The 64-bit word at a multiple of 8; `None` if it is not inside.
    pub(crate) fn word64(&self, offset: usize) -> Option<Word64<'_>> {
        let at = self
            .at(offset, 8)
            .filter(|at| (*at as usize).is_multiple_of(8))?;
        Some(Word64 {
            at: at.cast(),
            region: PhantomData,
        })
    }
}

/// A 64-bit word of a region, checked for range and alignment.
pub(crate) struct Word64<'a> {
    at: *mut u64,
    region: PhantomData<&'a SharedRegion>,
}

#[cfg(target_has_atomic = "64")]
impl Word64<'_> {
    fn atomic(&self) -> &core::sync::atomic::AtomicU64 {
        // SAFETY: `word64` checked the place, which stays accessible as long as the region lives.
        unsafe { core::sync::atomic::AtomicU64::from_ptr(self.at) }
    }

    /// The value.
    pub(crate) fn load(&self) -> u64 {
        self.atomic().load(Ordering::SeqCst)
    }

    /// Sets the value.
    pub(crate) fn store(&self, value: u64) {
        self.atomic().store(value, Ordering::SeqCst);
    }
}

#[cfg(not(target_has_atomic = "64"))]
impl Word64<'_> {
    /// The value.
    pub(crate) fn load(&self) -> u64 {
        super::wide::load(self.at, 0)
    }

    /// Sets the value.
    pub(crate) fn store(&self, value: u64) {
        super::wide::store(self.at, value, 0);
    }
}

/// Bytes before the first aligned word, whole words, bytes behind them.
fn split(address: usize, bytes: usize) -> (usize, usize, usize) {
    let head = (address.next_multiple_of(WORD) - address).min(bytes);
    let words = (bytes - head) / WORD;
    (head, words, bytes - head - words * WORD)
}

/// The byte `index` behind `start`. Callers stay in the range they checked.
fn byte_at<'a>(start: *mut u8, index: usize) -> &'a AtomicU8 {
    // SAFETY: `index` is below the number of bytes the caller checked.
    let at = unsafe { start.add(index) };
    // SAFETY: as above; bytes need no alignment.
    unsafe { AtomicU8::from_ptr(at) }
}

/// The word `index` bytes behind `start`, aligned by [`split`].
fn word_at<'a>(start: *mut u8, index: usize) -> &'a AtomicUsize {
    // SAFETY: `index` plus a word is at most the number of bytes the caller checked.
    let at = unsafe { start.add(index) };
    // SAFETY: as above; `split` starts words at multiples of their size.
    unsafe { AtomicUsize::from_ptr(at.cast()) }
}
