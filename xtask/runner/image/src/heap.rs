//! Memory for objects of Rust.
//!
//! Contract: there is one processor, and no interrupt handler comes back to what it interrupted, so nobody is in here
//! twice.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use linked_list_allocator::Heap;

struct Global(UnsafeCell<Heap>);

// SAFETY: the module's contract: one thread.
unsafe impl Sync for Global {}

#[global_allocator]
static HEAP: Global = Global(UnsafeCell::new(Heap::empty()));

/// Takes over memory; once, before anything is allocated.
pub(crate) fn give(memory: &'static mut [u8]) {
    let memory: *mut [u8] = memory;
    // SAFETY: initialised bytes are possibly uninitialised ones, and the caller has given them up for good.
    let memory: &'static mut [MaybeUninit<u8>] =
        unsafe { &mut *(memory as *mut [MaybeUninit<u8>]) };
    // SAFETY: the module's contract: one thread.
    let heap = unsafe { &mut *HEAP.0.get() };
    heap.init_from_slice(memory);
}

// SAFETY: the heap hands out memory of the layout asked for, to one owner at a time.
unsafe impl GlobalAlloc for Global {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the module's contract: one thread.
        let heap = unsafe { &mut *self.0.get() };
        let found = heap.allocate_first_fit(layout);
        found.map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the module's contract: one thread.
        let heap = unsafe { &mut *self.0.get() };
        if let Some(at) = NonNull::new(at) {
            // SAFETY: the caller promises that `at` came from `alloc` with this layout.
            unsafe { heap.deallocate(at, layout) };
        }
    }
}
