//! Memory that holds a file, can be executed and cannot be written: what flash is to a microcontroller.

use std::ptr::NonNull;

use aot_runtime::LoadOptions;
use aot_runtime::platform::{Access, Capabilities, Placement, Platform, hosted};

/// The hosted platform on a machine that executes code anywhere.
struct Flash(&'static dyn Platform);

// SAFETY: the hosted platform's promises; the test makes the bytes executable.
unsafe impl Platform for Flash {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    fn page_bytes(&self) -> usize {
        self.0.page_bytes()
    }
    fn reserve(&self, bytes: usize, placement: Placement) -> Option<NonNull<u8>> {
        self.0.reserve(bytes, placement)
    }
    fn protect(&self, at: NonNull<u8>, bytes: usize, access: Access) -> bool {
        self.0.protect(at, bytes, access)
    }
    fn release(&self, at: NonNull<u8>, bytes: usize) {
        self.0.release(at, bytes);
    }
    fn sync_code(&self, at: NonNull<u8>, bytes: usize) {
        self.0.sync_code(at, bytes);
    }
    fn executes(&self, _bytes: &'static [u8]) -> bool {
        true
    }
}

/// What loads a file from there; it lives as long as the test.
pub(crate) fn options() -> LoadOptions {
    let flash: &'static Flash = Box::leak(Box::new(Flash(hosted().expect("a platform"))));
    LoadOptions {
        platform: flash,
        ..LoadOptions::default()
    }
}

/// Holds a file so many bytes behind the start of a page.
pub(crate) fn hold(file: &[u8], offset: usize) -> &'static [u8] {
    let platform = hosted().expect("a platform");
    let bytes = (file.len() + offset).next_multiple_of(platform.page_bytes());
    let start = platform.reserve(bytes, Placement::Any).expect("memory");
    assert!(platform.protect(start, bytes, Access::ReadWrite));
    // SAFETY: the reservation is longer than the offset.
    let at = unsafe { start.add(offset) };
    // SAFETY: the reservation has room for the file behind the offset, and is writable.
    unsafe { at.copy_from_nonoverlapping(NonNull::from(file).cast(), file.len()) };
    assert!(platform.protect(start, bytes, Access::ReadExecute));
    // SAFETY: it is never released.
    unsafe { std::slice::from_raw_parts(at.as_ptr(), file.len()) }
}
