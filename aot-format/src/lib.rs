//! The WAMR AOT container, and the ABI between the code inside it and the runtime.
//!
//! A container is what an ahead-of-time compiler makes of a wasm module: machine code, the module's declarations, and the
//! relocations that make the code loadable anywhere. [`View`] reads one without copying or allocating and validates all
//! of it; `Artifact` (feature `alloc`) writes one; both use the same structs, one file per section below `section/`.
//! What code and runtime agree on besides the file is in [`abi`]. The format is described byte by byte in
//! `docs/aot-format.md`.
//!
//! Versions: 5 and 6 are read and written; version 6 is the default. What we add to stock's format is one custom section
//! ([`Record`]), which stock loaders ignore; it has its own version. This crate knows nothing of LLVM, of the meaning of
//! relocation numbers, or of memory protection.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod abi;
#[cfg(feature = "alloc")]
mod artifact;
pub mod cursor;
#[cfg(feature = "alloc")]
pub mod dump;
mod error;
pub mod limits;
pub mod section;
pub mod seq;
#[cfg(feature = "alloc")]
mod sink;
mod value;
mod view;

#[cfg(feature = "alloc")]
pub use artifact::Artifact;
pub use error::{ReadError, ReadErrorKind, Space, Unsupported, What, WriteError};
pub use section::SectionId;
pub use section::address_map::{self, AddressMap, Origin};
pub use section::custom::CustomSection;
pub use section::export::{Export, ExportKind};
pub use section::function::{FunctionEntry, Functions, LocalFlags};
pub use section::init_data::construct::ConstructOp;
pub use section::init_data::counters::AuxInfo;
pub use section::init_data::data::DataSegment;
pub use section::init_data::expr::{Binary, BinaryOp, Construct, InitExpr};
pub use section::init_data::global::{Global, Globals, ImportGlobal};
pub use section::init_data::import::ImportFunc;
pub use section::init_data::list::{Fields, StorageType, Types};
pub use section::init_data::memory::MemoryType;
pub use section::init_data::object_data::ObjectData;
pub use section::init_data::table::{ElemMode, ElemSegment, RefInfo, TableType};
pub use section::init_data::types::{FieldType, FuncType, SubType, TypeDef};
pub use section::name::{FunctionName, FunctionNames};
pub use section::native_symbol::NativeSymbol;
pub use section::relocation::{Place, RawReloc, Reloc, RelocGroup, Symbol, SymbolIdx, Symbols};
pub use section::tags::{DefinedTag, ExportTag, ImportTag, Tags};
pub use section::target_info::{ArchName, BinType, ExecMode, FeatureFlags, TargetInfo};
pub use section::text::Text;
pub use section::wamrc::{
    DeclaredLimits, EntryThunk, FloatAbi, LinkImport, LinkKind, Record, Relies,
};
pub use seq::Seq;
pub use value::{HeapType, Hierarchy, RefType, References, Representation, ValType};
pub use view::{MAGIC, VERSIONS, View};
