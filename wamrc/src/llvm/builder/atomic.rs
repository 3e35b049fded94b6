//! Atomic accesses and fences: sequentially consistent, all of them.
//!
//! They get no alias scopes: LLVM must not move an access of any kind across one, and does not gain
//! from knowing what they cannot touch.

use super::{Builder, built};
use crate::llvm::context::Value;
use crate::llvm::instruction::Atomic;
use crate::llvm::types::Type;
use inkwell::AtomicOrdering;
use inkwell::values::{BasicValue, BasicValueEnum, InstructionValue};

/// The one order of the WebAssembly threads proposal.
const ORDER: AtomicOrdering = AtomicOrdering::SequentiallyConsistent;

impl<'c> Builder<'_, 'c> {
    /// Loads an integer from a naturally aligned address.
    #[must_use]
    pub fn atomic_load(&self, ty: Type, address: Value<'c>) -> Value<'c> {
        let address = address.0.into_pointer_value();
        let value = built(self.inner.build_load(self.basic(ty), address, ""));
        let load = value
            .as_instruction_value()
            .expect("invariant: a load is an instruction");
        make_atomic(load, ty);
        Value(value)
    }

    /// Stores an integer to a naturally aligned address.
    pub fn atomic_store(&self, value: Value<'c>, address: Value<'c>) {
        let ty = self.type_of(value);
        let address = address.0.into_pointer_value();
        make_atomic(built(self.inner.build_store(address, value.0)), ty);
    }

    /// Updates an integer at a naturally aligned address; its old value.
    #[must_use]
    pub fn atomic_update(&self, op: Atomic, address: Value<'c>, operand: Value<'c>) -> Value<'c> {
        let address = address.0.into_pointer_value();
        let operand = operand.0.into_int_value();
        let old = self
            .inner
            .build_atomicrmw(op.operation(), address, operand, ORDER);
        Value(built(old).into())
    }

    /// Replaces an integer at a naturally aligned address if it is the expected one; its old value.
    #[must_use]
    pub fn atomic_exchange(
        &self,
        address: Value<'c>,
        expected: Value<'c>,
        replacement: Value<'c>,
    ) -> Value<'c> {
        let address = address.0.into_pointer_value();
        let answer = self
            .inner
            .build_cmpxchg(address, expected.0, replacement.0, ORDER, ORDER);
        let old = built(self.inner.build_extract_value(built(answer), 0, ""));
        Value(BasicValueEnum::IntValue(old.into_int_value()))
    }

    /// Orders all accesses before it and after it.
    pub fn fence(&self) {
        built(self.inner.build_fence(ORDER, false, ""));
    }
}

fn make_atomic(access: InstructionValue<'_>, ty: Type) {
    access
        .set_atomic_ordering(ORDER)
        .expect("invariant: loads and stores can be sequentially consistent");
    access
        .set_alignment(ty.bits() / 8)
        .expect("invariant: integers have a power of two of bytes");
}
