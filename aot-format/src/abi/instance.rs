//! The module instance: header at fixed offsets, then the inline area (see [`super::layout`]).
//!
//! Pointers are in 8-byte slots, so the offsets are the same for every pointer width. Three slots are ours, inside bytes
//! WAMR reserves and leaves zero: [`Field::ImportedGlobals`], [`Field::Rtts`], [`Field::FuncBase`].
//!
//! Spec: `aot-v6.md` C.5.

use super::layout_struct;

layout_struct! {
    /// The module instance up to its inline area.
    ModuleInstance,
    /// A field of [`ModuleInstance`].
    Field;

    /// [`MODULE_TYPE_AOT`].
    module_type ModuleType U32;
    /// Number of memories.
    memory_count MemoryCount U32;
    /// Array of pointers to memory instances.
    memories Memories Wide;
    /// Bytes of globals in the inline area.
    global_data_size GlobalDataSize U32;
    /// Number of tables.
    table_count TableCount U32;
    /// The packed globals (in the inline area).
    global_data GlobalData Wide;
    /// Array of pointers to table instances.
    tables Tables Wide;
    /// Code address of every function of the index space, pointer-sized entries.
    func_ptrs FuncPtrs Wide;
    /// Canonical type index (32 bits) of every function of the index space.
    func_type_indexes FuncTypeIndexes Wide;
    /// Number of exported functions.
    export_func_count ExportFuncCount U32;
    /// Number of exported globals.
    export_global_count ExportGlobalCount U32;
    /// Number of exported memories.
    export_memory_count ExportMemoryCount U32;
    /// Number of exported tables.
    export_table_count ExportTableCount U32;
    /// Runtime's export records.
    export_functions ExportFunctions Wide;
    /// Runtime's export records.
    export_globals ExportGlobals Wide;
    /// Runtime's export records.
    export_memories ExportMemories Wide;
    /// Runtime's export records.
    export_tables ExportTables Wide;
    /// NUL-terminated text of the pending exception; first byte zero: none.
    cur_exception CurException Bytes(128);
    /// The loaded module.
    module Module Wide;
    /// Execution environment of the host's own calls.
    exec_env_singleton ExecEnvSingleton Wide;
    /// Unused in compiled code: imports are in [`Field::FuncPtrs`].
    import_func_ptrs ImportFuncPtrs Wide;
    /// Unused.
    fast_jit_func_ptrs FastJitFuncPtrs Wide;
    /// Embedder's pointer.
    custom_data CustomData Wide;
    /// Call-stack snapshot.
    frames Frames Wide;
    /// Profiling records.
    func_perf_profilings FuncPerfProfilings Wide;
    /// C-API import records, or null.
    c_api_func_imports CApiFuncImports Wide;
    /// Environment of the running call.
    cur_exec_env CurExecEnv Wide;
    /// The instance extra.
    e E Wide;
    /// Default size of the frame area.
    default_wasm_stack_size DefaultWasmStackSize U32;
    /// Reserved.
    reserved Reserved U32;
    /// Ours: array of pointers to imported globals' cells, one per imported global. Zero in stock WAMR.
    imported_globals ImportedGlobals Wide;
    /// Ours: array of pointers to the run-time types ([`super::object::Rtt`]), one per type index. Zero in stock WAMR.
    rtts Rtts Wide;
    /// Ours: what is added to a function's index in function objects (files with garbage collection). Zero in stock
    /// WAMR.
    func_base FuncBase U32;
    /// Reserved.
    reserved_tail ReservedTail U32;
}

/// Value of [`Field::ModuleType`] for compiled modules.
pub const MODULE_TYPE_AOT: u32 = 1;

/// Offset of the inline area: memories, globals, tables, extra.
pub const INLINE_AREA: u32 = 344;

const _: () = {
    use targets::PtrWidth::{W32, W64};
    assert!(Field::struct_size(W32) == INLINE_AREA && Field::struct_size(W64) == INLINE_AREA);
    assert!(Field::ImportedGlobals.offset(W32) == 320 && Field::ImportedGlobals.offset(W64) == 320);
};
