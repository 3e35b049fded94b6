//! MIPS, 32 and 64 bits, both byte orders: System V ABI MIPS supplement, o32 (REL) and n64 (RELA).
//!
//! Code is compiled for static relocation. Jumps and calls (`R_MIPS_26`) cannot leave a region of 256 MiB, so a loader must
//! not place a file across the border of two; calls of the runtime go through a stub, which enters it as its ABI wants,
//! with its address in `$25`. Addresses are put together from 16-bit pieces (`HI16`, `LO16`, on n64 also `HIGHER`,
//! `HIGHEST`), which the loader fills in.
//!
//! Stock WAMR loads no relocated MIPS file at all (spec B.11); the rows are the psABI's, with explicit addends.

use crate::feature;
use crate::field;
use crate::libcall;
use crate::operation::{Lack, Operations};
use crate::reloc::{Calc, Range, Row, Stored, Via, rows};
use crate::stub::{Patch, Stub};
use crate::{
    Abi, Arch, CodeModel, Emission, Endian, Extremes, FloatAbi, FloatResults, Llvm, Machine, Nans, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// The machines of this architecture, for loaders.
pub const MACHINES: &[&Machine] = &[&MIPS_MACHINE, &MIPSEL_MACHINE, &MIPS64_MACHINE, &MIPS64EL_MACHINE];

/// MIPS32 release 2, big endian.
pub static MIPS: Target = Target {
    machine: &MIPS_MACHINE,
    llvm: o32("mips-unknown-linux-gnu"),
    object_relocs: big::OBJECT_RELOCS32,
    ..BASE32
};

static MIPS_MACHINE: Machine = Machine {
    name: "mips",
    endian: Endian::Big,
    aot_arch: "mips",
    relocs: big::RELOCS32,
    stub: Some(&STUB32_BE),
    ..BASE32_MACHINE
};

/// MIPS32 release 2, little endian.
pub static MIPSEL: Target = Target {
    machine: &MIPSEL_MACHINE,
    llvm: o32("mipsel-unknown-linux-gnu"),
    object_relocs: little::OBJECT_RELOCS32,
    ..BASE32
};

static MIPSEL_MACHINE: Machine = Machine {
    name: "mipsel",
    aot_arch: "mipsel",
    relocs: little::RELOCS32,
    stub: Some(&STUB32_LE),
    ..BASE32_MACHINE
};

/// MIPS64 release 2, big endian, n64 ABI.
pub static MIPS64: Target = Target {
    machine: &MIPS64_MACHINE,
    llvm: n64("mips64-unknown-linux-gnuabi64"),
    object_relocs: big::OBJECT_RELOCS64,
    ..BASE64
};

static MIPS64_MACHINE: Machine = Machine {
    name: "mips64",
    endian: Endian::Big,
    aot_arch: "mips64",
    relocs: big::RELOCS64,
    stub: Some(&STUB64_BE),
    ..BASE64_MACHINE
};

/// MIPS64 release 2, little endian, n64 ABI.
pub static MIPS64EL: Target = Target {
    machine: &MIPS64EL_MACHINE,
    llvm: n64("mips64el-unknown-linux-gnuabi64"),
    object_relocs: little::OBJECT_RELOCS64,
    ..BASE64
};

static MIPS64EL_MACHINE: Machine = Machine {
    name: "mips64el",
    aot_arch: "mips64el",
    relocs: little::RELOCS64,
    stub: Some(&STUB64_LE),
    ..BASE64_MACHINE
};

const BASE32: Target = Target {
    machine: &BASE32_MACHINE,
    llvm: o32(""),
    object_relocs: &[],
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ints: 4,
        floats: 0,
        even_pairs: true,
        vectors: false,
    },
    float_results: FloatResults::Kept,
    nans: Nans::Inverted,
    extremes: Extremes::Number,
    torn_stores: true,
    signed_words: false,
    libcalls: &libcall::joined::<53>(&[libcall::FLOAT, libcall::DIVIDE64, libcall::ATOMIC8]),
    abis: &[
        abi("gnu", "o32", FloatAbi::Double),
        abi("o32", "o32", FloatAbi::Double),
        abi("o32-soft", "o32", FloatAbi::Soft),
    ],
    stock_libcalls: &[],
    family: &feature::MIPS,
    generic: "",
    universal: "fpxx,nooddspreg,soft-float",
    lacks: LACKS,
    forbids: FORBIDS,
    notes: NOTES,
};

