//! Setting up LLVM's target machine by its C interface: inkwell knows no tiny code model.

#![allow(unsafe_code, reason = "calls of LLVM's C interface")]

use super::MachineOptions;
use crate::llvm::passes::codegen;
use inkwell::targets::{Target, TargetMachine, TargetTriple};
use llvm_sys::target_machine::{
    LLVMCodeModel, LLVMCreateTargetMachineOptions, LLVMCreateTargetMachineWithOptions,
    LLVMDisposeTargetMachineOptions, LLVMRelocMode, LLVMTargetMachineOptionsRef,
    LLVMTargetMachineOptionsSetABI, LLVMTargetMachineOptionsSetCPU,
    LLVMTargetMachineOptionsSetCodeGenOptLevel, LLVMTargetMachineOptionsSetCodeModel,
    LLVMTargetMachineOptionsSetFeatures, LLVMTargetMachineOptionsSetRelocMode,
};
use std::ffi::{CString, c_char};
use targets::{CodeModel, RelocModel};

/// Options of LLVM's, given back at the end.
struct Settings(LLVMTargetMachineOptionsRef);

impl Drop for Settings {
    fn drop(&mut self) {
        // SAFETY: made in `create`, given back once.
        unsafe { LLVMDisposeTargetMachineOptions(self.0) };
    }
}

/// The machine of these options; `None` if LLVM makes none, or a text holds a NUL.
pub(super) fn create(
    target: &Target,
    triple: &TargetTriple,
    options: &MachineOptions<'_>,
) -> Option<TargetMachine> {
    // SAFETY: no conditions.
    let settings = Settings(unsafe { LLVMCreateTargetMachineOptions() });
    settings.text(LLVMTargetMachineOptionsSetCPU, options.cpu)?;
    settings.text(LLVMTargetMachineOptionsSetFeatures, options.features)?;
    settings.text(LLVMTargetMachineOptionsSetABI, options.abi_name())?;
    let level = codegen(options.level, options.target.width).into();
    // SAFETY: live settings, a value of LLVM's enumeration.
    unsafe { LLVMTargetMachineOptionsSetCodeGenOptLevel(settings.0, level) };
    // SAFETY: as above.
    unsafe { LLVMTargetMachineOptionsSetRelocMode(settings.0, reloc_mode(options)) };
    // SAFETY: as above.
    unsafe { LLVMTargetMachineOptionsSetCodeModel(settings.0, code_model(options)) };
    let target = target.as_mut_ptr();
    // SAFETY: a target LLVM has given, a NUL-terminated triple, live settings.
    let machine =
        unsafe { LLVMCreateTargetMachineWithOptions(target, triple.as_ptr(), settings.0) };
    // SAFETY: a machine that nobody else owns, by the test.
    (!machine.is_null()).then(|| unsafe { TargetMachine::new(machine) })
}

impl Settings {
    /// Sets a text by one of LLVM's functions, which copies it.
    fn text(
        &self,
        set: unsafe extern "C" fn(LLVMTargetMachineOptionsRef, *const c_char),
        text: &str,
    ) -> Option<()> {
        let text = CString::new(text).ok()?;
        // SAFETY: live settings, and a NUL-terminated text that lives during the call.
        unsafe { set(self.0, text.as_ptr()) };
        Some(())
    }
}

fn reloc_mode(options: &MachineOptions<'_>) -> LLVMRelocMode {
    match options.target.llvm.reloc_model {
        RelocModel::Static => LLVMRelocMode::LLVMRelocStatic,
        RelocModel::Pic => LLVMRelocMode::LLVMRelocPIC,
    }
}

fn code_model(options: &MachineOptions<'_>) -> LLVMCodeModel {
    let llvm = &options.target.llvm;
    let model = match options.in_place {
        true => llvm.in_place,
        false => llvm.code_model,
    };
    match model {
        CodeModel::Tiny => LLVMCodeModel::LLVMCodeModelTiny,
        CodeModel::Small => LLVMCodeModel::LLVMCodeModelSmall,
        CodeModel::Medium => LLVMCodeModel::LLVMCodeModelMedium,
        CodeModel::Large => LLVMCodeModel::LLVMCodeModelLarge,
    }
}
