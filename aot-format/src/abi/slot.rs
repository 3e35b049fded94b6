//! Kinds of struct members and the layout rule over them.
//!
//! WAMR keeps most pointers of the module instance in 8-byte slots on every target ([`Slot::Wide`]): the pointer is in
//! the first bytes, padding follows, whatever the byte order. Offsets are computed from a list of slots and a pointer
//! width, never from the host.
//!
//! Spec: `aot-v6.md` C.4–C.9.

use targets::PtrWidth;

/// Pointer width of the machine this crate is built for: what the `repr(C)` structs are checked against.
pub(crate) const HOST: PtrWidth = match PtrWidth::from_bytes(size_of::<*const u8>()) {
    Some(width) => width,
    None => panic!("pointers have 4 or 8 bytes"),
};

/// One member of an ABI struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// One byte.
    U8,
    /// Two bytes.
    U16,
    /// Four bytes.
    U32,
    /// Eight bytes. Invariant: at a multiple of 8 in every layout, so that machines that align it to 4 agree.
    U64,
    /// A pointer of the target.
    Native,
    /// An integer of pointer size.
    NativeInt,
    /// A pointer in an 8-byte slot.
    Wide,
    /// An integer of pointer size in an 8-byte slot.
    WideInt,
    /// So many bytes.
    Bytes(u32),
}

impl Slot {
    /// Size in bytes.
    #[must_use]
    pub const fn size(self, width: PtrWidth) -> u32 {
        match self {
            Slot::U8 => 1,
            Slot::U16 => 2,
            Slot::U32 => 4,
            Slot::U64 | Slot::Wide | Slot::WideInt => 8,
            Slot::Native | Slot::NativeInt => width.bytes(),
            Slot::Bytes(count) => count,
        }
    }

    /// Alignment in bytes.
    #[must_use]
    pub const fn align(self, width: PtrWidth) -> u32 {
        match self {
            Slot::U8 | Slot::Bytes(_) => 1,
            Slot::U16 => 2,
            Slot::U32 => 4,
            Slot::U64 => 8,
            Slot::Native | Slot::NativeInt | Slot::Wide | Slot::WideInt => width.bytes(),
        }
    }
}

/// Offset of the slot of this position: C's rule.
pub(crate) const fn offset(slots: &[Slot], position: usize, width: PtrWidth) -> u32 {
    let mut offset = 0_u32;
    let mut i = 0;
    loop {
        let slot = at(slots, i);
        offset = offset.next_multiple_of(slot.align(width));
        if i == position {
            return offset;
        }
        offset += slot.size(width);
        i += 1;
    }
}

/// Size of the whole struct, rounded to its alignment.
pub(crate) const fn struct_size(slots: &[Slot], width: PtrWidth) -> u32 {
    let last = slots.len() - 1;
    let end = offset(slots, last, width) + at(slots, last).size(width);
    let mut align = 1;
    let mut i = 0;
    while i < slots.len() {
        if at(slots, i).align(width) > align {
            align = at(slots, i).align(width);
        }
        i += 1;
    }
    end.next_multiple_of(align)
}

/// The slot of this position.
#[expect(
    clippy::indexing_slicing,
    reason = "positions are discriminants of the enum the slots were listed with"
)]
pub(crate) const fn at(slots: &[Slot], position: usize) -> Slot {
    slots[position]
}

/// Compile-time assertion that the struct of the host and the computed layout agree.
pub(crate) const fn same(actual: usize, computed: u32) {
    assert!(
        actual == computed as usize,
        "struct and computed layout differ"
    );
}

/// The Rust type of each slot, under the slot's name.
pub mod types {
    /// One byte.
    pub type U8 = u8;
    /// Two bytes.
    pub type U16 = u16;
    /// Four bytes.
    pub type U32 = u32;
    /// Eight bytes.
    pub type U64 = u64;
    /// A pointer.
    pub type Native = *mut u8;
    /// An integer of pointer size.
    pub type NativeInt = usize;
    /// A pointer in an 8-byte slot.
    pub type Wide = super::Padded<*mut u8>;
    /// An integer of pointer size in an 8-byte slot.
    pub type WideInt = super::Padded<usize>;
    /// So many bytes.
    pub type Bytes<const N: usize> = [u8; N];
}

const PADDING: usize = 8 - size_of::<*const u8>();

/// A pointer-sized value at the start of an 8-byte slot.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Padded<T> {
    /// The value.
    pub value: T,
    padding: [u8; PADDING],
}

impl<T> Padded<T> {
    /// The value followed by zeros.
    pub const fn new(value: T) -> Padded<T> {
        let padding = [0; PADDING];
        Padded { value, padding }
    }
}

impl Padded<*mut u8> {
    /// The null pointer.
    pub const NULL: Padded<*mut u8> = Padded::new(core::ptr::null_mut());
}
