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
pub(super) fn names(view: &View<'_>, wasm: Option<&[u8]>) -> Names {
    let mut names = disassembly::function_names(view);
    names.extend(wasm.map(wamrc::wasm::function_names).into_iter().flatten());
    names
}

/// The name of a kind of relocation of the file's machine, or its number.
pub(super) fn relocation_kind(view: &View<'_>, number: u32) -> String {
    let target = view.target().target();
    let row = target.and_then(|target| target.row(number));
    row.map_or_else(|| number.to_string(), |row| row.name.to_owned())
}

fn failure(path: &Path, offset: Option<u64>, message: String) -> Failure {
    Failure::Diagnosed(vec![Diagnostic {
        message,
        file: Some(path.display().to_string()),
        offset,
        ..Diagnostic::default()
    }])
}
