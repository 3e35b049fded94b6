//! *The* list of architectures: one row each.
//!
//! A row yields the module, the [`Arch`] variant, the public constants and the entries of [`ALL`]; the consistency
//! test in `tests.rs` runs over [`ALL`]. Adding an architecture is adding a row and its file.

use crate::Target;

/// Grammar: `architectures! { (/// doc)* VARIANT in MODULE as MACHINES: (STATIC)+; … }`. The row
/// `Riscv in riscv as RISCV: RISCV32 RISCV64;` becomes `mod riscv;`, `Arch::Riscv`, the entries `&RISCV32` and `&RISCV64` of
/// `ALL`, the statics at the crate's root, and `machine::RISCV`, the list `MACHINES` of the file.
macro_rules! architectures {
    ($($(#[$doc:meta])* $variant:ident in $module:ident as $machines:ident: $($target:ident)+;)*) => {
        $(mod $module;)*

        /// The targets.
        pub(crate) mod targets {
            $(pub use super::$module::{$($target),+};)*
        }

        /// The machines of each architecture.
        pub(crate) mod machines {
            $(pub use super::$module::MACHINES as $machines;)*
        }

        /// The architecture file a target comes from.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Arch {
            $($(#[$doc])* $variant,)*
        }

        impl Arch {
            /// The architecture's file below `targets/src/arch/`, without `.rs`; vectors and documents use it too.
            #[must_use]
            pub const fn file(self) -> &'static str {
                match self {
                    $(Arch::$variant => stringify!($module),)*
                }
            }
        }

        /// Every target, in the order of the architecture list.
        pub const ALL: &[&Target] = &[$($(&targets::$target),+),*];
    };
}

architectures! {
    /// 64-bit x86.
    X86_64 in x86_64 as X86_64: X86_64;
    /// 32-bit x86.
    X86_32 in x86_32 as X86_32: I386;
    /// 64-bit ARM.
    Aarch64 in aarch64 as AARCH64: AARCH64;
    /// 32-bit ARM in ARM state.
    Arm in arm as ARM: ARMV7;
    /// 32-bit ARM in Thumb state.
    Thumb in thumb as THUMB: THUMBV6M THUMBV7M THUMBV7EM THUMBV7 THUMBV8M_BASE THUMBV8M_MAIN;
    /// RISC-V.
    Riscv in riscv as RISCV: RISCV32 RISCV64;
    /// Xtensa.
    Xtensa in xtensa as XTENSA: XTENSA XTENSA_CALL0;
    /// MIPS.
    Mips in mips as MIPS: MIPS MIPSEL MIPS64 MIPS64EL;
    /// ARC version 2.
    Arc in arc as ARC: ARC;
}
