//! x86-64, System V convention: entry and exit, generic calls, import stubs.
//!
//! Contract: `enter` saves what the convention says a callee must preserve and
//! the stack pointer; `leave` restores exactly that, from any depth below, so
//! the frames between must not own anything; the fault handler does the same by
//! going to `land` with the stack pointer set. Import stubs are for stock
//! files, which call some imports directly: the stub hands all argument
//! registers to `direct_import`.

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
/// `mov r11d, imm32; mov rax, imm64; jmp rax`, padded.
pub(crate) const IMPORT_STUB_BYTES: usize = 24;

/// How C functions are called.
pub(crate) fn convention() -> Convention {
    Convention::SYSTEM_V_64
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
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8",
        "mov [rdi], rsp",
        "mov rdi, rdx",
        "call rsi",
        "xor eax, eax",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
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
    naked_asm!("mov rsp, rdi", "jmp {land}", land = sym land)
}

/// Where [`leave`] goes once the stack pointer is the landing's.
///
/// # Safety
/// Only to jump to, as [`leave`] does.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn land() -> ! {
    naked_asm!(
        "cld",
        "mov eax, 1",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
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
        "push rbp",
        "mov rbp, rsp",
        "push rbx",
        "push r12",
        "mov rbx, rsi",
        "mov r12, rdi",
        "lea rax, [rcx + 1]",
        "and rax, -2",
        "shl rax, 3",
        "sub rsp, rax",
        "xor r10d, r10d",
        "2:",
        "cmp r10, rcx",
        "jae 3f",
        "mov r11, [rdx + r10*8]",
        "mov [rsp + r10*8], r11",
        "inc r10",
        "jmp 2b",
        "3:",
        "movups xmm0, [rbx]",
        "movups xmm1, [rbx + 16]",
        "movups xmm2, [rbx + 32]",
        "movups xmm3, [rbx + 48]",
        "movups xmm4, [rbx + 64]",
        "movups xmm5, [rbx + 80]",
        "movups xmm6, [rbx + 96]",
        "movups xmm7, [rbx + 112]",
        "mov rdi, [rbx + {ints}]",
        "mov rsi, [rbx + {ints} + 8]",
        "mov rdx, [rbx + {ints} + 16]",
        "mov rcx, [rbx + {ints} + 24]",
        "mov r8, [rbx + {ints} + 32]",
        "mov r9, [rbx + {ints} + 40]",
        "call r12",
        "mov [rbx + {int_results}], rax",
        "movups [rbx + {float_result}], xmm0",
        "lea rsp, [rbp - 16]",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        ints = const offset_of!(Frame, ints),
        int_results = const offset_of!(Frame, int_results),
        float_result = const offset_of!(Frame, float_result),
    )
}

/// Room for a [`Frame`] that keeps the stack aligned.
const FRAME: usize = size_of::<Frame>().next_multiple_of(16);

const _: () = assert!(offset_of!(Frame, floats) == 0);

/// Where import stubs jump to, the import's number in `r11d`.
#[unsafe(naked)]
unsafe extern "C" fn import_entry() {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "sub rsp, {frame}",
        "movups [rsp], xmm0",
        "movups [rsp + 16], xmm1",
        "movups [rsp + 32], xmm2",
        "movups [rsp + 48], xmm3",
        "movups [rsp + 64], xmm4",
        "movups [rsp + 80], xmm5",
        "movups [rsp + 96], xmm6",
        "movups [rsp + 112], xmm7",
        "mov [rsp + {ints}], rdi",
        "mov [rsp + {ints} + 8], rsi",
        "mov [rsp + {ints} + 16], rdx",
        "mov [rsp + {ints} + 24], rcx",
        "mov [rsp + {ints} + 32], r8",
        "mov [rsp + {ints} + 40], r9",
        "mov esi, r11d",
        "mov rdx, rsp",
        "lea rcx, [rbp + 16]",
        "call {direct_import}",
        "mov rax, [rsp + {int_results}]",
        "movups xmm0, [rsp + {float_result}]",
        "mov rsp, rbp",
        "pop rbp",
        "ret",
        frame = const FRAME,
        ints = const offset_of!(Frame, ints),
        int_results = const offset_of!(Frame, int_results),
        float_result = const offset_of!(Frame, float_result),
        direct_import = sym direct_import,
    )
}

/// Writes the stub for import `index` into [`IMPORT_STUB_BYTES`] bytes.
pub(crate) fn write_import_stub(out: &mut [u8], index: u32) {
    let mut code = [0xCC_u8; IMPORT_STUB_BYTES];
    let parts = [
        (0, [0x41, 0xBB].as_slice()),
        (2, &index.to_le_bytes()),
        (6, &[0x48, 0xB8]),
        (8, &(import_entry as *const () as usize).to_le_bytes()),
        (16, &[0xFF, 0xE0]),
    ];
    for (at, bytes) in parts {
        if let Some(target) = code.get_mut(at..at + bytes.len()) {
            target.copy_from_slice(bytes);
        }
    }
    if let Some(target) = out.get_mut(..code.len()) {
        target.copy_from_slice(&code);
    }
}

/// What the address of an import stub has besides its place.
pub(crate) fn import_stub_mark() -> usize {
    0
}

/// Makes freshly written code visible to instruction fetch, which is coherent
/// with stores here.
pub(crate) fn sync_code(_at: NonNull<u8>, _bytes: usize) {}
