//! A small container with hand-assembled code, so that the engine can
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

/// Positions in [`TYPES`].
const I32_I32: u32 = 0;
const NOTHING: u32 = 1;
const TWO_I32: u32 = 2;

/// Name, type, code, and an address to fill in: offset and symbol.
type Function = (
    &'static str,
    u32,
    &'static [u8],
    Option<(u64, &'static str)>,
);

#[cfg(target_arch = "x86_64")]
#[path = "code/x86_64.rs"]
mod code;
#[cfg(target_arch = "x86")]
#[path = "code/x86_32.rs"]
mod code;
#[cfg(target_arch = "aarch64")]
#[path = "code/aarch64.rs"]
mod code;
#[cfg(target_arch = "arm")]
#[path = "code/arm.rs"]
mod code;
#[cfg(target_arch = "riscv64")]
#[path = "code/riscv64.rs"]
mod code;

/// On 32-bit machines `load` checks its address.
const RELIES: Relies = Relies(
    Relies::UNWINDING_TRAPS.0
        | Relies::STACK_GUARD.0
        | if cfg!(target_pointer_width = "64") {
            Relies::GUARD_PAGES.0
        } else {
            0
        },
);

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
    for (index, (name, type_index, code, call)) in (1..).zip(code::FUNCTIONS) {
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
                addend: code::ADDRESS.1,
                kind: code::ADDRESS.0,
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
        .zip(code::THUNKS)
        .map(|(type_index, code)| EntryThunk {
            type_index,
            text_offset: place(code),
        })
        .collect();
    let limits = [DeclaredLimits {
        min: 1,
        max: Some(2),
    }];
    let mut artifact = Artifact::new(TargetInfo::new(code::TARGET, 0, FeatureFlags::NONE));
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
        cpu: "",
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
