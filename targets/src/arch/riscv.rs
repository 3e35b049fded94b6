//! RISC-V, 32 and 64 bits: the RISC-V ELF psABI, RELA.
//!
//! Code is position independent: every address is an `auipc` with a 12-bit low part, resolved when the file is made where
//! the symbol is in it. Linker relaxation is off: the loader neither moves nor removes code. On 32-bit machines a
//! call reaches everything; on 64-bit ones calls of the runtime go through a stub.
//!
//! Spec: `aot-v6.md` B.3 (stub), B.10 (rows).

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
pub const MACHINES: &[&Machine] = &[&RISCV32_MACHINE, &RISCV64_MACHINE];

/// RV32IMAC with the integer calling convention.
pub static RISCV32: Target = Target {
    machine: &RISCV32_MACHINE,
    llvm: Llvm {
        triple: "riscv32-unknown-elf",
        cpu: "generic-rv32",
        features: "+m,+a,+c",
        always: "-relax",
        abi: "ilp32",
        code_model: CodeModel::Medium,
        in_place: CodeModel::Medium,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    },
    object_relocs: OBJECT_RELOCS32,
    tail_calls: TailCalls {
        form: TailForm::Sibling,
        ints: 8,
        floats: 8,
        even_pairs: false,
        vectors: false,
    },
    float_results: FloatResults::Kept,
    nans: Nans::KeptByRounding,
    extremes: Extremes::Number,
    torn_stores: true,
    signed_words: false,
    libcalls: &libcall::joined::<86>(&[libcall::FLOAT, libcall::DIVIDE64, libcall::DIVIDE32, libcall::MULTIPLY, libcall::ATOMIC8, libcall::ATOMIC]),
    abis: &[
        abi("ilp32", FloatAbi::Soft),
        abi("ilp32f", FloatAbi::Single),
        abi("ilp32d", FloatAbi::Double),
    ],
    stock_libcalls: libcall::STOCK_RISCV,
    family: &feature::RISCV,
    generic: "",
    universal: "",
    lacks: LACKS32,
    forbids: FORBIDS,
    notes: NOTES,
};

static RISCV32_MACHINE: Machine = Machine {
    code_bit: 0,
    name: "riscv32",
    arch: Arch::Riscv,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 243,
    aot_arch: "riscv32",
    relocs: RELOCS32,
    apart: APART32,
    stub: None,
    guard_pages: false,
    packed_objects: false,
    stack_align: 16,
    page_bytes: 4096,
    float_abi: FloatAbi::Soft,
    stock_relocs: &[1, 18, 19, 23, 24, 25, 26, 27, 28],
};

/// RV64GC Linux.
pub static RISCV64: Target = Target {
    machine: &RISCV64_MACHINE,
    llvm: Llvm {
        triple: "riscv64-unknown-linux-gnu",
        cpu: "generic-rv64",
        features: "+m,+a,+f,+d,+c",
        always: "-relax",
        abi: "lp64d",
        code_model: CodeModel::Medium,
        in_place: CodeModel::Medium,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    },
    abis: &[
        abi("lp64d", FloatAbi::Double),
        abi("lp64f", FloatAbi::Single),
        abi("lp64", FloatAbi::Soft),
    ],
    object_relocs: OBJECT_RELOCS64,
    tail_calls: TailCalls {
        form: TailForm::Sibling,
        ints: 8,
        floats: 8,
        even_pairs: false,
        vectors: false,
    },
    float_results: FloatResults::Kept,
    nans: Nans::KeptByRounding,
    extremes: Extremes::Number,
    torn_stores: true,
    signed_words: true,
    libcalls: &libcall::joined::<86>(&[libcall::FLOAT, libcall::DIVIDE64, libcall::DIVIDE32, libcall::MULTIPLY, libcall::ATOMIC8, libcall::ATOMIC]),
    stock_libcalls: libcall::STOCK_RISCV,
    family: &feature::RISCV,
    generic: "",
    universal: "",
    lacks: LACKS64,
    forbids: FORBIDS,
    notes: NOTES,
};

static RISCV64_MACHINE: Machine = Machine {
    code_bit: 0,
    name: "riscv64",
    width: PtrWidth::W64,
    aot_arch: "riscv64",
    guard_pages: true,
    float_abi: FloatAbi::Double,
    arch: Arch::Riscv,
    endian: Endian::Little,
    elf_machine: 243,
    relocs: RELOCS64,
    apart: APART64,
    stub: Some(&STUB),
    packed_objects: false,
    stack_align: 16,
    page_bytes: 4096,
    stock_relocs: &[1, 2, 18, 19, 23, 24, 25, 26, 27, 28],
};

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

