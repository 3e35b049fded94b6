//! Wide arithmetic: 128-bit sums, differences and products in two i64 halves, low half first.

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Binary, Cast, Type, Value};

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// `i64.add128` and `i64.sub128`.
    pub(super) fn wide_binary(&mut self, op: Binary) -> Result<(), CompileError> {
        let [lhs_low, lhs_high, rhs_low, rhs_high] = self.pop_array()?;
        let lhs = self.wide_value(lhs_low, lhs_high);
        let rhs = self.wide_value(rhs_low, rhs_high);
        let value = self.b.binary(op, lhs, rhs);
        self.push_wide(value);
        Ok(())
    }

    /// `i64.mul_wide_s` and `i64.mul_wide_u`: the whole product of two i64.
    pub(super) fn wide_multiply(&mut self, extension: Cast) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_array()?;
        let lhs = self.b.cast(extension, lhs, Type::I128);
        let rhs = self.b.cast(extension, rhs, Type::I128);
        let value = self.b.binary(Binary::Mul, lhs, rhs);
        self.push_wide(value);
        Ok(())
    }

    fn wide_value(&self, low: Value<'c>, high: Value<'c>) -> Value<'c> {
        let low = self.b.cast(Cast::ZExt, low, Type::I128);
        let high = self.b.cast(Cast::ZExt, high, Type::I128);
        let high = self.b.binary(Binary::Shl, high, self.b.int(Type::I128, 64));
        self.b.binary(Binary::Or, low, high)
    }

    fn push_wide(&mut self, value: Value<'c>) {
        let low = self.b.cast(Cast::Trunc, value, Type::I64);
        self.push(low);
        let high = self
            .b
            .binary(Binary::LShr, value, self.b.int(Type::I128, 64));
        let high = self.b.cast(Cast::Trunc, high, Type::I64);
        self.push(high);
    }
}
