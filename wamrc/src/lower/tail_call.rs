//! Tail calls (core spec 3.3.8.14 on; docs/decisions, "tail calls").
//!
//! The callee takes the caller's frame, so nothing of the frame is handed over: results beyond the
//! first go where the caller's own must go, which have the same types. Functions of other instances
//! and of the host are called, and their results returned.

use super::function::FunctionLowering;
use super::interface::Signals;
use crate::error::CompileError;
use crate::llvm::{Type, Value};
use crate::wasm::{FuncIdx, FuncType, TableIdx, TypeIdx};

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn return_call(&mut self, index: u32) -> Result<(), CompileError> {
        let module = self.unit.module;
        let function = FuncIdx(index);
        let declared = module.functions.get(function.position());
        let declared = declared.ok_or_else(|| self.internal("unknown function"))?;
        let ty = module.func_type(declared.ty);
        self.safepoint();
        let args = self.pop_many(ty.params.len())?;
        self.note_call(ty);
        if declared.origin.import().is_some() {
            let index = self.b.int(Type::I32, index.into());
            return self.return_foreign(|this| this.call_import(index, ty, &args));
        }
        let body = self.body_of(function)?;
        let places = self.result_pointers.clone();
        let args = self.own_args(ty, &args, &places)?;
        self.unlink_roots();
        self.b.tail_call(body, &args);
        self.reachable = false;
        Ok(())
    }

    pub(super) fn return_call_indirect(&mut self, ty: u32, table: u32) -> Result<(), CompileError> {
        let module = self.unit.module;
        let ty = module.canonical_type(TypeIdx(ty));
        let func_type = module.func_type(ty);
        let plan = self.table(table)?;
        let (element, args) = self.pop_element(&plan, func_type)?;
        if let Some(table) = self.dispatch_table_of(TableIdx(table), ty)? {
            let callee = self.dispatched(table, plan.min, element, ty);
            return self.return_call_pointer(callee, func_type, &args);
        }
        if self.objects() {
            let function = self.checked_function(&plan, element, ty)?;
            return self.return_call_function_object(function, func_type, &args);
        }
        let function = self.checked_element(&plan, element, ty);
        if plan.holds_foreign {
            let (native, foreign) = (self.b.block("direct"), self.b.block("foreign"));
            self.branch_if_foreign(function, foreign, native);
            self.b.continue_at(foreign);
            self.return_foreign(|this| {
                this.call_element(TableIdx(table), element, func_type, &args)
            })?;
            self.b.continue_at(native);
        }
        let callee = self.body_by_index(function);
        self.return_call_pointer(callee, func_type, &args)
    }

    /// Ends the function with a call of the body at an address.
    pub(super) fn return_call_pointer(
        &mut self,
        callee: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Result<(), CompileError> {
        let places = self.result_pointers.clone();
        let args = self.own_args(ty, args, &places)?;
        let signals = Signals::of_reference(self.unit.plan);
        let signature = self.interface(ty, signals).signature;
        self.unlink_roots();
        self.b.tail_call_pointer(&signature, callee, &args);
        self.reachable = false;
        Ok(())
    }

    /// Returns from the function with what a function of others answers. The frame is gone in the eyes
    /// of the program: its handlers do not count.
    pub(super) fn return_foreign(
        &mut self,
        call: impl FnOnce(&mut Self) -> Vec<Value<'c>>,
    ) -> Result<(), CompileError> {
        self.unwinding.past_handlers = true;
        let results = call(self);
        self.unwinding.past_handlers = false;
        self.stack.extend(results);
        self.branch_out()
    }
}
