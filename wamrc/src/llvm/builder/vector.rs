//! Vectors: constants, lanes, shuffles.
//!
//! Lanes are counted as LLVM counts them: lane 0 has the lowest address.

use super::{Builder, built, constant_lane};
use crate::llvm::context::Value;
use crate::llvm::instruction::Cast;
use crate::llvm::types::{Lane, Type};
use inkwell::types::{BasicTypeEnum, VectorType};
use inkwell::values::BasicValueEnum;
use std::num::NonZeroU32;

impl<'c> Builder<'_, 'c> {
    /// A constant vector from the bits of its lanes.
    #[must_use]
    pub fn vector(&self, lane: Lane, lanes: &[u64]) -> Value<'c> {
        let values: Vec<_> = lanes
            .iter()
            .map(|bits| self.constant(lane.scalar(), *bits).0)
            .collect();
        Value(VectorType::const_vector(&values).into())
    }

    /// A constant vector with the same bits in each lane; a constant scalar if `ty` is one.
    #[must_use]
    pub fn constant(&self, ty: Type, bits: u64) -> Value<'c> {
        match ty {
            Type::Vector(lane, count) => self.vector(lane, &vec![bits; count.into()]),
            Type::F32 | Type::F64 => self.float_constant(ty, bits),
            _ => self.int(ty, bits),
        }
    }

    /// A vector with the same scalar in each lane.
    #[must_use]
    pub fn splat(&self, scalar: Value<'c>, lane: Lane, count: u8) -> Value<'c> {
        let ty = Type::Vector(lane, count);
        let single = self.insert_lane(self.poison(ty), scalar, 0);
        self.shuffle(single, self.poison(ty), &vec![0; count.into()])
    }

    /// A vector of no particular value, all of which must be replaced.
    #[must_use]
    pub fn poison(&self, ty: Type) -> Value<'c> {
        match self.basic(ty) {
            BasicTypeEnum::VectorType(vector) => Value(vector.get_poison().into()),
            other => Value(other.const_zero()),
        }
    }

    /// One lane.
    #[must_use]
    pub fn extract_lane(&self, vector: Value<'c>, lane: u8) -> Value<'c> {
        let position = self.int(Type::I64, lane.into());
        self.extract(vector, position)
    }

    /// The lane at a position that is known at run time only; less than the number of lanes.
    #[must_use]
    pub fn extract(&self, vector: Value<'c>, position: Value<'c>) -> Value<'c> {
        let vector = vector.0.into_vector_value();
        let position = position.0.into_int_value();
        Value(built(
            self.inner.build_extract_element(vector, position, ""),
        ))
    }

    /// The vector with one lane replaced.
    #[must_use]
    pub fn insert_lane(&self, vector: Value<'c>, scalar: Value<'c>, lane: u8) -> Value<'c> {
        let vector = vector.0.into_vector_value();
        let position = self.int(Type::I64, lane.into()).0.into_int_value();
        let built = built(
            self.inner
                .build_insert_element(vector, scalar.0, position, ""),
        );
        Value(built.into())
    }

    /// Lanes of two vectors of one type, those of the second counted on from those of the first.
    #[must_use]
    pub fn shuffle(&self, first: Value<'c>, second: Value<'c>, lanes: &[u8]) -> Value<'c> {
        let (first, second) = (first.0.into_vector_value(), second.0.into_vector_value());
        let word = self.module.context.inner().i32_type();
        let mask: Vec<_> = lanes
            .iter()
            .map(|lane| word.const_int((*lane).into(), false))
            .collect();
        let mask = VectorType::const_vector(&mask);
        Value(built(self.inner.build_shuffle_vector(first, second, mask, "")).into())
    }

    /// A vector of at most 32 `Bool` as the bits of an i32: on little-endian machines lane 0 in the lowest
    /// bit, on big-endian ones the last lane.
    #[must_use]
    pub fn mask(&self, lanes: Value<'c>) -> Value<'c> {
        let lanes = lanes.0.into_vector_value();
        let width = NonZeroU32::new(lanes.get_type().get_size());
        let width = width.expect("invariant: vectors have lanes");
        let context = self.module.context.inner();
        let bits = context.custom_width_int_type(width);
        let bits = bits.expect("invariant: LLVM has integers of up to 2^23 bits");
        let mask = built(self.inner.build_bit_cast(lanes, bits, ""));
        self.cast(Cast::ZExt, Value(mask), Type::I32)
    }

    /// The bits of each lane if the vector is a constant of integers.
    #[must_use]
    pub fn constant_lanes(&self, vector: Value<'c>) -> Option<Vec<u64>> {
        let BasicValueEnum::VectorValue(vector) = vector.0 else {
            return None;
        };
        let lanes = 0..vector.get_type().get_size();
        lanes
            .map(|lane| self.constant_int(constant_lane(vector, lane)?))
            .collect()
    }
}
