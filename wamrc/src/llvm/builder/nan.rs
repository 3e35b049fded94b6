//! NaNs of machines that mark the quiet ones the other way round.
//!
//! WebAssembly's rules for NaNs (core spec 4.3.3) are about bits, so what such a machine's operation makes is replaced:
//! every NaN by the canonical one, which the rules always allow. Operations that only move bits are left alone.

use super::Builder;
use crate::llvm::context::Value;
use crate::llvm::instruction::{Cast, FloatCompare, IntCompare};
use crate::llvm::intrinsics::Intrinsic;
use crate::llvm::types::Type;
use targets::Nans;

/// Canonical NaNs, positive (core spec 2.2.3).
const NAN32: u64 = 0x7FC0_0000;
const NAN64: u64 = 0x7FF8_0000_0000_0000;

/// NaNs without their signs are greater, as integers.
const INFINITY32: u64 = 0x7F80_0000;
const INFINITY64: u64 = 0x7FF0_0000_0000_0000;

impl<'c> Builder<'_, 'c> {
    /// The result of an operation with a NaN as WebAssembly has it.
    pub(super) fn standard_nan(&self, result: Value<'c>) -> Value<'c> {
        let is_nan = |result| self.fcmp(FloatCompare::Uno, result, result);
        self.replaced_nan(result, is_nan)
    }

    /// As [`Builder::standard_nan`], of a square root. LLVM makes a comparison of the operand with zero of that test, and
    /// then drops it, because the root of a negative number is a NaN as it is: some NaN.
    pub(super) fn standard_nan_of_root(&self, result: Value<'c>) -> Value<'c> {
        let is_nan = |result| {
            let ty = self.type_of(result);
            let infinity = match ty.scalar() {
                Type::F32 => self.int(Type::I32, INFINITY32),
                _ => self.int(Type::I64, INFINITY64),
            };
            let infinity = match ty {
                Type::Vector(lane, count) => self.splat(infinity, lane.integer(), count),
                _ => infinity,
            };
            let magnitude = self.plain_intrinsic(Intrinsic::Fabs, &[ty], &[result]);
            let magnitude = self.cast(Cast::BitCast, magnitude, ty.integers());
            self.icmp(IntCompare::Ugt, magnitude, infinity)
        };
        self.replaced_nan(result, is_nan)
    }

    fn replaced_nan(
        &self,
        result: Value<'c>,
        is_nan: impl FnOnce(Value<'c>) -> Value<'c>,
    ) -> Value<'c> {
        if self.module.nans != Nans::Inverted {
            return result;
        }
        let ty = self.type_of(result);
        let scalar = match ty.scalar() {
            Type::F32 => self.float(Type::F32, NAN32),
            Type::F64 => self.float(Type::F64, NAN64),
            _ => return result,
        };
        let nan = match ty {
            Type::Vector(lane, count) => self.splat(scalar, lane, count),
            _ => scalar,
        };
        self.select(is_nan(result), nan, result)
    }

    /// The operand of a rounding that would leave a signalling NaN as it is: quiet.
    pub(super) fn quieted_for_rounding(&self, operand: Value<'c>) -> Value<'c> {
        match self.module.nans {
            Nans::KeptByRounding => {
                let ty = self.type_of(operand);
                self.plain_intrinsic(Intrinsic::Canonicalize, &[ty], &[operand])
            }
            Nans::Standard | Nans::Inverted => operand,
        }
    }
}
