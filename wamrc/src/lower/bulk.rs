//! Memory size and bulk memory operators (core spec 3.3.7; spec D.3, D.4).
//!
//! Ranges are checked here in either bounds mode, then copied or filled by LLVM's intrinsics; data
//! segments are the runtime's business.

use super::function::FunctionLowering;
use super::memory::index_type;
use crate::error::CompileError;
use crate::llvm::{Binary, Cast, IntCompare, Type, Value};
use crate::plan::MemoryPlan;
use crate::wasm::{IndexType, MemoryIdx};
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
        let old = match memory.address {
            _ if !memory.fits_stock_grow() => self.grow_any(&memory, pages)?,
            IndexType::I32 => {
                let old = self.memory_pages(&memory)?;
                let refused = self.enlarge(pages)?;
                let minus_one = self.b.int(Type::I32, u64::from(u32::MAX));
                self.b.select(refused, minus_one, old)
            }
            IndexType::I64 => {
                let old = self.memory_pages(&memory)?;
                // No machine has this many pages: so many are refused, and more as well.
                let most = self.b.int(Type::I64, u64::from(u32::MAX));
                let large = self.b.icmp(IntCompare::Ugt, pages, most);
                let pages = self.b.select(large, most, pages);
                let pages = self.b.cast(Cast::Trunc, pages, Type::I32);
                let refused = self.enlarge(pages)?;
                let minus_one = self.b.int(Type::I64, u64::MAX);
                self.b.select(refused, minus_one, old)
            }
        };
        self.push(old);
        Ok(())
    }

    /// Grows memory 0 as stock does; a `Bool`: refused.
    fn enlarge(&mut self, pages: Value<'c>) -> Result<Value<'c>, CompileError> {
        let instance = self.instance();
        let answer = self.helper(Builtin::AotEnlargeMemory, &[instance, pages]);
        let answer = answer.ok_or_else(|| self.internal("no answer"))?;
        Ok(self.is_false(answer))
    }

    /// Grows any memory; the old size or -1, as an address.
    fn grow_any(
        &mut self,
        memory: &MemoryPlan,
        pages: Value<'c>,
    ) -> Result<Value<'c>, CompileError> {
        let instance = self.instance();
        let index = self.b.int(Type::I32, memory.index.0.into());
        let pages = self.b.cast(Cast::ZExt, pages, Type::I64);
        let old = self.helper(Builtin::WamrcMemoryGrow, &[instance, index, pages]);
        let old = old.ok_or_else(|| self.internal("no answer"))?;
        Ok(self.b.cast(Cast::Trunc, old, index_type(memory.address)))
    }

    pub(super) fn memory_copy(&mut self, to: u32, from: u32) -> Result<(), CompileError> {
        let [destination, source, length] = self.pop_array()?;
        let source = self.range(MemoryIdx(from), source, length)?;
        let destination = self.range(MemoryIdx(to), destination, length)?;
        let length = self.size(length);
        self.b.memmove(destination, source, length);
        Ok(())
    }

    pub(super) fn memory_fill(&mut self, index: u32) -> Result<(), CompileError> {
        let [destination, value, length] = self.pop_array()?;
        let destination = self.range(MemoryIdx(index), destination, length)?;
        let byte = self.b.cast(Cast::Trunc, value, Type::I8);
        let length = self.size(length);
        self.b.memset(destination, byte, length);
        Ok(())
    }

    /// A length or address as wide as a pointer; one that does not fit has been refused before.
    fn size(&mut self, value: Value<'c>) -> Value<'c> {
        let wide = self.b.cast(Cast::ZExt, value, Type::I64);
        self.b.cast(Cast::Trunc, wide, self.unit.size_type())
    }

    /// The machine address of a range of linear memory, after checking it.
    fn range(
        &mut self,
        index: MemoryIdx,
        start: Value<'c>,
        length: Value<'c>,
    ) -> Result<Value<'c>, CompileError> {
        let memory = self.memory(index)?;
        let least = memory.min_bytes();
        let constants = (self.b.constant_int(start), self.b.constant_int(length));
        let inside = matches!(constants, (Some(start), Some(length))
            if start.saturating_add(length) <= least);
        let start = self.b.cast(Cast::ZExt, start, Type::I64);
        if !inside {
            let length = self.b.cast(Cast::ZExt, length, Type::I64);
            let outside = match memory.address {
                IndexType::I32 => {
                    // Both are 32 bits wide, so the sum of 64 bits cannot wrap.
                    let end = self.b.binary(Binary::Add, start, length);
                    let size = self.memory_size(&memory)?;
                    self.b.icmp(IntCompare::Ugt, end, size)
                }
                IndexType::I64 => {
                    let size = self.memory_size(&memory)?;
                    let long = self.b.icmp(IntCompare::Ugt, length, size);
                    self.trap_if(long, TrapId::OutOfBoundsMemoryAccess);
                    let last = self.b.binary(Binary::Sub, size, length);
                    self.b.icmp(IntCompare::Ugt, start, last)
                }
            };
            self.trap_if(outside, TrapId::OutOfBoundsMemoryAccess);
        }
        let base = self.memory_base(&memory)?;
        let index = self.b.cast(Cast::Trunc, start, self.unit.size_type());
        Ok(self.b.index(base, index))
    }

    pub(super) fn memory_init(&mut self, segment: u32, index: u32) -> Result<(), CompileError> {
        let [destination, source, length] = self.pop_array()?;
        let memory = self.memory(MemoryIdx(index))?;
        let instance = self.instance();
        let segment = self.b.int(Type::I32, segment.into());
        let narrow = self.unit.size_type() != Type::I64;
        let answer = if index == 0 && !(narrow && memory.address == IndexType::I64) {
            let destination = self.b.cast(Cast::ZExt, destination, self.unit.size_type());
            let args = [instance, segment, source, length, destination];
            self.helper(Builtin::AotMemoryInit, &args)
        } else {
            let index = self.b.int(Type::I32, index.into());
            let destination = self.b.cast(Cast::ZExt, destination, Type::I64);
            let args = [instance, index, segment, source, length, destination];
            self.helper(Builtin::WamrcMemoryInit, &args)
        };
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
