//! Optimisation pipelines per level.
//!
//! A table of LLVM's textual pipelines: changing what runs is changing a string here.

use super::context::Context;
use super::error::LlvmError;
use super::machine::Machine;
use super::module::Module;
use crate::options::OptLevel;
use inkwell::OptimizationLevel;
use inkwell::passes::PassBuilderOptions;

/// The effort of instruction selection and register allocation.
pub(super) fn codegen(level: OptLevel) -> OptimizationLevel {
    match level {
        OptLevel::O0 => OptimizationLevel::None,
        OptLevel::O1 => OptimizationLevel::Less,
        OptLevel::O2 => OptimizationLevel::Default,
        OptLevel::O3 => OptimizationLevel::Aggressive,
    }
}

/// The pipeline of a level, as `opt -passes=` takes it; empty for none.
#[must_use]
pub fn pipeline(level: OptLevel) -> &'static str {
    match level {
        OptLevel::O0 => "",
        OptLevel::O1 => "default<O1>",
        OptLevel::O2 => "default<O2>",
        OptLevel::O3 => "default<O3>",
    }
}

impl Module<'_> {
    /// Optimises the module in place.
    ///
    /// # Errors
    /// [`LlvmError::Step`] if LLVM reports an error.
    pub fn optimise(&self, machine: &Machine, level: OptLevel) -> Result<(), LlvmError> {
        let pipeline = pipeline(level);
        if pipeline.is_empty() {
            return Ok(());
        }
        let options = PassBuilderOptions::create();
        // As clang does from -O2 on.
        options.set_loop_vectorization(level >= OptLevel::O2);
        options.set_loop_slp_vectorization(level >= OptLevel::O2);
        options.set_loop_interleaving(level >= OptLevel::O2);
        options.set_loop_unrolling(level >= OptLevel::O2);
        self.inner
            .run_passes(pipeline, machine.inner(), options)
            .map_err(|message| LlvmError::Step {
                step: "passes",
                message: message.to_string(),
            })?;
        reported(self.context, "passes")
    }
}

/// Turns errors LLVM reported through the context into a result.
pub(super) fn reported(context: &Context, step: &'static str) -> Result<(), LlvmError> {
    match context.take_errors() {
        errors if errors.is_empty() => Ok(()),
        errors => Err(LlvmError::Step {
            step,
            message: errors.join("; "),
        }),
    }
}
