//! Atomic operations of 64 bits where the machine has none: one lock for all.
//!
//! Compiled code and the runtime must agree on how such words are accessed, so
//! the routines that LLVM calls for them on these machines are here as well,
//! under the names of LLVM's library interface. Contract: addresses come from
//! compiled code or from `shared`, which checked them; every access of such a
//! word as a whole goes through this lock.

use core::sync::atomic::{AtomicBool, Ordering};

static LOCKED: AtomicBool = AtomicBool::new(false);

/// Changes a word; its value before.
fn change(at: *mut u64, next: impl FnOnce(u64) -> u64) -> u64 {
    while LOCKED.swap(true, Ordering::Acquire) {
        core::hint::spin_loop();
    }
    // SAFETY: the callers' addresses are valid (module contract).
    let value = unsafe { at.read_volatile() };
    let after = next(value);
    if after != value {
        // SAFETY: as above.
        unsafe { at.write_volatile(after) };
    }
    LOCKED.store(false, Ordering::Release);
    value
}

/// One routine per line: name and the new value. `fetch_add, |value, operand| value.wrapping_add(operand);` becomes
/// an `extern "C"` function of the word's address, the operand and the ordering, which is always the strictest.
macro_rules! changes {
    ($($name:ident, |$value:ident, $operand:ident| $next:expr;)*) => {$(
        pub(crate) extern "C" fn $name(at: *mut u64, $operand: u64, _order: i32) -> u64 {
            change(at, |$value| $next)
        }
    )*};
}

changes! {
    exchange, |_value, operand| operand;
    fetch_add, |value, operand| value.wrapping_add(operand);
    fetch_sub, |value, operand| value.wrapping_sub(operand);
    fetch_and, |value, operand| value & operand;
    fetch_or, |value, operand| value | operand;
    fetch_xor, |value, operand| value ^ operand;
}

pub(crate) extern "C" fn load(at: *mut u64, _order: i32) -> u64 {
    change(at, |value| value)
}

pub(crate) extern "C" fn store(at: *mut u64, value: u64, _order: i32) {
    change(at, |_| value);
}

pub(crate) extern "C" fn compare_exchange(
    at: *mut u64,
    expected: *mut u64,
    desired: u64,
    _success: i32,
    _failure: i32,
) -> bool {
    // SAFETY: compiled code passes a word of its own.
    let wanted = unsafe { expected.read() };
    let value = change(at, |value| if value == wanted { desired } else { value });
    // SAFETY: as above.
    unsafe { expected.write(value) };
    value == wanted
}
