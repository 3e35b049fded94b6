//! Unix with memory protection: mappings, guard pages, faults as traps.
//!
//! Contract: reservations are private anonymous mappings that only this crate
//! knows. `signal` acts on faults of compiled code alone; `thread` knows the
//! stack of the running thread. Guard pages behind memories need address space
//! that only 64-bit machines have, and both kinds of guard a machine whose
//! faults become traps.

use core::ptr::NonNull;
use std::sync::OnceLock;

use crate::host::arch::native as arch;
use crate::platform::{Access, Capabilities, Placement, Platform};

#[cfg(all(
    target_os = "linux",
    target_arch = "x86_64",
    target_pointer_width = "64"
))]
pub(crate) mod segment;
#[cfg(not(all(
    target_os = "linux",
    target_arch = "x86_64",
    target_pointer_width = "64"
)))]
#[path = "no_segment.rs"]
pub(crate) mod segment;
#[cfg(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv32",
        target_arch = "riscv64",
    )
))]
pub(crate) mod signal;
#[cfg(not(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv32",
        target_arch = "riscv64",
    )
)))]
#[path = "unix/no_signal.rs"]
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

/// Nothing is set aside for pages that are never touched, where one can say so.
#[cfg(target_os = "linux")]
const NO_RESERVE: libc::c_int = libc::MAP_NORESERVE;
#[cfg(not(target_os = "linux"))]
const NO_RESERVE: libc::c_int = 0;

/// Maps `bytes` of private anonymous memory without access, at `hint` if that is
/// free.
fn map(bytes: usize, hint: usize) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | NO_RESERVE;
    let hint = core::ptr::without_provenance_mut(hint);
    // SAFETY: a fresh anonymous mapping at no fixed address disturbs nothing.
    let at = unsafe { libc::mmap(hint, bytes, protection(Access::None), flags, -1, 0) };
    if at == libc::MAP_FAILED {
        None
    } else {
        NonNull::new(at.cast())
    }
}

/// Where addresses are no longer low.
const LOW_END: usize = 1 << 31;

/// Maps below 2 GiB, where there is something free. Systems take hints, and most
/// programs leave nearly all of that space alone.
fn map_low(bytes: usize) -> Option<NonNull<u8>> {
    const FIRST: usize = 1 << 28;
    const STEP: usize = 1 << 24;
    (FIRST..LOW_END).step_by(STEP).find_map(|hint| {
        let at = map(bytes, hint)?;
        let end = (at.as_ptr() as usize).checked_add(bytes);
        if end.is_some_and(|end| end <= LOW_END) {
            return Some(at);
        }
        // SAFETY: the mapping was made just now and is given up.
        unsafe { libc::munmap(at.as_ptr().cast(), bytes) };
        None
    })
}

// SAFETY: `reserve` maps fresh anonymous (zero) memory which only `release`
// unmaps; `capabilities` is what `signal` and `thread` implement.
unsafe impl Platform for Unix {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            guard_pages: signal::CATCHES && usize::BITS == 64,
            unwinding_traps: arch::CAN_LEAVE,
            stack_guard: signal::CATCHES,
        }
    }

    fn page_bytes(&self) -> usize {
        self.page_bytes
    }

    fn reserve(&self, bytes: usize, placement: Placement) -> Option<NonNull<u8>> {
        // On a 32-bit machine every address fits.
        let low = placement == Placement::Low && usize::BITS == 64;
        let at = if low { map_low(bytes) } else { None };
        at.or_else(|| map(bytes, 0))
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

    fn sync_code(&self, at: NonNull<u8>, bytes: usize) {
        arch::sync_code(at, bytes);
    }
}
