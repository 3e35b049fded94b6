//! Calls of function objects (core spec 3.3.8; spec C.8.4, D.13.4).
//!
//! The object holds the function's index, counted from the base of the instance it belongs to. What is
//! not defined here, be it an import or a function of another instance, goes to the runtime.

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Access, Binary, IntCompare, Region, Type, Value};
use crate::plan::TablePlan;
use crate::wasm::{FuncType, TypeIdx};
use aot_format::abi::traps::TrapId;
use aot_format::abi::{instance, object};

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn call_ref(&mut self, ty: u32) -> Result<(), CompileError> {
        let module = self.unit.module;
        let ty = module.func_type(TypeIdx(ty));
        let (function, args) = self.pop_function(ty)?;
        let results = self.call_function_object(function, ty, &args)?;
        self.stack.extend(results);
        Ok(())
    }

    pub(super) fn return_call_ref(&mut self, ty: u32) -> Result<(), CompileError> {
        let module = self.unit.module;
        let ty = module.func_type(TypeIdx(ty));
        let (function, args) = self.pop_function(ty)?;
        self.return_call_function_object(function, ty, &args)
    }

    /// The function object of a call, which is not null, and the arguments.
    fn pop_function(&mut self, ty: &FuncType) -> Result<(Value<'c>, Vec<Value<'c>>), CompileError> {
        self.safepoint();
        let function = self.pop()?;
        let args = self.pop_many(ty.params.len())?;
        self.note_call(ty);
        self.trap_if_null(function, TrapId::NullFuncObj);
        Ok((function, args))
    }

    /// Calls a function object that is not null and of the type.
    pub(super) fn call_function_object(
        &mut self,
        function: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Result<Vec<Value<'c>>, CompileError> {
        let index = self.local_index(function);
        self.native_or_foreign(index, ty, args, |this| this.call_import(index, ty, args))
    }

    /// Ends the function with a call of a function object that is not null and of the type.
    pub(super) fn return_call_function_object(
        &mut self,
        function: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Result<(), CompileError> {
        let index = self.local_index(function);
        let (native, foreign) = (self.b.block("direct"), self.b.block("foreign"));
        self.branch_if_foreign(index, foreign, native);
        self.b.continue_at(foreign);
        self.return_foreign(|this| this.call_import(index, ty, args))?;
        self.b.continue_at(native);
        let callee = self.body_by_index(index);
        self.return_call_pointer(callee, ty, args)
    }

    /// The index of a function object, counted from this instance's base.
    fn local_index(&mut self, function: Value<'c>) -> Value<'c> {
        let offset = object::function_index(self.unit.options.target.width);
        let address = self.b.offset(function, offset.into());
        let access = Access::new(Region::Object, 4);
        let index = self.b.load(Type::I32, address, access);
        let base = self.func_base();
        self.b.binary(Binary::Sub, index, base)
    }

    /// What this instance's functions are counted from, loaded in the entry block.
    fn func_base(&mut self) -> Value<'c> {
        if let Some(known) = self.entry.func_base {
            return known;
        }
        let instance = self.instance();
        let offset = instance::Field::FuncBase.offset(self.unit.options.target.width);
        let value = self.b.in_entry(|b| {
            let address = b.offset(instance, offset.into());
            b.load(Type::I32, address, Access::constant(Region::Instance, 4))
        });
        self.entry.func_base = Some(value);
        value
    }

    /// The function object in a table element; traps unless it is there, not null and of the type.
    pub(super) fn checked_function(
        &mut self,
        plan: &TablePlan,
        element: Value<'c>,
        ty: TypeIdx,
    ) -> Result<Value<'c>, CompileError> {
        let size = self.table_length(plan);
        let outside = self.b.icmp(IntCompare::Uge, element, size);
        self.trap_if(outside, TrapId::UndefinedElement);
        let function = self.read_element(plan, element);
        self.trap_if_null(function, TrapId::UninitializedElement);
        let ty = self.type_plan(ty.0)?.clone();
        let matches = self.has_type(function, &ty)?;
        let different = self.negated(matches);
        self.trap_if(different, TrapId::InvalidFunctionTypeIndex);
        Ok(function)
    }
}
