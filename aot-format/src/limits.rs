//! Every cap on counts and sizes, with its reason.
//!
//! Most counts need none: the bytes they count must be present in the file. A cap stands here where a small number in the
//! file can demand much memory, time or stack of whoever reads it.

/// Bytes of a file: offsets are 32 bits wide.
pub const FILE_BYTES: u64 = u32::MAX as u64;

/// Bytes of a string with its terminator: what stock tools write at most.
pub const STRING_BYTES: usize = 32767;

/// Nesting of an initialiser expression, so that evaluating it needs little stack.
pub const INIT_EXPR_DEPTH: u32 = 64;

/// Slots of a table: four file bytes demand slots × pointer size bytes of memory. The limit of web engines.
pub const TABLE_SLOTS: u32 = 10_000_000;

/// Exports: checking that names are unique without allocating takes time that grows faster than their number.
pub const EXPORTS: u32 = 100_000;

/// Object data sections: relocation groups are matched with them by name.
pub const OBJECT_DATA: u32 = 16_384;

/// Relocation groups, for the same reason.
pub const RELOCATION_GROUPS: u32 = 16_384;

/// Smallest growth limit of a table that may grow (WAMR's `WASM_TABLE_MAX_SIZE`).
pub const TABLE_GROWTH: u32 = 1024;
