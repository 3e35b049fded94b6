//! ARM (A32): ELF for the Arm Architecture (AAELF32), REL (the addend is in the field).
//!
//! Code is position independent; functions are reached by 24-bit branches, constants by literals or by MOVW/MOVT relative
//! to the program counter, resolved when the file is made. What remains are calls of the runtime, through a stub that loads
//! the program counter: it can enter Thumb code too.
//!
//! Stock's other names of ARM machines are targets as well: they differ in LLVM's triple, nothing else.
//!
//! Spec: `aot-v6.md` B.3 (stub), B.8 (rows).

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
pub const MACHINES: &[&Machine] = &[&ARMV7_MACHINE];

/// ARMv7-A Linux with float registers (VFPv3-D16), hard-float ABI.
pub static ARMV7: Target = Target {
    machine: &ARMV7_MACHINE,
    llvm: Llvm {
        triple: "armv7-unknown-linux-gnueabihf",
        cpu: "generic",
        features: "-d32",
        always: "-neon",
        abi: "",
        code_model: CodeModel::Small,
        in_place: CodeModel::Small,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    },
    object_relocs: OBJECT_RELOCS,
    tail_calls: TailCalls {
        form: TailForm::Guaranteed,
        ints: 4,
        floats: 4,
        even_pairs: true,
        vectors: false,
    },
    float_results: FloatResults::Kept,
    nans: Nans::Standard,
    extremes: Extremes::Nan,
    torn_stores: true,
    signed_words: false,
    libcalls: &libcall::joined::<44>(&[libcall::AEABI_FLOAT, libcall::AEABI_DIVIDE64, libcall::AEABI_DIVIDE32]),
    abis: &[
        abi("gnueabihf", "armv7-unknown-linux-gnueabihf", FloatAbi::Double),
        abi("eabihf", "armv7-unknown-none-gnueabihf", FloatAbi::Double),
        abi("gnu", "armv7-unknown-linux-gnueabi", FloatAbi::Soft),
        abi("gnueabi", "armv7-unknown-linux-gnueabi", FloatAbi::Soft),
        abi("eabi", "armv7-unknown-none-gnueabi", FloatAbi::Soft),
    ],
    stock_libcalls: libcall::STOCK_ARM,
    family: &feature::ARM,
    generic: "armv7-a,dsp,neon",
    universal: "",
    lacks: LACKS,
    forbids: MICROCONTROLLERS,
    notes: NOTES,
};

static ARMV7_MACHINE: Machine = Machine {
    code_bit: 0,
    name: "armv7",
    arch: Arch::Arm,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 40,
    aot_arch: "armv7",
    relocs: RELOCS,
    apart: &[],
    stub: Some(&STUB),
    guard_pages: false,
    packed_objects: false,
    stack_align: 8,
    page_bytes: 4096,
    float_abi: FloatAbi::Double,
    stock_relocs: &[2, 28, 29, 43, 44],
};

/// Names of the ABIs: with and without float registers.
const fn abi(name: &'static str, triple: &'static str, float_abi: FloatAbi) -> Abi {
    Abi {
        name,
        triple: Some(triple),
        llvm: "",
        float_abi,
        requires: match float_abi {
            FloatAbi::Soft => &[],
            _ => &["vfp2sp"],
        },
    }
}

/// Machines without ARM state.
const MICROCONTROLLERS: &[(&str, &str)] = &[
    ("armv6-m", NO_ARM_STATE),
    ("armv7-m", NO_ARM_STATE),
    ("armv7e-m", NO_ARM_STATE),
    ("armv8-m.base", NO_ARM_STATE),
    ("armv8-m.main", NO_ARM_STATE),
    ("armv8.1-m.main", NO_ARM_STATE),
];

const NO_ARM_STATE: &str = "the CPU runs Thumb code only; choose a thumb target";

/// Floats of each width, of machines without their registers; `vrint` came with ARMv8.
const LACKS: &[Lack] = &[
    Lack::new("vfp2sp", &[Operations::F32, Operations::F32I32]),
    Lack::new("fp64", &[Operations::F64, Operations::F64I32, Operations::F32F64]),
    Lack::new("fp-armv8d16sp", &[Operations::F32Round]),
    Lack::new("fp-armv8d16", &[Operations::F64Round]),
    Lack::new("hwdiv-arm", &[Operations::I32Divide]),
    Lack::new("", &[Operations::I64Divide, Operations::F32I64, Operations::F64I64]),
];

const NOTES: &str = "NEON is off whatever the CPU, since it flushes denormal floats to zero; `+neon` turns it on for \
    modules whose vectors hold integers. The default ABI passes floats in registers (`gnueabihf`, Debian's armhf): \
    a runtime of the other ABI refuses the file.";

#[rustfmt::skip]
const RELOCS: &[Row] = rows! {
    W32 Little;
//  no.  name               computes  into        fits            align  stored   S is
    2    R_ARM_ABS32        Abs       WORD32      (Any)           1      Added    Direct;
    28   R_ARM_CALL         Rel       ARM_BRANCH  (Signed(26))    4      Added    Stub;
    29   R_ARM_JUMP24       Rel       ARM_BRANCH  (Signed(26))    4      Added    Stub;
    43   R_ARM_MOVW_ABS_NC  Abs       ARM_MOVW    (Any)           4      Ignored  Direct;
    44   R_ARM_MOVT_ABS     Abs       ARM_MOVT    (Any)           4      Ignored  Direct;
};

/// Relative ones: constants, hot and cold code, tables.
#[rustfmt::skip]
const OBJECT_RELOCS: &[Row] = rows! {
    W32 Little;
//  no.  name                computes  into        fits            align  stored   S is
    3    R_ARM_REL32         Rel       WORD32      (Any)           1      Added    Direct;
    42   R_ARM_PREL31        Rel       ARM_PREL31  (Signed(31))    1      Added    Direct;
    45   R_ARM_MOVW_PREL_NC  Rel       ARM_MOVW    (Any)           4      Added    Direct;
    46   R_ARM_MOVT_PREL     Rel       ARM_MOVT    (Any)           4      Added    Direct;
};

/// `ldr pc, [pc, #-4]`, and the address, whose bit 0 says Thumb.
const STUB: Stub = Stub {
    bytes: &[0x04, 0xF0, 0x1F, 0xE5, 0, 0, 0, 0],
    align: 4,
    patches: &[Patch {
        offset: 4,
        row: &STUB_ADDRESS,
        addend: 0,
    }],
};

const STUB_ADDRESS: Row = Row {
    number: 2,
    name: "R_ARM_ABS32",
    calc: Calc::Abs,
    field: field::WORD32,
    range: Range::Any,
    align: 1,
    stored: Stored::Ignored,
    via: Via::Direct,
    width: PtrWidth::W32,
    endian: Endian::Little,
};
