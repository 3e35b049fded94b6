//! References: function indices and host keys of 32 bits (core spec 3.3.2; spec C.1).

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{IntCompare, Type};

/// The null reference.
pub(super) const NULL: u64 = 0xFFFF_FFFF;

impl FunctionLowering<'_, '_, '_, '_> {
    pub(super) fn ref_null(&mut self) {
        let value = self.b.int(Type::I32, NULL);
        self.push(value);
    }

    pub(super) fn ref_is_null(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        let null = self.b.int(Type::I32, NULL);
        let value = self.b.icmp(IntCompare::Eq, value, null);
        self.push_bool(value);
        Ok(())
    }

    pub(super) fn ref_func(&mut self, function: u32) {
        let value = self.b.int(Type::I32, function.into());
        self.push(value);
    }
}
