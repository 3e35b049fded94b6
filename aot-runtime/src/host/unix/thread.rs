//! The running thread: its stack, its alternate signal stack, and the
//! innermost activation of compiled code on it.
//!
//! Contract: the thread-local word read by the fault handler is initialised
//! without allocation and has no destructor.

use core::cell::Cell;
use core::mem::MaybeUninit;

use crate::entry::Activation;
use crate::platform::Platform;

/// What the fault handler and the entry path need to know, in one cell.
#[derive(Clone, Copy)]
struct Thread {
    /// Innermost activation of compiled code, or null.
    current: *const Activation,
    /// Lowest usable address of the stack; 0 before the first entry.
    stack_low: usize,
}

/// Bytes of the alternate signal stack: room for the fault handler and for a
/// previous handler that may want to print.
const ALTERNATE_BYTES: usize = 64 * 1024;

/// How far below the lowest usable address a fault still is an overflow: the
/// kernel's gap below a main thread's stack is 1 MiB, guards are smaller.
const ZONE_BELOW: usize = 1024 * 1024;

/// How far above it: the limit of a main thread is known to within a page or
/// two, of 64 KiB at most. Pages of the stack that exist do not fault.
const ZONE_ABOVE: usize = 2 * 65536;

std::thread_local! {
    static THREAD: Cell<Thread> =
        const { Cell::new(Thread { current: core::ptr::null(), stack_low: 0 }) };
    static ALTERNATE: Alternate = Alternate::install();
}

/// Lowest address the native stack of this thread may reach. Prepares the
/// thread for faults the first time.
pub(crate) fn stack_limit(_platform: &dyn Platform) -> usize {
    let low = THREAD.with(|thread| thread.get().stack_low);
    if low == 0 { prepare() } else { low }
}

/// Makes `activation` the innermost one and returns the one before.
pub(crate) fn replace(activation: *const Activation) -> *const Activation {
    THREAD.with(|cell| {
        let mut thread = cell.get();
        let previous = core::mem::replace(&mut thread.current, activation);
        cell.set(thread);
        previous
    })
}

/// The innermost activation, or null.
#[allow(dead_code, reason = "only the fault handler asks")]
pub(super) fn current() -> *const Activation {
    THREAD.with(|thread| thread.get().current)
}

/// Whether a fault at `address` is an overflow of this thread's stack.
#[allow(dead_code, reason = "only the fault handler asks")]
pub(super) fn in_stack_guard(address: usize) -> bool {
    let low = THREAD.with(|thread| thread.get().stack_low);
    low != 0
        && address >= low.saturating_sub(ZONE_BELOW)
        && address < low.saturating_add(ZONE_ABOVE)
}

#[cold]
fn prepare() -> usize {
    ALTERNATE.with(|_| ());
    let low = stack_low().unwrap_or(1);
    THREAD.with(|cell| {
        let mut thread = cell.get();
        thread.stack_low = low;
        cell.set(thread);
    });
    low
}

/// Lowest usable address of this thread's stack: unknown here.
#[cfg(not(target_os = "linux"))]
fn stack_low() -> Option<usize> {
    None
}

/// Lowest usable address of this thread's stack, as the C library knows it.
#[cfg(target_os = "linux")]
fn stack_low() -> Option<usize> {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: no preconditions.
    let thread = unsafe { libc::pthread_self() };
    // SAFETY: `attributes` is writable; the call initialises it on success.
    if unsafe { libc::pthread_getattr_np(thread, attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: initialised by the successful call above.
    let mut attributes = unsafe { attributes.assume_init() };
    let mut low = core::ptr::null_mut();
    let mut bytes = 0;
    // SAFETY: all three point to live objects.
    let found = unsafe { libc::pthread_attr_getstack(&attributes, &mut low, &mut bytes) } == 0;
    // SAFETY: initialised above and not used again.
    unsafe { libc::pthread_attr_destroy(&mut attributes) };
    found.then_some(low as usize)
}

/// The alternate signal stack of this thread, if we had to make one.
struct Alternate(*mut libc::c_void);

impl Alternate {
    /// Keeps a stack that is there already (the Rust runtime makes one for its
    /// threads) unless it is too small to call a previous handler from.
    fn install() -> Alternate {
        let none = Alternate(core::ptr::null_mut());
        let mut old = MaybeUninit::<libc::stack_t>::uninit();
        // SAFETY: `old` is writable; a null new stack only asks.
        if unsafe { libc::sigaltstack(core::ptr::null(), old.as_mut_ptr()) } != 0 {
            return none;
        }
        // SAFETY: initialised by the successful call above.
        let old = unsafe { old.assume_init() };
        if old.ss_flags & libc::SS_DISABLE == 0 {
            return none;
        }
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a fresh anonymous mapping disturbs nothing.
        let at =
            unsafe { libc::mmap(core::ptr::null_mut(), ALTERNATE_BYTES, access, flags, -1, 0) };
        if at == libc::MAP_FAILED {
            return none;
        }
        let stack = libc::stack_t {
            ss_sp: at,
            ss_flags: 0,
            ss_size: ALTERNATE_BYTES,
        };
        // SAFETY: the stack is the mapping just made, which lives until `drop`.
        if unsafe { libc::sigaltstack(&stack, core::ptr::null_mut()) } != 0 {
            // SAFETY: the mapping is ours and unused.
            unsafe { libc::munmap(at, ALTERNATE_BYTES) };
            return none;
        }
        Alternate(at)
    }
}

impl Drop for Alternate {
    fn drop(&mut self) {
        if self.0.is_null() {
            return;
        }
        let off = libc::stack_t {
            ss_sp: core::ptr::null_mut(),
            ss_flags: libc::SS_DISABLE,
            ss_size: 0,
        };
        // SAFETY: turns off the stack installed above; no handler is running on it.
        unsafe { libc::sigaltstack(&off, core::ptr::null_mut()) };
        // SAFETY: the mapping is ours, and no longer the signal stack.
        unsafe { libc::munmap(self.0, ALTERNATE_BYTES) };
    }
}
