//! How errors of the runtime answer to the messages in the suite's scripts.
//!
//! Where WAMR's words differ from the suite's, the pair stands in a table.

use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt;

use aot_runtime::{InstantiateError, LoadError, Trap};

/// What went wrong with a module or a call.
#[derive(Debug)]
pub(crate) enum Failure {
    Load(LoadError),
    Instantiate(InstantiateError),
    Trap(Trap),
    /// The script itself: no such module, no such export.
    Script(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Load(error) => write!(f, "load: {error}"),
            Failure::Instantiate(error) => write!(f, "instantiate: {error}"),
            Failure::Trap(trap) => write!(f, "trap: {trap}"),
            Failure::Script(message) => write!(f, "script: {message}"),
        }
    }
}

/// The suite's words and ours for the same trap.
const SAME: &[(&str, &str)] = &[
    ("call stack exhausted", "native stack overflow"),
    ("undefined", "undefined element"),
];

/// Whether a trap's message is the one a script wants. Scripts may add a
/// number ("uninitialized element 7").
fn same_trap(wanted: &str, ours: &str) -> bool {
    wanted.starts_with(ours)
        || SAME
            .iter()
            .any(|(theirs, own)| *theirs == wanted && *own == ours)
}

/// A call or an instantiation that must trap.
pub(crate) fn trap<T>(result: Result<T, Failure>, wanted: &str) -> Result<(), String> {
    match result {
        Err(Failure::Trap(trap) | Failure::Instantiate(InstantiateError::Trap(trap)))
            if same_trap(wanted, &trap.to_string()) =>
        {
            Ok(())
        }
        other => Err(unexpected(other, format!("trap {wanted:?}"))),
    }
}

/// A module that must not link.
pub(crate) fn unlinkable<T>(result: Result<T, Failure>, wanted: &str) -> Result<(), String> {
    match result {
        Err(Failure::Instantiate(
            error @ (InstantiateError::UnknownImport { .. } | InstantiateError::ImportType { .. }),
        )) if error.to_string().starts_with(wanted) => Ok(()),
        other => Err(unexpected(other, format!("link error {wanted:?}"))),
    }
}

/// A call that must end with an exception no one caught.
pub(crate) fn exception<T>(result: Result<T, Failure>) -> Result<(), String> {
    match result {
        Err(Failure::Trap(Trap::Exception(_))) => Ok(()),
        other => Err(unexpected(other, "an exception".into())),
    }
}

fn unexpected<T>(result: Result<T, Failure>, wanted: String) -> String {
    match result {
        Err(failure) => format!("expected {wanted}, got {failure}"),
        Ok(_) => format!("expected {wanted}, got none"),
    }
}

#[test]
fn messages_match_as_scripts_mean_them() {
    assert!(same_trap(
        "uninitialized element 7",
        "uninitialized element"
    ));
    assert!(same_trap("call stack exhausted", "native stack overflow"));
    assert!(!same_trap("integer overflow", "integer divide by zero"));
    assert!(!same_trap("undefined element", "uninitialized element"));
}