const BASE32_MACHINE: Machine = Machine {
    apart: &[],
    code_bit: 0,
    name: "",
    arch: Arch::Mips,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 8,
    aot_arch: "",
    relocs: &[],
    stub: None,
    guard_pages: false,
    packed_objects: false,
    stack_align: 8,
    page_bytes: 4096,
    float_abi: FloatAbi::Double,
    stock_relocs: &[],
};

const BASE64: Target = Target {
    machine: &BASE64_MACHINE,
    llvm: n64(""),
    libcalls: libcall::FLOAT,
    float_results: FloatResults::Kept,
    nans: Nans::Inverted,
    extremes: Extremes::Number,
    torn_stores: true,
    signed_words: true,
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

const BASE64_MACHINE: Machine = Machine {    width: PtrWidth::W64,
    // Nothing leaves compiled code from a fault here: Rust has no stable assembly for the machine.
    guard_pages: false,
    stack_align: 16,
    ..BASE32_MACHINE
};

const fn o32(triple: &'static str) -> Llvm {
    Llvm {
        triple,
        cpu: "mips32r2",
        features: "",
        always: "+noabicalls,+fpxx,+nooddspreg",
        abi: "o32",
        code_model: CodeModel::Small,
        in_place: CodeModel::Small,
        reloc_model: RelocModel::Static,
        emission: Emission::Object,
    }
}

const fn n64(triple: &'static str) -> Llvm {
    Llvm {
        cpu: "mips64r2",
        features: "",
        always: "+noabicalls",
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

const FORBIDS: &[(&str, &str)] = &[
    ("mips32r6", "release 6 is another instruction set"),
    ("micromips", "it is another encoding"),
    ("mips16", "it is another encoding"),
    ("single-float", "wasm needs double-precision floats in hardware or all in software"),
];

/// With float registers; constants of floats are loaded from absolute addresses.
const LACKS: &[Lack] = &[
    Lack::new("", &[Operations::F32Round, Operations::F64Round, Operations::FloatConstants]),
    Lack::new("", &[Operations::F32I64, Operations::F64I64, Operations::I64Divide]),
];

const NOTES: &str = "NaNs are encoded as before IEEE 754-2008: those that operations make are replaced by \
    WebAssembly's. Release 6 is another instruction set and is refused. Stock WAMR applies no relocation on MIPS; files run on our \
    runtime only.";

/// The rows of one byte order, as a module. Grammar: `tables! { MODULE ENDIAN }`; `tables! { big Big }` becomes
/// `mod big { pub(super) const RELOCS32: &[Row] = rows! { W32 Big; … }; … }`.
macro_rules! tables {
    ($module:ident $endian:ident) => {
        mod $module {
            use super::*;

            #[rustfmt::skip]
            pub(super) const RELOCS32: &[Row] = rows! {
                W32 $endian;
            //  no.  name             computes  into          fits            align  stored   S is
                2    R_MIPS_32        Abs       WORD32        (Any)           1      Ignored  Direct;
                4    R_MIPS_26        Region    MIPS_JUMP     (Unsigned(28))  4      Ignored  Stub;
                5    R_MIPS_HI16      Abs       MIPS_HI       (Any)           4      Ignored  Direct;
                6    R_MIPS_LO16      Abs       MIPS_LO       (Any)           4      Ignored  Direct;
            };

            #[rustfmt::skip]
            pub(super) const OBJECT_RELOCS32: &[Row] = rows! {
                W32 $endian;
            //  no.  name             computes  into          fits            align  stored   S is
                10   R_MIPS_PC16      Rel       MIPS_BRANCH   (Signed(18))    4      Ignored  Direct;
                248  R_MIPS_PC32      Rel       WORD32        (Any)           1      Ignored  Direct;
            };

            #[rustfmt::skip]
            pub(super) const RELOCS64: &[Row] = rows! {
                W64 $endian;
            //  no.  name             computes  into          fits            align  stored   S is
                2    R_MIPS_32        Abs       WORD32        (Signed(32))    1      Ignored  Direct;
                4    R_MIPS_26        Region    MIPS_JUMP     (Unsigned(28))  4      Ignored  Stub;
                5    R_MIPS_HI16      Abs       MIPS_HI       (Any)           4      Ignored  Direct;
                6    R_MIPS_LO16      Abs       MIPS_LO       (Any)           4      Ignored  Direct;
                18   R_MIPS_64        Abs       WORD64        (Any)           1      Ignored  Direct;
                28   R_MIPS_HIGHER    Abs       MIPS_HIGHER   (Any)           4      Ignored  Direct;
                29   R_MIPS_HIGHEST   Abs       MIPS_HIGHEST  (Any)           4      Ignored  Direct;
            };

            #[rustfmt::skip]
            pub(super) const OBJECT_RELOCS64: &[Row] = rows! {
                W64 $endian;
            //  no.  name             computes  into          fits            align  stored   S is
                10   R_MIPS_PC16      Rel       MIPS_BRANCH   (Signed(18))    4      Ignored  Direct;
                248  R_MIPS_PC32      Rel       WORD32        (Signed(32))    1      Ignored  Direct;
            };

            pub(super) const HI32: Row = Row {
                number: 5,
                name: "R_MIPS_HI16",
                calc: Calc::Abs,
                field: field::MIPS_HI,
                range: Range::Any,
                align: 4,
                stored: Stored::Ignored,
                via: Via::Direct,
                width: PtrWidth::W32,
                endian: Endian::$endian,
            };

            pub(super) const LO32: Row = Row {
                number: 6,
                name: "R_MIPS_LO16",
                field: field::MIPS_LO,
                ..HI32
            };

            pub(super) const HI64: Row = Row {
                width: PtrWidth::W64,
                ..HI32
            };

            pub(super) const LO64: Row = Row {
                width: PtrWidth::W64,
                ..LO32
            };

            pub(super) const HIGHER: Row = Row {
                number: 28,
                name: "R_MIPS_HIGHER",
                field: field::MIPS_HIGHER,
                ..HI64
            };

            pub(super) const HIGHEST: Row = Row {
                number: 29,
                name: "R_MIPS_HIGHEST",
                field: field::MIPS_HIGHEST,
                ..HI64
            };
        }
    };
}

tables! { big Big }
tables! { little Little }

/// `lui $25, %hi; addiu $25, $25, %lo; jr $25; nop`
const STUB32_BE: Stub = Stub { bytes: &[0x3C, 0x19, 0x00, 0x00, 0x27, 0x39, 0x00, 0x00, 0x03, 0x20, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00], align: 4, patches: &[Patch { offset: 0, row: &big::HI32, addend: 0 },Patch { offset: 4, row: &big::LO32, addend: 0 }] };

/// `lui $25, %hi; addiu $25, $25, %lo; jr $25; nop`
const STUB32_LE: Stub = Stub { bytes: &[0x00, 0x00, 0x19, 0x3C, 0x00, 0x00, 0x39, 0x27, 0x09, 0x00, 0x20, 0x03, 0x00, 0x00, 0x00, 0x00], align: 4, patches: &[Patch { offset: 0, row: &little::HI32, addend: 0 },Patch { offset: 4, row: &little::LO32, addend: 0 }] };

/// `lui $25, %highest; daddiu $25, $25, %higher; dsll $25, $25, 16; daddiu $25, $25, %hi; dsll $25, $25, 16;
/// daddiu $25, $25, %lo; jr $25; nop`
const STUB64_BE: Stub = Stub { bytes: &[0x3C, 0x19, 0x00, 0x00, 0x67, 0x39, 0x00, 0x00, 0x00, 0x19, 0xCC, 0x38, 0x67, 0x39, 0x00, 0x00, 0x00, 0x19, 0xCC, 0x38, 0x67, 0x39, 0x00, 0x00, 0x03, 0x20, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00], align: 4, patches: &[Patch { offset: 0, row: &big::HIGHEST, addend: 0 },Patch { offset: 4, row: &big::HIGHER, addend: 0 },Patch { offset: 12, row: &big::HI64, addend: 0 },Patch { offset: 20, row: &big::LO64, addend: 0 }] };

/// `lui $25, %highest; daddiu $25, $25, %higher; dsll $25, $25, 16; daddiu $25, $25, %hi; dsll $25, $25, 16;
/// daddiu $25, $25, %lo; jr $25; nop`
const STUB64_LE: Stub = Stub { bytes: &[0x00, 0x00, 0x19, 0x3C, 0x00, 0x00, 0x39, 0x67, 0x38, 0xCC, 0x19, 0x00, 0x00, 0x00, 0x39, 0x67, 0x38, 0xCC, 0x19, 0x00, 0x00, 0x00, 0x39, 0x67, 0x09, 0x00, 0x20, 0x03, 0x00, 0x00, 0x00, 0x00], align: 4, patches: &[Patch { offset: 0, row: &little::HIGHEST, addend: 0 },Patch { offset: 4, row: &little::HIGHER, addend: 0 },Patch { offset: 12, row: &little::HI64, addend: 0 },Patch { offset: 20, row: &little::LO64, addend: 0 }] };
