//! Making LLVM's targets known to LLVM.
//!
//! All targets of ours that LLVM has, each once per process. inkwell knows all of them but Xtensa,
//! whose five functions every LLVM library that was built with this target exports.

#![allow(
    unsafe_code,
    reason = "inkwell does not declare the functions of Xtensa"
)]

use inkwell::targets::{InitializationConfig, Target};
use std::sync::Once;

// Safe to call at any time: they add rows to LLVM's list of targets, and `initialise` calls them once.
unsafe extern "C" {
    safe fn LLVMInitializeXtensaTargetInfo();
    safe fn LLVMInitializeXtensaTarget();
    safe fn LLVMInitializeXtensaTargetMC();
    safe fn LLVMInitializeXtensaAsmPrinter();
    safe fn LLVMInitializeXtensaAsmParser();
    safe fn LLVMInitializeXtensaDisassembler();
}

/// Makes all targets known; what comes after the first call does nothing.
pub(in crate::llvm) fn initialise() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let config = InitializationConfig::default();
        Target::initialize_x86(&config);
        Target::initialize_aarch64(&config);
        Target::initialize_arm(&config);
        Target::initialize_riscv(&config);
        Target::initialize_mips(&config);
        LLVMInitializeXtensaTargetInfo();
        LLVMInitializeXtensaTarget();
        LLVMInitializeXtensaTargetMC();
        LLVMInitializeXtensaAsmPrinter();
        LLVMInitializeXtensaAsmParser();
        LLVMInitializeXtensaDisassembler();
    });
}
