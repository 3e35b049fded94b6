//! *The* list of architectures: one row each.
//!
//! A row yields the module, the [`Arch`] variant, the public constants and the entries of [`ALL`]; the consistency
//! test in `tests.rs` runs over [`ALL`]. Adding an architecture is adding a row and its file.

use crate::Target;

/// Grammar: `architectures! { (/// doc)* VARIANT in MODULE: (CONSTANT)+; … }`. The row
/// `X86 in x86_64: X86_64;` becomes `mod x86_64; pub use x86_64::X86_64;`, `Arch::X86` and the entry `&X86_64` of `ALL`.
macro_rules! architectures {
    ($($(#[$doc:meta])* $variant:ident in $module:ident: $($target:ident)+;)*) => {
        $(mod $module; pub use $module::{$($target),+};)*

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
        pub const ALL: &[&Target] = &[$($(&$target),+),*];
    };
}

architectures! {
    /// 64-bit x86.
    X86_64 in x86_64: X86_64;
    /// 32-bit x86.
    X86_32 in x86_32: I386;
    /// 64-bit ARM.
    Aarch64 in aarch64: AARCH64;
    /// 32-bit ARM in ARM state.
    Arm in arm: ARMV7;
    /// 32-bit ARM in Thumb state.
    Thumb in thumb: THUMBV6M THUMBV7M THUMBV7EM THUMBV7 THUMBV8M_BASE THUMBV8M_MAIN;
    /// RISC-V.
    Riscv in riscv: RISCV32 RISCV64;
    /// Xtensa.
    Xtensa in xtensa: XTENSA XTENSA_CALL0;
    /// MIPS.
    Mips in mips: MIPS MIPSEL MIPS64 MIPS64EL;
    /// ARC version 2.
    Arc in arc: ARC;
}
