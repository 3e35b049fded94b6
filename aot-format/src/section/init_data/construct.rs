//! Operators of initialiser expressions that make objects or convert references, as a table.
//!
//! Spec: `aot-v6.md` A.5.3; codes with bit 16 set are ours.

/// Grammar: `construct_ops! { (VARIANT "name" CODE TYPED COUNT;)* }`, with `Some(n)` operands or `None` for a number in the
/// file. `Array "array.new" 0x100D5 true Some(2);` becomes the variant `ConstructOp::Array` with that name and code, a type
/// index and two operands.
macro_rules! construct_ops {
    ($($variant:ident $name:literal $code:literal $typed:literal $count:expr;)*) => {
        /// Operators that make objects or convert references. Bit 16 of a code says that it is ours.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ConstructOp { $(#[doc = concat!("`", $name, "`")] $variant,)* }

        impl ConstructOp {
            /// Every one.
            pub const ALL: &'static [ConstructOp] = &[$(ConstructOp::$variant,)*];

            /// Name in wasm text.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(ConstructOp::$variant => $name,)* }
            }

            /// Whether it has a type index.
            #[must_use]
            pub const fn is_typed(self) -> bool {
                match self { $(ConstructOp::$variant => $typed,)* }
            }

            #[cfg(feature = "alloc")]
            pub(super) const fn code(self) -> u32 {
                match self { $(ConstructOp::$variant => $code,)* }
            }

            pub(super) const fn from_code(code: u32) -> Option<ConstructOp> {
                match code { $($code => Some(ConstructOp::$variant),)* _ => None }
            }

            /// Number of operands; `None` if the file says it.
            pub(super) const fn count(self) -> Option<u32> {
                match self { $(ConstructOp::$variant => $count,)* }
            }
        }
    };
}

#[rustfmt::skip]
construct_ops! {
    Struct "struct.new" 0x1_00D3 true None;
    StructDefault "struct.new_default" 0xD4 true Some(0);
    Array "array.new" 0x1_00D5 true Some(2);
    ArrayDefault "array.new_default" 0x1_00D6 true Some(1);
    ArrayFixed "array.new_fixed" 0x1_00D7 true None;
    I31 "ref.i31" 0x1_00D8 false Some(1);
    AnyConvertExtern "any.convert_extern" 0x1_00D9 false Some(1);
    ExternConvertAny "extern.convert_any" 0x1_00DA false Some(1);
}
