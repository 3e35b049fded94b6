//! RISC-V, 32 and 64 bits, with and without float registers: entry and exit,
//! generic calls, import stubs, instruction fetch.
//!
//! Contract: as `x86_64`. Rust does not say by configuration whether this build
//! passes floats in float registers, so there is a variant of everything that
//! touches them for each answer, and `float_abi` asks at run time.

use core::arch::{asm, naked_asm};
use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr::NonNull;

use aot_format::FloatAbi;

use crate::host::call::{Convention, Frame, direct_import};
use crate::host::float_abi::float_abi;

/// Whether [`leave`] exists.
pub(crate) const CAN_LEAVE: bool = true;
/// Whether a float that a C function returns is what the function had.
pub(crate) const KEEPS_FLOATS: bool = true;
/// Whether [`invoke`] exists.
pub(crate) const CAN_INVOKE: bool = true;
/// Four instructions, the import's number, an address.
pub(crate) const IMPORT_STUB_BYTES: usize = 32;

const WORD: usize = size_of::<usize>();

/// A load or store of a whole register.
#[cfg(target_pointer_width = "64")]
macro_rules! whole {
    (load $rest:literal) => {
        concat!("ld ", $rest)
    };
    (store $rest:literal) => {
        concat!("sd ", $rest)
    };
}
/// A load or store of a whole register.
#[cfg(target_pointer_width = "32")]
macro_rules! whole {
    (load $rest:literal) => {
        concat!("lw ", $rest)
    };
    (store $rest:literal) => {
        concat!("sw ", $rest)
    };
}

/// How C functions are called.
pub(crate) fn convention() -> Convention {
    let float_bytes = match float_abi() {
        FloatAbi::Soft => 0,
        FloatAbi::Single => 4,
        FloatAbi::Double => 8,
    };
    Convention::riscv(WORD, float_bytes)
}

/// Returns its first integer argument register.
#[unsafe(naked)]
pub(crate) extern "C" fn first_int_behind_f32(_float: f32, _mark: usize) -> usize {
    naked_asm!("ret")
}

/// Returns its first integer argument register.
#[unsafe(naked)]
pub(crate) extern "C" fn first_int_behind_f64(_float: f64, _mark: usize) -> usize {
    naked_asm!("ret")
}

/// Where [`enter`] saves float registers, behind two words, the return address
/// and `s0` to `s11`.
const FLOATS: usize = (15 * WORD).next_multiple_of(8);
/// Bytes that [`enter`] saves.
const SAVED: usize = (FLOATS + 12 * 8).next_multiple_of(16);

type Body = extern "C" fn(*mut c_void);

/// Stores the landing stack pointer at `landing`, calls `body(data)` and
/// returns 0; returns 1 when [`leave`] was called with that stack pointer.
///
/// # Safety
/// `body` must accept `data`, and frames left by [`leave`] must own nothing.
pub(crate) unsafe fn enter(landing: *mut usize, body: Body, data: *mut c_void) -> u32 {
    match float_abi() {
        // SAFETY: the caller's promise.
        FloatAbi::Soft => unsafe { soft::enter(landing, body, data) },
        // SAFETY: as above.
        FloatAbi::Single => unsafe { single::enter(landing, body, data) },
        // SAFETY: as above.
        FloatAbi::Double => unsafe { double::enter(landing, body, data) },
    }
}

/// Returns 1 from the [`enter`] that stored `landing`.
///
/// # Safety
/// That `enter` must still be running, on this thread, and every frame below
/// it must own nothing.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave(landing: usize) -> ! {
    naked_asm!("mv sp, a0", "tail {land}", land = sym land)
}

/// Where [`leave`] goes once the stack pointer is the landing's, of which the
/// first word says how to restore the registers.
///
/// # Safety
/// Only to jump to, as [`leave`] does.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn land() -> ! {
    naked_asm!(whole!(load "t1, 0(sp)"), "li a0, 1", "jr t1")
}

