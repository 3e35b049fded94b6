//! AArch64: ELF for the Arm 64-bit Architecture (AAELF64), RELA.
//!
//! Code is position independent: constants are reached by `adrp` and a 12-bit offset, resolved when the file is made (the
//! image is aligned to 4096, so that page distances are known), functions by 26-bit branches. Only calls of the
//! runtime remain; they go through a stub.
//!
//! Spec: `aot-v6.md` B.3 (stub), B.7 (rows).

use crate::{
    Abi, Arch, CodeModel, Emission, Endian, FloatAbi, Llvm, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// AArch64 Linux and bare metal, baseline Armv8.0-A.
pub static AARCH64: Target = Target {
    name: "aarch64",
    arch: Arch::Aarch64,
    width: PtrWidth::W64,
    endian: Endian::Little,
    elf_machine: 183,
    aot_arch: "aarch64v8",
    llvm: Llvm {
        triple: "aarch64-unknown-linux-gnu",
        cpu: "generic",
        features: "+reserve-x18",
        abi: "",
        code_model: CodeModel::Small,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    },
    relocs: &[],
    stub: None,
    guard_pages: true,
    packed_objects: false,
    stack_align: 16,
    tail_calls: TailCalls {
        form: TailForm::Guaranteed,
        ints: 8,
        floats: 8,
        even_pairs: false,
        vectors: true,
    },
    page_bytes: 4096,
    signed_words: false,
    code_bit: 0,
    float_abi: FloatAbi::Double,
    libcalls: &[],
    abis: &[Abi {
        name: "gnu",
        triple: None,
        llvm: "",
        float_abi: FloatAbi::Double,
        requires: &["fp-armv8"],
    }],
    stock_relocs: &[
        263, 264, 265, 266, 267, 268, 269, 275, 276, 277, 278, 282, 283, 284, 285, 286, 299,
    ],
    stock_libcalls: &[],
    notes: NOTES,
};

const NOTES: &str = "Register x18 is never used, as platforms reserve it. Atomics are load/store-exclusive pairs unless \
    `+lse` is asked for.";
