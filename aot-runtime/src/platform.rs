//! What the runtime needs from the machine below it.
//!
//! A hosted build brings its own implementation ([`hosted`]); on bare metal
//! the embedder writes one, six short methods. Memory obtained here holds
//! code, linear memories and nothing else: ordinary objects use `alloc`.

use core::ptr::NonNull;

/// What a platform can promise to compiled code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Address space can be reserved without memory behind it, and faults in
    /// it become traps: files without bounds checks in their code can run.
    pub guard_pages: bool,
    /// A helper that fails leaves compiled code at once instead of returning.
    pub unwinding_traps: bool,
    /// Native stacks end in guard pages whose faults become traps.
    pub stack_guard: bool,
}

impl Capabilities {
    /// Nothing: only files with all checks in their code can run.
    pub const NONE: Capabilities = Capabilities {
        guard_pages: false,
        unwinding_traps: false,
        stack_guard: false,
    };
}

/// Where reserved address space should lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Anywhere.
    Any,
    /// Below 2 GiB if at all possible: the code has absolute 32-bit addresses.
    Low,
}

/// What may be done with pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    None,
    /// Reading.
    Read,
    /// Reading and writing.
    ReadWrite,
    /// Reading and executing.
    ReadExecute,
}

/// Memory of the machine, in pages.
///
/// # Safety
/// [`Platform::reserve`] must return address space that nothing else uses
/// until it is released, zero-filled and readable and writable wherever
/// [`Platform::protect`] has said [`Access::ReadWrite`] (or, on a platform
/// without protection, from the start). `capabilities` must be true.
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
}

pub use crate::host::hosted;

/// A platform that has nothing to give: loading with it fails.
pub(crate) struct None;

// SAFETY: it promises nothing and hands out nothing.
unsafe impl Platform for None {
    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE
    }
    fn page_bytes(&self) -> usize {
        4096
    }
    fn reserve(&self, _bytes: usize, _placement: Placement) -> Option<NonNull<u8>> {
        Option::None
    }
    fn protect(&self, _at: NonNull<u8>, _bytes: usize, _access: Access) -> bool {
        false
    }
    fn release(&self, _at: NonNull<u8>, _bytes: usize) {}
    fn sync_code(&self, _at: NonNull<u8>, _bytes: usize) {}
}
