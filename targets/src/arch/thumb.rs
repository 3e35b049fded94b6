//! Thumb (T32): ELF for the Arm Architecture (AAELF32), REL (the addend is in the field).
//!
//! The Cortex-M machines, and ARMv7-A in Thumb state. Code addresses carry bit 0; a symbol's value already has it
//! when the symbol is a function, and branches drop it, so rows need not know. Code is position independent. ARMv6-M
//! and the v8-M baseline differ: the first has no MOVW/MOVT and no 32-bit branch but the call.
//!
//! LLVM's triples say `gnueabi` on bare metal too: it is the same ABI, but memory is copied by `memcpy`, which every
//! runtime resolves, and not by `__aeabi_memcpy4` and the like.
//!
//! Spec: `aot-v6.md` B.3 (stub), B.9 (rows).

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
pub const MACHINES: &[&Machine] = &[&THUMBV6M_MACHINE, &THUMBV7M_MACHINE, &THUMBV7EM_MACHINE, &THUMBV7_MACHINE, &THUMBV8M_BASE_MACHINE, &THUMBV8M_MAIN_MACHINE];

/// ARMv6-M: Cortex-M0, M0+, M1.
pub static THUMBV6M: Target = Target {
    machine: &THUMBV6M_MACHINE,
    generic: "armv6-m",
    lacks: SMALL_LACKS,
    forbids: V6M,
    libcalls: &libcall::joined::<85>(&[libcall::AEABI_FLOAT, libcall::AEABI_DIVIDE64, libcall::AEABI_DIVIDE32, libcall::AEABI_SHIFT, libcall::ATOMIC8, libcall::ATOMIC]),
    stock_libcalls: libcall::STOCK_THUMB_V6M,
    llvm: llvm("thumbv6m-none-gnueabi", "cortex-m0"),
    object_relocs: OBJECT_RELOCS_V6M,
    // No call LLVM makes here can be a jump.
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ..BASE.tail_calls
    },
    abis: &[
        soft("eabi", "thumbv6m-none-gnueabi"),
        soft("gnu", "thumbv6m-none-gnueabi"),
    ],
    ..BASE
};

static THUMBV6M_MACHINE: Machine = Machine {
    name: "thumbv6m",
    aot_arch: "thumbv6m",
    relocs: RELOCS_V6M,
    stub: Some(&STUB_V6M),
    stock_relocs: &[2, 10],
    ..BASE_MACHINE
};

/// ARMv7-M: Cortex-M3.
pub static THUMBV7M: Target = Target {
    machine: &THUMBV7M_MACHINE,
    generic: "armv7-m,hwdiv",
    forbids: V7M,
    llvm: llvm("thumbv7m-none-gnueabi", "cortex-m3"),
    abis: &[
        soft("eabi", "thumbv7m-none-gnueabi"),
        soft("gnu", "thumbv7m-none-gnueabi"),
    ],
    ..BASE
};

static THUMBV7M_MACHINE: Machine = Machine {
    name: "thumbv7m",
    aot_arch: "thumbv7m",
    ..BASE_MACHINE
};

/// ARMv7E-M: Cortex-M4 and M7; without float registers unless asked for.
pub static THUMBV7EM: Target = Target {
    machine: &THUMBV7EM_MACHINE,
    generic: "armv7e-m,dsp,hwdiv",
    forbids: M_PROFILE,
    llvm: llvm("thumbv7em-none-gnueabi", "generic"),
    abis: &[
        soft("eabi", "thumbv7em-none-gnueabi"),
        soft("gnu", "thumbv7em-none-gnueabi"),
        hard("eabihf", "thumbv7em-none-gnueabihf"),
    ],
    ..BASE
};

static THUMBV7EM_MACHINE: Machine = Machine {
    name: "thumbv7em",
    aot_arch: "thumbv7em",
    ..BASE_MACHINE
};

/// ARMv7-A Linux in Thumb state, hard-float ABI.
pub static THUMBV7: Target = Target {
    machine: &THUMBV7_MACHINE,
    generic: "armv7-a,dsp,neon",
    forbids: A_PROFILE,
    llvm: Llvm {
        features: "-d32",
        always: "-neon",
        ..llvm("thumbv7-unknown-linux-gnueabihf", "generic")
    },
    abis: &[
        hard("gnueabihf", "thumbv7-unknown-linux-gnueabihf"),
        hard("eabihf", "thumbv7-unknown-none-gnueabihf"),
        soft("gnu", "thumbv7-unknown-linux-gnueabi"),
        soft("gnueabi", "thumbv7-unknown-linux-gnueabi"),
        soft("eabi", "thumbv7-unknown-none-gnueabi"),
    ],
    ..BASE
};