/// Loads the registers of `frame`, pushes `words` stack words, calls `code`,
/// and stores the result registers.
///
/// # Safety
/// `code` must be a function for these arguments, and `stack` must have `words`
/// words.
pub(crate) unsafe fn invoke(code: usize, frame: &mut Frame, stack: *const usize, words: usize) {
    match float_abi() {
        // SAFETY: the caller's promise.
        FloatAbi::Soft => unsafe { soft::invoke(code, frame, stack, words) },
        // SAFETY: as above.
        FloatAbi::Single => unsafe { single::invoke(code, frame, stack, words) },
        // SAFETY: as above.
        FloatAbi::Double => unsafe { double::invoke(code, frame, stack, words) },
    }
}

const _: () = assert!(offset_of!(Frame, floats) == 0);

/// The saved return address and room for a [`Frame`].
const IMPORT_SAVED: usize = (size_of::<Frame>() + WORD).next_multiple_of(16);

/// One module per way to pass floats. Grammar: `variants! { (NAME EXTENSION LOAD STORE;)* }`; the latter two are
/// mnemonics, or start a comment. `soft "" "#" "#";` becomes `mod soft` without float instructions.
macro_rules! variants {
    ($($name:ident $extension:literal $load:literal $store:literal;)*) => {$(
        mod $name {
            use super::*;

            #[unsafe(naked)]
            pub(super) unsafe extern "C" fn enter(landing: *mut usize, body: Body, data: *mut c_void) -> u32 {
                naked_asm!(
                    ".option push",
                    $extension,
                    "addi sp, sp, -{saved}",
                    whole!(store "ra, 2*{word}(sp)"),
                    whole!(store "s0, 3*{word}(sp)"),
                    whole!(store "s1, 4*{word}(sp)"),
                    whole!(store "s2, 5*{word}(sp)"),
                    whole!(store "s3, 6*{word}(sp)"),
                    whole!(store "s4, 7*{word}(sp)"),
                    whole!(store "s5, 8*{word}(sp)"),
                    whole!(store "s6, 9*{word}(sp)"),
                    whole!(store "s7, 10*{word}(sp)"),
                    whole!(store "s8, 11*{word}(sp)"),
                    whole!(store "s9, 12*{word}(sp)"),
                    whole!(store "s10, 13*{word}(sp)"),
                    whole!(store "s11, 14*{word}(sp)"),
                    concat!($store, " fs0, {floats}(sp)"),
                    concat!($store, " fs1, {floats} + 8(sp)"),
                    concat!($store, " fs2, {floats} + 16(sp)"),
                    concat!($store, " fs3, {floats} + 24(sp)"),
                    concat!($store, " fs4, {floats} + 32(sp)"),
                    concat!($store, " fs5, {floats} + 40(sp)"),
                    concat!($store, " fs6, {floats} + 48(sp)"),
                    concat!($store, " fs7, {floats} + 56(sp)"),
                    concat!($store, " fs8, {floats} + 64(sp)"),
                    concat!($store, " fs9, {floats} + 72(sp)"),
                    concat!($store, " fs10, {floats} + 80(sp)"),
                    concat!($store, " fs11, {floats} + 88(sp)"),
                    "lla t1, {restore}",
                    whole!(store "t1, 0(sp)"),
                    whole!(store "sp, 0(a0)"),
                    "mv a0, a2",
                    "jalr a1",
                    "li a0, 0",
                    "tail {restore}",
                    ".option pop",
                    saved = const SAVED,
                    word = const WORD,
                    floats = const FLOATS,
                    restore = sym restore,
                )
            }

            /// Restores what `enter` saved, and returns from it.
            #[unsafe(naked)]
            unsafe extern "C" fn restore() -> ! {
                naked_asm!(
                    ".option push",
                    $extension,
                    whole!(load "ra, 2*{word}(sp)"),
                    whole!(load "s0, 3*{word}(sp)"),
                    whole!(load "s1, 4*{word}(sp)"),
                    whole!(load "s2, 5*{word}(sp)"),
                    whole!(load "s3, 6*{word}(sp)"),
                    whole!(load "s4, 7*{word}(sp)"),
                    whole!(load "s5, 8*{word}(sp)"),
                    whole!(load "s6, 9*{word}(sp)"),
                    whole!(load "s7, 10*{word}(sp)"),
                    whole!(load "s8, 11*{word}(sp)"),
                    whole!(load "s9, 12*{word}(sp)"),
                    whole!(load "s10, 13*{word}(sp)"),
                    whole!(load "s11, 14*{word}(sp)"),
                    concat!($load, " fs0, {floats}(sp)"),
                    concat!($load, " fs1, {floats} + 8(sp)"),
                    concat!($load, " fs2, {floats} + 16(sp)"),
                    concat!($load, " fs3, {floats} + 24(sp)"),
                    concat!($load, " fs4, {floats} + 32(sp)"),
                    concat!($load, " fs5, {floats} + 40(sp)"),
                    concat!($load, " fs6, {floats} + 48(sp)"),
                    concat!($load, " fs7, {floats} + 56(sp)"),
                    concat!($load, " fs8, {floats} + 64(sp)"),
                    concat!($load, " fs9, {floats} + 72(sp)"),
                    concat!($load, " fs10, {floats} + 80(sp)"),
                    concat!($load, " fs11, {floats} + 88(sp)"),
                    "addi sp, sp, {saved}",
                    "ret",
                    ".option pop",
                    saved = const SAVED,
                    word = const WORD,
                    floats = const FLOATS,
                )
            }

            #[unsafe(naked)]
            pub(super) unsafe extern "C" fn invoke(code: usize, frame: &mut Frame, stack: *const usize, words: usize) {
                naked_asm!(
                    ".option push",
                    $extension,
                    "addi sp, sp, -32",
                    whole!(store "ra, 0*{word}(sp)"),
                    whole!(store "s0, 1*{word}(sp)"),
                    whole!(store "s1, 2*{word}(sp)"),
                    "mv s0, sp",
                    "mv s1, a1",
                    "mv t1, a0",
                    "slli t2, a3, {shift}",
                    "addi t0, t2, 15",
                    "andi t0, t0, -16",
                    "sub sp, sp, t0",
                    "add t0, sp, t2",
                    "add a2, a2, t2",
                    "4:",
                    "beq t0, sp, 5f",
                    "addi t0, t0, -{word}",
                    "addi a2, a2, -{word}",
                    whole!(load "t2, 0(a2)"),
                    whole!(store "t2, 0(t0)"),
                    "j 4b",
                    "5:",
                    concat!($load, " fa0, 0(s1)"),
                    concat!($load, " fa1, 8(s1)"),
                    concat!($load, " fa2, 16(s1)"),
                    concat!($load, " fa3, 24(s1)"),
                    concat!($load, " fa4, 32(s1)"),
                    concat!($load, " fa5, 40(s1)"),
                    concat!($load, " fa6, 48(s1)"),
                    concat!($load, " fa7, 56(s1)"),
                    whole!(load "a0, {ints} + 0*{word}(s1)"),
                    whole!(load "a1, {ints} + 1*{word}(s1)"),
                    whole!(load "a2, {ints} + 2*{word}(s1)"),
                    whole!(load "a3, {ints} + 3*{word}(s1)"),
                    whole!(load "a4, {ints} + 4*{word}(s1)"),
                    whole!(load "a5, {ints} + 5*{word}(s1)"),
                    whole!(load "a6, {ints} + 6*{word}(s1)"),
                    whole!(load "a7, {ints} + 7*{word}(s1)"),
                    "jalr t1",
                    whole!(store "a0, {int_results}(s1)"),
                    whole!(store "a1, {int_results} + {word}(s1)"),
                    concat!($store, " fa0, {float_result}(s1)"),
                    "mv sp, s0",
                    whole!(load "ra, 0*{word}(sp)"),
                    whole!(load "s0, 1*{word}(sp)"),
                    whole!(load "s1, 2*{word}(sp)"),
                    "addi sp, sp, 32",
                    "ret",
                    ".option pop",
                    word = const WORD,
                    shift = const WORD.trailing_zeros(),
                    ints = const offset_of!(Frame, ints),
                    int_results = const offset_of!(Frame, int_results),
                    float_result = const offset_of!(Frame, float_result),
                )
            }

            /// Where import stubs jump to, the import's number in `t0`.
            #[unsafe(naked)]
            pub(super) unsafe extern "C" fn import_entry() {
                naked_asm!(
                    ".option push",
                    $extension,
                    "addi sp, sp, -{saved}",
                    whole!(store "ra, {saved} - {word}(sp)"),
                    concat!($store, " fa0, 0(sp)"),
                    concat!($store, " fa1, 8(sp)"),
                    concat!($store, " fa2, 16(sp)"),
                    concat!($store, " fa3, 24(sp)"),
                    concat!($store, " fa4, 32(sp)"),
                    concat!($store, " fa5, 40(sp)"),
                    concat!($store, " fa6, 48(sp)"),
                    concat!($store, " fa7, 56(sp)"),
                    whole!(store "a0, {ints} + 0*{word}(sp)"),
                    whole!(store "a1, {ints} + 1*{word}(sp)"),
                    whole!(store "a2, {ints} + 2*{word}(sp)"),
                    whole!(store "a3, {ints} + 3*{word}(sp)"),
                    whole!(store "a4, {ints} + 4*{word}(sp)"),
                    whole!(store "a5, {ints} + 5*{word}(sp)"),
                    whole!(store "a6, {ints} + 6*{word}(sp)"),
                    whole!(store "a7, {ints} + 7*{word}(sp)"),
                    "mv a1, t0",
                    "mv a2, sp",
                    "addi a3, sp, {saved}",
                    "call {direct_import}",
                    whole!(load "a0, {int_results}(sp)"),
                    whole!(load "a1, {int_results} + {word}(sp)"),
                    concat!($load, " fa0, {float_result}(sp)"),
                    whole!(load "ra, {saved} - {word}(sp)"),
                    "addi sp, sp, {saved}",
                    "ret",
                    ".option pop",
                    saved = const IMPORT_SAVED,
                    word = const WORD,
                    ints = const offset_of!(Frame, ints),
                    int_results = const offset_of!(Frame, int_results),
                    float_result = const offset_of!(Frame, float_result),
                    direct_import = sym direct_import,
                )
            }
        }
    )*};
}

