//! Atomic accesses, waiting and notifying (threads proposal; spec D.7).
//!
//! An atomic access traps first if its effective address is no multiple of its width, whatever the
//! memory's size, and then like any other access if it is out of bounds. All are sequentially
//! consistent; narrow ones work on the narrow type. They are allowed on memories that are not shared.
//! Waiting and notifying are the runtime's business, which also checks their range.
//!
//! Ordinary accesses to shared memories are ordinary loads and stores (decision 009).

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Atomic, Binary, Cast, IntCompare, Type, Value};
use aot_format::abi::builtins::Builtin;
use aot_format::abi::traps::TrapId;
use targets::Endian;
use wasmparser::MemArg;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// An atomic load of `stored`, zero-extended to `result`.
    pub(super) fn atomic_load(
        &mut self,
        stored: Type,
        result: Type,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let address = self.pop()?;
        let address = self.atomic_place(address, stored, memarg)?;
        let value = self.b.atomic_load(stored, address);
        let value = self.in_memory_order(value);
        self.push_widened(value, result);
        Ok(())
    }

    /// An atomic store of the low bits of the operand.
    pub(super) fn atomic_store(
        &mut self,
        stored: Type,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let [address, value] = self.pop_array()?;
        let address = self.atomic_place(address, stored, memarg)?;
        let value = self.b.cast(Cast::Trunc, value, stored);
        let value = self.in_memory_order(value);
        self.b.atomic_store(value, address);
        Ok(())
    }

    /// Reads, modifies and writes as one; pushes the old value, zero-extended.
    pub(super) fn atomic_update(
        &mut self,
        op: Atomic,
        stored: Type,
        result: Type,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let [address, operand] = self.pop_array()?;
        let address = self.atomic_place(address, stored, memarg)?;
        let operand = self.b.cast(Cast::Trunc, operand, stored);
        let old = match (self.unit.options.target.endian, op.carrying()) {
            (Endian::Big, Some(op)) if stored != Type::I8 => {
                self.update_reversed(op, address, operand)
            }
            _ => {
                let operand = self.in_memory_order(operand);
                let old = self.b.atomic_update(op, address, operand);
                self.in_memory_order(old)
            }
        };
        self.push_widened(old, result);
        Ok(())
    }

    /// An update whose bits depend on each other, where the machine has no instruction for the order of
    /// bytes in memory: tries to exchange until nobody has been in between.
    fn update_reversed(&mut self, op: Binary, address: Value<'c>, operand: Value<'c>) -> Value<'c> {
        let (before, again, done) = (
            self.b.current(),
            self.b.block("again"),
            self.b.block("updated"),
        );
        let ty = self.b.type_of(operand);
        let first = self.b.atomic_load(ty, address);
        self.b.jump(again);
        self.b.continue_at(again);
        let expected = self.b.phi(ty);
        expected.add(first, before);
        let old = self.in_memory_order(expected.value());
        let new = self.b.binary(op, old, operand);
        let new = self.in_memory_order(new);
        let found = self.b.atomic_exchange(address, expected.value(), new);
        expected.add(found, again);
        let unchanged = self.b.icmp(IntCompare::Eq, found, expected.value());
        self.b.branch_mostly(unchanged, done, again);
        self.b.continue_at(done);
        old
    }

    /// Compares the low bits of the expected value and exchanges.
    pub(super) fn atomic_exchange(
        &mut self,
        stored: Type,
        result: Type,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let [address, expected, replacement] = self.pop_array()?;
        let address = self.atomic_place(address, stored, memarg)?;
        let narrow = self.b.cast(Cast::Trunc, expected, stored);
        let replacement = self.b.cast(Cast::Trunc, replacement, stored);
        let narrow = self.in_memory_order(narrow);
        let replacement = self.in_memory_order(replacement);
        let old = self.b.atomic_exchange(address, narrow, replacement);
        let old = self.in_memory_order(old);
        self.push_widened(old, result);
        Ok(())
    }

    /// Waits for a notification while the value at the address is the expected one.
    pub(super) fn atomic_wait(&mut self, ty: Type, memarg: &MemArg) -> Result<(), CompileError> {
        let [address, expected, timeout] = self.pop_array()?;
        let address = self.atomic_place(address, ty, memarg)?;
        let instance = self.instance();
        let expected = self.b.cast(Cast::ZExt, expected, Type::I64);
        let wide = self.b.int(Type::I8, u64::from(ty == Type::I64));
        let args = [instance, address, expected, timeout, wide];
        self.waiting(Builtin::WasmRuntimeAtomicWait, &args)
    }

    /// Wakes threads that wait at the address.
    pub(super) fn atomic_notify(&mut self, memarg: &MemArg) -> Result<(), CompileError> {
        let [address, count] = self.pop_array()?;
        let address = self.atomic_place(address, Type::I32, memarg)?;
        let instance = self.instance();
        self.waiting(
            Builtin::WasmRuntimeAtomicNotify,
            &[instance, address, count],
        )
    }

    /// Calls a helper that answers -1 after it left an exception pending, and pushes other answers.
    fn waiting(&mut self, helper: Builtin, args: &[Value<'c>]) -> Result<(), CompileError> {
        let answer = self.helper(helper, args);
        let answer = answer.ok_or_else(|| self.internal("no answer"))?;
        let minus_one = self.b.int(Type::I32, u64::from(u32::MAX));
        let failed = self.b.icmp(IntCompare::Eq, answer, minus_one);
        let leave = if self.unit.plan.checks.traps_unwind() {
            // Ours does not return then; stock's does, and has set the exception.
            self.rethrow_block()
        } else {
            self.leave_block()
        };
        self.leave_if(failed, leave);
        self.push(answer);
        Ok(())
    }

    /// The machine address of an atomic access, after all checks.
    fn atomic_place(
        &mut self,
        address: Value<'c>,
        stored: Type,
        memarg: &MemArg,
    ) -> Result<Value<'c>, CompileError> {
        self.check_alignment(address, memarg.offset, u64::from(stored.bits() / 8));
        Ok(self.place(address, memarg, stored)?.address)
    }

    /// Traps unless address plus offset is a multiple of the width; only low bits matter.
    fn check_alignment(&mut self, address: Value<'c>, offset: u64, bytes: u64) {
        let mask = bytes - 1;
        if mask == 0 {
            return;
        }
        let ty = self.b.type_of(address);
        let low = match offset & mask {
            0 => address,
            low => {
                let low = self.b.int(ty, low);
                self.b.binary(Binary::Add, address, low)
            }
        };
        let mask = self.b.int(ty, mask);
        let low = self.b.binary(Binary::And, low, mask);
        let zero = self.b.zero(ty);
        let unaligned = self.b.icmp(IntCompare::Ne, low, zero);
        self.trap_if(unaligned, TrapId::UnalignedAtomic);
    }

    fn push_widened(&mut self, value: Value<'c>, result: Type) {
        let value = self.b.cast(Cast::ZExt, value, result);
        self.push(value);
    }
}
