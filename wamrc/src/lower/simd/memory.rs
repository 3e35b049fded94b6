//! Loads and stores of vectors and lanes (core spec 3.3.7).
//!
//! Accesses themselves are those of `lower/memory.rs`: in the order of linear memory whatever the
//! machine's.

use crate::error::CompileError;
use crate::llvm::{Cast, Lane, Type};
use crate::lower::function::FunctionLowering;
use crate::lower::memory::Widen;
use wasmparser::MemArg;

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
}
