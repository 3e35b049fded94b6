//! Unix with memory protection: mappings, guard pages, faults as traps.
//!
//! Contract: reservations are private anonymous mappings that only this crate
//! knows. `signal` acts on faults of compiled code alone; `thread` knows the
//! stack of the running thread.

use core::ptr::NonNull;
use std::sync::OnceLock;

use crate::platform::{Access, Capabilities, Placement, Platform};

pub(crate) mod signal;
pub(crate) mod thread;

/// The payload of a caught panic.
pub(crate) type Panic = std::boxed::Box<dyn core::any::Any + Send>;

/// Runs `f` and catches its panic, so that it never unwinds into compiled code.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    // The store may be left half changed by a panic in the middle of the
    // runtime; it is memory safe in every state, so nothing more is asserted.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(f))
}

/// Continues a panic caught earlier.
pub(crate) fn resume(panic: Panic) -> ! {
    std::panic::resume_unwind(panic)
}

/// The hosted platform.
struct Unix {
    page_bytes: usize,
}

/// The hosted platform, its fault handler installed.
pub(crate) fn platform() -> Option<&'static dyn Platform> {
    static PLATFORM: OnceLock<Unix> = OnceLock::new();
    let unix = PLATFORM.get_or_init(|| {
        // SAFETY: no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        Unix {
            page_bytes: usize::try_from(page).unwrap_or(4096),
        }
    });
    signal::install();
    Some(unix)
}

fn protection(access: Access) -> libc::c_int {
    match access {
        Access::None => libc::PROT_NONE,
        Access::Read => libc::PROT_READ,
        Access::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
        Access::ReadExecute => libc::PROT_READ | libc::PROT_EXEC,
    }
}

/// Maps `bytes` of private anonymous memory.
fn map(bytes: usize, access: Access, flags: libc::c_int) -> Option<NonNull<u8>> {
    let flags = flags | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a fresh anonymous mapping at no fixed address disturbs nothing.
    let at = unsafe {
        libc::mmap(
            core::ptr::null_mut(),
            bytes,
            protection(access),
            flags,
            -1,
            0,
        )
    };
    if at == libc::MAP_FAILED {
        None
    } else {
        NonNull::new(at.cast())
    }
}

// SAFETY: `reserve` maps fresh anonymous (zero) memory which only `release`
// unmaps; `capabilities` is what `signal` and `thread` implement.
unsafe impl Platform for Unix {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            guard_pages: true,
            unwinding_traps: true,
            stack_guard: true,
        }
    }

    fn page_bytes(&self) -> usize {
        self.page_bytes
    }

    fn reserve(&self, bytes: usize, placement: Placement) -> Option<NonNull<u8>> {
        if placement == Placement::Low
            && let Some(at) = map(bytes, Access::None, libc::MAP_32BIT)
        {
            return Some(at);
        }
        map(bytes, Access::None, 0)
    }

    fn protect(&self, at: NonNull<u8>, bytes: usize, access: Access) -> bool {
        // SAFETY: the caller owns the pages (trait contract: inside a
        // reservation), which no Rust object occupies.
        bytes == 0 || unsafe { libc::mprotect(at.as_ptr().cast(), bytes, protection(access)) } == 0
    }

    fn release(&self, at: NonNull<u8>, bytes: usize) {
        // SAFETY: the caller gives up a reservation made by `reserve`.
        unsafe { libc::munmap(at.as_ptr().cast(), bytes) };
    }

    fn sync_code(&self, _at: NonNull<u8>, _bytes: usize) {
        // x86-64 keeps instruction fetch coherent with stores of the same address space.
    }
}
