//! ARM and Thumb, AAPCS32: entry and exit, generic calls, import stubs.
//!
//! Contract: as `x86_64`. The instructions are those that every Thumb
//! machine has, down to ARMv6-M, and that mean the same in ARM state, so that one
//! text serves all. With the hard-float convention the callee-saved float
//! registers are kept as well; with the other one nobody has any.

use core::arch::naked_asm;
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
/// In Thumb: six instructions, the import's number, an address.
pub(crate) const IMPORT_STUB_BYTES: usize = 20;

/// Instructions for machines whose convention uses float registers, or others.
/// The assembler is told that there are any: it does not know on all of them.
#[cfg(target_abi = "eabihf")]
macro_rules! if_hard {
    ($hard:literal, $soft:literal) => {
        concat!(".fpu vfpv2\n", $hard)
    };
}
/// Instructions for machines whose convention uses float registers, or others.
#[cfg(not(target_abi = "eabihf"))]
macro_rules! if_hard {
    ($hard:literal, $soft:literal) => {
        $soft
    };
}

/// How C functions are called.
pub(crate) fn convention() -> Convention {
    match cfg!(target_abi = "eabihf") {
        true => Convention::AAPCS32_VFP,
        false => Convention::AAPCS32,
    }
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
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r3-r7}}",
        if_hard!("vpush {{d8-d15}}", ""),
        "mov r3, sp",
        "str r3, [r0]",
        "mov r0, r2",
        "blx r1",
        "movs r0, #0",
        if_hard!("vpop {{d8-d15}}", ""),
        "pop {{r3-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
    )
}

/// Returns 1 from the [`enter`] that stored `landing`.
///
/// # Safety
/// That `enter` must still be running, on this thread, and every frame below
/// it must own nothing.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave(landing: usize) -> ! {
    naked_asm!(
        "mov sp, r0",
        "movs r0, #1",
        if_hard!("vpop {{d8-d15}}", ""),
        "pop {{r3-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
    )
}

/// Where the fault handler goes once the stack pointer is the landing's.
///
/// # Safety
/// Only to jump to.
#[allow(dead_code, reason = "only hosts with a fault handler need it")]
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn land() -> ! {
    naked_asm!(
        "movs r0, #1",
        if_hard!("vpop {{d8-d15}}", ""),
        "pop {{r3-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
    )
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
        "push {{r3-r7, lr}}",
        "mov r4, r1",
        "mov r5, r0",
        "mov r6, sp",
        // Room for an even number of words.
        "adds r0, r3, #1",
        "lsrs r0, r0, #1",
        "lsls r0, r0, #3",
        "mov r7, sp",
        "subs r7, r7, r0",
        "mov sp, r7",
        "lsls r3, r3, #2",
        "2:",
        "subs r3, r3, #4",
        "bmi 3f",
        "ldr r0, [r2, r3]",
        "str r0, [r7, r3]",
        "b 2b",
        "3:",
        // Ahead of the integer registers are 128 bytes for float registers.
        if_hard!("vldmia r4, {{d0-d7}}", ""),
        "adds r4, r4, #{ints}",
        "ldr r0, [r4, #0]",
        "ldr r1, [r4, #4]",
        "ldr r2, [r4, #8]",
        "ldr r3, [r4, #12]",
        "blx r5",
        "str r0, [r4, #{int_results}]",
        "str r1, [r4, #{int_results} + 4]",
        if_hard!("vstr d0, [r4, #{float_result}]", "@ {float_result}"),
        "mov sp, r6",
        "pop {{r3-r7, pc}}",
        ints = const offset_of!(Frame, ints),
        int_results = const offset_of!(Frame, int_results) - offset_of!(Frame, ints),
        float_result = const offset_of!(Frame, float_result) - offset_of!(Frame, ints),
    )
}

/// Room for a [`Frame`] that, with two registers, keeps the stack aligned.
const FRAME: usize = size_of::<Frame>().next_multiple_of(8);

const _: () = assert!(offset_of!(Frame, floats) == 0);

