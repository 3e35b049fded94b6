//! Frame slots, loads, stores and address arithmetic.
//!
//! Addresses are formed by `getelementptr inbounds nuw`: a promise that they stay inside the object,
//! which is what makes this the unsafe part of building.

#![allow(
    unsafe_code,
    reason = "address arithmetic asserts that addresses stay inside an object"
)]

use super::{Builder, built, instruction_of};
use crate::llvm::alias::Region;
use crate::llvm::context::Value;
use crate::llvm::instruction::Access;
use crate::llvm::intrinsics::Intrinsic;
use crate::llvm::types::Type;
use inkwell::types::AsTypeRef;
use inkwell::values::{
    AsValueRef, BasicValue, CallSiteValue, InstructionOpcode, InstructionValue, IntValue, Operand,
    PointerValue,
};
use llvm_sys::core::LLVMBuildGEPWithNoWrapFlags;
use llvm_sys::{LLVMGEPFlagInBounds, LLVMGEPFlagNUW};

impl<'c> Builder<'_, 'c> {
    /// A slot in the frame for one value, allocated in the entry block.
    #[must_use]
    pub fn slot(&self, ty: Type) -> Value<'c> {
        let ty = self.basic(ty);
        self.in_entry(|this| Value(built(this.inner.build_alloca(ty, "")).into()))
    }

    /// An array of 64-bit words in the frame, allocated in the entry block.
    #[must_use]
    pub fn words(&self, count: u32) -> Value<'c> {
        let array = self.module.context.inner().i64_type().array_type(count);
        self.in_entry(|this| Value(built(this.inner.build_alloca(array, "")).into()))
    }

    /// Replaces an earlier [`Builder::words`] by a larger one everywhere.
    pub fn replace_words(&self, old: Value<'c>, new: Value<'c>) {
        let old = old.0.into_pointer_value();
        old.replace_all_uses_with(new.0.into_pointer_value());
        if let Some(instruction) = old.as_instruction() {
            instruction.erase_from_basic_block();
        }
    }

    /// The address of a slot as an integer.
    #[must_use]
    pub fn address(&self, slot: Value<'c>, ty: Type) -> Value<'c> {
        let int = self
            .module
            .types
            .int(ty)
            .expect("invariant: callers name integer types");
        let pointer = slot.0.into_pointer_value();
        Value(built(self.inner.build_ptr_to_int(pointer, int, "")).into())
    }

    /// Reads a frame slot.
    #[must_use]
    pub fn read(&self, ty: Type, slot: Value<'c>) -> Value<'c> {
        Value(built(self.inner.build_load(
            self.basic(ty),
            slot.0.into_pointer_value(),
            "",
        )))
    }

    /// Writes a frame slot.
    pub fn write(&self, slot: Value<'c>, value: Value<'c>) {
        built(self.inner.build_store(slot.0.into_pointer_value(), value.0));
    }

    /// Loads from memory outside of the frame.
    #[must_use]
    pub fn load(&self, ty: Type, address: Value<'c>, access: Access) -> Value<'c> {
        let address = address.0.into_pointer_value();
        let value = built(self.inner.build_load(self.basic(ty), address, ""));
        let instruction = value
            .as_instruction_value()
            .expect("invariant: a load is an instruction");
        align(instruction, access.align);
        if access.constant {
            self.module.scopes.mark_constant(instruction);
        }
        self.module.scopes.mark(instruction, access.region);
        Value(value)
    }

    /// Stores to memory outside of the frame.
    pub fn store(&self, value: Value<'c>, address: Value<'c>, access: Access) {
        let address = address.0.into_pointer_value();
        let instruction = built(self.inner.build_store(address, value.0));
        align(instruction, access.align);
        self.module.scopes.mark(instruction, access.region);
    }

    /// If the value is a load (or a widened, splat or inserted one), makes sure that it is executed although nobody uses the result.
    pub fn keep_load(&self, value: Value<'c>) {
        let mut next = Some(value);
        while let Some(value) = next {
            let Some(instruction) = instruction_of(value) else {
                return;
            };
            next = match instruction.get_opcode() {
                InstructionOpcode::Load => {
                    instruction
                        .set_volatile(true)
                        .expect("invariant: a load can be volatile");
                    None
                }
                InstructionOpcode::ZExt
                | InstructionOpcode::SExt
                | InstructionOpcode::BitCast
                | InstructionOpcode::ShuffleVector => operand(instruction, 0),
                InstructionOpcode::InsertElement => operand(instruction, 1),
                InstructionOpcode::Call if reverses(instruction) => operand(instruction, 0),
                _ => None,
            };
        }
    }

    /// The function in the entry that begins `place` bytes, as an integer of pointer size, behind the start
    /// of an array of [`Module::tagged_functions`](super::Module::tagged_functions).
    #[must_use]
    pub fn tagged_function(&self, table: Value<'c>, place: Value<'c>) -> Value<'c> {
        if self.module.distances {
            let size = self.type_of(place);
            return self.intrinsic(Intrinsic::LoadRelative, &[size], &[table, place]);
        }
        let entry = self.index(table, place);
        self.load(Type::Ptr, entry, Access::constant(Region::Instance, 4))
    }

    /// `base + offset` in bytes, inside the object `base` points into.
    #[must_use]
    pub fn offset(&self, base: Value<'c>, offset: u64) -> Value<'c> {
        if offset == 0 {
            return base;
        }
        let offset = self
            .module
            .context
            .inner()
            .i64_type()
            .const_int(offset, false);
        self.advance(base, offset)
    }

    /// `base + index` in bytes, inside the object `base` points into; `index` is unsigned and as
    /// wide as a pointer.
    #[must_use]
    pub fn index(&self, base: Value<'c>, index: Value<'c>) -> Value<'c> {
        self.advance(base, index.0.into_int_value())
    }

    fn advance(&self, base: Value<'c>, bytes: IntValue<'c>) -> Value<'c> {
        let byte = self.basic(Type::I8);
        let byte = byte.as_type_ref();
        let mut index = [bytes.as_value_ref()];
        // SAFETY: builder and operands are live and of one context; the caller states that the
        // address stays inside the object, else the access through it is the guest's fault, which
        // is either checked before or caught by the guard region around the object.
        let pointer = unsafe {
            LLVMBuildGEPWithNoWrapFlags(
                self.inner.as_mut_ptr(),
                byte,
                base.0.as_value_ref(),
                index.as_mut_ptr(),
                1,
                c"".as_ptr(),
                LLVMGEPFlagInBounds | LLVMGEPFlagNUW,
            )
        };
        // SAFETY: LLVM returned a value of pointer type.
        Value(unsafe { PointerValue::new(pointer) }.into())
    }
}

/// Whether a call is one of the intrinsic that reverses bytes.
fn reverses(instruction: InstructionValue<'_>) -> bool {
    let call = CallSiteValue::try_from(instruction);
    let callee = call.ok().and_then(|call| call.get_called_fn_value());
    let name = callee.map(|callee| callee.get_name().to_bytes().starts_with(b"llvm.bswap."));
    name == Some(true)
}

fn operand(instruction: InstructionValue<'_>, position: u32) -> Option<Value<'_>> {
    match instruction.get_operand(position) {
        Some(Operand::Value(operand)) => Some(Value(operand)),
        _ => None,
    }
}

fn align(instruction: InstructionValue<'_>, align: u32) {
    instruction
        .set_alignment(align)
        .expect("invariant: callers pass powers of two");
}
