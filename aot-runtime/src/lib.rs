//! Loads and runs WAMR AOT files: no compiler, no interpreter.
//!
//! ```no_run
//! use aot_runtime::{Caller, Imports, Instance, LoadOptions, Module, Store, Trap};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let module = Module::load(&std::fs::read("sum.aot")?, &LoadOptions::default())?;
//! let mut imports = Imports::new();
//! imports.func("env", "add", |_: &mut Caller<'_>, a: i32, b: i32| -> Result<i32, Trap> { Ok(a.wrapping_add(b)) });
//! let mut store = Store::new();
//! let instance = Instance::new(&mut store, &module, &imports)?;
//! let sum = instance.typed::<(i32, i32), i32>(&store, "sum")?;
//! println!("{}", sum.call(&mut store, (1, 2))?);
//! # Ok(()) }
//! ```
//!
//! Trust: a file's *structure* is never trusted, so loading never panics and
//! never reaches outside the bytes; its *machine code* is trusted as a shared
//! library's is (signing is the embedder's job). The core is `no_std` with
//! `alloc`; `std` (feature) brings the hosted platform with guard pages, `wasi`
//! the system interface, `cli` the command `iwasm`.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![deny(unsafe_code, missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

extern crate alloc;

mod builtins;
mod caller;
#[cfg(feature = "cli")]
pub mod cli;
mod closure;
mod code;
#[expect(
    unsafe_code,
    reason = "memory shared with compiled code; see its contract"
)]
mod context;
#[expect(
    unsafe_code,
    reason = "entering and leaving compiled code; see its contract"
)]
mod entry;
mod error;
mod exception;
mod func;
#[cfg(feature = "gc")]
mod gc;
#[cfg(not(feature = "gc"))]
#[path = "gc/off.rs"]
mod gc;
mod global;
#[expect(
    unsafe_code,
    reason = "operating system and instruction set; see its contract"
)]
mod host;
mod imports;
mod instance;
mod instantiate;
mod layout;
mod limits;
mod link;
mod memory;
mod module;
pub mod platform;
mod reference;
mod store;
mod table;
mod tag;
mod trap;
mod types;
mod value;
#[cfg(feature = "wasi")]
pub mod wasi;

pub use aot_format::{ExportKind, HeapType, RefType, ValType};
pub use caller::Caller;
pub use closure::{HostFunc, HostResult, IntoHostFunc};
pub use entry::{TypedParams, TypedResults};
pub use error::{
    ExportError, ExternType, InstantiateError, LoadError, Name, Reliance, SectionName,
};
pub use exception::Exception;
pub use func::{Func, FuncType, TypedFunc};
pub use gc::{AnyRef, RefKind};
pub use global::Global;
pub use imports::{Extern, Imports};
pub use instance::Instance;
pub use limits::Limits;
pub use memory::{Memory, MemoryType, PAGE_BYTES};
#[cfg(feature = "std")]
pub use memory::{SharedMemory, Woken};
pub use module::{LoadOptions, Module};
pub use store::{Store, StoreOptions};
pub use table::{Table, TableType};
pub use tag::Tag;
pub use trap::{Trap, TrapId};
pub use value::{ExternRef, Value, WasmResults, WasmType};
