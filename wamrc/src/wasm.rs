//! The WebAssembly front: bytes in, a validated [`Module`] out.
//!
//! One pass over the file parses and validates it (wasmparser does both) and collects what the
//! later stages ask about: declarations, where each body is, which operators with consequences
//! for the layout occur. Nothing is decided here (see `plan`) and nothing is compiled (see
//! `lower`). Outside this folder wasmparser is named only by the visitor in `lower`.

mod body;
mod call;
mod constant;
mod features;
mod hint;
mod index;
mod locate;
mod module;
mod names;
mod parse;
mod scan;
#[cfg(test)]
mod tests;
mod types;

pub use body::{Body, LocalRun, Roots, Uses};
pub use call::{Call, Position};
pub use constant::{ConstBinary, ConstExpr, MAX_CONST_DEPTH};
pub use hint::Hint;
pub use index::{
    DataIdx, ElemIdx, FuncIdx, GlobalIdx, LocalIdx, MemoryIdx, TableIdx, TagIdx, TypeIdx,
    WasmOffset,
};
pub use locate::{Location, function_names, locate, spell};
pub use module::{
    CustomSection, DataMode, DataSegment, ElemMode, ElemSegment, Export, Extern, Function, Global,
    GlobalType, ImportName, IndexType, Limits, Memory, Module, Origin, PAGE_BYTES, Table, Tag,
    ValType,
};
pub use parse::parse;
pub use types::{
    Composite, FieldType, FuncType, RecGroup, StorageType, SubType, heap_type, ref_type, val_type,
};
