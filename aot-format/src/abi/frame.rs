//! Call-stack frames which files compiled with call-stack dumps push.
//!
//! Spec: `aot-v6.md` C.14, D.12.

use super::layout_struct;

layout_struct! {
    /// Header of a standard frame; locals and operands follow.
    Frame,
    /// A field of [`Frame`].
    Field;

    /// Caller's frame.
    prev_frame PrevFrame Native;
    /// Function index.
    func_index FuncIndex NativeInt;
    /// Profiling: start time.
    time_started TimeStarted NativeInt;
    /// Profiling: record.
    func_perf_prof_info FuncPerfProfInfo Native;
    /// Wasm offset of the current operator.
    ip_offset IpOffset NativeInt;
    /// Top of the operands.
    sp Sp Native;
    /// Reference flags (GC files).
    frame_ref FrameRef Native;
}

layout_struct! {
    /// A tiny frame.
    TinyFrame,
    /// A field of [`TinyFrame`].
    TinyField;

    /// Function index.
    func_index FuncIndex U32;
    /// Wasm offset of the current operator.
    ip_offset IpOffset U32;
}
