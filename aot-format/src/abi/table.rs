//! The table instance: a header of 24 bytes, then pointer-sized elements.
//!
//! Tables follow the packed globals without alignment: header and elements may lie at any address.
//!
//! Spec: `aot-v6.md` C.8.

use targets::PtrWidth;

use super::layout_struct;

layout_struct! {
    /// Header of a table.
    TableInstance,
    /// A field of [`TableInstance`].
    Field;

    /// Element type code.
    elem_type ElemType U8;
    /// 1 for a table with 64-bit indices.
    is_table64 IsTable64 U8;
    /// Padding.
    padding Padding Bytes(6);
    /// Reference type (GC files).
    elem_ref_type ElemRefType Wide;
    /// Current number of elements.
    cur_size CurSize U32;
    /// Maximum number of elements.
    max_size MaxSize U32;
}

/// Offset of the first element.
pub const ELEMS: u32 = 24;

/// Low 32 bits of a null element (non-GC files); the whole element is all ones.
pub const NULL_ELEMENT: u32 = u32::MAX;

const _: () = {
    use targets::PtrWidth::{W32, W64};
    assert!(Field::struct_size(W32) == ELEMS && Field::struct_size(W64) == ELEMS);
};

/// Bytes a table of so many slots takes in the inline area.
#[must_use]
pub const fn size(slots: u32, width: PtrWidth) -> u64 {
    ELEMS as u64 + slots as u64 * width.bytes() as u64
}