static THUMBV7_MACHINE: Machine = Machine {
    name: "thumbv7",
    aot_arch: "thumbv7",
    float_abi: FloatAbi::Double,
    ..BASE_MACHINE
};

/// ARMv8-M baseline: Cortex-M23.
pub static THUMBV8M_BASE: Target = Target {
    machine: &THUMBV8M_BASE_MACHINE,
    generic: "armv8-m.base,hwdiv",
    lacks: SMALL_LACKS,
    forbids: V8M_BASE,
    libcalls: &libcall::joined::<54>(&[libcall::AEABI_FLOAT, libcall::AEABI_DIVIDE64, libcall::AEABI_SHIFT, libcall::ATOMIC8]),
    llvm: llvm("thumbv8m.base-none-gnueabi", "cortex-m23"),
    // No register is left for the address of the function once all arguments are in theirs.
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ..BASE.tail_calls
    },
    abis: &[
        soft("eabi", "thumbv8m.base-none-gnueabi"),
        soft("gnu", "thumbv8m.base-none-gnueabi"),
    ],
    ..BASE
};

static THUMBV8M_BASE_MACHINE: Machine = Machine {
    apart: &[],
    name: "thumbv8m.base",
    aot_arch: "thumbv8m.base",
    stub: Some(&STUB_V8M_BASE),
    ..BASE_MACHINE
};

/// ARMv8-M mainline: Cortex-M33; without float registers unless asked for.
pub static THUMBV8M_MAIN: Target = Target {
    machine: &THUMBV8M_MAIN_MACHINE,
    generic: "armv8-m.main,hwdiv",
    forbids: M_PROFILE,
    llvm: llvm("thumbv8m.main-none-gnueabi", "generic"),
    abis: &[
        soft("eabi", "thumbv8m.main-none-gnueabi"),
        soft("gnu", "thumbv8m.main-none-gnueabi"),
        hard("eabihf", "thumbv8m.main-none-gnueabihf"),
    ],
    ..BASE
};

static THUMBV8M_MAIN_MACHINE: Machine = Machine {
    name: "thumbv8m.main",
    aot_arch: "thumbv8m.main",
    ..BASE_MACHINE
};

const BASE: Target = Target {
    machine: &BASE_MACHINE,
    llvm: llvm("", ""),
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
    libcalls: &libcall::joined::<53>(&[libcall::AEABI_FLOAT, libcall::AEABI_DIVIDE64, libcall::AEABI_DIVIDE32, libcall::ATOMIC8]),
    abis: &[],
    stock_libcalls: libcall::STOCK_THUMB,
    family: &feature::ARM,
    generic: "",
    universal: "",
    lacks: LACKS,
    forbids: &[],
    notes: NOTES,
};

const BASE_MACHINE: Machine = Machine {
    apart: &[],
    code_bit: 1,
    name: "",
    arch: Arch::Thumb,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 40,
    aot_arch: "",
    relocs: RELOCS,
    stub: Some(&STUB),
    guard_pages: false,
    packed_objects: false,
    stack_align: 8,
    page_bytes: 4096,
    float_abi: FloatAbi::Soft,
    stock_relocs: &[2, 10, 30, 47, 48, 49, 50],
};

const fn llvm(triple: &'static str, cpu: &'static str) -> Llvm {
    Llvm {
        triple,
        cpu,
        features: "",
        always: "",
        abi: "",
        code_model: CodeModel::Small,
        in_place: CodeModel::Small,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    }
}

/// An ABI that passes floats in integer registers.
const fn soft(name: &'static str, triple: &'static str) -> Abi {
    Abi {
        name,
        triple: Some(triple),
        llvm: "",
        float_abi: FloatAbi::Soft,
        requires: &[],
    }
}

/// An ABI that passes floats in float registers.
const fn hard(name: &'static str, triple: &'static str) -> Abi {
    Abi {
        name,
        triple: Some(triple),
        llvm: "",
        float_abi: FloatAbi::Double,
        requires: &["vfp2sp"],
    }
}

/// Instruction sets of the application profile.
const A_ARCHITECTURES: &str = "it is an instruction set of the application profile";

/// Instruction sets newer than the target's.
const NEWER: &str = "it is a larger instruction set than the target's; choose the target it belongs to";

