//! AArch64, AAPCS64: entry and exit, generic calls, import stubs, caches.
//!
//! Contract: as `x86_64`. Register x18 belongs to the platform and is not
//! touched.

use core::arch::{asm, naked_asm};
use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr::NonNull;

use crate::host::call::{Convention, Frame, direct_import};

/// Whether [`leave`] exists.
pub(crate) const CAN_LEAVE: bool = true;
/// Whether a float that a C function returns is what the function had.
pub(crate) const KEEPS_FLOATS: bool = true;
/// Whether [`invoke`] exists.
pub(crate) const CAN_INVOKE: bool = true;
/// Four instructions, the import's number, an address.
pub(crate) const IMPORT_STUB_BYTES: usize = 32;

/// How C functions are called.
pub(crate) fn convention() -> Convention {
    Convention::AAPCS64
}

/// Stores the landing stack pointer at `landing`, calls `body(data)` and
/// returns 0; returns 1 when [`leave`] was called with that stack pointer.
///
/// # Safety
/// `body` must accept `data`, and frames left by [`leave`] must own nothing.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn enter(
    landing: *mut usize,
    body: extern "C" fn(*mut c_void),
    data: *mut c_void,
) -> u32 {
    naked_asm!(
        "stp x29, x30, [sp, #-160]!",
        "mov x29, sp",
        "stp x19, x20, [sp, #16]",
        "stp x21, x22, [sp, #32]",
        "stp x23, x24, [sp, #48]",
        "stp x25, x26, [sp, #64]",
        "stp x27, x28, [sp, #80]",
        "stp d8, d9, [sp, #96]",
        "stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]",
        "stp d14, d15, [sp, #144]",
        "str x29, [x0]",
        "mov x0, x2",
        "blr x1",
        "mov w0, #0",
        "b {restore}",
        restore = sym restore,
    )
}

/// Restores what [`enter`] saved where the stack pointer is, and returns from it.
///
/// # Safety
/// Only to jump to.
#[unsafe(naked)]
unsafe extern "C" fn restore() -> ! {
    naked_asm!(
        "ldp d14, d15, [sp, #144]",
        "ldp d12, d13, [sp, #128]",
        "ldp d10, d11, [sp, #112]",
        "ldp d8, d9, [sp, #96]",
        "ldp x27, x28, [sp, #80]",
        "ldp x25, x26, [sp, #64]",
        "ldp x23, x24, [sp, #48]",
        "ldp x21, x22, [sp, #32]",
        "ldp x19, x20, [sp, #16]",
        "ldp x29, x30, [sp], #160",
        "ret",
    )
}

/// Returns 1 from the [`enter`] that stored `landing`.
///
/// # Safety
/// That `enter` must still be running, on this thread, and every frame below
/// it must own nothing.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave(landing: usize) -> ! {
    naked_asm!("mov sp, x0", "b {land}", land = sym land)
}

/// Where [`leave`] goes once the stack pointer is the landing's.
///
/// # Safety
/// Only to jump to, as [`leave`] does.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn land() -> ! {
    naked_asm!("mov w0, #1", "b {restore}", restore = sym restore)
}

/// Loads the registers of `frame`, pushes `words` stack words, calls `code`,
/// and stores the result registers.
///
/// # Safety
/// `code` must be a function for these arguments, and `stack` must have `words`
/// words.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn invoke(
    code: usize,
    frame: &mut Frame,
    stack: *const usize,
    words: usize,
) {
    naked_asm!(
        "stp x29, x30, [sp, #-32]!",
        "mov x29, sp",
        "str x19, [sp, #16]",
        "mov x19, x1",
        "mov x16, x0",
        "add x9, x3, #1",
        "and x9, x9, #-2",
        "sub sp, sp, x9, lsl #3",
        "mov x10, #0",
        "2:",
        "cmp x10, x3",
        "b.hs 3f",
        "ldr x11, [x2, x10, lsl #3]",
        "str x11, [sp, x10, lsl #3]",
        "add x10, x10, #1",
        "b 2b",
        "3:",
        "ldp q0, q1, [x19]",
        "ldp q2, q3, [x19, #32]",
        "ldp q4, q5, [x19, #64]",
        "ldp q6, q7, [x19, #96]",
        "ldp x0, x1, [x19, #{ints}]",
        "ldp x2, x3, [x19, #{ints} + 16]",
        "ldp x4, x5, [x19, #{ints} + 32]",
        "ldp x6, x7, [x19, #{ints} + 48]",
        "blr x16",
        "stp x0, x1, [x19, #{int_results}]",
        "str q0, [x19, #{float_result}]",
        "mov sp, x29",
        "ldr x19, [sp, #16]",
        "ldp x29, x30, [sp], #32",
        "ret",
        ints = const offset_of!(Frame, ints),
        int_results = const offset_of!(Frame, int_results),
        float_result = const offset_of!(Frame, float_result),
    )
}

