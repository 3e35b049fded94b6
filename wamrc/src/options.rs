//! What to compile for and how, as plain data.
//!
//! No command line types (see `cli`) and no LLVM types (see `llvm`). Defaults are those of the
//! target, never of the machine the compiler runs on.

use std::num::NonZeroU32;
use targets::triple::Selection;
use targets::{Abi, FloatAbi, Target};

/// Instruction set to generate code for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// The target's fixed portable baseline.
    Baseline,
    /// A CPU by LLVM's name.
    Named(String),
    /// The CPU the compiler runs on. The output then depends on that machine.
    Native,
}

/// How hard to optimise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptLevel {
    /// Not at all: fastest compilation.
    O0,
    /// A little.
    O1,
    /// Well.
    O2,
    /// As well as possible.
    O3,
    /// Well, where that makes the code no larger.
    Os,
    /// For the smallest code.
    Oz,
}

impl OptLevel {
    /// Every level by the name it has behind `-O`.
    pub const ALL: &[(&str, Self)] = &[
        ("0", Self::O0),
        ("1", Self::O1),
        ("2", Self::O2),
        ("3", Self::O3),
        ("s", Self::Os),
        ("z", Self::Oz),
    ];
}

/// How far apart code and data may be, stock's `--size-level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeLevel {
    /// Large code model.
    Large,
    /// Medium code model.
    Medium,
    /// Kernel code model.
    Kernel,
    /// Small code model.
    Small,
}

/// Who finds out that an access is outside linear memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundsCheck {
    /// The MMU: the runtime reserves all addresses an access can form.
    GuardPages,
    /// The code compares before each access.
    Emit,
}

/// Whether functions compare the stack pointer with the stack's end when they are entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StackCheck {
    /// No: the runtime's guard page finds overflow.
    GuardPage,
    /// Yes.
    Emit,
}

/// Whether writes to the program's own stack pointer (a wasm global) are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuxStackCheck {
    /// No.
    Omit,
    /// Yes, as stock wamrc does unless told otherwise.
    Emit,
}

/// How code calls functions of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeCalls {
    /// Directly: the loader writes their addresses into the code.
    Direct,
    /// Through a table that the runtime fills in, so that the code needs no change and can be executed where
    /// the file is. Stock's `--enable-indirect-mode`.
    Table,
}

/// Operations that become calls of routines of the runtime (`aot_intrinsic_…`, spec D.15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intrinsics {
    /// None: LLVM does with each operation what it does.
    Llvm,
    /// Those LLVM would make calls of. Stock's `--disable-llvm-intrinsics`.
    OfTarget,
    /// Those named, by group or one by one. Stock's `--enable-builtin-intrinsics=`.
    Listed(Vec<String>),
}

/// Runtime a file has to load on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// This project's.
    Ours,
    /// Stock WAMR in its default build, of the version that reads the container's.
    Stock,
}

/// Kind of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A WAMR AOT container.
    Aot,
    /// The relocatable object file LLVM emits.
    Object,
    /// LLVM IR as lowered.
    LlvmIrUnopt,
    /// LLVM IR after optimisation.
    LlvmIrOpt,
    /// Assembly text as LLVM prints it.
    Assembly,
}

/// Version of the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AotVersion {
    /// WAMR's releases 2.4.1 to 2.4.5.
    V5,
    /// WAMR's main branch since March 2026.
    V6,
}

impl AotVersion {
    /// The number in the container's header.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::V5 => 5,
            Self::V6 => 6,
        }
    }
}

/// Whether the backend may turn `br_table` and constant `select` chains into tables in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JumpTables {
    /// Never.
    Avoid,
    /// Where they pay.
    Allow,
}

/// Whether modules may use a proposal that could be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Modules that use it are refused.
    Refuse,
    /// Modules may use it.
    Accept,
}

/// Whether the file tells which instruction of the module its code was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressMap {
    /// No.
    Omit,
    /// Yes: containers in a section of ours, other formats as debug information with offsets for line numbers. The code is
    /// the same, apart from the order of instructions at the entry of functions on some machines.
    Emit,
}

