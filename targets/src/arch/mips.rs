//! MIPS, 32 and 64 bits, both byte orders: System V ABI MIPS supplement, o32 (REL) and n64 (RELA).
//!
//! Code is compiled for static relocation with long calls: a call loads the whole address, so that it needs neither a
//! stub nor luck with the 256 MiB region that a direct call cannot leave. Addresses are put together from 16-bit pieces
//! (`HI16`, `LO16`, on n64 also `HIGHER`, `HIGHEST`), which the loader fills in.
//!
//! Stock WAMR loads no relocated MIPS file at all (spec B.11); the rows are the psABI's, with explicit addends.

use crate::{
    Abi, Arch, CodeModel, Emission, Endian, FloatAbi, Llvm, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// MIPS32 release 2, big endian.
pub static MIPS: Target = Target {
    name: "mips",
    endian: Endian::Big,
    aot_arch: "mips",
    llvm: o32("mips-unknown-linux-gnu"),
    ..BASE32
};

/// MIPS32 release 2, little endian.
pub static MIPSEL: Target = Target {
    name: "mipsel",
    aot_arch: "mipsel",
    llvm: o32("mipsel-unknown-linux-gnu"),
    ..BASE32
};

/// MIPS64 release 2, big endian, n64 ABI.
pub static MIPS64: Target = Target {
    name: "mips64",
    endian: Endian::Big,
    aot_arch: "mips64",
    llvm: n64("mips64-unknown-linux-gnuabi64"),
    ..BASE64
};

/// MIPS64 release 2, little endian, n64 ABI.
pub static MIPS64EL: Target = Target {
    name: "mips64el",
    aot_arch: "mips64el",
    llvm: n64("mips64el-unknown-linux-gnuabi64"),
    ..BASE64
};

const BASE32: Target = Target {
    name: "",
    arch: Arch::Mips,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 8,
    aot_arch: "",
    llvm: o32(""),
    relocs: &[],
    stub: None,
    guard_pages: false,
    packed_objects: false,
    stack_align: 8,
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ints: 4,
        floats: 0,
        even_pairs: true,
        vectors: false,
    },
    page_bytes: 4096,
    signed_words: false,
    code_bit: 0,
    float_abi: FloatAbi::Double,
    libcalls: &[],
    abis: &[
        abi("gnu", "o32", FloatAbi::Double),
        abi("o32", "o32", FloatAbi::Double),
        abi("o32-soft", "o32", FloatAbi::Soft),
    ],
    stock_relocs: &[],
    stock_libcalls: &[],
    notes: NOTES,
};

const BASE64: Target = Target {
    width: PtrWidth::W64,
    llvm: n64(""),
    guard_pages: true,
    signed_words: true,
    stack_align: 16,
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ints: 8,
        floats: 0,
        even_pairs: false,
        vectors: false,
    },
    abis: &[
        abi("gnu", "n64", FloatAbi::Double),
        abi("n64", "n64", FloatAbi::Double),
        abi("n64-soft", "n64", FloatAbi::Soft),
    ],
    ..BASE32
};

const fn o32(triple: &'static str) -> Llvm {
    Llvm {
        triple,
        cpu: "mips32r2",
        features: "+long-calls,+noabicalls,+fpxx,+nooddspreg",
        abi: "o32",
        code_model: CodeModel::Small,
        reloc_model: RelocModel::Static,
        emission: Emission::Object,
    }
}

const fn n64(triple: &'static str) -> Llvm {
    Llvm {
        cpu: "mips64r2",
        features: "+long-calls,+noabicalls",
        abi: "n64",
        ..o32(triple)
    }
}

const fn abi(name: &'static str, llvm: &'static str, float_abi: FloatAbi) -> Abi {
    Abi {
        name,
        triple: None,
        llvm,
        float_abi,
        requires: match float_abi {
            FloatAbi::Soft => &["soft-float"],
            _ => &[],
        },
    }
}

const NOTES: &str = "NaNs are encoded as before IEEE 754-2008. Release 6 is another instruction set and is refused. \
    Stock WAMR applies no relocation on MIPS; files run on our runtime only.";
