//! Raising traps (spec C.12).
//!
//! A trap is a call of the runtime in a block of its own, one per kind and function, laid out as
//! hardly ever executed. Where traps unwind nothing follows the call; otherwise the function returns
//! zero and its callers notice the pending exception.

use super::function::FunctionLowering;
use super::interface::Signals;
use crate::llvm::{Access, Block, IntCompare, Region, Type, Value};
use aot_format::abi::builtins::Builtin;
use aot_format::abi::instance::Field;
use aot_format::abi::traps::{ALREADY_THROWN, TrapId};

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// Goes on only if the `Bool` is false.
    pub(super) fn trap_if(&mut self, condition: Value<'c>, trap: TrapId) {
        if self.b.constant_int(condition) == Some(0) {
            return;
        }
        let trap = self.trap_block(trap);
        self.leave_if(condition, trap);
    }

    /// Branches to a block that is hardly ever reached, else goes on.
    pub(super) fn leave_if(&mut self, condition: Value<'c>, rare: Block<'c>) {
        let next = self.b.block("");
        self.b.branch_rarely(condition, rare, next);
        self.b.continue_at(next);
    }

    /// The block that raises a trap.
    pub(super) fn trap_block(&mut self, trap: TrapId) -> Block<'c> {
        if let Some((_, block)) = self.traps.iter().find(|(known, _)| *known == trap) {
            return *block;
        }
        let block = self.b.block("trap");
        self.traps.push((trap, block));
        let current = self.b.current();
        self.b.continue_at(block);
        self.raise(trap);
        self.b.continue_at(current);
        block
    }

    /// A block that goes on with the exception that a helper has set; where traps unwind.
    pub(super) fn rethrow_block(&mut self) -> Block<'c> {
        let block = self.b.block("rethrow");
        let current = self.b.current();
        self.b.continue_at(block);
        self.raise_number(ALREADY_THROWN);
        self.b.continue_at(current);
        block
    }

    /// Raises a trap here; ends the block.
    pub(super) fn raise(&mut self, trap: TrapId) {
        self.raise_number(trap as u32);
    }

    fn raise_number(&mut self, number: u32) {
        let instance = self.instance();
        let id = self.b.int(Type::I32, number.into());
        self.helper(Builtin::AotSetExceptionWithId, &[instance, id]);
        if self.unit.plan.checks.traps_unwind() {
            self.b.unreachable();
        } else {
            self.return_zero();
        }
    }

    /// After a call that may have left an exception pending: leaves the function if so. Nothing to do
    /// where traps unwind.
    pub(super) fn leave_if_exception(&mut self) {
        if self.unit.plan.checks.traps_unwind() {
            return;
        }
        let instance = self.instance();
        let offset = Field::CurException.offset(self.unit.options.target.width);
        let address = self.b.offset(instance, offset.into());
        let first = self
            .b
            .load(Type::I8, address, Access::new(Region::Instance, 1));
        let zero = self.b.zero(Type::I8);
        let pending = self.b.icmp(IntCompare::Ne, first, zero);
        let leave = self.unwind_block();
        self.leave_if(pending, leave);
    }

    /// After a helper that answers false when it left an exception pending. Where traps unwind it does
    /// not return then.
    pub(super) fn leave_if_false(&mut self, answer: Option<Value<'c>>) {
        if self.unit.plan.checks.traps_unwind() {
            return;
        }
        if let Some(answer) = answer {
            let failed = self.is_false(answer);
            let leave = self.leave_block();
            self.leave_if(failed, leave);
        }
    }

    /// After a helper that calls a function: false if it left a trap or an exception pending.
    pub(super) fn leave_if_call_failed(&mut self, answer: Option<Value<'c>>) {
        if self.unit.plan.checks.traps_unwind() && !self.unit.plan.exceptions.handles {
            return;
        }
        if let Some(answer) = answer {
            let failed = self.is_false(answer);
            let leave = self.unwind_block();
            self.leave_if(failed, leave);
        }
    }

    /// The result of a call of a body, if it has one, where the body did not leave an exception.
    pub(super) fn take_answer(
        &mut self,
        answer: Option<Value<'c>>,
        signals: Signals,
    ) -> Option<Value<'c>> {
        match (signals, answer) {
            (Signals::Yes, Some(answer)) => {
                let (first, pending) = self.b.split_flagged(answer);
                let leave = self.unwind_block();
                self.leave_if(pending, leave);
                first
            }
            _ => {
                self.leave_if_exception();
                answer
            }
        }
    }

    /// Whether a helper answered false, as a `Bool`.
    pub(super) fn is_false(&mut self, answer: Value<'c>) -> Value<'c> {
        let zero = self.b.zero(Type::I8);
        self.b.icmp(IntCompare::Eq, answer, zero)
    }

    /// The block that returns zero because an exception is pending.
    pub(super) fn leave_block(&mut self) -> Block<'c> {
        if let Some(block) = self.leave {
            return block;
        }
        let block = self.b.block("leave");
        self.leave = Some(block);
        let current = self.b.current();
        self.b.continue_at(block);
        self.unlink_roots();
        self.return_zero();
        self.b.continue_at(current);
        block
    }

    fn return_zero(&mut self) {
        let result = self.results.first().map(|ty| self.b.zero(*ty));
        match self.signals {
            Signals::No => self.b.ret(result),
            Signals::Yes => {
                let pending = self.b.int(Type::Bool, 1);
                self.b.ret_flagged(result, pending);
            }
        }
    }
}
