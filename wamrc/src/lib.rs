//! Ahead-of-time WebAssembly compiler: wasm in, WAMR AOT container out.
//!
//! The stages are `wasm` (parse and validate), `plan` (every decision that needs no LLVM), `lower`
//! (LLVM IR), `llvm` (optimise, emit an object), `object` (take the object apart) and `assemble`
//! (build the container). Each is a function from values to a value. What is not here: loading and
//! running, see the crate `aot-runtime`.
#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod error;
pub mod llvm;
pub mod object;
pub mod options;
pub mod plan;
pub mod wasm;

pub use error::CompileError;
pub use options::Options;