/// Where import stubs jump to, the import's number in `ip`.
#[unsafe(naked)]
unsafe extern "C" fn import_entry() {
    naked_asm!(
        "push {{r3, lr}}",
        "sub sp, #{frame}",
        "str r0, [sp, #{ints}]",
        "str r1, [sp, #{ints} + 4]",
        "str r2, [sp, #{ints} + 8]",
        "str r3, [sp, #{ints} + 12]",
        "mov r2, sp",
        if_hard!("vstmia r2, {{d0-d7}}", ""),
        "mov r1, ip",
        "add r3, sp, #{frame} + 8",
        "bl {direct_import}",
        "ldr r0, [sp, #{int_results}]",
        "ldr r1, [sp, #{int_results} + 4]",
        if_hard!("vldr d0, [sp, #{float_result}]", "@ {float_result}"),
        "add sp, #{frame}",
        "pop {{r3, pc}}",
        frame = const FRAME,
        ints = const offset_of!(Frame, ints),
        int_results = const offset_of!(Frame, int_results),
        float_result = const offset_of!(Frame, float_result),
        direct_import = sym direct_import,
    )
}

/// Writes the stub for import `index` into [`IMPORT_STUB_BYTES`] bytes, in the
/// state this build's own functions are in.
pub(crate) fn write_import_stub(out: &mut [u8], index: u32) {
    let entry = import_entry as *const () as usize;
    let index = index.to_le_bytes();
    let entry_bytes = entry.to_le_bytes();
    let parts = match entry & 1 {
        0 => [
            // ldr ip, [pc]; ldr pc, [pc]
            (
                0,
                [0x00, 0xC0, 0x9F, 0xE5, 0x00, 0xF0, 0x9F, 0xE5].as_slice(),
            ),
            (8, &index),
            (12, &entry_bytes),
        ],
        _ => [
            // push {r0, r1}; ldr r0, [pc, #8]; mov ip, r0; ldr r0, [pc, #8]; str r0, [sp, #4]; pop {r0, pc}
            (
                0,
                [
                    0x03, 0xB4, 0x02, 0x48, 0x84, 0x46, 0x02, 0x48, 0x01, 0x90, 0x01, 0xBD,
                ]
                .as_slice(),
            ),
            (12, &index),
            (16, &entry_bytes),
        ],
    };
    for (at, bytes) in parts {
        if let Some(target) = out.get_mut(at..at + bytes.len()) {
            target.copy_from_slice(bytes);
        }
    }
}

/// What the address of an import stub has besides its place: the Thumb bit.
pub(crate) fn import_stub_mark() -> usize {
    import_entry as *const () as usize & 1
}

/// Makes freshly written code visible to instruction fetch.
#[cfg(all(feature = "std", target_os = "linux"))]
pub(crate) fn sync_code(at: NonNull<u8>, bytes: usize) {
    /// `__ARM_NR_cacheflush` (asm/unistd.h).
    const CACHEFLUSH: libc::c_long = 0x0F_0002;
    let start = at.as_ptr() as usize;
    // SAFETY: it only looks at addresses; user code may not do it itself.
    unsafe { libc::syscall(CACHEFLUSH, start, start + bytes, 0) };
}

/// Makes freshly written code visible to instruction fetch on machines without
/// caches. For one with caches (Cortex-M7) the embedder's platform has to clean
/// and invalidate them.
#[cfg(all(
    not(all(feature = "std", target_os = "linux")),
    target_has_atomic = "32"
))]
pub(crate) fn sync_code(_at: NonNull<u8>, _bytes: usize) {
    // SAFETY: barriers.
    unsafe { core::arch::asm!("dsb", "isb", options(nostack)) };
}

/// Makes freshly written code visible to instruction fetch on machines that
/// fetch too little ahead to need anything (ARMv6-M), and have not all the
/// barriers (before).
#[cfg(all(
    not(all(feature = "std", target_os = "linux")),
    not(target_has_atomic = "32")
))]
pub(crate) fn sync_code(_at: NonNull<u8>, _bytes: usize) {
    core::sync::atomic::compiler_fence(core::sync::atomic::Ordering::SeqCst);
}
