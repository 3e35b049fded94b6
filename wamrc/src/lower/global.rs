//! Globals, and the check of the program's own stack pointer (spec D.8).

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Access, Binary, Cast, IntCompare, Region, Type, Value};
use crate::plan::{GlobalAccess, GlobalPlan};
use crate::wasm::{ConstExpr, GlobalIdx};
use aot_format::abi::traps::TrapId;
use aot_format::abi::{exec_env, instance};

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn global_get(&mut self, index: u32) -> Result<(), CompileError> {
        let global = self.global(index)?;
        if let Some(value) = self.constant_global(index, &global) {
            self.push(value);
            return Ok(());
        }
        let address = self.global_address(&global);
        let access = Access {
            align: global.align,
            region: Region::Global,
            constant: !global.mutable,
        };
        let value = self
            .b
            .load(self.unit.machine_type(global.ty), address, access);
        self.push(value);
        Ok(())
    }

    pub(super) fn global_set(&mut self, index: u32) -> Result<(), CompileError> {
        let value = self.pop()?;
        let global = self.global(index)?;
        if self.unit.plan.checks.aux_stack_global == Some(GlobalIdx(index)) {
            self.check_stack_pointer(value);
        }
        let address = self.global_address(&global);
        self.b
            .store(value, address, Access::new(Region::Global, global.align));
        Ok(())
    }

    fn global(&self, index: u32) -> Result<GlobalPlan, CompileError> {
        let global = self.unit.plan.globals.get(GlobalIdx(index).position());
        global
            .cloned()
            .ok_or_else(|| self.internal("unknown global"))
    }

    /// The value of a global that is the same in every instance.
    fn constant_global(&self, index: u32, global: &GlobalPlan) -> Option<Value<'c>> {
        // A stock runtime moves the heap base when it puts a heap of its own there (C.16.1).
        if self.unit.plan.aux_stack.heap_base_global == Some(GlobalIdx(index)) {
            return None;
        }
        match *global.constant.as_ref()? {
            ConstExpr::I32(value) => Some(self.b.int(Type::I32, value.cast_unsigned().into())),
            ConstExpr::I64(value) => Some(self.b.int(Type::I64, value.cast_unsigned())),
            ConstExpr::F32(bits) => Some(self.b.float(Type::F32, bits.into())),
            ConstExpr::F64(bits) => Some(self.b.float(Type::F64, bits)),
            ConstExpr::V128(bits) => Some(self.vector_constant(bits)),
            _ => None,
        }
    }

    fn global_address(&mut self, global: &GlobalPlan) -> Value<'c> {
        match global.access {
            GlobalAccess::Inline(offset) => {
                let instance = self.instance();
                self.b.offset(instance, offset.into())
            }
            GlobalAccess::ImportedCell(position) => self.global_cell(position),
        }
    }

    /// The address of an imported mutable global, loaded in the entry block.
    fn global_cell(&mut self, position: u32) -> Value<'c> {
        if let Some(known) = self.entry.global_cells.get(&position) {
            return *known;
        }
        let cells = self.instance_pointer(instance::Field::ImportedGlobals);
        let bytes = self.unit.pointer_bytes();
        let cell = self.b.in_entry(|b| {
            let slot = b.offset(cells, u64::from(position) * u64::from(bytes));
            b.load(Type::Ptr, slot, Access::constant(Region::Instance, bytes))
        });
        self.entry.global_cells.insert(position, cell);
        cell
    }

    /// Traps unless `boundary < value <= bottom`; one comparison if all is well.
    fn check_stack_pointer(&mut self, value: Value<'c>) {
        let size = self.unit.size_type();
        let (boundary, room) = self.aux_stack_bounds(size);
        let value = self.b.cast(Cast::ZExt, value, size);
        let one = self.b.int(size, 1);
        let above = self.b.binary(Binary::Sub, value, boundary);
        let above = self.b.binary(Binary::Sub, above, one);
        let outside = self.b.icmp(IntCompare::Uge, above, room);
        let bad = self.b.block("stack");
        self.leave_if(outside, bad);
        let next = self.b.current();
        let overflow = self.trap_block(TrapId::AuxStackOverflow);
        let underflow = self.trap_block(TrapId::AuxStackUnderflow);
        self.b.continue_at(bad);
        let low = self.b.icmp(IntCompare::Ule, value, boundary);
        self.b.branch(low, overflow, underflow);
        self.b.continue_at(next);
    }

    /// The boundary and how far above it the stack pointer may be, found in the entry block.
    fn aux_stack_bounds(&mut self, size: Type) -> (Value<'c>, Value<'c>) {
        if let Some(known) = self.entry.aux_stack {
            return known;
        }
        let boundary = self.exec_env_field(exec_env::Field::AuxStackBoundary, size);
        let bottom = self.exec_env_field(exec_env::Field::AuxStackBottom, size);
        let room = self.b.in_entry(|b| b.binary(Binary::Sub, bottom, boundary));
        self.entry.aux_stack = Some((boundary, room));
        (boundary, room)
    }
}
