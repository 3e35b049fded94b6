//! Memory size and bulk memory operators (core spec 3.3.7; spec D.3, D.4).
//!
//! Ranges are checked here in either bounds mode, then copied or filled by LLVM's intrinsics; data
//! segments are the runtime's business.

use super::function::FunctionLowering;
use super::memory::PAGE;
use crate::error::CompileError;
use crate::llvm::{Binary, Cast, IntCompare, Type, Value};
use crate::wasm::MemoryIdx;
use aot_format::abi::builtins::Builtin;
use aot_format::abi::traps::TrapId;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn memory_size_pages(&mut self, index: u32) -> Result<(), CompileError> {
        let memory = self.memory(MemoryIdx(index))?;
        let pages = self.memory_pages(&memory)?;
        self.push(pages);
        Ok(())
    }

    pub(super) fn memory_grow(&mut self, index: u32) -> Result<(), CompileError> {
        let pages = self.pop()?;
        let memory = self.memory(MemoryIdx(index))?;
        let old = self.memory_pages(&memory)?;
        let instance = self.instance();
        let answer = self.helper(Builtin::AotEnlargeMemory, &[instance, pages]);
        let answer = answer.ok_or_else(|| self.internal("no answer"))?;
        let refused = self.is_false(answer);
        let minus_one = self.b.int(Type::I32, u64::from(u32::MAX));
        let value = self.b.select(refused, minus_one, old);
        self.push(value);
        Ok(())
    }

    pub(super) fn memory_copy(&mut self, to: u32, from: u32) -> Result<(), CompileError> {
        let [destination, source, length] = self.pop_array()?;
        let source = self.range(MemoryIdx(from), source, length)?;
        let destination = self.range(MemoryIdx(to), destination, length)?;
        let length = self.b.cast(Cast::ZExt, length, self.unit.size_type());
        self.b.memmove(destination, source, length);
        Ok(())
    }

    pub(super) fn memory_fill(&mut self, index: u32) -> Result<(), CompileError> {
        let [destination, value, length] = self.pop_array()?;
        let destination = self.range(MemoryIdx(index), destination, length)?;
        let byte = self.b.cast(Cast::Trunc, value, Type::I8);
        let length = self.b.cast(Cast::ZExt, length, self.unit.size_type());
        self.b.memset(destination, byte, length);
        Ok(())
    }

    /// The machine address of a range of linear memory, after checking it.
    fn range(
        &mut self,
        index: MemoryIdx,
        start: Value<'c>,
        length: Value<'c>,
    ) -> Result<Value<'c>, CompileError> {
        let memory = self.memory(index)?;
        let least = u64::from(memory.min_pages) * PAGE;
        let constants = (self.b.constant_int(start), self.b.constant_int(length));
        let inside = matches!(constants, (Some(start), Some(length))
            if start.saturating_add(length) <= least);
        let start = self.b.cast(Cast::ZExt, start, Type::I64);
        if !inside {
            // Both are 32 bits wide, so the sum of 64 bits cannot wrap.
            let length = self.b.cast(Cast::ZExt, length, Type::I64);
            let end = self.b.binary(Binary::Add, start, length);
            let size = self.memory_size(&memory)?;
            let outside = self.b.icmp(IntCompare::Ugt, end, size);
            self.trap_if(outside, TrapId::OutOfBoundsMemoryAccess);
        }
        let base = self.memory_base(&memory)?;
        let index = self.b.cast(Cast::Trunc, start, self.unit.size_type());
        Ok(self.b.index(base, index))
    }

    pub(super) fn memory_init(&mut self, segment: u32) -> Result<(), CompileError> {
        let [destination, source, length] = self.pop_array()?;
        let instance = self.instance();
        let segment = self.b.int(Type::I32, segment.into());
        let destination = self.b.cast(Cast::ZExt, destination, self.unit.size_type());
        let args = [instance, segment, source, length, destination];
        let answer = self.helper(Builtin::AotMemoryInit, &args);
        if self.unit.plan.checks.traps_unwind() {
            // Stock's helper returns after a bad range, with nothing but a text set.
            let answer = answer.ok_or_else(|| self.internal("no answer"))?;
            let failed = self.is_false(answer);
            self.trap_if(failed, TrapId::OutOfBoundsMemoryAccess);
        } else {
            self.leave_if_false(answer);
        }
        Ok(())
    }

    pub(super) fn data_drop(&mut self, segment: u32) {
        let instance = self.instance();
        let segment = self.b.int(Type::I32, segment.into());
        let _always_true = self.helper(Builtin::AotDataDrop, &[instance, segment]);
    }
}
