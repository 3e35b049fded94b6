//! References (core spec 3.3.2; spec C.1, D.13.3): function indices and host keys of 32 bits, or
//! addresses of objects.

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{IntCompare, Type, Value};
use crate::plan::is_object;
use crate::wasm::{ValType, heap_type};
use aot_format::abi::builtins::Builtin;
use aot_format::abi::traps::TrapId;
use aot_format::{HeapType, RefType, Representation};

/// The null reference, where references are indices.
pub(super) const NULL: u64 = 0xFFFF_FFFF;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// Whether references are addresses of objects.
    pub(super) fn objects(&self) -> bool {
        self.unit.plan.references.representation == Representation::Object
    }

    pub(super) fn heap_type(&self, ty: wasmparser::HeapType) -> Result<HeapType, CompileError> {
        heap_type(ty).ok_or_else(|| self.internal("unknown heap type"))
    }

    pub(super) fn ref_null(&mut self, ty: wasmparser::HeapType) -> Result<(), CompileError> {
        let ty = ValType::Ref(RefType::nullable(self.heap_type(ty)?));
        let value = if is_object(ty, self.unit.plan.references) {
            self.b.zero(Type::Ptr)
        } else {
            self.b.int(Type::I32, NULL)
        };
        self.push(value);
        Ok(())
    }

    /// Whether a reference is null, as a `Bool`.
    pub(super) fn is_null(&mut self, value: Value<'c>) -> Value<'c> {
        let null = match self.b.type_of(value) {
            Type::Ptr => self.b.zero(Type::Ptr),
            _ => self.b.int(Type::I32, NULL),
        };
        self.b.icmp(IntCompare::Eq, value, null)
    }

    pub(super) fn ref_is_null(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        let value = self.is_null(value);
        self.push_bool(value);
        Ok(())
    }

    pub(super) fn ref_as_non_null(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        self.trap_if_null(value, TrapId::NullReference);
        self.push(value);
        Ok(())
    }

    pub(super) fn trap_if_null(&mut self, value: Value<'c>, trap: TrapId) {
        let null = self.is_null(value);
        self.trap_if(null, trap);
    }

    pub(super) fn ref_eq(&mut self) -> Result<(), CompileError> {
        let [left, right] = self.pop_array()?;
        let same = self.b.icmp(IntCompare::Eq, left, right);
        self.push_bool(same);
        Ok(())
    }

    pub(super) fn ref_func(&mut self, function: u32) -> Result<(), CompileError> {
        let index = self.b.int(Type::I32, function.into());
        if !self.objects() {
            self.push(index);
            return Ok(());
        }
        self.safepoint();
        let instance = self.instance();
        let (raise, no_text) = (self.b.int(Type::I8, 1), self.b.zero(Type::Ptr));
        let no_bytes = self.b.int(Type::I32, 0);
        let args = [instance, index, raise, no_text, no_bytes];
        let object = self.helper(Builtin::AotCreateFuncObj, &args);
        let object = object.ok_or_else(|| self.internal("no answer"))?;
        if !self.unit.plan.checks.traps_unwind() {
            let failed = self.is_null(object);
            let leave = self.leave_block();
            self.leave_if(failed, leave);
        }
        self.push(object);
        Ok(())
    }
}
