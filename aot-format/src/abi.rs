//! What compiled code and runtime agree on: struct layouts, traps, runtime functions.
//!
//! The structs are transcriptions of WAMR's (one macro per struct, [`layout_struct!`]): from one list of slots come the
//! `Field` enum whose offsets the compiler bakes into code, the `repr(C)` struct the runtime instantiates, and
//! constant assertions that both agree on the machine being built for. Numeric offsets belong nowhere else.
//!
//! Spec: `aot-v6.md` part C.

pub mod builtins;
pub mod exception;
pub mod exec_env;
pub mod extra;
pub mod frame;
pub mod instance;
pub mod layout;
pub mod memory;
pub mod native_symbols;
pub mod object;
pub mod slot;
pub mod table;
pub mod traps;

/// Defines one ABI struct.
///
/// Grammar: `layout_struct! { (#[meta])* STRUCT, (#[meta])* FIELD_ENUM; ((#[doc])* NAME VARIANT SLOT ("(" COUNT ")")?;)* }`
/// where SLOT is a variant of [`slot::Slot`]. The line `/// Link. next Next Native;` in the struct `ExecEnv` becomes
/// the field `pub next: *mut u8`, the variant `Field::Next`, and the assertion
/// `offset_of!(ExecEnv, next) == Field::Next.offset(HOST)`.
macro_rules! layout_struct {
    (
        $(#[$struct_meta:meta])* $struct:ident,
        $(#[$enum_meta:meta])* $enum:ident;
        $($(#[$doc:meta])* $name:ident $variant:ident $slot:ident $(($count:literal))?;)+
    ) => {
        $(#[$struct_meta])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $struct { $($(#[$doc])* pub $name: $crate::abi::slot::types::$slot$(<$count>)?,)+ }

        $(#[$enum_meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $enum { $($(#[$doc])* $variant,)+ }

        impl $enum {
            const SLOTS: &'static [$crate::abi::slot::Slot] = &[$($crate::abi::slot::Slot::$slot$(($count))?,)+];

            /// Every field, in order.
            pub const ALL: &'static [$enum] = &[$($enum::$variant,)+];

            /// Byte offset of the field in the struct.
            #[must_use]
            pub const fn offset(self, width: targets::PtrWidth) -> u32 {
                $crate::abi::slot::offset(Self::SLOTS, self as usize, width)
            }

            /// What the field holds.
            #[must_use]
            pub const fn slot(self) -> $crate::abi::slot::Slot {
                $crate::abi::slot::at(Self::SLOTS, self as usize)
            }

            /// The field's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($enum::$variant => stringify!($name),)+ }
            }

            /// Size of the struct in bytes.
            #[must_use]
            pub const fn struct_size(width: targets::PtrWidth) -> u32 {
                $crate::abi::slot::struct_size(Self::SLOTS, width)
            }
        }

        const _: () = {
            use $crate::abi::slot::{HOST, same};
            same(size_of::<$struct>(), $enum::struct_size(HOST));
            $(
                same(core::mem::offset_of!($struct, $name), $enum::$variant.offset(HOST));
                same(size_of::<$crate::abi::slot::types::$slot$(<$count>)?>(), $enum::$variant.slot().size(HOST));
            )+
        };
    };
}
pub(crate) use layout_struct;

#[cfg(test)]
mod tests;