variants! {
    soft "" "#" "#";
    single ".option arch, +f" "flw" "fsw";
    double ".option arch, +d" "fld" "fsd";
}

/// Writes the stub for import `index` into [`IMPORT_STUB_BYTES`] bytes.
pub(crate) fn write_import_stub(out: &mut [u8], index: u32) {
    let entry = match float_abi() {
        FloatAbi::Soft => soft::import_entry as *const () as usize,
        FloatAbi::Single => single::import_entry as *const () as usize,
        FloatAbi::Double => double::import_entry as *const () as usize,
    };
    let mut code = [0_u8; IMPORT_STUB_BYTES];
    let instructions = [
        // auipc t1, 0; lw t0, 16(t1); ld (or lw) t1, 24(t1); jr t1
        0x0000_0317_u32,
        0x0103_2283,
        if WORD == 8 { 0x0183_3303 } else { 0x0183_2303 },
        0x0003_0067,
        index,
    ];
    for (target, word) in code.chunks_exact_mut(4).zip(instructions) {
        target.copy_from_slice(&word.to_le_bytes());
    }
    if let Some(target) = code.get_mut(24..24 + WORD) {
        target.copy_from_slice(&entry.to_le_bytes());
    }
    if let Some(target) = out.get_mut(..code.len()) {
        target.copy_from_slice(&code);
    }
}

/// What the address of an import stub has besides its place.
pub(crate) fn import_stub_mark() -> usize {
    0
}

/// Makes freshly written code visible to instruction fetch: of this hart by the
/// instruction for it, of the others by the kernel.
pub(crate) fn sync_code(at: NonNull<u8>, bytes: usize) {
    #[cfg(all(feature = "std", target_os = "linux"))]
    {
        /// `riscv_flush_icache` (asm/unistd.h).
        const FLUSH: libc::c_long = 259;
        let start = at.as_ptr() as usize;
        // SAFETY: it only looks at addresses.
        unsafe { libc::syscall(FLUSH, start, start + bytes, 0) };
    }
    let _ = (at, bytes);
    // SAFETY: a fence. The word is `fence.i`, which every machine that loads code has.
    unsafe { asm!(".word 0x0000100f", options(nostack)) };
}
