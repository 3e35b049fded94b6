//! Conversions (core spec 4.3.4; spec D.9).

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Binary, Cast, FloatCompare, Intrinsic, Operation, Type, Value};
use aot_format::abi::traps::TrapId;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn convert(&mut self, op: Cast, to: Type) -> Result<(), CompileError> {
        let value = self.pop()?;
        let value = self.b.cast(op, value, to);
        self.push(value);
        Ok(())
    }

    /// f64 to f32. LLVM folds the demotion of a promotion to nothing, which would leave a signalling
    /// NaN as it is.
    pub(super) fn demote(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        let value = match self.b.operand_of(value, Cast::FpExt) {
            Some(single) => self
                .b
                .intrinsic(Intrinsic::Canonicalize, &[Type::F32], &[single]),
            None => self.b.cast(Cast::FpTrunc, value, Type::F32),
        };
        self.push(value);
        Ok(())
    }

    /// Float to integer, trapping on NaN and on values outside of the integer's range.
    pub(super) fn truncate(&mut self, op: Cast, from: Type, to: Type) -> Result<(), CompileError> {
        let value = self.pop()?;
        let (low, low_compare, high) = limits(op, from, to);
        let low = self.b.float(from, low);
        let high = self.b.float(from, high);
        let above = self.b.fcmp(low_compare, value, low);
        let below = self.b.fcmp(FloatCompare::Olt, value, high);
        let fits = self.b.binary(Binary::And, above, below);
        self.trap_bad_float(fits, value);
        let value = self.b.cast(op, value, to);
        self.push(value);
        Ok(())
    }

    /// Traps unless the `Bool` is set: with one kind for NaN, another for numbers out of range.
    fn trap_bad_float(&mut self, fits: Value<'c>, value: Value<'c>) {
        let bad = self.b.block("range");
        let next = self.b.block("");
        self.b.branch_mostly(fits, next, bad);
        let nan = self.trap_block(TrapId::InvalidConversionToInteger);
        let range = self.trap_block(TrapId::IntegerOverflow);
        self.b.continue_at(bad);
        let is_nan = self.b.fcmp(FloatCompare::Uno, value, value);
        self.b.branch(is_nan, nan, range);
        self.b.continue_at(next);
    }

    /// Float to integer, NaN to 0, values out of range to the nearest integer.
    pub(super) fn truncate_saturating(
        &mut self,
        op: Intrinsic,
        from: Type,
        to: Type,
    ) -> Result<(), CompileError> {
        let value = self.pop()?;
        let cast = match op {
            Intrinsic::FptosiSat => Cast::FpToSi,
            _ => Cast::FpToUi,
        };
        let value = match self.unit.llvm.routine(Operation::Cast(cast, from, to)) {
            Some(_) => self.saturate(cast, value, from, to),
            None => self.b.intrinsic(op, &[to, from], &[value]),
        };
        self.push(value);
        Ok(())
    }

    /// What a function of the runtime makes of numbers in range, the nearest integer for others.
    fn saturate(&self, op: Cast, value: Value<'c>, from: Type, to: Type) -> Value<'c> {
        let (low, low_compare, high) = limits(op, from, to);
        let (least, greatest) = match op {
            Cast::FpToSi => (1 << (to.bits() - 1), u64::MAX >> (65 - to.bits())),
            _ => (0, u64::MAX >> (64 - to.bits())),
        };
        let above = self.b.fcmp(low_compare, value, self.b.float(from, low));
        let below = self
            .b
            .fcmp(FloatCompare::Olt, value, self.b.float(from, high));
        let is_nan = self.b.fcmp(FloatCompare::Uno, value, value);
        let number = self.b.cast(op, value, to);
        let number = self.b.select(below, number, self.b.int(to, greatest));
        let number = self.b.select(above, number, self.b.int(to, least));
        self.b.select(is_nan, self.b.int(to, 0), number)
    }
}

/// The open or closed lower end and the open upper end of the floats that truncate into range, as
/// bits: a value fits if it compares so with the first and is less than the last.
fn limits(op: Cast, from: Type, to: Type) -> (u64, FloatCompare, u64) {
    let signed = op == Cast::FpToSi;
    let exponent = if signed { to.bits() - 1 } else { to.bits() };
    // Powers of two are exact in both formats.
    let power = 2.0_f64.powi(i32::try_from(exponent).unwrap_or(0));
    let (low, compare) = match (signed, from, to) {
        (false, ..) => (-1.0, FloatCompare::Ogt),
        // One below the least i32 is a double, so that values between them, which truncate to the
        // least i32, must be let through.
        (true, Type::F64, Type::I32) => (-power - 1.0, FloatCompare::Ogt),
        (true, ..) => (-power, FloatCompare::Oge),
    };
    (float_bits(from, low), compare, float_bits(from, power))
}

fn float_bits(ty: Type, value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the values are exact in f32"
    )]
    match ty {
        Type::F32 => u64::from((value as f32).to_bits()),
        _ => value.to_bits(),
    }
}
