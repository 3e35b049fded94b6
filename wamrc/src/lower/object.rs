//! What operators on objects have in common: run-time types, headers, access to fields (spec C.15,
//! D.13).
//!
//! Our runtime gives every instance an array of its run-time types, each followed by the run-time types
//! of its supertypes. A stock runtime does not: then the array is null, and code asks its functions.

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Access, Cast, IntCompare, Region, Type, Value};
use crate::plan::{FieldPlan, TypePlan};
use crate::wasm::{StorageType, TypeIdx};
use aot_format::abi::builtins::Builtin;
use aot_format::abi::instance;
use aot_format::abi::traps::TrapId;

/// How a packed field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extend {
    /// The field is not packed.
    None,
    /// By its sign.
    Signed,
    /// By zeros.
    Unsigned,
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn type_plan(&self, ty: u32) -> Result<&TypePlan, CompileError> {
        let plan = self.unit.plan.types.get(TypeIdx(ty).position());
        plan.ok_or_else(|| self.internal("unknown type"))
    }

    /// The instance's array of run-time types, or null.
    pub(super) fn rtts(&mut self) -> Value<'c> {
        if let Some(known) = self.entry.rtts {
            return known;
        }
        let value = self.instance_pointer(instance::Field::Rtts);
        self.entry.rtts = Some(value);
        value
    }

    /// Whether the runtime has no array of run-time types, as a `Bool`.
    pub(super) fn is_foreign_runtime(&mut self) -> Value<'c> {
        let rtts = self.rtts();
        self.is_null(rtts)
    }

    /// The run-time type of a type, from the instance's array, which is there.
    pub(super) fn known_rtt(&mut self, ty: TypeIdx) -> Value<'c> {
        let rtts = self.rtts();
        let pointer = self.unit.pointer_bytes();
        let address = self.b.offset(rtts, u64::from(ty.0) * u64::from(pointer));
        let access = Access::constant(Region::Instance, pointer);
        self.b.load(Type::Ptr, address, access)
    }

    /// The run-time type of a type.
    pub(super) fn rtt(&mut self, ty: TypeIdx) -> Result<Value<'c>, CompileError> {
        let foreign = self.is_foreign_runtime();
        let (ask, known, done) = (
            self.b.block("ask_rtt"),
            self.b.block("rtt"),
            self.b.block(""),
        );
        self.b.branch_rarely(foreign, ask, known);
        self.b.continue_at(ask);
        let instance = self.instance();
        let index = self.b.int(Type::I32, ty.0.into());
        let asked = self.helper(Builtin::AotRttTypeNew, &[instance, index]);
        let asked = asked.ok_or_else(|| self.internal("no answer"))?;
        self.trap_if_null(asked, TrapId::FailedToCreateRttType);
        let asked_end = self.b.current();
        self.b.jump(done);
        self.b.continue_at(known);
        let loaded = self.known_rtt(ty);
        self.b.jump(done);
        self.b.continue_at(done);
        let phi = self.b.phi(Type::Ptr);
        phi.add(asked, asked_end);
        phi.add(loaded, known);
        Ok(phi.value())
    }

    /// The header word of an object that is neither null nor an i31.
    pub(super) fn header(&mut self, object: Value<'c>) -> Value<'c> {
        let access = Access::new(Region::Object, self.unit.pointer_bytes());
        self.b.load(Type::Ptr, object, access)
    }

    /// A reference as an integer.
    pub(super) fn bits(&mut self, reference: Value<'c>) -> Value<'c> {
        self.b
            .cast(Cast::PtrToInt, reference, self.unit.size_type())
    }

    /// The machine type of a field as it lies in the object.
    pub(super) fn storage_type(&self, storage: StorageType) -> Type {
        match storage {
            StorageType::I8 => Type::I8,
            StorageType::I16 => Type::I16,
            StorageType::Val(ty) => self.unit.machine_type(ty),
        }
    }

    pub(super) fn read_field(
        &mut self,
        address: Value<'c>,
        field: &FieldPlan,
        extend: Extend,
    ) -> Value<'c> {
        let ty = self.storage_type(field.storage);
        let access = Access::new(Region::Object, field.align);
        let value = self.b.load(ty, address, access);
        match extend {
            Extend::None => value,
            Extend::Signed => self.b.cast(Cast::SExt, value, Type::I32),
            Extend::Unsigned => self.b.cast(Cast::ZExt, value, Type::I32),
        }
    }

    pub(super) fn write_field(&mut self, address: Value<'c>, field: &FieldPlan, value: Value<'c>) {
        let value = self.packed(field.storage, value);
        self.b
            .store(value, address, Access::new(Region::Object, field.align));
    }

    /// A value as it lies in a field.
    pub(super) fn packed(&mut self, storage: StorageType, value: Value<'c>) -> Value<'c> {
        match storage {
            StorageType::I8 => self.b.cast(Cast::Trunc, value, Type::I8),
            StorageType::I16 => self.b.cast(Cast::Trunc, value, Type::I16),
            StorageType::Val(_) => value,
        }
    }

    pub(super) fn any_convert_extern(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        let value = self.unless_null(value, |this| {
            this.helper(Builtin::WasmExternrefObjToInternalObj, &[value])
        })?;
        self.push(value);
        Ok(())
    }

    pub(super) fn extern_convert_any(&mut self) -> Result<(), CompileError> {
        self.safepoint();
        let value = self.pop()?;
        let exec_env = self.exec_env;
        let value = self.unless_null(value, |this| {
            let made = this.helper(Builtin::WasmInternalObjToExternrefObj, &[exec_env, value])?;
            this.trap_if_null(made, TrapId::FailedToCreateExternrefObj);
            Some(made)
        })?;
        self.push(value);
        Ok(())
    }

    /// Null if the reference is null, else what `convert` makes of it.
    fn unless_null(
        &mut self,
        value: Value<'c>,
        convert: impl FnOnce(&mut Self) -> Option<Value<'c>>,
    ) -> Result<Value<'c>, CompileError> {
        let null = self.is_null(value);
        let before = self.b.current();
        let (some, done) = (self.b.block("convert"), self.b.block(""));
        self.b.branch(null, done, some);
        self.b.continue_at(some);
        let converted = convert(self).ok_or_else(|| self.internal("no answer"))?;
        let end = self.b.current();
        self.b.jump(done);
        self.b.continue_at(done);
        let phi = self.b.phi(Type::Ptr);
        phi.add(value, before);
        phi.add(converted, end);
        Ok(phi.value())
    }

    /// Whether two integers differ, as a `Bool`.
    pub(super) fn differs(&mut self, left: Value<'c>, right: Value<'c>) -> Value<'c> {
        self.b.icmp(IntCompare::Ne, left, right)
    }
}
