//! Architectures for which Rust has no stable assembly (MIPS, Xtensa) or whose
//! calling convention nothing here knows: entering is a plain call, leaving a
//! plain return, and stock files (which have no entry thunks) can only be
//! called through typed functions.
//!
//! Compiled code finds the pending trap after each call itself, so files must
//! have been compiled with these checks. On MIPS below Linux the kernel
//! makes new code visible; elsewhere the embedder's platform has to.

use core::ffi::c_void;
use core::ptr::NonNull;

use crate::host::call::{Convention, Frame};

/// Whether [`leave`] exists.
pub(crate) const CAN_LEAVE: bool = false;
/// Whether a float that a C function returns is what the function had.
pub(crate) const KEEPS_FLOATS: bool = true;
/// Whether [`invoke`] exists.
pub(crate) const CAN_INVOKE: bool = false;
/// Size of a stub that calls an import with its number; 0: none.
pub(crate) const IMPORT_STUB_BYTES: usize = 0;

/// Never used, see [`CAN_INVOKE`].
pub(crate) fn convention() -> Convention {
    Convention::SYSTEM_V_32
}

/// Calls `body(data)`.
///
/// # Safety
/// `body` must accept `data`.
pub(crate) unsafe fn enter(
    _landing: *mut usize,
    body: extern "C" fn(*mut c_void),
    data: *mut c_void,
) -> u32 {
    body(data);
    0
}

/// Never called: `landing` stays zero here, and `entry` asks before leaving.
///
/// # Safety
/// None; it does not return.
pub(crate) unsafe fn leave(_landing: usize) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Never called, see [`CAN_INVOKE`].
///
/// # Safety
/// None; it does nothing.
pub(crate) unsafe fn invoke(_code: usize, _frame: &mut Frame, _stack: *const usize, _words: usize) {
}

/// Writes the stub for import `index`; nothing to write here.
pub(crate) fn write_import_stub(_out: &mut [u8], _index: u32) {}

/// What the address of an import stub has besides its place.
pub(crate) fn import_stub_mark() -> usize {
    0
}

/// Makes freshly written code visible to instruction fetch.
#[cfg(all(
    feature = "std",
    target_os = "linux",
    any(target_arch = "mips", target_arch = "mips64")
))]
pub(crate) fn sync_code(at: NonNull<u8>, bytes: usize) {
    /// Both caches (asm/cachectl.h).
    const BCACHE: libc::c_long = 3;
    // SAFETY: `cacheflush` only looks at addresses.
    unsafe { libc::syscall(libc::SYS_cacheflush, at.as_ptr(), bytes, BCACHE) };
}

/// Makes freshly written code visible to instruction fetch: the embedder's
/// platform must, if the machine needs it.
#[cfg(not(all(
    feature = "std",
    target_os = "linux",
    any(target_arch = "mips", target_arch = "mips64")
)))]
pub(crate) fn sync_code(_at: NonNull<u8>, _bytes: usize) {}