const FORBIDS: &[(&str, &str)] = &[
    ("e", "the embedded base has fewer registers than the ABIs here use"),
    ("zfinx", "floats in integer registers are another ABI"),
    ("relax", "the loader does not relax code"),
];

const LACKS32: &[Lack] = &[
    Lack::new("f", &[Operations::F32, Operations::F32I32, Operations::F32Round]),
    Lack::new("d", &[Operations::F64, Operations::F64I32, Operations::F32F64]),
    // LLVM rounds by way of an integer register.
    Lack::new("zfa", &[Operations::F64Round]),
    Lack::new("m", &[Operations::I32Divide]),
    Lack::new("zmmul", &[Operations::I64Multiply]),
    Lack::new("", &[Operations::I64Divide, Operations::F32I64, Operations::F64I64]),
];

const LACKS64: &[Lack] = &[
    Lack::new("f", &[Operations::F32, Operations::F32I32, Operations::F32I64, Operations::F32Round]),
    Lack::new("d", &[Operations::F64, Operations::F64I32, Operations::F64I64, Operations::F64Round, Operations::F32F64]),
    Lack::new("m", &[Operations::I32Divide, Operations::I64Divide]),
    Lack::new("zmmul", &[Operations::I64Multiply]),
];

const NOTES: &str = "The ABI says how floats are passed and must be the runtime's: `ilp32` (the default of `riscv32`), \
    `lp64d` (of `riscv64`). Stock's default for `riscv32` is `ilp32d`.";

/// As stock reads them: `PCREL_HI20` patches the instruction behind it too, whose `PCREL_LO12` then only has to follow.
#[rustfmt::skip]
const RELOCS32: &[Row] = rows! {
    W32 Little;
//  no.  name                  computes  into     fits            align  stored   S is
    1    R_RISCV_32            Abs       WORD32   (Any)           1      Ignored  Direct;
    18   R_RISCV_CALL          Rel       RV_PAIR  (Any)           2      Ignored  Direct;
    19   R_RISCV_CALL_PLT      Rel       RV_PAIR  (Any)           2      Ignored  Direct;
    23   R_RISCV_PCREL_HI20    Rel       RV_PAIR  (Any)           2      Ignored  Direct;
    24   R_RISCV_PCREL_LO12_I  Rel       NOTHING  (Exactly(-4))   2      Ignored  Direct;
    25   R_RISCV_PCREL_LO12_S  Rel       NOTHING  (Exactly(-4))   2      Ignored  Direct;
    26   R_RISCV_HI20          Abs       RV_U     (Any)           2      Ignored  Direct;
    27   R_RISCV_LO12_I        Abs       RV_I     (Any)           2      Ignored  Direct;
    28   R_RISCV_LO12_S        Abs       RV_S     (Any)           2      Ignored  Direct;
};

/// As the psABI reads them. The addend of a `PCREL_LO12` here is that of its `PCREL_HI20` plus the distance from that
/// to it, and the symbol is the other's: the pair then needs no looking up.
#[rustfmt::skip]
const OBJECT_RELOCS32: &[Row] = rows! {
    W32 Little;
//  no.  name                  computes  into    fits            align  stored   S is
    16   R_RISCV_BRANCH        Rel       RV_B    (Signed(13))    2      Ignored  Direct;
    17   R_RISCV_JAL           Rel       RV_J    (Signed(21))    2      Ignored  Direct;
    23   R_RISCV_PCREL_HI20    Rel       RV_U    (Any)           2      Ignored  Direct;
    24   R_RISCV_PCREL_LO12_I  Rel       RV_I    (Any)           2      Ignored  Direct;
    25   R_RISCV_PCREL_LO12_S  Rel       RV_S    (Any)           2      Ignored  Direct;
    35   R_RISCV_ADD32         Plus      WORD32  (Any)           1      Added    Direct;
    36   R_RISCV_ADD64         Plus      WORD64  (Any)           1      Added    Direct;
    39   R_RISCV_SUB32         Minus     WORD32  (Any)           1      Added    Direct;
    40   R_RISCV_SUB64         Minus     WORD64  (Any)           1      Added    Direct;
    44   R_RISCV_RVC_BRANCH    Rel       RV_CB   (Signed(9))     2      Ignored  Direct;
    45   R_RISCV_RVC_JUMP      Rel       RV_CJ   (Signed(12))    2      Ignored  Direct;
    57   R_RISCV_32_PCREL      Rel       WORD32  (Any)           1      Ignored  Direct;
};

