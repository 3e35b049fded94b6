//! Floating-point operators on lanes (core spec 4.3.3), with the NaN rules of `lower/float.rs`.

use crate::error::CompileError;
use crate::llvm::{Binary, Cast, FloatCompare, Type, Value};
use crate::lower::function::FunctionLowering;

/// The shape of integers with lanes as wide.
pub(super) fn integers(shape: Type) -> Type {
    match shape {
        Type::Vector(lane, count) => Type::Vector(lane.integer(), count),
        scalar => scalar,
    }
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn lane_float_binary(
        &mut self,
        op: Binary,
        shape: Type,
    ) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(shape)?;
        let value = self.float_result(op, shape, lhs, rhs);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn lane_float_negate(&mut self, shape: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let value = self.b.fneg(value);
        self.push_lanes(value);
        Ok(())
    }

    /// All ones where the comparison holds.
    pub(super) fn lane_float_compare(
        &mut self,
        op: FloatCompare,
        shape: Type,
    ) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(shape)?;
        let lanes = self.b.fcmp(op, lhs, rhs);
        let value = self.b.cast(Cast::SExt, lanes, integers(shape));
        self.push_lanes(value);
        Ok(())
    }

    /// `pmin` and `pmax`: the second operand if it compares so with the first, else the first.
    pub(super) fn pseudo_extremum(
        &mut self,
        op: FloatCompare,
        shape: Type,
    ) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(shape)?;
        let value = self.preferred(op, rhs, lhs);
        self.push_lanes(value);
        Ok(())
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

    /// `min` and `max`: a NaN operand gives a quiet NaN, and -0 is less than +0.
    ///
    /// The two orders of comparing differ only for zeros of different sign and for NaNs. The bits of
    /// such zeros combine to the right one; NaNs are replaced by the sum, which is quiet.
    pub(super) fn lane_extremum(
        &mut self,
        op: FloatCompare,
        shape: Type,
    ) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(shape)?;
        let combine = match op {
            FloatCompare::Olt => Binary::Or,
            _ => Binary::And,
        };
        let bits = |value| self.b.cast(Cast::BitCast, value, integers(shape));
        let one = bits(self.preferred(op, lhs, rhs));
        let other = bits(self.preferred(op, rhs, lhs));
        let number = self.b.binary(combine, one, other);
        let number = self.b.cast(Cast::BitCast, number, shape);
        let unordered = self.b.fcmp(FloatCompare::Uno, lhs, rhs);
        let sum = self.b.binary(Binary::FAdd, lhs, rhs);
        let value = self.b.select(unordered, sum, number);
        self.push_lanes(value);
        Ok(())
    }
}
