//! x86-64: System V psABI 1.0, ELF objects.
//!
//! Code is compiled position independent with the small code model: calls and data references are 32-bit relative to
//! the next instruction, which reaches ±2 GiB. A container's text and data lie in one mapping, so only calls into the
//! runtime may be farther away; they go through a stub (`R_X86_64_PLT32` against a runtime symbol), 12 bytes that
//! clobber `rax`, a register that carries nothing at a call (its low byte counts vector registers for variadic
//! functions only, and the runtime has none).
//!
//! Two readings differ from the psABI on purpose, because stock WAMR loads and writes files this way: a 64-bit absolute
//! relocation *adds* the value already stored, and the three GOT forms take a slot's address as `S`, with no
//! separate `G`/`GOT` terms. Stock compiles `R_X86_64_32S` into jump tables of its non-PIC code: such files
//! need a mapping below 2 GiB, ours never do.
//!
//! Spec: `aot-v6.md` B.3 (stub), B.4 (rows).

use crate::feature;
use crate::field;
use crate::operation::{Lack, Operations};
use crate::reloc::{Calc, Range, Row, Stored, Via, rows};
use crate::stub::{Patch, Stub};
use crate::{
    Abi, Arch, CodeModel, Emission, Endian, Extremes, FloatAbi, FloatResults, Llvm, Machine, Nans, PtrWidth, RelocModel, TailCalls,
    TailForm, Target,
};

/// The machines of this architecture, for loaders.
pub const MACHINES: &[&Machine] = &[&X86_64_MACHINE];

/// x86-64 Linux, baseline `x86-64` (SSE2).
pub static X86_64: Target = Target {
    machine: &X86_64_MACHINE,
    llvm: Llvm {
        triple: "x86_64-pc-linux-gnu",
        cpu: "x86-64",
        features: "",
        always: "",
        abi: "",
        code_model: CodeModel::Small,
        in_place: CodeModel::Small,
        reloc_model: RelocModel::Pic,
        emission: Emission::Object,
    },
    object_relocs: &[],
    tail_calls: TailCalls {
        form: TailForm::Guaranteed,
        ints: 6,
        floats: 8,
        even_pairs: false,
        vectors: true,
    },
    float_results: FloatResults::Kept,
    nans: Nans::Standard,
    extremes: Extremes::Number,
    torn_stores: false,
    signed_words: false,
    libcalls: &[],
    abis: &[Abi {
        name: "gnu",
        triple: None,
        llvm: "",
        float_abi: FloatAbi::Double,
        requires: &["sse2"],
    }],
    stock_libcalls: &[],
    family: &feature::X86,
    generic: "cmov,cx8,fxsr,mmx,sse2",
    universal: "cmov,cx8,fxsr,mmx,sse2",
    lacks: LACKS,
    forbids: &[],
    notes: NOTES,
};

static X86_64_MACHINE: Machine = Machine {
    code_bit: 0,
    name: "x86_64",
    arch: Arch::X86_64,
    width: PtrWidth::W64,
    endian: Endian::Little,
    elf_machine: 62,
    aot_arch: "x86_64",
    relocs: RELOCS,
    apart: &[],
    stub: Some(&STUB),
    guard_pages: true,
    packed_objects: true,
    stack_align: 16,
    page_bytes: 4096,
    float_abi: FloatAbi::Double,
    stock_relocs: &[1, 2, 4, 9, 10, 11, 24, 41, 42],
};

/// `roundss` and `roundsd` came with SSE4.1.
const LACKS: &[Lack] = &[Lack::new("sse4.1", &[Operations::F32Round, Operations::F64Round])];

const NOTES: &str = "The baseline is SSE2; `--cpu=x86-64-v3` and the like raise it, and the loader refuses the file on \
    machines without those features. Linear memory is guarded by pages.";

#[rustfmt::skip]
const RELOCS: &[Row] = rows! {
    W64 Little;
//  no.  name                    computes  into    fits            align  stored   S is
    1    R_X86_64_64             Abs       WORD64  (Any)           1      Added    Direct;
    2    R_X86_64_PC32           Rel       WORD32  (Signed(32))    1      Ignored  Direct;
    4    R_X86_64_PLT32          Rel       WORD32  (Signed(32))    1      Ignored  Stub;
    9    R_X86_64_GOTPCREL       Rel       WORD32  (Signed(32))    1      Ignored  Slot;
    10   R_X86_64_32             Abs       WORD32  (Unsigned(32))  1      Ignored  Direct;
    11   R_X86_64_32S            Abs       WORD32  (Signed(32))    1      Ignored  Direct;
    24   R_X86_64_PC64           Rel       WORD64  (Any)           1      Ignored  Direct;
    41   R_X86_64_GOTPCRELX      Rel       WORD32  (Signed(32))    1      Ignored  Slot;
    42   R_X86_64_REX_GOTPCRELX  Rel       WORD32  (Signed(32))    1      Ignored  Slot;
};

/// `mov rax, imm64; jmp rax`
const STUB: Stub = Stub {
    bytes: &[0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xE0],
    align: 4,
    patches: &[Patch {
        offset: 2,
        row: &STUB_ADDRESS,
        addend: 0,
    }],
};

/// The stub's immediate: plain `S`, whatever was there before.
const STUB_ADDRESS: Row = Row {
    number: 1,
    name: "R_X86_64_64",
    calc: Calc::Abs,
    field: field::WORD64,
    range: Range::Any,
    align: 1,
    stored: Stored::Ignored,
    via: Via::Direct,
    width: PtrWidth::W64,
    endian: Endian::Little,
};
