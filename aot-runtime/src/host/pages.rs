//! The trait behind `platform`: pages of memory, from whoever has them.
//!
//! Contract: implementing it is a promise (see its safety section), which is
//! why it stands among the unsafe files; using it is safe.

use core::ptr::NonNull;

use crate::platform::{Access, Capabilities, Placement};

/// Memory of the machine, in pages.
///
/// # Safety
/// [`Platform::reserve`] must return address space that nothing else uses
/// until it is released, zero-filled and readable and writable wherever
/// [`Platform::protect`] has said [`Access::ReadWrite`] (or, on a platform
/// without protection, from the start). `capabilities` and `executes` must be
/// true.
pub unsafe trait Platform: Sync {
    /// What this platform can promise.
    fn capabilities(&self) -> Capabilities;
    /// Granularity of protection in bytes, a power of two.
    fn page_bytes(&self) -> usize;
    /// Reserves `bytes` (a multiple of the page size) without access, aligned
    /// to a page; `None` if there is no such space.
    fn reserve(&self, bytes: usize, placement: Placement) -> Option<NonNull<u8>>;
    /// Sets the access of whole pages inside a reservation; false if refused.
    fn protect(&self, at: NonNull<u8>, bytes: usize, access: Access) -> bool;
    /// Gives a whole reservation back.
    fn release(&self, at: NonNull<u8>, bytes: usize);
    /// Makes freshly written code visible to instruction fetch.
    fn sync_code(&self, at: NonNull<u8>, bytes: usize);
    /// Whether the processor can execute code in these bytes, which stay where
    /// they are: flash memory, for example.
    fn executes(&self, bytes: &'static [u8]) -> bool {
        let _ = bytes;
        false
    }
    /// A feature that code for this CPU with these features (as LLVM spells
    /// them, `+a,-b`) needs and the machine does not have, as far as the embedder
    /// knows; a file of which that is true is refused.
    fn lacks<'a>(&self, cpu: &'a str, features: &'a str) -> Option<&'a str> {
        let _ = (cpu, features);
        None
    }
    /// Lowest address that the native stack may reach where no operating system
    /// knows it; 0 as long as the embedder does not say, whose stack overflow
    /// is then not found.
    fn stack_low(&self) -> usize {
        0
    }
}

/// A platform that has nothing to give: loading with it fails.
pub(crate) struct Nothing;

// SAFETY: it promises nothing and hands out nothing.
unsafe impl Platform for Nothing {
    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE
    }
    fn page_bytes(&self) -> usize {
        4096
    }
    fn reserve(&self, _bytes: usize, _placement: Placement) -> Option<NonNull<u8>> {
        None
    }
    fn protect(&self, _at: NonNull<u8>, _bytes: usize, _access: Access) -> bool {
        false
    }
    fn release(&self, _at: NonNull<u8>, _bytes: usize) {}
    fn sync_code(&self, _at: NonNull<u8>, _bytes: usize) {}
}
