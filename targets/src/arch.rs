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

        /// Every target, in the order of the architecture list.
        pub const ALL: &[&Target] = &[$($(&$target),+),*];
    };
}

architectures! {
    /// 64-bit x86.
    X86_64 in x86_64: X86_64;
}
