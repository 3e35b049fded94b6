//! Index and offset newtypes of the WebAssembly index spaces.
//!
//! Every index space of the specification ("Indices", core spec 2.5.1) has its own type, so that a
//! function index cannot be used where a type index is meant. The numbers count imports first.

use std::fmt;

/// Grammar: `index! { "doc" Name; … }`. One row expands to
/// `pub struct Name(pub u32);` with `Display` and conversion to a `usize` for use with slices.
macro_rules! index {
    ($($doc:literal $name:ident;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in a slice of this index space.
            #[must_use]
            pub fn position(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }

            /// The index that denotes the given position; saturates at `u32::MAX`, which no
            /// validated module reaches.
            #[must_use]
            pub fn from_position(position: usize) -> Self {
                Self(u32::try_from(position).unwrap_or(u32::MAX))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )*};
}

index! {
    "Index of a type." TypeIdx;
    "Index of a function: imported functions first." FuncIdx;
    "Index of a table: imported tables first." TableIdx;
    "Index of a memory: imported memories first." MemoryIdx;
    "Index of a global: imported globals first." GlobalIdx;
    "Index of an exception tag: imported tags first." TagIdx;
    "Index of an element segment." ElemIdx;
    "Index of a data segment." DataIdx;
    "Index of a local within a function: parameters first." LocalIdx;
}

/// Byte offset from the start of the wasm file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WasmOffset(pub u64);

impl fmt::Display for WasmOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}
