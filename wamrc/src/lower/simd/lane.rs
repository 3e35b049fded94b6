//! Lanes: how a v128 is held, single lanes, shuffles (core spec 4.3.2 "lanes").
//!
//! A v128 is held as if it were a 128-bit integer whose low bits are lane 0. On a little-endian machine
//! lane K of the specification is lane K of LLVM; on a big-endian one it is lane COUNT-1-K, in every
//! shape. So changing the shape is a bit cast everywhere, and only what names lanes looks at the byte
//! order: the functions here, which count lanes as the specification does.

use crate::error::CompileError;
use crate::llvm::{Cast, IntCompare, Lane, Type, Value};
use crate::lower::function::FunctionLowering;
use crate::lower::memory::Widen;
use targets::Endian;

/// Half of a vector's lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lower) enum Half {
    /// Those with the lower numbers.
    Low,
    /// Those with the higher numbers.
    High,
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// Pops a vector in the given shape.
    pub(super) fn pop_lanes(&mut self, shape: Type) -> Result<Value<'c>, CompileError> {
        let value = self.pop()?;
        Ok(self.in_shape(value, shape))
    }

    /// The topmost vectors in the given shape, lowest first.
    pub(super) fn pop_lanes_array<const N: usize>(
        &mut self,
        shape: Type,
    ) -> Result<[Value<'c>; N], CompileError> {
        let values = self.pop_array()?;
        Ok(values.map(|value| self.in_shape(value, shape)))
    }

    /// Pushes a vector of any shape.
    pub(super) fn push_lanes(&mut self, value: Value<'c>) {
        let value = self.b.cast(Cast::BitCast, value, Type::V128);
        self.push(value);
    }

    fn in_shape(&self, value: Value<'c>, shape: Type) -> Value<'c> {
        if let Some(original) = self.b.operand_of(value, Cast::BitCast)
            && self.b.type_of(original) == shape
        {
            return original;
        }
        if let Some(lanes) = self.b.constant_lanes(value) {
            let width = self.b.type_of(value).scalar().bits();
            let lanes = self.in_order(lanes).into_iter().rev();
            let bits = lanes.fold(0, |bits, lane| bits << width | u128::from(lane));
            return self.constant_in_shape(bits, shape);
        }
        self.b.cast(Cast::BitCast, value, shape)
    }

    /// A constant from the bits that the specification gives it.
    pub(in crate::lower) fn vector_constant(&self, bits: u128) -> Value<'c> {
        self.constant_in_shape(bits, Type::V128)
    }

    fn constant_in_shape(&self, bits: u128, shape: Type) -> Value<'c> {
        let Type::Vector(lane, count) = shape else {
            return self.b.zero(shape);
        };
        let width = lane.scalar().bits();
        let mask = u64::MAX >> (64 - width);
        #[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
        let lanes = (0..u32::from(count)).map(|lane| (bits >> (lane * width)) as u64 & mask);
        self.b.vector(lane, &self.in_order(lanes.collect()))
    }

    /// From the specification's order of lanes to LLVM's, or back.
    fn in_order<T>(&self, mut lanes: Vec<T>) -> Vec<T> {
        if self.unit.options.target.endian == Endian::Big {
            lanes.reverse();
        }
        lanes
    }

    /// LLVM's number of a lane in a vector of so many.
    pub(super) fn lane_number(&self, lane: u8, count: u8) -> u8 {
        match self.unit.options.target.endian {
            Endian::Little => lane,
            Endian::Big => count.saturating_sub(1).saturating_sub(lane),
        }
    }

    /// Lanes of two vectors of one shape; those of the second count on from those of the first.
    pub(super) fn shuffled(&self, first: Value<'c>, second: Value<'c>, lanes: &[u8]) -> Value<'c> {
        let count = self.b.type_of(first).lanes();
        let number = |lane: &u8| match lane.checked_sub(count) {
            None => self.lane_number(*lane, count),
            Some(lane) => count + self.lane_number(lane, count),
        };
        let lanes = lanes.iter().map(number).collect();
        self.b.shuffle(first, second, &self.in_order(lanes))
    }

    /// Half of the lanes.
    pub(super) fn half(&self, half: Half, value: Value<'c>) -> Value<'c> {
        let count = self.b.type_of(value).lanes();
        let lanes: Vec<u8> = match half {
            Half::Low => (0..count / 2).collect(),
            Half::High => (count / 2..count).collect(),
        };
        self.shuffled(value, value, &lanes)
    }

    /// The lanes of one vector, then those of another.
    pub(super) fn joined(&self, low: Value<'c>, high: Value<'c>) -> Value<'c> {
        let count = self.b.type_of(low).lanes() * 2;
        self.shuffled(low, high, &(0..count).collect::<Vec<_>>())
    }

    /// The same constant in each lane, given as the lane's bits.
    pub(super) fn constant_lanes(&self, shape: Type, bits: u64) -> Value<'c> {
        self.b.constant(shape, bits)
    }

    pub(super) fn splat(&mut self, shape: Type) -> Result<(), CompileError> {
        let scalar = self.pop()?;
        let value = self.splat_of(scalar, shape);
        self.push_lanes(value);
        Ok(())
    }

    /// The low bits of a scalar in each lane.
    pub(super) fn splat_of(&self, scalar: Value<'c>, shape: Type) -> Value<'c> {
        let Type::Vector(lane, count) = shape else {
            return scalar;
        };
        let scalar = self.b.cast(Cast::Trunc, scalar, lane.scalar());
        self.b.splat(scalar, lane, count)
    }

    pub(super) fn extract_lane(
        &mut self,
        widen: Widen,
        shape: Type,
        lane: u8,
    ) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let number = self.lane_number(lane, shape.lanes());
        let scalar = self.b.extract_lane(value, number);
        let scalar = match widen {
            Widen::Whole => scalar,
            Widen::Signed => self.b.cast(Cast::SExt, scalar, Type::I32),
            Widen::Unsigned => self.b.cast(Cast::ZExt, scalar, Type::I32),
        };
        self.push(scalar);
        Ok(())
    }

    pub(super) fn replace_lane(&mut self, shape: Type, lane: u8) -> Result<(), CompileError> {
        let scalar = self.pop()?;
        let value = self.pop_lanes(shape)?;
        let scalar = self.b.cast(Cast::Trunc, scalar, shape.scalar());
        let number = self.lane_number(lane, shape.lanes());
        let value = self.b.insert_lane(value, scalar, number);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn shuffle(&mut self, lanes: [u8; 16]) -> Result<(), CompileError> {
        let [first, second] = self.pop_lanes_array(Type::I8X16)?;
        let value = self.shuffled(first, second, &lanes);
        self.push_lanes(value);
        Ok(())
    }

    /// Bytes chosen by the second operand; zero for a choice past the last. Spelled lane by lane, which
    /// LLVM turns into a table look-up where the machine has one, with the choices masked so that none
    /// of them is undefined.
    pub(super) fn swizzle(&mut self) -> Result<(), CompileError> {
        let [bytes, choices] = self.pop_lanes_array(Type::I8X16)?;
        let Type::Vector(lane @ Lane::I8, count) = Type::I8X16 else {
            return Err(self.internal("swizzle"));
        };
        let last = self.b.vector(lane, &[u64::from(count) - 1; 16]);
        let mut masked = self.b.binary(crate::llvm::Binary::And, choices, last);
        if self.unit.options.target.endian == Endian::Big {
            masked = self.b.binary(crate::llvm::Binary::Xor, masked, last);
        }
        let mut chosen = self.b.poison(Type::I8X16);
        for number in 0..count {
            let choice = self.b.extract_lane(masked, number);
            let byte = self.b.extract(bytes, choice);
            chosen = self.b.insert_lane(chosen, byte, number);
        }
        let inside = self.b.icmp(IntCompare::Ule, choices, last);
        let zero = self.b.zero(Type::I8X16);
        let value = self.b.select(inside, chosen, zero);
        self.push_lanes(value);
        Ok(())
    }
}
