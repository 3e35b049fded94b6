//! Whether a machine has a feature, found out by asking for it as well.
//!
//! LLVM's C interface does not say which features a CPU implies. But code for a machine that is given a
//! feature it has anyway is the same code, and the other way round for the features that matter here:
//! those that decide where floats are passed and what computes with them.

use super::{Machine, MachineOptions};
use crate::llvm::context::Context;
use crate::llvm::error::LlvmError;
use crate::llvm::instruction::Binary;
use crate::llvm::module::{FunctionKind, Module};
use crate::llvm::types::{Signature, Type};

/// Whether a machine has a feature.
///
/// # Errors
/// As for making the machine and code for it.
pub(super) fn has(options: &MachineOptions<'_>, feature: &str) -> Result<bool, LlvmError> {
    let features = match options.features {
        "" => format!("+{feature}"),
        others => format!("{others},+{feature}"),
    };
    let with = MachineOptions {
        features: &features,
        ..*options
    };
    Ok(code(options)? == code(&with)?)
}

/// Code that adds floats, wide and narrow.
fn code(options: &MachineOptions<'_>) -> Result<String, LlvmError> {
    let machine = Machine::create(options)?;
    let context = Context::new();
    let module = Module::new(&context, "probe", &machine);
    for (symbol, ty) in [("single", Type::F32), ("double", Type::F64)] {
        let signature = Signature::new(&[ty, ty], Some(ty));
        let function = module.define(symbol, &signature, FunctionKind::Entry);
        let b = module.builder(function);
        if let (Some(lhs), Some(rhs)) = (function.param(0), function.param(1)) {
            b.ret(Some(b.binary(Binary::FAdd, lhs, rhs)));
        }
        b.finish();
    }
    machine.emit_assembly(&module)
}
