//! What a call into WebAssembly can end with instead of results.
//!
//! The messages are WAMR's (`aot_format::abi::traps`); `iwasm` prints them
//! behind `Exception: `. Loading and instantiation errors live in `error`.

use alloc::string::String;
use core::fmt;

use crate::exception::Exception;

pub use aot_format::abi::traps::TrapId;

/// Why a call did not return results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trap {
    /// The program did something WebAssembly defines to trap.
    Wasm(TrapId),
    /// The program asked to end with this exit code (`proc_exit`).
    Exit(i32),
    /// A host function refused, in its own words.
    Host(String),
    /// An exception that no one caught.
    Exception(Exception),
}

impl Trap {
    /// A trap with a message of the host's own.
    pub fn host(message: impl Into<String>) -> Trap {
        Trap::Host(message.into())
    }
}

impl From<TrapId> for Trap {
    fn from(id: TrapId) -> Trap {
        Trap::Wasm(id)
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trap::Wasm(id) => f.write_str(id.message()),
            Trap::Exit(code) => write!(f, "exit with code {code}"),
            Trap::Host(message) => f.write_str(message),
            Trap::Exception(exception) => write!(f, "{exception}"),
        }
    }
}

impl core::error::Error for Trap {}
