//! Reading AOT files for the commands that look into them.

use super::message::Diagnostic;
use super::{Failure, compile};
use aot_format::View;
use std::path::Path;
use wamrc::disassembly::{self, Names};

/// The bytes of a file, or of standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    compile::read(path).map_err(|error| {
        let file = path.display();
        failure(path, None, format!("cannot read {file}: {error}"))
    })
}

/// The container in them.
pub(super) fn view<'a>(path: &Path, bytes: &'a [u8]) -> Result<View<'a>, Failure> {
    View::read(bytes).map_err(|error| {
        let file = path.display();
        let message = format!("{file} is not a valid AOT file: {error}");
        failure(path, Some(u64::from(error.offset)), message)
    })
}

/// Names of functions: the file's own, and those in the module that it was made of, if that is given.
pub(super) fn names(view: &View<'_>, wasm: Option<&Path>) -> Result<Names, Failure> {
    let mut names = disassembly::function_names(view);
    if let Some(path) = wasm {
        names.extend(wamrc::wasm::function_names(&read(path)?));
    }
    Ok(names)
}

fn failure(path: &Path, offset: Option<u64>, message: String) -> Failure {
    Failure::Diagnosed(vec![Diagnostic {
        message,
        file: Some(path.display().to_string()),
        offset,
        ..Diagnostic::default()
    }])
}
