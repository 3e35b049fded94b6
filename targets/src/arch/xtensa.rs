//! Xtensa, little endian: windowed registers, and the call0 ABI.
//!
//! Addresses are literals: `l32r` loads a word that lies at most 256 KiB before it, the word carries an absolute address
//! (`R_XTENSA_32`) which the loader fills in. LLVM's direct object writer misplaces literals, so its assembly is
//! assembled again in the same process.
//!
//! Spec: `aot-v6.md` B.11; the psABI is in the GNU linker's and assembler's sources only.

use crate::feature;
use crate::libcall;
use crate::operation::{Lack, Operations};
use crate::reloc::{Row, rows};
use crate::{
    Abi, Arch, CodeModel, Emission, Endian, Extremes, FloatAbi, FloatResults, Llvm, Machine, Nans, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// The machines of this architecture, for loaders.
pub const MACHINES: &[&Machine] = &[&XTENSA_MACHINE, &XTENSA_CALL0_MACHINE];

/// Xtensa with register windows: the options ESP32, ESP32-S3 and common cores share.
pub static XTENSA: Target = Target {
    machine: &XTENSA_MACHINE,
    llvm: Llvm {
        triple: "xtensa-unknown-elf",
        cpu: "generic",
        features: "+windowed,+density,+mul16,+mul32,+div32,+nsa,+sext,+minmax",
        always: "",
        abi: "",
        code_model: CodeModel::Small,
        in_place: CodeModel::Small,
        reloc_model: RelocModel::Static,
        emission: Emission::Reassembled,
    },
    object_relocs: &[],
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ints: 6,
        floats: 0,
        even_pairs: true,
        vectors: false,
    },
    float_results: FloatResults::Kept,
    nans: Nans::Standard,
    extremes: Extremes::Number,
    torn_stores: true,
    signed_words: false,
    libcalls: &libcall::joined::<86>(&[libcall::FLOAT, libcall::DIVIDE64, libcall::DIVIDE32, libcall::MULTIPLY, libcall::ATOMIC8, libcall::ATOMIC]),
    abis: &[Abi {
        name: "gnu",
        triple: None,
        llvm: "",
        float_abi: FloatAbi::Soft,
        requires: &["windowed"],
    }],
    stock_libcalls: libcall::STOCK_XTENSA,
    family: &feature::XTENSA,
    generic: "",
    universal: "",
    lacks: LACKS,
    forbids: &[],
    notes: NOTES,
};

static XTENSA_MACHINE: Machine = Machine {
    apart: &[],
    code_bit: 0,
    name: "xtensa",
    arch: Arch::Xtensa,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 94,
    aot_arch: "xtensa",
    relocs: RELOCS,
    stub: None,
    guard_pages: false,
    packed_objects: false,
    stack_align: 16,
    page_bytes: 4096,
    float_abi: FloatAbi::Soft,
    stock_relocs: &[1, 20],
};

/// Xtensa without register windows (ESP8266).
pub static XTENSA_CALL0: Target = Target {
    machine: &XTENSA_CALL0_MACHINE,
    llvm: Llvm {
        triple: "xtensa-unknown-elf",
        cpu: "generic",
        features: "+density,+mul16,+mul32,+nsa",
        always: "",
        abi: "",
        code_model: CodeModel::Small,
        in_place: CodeModel::Small,
        reloc_model: RelocModel::Static,
        emission: Emission::Reassembled,
    },
    object_relocs: &[],
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ints: 6,
        floats: 0,
        even_pairs: true,
        vectors: false,
    },
    float_results: FloatResults::Kept,
    nans: Nans::Standard,
    extremes: Extremes::Number,
    torn_stores: true,
    signed_words: false,
    libcalls: &libcall::joined::<86>(&[libcall::FLOAT, libcall::DIVIDE64, libcall::DIVIDE32, libcall::MULTIPLY, libcall::ATOMIC8, libcall::ATOMIC]),
    abis: &[Abi {
        name: "gnu",
        triple: None,
        llvm: "",
        float_abi: FloatAbi::Soft,
        requires: &[],
    }],
    stock_libcalls: libcall::STOCK_XTENSA,
    family: &feature::XTENSA,
    generic: "",
    universal: "",
    lacks: LACKS,
    forbids: &[("windowed", "the ABI call0 has no register windows; the target xtensa has")],
    notes: NOTES,
};

static XTENSA_CALL0_MACHINE: Machine = Machine {
    apart: &[],
    code_bit: 0,
    name: "xtensa-call0",
    arch: Arch::Xtensa,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 94,
    aot_arch: "xtensa-call0",
    relocs: RELOCS,
    stub: None,
    guard_pages: false,
    packed_objects: false,
    stack_align: 16,
    page_bytes: 4096,
    float_abi: FloatAbi::Soft,
    stock_relocs: &[1, 20],
};

const LACKS: &[Lack] = &[
    Lack::new("fp", &[Operations::F32, Operations::F32I32]),
    Lack::new("div32", &[Operations::I32Divide]),
    Lack::new("mul32high", &[Operations::I64Multiply]),
    Lack::new("", &[Operations::F32Divide, Operations::F32Round, Operations::F32I64, Operations::F32F64]),
    Lack::new("", &[Operations::F64, Operations::F64Round, Operations::F64I32, Operations::F64I64]),
    Lack::new("", &[Operations::I64Divide]),
];

const NOTES: &str = "Xtensa is configurable: a core runs a file only if it has every option the file was made for. The \
    baseline has no float registers; floats are computed by helper routines of the runtime. The constants of a function lie in front of its code, \
    from which instructions reach back 256 KiB: a function with more code is refused.";

#[rustfmt::skip]
const RELOCS: &[Row] = rows! {
    W32 Little;
//  no.  name               computes  into         fits            align  stored   S is
    1    R_XTENSA_32        Abs       WORD32       (Any)           4      Added    Direct;
    20   R_XTENSA_SLOT0_OP  RelUp     XTENSA_L32R  (Negative(18))  1      Ignored  Direct;
};
