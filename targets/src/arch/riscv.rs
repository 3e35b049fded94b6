//! RISC-V, 32 and 64 bits: the RISC-V ELF psABI, RELA.
//!
//! Code is position independent: every address is an `auipc` with a 12-bit low part, resolved when the file is made where
//! the symbol is in it. Linker relaxation is off: the loader neither moves nor removes code. On 32-bit machines a
//! call reaches everything; on 64-bit ones calls of the runtime go through a stub.
//!
//! Spec: `aot-v6.md` B.3 (stub), B.10 (rows).

use crate::{
    Abi, Arch, CodeModel, Emission, Endian, FloatAbi, Llvm, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// RV32IMAC with the integer calling convention.
pub static RISCV32: Target = Target {
    name: "riscv32",
    arch: Arch::Riscv,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 243,
    aot_arch: "riscv32",
    llvm: Llvm {
        triple: "riscv32-unknown-elf",
        cpu: "generic-rv32",
        features: "+m,+a,+c,-relax",
        abi: "ilp32",
        code_model: CodeModel::Medium,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    },
    relocs: &[],
    stub: None,
    guard_pages: false,
    packed_objects: false,
    stack_align: 16,
    tail_calls: TailCalls {
        form: TailForm::Sibling,
        ints: 8,
        floats: 8,
        even_pairs: false,
        vectors: false,
    },
    page_bytes: 4096,
    signed_words: false,
    code_bit: 0,
    float_abi: FloatAbi::Soft,
    libcalls: &[],
    abis: &[
        abi("ilp32", FloatAbi::Soft),
        abi("ilp32f", FloatAbi::Single),
        abi("ilp32d", FloatAbi::Double),
    ],
    stock_relocs: STOCK_RELOCS,
    stock_libcalls: &[],
    notes: NOTES,
};

/// RV64GC Linux.
pub static RISCV64: Target = Target {
    name: "riscv64",
    width: PtrWidth::W64,
    aot_arch: "riscv64",
    llvm: Llvm {
        triple: "riscv64-unknown-linux-gnu",
        cpu: "generic-rv64",
        features: "+m,+a,+f,+d,+c,-relax",
        abi: "lp64d",
        code_model: CodeModel::Medium,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    },
    guard_pages: true,
    float_abi: FloatAbi::Double,
    abis: &[
        abi("lp64d", FloatAbi::Double),
        abi("lp64f", FloatAbi::Single),
        abi("lp64", FloatAbi::Soft),
    ],
    arch: Arch::Riscv,
    endian: Endian::Little,
    elf_machine: 243,
    relocs: &[],
    stub: None,
    packed_objects: false,
    stack_align: 16,
    tail_calls: TailCalls {
        form: TailForm::Sibling,
        ints: 8,
        floats: 8,
        even_pairs: false,
        vectors: false,
    },
    page_bytes: 4096,
    signed_words: true,
    code_bit: 0,
    libcalls: &[],
    stock_relocs: STOCK_RELOCS,
    stock_libcalls: &[],
    notes: NOTES,
};

const STOCK_RELOCS: &[u32] = &[1, 2, 18, 19, 23, 24, 25, 26, 27, 28];

const fn abi(name: &'static str, float_abi: FloatAbi) -> Abi {
    Abi {
        name,
        triple: None,
        llvm: name,
        float_abi,
        requires: match float_abi {
            FloatAbi::Soft => &[],
            FloatAbi::Single => &["f"],
            FloatAbi::Double => &["d"],
        },
    }
}

const NOTES: &str = "The ABI says how floats are passed and must be the runtime's: `ilp32` (the default of `riscv32`), \
    `lp64d` (of `riscv64`). Stock's default for `riscv32` is `ilp32d`.";