const NO_FLOATS: &str = "this machine has no float registers";

const M_PROFILE: &[(&str, &str)] = &[
    ("armv4t", A_ARCHITECTURES),
    ("armv5te", A_ARCHITECTURES),
    ("armv6", A_ARCHITECTURES),
    ("armv6k", A_ARCHITECTURES),
    ("armv6kz", A_ARCHITECTURES),
    ("armv6t2", A_ARCHITECTURES),
    ("armv7-a", A_ARCHITECTURES),
    ("armv7-r", A_ARCHITECTURES),
    ("armv8-a", A_ARCHITECTURES),
    ("armv8-r", A_ARCHITECTURES),
    ("neon", A_ARCHITECTURES),
];

const V6M: &[(&str, &str)] = &[
    ("armv7-m", NEWER),
    ("armv7e-m", NEWER),
    ("armv7-a", NEWER),
    ("armv8-m.base", NEWER),
    ("armv8-m.main", NEWER),
    ("armv8.1-m.main", NEWER),
    ("hwdiv", "ARMv6-M has no division"),
    ("dsp", "ARMv6-M has no DSP instructions"),
    ("fpregs", NO_FLOATS),
];

const V7M: &[(&str, &str)] = &[
    ("armv7e-m", NEWER),
    ("armv7-a", A_ARCHITECTURES),
    ("armv8-m.base", NEWER),
    ("armv8-m.main", NEWER),
    ("armv8.1-m.main", NEWER),
    ("dsp", "ARMv7-M has no DSP instructions; thumbv7em has"),
    ("fpregs", NO_FLOATS),
];

const V8M_BASE: &[(&str, &str)] = &[
    ("armv7-m", NEWER),
    ("armv7e-m", NEWER),
    ("armv7-a", A_ARCHITECTURES),
    ("armv8-m.main", NEWER),
    ("armv8.1-m.main", NEWER),
    ("dsp", "the baseline has no DSP instructions"),
    ("fpregs", NO_FLOATS),
];

const A_PROFILE: &[(&str, &str)] = &[
    ("armv6-m", M_ARCHITECTURES),
    ("armv7-m", M_ARCHITECTURES),
    ("armv7e-m", M_ARCHITECTURES),
    ("armv8-m.base", M_ARCHITECTURES),
    ("armv8-m.main", M_ARCHITECTURES),
    ("armv8.1-m.main", M_ARCHITECTURES),
];

/// Instruction sets of microcontrollers.
const M_ARCHITECTURES: &str = "it is an instruction set of the microcontroller profile";

/// Floats of each width, of machines without their registers; `vrint` came with ARMv8.
const LACKS: &[Lack] = &[
    Lack::new("vfp2sp", &[Operations::F32, Operations::F32I32]),
    Lack::new("fp64", &[Operations::F64, Operations::F64I32, Operations::F32F64]),
    Lack::new("fp-armv8d16sp", &[Operations::F32Round]),
    Lack::new("fp-armv8d16", &[Operations::F64Round]),
    Lack::new("hwdiv", &[Operations::I32Divide]),
    Lack::new("", &[Operations::I64Divide, Operations::F32I64, Operations::F64I64]),
];

/// Machines with little more than an adder, none of which has float registers.
const SMALL_LACKS: &[Lack] = &[
    Lack::new("", &[Operations::F32, Operations::F32I32, Operations::F32Round]),
    Lack::new("", &[Operations::F64, Operations::F64I32, Operations::F64Round, Operations::F32F64]),
    Lack::new("hwdiv", &[Operations::I32Divide]),
    Lack::new("", &[Operations::I64Divide, Operations::F32I64, Operations::F64I64]),
    Lack::new("", &[Operations::I64Multiply, Operations::I64Shift, Operations::Count]),
];

const NOTES: &str = "The Cortex-M targets pass floats in integer registers (`eabi`) unless `--target-abi=eabihf` is \
    given with a CPU that has float registers; `--cpu=cortex-m4` alone uses them inside functions. `thumbv7` is \
    ARMv7-A under Linux with the hard-float ABI.";

