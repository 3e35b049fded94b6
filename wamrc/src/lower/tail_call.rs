//! Tail calls (core spec 3.3.8.14 on; docs/decisions, "tail calls").
//!
//! The callee takes the caller's frame, so nothing of the frame is handed over: results beyond the
//! first go where the caller's own must go, which have the same types. Functions of other instances
//! and of the host are called, and their results returned.
//!
//! On machines whose calls cannot become jumps a function says in the argument area whom to call next
//! and returns; whoever called it makes that call, and so on until nothing is said.

use super::Unit;
use super::function::FunctionLowering;
use super::interface::{Signals, load_area};
use crate::error::CompileError;
use crate::llvm::{Access, Builder, IntCompare, Region, Signature, Type, Value};
use crate::plan::passing::PENDING;
use crate::wasm::{FuncIdx, FuncType, TableIdx, TypeIdx};
use targets::TailForm;

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
        match self.unit.bounces() {
            true => self.leave_pending(self.b.address_of(body)),
            false => self.b.tail_call(body, &args),
        }
        self.reachable = false;
        Ok(())
    }

    /// Calls a body, then those it says to go on with.
    pub(super) fn go_on(&mut self, signature: &Signature, first: Value<'c>) -> Option<Value<'c>> {
        call_and_go_on(self.unit, &self.b, signature, self.exec_env, first)
    }

    /// Returns to the caller, which goes on with the function.
    fn leave_pending(&mut self, callee: Value<'c>) {
        let access = pending(self.unit);
        let place = pending_place(self.unit, &self.b, self.exec_env);
        self.b.store(callee, place, access);
        let result = self.results.first().map(|ty| self.b.zero(*ty));
        match self.signals {
            Signals::No => self.b.ret(result),
            Signals::Yes => {
                let no_exception = self.b.int(Type::Bool, 0);
                self.b.ret_flagged(result, no_exception);
            }
        }
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
        match self.unit.bounces() {
            true => self.leave_pending(callee),
            false => self.b.tail_call_pointer(&signature, callee, &args),
        }
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

impl Unit<'_, '_, '_> {
    /// Whether functions return to have another called in their place.
    pub(super) fn bounces(&self) -> bool {
        self.plan.tail_calls && self.plan.registers.form == TailForm::Absent
    }
}

/// Access to the address of the function to go on with.
fn pending(unit: &Unit<'_, '_, '_>) -> Access {
    Access::new(Region::Argument, unit.pointer_bytes())
}

fn pending_place<'c>(
    unit: &Unit<'_, 'c, '_>,
    b: &Builder<'_, 'c>,
    exec_env: Value<'c>,
) -> Value<'c> {
    b.offset(load_area(unit, b, exec_env), u64::from(PENDING))
}

/// Says that there is no function to go on with, before the first body of a call from outside.
pub(super) fn clear_pending<'c>(unit: &Unit<'_, 'c, '_>, b: &Builder<'_, 'c>, exec_env: Value<'c>) {
    let place = pending_place(unit, b, exec_env);
    b.store(b.zero(Type::Ptr), place, pending(unit));
}

/// Calls a function, then those that one says to go on with; the answer of the last. Their arguments are
/// in the area.
pub(super) fn call_and_go_on<'c>(
    unit: &Unit<'_, 'c, '_>,
    b: &Builder<'_, 'c>,
    signature: &Signature,
    exec_env: Value<'c>,
    first: Value<'c>,
) -> Option<Value<'c>> {
    let place = pending_place(unit, b, exec_env);
    let (before, call, again, done) = (
        b.current(),
        b.block("call"),
        b.block("again"),
        b.block("called"),
    );
    b.jump(call);
    b.continue_at(call);
    let callee = b.phi(Type::Ptr);
    callee.add(first, before);
    let answer = b.call_pointer(signature, callee.value(), &[exec_env]);
    let next = b.load(Type::Ptr, place, pending(unit));
    let none = b.icmp(IntCompare::Eq, next, b.zero(Type::Ptr));
    b.branch_mostly(none, done, again);
    b.continue_at(again);
    b.store(b.zero(Type::Ptr), place, pending(unit));
    callee.add(next, again);
    b.jump(call);
    b.continue_at(done);
    answer
}
