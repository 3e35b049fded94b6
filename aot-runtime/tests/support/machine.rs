//! A small container with hand-assembled x86-64 code, so that the engine can
//! be tested without a compiler.
//!
//! Not a general assembler: one fixed module, varied by its callers through
//! [`Artifact`]'s public fields.

use std::borrow::Cow;

use aot_format::{
    Artifact, AuxInfo, DataSegment, DeclaredLimits, EntryThunk, Export, ExportKind, FeatureFlags,
    FloatAbi, FunctionEntry, ImportFunc, InitExpr, MemoryType, Record, Relies, Reloc, RelocGroup,
    SubType, TargetInfo, ValType,
};

const I32: ValType = ValType::I32;

/// `(i32) -> i32`, `() -> ()`, `(i32 i32) -> i32`.
const TYPES: [SubType<'static>; 3] = [
    SubType::func(&[I32], &[I32]),
    SubType::func(&[], &[]),
    SubType::func(&[I32, I32], &[I32]),
];

/// Name, type, code, and a call to patch: offset and symbol.
type Function = (
    &'static str,
    u32,
    &'static [u8],
    Option<(u64, &'static str)>,
);

const FUNCTIONS: [Function; 6] = [
    // lea eax, [rsi+rdx]; ret
    ("add", 2, &[0x8D, 0x04, 0x16, 0xC3], None),
    // mov rax, [rdi+16]; mov rax, [rax+376]; mov ecx, esi; mov eax, [rax+rcx]; ret
    (
        "load",
        0,
        &[
            0x48, 0x8B, 0x47, 0x10, 0x48, 0x8B, 0x80, 0x78, 0x01, 0, 0, 0x89, 0xF1, 0x8B, 0x04,
            0x08, 0xC3,
        ],
        None,
    ),
    // sub rsp, 8; call self; add rsp, 8; ret
    (
        "recurse",
        1,
        &[
            0x48, 0x83, 0xEC, 8, 0xE8, 0, 0, 0, 0, 0x48, 0x83, 0xC4, 8, 0xC3,
        ],
        Some((5, "aot_func#2")),
    ),
    // mov rdi, [rdi+16]; sub rsp, 8; call aot_set_exception_with_id; add rsp, 8; ret
    (
        "trap",
        0,
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
        0,
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
        0,
        &[
            0x48, 0x83, 0xEC, 24, 0xC7, 0x04, 0x24, 16, 0, 0, 0, 0x89, 0xF2, 0x31, 0xF6, 0xB9, 1,
            0, 0, 0, 0x49, 0x89, 0xE0, 0xE8, 0, 0, 0, 0, 0x8B, 0x04, 0x24, 0x48, 0x83, 0xC4, 24,
            0xC3,
        ],
        Some((24, "aot_call_indirect")),
    ),
];

/// Entry thunks of the three types.
const THUNKS: [&[u8]; 3] = [
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

const RELIES: Relies =
    Relies(Relies::GUARD_PAGES.0 | Relies::UNWINDING_TRAPS.0 | Relies::STACK_GUARD.0);

/// Builds the module and hands it to `change` before writing it.
pub(crate) fn module(change: impl FnOnce(&mut Artifact<'_>)) -> Vec<u8> {
    let mut text = Vec::new();
    let mut functions = Vec::new();
    let mut exports = Vec::new();
    let mut relocs = Vec::new();
    let mut place = |code: &[u8]| {
        let at = text.len() as u64;
        text.extend_from_slice(code);
        text.resize(text.len().next_multiple_of(16), 0xCC);
        at
    };
    for (index, (name, type_index, code, call)) in (1..).zip(FUNCTIONS) {
        let text_offset = place(code);
        functions.push(FunctionEntry {
            text_offset,
            type_index,
            max_local_cells: 2,
            max_stack_cells: 2,
        });
        exports.push(Export {
            index,
            kind: ExportKind::Func,
            name,
        });
        if let Some((offset, symbol)) = call {
            relocs.push(Reloc {
                offset: text_offset + offset,
                addend: -4,
                kind: 4,
                symbol,
            });
        }
    }
    exports.push(Export {
        index: 0,
        kind: ExportKind::Memory,
        name: "memory",
    });
    let thunks: Vec<EntryThunk> = (0..)
        .zip(THUNKS)
        .map(|(type_index, code)| EntryThunk {
            type_index,
            text_offset: place(code),
        })
        .collect();
    let limits = [DeclaredLimits {
        min: 1,
        max: Some(2),
    }];
    let mut artifact = Artifact::new(TargetInfo::new(&targets::X86_64, 0, FeatureFlags::NONE));
    artifact.memories = vec![MemoryType {
        flags: 1,
        page_bytes: 65536,
        init_pages: 1,
        max_pages: 2,
    }];
    artifact.data = vec![DataSegment {
        passive: false,
        memory: 0,
        offset: InitExpr::I32(16),
        bytes: b"wasm",
    }];
    artifact.types = TYPES.to_vec();
    artifact.import_funcs = vec![ImportFunc {
        type_index: 0,
        module: "env",
        name: "f",
    }];
    artifact.aux = AuxInfo {
        func_count: 6,
        ..AuxInfo::default()
    };
    artifact.text = Cow::Owned(text);
    artifact.functions = functions;
    artifact.exports = exports;
    artifact.relocations = vec![RelocGroup {
        section: ".rela.text",
        relocs: relocs.as_slice().into(),
    }];
    artifact.record = Some(Record {
        relies: RELIES,
        float_abi: FloatAbi::Double,
        cpu: "x86-64",
        features: "",
        compiler: "hand",
        thunks: thunks.as_slice().into(),
        link_imports: [].as_slice().into(),
        memory_limits: limits.as_slice().into(),
        table_limits: [].as_slice().into(),
    });
    change(&mut artifact);
    artifact.write().expect("the module is well formed")
}