#[rustfmt::skip]
const RELOCS: &[Row] = rows! {
    W32 Little;
//  no.  name                    computes  into          fits            align  stored   S is
    2    R_ARM_ABS32             Abs       WORD32        (Any)           1      Added    Direct;
    10   R_ARM_THM_CALL          Rel       THUMB_BRANCH  (Signed(25))    2      Added    Stub;
    30   R_ARM_THM_JUMP24        Rel       THUMB_BRANCH  (Signed(25))    2      Added    Stub;
    47   R_ARM_THM_MOVW_ABS_NC   Abs       THUMB_MOVW    (Any)           2      Added    Direct;
    48   R_ARM_THM_MOVT_ABS      Abs       THUMB_MOVT    (Any)           2      Added    Direct;
    49   R_ARM_THM_MOVW_PREL_NC  Rel       THUMB_MOVW    (Any)           2      Added    Direct;
    50   R_ARM_THM_MOVT_PREL     Rel       THUMB_MOVT    (Any)           2      Added    Direct;
};

/// Relative ones: constants, hot and cold code, tables.
#[rustfmt::skip]
const OBJECT_RELOCS: &[Row] = rows! {
    W32 Little;
//  no.  name              computes  into            fits            align  stored   S is
    3    R_ARM_REL32       Rel       WORD32          (Any)           1      Added    Direct;
    42   R_ARM_PREL31      Rel       ARM_PREL31      (Signed(31))    1      Added    Direct;
    51   R_ARM_THM_JUMP19  Rel       THUMB_BRANCH19  (Signed(21))    2      Added    Direct;
    102  R_ARM_THM_JUMP11  Rel       THUMB_BRANCH11  (Signed(12))    2      Added    Direct;
    103  R_ARM_THM_JUMP8   Rel       THUMB_BRANCH8   (Signed(9))     2      Added    Direct;
};

/// ARMv6-M has no wider branch than the call, and no MOVW or MOVT.
#[rustfmt::skip]
const RELOCS_V6M: &[Row] = rows! {
    W32 Little;
//  no.  name            computes  into          fits            align  stored   S is
    2    R_ARM_ABS32     Abs       WORD32        (Any)           1      Added    Direct;
    10   R_ARM_THM_CALL  Rel       THUMB_BRANCH  (Signed(25))    2      Added    Stub;
};

#[rustfmt::skip]
const OBJECT_RELOCS_V6M: &[Row] = rows! {
    W32 Little;
//  no.  name              computes  into            fits            align  stored   S is
    3    R_ARM_REL32       Rel       WORD32          (Any)           1      Added    Direct;
    42   R_ARM_PREL31      Rel       ARM_PREL31      (Signed(31))    1      Added    Direct;
    102  R_ARM_THM_JUMP11  Rel       THUMB_BRANCH11  (Signed(12))    2      Added    Direct;
    103  R_ARM_THM_JUMP8   Rel       THUMB_BRANCH8   (Signed(9))     2      Added    Direct;
};

/// `ldr.w pc, [pc]`, and the address.
const STUB: Stub = Stub {
    bytes: &[0xDF, 0xF8, 0x00, 0xF0, 0, 0, 0, 0],
    align: 4,
    patches: &[Patch {
        offset: 4,
        row: &STUB_ADDRESS,
        addend: 0,
    }],
};

/// `push {r0}; ldr r0, .+10; mov ip, r0; pop {r0}; bx ip; nop`, and the address: only low registers can be loaded, all
/// of which may hold arguments.
const STUB_V6M: Stub = Stub {
    bytes: &[
        0x01, 0xB4, 0x02, 0x48, 0x84, 0x46, 0x01, 0xBC, 0x60, 0x47, 0xC0, 0x46, 0, 0, 0, 0,
    ],
    align: 4,
    patches: &[Patch {
        offset: 12,
        row: &STUB_ADDRESS,
        addend: 0,
    }],
};

/// `movw ip, …; movt ip, …; bx ip; nop`: the baseline cannot load the program counter.
const STUB_V8M_BASE: Stub = Stub {
    bytes: &[
        0x40, 0xF2, 0x00, 0x0C, 0xC0, 0xF2, 0x00, 0x0C, 0x60, 0x47, 0x00, 0xBF,
    ],
    align: 4,
    patches: &[
        Patch {
            offset: 0,
            row: &STUB_LOW,
            addend: 0,
        },
        Patch {
            offset: 4,
            row: &STUB_HIGH,
            addend: 0,
        },
    ],
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

const STUB_LOW: Row = Row {
    number: 47,
    name: "R_ARM_THM_MOVW_ABS_NC",
    field: field::THUMB_MOVW,
    ..STUB_ADDRESS
};

const STUB_HIGH: Row = Row {
    number: 48,
    name: "R_ARM_THM_MOVT_ABS",
    field: field::THUMB_MOVT,
    ..STUB_ADDRESS
};
