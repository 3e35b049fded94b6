//! Processor and feature names of LLVM's MIPS target.
//!
//! As `x86.rs`: kept equal to what the linked LLVM prints by the test `names_are_those_of_llvm`; to
//! update it, copy from there.

use super::{NameAndHelp, feature};

/// Processors, ascending.
pub(super) const CPUS: &[&str] = &[
    "generic", "i6400", "i6500", "mips1", "mips2", "mips3", "mips32", "mips32r2", "mips32r3",
    "mips32r5", "mips32r6", "mips4", "mips5", "mips64", "mips64r2", "mips64r3", "mips64r5",
    "mips64r6", "octeon", "octeon+", "p5600",
];

/// Features with LLVM's description, ascending by name.
pub(super) const FEATURES: &[NameAndHelp] = &[
    feature("abs2008", "Disable IEEE 754-2008 abs.fmt mode."),
    feature("cnmips", "Octeon cnMIPS Support."),
    feature("cnmipsp", "Octeon+ cnMIPS Support."),
    feature("crc", "Mips R6 CRC ASE."),
    feature("dsp", "Mips DSP ASE."),
    feature("dspr2", "Mips DSP-R2 ASE."),
    feature("dspr3", "Mips DSP-R3 ASE."),
    feature("eva", "Mips EVA ASE."),
    feature("fp64", "Support 64-bit FP registers."),
    feature("fpxx", "Support for FPXX."),
    feature("ginv", "Mips Global Invalidate ASE."),
    feature("gp64", "General Purpose Registers are 64-bit wide."),
    feature("i6400", "MIPS I6400 Processor."),
    feature("i6500", "MIPS I6500 Processor."),
    feature("long-calls", "Disable use of the jal instruction."),
    feature("micromips", "microMips mode."),
    feature("mips1", "Mips I ISA Support [highly experimental]."),
    feature("mips16", "Mips16 mode."),
    feature("mips2", "Mips II ISA Support [highly experimental]."),
    feature("mips3", "MIPS III ISA Support [highly experimental]."),
    feature("mips32", "Mips32 ISA Support."),
    feature("mips32r2", "Mips32r2 ISA Support."),
    feature("mips32r3", "Mips32r3 ISA Support."),
    feature("mips32r5", "Mips32r5 ISA Support."),
    feature("mips32r6", "Mips32r6 ISA Support [experimental]."),
    feature(
        "mips3_32",
        "Subset of MIPS-III that is also in MIPS32 [highly experimental].",
    ),
    feature(
        "mips3_32r2",
        "Subset of MIPS-III that is also in MIPS32r2 [highly experimental].",
    ),
    feature("mips3d", "Mips 3D ASE."),
    feature("mips4", "MIPS IV ISA Support."),
    feature(
        "mips4_32",
        "Subset of MIPS-IV that is also in MIPS32 [highly experimental].",
    ),
    feature(
        "mips4_32r2",
        "Subset of MIPS-IV that is also in MIPS32r2 [highly experimental].",
    ),
    feature("mips5", "MIPS V ISA Support [highly experimental]."),
    feature(
        "mips5_32r2",
        "Subset of MIPS-V that is also in MIPS32r2 [highly experimental].",
    ),
    feature("mips64", "Mips64 ISA Support."),
    feature("mips64r2", "Mips64r2 ISA Support."),
    feature("mips64r3", "Mips64r3 ISA Support."),
    feature("mips64r5", "Mips64r5 ISA Support."),
    feature("mips64r6", "Mips64r6 ISA Support [experimental]."),
    feature("msa", "Mips MSA ASE."),
    feature("mt", "Mips MT ASE."),
    feature("nan2008", "IEEE 754-2008 NaN encoding."),
    feature(
        "noabicalls",
        "Disable SVR4-style position-independent code.",
    ),
    feature(
        "nomadd4",
        "Disable 4-operand madd.fmt and related instructions.",
    ),
    feature(
        "nooddspreg",
        "Disable odd numbered single-precision registers.",
    ),
    feature("p5600", "The P5600 Processor."),
    feature("ptr64", "Pointers are 64-bit wide."),
    feature("single-float", "Only supports single precision float."),
    feature(
        "soft-float",
        "Does not support floating point instructions.",
    ),
    feature("strict-align", "Disable unaligned load store for r6."),
    feature("sym32", "Symbols are 32 bit on Mips64."),
    feature(
        "use-compact-branches",
        "Use compact branch instructions for MIPS32R6/MIPS64R6.",
    ),
    feature(
        "use-indirect-jump-hazard",
        "Use indirect jump guards to prevent certain speculation based attacks.",
    ),
    feature("use-tcc-in-div", "Force the assembler to use trapping."),
    feature("vfpu", "Enable vector FPU instructions."),
    feature("virt", "Mips Virtualization ASE."),
    feature("xgot", "Assume 32-bit GOT."),
];
