//! LLVM intrinsics lowering uses, declared once per module and type.

use super::context::Function;
use super::types::{Type, Types};
use inkwell::intrinsics::Intrinsic as Inkwell;
use inkwell::module::Module;
use std::cell::RefCell;
use std::collections::HashMap;

/// An intrinsic whose result has the type of its first operand, unless noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are LLVM's intrinsic names")]
pub enum Intrinsic {
    Ctlz,
    Cttz,
    Ctpop,
    Fshl,
    Fshr,
    Fabs,
    Ceil,
    Floor,
    Trunc,
    Rint,
    Sqrt,
    Copysign,
    Minimum,
    Maximum,
    Canonicalize,
    Smin,
    Smax,
    Umin,
    Umax,
    SaddSat,
    UaddSat,
    SsubSat,
    UsubSat,
    Bswap,
    /// Further operand: whether the result for the least integer is poison.
    Abs,
    /// Result type is an integer type chosen by the caller.
    FptosiSat,
    /// Result type is an integer type chosen by the caller.
    FptouiSat,
    /// Result is a pointer; operands base and byte offset, whose type is the overload.
    LoadRelative,
    /// No result; operands destination, source, length, volatile.
    Memmove,
    /// No result; operands destination, byte, length, volatile.
    Memset,
}

impl Intrinsic {
    /// Whether it rounds to an integer that stays a float.
    pub(super) fn rounds(self) -> bool {
        matches!(self, Self::Ceil | Self::Floor | Self::Trunc | Self::Rint)
    }

    /// Whether the result is a float that is more than bits of an operand: a NaN is one that the machine made.
    pub(super) fn computes_float(self) -> bool {
        self.rounds()
            || matches!(
                self,
                Self::Sqrt | Self::Minimum | Self::Maximum | Self::Canonicalize
            )
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ctlz => "llvm.ctlz",
            Self::Cttz => "llvm.cttz",
            Self::Ctpop => "llvm.ctpop",
            Self::Fshl => "llvm.fshl",
            Self::Fshr => "llvm.fshr",
            Self::Fabs => "llvm.fabs",
            Self::Ceil => "llvm.ceil",
            Self::Floor => "llvm.floor",
            Self::Trunc => "llvm.trunc",
            Self::Rint => "llvm.rint",
            Self::Sqrt => "llvm.sqrt",
            Self::Copysign => "llvm.copysign",
            Self::Minimum => "llvm.minimum",
            Self::Maximum => "llvm.maximum",
            Self::Canonicalize => "llvm.canonicalize",
            Self::Smin => "llvm.smin",
            Self::Smax => "llvm.smax",
            Self::Umin => "llvm.umin",
            Self::Umax => "llvm.umax",
            Self::SaddSat => "llvm.sadd.sat",
            Self::UaddSat => "llvm.uadd.sat",
            Self::SsubSat => "llvm.ssub.sat",
            Self::UsubSat => "llvm.usub.sat",
            Self::Bswap => "llvm.bswap",
            Self::Abs => "llvm.abs",
            Self::FptosiSat => "llvm.fptosi.sat",
            Self::FptouiSat => "llvm.fptoui.sat",
            Self::LoadRelative => "llvm.load.relative",
            Self::Memmove => "llvm.memmove",
            Self::Memset => "llvm.memset",
        }
    }
}

/// The declarations made so far in one module.
#[derive(Default)]
pub(super) struct Declared<'c> {
    known: RefCell<HashMap<(Intrinsic, Vec<Type>), Function<'c>>>,
}

impl<'c> Declared<'c> {
    /// The declaration for the given overload, result type first where it is overloaded.
    pub(super) fn function(
        &self,
        module: &Module<'c>,
        types: &Types<'c>,
        intrinsic: Intrinsic,
        overload: &[Type],
    ) -> Function<'c> {
        let key = (intrinsic, overload.to_vec());
        *self.known.borrow_mut().entry(key).or_insert_with(|| {
            let llvm: Vec<_> = overload.iter().map(|ty| types.basic(*ty)).collect();
            let value = Inkwell::find(intrinsic.name())
                .and_then(|found| found.get_declaration(module, &llvm))
                .expect("invariant: the table names overloaded intrinsics of this LLVM");
            let returns = match intrinsic {
                Intrinsic::Memmove | Intrinsic::Memset => None,
                Intrinsic::LoadRelative => Some(Type::Ptr),
                _ => overload.first().copied(),
            };
            Function {
                value,
                returns,
                bits: None,
                slot: None,
            }
        })
    }
}
