//! What happens when LLVM gives up.
//!
//! A code generator that cannot go on has no way back to its caller: it reports the reason and ends the
//! process. What can be chosen is how that looks.

#![allow(unsafe_code, reason = "the handler is a C callback")]

use llvm_sys::error_handling::LLVMInstallFatalErrorHandler;
use std::ffi::{CStr, c_char};
use std::sync::OnceLock;

/// What to do with the reason.
static REPORT: OnceLock<fn(&str) -> !> = OnceLock::new();

/// Has LLVM call `report` with the reason before it ends the process, instead of printing the reason and
/// where in LLVM it arose. Only the first call counts.
pub fn on_fatal_error(report: fn(&str) -> !) {
    if REPORT.set(report).is_ok() {
        // SAFETY: the handler has the type LLVM asks for and may be called from any thread: it reads a value
        // that no longer changes.
        unsafe { LLVMInstallFatalErrorHandler(Some(handle)) };
    }
}

extern "C" fn handle(reason: *const c_char) {
    // SAFETY: LLVM passes a NUL-terminated string that lives during the call.
    let reason = unsafe { CStr::from_ptr(reason) };
    if let Some(report) = REPORT.get() {
        report(&reason.to_string_lossy());
    }
}
