//! AArch64: ELF for the Arm 64-bit Architecture (AAELF64), RELA.
//!
//! Code is position independent: constants are reached by `adrp` and a 12-bit offset, resolved when the file is made (the
//! image is aligned to 4096, so that page distances are known), functions by 26-bit branches. Only calls of the
//! runtime remain; they go through a stub.
//!
//! Spec: `aot-v6.md` B.3 (stub), B.7 (rows).

use crate::feature;
use crate::field;
use crate::operation::Lack;
use crate::reloc::{Calc, Range, Row, Stored, Via, rows};
use crate::stub::{Patch, Stub};
use crate::{
    Abi, Arch, CodeModel, Emission, Endian, Extremes, FloatAbi, FloatResults, Llvm, Machine, Nans, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// The machines of this architecture, for loaders.
pub const MACHINES: &[&Machine] = &[&AARCH64_MACHINE];

/// AArch64 Linux and bare metal, baseline Armv8.0-A.
pub static AARCH64: Target = Target {
    machine: &AARCH64_MACHINE,
    llvm: Llvm {
        triple: "aarch64-unknown-linux-gnu",
        cpu: "generic",
        features: "",
        always: "+reserve-x18",
        abi: "",
        code_model: CodeModel::Small,
        in_place: CodeModel::Tiny,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    },
    object_relocs: OBJECT_RELOCS,
    tail_calls: TailCalls {
        form: TailForm::Guaranteed,
        ints: 8,
        floats: 8,
        even_pairs: false,
        vectors: true,
    },
    float_results: FloatResults::Kept,
    nans: Nans::Standard,
    extremes: Extremes::Nan,
    torn_stores: false,
    signed_words: false,
    libcalls: &[],
    abis: &[Abi {
        name: "gnu",
        triple: None,
        llvm: "",
        float_abi: FloatAbi::Double,
        requires: &["fp-armv8"],
    }],
    stock_libcalls: &[],
    family: &feature::AARCH64,
    generic: "fp-armv8,neon",
    universal: "fp-armv8,neon",
    lacks: LACKS,
    forbids: &[],
    notes: NOTES,
};

static AARCH64_MACHINE: Machine = Machine {
    code_bit: 0,
    name: "aarch64",
    arch: Arch::Aarch64,
    width: PtrWidth::W64,
    endian: Endian::Little,
    elf_machine: 183,
    aot_arch: "aarch64v8",
    relocs: RELOCS,
    apart: &[],
    stub: Some(&STUB),
    guard_pages: true,
    packed_objects: false,
    stack_align: 16,
    page_bytes: 4096,
    float_abi: FloatAbi::Double,
    stock_relocs: &[
        263, 264, 265, 266, 267, 268, 269, 275, 276, 277, 278, 282, 283, 284, 285, 286, 299,
    ],
};

/// Floats are part of the baseline, and refused without.
const LACKS: &[Lack] = &[];

const NOTES: &str = "Register x18 is never used, as platforms reserve it. Atomics are load/store-exclusive pairs unless \
    `+lse` is asked for.";

#[rustfmt::skip]
const RELOCS: &[Row] = rows! {
    W64 Little;
//  no.  name                           computes  into         fits            align  stored   S is
    257  R_AARCH64_ABS64                Abs       WORD64       (Any)           1      Ignored  Direct;
    263  R_AARCH64_MOVW_UABS_G0         Abs       A64_MOVW0    (Unsigned(16))  4      Ignored  Direct;
    264  R_AARCH64_MOVW_UABS_G0_NC      Abs       A64_MOVW0    (Any)           4      Ignored  Direct;
    265  R_AARCH64_MOVW_UABS_G1         Abs       A64_MOVW1    (Unsigned(32))  4      Ignored  Direct;
    266  R_AARCH64_MOVW_UABS_G1_NC      Abs       A64_MOVW1    (Any)           4      Ignored  Direct;
    267  R_AARCH64_MOVW_UABS_G2         Abs       A64_MOVW2    (Unsigned(48))  4      Ignored  Direct;
    268  R_AARCH64_MOVW_UABS_G2_NC      Abs       A64_MOVW2    (Any)           4      Ignored  Direct;
    269  R_AARCH64_MOVW_UABS_G3         Abs       A64_MOVW3    (Any)           4      Ignored  Direct;
    275  R_AARCH64_ADR_PREL_PG_HI21     Page      A64_ADRP     (Signed(33))    4      Ignored  Direct;
    276  R_AARCH64_ADR_PREL_PG_HI21_NC  Page      A64_ADRP     (Any)           4      Ignored  Direct;
    277  R_AARCH64_ADD_ABS_LO12_NC      Abs       A64_LO12     (Any)           4      Ignored  Direct;
    278  R_AARCH64_LDST8_ABS_LO12_NC    Abs       A64_LO12     (Any)           4      Ignored  Direct;
    282  R_AARCH64_JUMP26               Rel       A64_BRANCH   (Signed(28))    4      Ignored  Stub;
    283  R_AARCH64_CALL26               Rel       A64_BRANCH   (Signed(28))    4      Ignored  Stub;
    284  R_AARCH64_LDST16_ABS_LO12_NC   Abs       A64_LO12_2   (Any)           4      Ignored  Direct;
    285  R_AARCH64_LDST32_ABS_LO12_NC   Abs       A64_LO12_4   (Any)           4      Ignored  Direct;
    286  R_AARCH64_LDST64_ABS_LO12_NC   Abs       A64_LO12_8   (Any)           4      Ignored  Direct;
    299  R_AARCH64_LDST128_ABS_LO12_NC  Abs       A64_LO12_16  (Any)           4      Ignored  Direct;
};

/// Relative ones that hot and cold code and tables give rise to.
#[rustfmt::skip]
const OBJECT_RELOCS: &[Row] = rows! {
    W64 Little;
//  no.  name                     computes  into          fits            align  stored   S is
    260  R_AARCH64_PREL64         Rel       WORD64        (Any)           1      Ignored  Direct;
    261  R_AARCH64_PREL32         Rel       WORD32        (Signed(32))    1      Ignored  Direct;
    262  R_AARCH64_PREL16         Rel       WORD16        (Signed(16))    1      Ignored  Direct;
    273  R_AARCH64_LD_PREL_LO19   Rel       A64_BRANCH19  (Signed(21))    4      Ignored  Direct;
    274  R_AARCH64_ADR_PREL_LO21  Rel       A64_ADR       (Signed(21))    4      Ignored  Direct;
    279  R_AARCH64_TSTBR14        Rel       A64_BRANCH14  (Signed(16))    4      Ignored  Direct;
    280  R_AARCH64_CONDBR19       Rel       A64_BRANCH19  (Signed(21))    4      Ignored  Direct;
};

/// `ldr x16, .+8; br x16`, and the address: x16 is what the procedure call standard leaves to linkers, and unlike stock's
/// stub this one does not move the stack, so arguments on it stay where they are.
const STUB: Stub = Stub {
    bytes: &[
        0x50, 0x00, 0x00, 0x58, 0x00, 0x02, 0x1F, 0xD6, 0, 0, 0, 0, 0, 0, 0, 0,
    ],
    align: 8,
    patches: &[Patch {
        offset: 8,
        row: &STUB_ADDRESS,
        addend: 0,
    }],
};

const STUB_ADDRESS: Row = Row {
    number: 257,
    name: "R_AARCH64_ABS64",
    calc: Calc::Abs,
    field: field::WORD64,
    range: Range::Any,
    align: 1,
    stored: Stored::Ignored,
    via: Via::Direct,
    width: PtrWidth::W64,
    endian: Endian::Little,
};
