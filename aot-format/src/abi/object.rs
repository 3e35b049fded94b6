//! Garbage-collected objects as compiled code sees them: headers, structures, arrays, functions, run-time types.
//!
//! Every object begins with a word that points to its run-time type ([`Rtt`]); the low bits of that word are flags.
//! A reference is the address of an object, 0 for null, or `(value << 1) | 1` for an i31. Compiler and runtime ask
//! [`StructLayout`] for the places of fields: nothing of it is stored in a file.
//!
//! Spec: `aot-v6.md` C.15, D.13.2.

use targets::PtrWidth;

use super::layout_struct;

layout_struct! {
    /// A run-time type. Types that are equal share one, in all modules of a store.
    Rtt,
    /// A field of [`Rtt`].
    Field;

    /// [`FUNC`], [`STRUCT`] or [`ARRAY`].
    type_flag TypeFlag U32;
    /// Number of supertypes.
    inherit_depth InheritDepth U32;
    /// The runtime's description of the type.
    defined_type DefinedType Native;
    /// The runtime's description of the topmost supertype.
    root_type RootType Native;
}

/// [`Field::TypeFlag`] of a function type.
pub const FUNC: u32 = 0;
/// [`Field::TypeFlag`] of a structure type.
pub const STRUCT: u32 = 1;
/// [`Field::TypeFlag`] of an array type.
pub const ARRAY: u32 = 2;
const _: () = assert!(ARRAY == STRUCT + 1, "code compares with both at once");

/// Behind our [`Rtt`] (not stock's) stands an array of pointers to the run-time types of all supertypes, the topmost
/// first, and of the type itself; at least so many entries, null behind the last.
pub const DISPLAY_MIN: u32 = 8;

/// Flag in the header: wraps an internal reference as an external one.
pub const EXTERNREF_FLAG: u32 = 1;
/// Flag in the header: a value of the host.
pub const ANYREF_FLAG: u32 = 2;
/// All bits of the header that are not part of the address.
pub const FLAGS: u32 = 7;

/// Low bits of an array's length word: the binary logarithm of the element size (0 for 16 bytes).
pub const LENGTH_SHIFT: u32 = 2;

/// Greatest length of an array.
pub const MAX_ARRAY_LENGTH: u32 = (1 << 29) - 1;

/// Offset of a run-time type's [display](DISPLAY_MIN).
#[must_use]
pub const fn display(width: PtrWidth) -> u32 {
    Field::struct_size(width)
}

/// Offset of the function index in a function object: 32 bits.
#[must_use]
pub const fn function_index(width: PtrWidth) -> u32 {
    width.bytes()
}

/// Offset of the length word of an array: 32 bits, `length << 2 | log2(element size)`.
#[must_use]
pub const fn array_length(width: PtrWidth) -> u32 {
    width.bytes()
}

/// Offset of an array's first element.
#[must_use]
pub const fn array_data(width: PtrWidth) -> u32 {
    width.bytes() + 4
}

/// The word behind an array's header.
#[must_use]
pub const fn length_word(length: u32, element_bytes: u32) -> u32 {
    let log = match element_bytes {
        2 => 1,
        4 => 2,
        8 => 3,
        _ => 0,
    };
    (length << LENGTH_SHIFT) | log
}

/// An i31 reference: the low 31 bits of a value.
#[must_use]
pub const fn i31(value: u32) -> u32 {
    (value << 1) | 1
}

/// Places the fields of a structure one after the other.
///
/// ```
/// use aot_format::abi::object::StructLayout;
/// use targets::PtrWidth;
///
/// let mut packed = StructLayout::new(PtrWidth::W64, true);
/// assert_eq!((packed.field(1), packed.field(8), packed.bytes()), (Some(8), Some(9), 17));
/// let mut aligned = StructLayout::new(PtrWidth::W32, false);
/// assert_eq!((aligned.field(1), aligned.field(8), aligned.bytes()), (Some(4), Some(8), 16));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StructLayout {
    at: u32,
    packed: bool,
}

impl StructLayout {
    /// A structure without fields. `packed` is a property of the target (`targets::Target::packed_objects`).
    #[must_use]
    pub const fn new(width: PtrWidth, packed: bool) -> StructLayout {
        StructLayout {
            at: width.bytes(),
            packed,
        }
    }

    /// Offset of the next field, which takes `bytes` bytes; `None` if the structure becomes larger than 2 GiB.
    pub const fn field(&mut self, bytes: u32) -> Option<u32> {
        let align = if self.packed { 1 } else { field_align(bytes) };
        let at = self.at.next_multiple_of(align);
        let end = at as u64 + bytes as u64;
        if end > i32::MAX as u64 {
            return None;
        }
        self.at = at + bytes;
        Some(at)
    }

    /// Bytes of the structure so far, header included, not padded.
    #[must_use]
    pub const fn bytes(&self) -> u32 {
        self.at
    }
}

/// Alignment of a field where fields are aligned: never more than 4.
const fn field_align(bytes: u32) -> u32 {
    match bytes {
        0 | 1 => 1,
        2 => 2,
        _ => 4,
    }
}
