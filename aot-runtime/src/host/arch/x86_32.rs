//! x86-32, System V convention: entry and exit, generic calls, import stubs.
//!
//! Contract: as `x86_64`. All arguments are on the stack; floats come back on
//! the x87 stack, which `land` empties: code that was left may have had values
//! on it.

use core::arch::naked_asm;
use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr::NonNull;

use crate::host::call::{Convention, Frame, direct_import};

/// Whether [`leave`] exists.
pub(crate) const CAN_LEAVE: bool = true;
/// Whether a float that a C function returns is what the function had: x87 registers make signalling NaNs quiet.
pub(crate) const KEEPS_FLOATS: bool = false;
/// Whether [`invoke`] exists.
pub(crate) const CAN_INVOKE: bool = true;
/// `mov eax, imm32; mov ecx, imm32; jmp ecx`, padded.
pub(crate) const IMPORT_STUB_BYTES: usize = 16;

/// How C functions are called.
pub(crate) fn convention() -> Convention {
    Convention::SYSTEM_V_32
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
        "push ebp",
        "push ebx",
        "push esi",
        "push edi",
        "mov eax, [esp + 20]",
        "mov ecx, [esp + 24]",
        "mov edx, [esp + 28]",
        "sub esp, 12",
        "mov [eax], esp",
        "mov [esp], edx",
        "call ecx",
        "xor eax, eax",
        "add esp, 12",
        "pop edi",
        "pop esi",
        "pop ebx",
        "pop ebp",
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
    naked_asm!("mov esp, [esp + 4]", "jmp {land}", land = sym land)
}

/// Where [`leave`] goes once the stack pointer is the landing's.
///
/// # Safety
/// Only to jump to, as [`leave`] does.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn land() -> ! {
    naked_asm!(
        "cld",
        "ffree st(0)",
        "ffree st(1)",
        "ffree st(2)",
        "ffree st(3)",
        "ffree st(4)",
        "ffree st(5)",
        "ffree st(6)",
        "ffree st(7)",
        "mov eax, 1",
        "add esp, 12",
        "pop edi",
        "pop esi",
        "pop ebx",
        "pop ebp",
        "ret",
    )
}

/// Pushes `words` stack words, calls `code`, and stores the results.
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
        "push ebp",
        "mov ebp, esp",
        "push ebx",
        "push esi",
        "mov ebx, [ebp + 12]",
        "mov edx, [ebp + 16]",
        "mov ecx, [ebp + 20]",
        "lea eax, [ecx * 4]",
        "sub esp, eax",
        "and esp, -16",
        "xor eax, eax",
        "2:",
        "cmp eax, ecx",
        "jae 3f",
        "mov esi, [edx + eax * 4]",
        "mov [esp + eax * 4], esi",
        "inc eax",
        "jmp 2b",
        "3:",
        "call dword ptr [ebp + 8]",
        "mov [ebx + {int_results}], eax",
        "mov [ebx + {int_results} + 4], edx",
        "cmp dword ptr [ebx + {x87}], 4",
        "je 4f",
        "cmp dword ptr [ebx + {x87}], 8",
        "jne 5f",
        "fstp qword ptr [ebx + {float_result}]",
        "jmp 5f",
        "4:",
        "fstp dword ptr [ebx + {float_result}]",
        "5:",
        "lea esp, [ebp - 8]",
        "pop esi",
        "pop ebx",
        "pop ebp",
        "ret",
        int_results = const offset_of!(Frame, int_results),
        float_result = const offset_of!(Frame, float_result),
        x87 = const offset_of!(Frame, x87_bytes),
    )
}

/// Room for a [`Frame`] and four arguments that keeps the stack aligned.
const FRAME: usize = (size_of::<Frame>() + 16).next_multiple_of(16) + 8;

/// Where import stubs jump to, the import's number in `eax`.
#[unsafe(naked)]
unsafe extern "C" fn import_entry() {
    naked_asm!(
        "push ebp",
        "mov ebp, esp",
        "sub esp, {frame}",
        "mov edx, [ebp + 8]",
        "mov [esp], edx",
        "mov [esp + 4], eax",
        "lea edx, [esp + 16]",
        "mov [esp + 8], edx",
        "lea edx, [ebp + 8]",
        "mov [esp + 12], edx",
        "mov dword ptr [esp + 16 + {x87}], 0",
        "call {direct_import}",
        "mov eax, [esp + 16 + {int_results}]",
        "mov edx, [esp + 16 + {int_results} + 4]",
        "cmp dword ptr [esp + 16 + {x87}], 4",
        "je 2f",
        "cmp dword ptr [esp + 16 + {x87}], 8",
        "jne 3f",
        "fld qword ptr [esp + 16 + {float_result}]",
        "jmp 3f",
        "2:",
        "fld dword ptr [esp + 16 + {float_result}]",
        "3:",
        "mov esp, ebp",
        "pop ebp",
        "ret",
        frame = const FRAME,
        int_results = const offset_of!(Frame, int_results),
        float_result = const offset_of!(Frame, float_result),
        x87 = const offset_of!(Frame, x87_bytes),
        direct_import = sym direct_import,
    )
}

/// Writes the stub for import `index` into [`IMPORT_STUB_BYTES`] bytes.
pub(crate) fn write_import_stub(out: &mut [u8], index: u32) {
    let mut code = [0xCC_u8; IMPORT_STUB_BYTES];
    let parts = [
        (0, [0xB8].as_slice()),
        (1, &index.to_le_bytes()),
        (5, &[0xB9]),
        (6, &(import_entry as *const () as usize).to_le_bytes()),
        (10, &[0xFF, 0xE1]),
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
