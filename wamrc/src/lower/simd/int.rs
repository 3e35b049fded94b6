//! Integer operators on lanes (core spec 4.3.2).
//!
//! Each is spelled in the form that LLVM recognises as one instruction where machines have it
//! (averages, narrowing, dot products, high products) and expands well where not.

use crate::error::CompileError;
use crate::llvm::{Binary, Cast, IntCompare, Intrinsic, Lane, Type, Value};
use crate::lower::function::FunctionLowering;
use crate::lower::memory::Widen;

use super::lane::Half;

/// The shape whose lanes are twice as wide, and half as many.
fn wider(shape: Type) -> Type {
    match shape {
        Type::Vector(lane, count) => Type::Vector(lane.wider(), count / 2),
        scalar => scalar,
    }
}

/// As many lanes, twice as wide: 256 bits.
fn doubled(shape: Type) -> Type {
    match shape {
        Type::Vector(lane, count) => Type::Vector(lane.wider(), count),
        scalar => scalar,
    }
}

fn extension(widen: Widen) -> Cast {
    match widen {
        Widen::Unsigned => Cast::ZExt,
        Widen::Whole | Widen::Signed => Cast::SExt,
    }
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn lane_binary(&mut self, op: Binary, shape: Type) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(shape)?;
        let value = self.b.binary(op, lhs, rhs);
        self.push_lanes(value);
        Ok(())
    }

    /// An intrinsic with two operands.
    pub(super) fn lane_intrinsic(
        &mut self,
        op: Intrinsic,
        shape: Type,
    ) -> Result<(), CompileError> {
        let operands: [_; 2] = self.pop_lanes_array(shape)?;
        let value = self.b.intrinsic(op, &[shape], &operands);
        self.push_lanes(value);
        Ok(())
    }

    /// An intrinsic with one operand, integer or float.
    pub(super) fn lane_unary(&mut self, op: Intrinsic, shape: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let value = self.b.intrinsic(op, &[shape], &[value]);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn lane_abs(&mut self, shape: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let least_is_poison = self.b.int(Type::Bool, 0);
        let operands = [value, least_is_poison];
        let value = self.b.intrinsic(Intrinsic::Abs, &[shape], &operands);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn lane_negate(&mut self, shape: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let value = self.b.binary(Binary::Sub, self.b.zero(shape), value);
        self.push_lanes(value);
        Ok(())
    }

    /// All ones where the comparison holds.
    pub(super) fn lane_compare(&mut self, op: IntCompare, shape: Type) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(shape)?;
        let lanes = self.b.icmp(op, lhs, rhs);
        let value = self.b.cast(Cast::SExt, lanes, shape);
        self.push_lanes(value);
        Ok(())
    }

    /// Shift by the count modulo the lanes' width.
    pub(super) fn lane_shift(&mut self, op: Binary, shape: Type) -> Result<(), CompileError> {
        let count = self.pop()?;
        let value = self.pop_lanes(shape)?;
        let mask = self.b.int(Type::I32, (shape.scalar().bits() - 1).into());
        let count = self.b.binary(Binary::And, count, mask);
        let count = self.b.cast(resized(shape), count, shape.scalar());
        let count = self.splat_of(count, shape);
        let value = self.b.binary(op, value, count);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn vector_not(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        let value = self.complement(value);
        self.push(value);
        Ok(())
    }

    fn complement(&self, value: Value<'c>) -> Value<'c> {
        let ones = self.vector_constant(u128::MAX);
        self.b.binary(Binary::Xor, value, ones)
    }

    pub(super) fn vector_and_not(&mut self) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_array()?;
        let rhs = self.complement(rhs);
        let value = self.b.binary(Binary::And, lhs, rhs);
        self.push(value);
        Ok(())
    }

    /// Bits of the first operand where the third is one, else of the second.
    pub(super) fn bitselect(&mut self) -> Result<(), CompileError> {
        let [ones, zeros, mask] = self.pop_array()?;
        let from_ones = self.b.binary(Binary::And, ones, mask);
        let not = self.complement(mask);
        let from_zeros = self.b.binary(Binary::And, zeros, not);
        let value = self.b.binary(Binary::Or, from_ones, from_zeros);
        self.push(value);
        Ok(())
    }

    pub(super) fn any_true(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        let bits = self.b.cast(Cast::BitCast, value, Type::I128);
        let any = self.b.icmp(IntCompare::Ne, bits, self.b.zero(Type::I128));
        self.push_bool(any);
        Ok(())
    }

    pub(super) fn all_true(&mut self, shape: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let zeros = self.b.icmp(IntCompare::Eq, value, self.b.zero(shape));
        let zeros = self.b.mask(zeros);
        let none = self.b.zero(Type::I32);
        let all = self.b.icmp(IntCompare::Eq, zeros, none);
        self.push_bool(all);
        Ok(())
    }

    pub(super) fn bitmask(&mut self, shape: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let signs = self.b.icmp(IntCompare::Slt, value, self.b.zero(shape));
        let mask = self.b.mask(signs);
        self.push(mask);
        Ok(())
    }

    /// The mean, rounded up.
    pub(super) fn lane_average(&mut self, shape: Type) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(shape)?;
        let wide = doubled(shape);
        let lhs = self.b.cast(Cast::ZExt, lhs, wide);
        let rhs = self.b.cast(Cast::ZExt, rhs, wide);
        let one = self.constant_lanes(wide, 1);
        let sum = self.b.binary(Binary::Add, lhs, rhs);
        let sum = self.b.binary(Binary::Add, sum, one);
        let mean = self.b.binary(Binary::LShr, sum, one);
        let value = self.b.cast(Cast::Trunc, mean, shape);
        self.push_lanes(value);
        Ok(())
    }

    /// Half of the lanes, twice as wide.
    pub(super) fn extended(&self, half: Half, widen: Widen, value: Value<'c>) -> Value<'c> {
        let shape = self.b.type_of(value);
        let value = self.half(half, value);
        self.b.cast(extension(widen), value, wider(shape))
    }

    pub(super) fn lane_extend(
        &mut self,
        half: Half,
        widen: Widen,
        from: Type,
    ) -> Result<(), CompileError> {
        let value = self.pop_lanes(from)?;
        let value = self.extended(half, widen, value);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn extended_multiply(
        &mut self,
        half: Half,
        widen: Widen,
        from: Type,
    ) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(from)?;
        let lhs = self.extended(half, widen, lhs);
        let rhs = self.extended(half, widen, rhs);
        let value = self.b.binary(Binary::Mul, lhs, rhs);
        self.push_lanes(value);
        Ok(())
    }

    /// The sums of neighbouring lanes, which are the halves of the lanes of `shape`.
    pub(super) fn pairwise_add(&mut self, shift: Binary, shape: Type) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let value = self.pairwise_sum(shift, value);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn pairwise_sum(&self, shift: Binary, value: Value<'c>) -> Value<'c> {
        let (low, high) = self.pairs(shift, value);
        self.b.binary(Binary::Add, low, high)
    }

    /// The two halves of each lane, each as wide as the lane.
    pub(super) fn pairs(&self, shift: Binary, value: Value<'c>) -> (Value<'c>, Value<'c>) {
        let shape = self.b.type_of(value);
        let width = self.constant_lanes(shape, u64::from(shape.scalar().bits() / 2));
        let high = self.b.binary(shift, value, width);
        let raised = self.b.binary(Binary::Shl, value, width);
        (self.b.binary(shift, raised, width), high)
    }

    /// Narrows lanes, to the nearest value of half the width. The operands are signed either way.
    pub(super) fn narrow(&mut self, to: Widen, from: Type) -> Result<(), CompileError> {
        let [low, high] = self.pop_lanes_array(from)?;
        let both = self.joined(low, high);
        let wide = self.b.type_of(both);
        let bits = wide.scalar().bits();
        let all = u64::MAX >> (64 - bits);
        let (least, most) = match to {
            Widen::Unsigned => (0, all >> (bits / 2)),
            Widen::Whole | Widen::Signed => {
                let most = all >> (bits / 2 + 1);
                (all & !most, most)
            }
        };
        let most = self.constant_lanes(wide, most);
        let least = self.constant_lanes(wide, least);
        let value = self.b.intrinsic(Intrinsic::Smin, &[wide], &[both, most]);
        let value = self.b.intrinsic(Intrinsic::Smax, &[wide], &[value, least]);
        let narrow = match wide {
            Type::Vector(lane, count) => Type::Vector(lane.narrower(), count),
            scalar => scalar,
        };
        let value = self.b.cast(Cast::Trunc, value, narrow);
        self.push_lanes(value);
        Ok(())
    }

    /// The sums of the products of neighbouring lanes.
    pub(super) fn dot(&mut self) -> Result<(), CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(Type::I16X8)?;
        let wide = doubled(Type::I16X8);
        let lhs = self.b.cast(Cast::SExt, lhs, wide);
        let rhs = self.b.cast(Cast::SExt, rhs, wide);
        let products = self.b.binary(Binary::Mul, lhs, rhs);
        let even = self.shuffled(products, products, &[0, 2, 4, 6]);
        let odd = self.shuffled(products, products, &[1, 3, 5, 7]);
        let value = self.b.binary(Binary::Add, even, odd);
        self.push_lanes(value);
        Ok(())
    }

    /// Products of Q15 numbers, rounded; the one that does not fit becomes the least number.
    pub(super) fn q15_product(&mut self) -> Result<Value<'c>, CompileError> {
        let [lhs, rhs] = self.pop_lanes_array(Type::I16X8)?;
        let wide = doubled(Type::I16X8);
        let lhs = self.b.cast(Cast::SExt, lhs, wide);
        let rhs = self.b.cast(Cast::SExt, rhs, wide);
        let product = self.b.binary(Binary::Mul, lhs, rhs);
        // Twice the product, rounded, halved: the form of the machines' instructions.
        let fraction = self.constant_lanes(wide, 14);
        let one = self.constant_lanes(wide, 1);
        let product = self.b.binary(Binary::LShr, product, fraction);
        let product = self.b.binary(Binary::Add, product, one);
        let product = self.b.binary(Binary::LShr, product, one);
        Ok(self.b.cast(Cast::Trunc, product, Type::I16X8))
    }

    pub(super) fn q15_multiply_saturating(&mut self) -> Result<(), CompileError> {
        let product = self.q15_product()?;
        // Only the square of the least number gives the least number: its complement is the greatest.
        let least = self.constant_lanes(Type::I16X8, 1 << 15);
        let overflow = self.b.icmp(IntCompare::Eq, product, least);
        let overflow = self.b.cast(Cast::SExt, overflow, Type::I16X8);
        let value = self.b.binary(Binary::Xor, product, overflow);
        self.push_lanes(value);
        Ok(())
    }
}

/// How an i32 becomes as wide as a lane.
fn resized(shape: Type) -> Cast {
    match shape {
        Type::Vector(Lane::I64, _) => Cast::ZExt,
        _ => Cast::Trunc,
    }
}
