//! Integer operators with traps or without a machine equivalent (core spec 4.3.2; spec D.9).

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Binary, Cast, IntCompare, Intrinsic, Type, Value};
use aot_format::abi::traps::TrapId;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn binary(&mut self, op: Binary) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_array()?;
        let value = self.b.binary(op, lhs, rhs);
        self.push(value);
        Ok(())
    }

    pub(super) fn compare(&mut self, op: IntCompare) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_array()?;
        let value = self.b.icmp(op, lhs, rhs);
        self.push_bool(value);
        Ok(())
    }

    pub(super) fn eqz(&mut self, ty: Type) -> Result<(), CompileError> {
        let value = self.pop()?;
        let zero = self.b.zero(ty);
        let value = self.b.icmp(IntCompare::Eq, value, zero);
        self.push_bool(value);
        Ok(())
    }

    /// Pushes a `Bool` as i32.
    pub(super) fn push_bool(&mut self, value: Value<'c>) {
        let value = self.b.cast(Cast::ZExt, value, Type::I32);
        self.push(value);
    }

    /// Shift by the count modulo the width.
    pub(super) fn shift(&mut self, op: Binary, ty: Type) -> Result<(), CompileError> {
        let [value, count] = self.pop_array()?;
        let mask = self.b.int(ty, u64::from(ty.bits() - 1));
        let count = self.b.binary(Binary::And, count, mask);
        let value = self.b.binary(op, value, count);
        self.push(value);
        Ok(())
    }

    /// Rotation: a funnel shift of a value with itself.
    pub(super) fn rotate(&mut self, op: Intrinsic, ty: Type) -> Result<(), CompileError> {
        let [value, count] = self.pop_array()?;
        let value = self.b.intrinsic(op, &[ty], &[value, value, count]);
        self.push(value);
        Ok(())
    }

    /// Leading or trailing zeros; the width for zero.
    pub(super) fn count_zeros(&mut self, op: Intrinsic, ty: Type) -> Result<(), CompileError> {
        let value = self.pop()?;
        let zero_is_defined = self.b.int(Type::Bool, 0);
        let value = self.b.intrinsic(op, &[ty], &[value, zero_is_defined]);
        self.push(value);
        Ok(())
    }

    /// An intrinsic with one operand of the result's type.
    pub(super) fn unary(&mut self, op: Intrinsic, ty: Type) -> Result<(), CompileError> {
        let value = self.pop()?;
        let value = self.b.intrinsic(op, &[ty], &[value]);
        self.push(value);
        Ok(())
    }

    /// Division or remainder; traps on zero, and on the one quotient that does not fit.
    pub(super) fn divide(&mut self, op: Binary, ty: Type) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_array()?;
        let divisor = self.b.constant_int(rhs);
        let minus_one = u64::MAX >> (64 - ty.bits());
        if divisor.is_none_or(|divisor| divisor == 0) {
            let zero = self.b.zero(ty);
            let is_zero = self.b.icmp(IntCompare::Eq, rhs, zero);
            self.trap_if(is_zero, TrapId::IntegerDivideByZero);
        }
        let mut divisor_value = rhs;
        if divisor.is_none_or(|divisor| divisor == minus_one) {
            let minus_one = self.b.int(ty, minus_one);
            let is_minus_one = self.b.icmp(IntCompare::Eq, rhs, minus_one);
            match op {
                Binary::SDiv => {
                    let least = self.b.int(ty, 1 << (ty.bits() - 1));
                    let is_least = self.b.icmp(IntCompare::Eq, lhs, least);
                    let overflow = self.b.binary(Binary::And, is_least, is_minus_one);
                    self.trap_if(overflow, TrapId::IntegerOverflow);
                }
                Binary::SRem => {
                    // Anything modulo 1 is 0, as anything modulo -1, but without overflow.
                    let one = self.b.int(ty, 1);
                    divisor_value = self.b.select(is_minus_one, one, rhs);
                }
                _ => {}
            }
        }
        let value = self.b.binary(op, lhs, divisor_value);
        self.push(value);
        Ok(())
    }

    /// Sign extension of the low bits.
    pub(super) fn extend_low(&mut self, low: Type, ty: Type) -> Result<(), CompileError> {
        let value = self.pop()?;
        let value = self.b.cast(Cast::Trunc, value, low);
        let value = self.b.cast(Cast::SExt, value, ty);
        self.push(value);
        Ok(())
    }
}
