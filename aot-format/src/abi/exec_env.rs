//! The execution environment: first argument of every compiled function.
//!
//! Thirteen pointer-sized slots are WAMR's, one is ours; what follows them is private to a runtime (ours embeds this struct first).
//!
//! Spec: `aot-v6.md` C.4.

use super::layout_struct;

layout_struct! {
    /// The part of the execution environment that compiled code may use.
    ExecEnv,
    /// A slot of [`ExecEnv`].
    Field;

    /// Link of the runtime's list.
    next Next Native;
    /// Top frame (files with standard call-stack frames).
    cur_frame CurFrame Native;
    /// The module instance.
    module_inst ModuleInst Native;
    /// 64 32-bit cells for arguments.
    argv_buf ArgvBuf Native;
    /// Lowest native stack address a function may use.
    native_stack_boundary NativeStackBoundary NativeInt;
    /// Flags another thread sets to stop this one; four bytes in a pointer-sized slot.
    suspend_flags SuspendFlags U32;
    /// Lowest value of the wasm stack pointer global.
    aux_stack_boundary AuxStackBoundary NativeInt;
    /// Initial value of the wasm stack pointer global.
    aux_stack_bottom AuxStackBottom NativeInt;
    /// Table of addresses and constants (execute-in-place files).
    native_symbol NativeSymbol Native;
    /// Lowest native stack address seen (stack estimation); all ones at first.
    native_stack_top_min NativeStackTopMin NativeInt;
    /// End of the frame area.
    wasm_stack_top_boundary WasmStackTopBoundary Native;
    /// Where the next frame goes.
    wasm_stack_top WasmStackTop Native;
    /// Start of the frame area.
    wasm_stack_bottom WasmStackBottom Native;
    /// Ours: array of the runtime's 32-bit numbers of the module's exception tags. Stock WAMR has something else here; files that read
    /// it name functions that stock lacks.
    tags Tags Native;
}

/// Cells of 32 bits behind [`Field::ArgvBuf`].
pub const ARGV_CELLS: u32 = 64;

/// Bytes between [`Field::WasmStackBottom`] and [`Field::WasmStackTopBoundary`] that compiled code may use as an
/// argument area: what stock gives by default at least.
pub const ARGUMENT_AREA: u32 = 16 * 1024;

/// Bit of [`Field::SuspendFlags`] that compiled code tests: terminate.
pub const SUSPEND_TERMINATE: u32 = 1;