/// The `PCREL` rows among these: of pairs whose parts are apart, which stock's compiler makes and stock's loader refuses.
const APART32: &[Row] = OBJECT_RELOCS32.split_at(2).1.split_at(3).0;

#[rustfmt::skip]
const RELOCS64: &[Row] = rows! {
    W64 Little;
//  no.  name                  computes  into     fits            align  stored   S is
    1    R_RISCV_32            Abs       WORD32   (Unsigned(32))  1      Ignored  Direct;
    2    R_RISCV_64            Abs       WORD64   (Any)           1      Ignored  Direct;
    18   R_RISCV_CALL          Rel       RV_PAIR  (Rounded(32))   2      Ignored  Stub;
    19   R_RISCV_CALL_PLT      Rel       RV_PAIR  (Rounded(32))   2      Ignored  Stub;
    23   R_RISCV_PCREL_HI20    Rel       RV_PAIR  (Rounded(32))   2      Ignored  Direct;
    24   R_RISCV_PCREL_LO12_I  Rel       NOTHING  (Exactly(-4))   2      Ignored  Direct;
    25   R_RISCV_PCREL_LO12_S  Rel       NOTHING  (Exactly(-4))   2      Ignored  Direct;
    26   R_RISCV_HI20          Abs       RV_U     (Rounded(32))   2      Ignored  Direct;
    27   R_RISCV_LO12_I        Abs       RV_I     (Any)           2      Ignored  Direct;
    28   R_RISCV_LO12_S        Abs       RV_S     (Any)           2      Ignored  Direct;
};

#[rustfmt::skip]
const OBJECT_RELOCS64: &[Row] = rows! {
    W64 Little;
//  no.  name                  computes  into    fits            align  stored   S is
    16   R_RISCV_BRANCH        Rel       RV_B    (Signed(13))    2      Ignored  Direct;
    17   R_RISCV_JAL           Rel       RV_J    (Signed(21))    2      Ignored  Direct;
    23   R_RISCV_PCREL_HI20    Rel       RV_U    (Rounded(32))   2      Ignored  Direct;
    24   R_RISCV_PCREL_LO12_I  Rel       RV_I    (Any)           2      Ignored  Direct;
    25   R_RISCV_PCREL_LO12_S  Rel       RV_S    (Any)           2      Ignored  Direct;
    35   R_RISCV_ADD32         Plus      WORD32  (Any)           1      Added    Direct;
    36   R_RISCV_ADD64         Plus      WORD64  (Any)           1      Added    Direct;
    39   R_RISCV_SUB32         Minus     WORD32  (Any)           1      Added    Direct;
    40   R_RISCV_SUB64         Minus     WORD64  (Any)           1      Added    Direct;
    44   R_RISCV_RVC_BRANCH    Rel       RV_CB   (Signed(9))     2      Ignored  Direct;
    45   R_RISCV_RVC_JUMP      Rel       RV_CJ   (Signed(12))    2      Ignored  Direct;
    57   R_RISCV_32_PCREL      Rel       WORD32  (Signed(32))    1      Ignored  Direct;
};

/// As [`APART32`].
const APART64: &[Row] = OBJECT_RELOCS64.split_at(2).1.split_at(3).0;

/// `auipc t1, 0; ld t1, 16(t1); jr t1; nop`, and the address.
const STUB: Stub = Stub {
    bytes: &[
        0x17, 0x03, 0x00, 0x00, 0x03, 0x33, 0x03, 0x01, 0x67, 0x00, 0x03, 0x00, 0x13, 0x00, 0x00,
        0x00, 0, 0, 0, 0, 0, 0, 0, 0,
    ],
    align: 8,
    patches: &[Patch {
        offset: 16,
        row: &STUB_ADDRESS,
        addend: 0,
    }],
};

const STUB_ADDRESS: Row = Row {
    number: 2,
    name: "R_RISCV_64",
    calc: Calc::Abs,
    field: field::WORD64,
    range: Range::Any,
    align: 1,
    stored: Stored::Ignored,
    via: Via::Direct,
    width: PtrWidth::W64,
    endian: Endian::Little,
};