/// Whether large modules are compiled in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partitioning {
    /// In parts of about so many bytes of WebAssembly code, where the kind of output allows.
    Parts(NonZeroU32),
    /// No: LLVM sees all functions at once.
    Whole,
}

impl Partitioning {
    /// Parts of 4 KiB: large enough that what LLVM does not see across their borders hardly matters, small enough that modules
    /// of 8 KiB occupy two threads.
    pub const DEFAULT: Self = Self::Parts(NonZeroU32::MIN.saturating_add(4 * 1024 - 1));
}

/// Everything that decides what comes out, besides the module.
#[derive(Clone, Debug)]
pub struct Options {
    /// Machine to compile for.
    pub target: &'static Target,
    /// ABI; `None` for the target's default.
    pub abi: Option<&'static Abi>,
    /// Instruction set.
    pub cpu: Cpu,
    /// Instruction set changes in LLVM's notation, `+a,-b`; may be empty.
    pub cpu_features: String,
    /// Optimisation effort.
    pub opt_level: OptLevel,
    /// Code model.
    pub size_level: SizeLevel,
    /// Bounds checks of linear memory.
    pub bounds_check: BoundsCheck,
    /// Native stack checks.
    pub stack_check: StackCheck,
    /// Checks of the program's own stack pointer.
    pub aux_stack_check: AuxStackCheck,
    /// Jump tables.
    pub jump_tables: JumpTables,
    /// Parts.
    pub partitioning: Partitioning,
    /// Calls of the runtime.
    pub runtime_calls: RuntimeCalls,
    /// Operations that become such calls.
    pub intrinsics: Intrinsics,
    /// The runtime whose abilities the file is checked against.
    pub runtime: Runtime,
    /// Kind of output.
    pub format: Format,
    /// Container version.
    pub aot_version: AotVersion,
    /// Origins of the code.
    pub address_map: AddressMap,
    /// Names of the wasm custom sections to copy, in order.
    pub custom_sections: Vec<String>,
    /// Vectors: fixed-width and relaxed SIMD.
    pub simd: Proposal,
    /// Bulk memory operations and passive segments.
    pub bulk_memory: Proposal,
    /// Reference types.
    pub reference_types: Proposal,
}

impl Options {
    /// The defaults for a target.
    #[must_use]
    pub fn new(target: &'static Target) -> Self {
        let guarded = target.guard_pages;
        Self {
            target,
            abi: None,
            cpu: Cpu::Baseline,
            cpu_features: String::new(),
            opt_level: OptLevel::O3,
            size_level: SizeLevel::Small,
            bounds_check: if guarded {
                BoundsCheck::GuardPages
            } else {
                BoundsCheck::Emit
            },
            stack_check: if guarded {
                StackCheck::GuardPage
            } else {
                StackCheck::Emit
            },
            aux_stack_check: AuxStackCheck::Emit,
            jump_tables: JumpTables::Allow,
            partitioning: Partitioning::DEFAULT,
            runtime_calls: RuntimeCalls::Direct,
            intrinsics: Intrinsics::Llvm,
            runtime: Runtime::Ours,
            format: Format::Aot,
            aot_version: AotVersion::V6,
            address_map: AddressMap::Omit,
            custom_sections: Vec::new(),
            simd: Proposal::Accept,
            bulk_memory: Proposal::Accept,
            reference_types: Proposal::Accept,
        }
    }

    /// Defaults for what a name stands for: a target, perhaps with CPU, features and ABI.
    #[must_use]
    pub fn select(selection: &Selection) -> Self {
        let profile = selection.profile;
        Self {
            cpu: profile.map_or(Cpu::Baseline, |profile| Cpu::Named(profile.cpu.to_owned())),
            cpu_features: selection.features.to_owned(),
            abi: selection.abi,
            ..Self::new(selection.target)
        }
    }

    /// How floats are passed.
    #[must_use]
    pub fn float_abi(&self) -> FloatAbi {
        self.abi.map_or(self.target.float_abi, |abi| abi.float_abi)
    }
}
