//! Processor and feature names of LLVM's Xtensa target.
//!
//! As `x86.rs`: kept equal to what the linked LLVM prints by the test `names_are_those_of_llvm`; to
//! update it, copy from there.

use super::{NameAndHelp, feature};

/// Processors, ascending.
pub(super) const CPUS: &[&str] = &["esp32", "esp8266", "generic"];

/// Features with LLVM's description, ascending by name.
pub(super) const FEATURES: &[NameAndHelp] = &[
    feature("bool", "Enable Xtensa Boolean extension."),
    feature("clamps", "Enable Xtensa CLAMPS option."),
    feature("coprocessor", "Enable Xtensa Coprocessor option."),
    feature("dcache", "Enable Xtensa Data Cache option."),
    feature("debug", "Enable Xtensa Debug option."),
    feature("density", "Enable Density instructions."),
    feature(
        "dfpaccel",
        "Enable Xtensa Double Precision FP acceleration.",
    ),
    feature("div32", "Enable Xtensa Div32 option."),
    feature("exception", "Enable Xtensa Exception option."),
    feature("extendedl32r", "Enable Xtensa Extended L32R option."),
    feature(
        "forced-atomics",
        "Assume that lock-free native-width atomics are available.",
    ),
    feature("fp", "Enable Xtensa Single FP instructions."),
    feature(
        "highpriinterrupts",
        "Enable Xtensa HighPriInterrupts option.",
    ),
    feature(
        "highpriinterrupts-level3",
        "Enable Xtensa HighPriInterrupts Level3.",
    ),
    feature(
        "highpriinterrupts-level4",
        "Enable Xtensa HighPriInterrupts Level4.",
    ),
    feature(
        "highpriinterrupts-level5",
        "Enable Xtensa HighPriInterrupts Level5.",
    ),
    feature(
        "highpriinterrupts-level6",
        "Enable Xtensa HighPriInterrupts Level6.",
    ),
    feature(
        "highpriinterrupts-level7",
        "Enable Xtensa HighPriInterrupts Level7.",
    ),
    feature("interrupt", "Enable Xtensa Interrupt option."),
    feature("loop", "Enable Xtensa Loop extension."),
    feature("mac16", "Enable Xtensa MAC16 instructions."),
    feature("minmax", "Enable Xtensa MINMAX option."),
    feature("miscsr", "Enable Xtensa Miscellaneous SR option."),
    feature("mul16", "Enable Xtensa Mul16 option."),
    feature("mul32", "Enable Xtensa Mul32 option."),
    feature("mul32high", "Enable Xtensa Mul32High option."),
    feature("nsa", "Enable Xtensa NSA option."),
    feature("prid", "Enable Xtensa Processor ID option."),
    feature("regprotect", "Enable Xtensa Region Protection option."),
    feature("rvector", "Enable Xtensa Relocatable Vector option."),
    feature("s32c1i", "Enable Xtensa S32C1I option."),
    feature("sext", "Enable Xtensa Sign Extend option."),
    feature("threadptr", "Enable Xtensa THREADPTR option."),
    feature("timers1", "Enable Xtensa Timers 1."),
    feature("timers2", "Enable Xtensa Timers 2."),
    feature("timers3", "Enable Xtensa Timers 3."),
    feature("windowed", "Enable Xtensa Windowed Register option."),
];
