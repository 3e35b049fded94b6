//! Integers of 31 bits as references: `(value << 1) | 1` (core spec 3.3.5; spec D.13.3).

use super::function::FunctionLowering;
use super::object::Extend;
use crate::error::CompileError;
use crate::llvm::{Binary, Cast, Type};
use aot_format::abi::traps::TrapId;

impl FunctionLowering<'_, '_, '_, '_> {
    pub(super) fn ref_i31(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        let one = self.b.int(Type::I32, 1);
        let shifted = self.b.binary(Binary::Shl, value, one);
        let bits = self.b.binary(Binary::Or, shifted, one);
        let bits = self.b.cast(Cast::ZExt, bits, self.unit.size_type());
        let reference = self.b.cast(Cast::IntToPtr, bits, Type::Ptr);
        self.push(reference);
        Ok(())
    }

    pub(super) fn i31_get(&mut self, extend: Extend) -> Result<(), CompileError> {
        let reference = self.pop()?;
        self.trap_if_null(reference, TrapId::NullI31Obj);
        let bits = self.bits(reference);
        let bits = self.b.cast(Cast::Trunc, bits, Type::I32);
        let one = self.b.int(Type::I32, 1);
        let shift = match extend {
            Extend::Signed => Binary::AShr,
            Extend::None | Extend::Unsigned => Binary::LShr,
        };
        let value = self.b.binary(shift, bits, one);
        self.push(value);
        Ok(())
    }
}
