//! Floating-point arithmetic with WebAssembly's NaN rules (core spec 4.3.3; spec D.9).
//!
//! Ordinary LLVM operations in the default environment, so that loops vectorise. LLVM may drop an
//! operation that cannot change a number, such as multiplication by 1, although it must turn a
//! signalling NaN into a quiet one; with a constant operand of that kind the operation is spelled as
//! a canonicalisation instead.

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Binary, Cast, FloatCompare, Intrinsic, Operation, Type, Value};
use targets::PtrWidth;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn float_binary(&mut self, op: Binary, ty: Type) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_array()?;
        let value = self.float_result(op, ty, lhs, rhs);
        self.push(value);
        Ok(())
    }

    /// The result of an operation on floats, or on vectors of them.
    pub(super) fn float_result(
        &self,
        op: Binary,
        ty: Type,
        lhs: Value<'c>,
        rhs: Value<'c>,
    ) -> Value<'c> {
        let identity = match self.unit.llvm.routine(Operation::Binary(op, ty)) {
            Some(_) => None,
            None => self.identity_operand(op, lhs, rhs),
        };
        match identity {
            Some(value) => self.b.intrinsic(Intrinsic::Canonicalize, &[ty], &[value]),
            None => self.b.binary(op, lhs, rhs),
        }
    }

    /// If one operand is a constant that makes the result the other operand or its negation for all
    /// numbers: that value.
    fn identity_operand(&self, op: Binary, lhs: Value<'c>, rhs: Value<'c>) -> Option<Value<'c>> {
        let left = self.b.constant_float(lhs).map(f64::to_bits);
        let right = self.b.constant_float(rhs).map(f64::to_bits);
        let is = |constant: Option<u64>, value: f64| constant == Some(value.to_bits());
        match op {
            Binary::FMul if is(right, 1.0) => Some(lhs),
            Binary::FMul if is(left, 1.0) => Some(rhs),
            Binary::FMul if is(right, -1.0) => Some(self.b.fneg(lhs)),
            Binary::FMul if is(left, -1.0) => Some(self.b.fneg(rhs)),
            Binary::FDiv if is(right, 1.0) => Some(lhs),
            Binary::FDiv if is(right, -1.0) => Some(self.b.fneg(lhs)),
            Binary::FAdd if is(right, -0.0) => Some(lhs),
            Binary::FAdd if is(left, -0.0) => Some(rhs),
            Binary::FSub if is(right, 0.0) => Some(lhs),
            Binary::FSub if is(left, -0.0) => Some(self.b.fneg(rhs)),
            _ => None,
        }
    }

    /// `min` and `max`: a NaN operand gives a quiet NaN, and -0 is less than +0.
    pub(super) fn float_extremum(&mut self, op: Intrinsic, ty: Type) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_array()?;
        // The intrinsic alone may return a signalling NaN as it is; the sum quiets it.
        let unordered = self.b.fcmp(FloatCompare::Uno, lhs, rhs);
        let sum = self.b.binary(Binary::FAdd, lhs, rhs);
        let number = match self.unit.options.target.width {
            PtrWidth::W64 => self.b.intrinsic_without_nan(op, &[ty], &[lhs, rhs]),
            // LLVM's expansion takes the bits of an f64 as one integer, for which these machines have
            // no comparison, or calls a function of C23.
            PtrWidth::W32 => self.compared_extremum(order(op), ty, lhs, rhs),
        };
        let value = self.b.select(unordered, sum, number);
        self.push(value);
        Ok(())
    }

    /// The lesser or greater of two numbers, for NaNs something.
    ///
    /// The two orders of comparing differ only for zeros of different sign and for NaNs. The bits of
    /// such zeros combine to the right one.
    pub(super) fn compared_extremum(
        &self,
        op: FloatCompare,
        ty: Type,
        lhs: Value<'c>,
        rhs: Value<'c>,
    ) -> Value<'c> {
        let combine = match op {
            FloatCompare::Olt => Binary::Or,
            _ => Binary::And,
        };
        let bits = |value| self.b.cast(Cast::BitCast, value, ty.integers());
        let one = bits(self.preferred(op, lhs, rhs));
        let other = bits(self.preferred(op, rhs, lhs));
        let number = self.b.binary(combine, one, other);
        self.b.cast(Cast::BitCast, number, ty)
    }

    /// The first value where it compares so with the second, else the second: one instruction on
    /// machines whose `min` and `max` are defined by a comparison.
    pub(super) fn preferred(
        &self,
        op: FloatCompare,
        first: Value<'c>,
        second: Value<'c>,
    ) -> Value<'c> {
        let holds = self.b.fcmp(op, first, second);
        self.b.select(holds, first, second)
    }

    pub(super) fn float_compare(&mut self, op: FloatCompare) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_array()?;
        let value = self.b.fcmp(op, lhs, rhs);
        self.push_bool(value);
        Ok(())
    }

    pub(super) fn negate(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        let value = self.b.fneg(value);
        self.push(value);
        Ok(())
    }

    pub(super) fn copysign(&mut self, ty: Type) -> Result<(), CompileError> {
        let [magnitude, sign] = self.pop_array()?;
        let value = self
            .b
            .intrinsic(Intrinsic::Copysign, &[ty], &[magnitude, sign]);
        self.push(value);
        Ok(())
    }
}

/// The comparison that the lesser or greater number wins.
fn order(extremum: Intrinsic) -> FloatCompare {
    match extremum {
        Intrinsic::Minimum => FloatCompare::Olt,
        _ => FloatCompare::Ogt,
    }
}
