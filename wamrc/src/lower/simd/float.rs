//! Floating-point operators on lanes (core spec 4.3.3), with the NaN rules of `lower/float.rs`.

use crate::error::CompileError;
use crate::llvm::{Binary, Cast, FloatCompare, Type};
use crate::lower::function::FunctionLowering;

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
        let value = self.b.cast(Cast::SExt, lanes, shape.integers());
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

    /// `min` and `max`: a NaN operand gives a quiet NaN, and -0 is less than +0.
    pub(super) fn lane_extremum(
        &mut self,
        op: FloatCompare,
        shape: Type,
    ) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(shape)?;
        let number = self.compared_extremum(op, shape, lhs, rhs);
        let unordered = self.b.fcmp(FloatCompare::Uno, lhs, rhs);
        let sum = self.b.binary(Binary::FAdd, lhs, rhs);
        let value = self.b.select(unordered, sum, number);
        self.push_lanes(value);
        Ok(())
    }
}
