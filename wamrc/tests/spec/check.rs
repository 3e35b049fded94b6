//! How errors of this project answer to the messages in the suite's scripts.
//!
//! Where WAMR's words differ from the suite's, the pair stands in a table.
//! Validation errors are wasmparser's, whose words are its own: there only the
//! kind of error is checked.

use aot_runtime::{InstantiateError, Trap};
use wamrc::CompileError;

/// What went wrong with a module or a call.
#[derive(Debug)]
pub(crate) enum Failure {
    /// wast could not read or encode the text.
    Text(String),
    Compile(CompileError),
    Load(String),
    Instantiate(InstantiateError),
    Trap(Trap),
    /// The script itself: no such module, no such export.
    Script(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Text(message) => write!(f, "text: {message}"),
            Failure::Compile(error) => write!(f, "compile: {error}"),
            Failure::Load(message) => write!(f, "load: {message}"),
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
        Err(failure) => Err(format!("expected trap {wanted:?}, got {failure}")),
        Ok(_) => Err(format!("expected trap {wanted:?}, got none")),
    }
}

/// A module that must not link.
pub(crate) fn unlinkable<T>(result: Result<T, Failure>, wanted: &str) -> Result<(), String> {
    match result {
        Err(Failure::Instantiate(
            error @ (InstantiateError::UnknownImport { .. } | InstantiateError::ImportType { .. }),
        )) if error.to_string().starts_with(wanted) => Ok(()),
        Err(failure) => Err(format!("expected link error {wanted:?}, got {failure}")),
        Ok(_) => Err(format!("expected link error {wanted:?}, got an instance")),
    }
}

/// A module that must not validate.
pub(crate) fn invalid<T>(result: Result<T, Failure>, wanted: &str) -> Result<(), String> {
    match result {
        Err(Failure::Compile(CompileError::Invalid { .. } | CompileError::Unsupported { .. })) => {
            Ok(())
        }
        // wast resolves names, and so finds unknown ones before validation.
        Err(Failure::Text(_)) => Ok(()),
        Err(failure) => Err(format!("expected {wanted:?}, got {failure}")),
        Ok(_) => Err(format!("expected {wanted:?}, but it validates")),
    }
}

/// A module that must not even parse.
pub(crate) fn malformed<T>(result: Result<T, Failure>, wanted: &str) -> Result<(), String> {
    match result {
        Err(Failure::Compile(CompileError::NotWasm { .. })) => Ok(()),
        other => invalid(other, wanted),
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

/// A call that must end with an exception no one caught.
pub(crate) fn exception<T>(result: Result<T, Failure>) -> Result<(), String> {
    match result {
        Err(Failure::Trap(Trap::Exception(_))) => Ok(()),
        Err(failure) => Err(format!("expected an exception, got {failure}")),
        Ok(_) => Err("expected an exception, got none".to_owned()),
    }
}
