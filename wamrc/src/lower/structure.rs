//! Structures (core spec 3.3.5; spec D.13.3).

use super::function::FunctionLowering;
use super::object::Extend;
use crate::error::CompileError;
use crate::llvm::Value;
use crate::plan::{FieldPlan, Shape};
use crate::wasm::LocalIdx;
use aot_format::abi::builtins::Builtin;
use aot_format::abi::traps::TrapId;

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn struct_new(&mut self, ty: u32) -> Result<(), CompileError> {
        let fields = self.fields(ty)?;
        let object = self.new_structure(ty)?;
        let values = self.pop_many(fields.len())?;
        for (field, value) in fields.iter().zip(values) {
            let address = self.b.offset(object, field.offset.into());
            self.write_field(address, field, value);
        }
        self.push(object);
        Ok(())
    }

    pub(super) fn struct_new_default(&mut self, ty: u32) -> Result<(), CompileError> {
        let object = self.new_structure(ty)?;
        self.push(object);
        Ok(())
    }

    /// A structure of zeros and nulls. Field values stay on the stack, where a collection finds them.
    fn new_structure(&mut self, ty: u32) -> Result<Value<'c>, CompileError> {
        let canonical = self.type_plan(ty)?.canonical;
        self.safepoint();
        let rtt = self.rtt(canonical)?;
        let object = self.helper(Builtin::WasmStructObjNew, &[self.exec_env, rtt]);
        let object = object.ok_or_else(|| self.internal("no answer"))?;
        self.trap_if_null(object, TrapId::FailedToCreateStructObj);
        Ok(object)
    }

    pub(super) fn struct_get(
        &mut self,
        ty: u32,
        field: u32,
        extend: Extend,
    ) -> Result<(), CompileError> {
        let field = self.field(ty, field)?;
        let object = self.pop()?;
        self.trap_if_null(object, TrapId::NullStructObj);
        let address = self.b.offset(object, field.offset.into());
        let value = self.read_field(address, &field, extend);
        self.push(value);
        Ok(())
    }

    pub(super) fn struct_set(&mut self, ty: u32, field: u32) -> Result<(), CompileError> {
        let field = self.field(ty, field)?;
        let [object, value] = self.pop_array()?;
        self.trap_if_null(object, TrapId::NullStructObj);
        let address = self.b.offset(object, field.offset.into());
        self.write_field(address, &field, value);
        Ok(())
    }

    fn fields(&self, ty: u32) -> Result<Vec<FieldPlan>, CompileError> {
        match &self.type_plan(ty)?.shape {
            Shape::Struct(fields) => Ok(fields.clone()),
            _ => Err(self.internal("not a structure type")),
        }
    }

    fn field(&self, ty: u32, field: u32) -> Result<FieldPlan, CompileError> {
        let field = match &self.type_plan(ty)?.shape {
            // Fields are counted as locals are.
            Shape::Struct(fields) => fields.get(LocalIdx(field).position()),
            _ => None,
        };
        field.copied().ok_or_else(|| self.internal("unknown field"))
    }
}
