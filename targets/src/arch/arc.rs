//! ARC (ARCv2, `archs`), little endian: the ARC ELF ABI, RELA.
//!
//! Instruction words are stored middle-endian: the half with the opcode first, each half little endian. LLVM's ARC target is
//! a plugin built by `cargo xtask arc-backend`; it prints assembly only, which GNU as assembles. target-lexicon does not
//! know the machine, so its names are ours.
//!
//! Spec: `aot-v6.md` B.11; `targets-and-emulators.md`, ARC.

use crate::feature;
use crate::field;
use crate::libcall;
use crate::operation::{Lack, Operations};
use crate::reloc::{Calc, Range, Row, Stored, Via, rows};
use crate::stub::{Patch, Stub};
use crate::{
    Abi, Arch, CodeModel, Emission, Endian, Extremes, External, FloatAbi, FloatResults, Llvm, Machine, Nans, PtrWidth,
    RelocModel, TailCalls, TailForm, Target,
};

/// The machines of this architecture, for loaders.
pub const MACHINES: &[&Machine] = &[&ARC_MACHINE];

/// ARC HS and EM.
pub static ARC: Target = Target {
    machine: &ARC_MACHINE,
    llvm: Llvm {
        triple: "arc",
        cpu: "generic",
        features: "",
        always: "",
        abi: "",
        code_model: CodeModel::Small,
        in_place: CodeModel::Small,
        reloc_model: RelocModel::Static,
        emission: Emission::External(&EXTERNAL),
    },
    object_relocs: &[],
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ints: 8,
        floats: 0,
        even_pairs: false,
        vectors: false,
    },
    float_results: FloatResults::Kept,
    nans: Nans::Standard,
    extremes: Extremes::Number,
    torn_stores: true,
    signed_words: false,
    libcalls: &libcall::joined::<96>(&[libcall::FLOAT, libcall::DIVIDE64, libcall::DIVIDE32, libcall::MULTIPLY, libcall::ATOMIC8, libcall::ATOMIC, libcall::FENCE, libcall::SHIFT64]),
    abis: &[Abi {
        name: "gnu",
        triple: None,
        llvm: "",
        float_abi: FloatAbi::Soft,
        requires: &[],
    }],
    stock_libcalls: libcall::STOCK_ARC,
    family: &feature::ARC,
    generic: "",
    universal: "",
    lacks: LACKS,
    forbids: &[],
    notes: NOTES,
};

/// Assembled for the HS family, whose instructions LLVM writes.
static EXTERNAL: External = External {
    plugin: "wamrc-arc.so",
    folder: "arc-backend",
    variable: "WAMRC_ARC_BACKEND",
    register: "wamrc_register_arc_1",
    recipe: "cargo xtask arc-backend",
    assembler: &["arc-linux-gnu-as", "-mcpu=archs"],
    package: "binutils-arc-linux-gnu",
};

static ARC_MACHINE: Machine = Machine {
    code_bit: 0,
    name: "arc",
    arch: Arch::Arc,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 195,
    aot_arch: "arc",
    relocs: RELOCS,
    apart: &[],
    stub: Some(&STUB),
    guard_pages: false,
    packed_objects: false,
    stack_align: 4,
    page_bytes: 8192,
    float_abi: FloatAbi::Soft,
    stock_relocs: &[4, 14, 15, 16, 17, 27],
};

const LACKS: &[Lack] = &[
    Lack::new("", &[Operations::F32, Operations::F32Round, Operations::F32I32, Operations::F32I64]),
    Lack::new("", &[Operations::F64, Operations::F64Round, Operations::F64I32, Operations::F64I64]),
    Lack::new("", &[Operations::F32F64, Operations::I64Divide]),
];

const NOTES: &str = "Compiling needs LLVM's ARC target as a plugin, which `cargo xtask arc-backend` builds (`WAMRC_ARC_BACKEND` \
    says where it is, if not where that put it), and GNU as, of Debian's package `binutils-arc-linux-gnu`. LLVM knows one processor, \
    `generic`: an HS with multiplier, barrel shifter and bit scan. Floats and division are helper routines of \
    the runtime, and so are atomic accesses and fences, which stock's runtime does not have. Nothing at hand runs the code: Debian's QEMU \
    has no ARC and Rust none either; it is compared with what GNU ld makes of it (`wamrc/tests/arc.rs`).";

#[rustfmt::skip]
const RELOCS: &[Row] = rows! {
    W32 Little;
//  no.  name              computes  into      fits            align  stored   S is
    4    R_ARC_32          Abs       WORD32    (Any)           1      Ignored  Direct;
    14   R_ARC_S21H_PCREL  RelDown   ARC_S21H  (Signed(21))    2      Ignored  Stub;
    15   R_ARC_S21W_PCREL  RelDown   ARC_S21W  (Signed(21))    2      Ignored  Stub;
    16   R_ARC_S25H_PCREL  RelDown   ARC_S25H  (Signed(25))    2      Ignored  Stub;
    17   R_ARC_S25W_PCREL  RelDown   ARC_S25W  (Signed(25))    2      Ignored  Stub;
    27   R_ARC_32_ME       Abs       ARC_LIMM  (Any)           2      Ignored  Direct;
};

/// `j limm`, and the address.
const STUB: Stub = Stub {
    bytes: &[0x20, 0x20, 0x80, 0x0F, 0, 0, 0, 0],
    align: 4,
    patches: &[Patch {
        offset: 4,
        row: &STUB_ADDRESS,
        addend: 0,
    }],
};

const STUB_ADDRESS: Row = Row {
    number: 27,
    name: "R_ARC_32_ME",
    calc: Calc::Abs,
    field: field::ARC_LIMM,
    range: Range::Any,
    align: 1,
    stored: Stored::Ignored,
    via: Via::Direct,
    width: PtrWidth::W32,
    endian: Endian::Little,
};
