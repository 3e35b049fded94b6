//! LLVM in this compiler's own words.
//!
//! Everything that names inkwell or llvm-sys is below this module, so that an LLVM upgrade or a
//! change of binding stays here. Callers see [`Context`], [`Module`], [`Builder`], [`Value`],
//! [`Block`] and plain data. Nothing here knows WebAssembly; the meaning of the code that is built
//! is decided in `lower`.

mod alias;
mod assembler;
mod builder;
mod context;
mod disassembly;
mod error;
mod fatal;
mod guard;
mod instruction;
mod intrinsics;
mod machine;
mod module;
mod origin;
mod passes;
mod reassembly;
mod routine;
mod spare;
#[cfg(test)]
mod tests;
mod types;

pub use alias::Region;
pub use builder::{Block, Builder, Phi};
pub use context::{Context, Function, StackSize, Value};
pub use disassembly::{Line, disassemble};
pub use error::LlvmError;
pub use fatal::on_fatal_error;
pub use instruction::{Access, Atomic, Binary, Cast, FloatCompare, IntCompare};
pub use intrinsics::Intrinsic;
pub use machine::{
    Machine, MachineOptions, NameAndHelp, cpu_names, feature_names, host_cpu, version,
};
pub use module::{FunctionKind, Module, Reach};
pub use routine::Operation;

pub use types::{Convention, Floats, Lane, Outcome, Signature, Type};