/// The saved link register and room for a [`Frame`].
const SAVED: usize = 16 + size_of::<Frame>().next_multiple_of(16);

const _: () = assert!(offset_of!(Frame, floats) == 0);

/// Where import stubs jump to, the import's number in `w16`.
#[unsafe(naked)]
unsafe extern "C" fn import_entry() {
    naked_asm!(
        "stp x29, x30, [sp, #-{saved}]!",
        "mov x29, sp",
        "stp q0, q1, [sp, #16]",
        "stp q2, q3, [sp, #48]",
        "stp q4, q5, [sp, #80]",
        "stp q6, q7, [sp, #112]",
        "stp x0, x1, [sp, #16 + {ints}]",
        "stp x2, x3, [sp, #32 + {ints}]",
        "stp x4, x5, [sp, #48 + {ints}]",
        "stp x6, x7, [sp, #64 + {ints}]",
        "mov w1, w16",
        "add x2, sp, #16",
        "add x3, sp, #{saved}",
        "bl {direct_import}",
        "ldp x0, x1, [sp, #16 + {int_results}]",
        "ldr q0, [sp, #16 + {float_result}]",
        "ldp x29, x30, [sp], #{saved}",
        "ret",
        saved = const SAVED,
        ints = const offset_of!(Frame, ints),
        int_results = const offset_of!(Frame, int_results),
        float_result = const offset_of!(Frame, float_result),
        direct_import = sym direct_import,
    )
}

/// Writes the stub for import `index` into [`IMPORT_STUB_BYTES`] bytes.
pub(crate) fn write_import_stub(out: &mut [u8], index: u32) {
    let mut code = [0_u8; IMPORT_STUB_BYTES];
    let instructions = [
        // ldr w16, [pc + 16]; ldr x17, [pc + 20]; br x17; nop
        0x1800_0090_u32,
        0x5800_00B1,
        0xD61F_0220,
        0xD503_201F,
        index,
    ];
    for (target, word) in code.chunks_exact_mut(4).zip(instructions) {
        target.copy_from_slice(&word.to_le_bytes());
    }
    if let Some(target) = code.last_chunk_mut() {
        *target = (import_entry as *const () as usize).to_le_bytes();
    }
    if let Some(target) = out.get_mut(..code.len()) {
        target.copy_from_slice(&code);
    }
}

/// What the address of an import stub has besides its place.
pub(crate) fn import_stub_mark() -> usize {
    0
}

/// Makes freshly written code visible to instruction fetch: cleans the data
/// cache to the point of unification, then invalidates the instruction cache.
pub(crate) fn sync_code(at: NonNull<u8>, bytes: usize) {
    let cache_type: usize;
    // SAFETY: reads a register that every level may read.
    unsafe { asm!("mrs {}, ctr_el0", out(reg) cache_type, options(nomem, nostack)) };
    // Words per line of each cache, as powers of two.
    let data_line = 4 << (cache_type >> 16 & 15);
    let code_line = 4 << (cache_type & 15);
    let start = at.as_ptr() as usize;
    let end = start + bytes;
    for line in (start & !(data_line - 1)..end).step_by(data_line) {
        // SAFETY: cleaning changes nothing that a program sees.
        unsafe { asm!("dc cvau, {}", in(reg) line, options(nostack)) };
    }
    // SAFETY: a barrier.
    unsafe { asm!("dsb ish", options(nostack)) };
    for line in (start & !(code_line - 1)..end).step_by(code_line) {
        // SAFETY: as above.
        unsafe { asm!("ic ivau, {}", in(reg) line, options(nostack)) };
    }
    // SAFETY: barriers.
    unsafe { asm!("dsb ish", "isb", options(nostack)) };
}
