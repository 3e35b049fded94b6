//! Making LLVM's targets known to LLVM, and what is set once per process.
//!
//! All targets of ours that LLVM has, each once per process. inkwell knows all of them but Xtensa,
//! whose five functions every LLVM library that was built with this target exports.

#![allow(
    unsafe_code,
    reason = "inkwell does not declare the functions of Xtensa, nor LLVM's settings"
)]

use inkwell::targets::{InitializationConfig, Target};
use llvm_sys::support::LLVMParseCommandLineOptions;
use std::ffi::CStr;
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

/// Settings of LLVM's that are the process's, not a module's; each bounds work that grows with the square of a function.
///
/// - `dag-maps-huge-region`: from so many instructions without a label on, dependences of memory accesses are looked at in
///   groups. A block of 24,000 instructions is then scheduled in a fourth of the time, and what compilers make of usual
///   programs has the same size. LLVM's own limit is 1000.
/// - `grow-region-complexity-budget`: so many edges between blocks are looked at when a value is to be split around a
///   region. Emission takes 4 % less, up to 11 %, code is 1.4 % smaller, and programs execute as many instructions as
///   before. LLVM's own limit is 10000.
const SETTINGS: [&CStr; 3] = [
    c"wamrc",
    c"-dag-maps-huge-region=200",
    c"-grow-region-complexity-budget=300",
];

fn set() {
    let arguments = SETTINGS.map(CStr::as_ptr);
    let count = i32::try_from(arguments.len()).unwrap_or(0);
    // SAFETY: so many strings, each ended by NUL; no overview is allowed. Called once, before anything is compiled.
    unsafe { LLVMParseCommandLineOptions(count, arguments.as_ptr(), std::ptr::null()) };
}

/// Makes all targets known; what comes after the first call does nothing.
pub(in crate::llvm) fn initialise() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set();
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
