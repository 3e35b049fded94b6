//! Loads and stores of vectors and lanes (core spec 3.3.7).
//!
//! Linear memory is little endian: on a big-endian machine the bytes of an access are reversed, which
//! puts lane 0 where `lane.rs` wants it whatever the shape.

use crate::error::CompileError;
use crate::llvm::{Cast, Intrinsic, Lane, Type, Value};
use crate::lower::function::FunctionLowering;
use crate::lower::memory::{Place, Widen};
use targets::Endian;
use wasmparser::MemArg;

/// The integer with as many bits.
fn integer(bits: u32) -> Type {
    match bits {
        8 => Type::I8,
        16 => Type::I16,
        32 => Type::I32,
        64 => Type::I64,
        _ => Type::I128,
    }
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn vector_load(&mut self, memarg: &MemArg) -> Result<(), CompileError> {
        let value = self.load_little(Type::V128, memarg)?;
        self.push(value);
        Ok(())
    }

    pub(super) fn vector_store(&mut self, memarg: &MemArg) -> Result<(), CompileError> {
        let value = self.pop()?;
        self.store_little(value, memarg)
    }

    /// 64 bits of lanes, each made twice as wide.
    pub(super) fn load_extend(
        &mut self,
        lane: Lane,
        widen: Widen,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let count = u8::try_from(64 / lane.scalar().bits()).unwrap_or(1);
        let value = self.load_little(Type::Vector(lane, count), memarg)?;
        let op = match widen {
            Widen::Unsigned => Cast::ZExt,
            Widen::Whole | Widen::Signed => Cast::SExt,
        };
        let value = self.b.cast(op, value, Type::Vector(lane.wider(), count));
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn load_splat(&mut self, shape: Type, memarg: &MemArg) -> Result<(), CompileError> {
        let scalar = self.load_little(shape.scalar(), memarg)?;
        let value = self.splat_of(scalar, shape);
        self.push_lanes(value);
        Ok(())
    }

    /// Lane 0 from memory, the others zero.
    pub(super) fn load_zero(&mut self, shape: Type, memarg: &MemArg) -> Result<(), CompileError> {
        let scalar = self.load_little(shape.scalar(), memarg)?;
        let number = self.lane_number(0, shape.lanes());
        let value = self.b.insert_lane(self.b.zero(shape), scalar, number);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn load_lane(
        &mut self,
        shape: Type,
        lane: u8,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let scalar = self.load_little(shape.scalar(), memarg)?;
        let number = self.lane_number(lane, shape.lanes());
        let value = self.b.insert_lane(value, scalar, number);
        self.push_lanes(value);
        Ok(())
    }

    pub(super) fn store_lane(
        &mut self,
        shape: Type,
        lane: u8,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let value = self.pop_lanes(shape)?;
        let number = self.lane_number(lane, shape.lanes());
        let scalar = self.b.extract_lane(value, number);
        self.store_little(scalar, memarg)
    }

    /// Pops an address and loads from there.
    fn load_little(&mut self, ty: Type, memarg: &MemArg) -> Result<Value<'c>, CompileError> {
        let Place { address, access } = self.pop_place(ty, memarg)?;
        if self.unit.options.target.endian == Endian::Little {
            return Ok(self.b.load(ty, address, access));
        }
        let bits = self.b.load(integer(ty.bits()), address, access);
        let bits = self.reversed(bits);
        Ok(self.b.cast(Cast::BitCast, bits, ty))
    }

    /// Pops an address and stores there.
    fn store_little(&mut self, value: Value<'c>, memarg: &MemArg) -> Result<(), CompileError> {
        let ty = self.b.type_of(value);
        let Place { address, access } = self.pop_place(ty, memarg)?;
        let value = match self.unit.options.target.endian {
            Endian::Little => value,
            Endian::Big => {
                let bits = self.b.cast(Cast::BitCast, value, integer(ty.bits()));
                self.reversed(bits)
            }
        };
        self.b.store(value, address, access);
        Ok(())
    }

    /// An integer with its bytes in the opposite order.
    fn reversed(&self, bits: Value<'c>) -> Value<'c> {
        match self.b.type_of(bits) {
            Type::I8 => bits,
            ty => self.b.intrinsic(Intrinsic::Bswap, &[ty], &[bits]),
        }
    }
}
