//! NaNs of machines that mark the quiet ones the other way round.
//!
//! WebAssembly's rules for NaNs (core spec 4.3.3) are about bits, so what such a machine's operation makes is replaced:
//! every NaN by the canonical one, which the rules always allow. Operations that only move bits are left alone.

use super::Builder;
use crate::llvm::context::Value;
use crate::llvm::instruction::FloatCompare;
use crate::llvm::types::Type;
use targets::Nans;

/// Canonical NaNs, positive (core spec 2.2.3).
const NAN32: u64 = 0x7FC0_0000;
const NAN64: u64 = 0x7FF8_0000_0000_0000;

impl<'c> Builder<'_, 'c> {
    /// The result of an operation with a NaN as WebAssembly has it.
    pub(super) fn standard_nan(&self, result: Value<'c>) -> Value<'c> {
        if self.module.nans == Nans::Standard {
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
        let is_nan = self.fcmp(FloatCompare::Uno, result, result);
        self.select(is_nan, nan, result)
    }
}
