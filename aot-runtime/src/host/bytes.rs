//! Addresses of the C library's byte routines, which compiled code may call.
//!
//! On bare targets the compiler's own runtime library provides them.

use core::ffi::c_void;

unsafe extern "C" {
    fn memset(target: *mut c_void, value: i32, bytes: usize) -> *mut c_void;
    fn memmove(target: *mut c_void, source: *const c_void, bytes: usize) -> *mut c_void;
}

/// Address of `memset`.
pub(crate) fn memset_address() -> usize {
    memset as *const () as usize
}

/// Address of `memmove`, which also serves as `memcpy`.
pub(crate) fn memmove_address() -> usize {
    memmove as *const () as usize
}
