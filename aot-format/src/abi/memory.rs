//! The memory instance, 120 bytes on every target.
//!
//! Own memories lie at the start of the instance's inline area; compiled code reads base and size at fixed offsets.
//!
//! Spec: `aot-v6.md` C.7.

use super::layout_struct;

layout_struct! {
    /// One linear memory as compiled code sees it.
    MemoryInstance,
    /// A field of [`MemoryInstance`].
    Field;

    /// Unused by compiled code.
    module_type ModuleType U32;
    /// 1 for a shared memory.
    is_shared_memory IsSharedMemory U8;
    /// 1 for a memory with 64-bit addresses.
    is_memory64 IsMemory64 U8;
    /// Instances sharing it.
    ref_count RefCount U16;
    /// Padding.
    padding Padding U32;
    /// Bytes per page: 65536 unless the memory cannot grow.
    num_bytes_per_page NumBytesPerPage U32;
    /// Current size in pages.
    cur_page_count CurPageCount U32;
    /// Maximum size in pages.
    max_page_count MaxPageCount U32;
    /// Current size in bytes.
    memory_data_size MemoryDataSize U64;
    /// Base address.
    memory_data MemoryData Wide;
    /// End address.
    memory_data_end MemoryDataEnd Wide;
    /// Host-managed heap: start.
    heap_data HeapData Wide;
    /// Host-managed heap: end.
    heap_data_end HeapDataEnd Wide;
    /// Host-managed heap: allocator.
    heap_handle HeapHandle Wide;
    /// Lock of a shared memory.
    memory_lock MemoryLock Wide;
    /// Size − 1, the last address of an access of one byte. The five bounds are written while the size is positive.
    mem_bound_check_1byte MemBoundCheck1byte WideInt;
    /// Size − 2.
    mem_bound_check_2bytes MemBoundCheck2bytes WideInt;
    /// Size − 4.
    mem_bound_check_4bytes MemBoundCheck4bytes WideInt;
    /// Size − 8.
    mem_bound_check_8bytes MemBoundCheck8bytes WideInt;
    /// Size − 16.
    mem_bound_check_16bytes MemBoundCheck16bytes WideInt;
}

/// Size of a memory instance in bytes.
pub const SIZE: u32 = 120;

/// Bytes of address space a runtime reserves per memory for files that rely on guard pages.
pub const GUARDED_RESERVATION: u64 = 8 << 30;

/// Bytes of address space that follow a memory with 64-bit addresses, for files that rely on guard pages: accesses with
/// offsets that end in there are only checked to start below the size.
pub const WIDE_GUARD: u64 = 2 << 30;

const _: () = {
    use targets::PtrWidth::{W32, W64};
    assert!(Field::struct_size(W32) == SIZE && Field::struct_size(W64) == SIZE);
};
