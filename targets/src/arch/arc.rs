//! ARC (ARCv2, `archs`), little endian: the ARC ELF ABI, RELA.
//!
//! Instruction words are stored middle-endian: the half with the opcode first, each half little endian. LLVM's ARC target is
//! a plugin built by `cargo xtask arc-backend`; it prints assembly only, which GNU as assembles. target-lexicon does not
//! know the machine, so its names are ours.
//!
//! Spec: `aot-v6.md` B.11; `targets-and-emulators.md`, ARC.

use crate::field;
use crate::reloc::{Calc, Range, Row, Stored, Via, rows};
use crate::stub::{Patch, Stub};
use crate::{
    Abi, Arch, CodeModel, Emission, Endian, FloatAbi, Llvm, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// ARC HS and EM.
pub static ARC: Target = Target {
    name: "arc",
    arch: Arch::Arc,
    width: PtrWidth::W32,
    endian: Endian::Little,
    elf_machine: 195,
    aot_arch: "arc",
    llvm: Llvm {
        triple: "arc",
        cpu: "generic",
        features: "",
        abi: "",
        code_model: CodeModel::Small,
        reloc_model: RelocModel::Static,
        emission: Emission::External,
    },
    relocs: RELOCS,
    object_relocs: &[],
    stub: Some(&STUB),
    guard_pages: false,
    packed_objects: false,
    stack_align: 4,
    tail_calls: TailCalls {
        form: TailForm::Absent,
        ints: 8,
        floats: 0,
        even_pairs: false,
        vectors: false,
    },
    page_bytes: 8192,
    signed_words: false,
    code_bit: 0,
    float_abi: FloatAbi::Soft,
    libcalls: &[],
    abis: &[Abi {
        name: "gnu",
        triple: None,
        llvm: "",
        float_abi: FloatAbi::Soft,
        requires: &[],
    }],
    stock_relocs: &[4, 14, 15, 16, 17, 27],
    stock_libcalls: &[],
    notes: NOTES,
};

const NOTES: &str = "Compiling needs LLVM's ARC target as a plugin (`cargo xtask arc-backend`) and GNU as \
    (`arc-linux-gnu-as`). Floats and 64-bit arithmetic are helper routines of the runtime.";

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
