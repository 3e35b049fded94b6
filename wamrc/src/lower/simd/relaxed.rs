//! Relaxed SIMD operators that are not another operator under a second name.
//!
//! Each has one meaning on every target, chosen among those the proposal allows to be cheap on the
//! plainest machine: see `docs/decisions/007-relaxed-simd.md`.

use crate::error::CompileError;
use crate::llvm::{Binary, Type, Value};
use crate::lower::function::FunctionLowering;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// Product, rounded, then the third operand plus or minus that, rounded again.
    pub(super) fn multiply_add(&mut self, op: Binary, shape: Type) -> Result<(), CompileError> {
        let [lhs, rhs, addend] = self.pop_lanes_array(shape)?;
        let product = self.float_result(Binary::FMul, shape, lhs, rhs);
        let value = self.float_result(op, shape, addend, product);
        self.push_lanes(value);
        Ok(())
    }

    /// As `i16x8.q15mulr_sat_s`, but the square of -1 is -1.
    pub(super) fn q15_multiply(&mut self) -> Result<(), CompileError> {
        let value = self.q15_product()?;
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn relaxed_dot(&mut self) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(Type::I16X8)?;
        let value = self.byte_products(lhs, rhs);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn relaxed_dot_add(&mut self) -> Result<(), CompileError> {
        let addend = self.pop_lanes(Type::I32X4)?;
        let [lhs, rhs] = self.pop_lanes_array(Type::I16X8)?;
        let sums = self.byte_products(lhs, rhs);
        let sums = self.b.cast(crate::llvm::Cast::BitCast, sums, Type::I32X4);
        let sums = self.pairwise_sum(Binary::AShr, sums);
        let value = self.b.binary(Binary::Add, sums, addend);
        self.push_lanes(value);
        Ok(())
    }

    /// Sums of the products of neighbouring signed bytes, modulo 2^16.
    fn byte_products(&self, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        let (lhs_low, lhs_high) = self.pairs(Binary::AShr, lhs);
        let (rhs_low, rhs_high) = self.pairs(Binary::AShr, rhs);
        let low = self.b.binary(Binary::Mul, lhs_low, rhs_low);
        let high = self.b.binary(Binary::Mul, lhs_high, rhs_high);
        self.b.binary(Binary::Add, low, high)
    }
}
