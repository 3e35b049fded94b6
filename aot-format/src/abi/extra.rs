//! The instance extra, at the end of the inline area.
//!
//! Only the first 40 bytes are agreed on; what follows is private to a runtime and differs between WAMR builds.
//!
//! Spec: `aot-v6.md` C.9.

use super::layout_struct;

layout_struct! {
    /// The part of the instance extra that compiled code may use.
    InstanceExtra,
    /// A field of [`InstanceExtra`].
    Field;

    /// The `.aot_stack_sizes` data, or null.
    stack_sizes StackSizes Wide;
    /// Shared heap: base address minus start offset.
    shared_heap_base_addr_adj SharedHeapBaseAddrAdj Wide;
    /// Shared heap: first wasm address; all ones without a heap.
    shared_heap_start_off SharedHeapStartOff WideInt;
    /// Shared heap: last wasm address.
    shared_heap_end_off SharedHeapEndOff WideInt;
    /// Shared heap: descriptor, or null.
    shared_heap SharedHeap Wide;
}

/// Size of the agreed part in bytes.
pub const SIZE: u32 = 40;

const _: () = {
    use targets::PtrWidth::{W32, W64};
    assert!(Field::struct_size(W32) == SIZE && Field::struct_size(W64) == SIZE);
};
