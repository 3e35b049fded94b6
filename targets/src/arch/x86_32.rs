//! x86-32: System V psABI for Intel386, ELF objects (REL: the addend is in the field).
//!
//! Code is compiled for static relocation: the machine has no address relative to the program counter, so what refers to
//! constants and functions of the file carries an absolute address, which the loader fills in. A 32-bit distance reaches
//! everything, so there are no stubs. Structs of C align 64-bit members to 4 only (spec C, 0.3).
//!
//! Spec: `aot-v6.md` B.6.

use crate::feature;
use crate::libcall;
use crate::operation::{Lack, Operations};
use crate::reloc::{Row, rows};
use crate::{
    Abi, Arch, CodeModel, Emission, Endian, Extremes, FloatAbi, FloatResults, Llvm, Machine, Nans, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// The machines of this architecture, for loaders.
pub const MACHINES: &[&Machine] = &[&I386_MACHINE];

/// x86-32 Linux, baseline Pentium 4 (SSE2: floats are IEEE at every step).
pub static I386: Target = Target {
    machine: &I386_MACHINE,
    llvm: Llvm {
        triple: "i386-pc-linux-gnu",
        cpu: "pentium4",
        // Some distributions' LLVM counts it out of that CPU.
        features: "+sse2",
        always: "",
        abi: "",
        code_model: CodeModel::Small,
        in_place: CodeModel::Small,
        reloc_model: RelocModel::Static,
        emission: Emission::Object,
    },
    object_relocs: &[],
    tail_calls: TailCalls {
        form: TailForm::Guaranteed,
        ints: 2,
        floats: 3,
        even_pairs: false,
        vectors: true,
    },
    float_results: FloatResults::Quieted,
    nans: Nans::Standard,
    extremes: Extremes::Number,
    torn_stores: true,
    signed_words: false,
    libcalls: libcall::DIVIDE64,
    abis: &[Abi {
        name: "gnu",
        triple: None,
        llvm: "",
        float_abi: FloatAbi::Double,
        requires: &["sse2"],
    }],
    stock_libcalls: libcall::STOCK_X86_32,
    family: &feature::X86,
    generic: "",
    universal: "",
    lacks: LACKS,
    forbids: &[],
    notes: NOTES,
};

static I386_MACHINE: Machine = Machine {
    code_bit: 0,
    name: "i386",
    arch: Arch::X86_32,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 3,
    aot_arch: "i386",
    relocs: RELOCS,
    apart: &[],
    stub: None,
    guard_pages: false,
    packed_objects: true,
    stack_align: 16,
    page_bytes: 4096,
    float_abi: FloatAbi::Double,
    stock_relocs: &[1, 2, 4],
};

/// `roundss` and `roundsd` came with SSE4.1.
const LACKS: &[Lack] = &[
    Lack::new("sse4.1", &[Operations::F32Round, Operations::F64Round]),
    Lack::new("", &[Operations::I64Divide, Operations::FloatConstants]),
];

const NOTES: &str = "SSE2 is required: without it floats would be computed in 80 bits, which wasm does not allow. Bounds \
    of linear memory are checked by code.";

#[rustfmt::skip]
const RELOCS: &[Row] = rows! {
    W32 Little;
//  no.  name         computes  into    fits            align  stored   S is
    1    R_386_32     Abs       WORD32  (Any)           1      Added    Direct;
    2    R_386_PC32   Rel       WORD32  (Any)           1      Added    Direct;
    4    R_386_PLT32  Rel       WORD32  (Any)           1      Added    Direct;
};
