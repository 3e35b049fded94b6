//! Conversions between lanes of integers and floats (core spec 4.3.4).

use super::lane::Half;
use crate::error::CompileError;
use crate::llvm::{Cast, FloatCompare, Intrinsic, Lane, Type, Value};
use crate::lower::function::FunctionLowering;
use targets::Extremes;

/// What a saturating conversion to 32 bits compares with, as bits of the source format.
struct Range {
    /// The least integer.
    least: u64,
    /// The greatest number that truncates into range.
    most: u64,
    /// What the greatest integer is, if `most` does not truncate to it: the first number above `most`,
    /// and the integer.
    above: Option<(u64, u64)>,
}

fn range(op: Cast, from: Lane) -> Range {
    match (op, from) {
        (Cast::FpToSi, Lane::F32) => Range {
            least: (-2_147_483_648.0_f32).to_bits().into(),
            most: 2_147_483_520.0_f32.to_bits().into(),
            above: Some((2_147_483_648.0_f32.to_bits().into(), 0x7fff_ffff)),
        },
        (Cast::FpToSi, _) => Range {
            least: (-2_147_483_648.0_f64).to_bits(),
            most: 2_147_483_647.0_f64.to_bits(),
            above: None,
        },
        (_, Lane::F32) => Range {
            least: 0,
            most: 4_294_967_040.0_f32.to_bits().into(),
            above: Some((4_294_967_296.0_f32.to_bits().into(), 0xffff_ffff)),
        },
        _ => Range {
            least: 0,
            most: 4_294_967_295.0_f64.to_bits(),
            above: None,
        },
    }
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// To 32-bit integers, NaN to 0, numbers out of range to the nearest integer; the missing lanes are
    /// zero. Not LLVM's saturating conversion, which takes lanes one by one on machines without it.
    pub(super) fn lane_truncate(&mut self, op: Cast, from: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(from)?;
        let Type::Vector(lane, count) = from else {
            return Err(self.internal("conversion"));
        };
        let range = range(op, lane);
        let least = self.constant_lanes(from, range.least);
        let most = self.constant_lanes(from, range.most);
        // The comparisons are false for NaN. The first lets NaN become zero: for unsigned integers
        // that is the least number anyway.
        let number = match op {
            Cast::FpToSi => {
                let number = self.number_or_zero(value, from);
                let number = self.preferred(FloatCompare::Olt, number, most);
                self.preferred(FloatCompare::Ogt, number, least)
            }
            _ => {
                let value = match self.unit.options.target.extremes {
                    Extremes::Number => value,
                    Extremes::Nan => self.number_or_zero(value, from),
                };
                let number = self.preferred(FloatCompare::Ogt, value, least);
                self.preferred(FloatCompare::Olt, number, most)
            }
        };
        let to = Type::Vector(Lane::I32, count);
        let mut result = self.b.cast(op, number, to);
        if let Some((above, integer)) = range.above {
            let above = self.constant_lanes(from, above);
            let above = self.b.fcmp(FloatCompare::Oge, value, above);
            let greatest = self.constant_lanes(to, integer);
            result = self.b.select(above, greatest, result);
        }
        self.push_padded(result);
        Ok(())
    }

    /// The lanes, with zeros for NaNs.
    fn number_or_zero(&self, value: Value<'c>, ty: Type) -> Value<'c> {
        let zero = self.b.zero(ty);
        let ordered = self.b.fcmp(FloatCompare::Ord, value, zero);
        self.b.select(ordered, value, zero)
    }

    /// Pushes a vector of 64 or 128 bits, with lanes of zero to make it 128.
    fn push_padded(&mut self, value: Value<'c>) {
        let ty = self.b.type_of(value);
        let value = match ty.bits() {
            64 => self.joined(value, self.b.zero(ty)),
            _ => value,
        };
        self.push_lanes(value);
    }

    pub(super) fn lane_convert(&mut self, op: Cast) -> Result<(), CompileError> {
        let value = self.pop_lanes(Type::I32X4)?;
        let value = self.b.cast(op, value, Type::F32X4);
        self.push_lanes(value);
        Ok(())
    }

    /// The two low lanes to binary64.
    pub(super) fn convert_low(&mut self, op: Cast, from: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(from)?;
        let value = self.half(Half::Low, value);
        let value = self.b.cast(op, value, Type::F64X2);
        self.push_lanes(value);
        Ok(())
    }

    /// As `demote` in `lower/convert.rs`.
    pub(super) fn demote_zero(&mut self) -> Result<(), CompileError> {
        let mut value = self.pop_lanes(Type::F64X2)?;
        if self.b.operand_of(value, Cast::FpExt).is_some() {
            // Before it becomes two lanes of 32 bits: LLVM cannot legalise the intrinsic on those, nor on four of which it sees
            // that two are used.
            let canonicalize = Intrinsic::Canonicalize;
            value = self.b.intrinsic(canonicalize, &[Type::F64X2], &[value]);
        }
        let single = Type::Vector(Lane::F32, 2);
        let value = self.b.cast(Cast::FpTrunc, value, single);
        self.push_padded(value);
        Ok(())
    }
}
