//! Faults of compiled code become traps; every other fault is left alone.
//!
//! Contract: the handler acts only when the running thread is inside compiled
//! code (an activation exists and is not in a helper) and the address belongs
//! to a linear memory of the active store or to the guard of this thread's
//! stack. It never unwinds Rust: it points the interrupted context at
//! `arch::land` with the landing's stack and returns. Otherwise the previous action takes place.

use core::ffi::c_void;
use core::mem::MaybeUninit;
use std::sync::{Once, OnceLock};

use aot_format::abi::traps::TrapId;

use super::thread;
use crate::host::arch::native::land;

#[cfg(target_arch = "x86_64")]
#[path = "context/x86_64.rs"]
mod context;
#[cfg(target_arch = "x86")]
#[path = "context/x86_32.rs"]
mod context;
#[cfg(target_arch = "aarch64")]
#[path = "context/aarch64.rs"]
mod context;
#[cfg(target_arch = "arm")]
#[path = "context/arm.rs"]
mod context;
#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
#[path = "context/riscv.rs"]
mod context;

/// Whether faults become traps.
pub(super) const CATCHES: bool = true;

/// What was installed before, by position in [`SIGNALS`].
static PREVIOUS: [OnceLock<libc::sigaction>; 2] = [OnceLock::new(), OnceLock::new()];

/// The signals compiled code can cause.
const SIGNALS: [libc::c_int; 2] = [libc::SIGSEGV, libc::SIGBUS];

/// Installs the handler once per process.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (signal, previous) in SIGNALS.into_iter().zip(&PREVIOUS) {
            let mut old = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: a null new action only asks; `old` is writable.
            unsafe { libc::sigaction(signal, core::ptr::null(), old.as_mut_ptr()) };
            // SAFETY: all-zero bytes are a valid `sigaction`, and the call filled it in.
            let old = unsafe { old.assume_init() };
            // Stored first: the new handler may run at once.
            let _ = previous.set(old);
            let mut action = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: all-zero bytes are a valid `sigaction`.
            let action = unsafe { action.assume_init_mut() };
            action.sa_sigaction = handle as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            // SAFETY: points to a live object.
            unsafe { libc::sigaction(signal, action, core::ptr::null_mut()) };
        }
    });
}

/// The handler.
extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes a valid record for SA_SIGINFO handlers.
    let record = unsafe { &*info };
    // SAFETY: faults carry an address; a sent signal has other bytes there.
    let address = unsafe { record.si_addr() } as usize;
    let address = context::address(address);
    // Positive codes come from the kernel: a fault, not a signal someone sent.
    let fault = record.si_code > 0;
    if fault && let Some(landing) = trap(address) {
        redirect(context, landing);
    } else {
        pass_on(signal, info, context, fault);
    }
}

/// Records the trap for a fault at `address` and returns the landing; `None`
/// if the fault is not compiled code's.
fn trap(address: usize) -> Option<usize> {
    let activation = thread::current();
    // SAFETY: null, or the activation of an `entry::enter` still running on
    // this thread, which clears it before it returns.
    let activation = unsafe { activation.as_ref() }?;
    if activation.in_host() {
        return None;
    }
    let id = if activation.owns_memory(address) {
        TrapId::OutOfBoundsMemoryAccess
    } else if thread::in_stack_guard(address) {
        TrapId::NativeStackOverflow
    } else {
        return None;
    };
    activation.record_fault(id);
    Some(activation.landing())
}

/// Makes the interrupted thread continue at `land` on the landing's stack.
fn redirect(context: *mut c_void, landing: usize) {
    let context = context.cast::<libc::ucontext_t>();
    // SAFETY: the kernel passes a valid context, which only we use now.
    let machine = unsafe { &mut (*context).uc_mcontext };
    context::redirect(machine, land as *const () as usize, landing);
}

/// Does what would have happened without us.
fn pass_on(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut c_void, fault: bool) {
    let index = usize::from(signal != libc::SIGSEGV);
    let Some(previous) = PREVIOUS.get(index).and_then(OnceLock::get) else {
        return;
    };
    match previous.sa_sigaction {
        libc::SIG_IGN if !fault => {}
        libc::SIG_DFL | libc::SIG_IGN => {
            // The instruction faults again when we return, with the default action.
            let mut action = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: all-zero bytes are a valid `sigaction` with SIG_DFL.
            let action = unsafe { action.assume_init_mut() };
            action.sa_sigaction = libc::SIG_DFL;
            // SAFETY: points to a live object.
            unsafe { libc::sigaction(signal, action, core::ptr::null_mut()) };
            if !fault {
                // SAFETY: no preconditions; delivered when this handler returns.
                unsafe { libc::raise(signal) };
            }
        }
        handler if previous.sa_flags & libc::SA_SIGINFO != 0 => {
            type Extended = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut c_void);
            // SAFETY: the previous owner installed it as a SA_SIGINFO handler.
            let handler = unsafe { core::mem::transmute::<usize, Extended>(handler) };
            handler(signal, info, context);
        }
        handler => {
            type Simple = extern "C" fn(libc::c_int);
            // SAFETY: the previous owner installed it as a plain handler.
            let handler = unsafe { core::mem::transmute::<usize, Simple>(handler) };
            handler(signal);
        }
    }
}
