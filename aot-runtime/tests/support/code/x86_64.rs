//! The module's code for x86-64: each function's instructions above its bytes.

use super::{Function, I32_I32, NOTHING, TWO_I32};

/// The machine.
pub(crate) const TARGET: &targets::Target = &targets::X86_64;

/// A word that becomes the address of a call: number and addend.
pub(crate) const ADDRESS: (u32, i64) = (4, -4);

pub(crate) const FUNCTIONS: [Function; 6] = [
    // lea eax, [rsi+rdx]; ret
    ("add", TWO_I32, &[0x8D, 0x04, 0x16, 0xC3], None),
    // mov rax, [rdi+16]; mov rax, [rax+376]; mov ecx, esi; mov eax, [rax+rcx]; ret
    (
        "load",
        I32_I32,
        &[
            0x48, 0x8B, 0x47, 0x10, 0x48, 0x8B, 0x80, 0x78, 0x01, 0, 0, 0x89, 0xF1, 0x8B, 0x04,
            0x08, 0xC3,
        ],
        None,
    ),
    // sub rsp, 8; call self; add rsp, 8; ret
    (
        "recurse",
        NOTHING,
        &[
            0x48, 0x83, 0xEC, 8, 0xE8, 0, 0, 0, 0, 0x48, 0x83, 0xC4, 8, 0xC3,
        ],
        Some((5, "aot_func#2")),
    ),
    // mov rdi, [rdi+16]; sub rsp, 8; call aot_set_exception_with_id; add rsp, 8; ret
    (
        "trap",
        I32_I32,
        &[
            0x48, 0x8B, 0x7F, 0x10, 0x48, 0x83, 0xEC, 8, 0xE8, 0, 0, 0, 0, 0x48, 0x83, 0xC4, 8,
            0xC3,
        ],
        Some((9, "aot_set_exception_with_id")),
    ),
    // sub rsp, 24; mov [rsp], esi; mov rcx, rsp; mov edx, 1; xor esi, esi;
    // call aot_invoke_native; mov eax, [rsp]; add rsp, 24; ret
    (
        "call",
        I32_I32,
        &[
            0x48, 0x83, 0xEC, 24, 0x89, 0x34, 0x24, 0x48, 0x89, 0xE1, 0xBA, 1, 0, 0, 0, 0x31, 0xF6,
            0xE8, 0, 0, 0, 0, 0x8B, 0x04, 0x24, 0x48, 0x83, 0xC4, 24, 0xC3,
        ],
        Some((18, "aot_invoke_native")),
    ),
    // sub rsp, 24; mov dword [rsp], 16; mov edx, esi; xor esi, esi; mov ecx, 1; mov r8, rsp;
    // call aot_call_indirect; mov eax, [rsp]; add rsp, 24; ret
    (
        "indirect",
        I32_I32,
        &[
            0x48, 0x83, 0xEC, 24, 0xC7, 0x04, 0x24, 16, 0, 0, 0, 0x89, 0xF2, 0x31, 0xF6, 0xB9, 1,
            0, 0, 0, 0x49, 0x89, 0xE0, 0xE8, 0, 0, 0, 0, 0x8B, 0x04, 0x24, 0x48, 0x83, 0xC4, 24,
            0xC3,
        ],
        Some((24, "aot_call_indirect")),
    ),
];

/// Entry thunks of the three types.
pub(crate) const THUNKS: [&[u8]; 3] = [
    // push rbx; mov rbx, rdx; mov rax, rsi; mov esi, [rbx]; call rax; mov eax, eax; mov [rbx], rax; pop rbx; ret
    &[
        0x53, 0x48, 0x89, 0xD3, 0x48, 0x89, 0xF0, 0x8B, 0x33, 0xFF, 0xD0, 0x89, 0xC0, 0x48, 0x89,
        0x03, 0x5B, 0xC3,
    ],
    // mov rax, rsi; sub rsp, 8; call rax; add rsp, 8; ret
    &[
        0x48, 0x89, 0xF0, 0x48, 0x83, 0xEC, 8, 0xFF, 0xD0, 0x48, 0x83, 0xC4, 8, 0xC3,
    ],
    // as the first, with mov edx, [rbx+8] behind the first argument
    &[
        0x53, 0x48, 0x89, 0xD3, 0x48, 0x89, 0xF0, 0x8B, 0x33, 0x8B, 0x53, 8, 0xFF, 0xD0, 0x89,
        0xC0, 0x48, 0x89, 0x03, 0x5B, 0xC3,
    ],
];
