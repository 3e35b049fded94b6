//! Table operators (core spec 3.3.6; spec C.8, D.5).
//!
//! Elements are read inline from this instance's copy. A table that others can see is written only
//! through the runtime, which keeps the copies equal.

use super::function::FunctionLowering;
use super::memory::index_type;
use crate::error::CompileError;
use crate::llvm::{Access, Cast, IntCompare, Region, Type, Value};
use crate::plan::TablePlan;
use crate::wasm::{IndexType, TableIdx};
use aot_format::abi::builtins::Builtin;
use aot_format::abi::table;
use aot_format::abi::traps::TrapId;
use targets::Endian;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn table(&self, index: u32) -> Result<TablePlan, CompileError> {
        let table = self.unit.plan.tables.get(TableIdx(index).position());
        table.copied().ok_or_else(|| self.internal("unknown table"))
    }

    /// Current number of elements, as `I32`.
    pub(super) fn table_length(&mut self, plan: &TablePlan) -> Value<'c> {
        if let Some(size) = plan.fixed_size {
            return self.b.int(Type::I32, size.into());
        }
        let field = table::Field::CurSize.offset(self.unit.options.target.width);
        let offset = plan.offset + field;
        let instance = self.instance();
        let address = self.b.offset(instance, offset.into());
        let access = Access::new(Region::Table, alignment(offset));
        self.b.load(Type::I32, address, access)
    }

    /// An element: the address of an object, or the low 32 bits, which are all that counts.
    pub(super) fn read_element(&mut self, plan: &TablePlan, index: Value<'c>) -> Value<'c> {
        if self.unit.machine_type(plan.element) == Type::Ptr {
            let address = self.element_address(plan, index, 0);
            let align = alignment(plan.offset + table::ELEMS).min(self.unit.pointer_bytes());
            return self
                .b
                .load(Type::Ptr, address, Access::new(Region::Table, align));
        }
        let wide = self.unit.pointer_bytes() == 8;
        let low = match self.unit.options.target.endian {
            Endian::Big if wide => 4,
            _ => 0,
        };
        let address = self.element_address(plan, index, low);
        let align = alignment(plan.offset + table::ELEMS + low).min(self.unit.pointer_bytes());
        self.b
            .load(Type::I32, address, Access::new(Region::Table, align))
    }

    fn element_address(&mut self, plan: &TablePlan, index: Value<'c>, extra: u32) -> Value<'c> {
        let instance = self.instance();
        let offset = plan.offset + table::ELEMS + extra;
        let elements = self.b.offset(instance, offset.into());
        let bytes = self.unit.pointer_bytes();
        let index = self.scaled(index, bytes);
        self.b.index(elements, index)
    }

    /// An index that is below the size, as `I32`; traps for others.
    pub(super) fn element_index(
        &mut self,
        plan: &TablePlan,
        index: Value<'c>,
        trap: TrapId,
    ) -> Value<'c> {
        let size = self.table_length(plan);
        let size = self.b.cast(Cast::ZExt, size, index_type(plan.index));
        let outside = self.b.icmp(IntCompare::Uge, index, size);
        self.trap_if(outside, trap);
        self.b.cast(Cast::Trunc, index, Type::I32)
    }

    /// Pops the index of an element to call, as `I32`. One of 64 bits has been compared with the size
    /// then, others are yet to be.
    pub(super) fn pop_callee(&mut self, plan: &TablePlan) -> Result<Value<'c>, CompileError> {
        let index = self.pop()?;
        Ok(match plan.index {
            IndexType::I32 => index,
            IndexType::I64 => self.element_index(plan, index, TrapId::UndefinedElement),
        })
    }

    /// An index or a number of elements as `I32`, of which no table has as many as fit; traps for
    /// those that do not fit.
    fn narrow_index(&mut self, value: Value<'c>) -> Value<'c> {
        if self.b.type_of(value) == Type::I32 {
            return value;
        }
        let most = self.b.int(Type::I64, u64::from(u32::MAX));
        let outside = self.b.icmp(IntCompare::Uge, value, most);
        self.trap_if(outside, TrapId::OutOfBoundsTableAccess);
        self.b.cast(Cast::Trunc, value, Type::I32)
    }

    pub(super) fn table_get(&mut self, index: u32) -> Result<(), CompileError> {
        let element = self.pop()?;
        let plan = self.table(index)?;
        let element = self.element_index(&plan, element, TrapId::OutOfBoundsTableAccess);
        let value = self.read_element(&plan, element);
        self.push(value);
        Ok(())
    }

    pub(super) fn table_set(&mut self, index: u32) -> Result<(), CompileError> {
        let [element, value] = self.pop_array()?;
        let plan = self.table(index)?;
        let element = self.element_index(&plan, element, TrapId::OutOfBoundsTableAccess);
        if plan.shared {
            let one = self.b.int(Type::I32, 1);
            self.fill(index, one, value, element);
            return Ok(());
        }
        let address = self.element_address(&plan, element, 0);
        let value = match self.b.type_of(value) {
            Type::Ptr => value,
            _ => self.b.cast(Cast::SExt, value, self.unit.size_type()),
        };
        let bytes = self.unit.pointer_bytes();
        let align = alignment(plan.offset + table::ELEMS).min(bytes);
        self.b
            .store(value, address, Access::new(Region::Table, align));
        Ok(())
    }

    pub(super) fn table_size(&mut self, index: u32) -> Result<(), CompileError> {
        let plan = self.table(index)?;
        let size = self.table_length(&plan);
        let size = self.b.cast(Cast::ZExt, size, index_type(plan.index));
        self.push(size);
        Ok(())
    }

    pub(super) fn table_grow(&mut self, index: u32) -> Result<(), CompileError> {
        let [value, count] = self.pop_array()?;
        let plan = self.table(index)?;
        let table = self.index_constant(index);
        let count = match plan.index {
            IndexType::I32 => count,
            IndexType::I64 => {
                // The most that 32 bits express is refused, and more as well.
                let most = self.b.int(Type::I64, u64::from(u32::MAX));
                let large = self.b.icmp(IntCompare::Ugt, count, most);
                let count = self.b.select(large, most, count);
                self.b.cast(Cast::Trunc, count, Type::I32)
            }
        };
        let value = self.element_word(value);
        let instance = self.instance();
        let old = self.helper(Builtin::AotTableGrow, &[instance, table, count, value]);
        let old = old.ok_or_else(|| self.internal("no answer"))?;
        // Sizes are below 2^31, so this widens the answer -1 as well.
        let old = self.b.cast(Cast::SExt, old, index_type(plan.index));
        self.push(old);
        Ok(())
    }

    pub(super) fn table_fill(&mut self, index: u32) -> Result<(), CompileError> {
        let [start, value, count] = self.pop_array()?;
        let (start, count) = (self.narrow_index(start), self.narrow_index(count));
        self.fill(index, count, value, start);
        Ok(())
    }

    fn fill(&mut self, index: u32, count: Value<'c>, value: Value<'c>, start: Value<'c>) {
        let table = self.index_constant(index);
        let value = self.element_word(value);
        let instance = self.instance();
        self.helper(
            Builtin::AotTableFill,
            &[instance, table, count, value, start],
        );
        self.leave_if_exception();
    }

    pub(super) fn table_copy(&mut self, to: u32, from: u32) -> Result<(), CompileError> {
        let operands: [_; 3] = self.pop_array()?;
        let [destination, source, count] = operands.map(|operand| self.narrow_index(operand));
        let (to, from) = (self.index_constant(to), self.index_constant(from));
        let instance = self.instance();
        let args = [instance, from, to, count, source, destination];
        self.helper(Builtin::AotTableCopy, &args);
        self.leave_if_exception();
        Ok(())
    }

    pub(super) fn table_init(&mut self, segment: u32, table: u32) -> Result<(), CompileError> {
        self.safepoint();
        let [destination, source, count] = self.pop_array()?;
        let destination = self.narrow_index(destination);
        let (table, segment) = (self.index_constant(table), self.index_constant(segment));
        let instance = self.instance();
        let args = [instance, table, segment, count, source, destination];
        self.helper(Builtin::AotTableInit, &args);
        self.leave_if_exception();
        Ok(())
    }

    pub(super) fn elem_drop(&mut self, segment: u32) {
        let segment = self.index_constant(segment);
        let instance = self.instance();
        self.helper(Builtin::AotDropTableSeg, &[instance, segment]);
    }

    /// An element's value as the runtime takes it.
    fn element_word(&mut self, value: Value<'c>) -> Value<'c> {
        let cast = match self.b.type_of(value) {
            Type::Ptr => Cast::PtrToInt,
            _ => Cast::ZExt,
        };
        self.b.cast(cast, value, self.unit.size_type())
    }

    fn index_constant(&self, index: u32) -> Value<'c> {
        self.b.int(Type::I32, index.into())
    }
}

/// The alignment of an address this far from an instance, which is aligned to 8.
fn alignment(offset: u32) -> u32 {
    1 << offset.trailing_zeros().min(3)
}
