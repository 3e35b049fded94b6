//! Names of the instructions lowering chooses from, in LLVM's spelling.

use super::alias::Region;
use inkwell::values::InstructionOpcode;
use inkwell::{AtomicRMWBinOp, FloatPredicate, IntPredicate};

/// Two operands and a result of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are LLVM's instruction names")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    SDiv,
    UDiv,
    SRem,
    URem,
    And,
    Or,
    Xor,
    Shl,
    LShr,
    AShr,
    FAdd,
    FSub,
    FMul,
    FDiv,
}

impl Binary {
    pub(super) fn opcode(self) -> InstructionOpcode {
        match self {
            Self::Add => InstructionOpcode::Add,
            Self::Sub => InstructionOpcode::Sub,
            Self::Mul => InstructionOpcode::Mul,
            Self::SDiv => InstructionOpcode::SDiv,
            Self::UDiv => InstructionOpcode::UDiv,
            Self::SRem => InstructionOpcode::SRem,
            Self::URem => InstructionOpcode::URem,
            Self::And => InstructionOpcode::And,
            Self::Or => InstructionOpcode::Or,
            Self::Xor => InstructionOpcode::Xor,
            Self::Shl => InstructionOpcode::Shl,
            Self::LShr => InstructionOpcode::LShr,
            Self::AShr => InstructionOpcode::AShr,
            Self::FAdd => InstructionOpcode::FAdd,
            Self::FSub => InstructionOpcode::FSub,
            Self::FMul => InstructionOpcode::FMul,
            Self::FDiv => InstructionOpcode::FDiv,
        }
    }
}

/// Integer and pointer comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are LLVM's predicate names")]
pub enum IntCompare {
    Eq,
    Ne,
    Slt,
    Ult,
    Sgt,
    Ugt,
    Sle,
    Ule,
    Sge,
    Uge,
}

impl IntCompare {
    pub(super) fn predicate(self) -> IntPredicate {
        match self {
            Self::Eq => IntPredicate::EQ,
            Self::Ne => IntPredicate::NE,
            Self::Slt => IntPredicate::SLT,
            Self::Ult => IntPredicate::ULT,
            Self::Sgt => IntPredicate::SGT,
            Self::Ugt => IntPredicate::UGT,
            Self::Sle => IntPredicate::SLE,
            Self::Ule => IntPredicate::ULE,
            Self::Sge => IntPredicate::SGE,
            Self::Uge => IntPredicate::UGE,
        }
    }
}

/// Floating-point comparisons: `O…` false on NaN, `U…` true on NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are LLVM's predicate names")]
pub enum FloatCompare {
    Oeq,
    Une,
    Olt,
    Ogt,
    Ole,
    Oge,
    Ord,
    Uno,
}

impl FloatCompare {
    pub(super) fn predicate(self) -> FloatPredicate {
        match self {
            Self::Oeq => FloatPredicate::OEQ,
            Self::Une => FloatPredicate::UNE,
            Self::Olt => FloatPredicate::OLT,
            Self::Ogt => FloatPredicate::OGT,
            Self::Ole => FloatPredicate::OLE,
            Self::Oge => FloatPredicate::OGE,
            Self::Ord => FloatPredicate::ORD,
            Self::Uno => FloatPredicate::UNO,
        }
    }
}

/// Conversions with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are LLVM's instruction names")]
pub enum Cast {
    Trunc,
    ZExt,
    SExt,
    FpToSi,
    FpToUi,
    SiToFp,
    UiToFp,
    FpTrunc,
    FpExt,
    BitCast,
    PtrToInt,
    IntToPtr,
}

impl Cast {
    pub(super) fn opcode(self) -> InstructionOpcode {
        match self {
            Self::Trunc => InstructionOpcode::Trunc,
            Self::ZExt => InstructionOpcode::ZExt,
            Self::SExt => InstructionOpcode::SExt,
            Self::FpToSi => InstructionOpcode::FPToSI,
            Self::FpToUi => InstructionOpcode::FPToUI,
            Self::SiToFp => InstructionOpcode::SIToFP,
            Self::UiToFp => InstructionOpcode::UIToFP,
            Self::FpTrunc => InstructionOpcode::FPTrunc,
            Self::FpExt => InstructionOpcode::FPExt,
            Self::BitCast => InstructionOpcode::BitCast,
            Self::PtrToInt => InstructionOpcode::PtrToInt,
            Self::IntToPtr => InstructionOpcode::IntToPtr,
        }
    }
}

/// What an atomic update does with the old value and its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are LLVM's operation names")]
pub enum Atomic {
    Add,
    Sub,
    And,
    Or,
    Xor,
    Xchg,
}

impl Atomic {
    /// The arithmetic whose bits depend on lower ones; `None` if each bit stands for itself.
    #[must_use]
    pub fn carrying(self) -> Option<Binary> {
        match self {
            Self::Add => Some(Binary::Add),
            Self::Sub => Some(Binary::Sub),
            Self::And | Self::Or | Self::Xor | Self::Xchg => None,
        }
    }

    pub(super) fn operation(self) -> AtomicRMWBinOp {
        match self {
            Self::Add => AtomicRMWBinOp::Add,
            Self::Sub => AtomicRMWBinOp::Sub,
            Self::And => AtomicRMWBinOp::And,
            Self::Or => AtomicRMWBinOp::Or,
            Self::Xor => AtomicRMWBinOp::Xor,
            Self::Xchg => AtomicRMWBinOp::Xchg,
        }
    }
}

/// What is known about a memory access besides type and address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Power of two the address is known to be a multiple of.
    pub align: u32,
    /// Which of the disjoint regions the address points into.
    pub region: Region,
    /// The location holds the same value wherever in the module it may be read. Invariant: set only for
    /// loads.
    pub constant: bool,
}

impl Access {
    /// An ordinary access.
    #[must_use]
    pub fn new(region: Region, align: u32) -> Self {
        Self {
            align,
            region,
            constant: false,
        }
    }

    /// A load from a location that never changes while code of the module runs.
    #[must_use]
    pub fn constant(region: Region, align: u32) -> Self {
        Self {
            align,
            region,
            constant: true,
        }
    }
}
