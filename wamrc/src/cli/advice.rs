//! What to do about an error of the compiler, in the words of the command line.

use super::message::Diagnostic;
use targets::reloc::RelocError;
use wamrc::CompileError;
use wamrc::object::ObjectError;
use wamrc::wasm::locate;

const BROKEN: &str =
    "the file is cut off or was changed; make it again, or let the tool that made it validate it";

/// The error with where it is and what to do about it.
pub(super) fn diagnose(error: &CompileError, file: &str, wasm: &[u8]) -> Diagnostic {
    let offset = error.offset();
    let location = offset
        .map(|offset| locate(wasm, offset))
        .unwrap_or_default();
    Diagnostic {
        message: format!("{file}: {error}"),
        file: Some(file.to_owned()),
        offset: offset.map(|offset| offset.0),
        function: location.function.map(|function| function.0),
        name: location.name,
        instruction: location.instruction,
        help: advice(error, wasm).map(str::to_owned),
    }
}

fn advice(error: &CompileError, wasm: &[u8]) -> Option<&'static str> {
    Some(match error {
        CompileError::NotWasm { .. } => kind_of(wasm)?,
        CompileError::Invalid { .. } => BROKEN,
        CompileError::Unsupported { feature, .. } => match *feature {
            "the component model" => {
                "compile the core module inside it, or build for wasm32-wasip1 instead of a component"
            }
            _ => "build the module without this proposal",
        },
        CompileError::Forbidden { .. } => "leave the option out, or build the module without it",
        CompileError::StockTable { .. } => {
            "leave --runtime=stock out if the file is for this project's runtime"
        }
        CompileError::Object(ObjectError::Value {
            error: RelocError::OutOfRange { .. },
            ..
        }) => {
            "the code is too large for the distances that the machine's instructions hold: make it smaller (-Oz), or divide \
             the function"
        }
        _ => return None,
    })
}

/// How other files begin, and what to do with one.
const KINDS: &[(&[u8], &str)] = &[
    (
        b"\0aot",
        "it is compiled already: run it with iwasm, look at it with wamrc inspect",
    ),
    (
        b"(",
        "it is the text format: translate it with wat2wasm or wasm-tools parse",
    ),
    (
        b";;",
        "it is the text format: translate it with wat2wasm or wasm-tools parse",
    ),
    (
        b"\x7fELF",
        "it is a native program or object; the compiler takes WebAssembly",
    ),
    (
        b"BC\xc0\xde",
        "it is LLVM bitcode: link it to WebAssembly first",
    ),
    (b"!<arch>", "it is an archive: link it to WebAssembly first"),
];

fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    let bytes = bytes.trim_ascii_start();
    let found = KINDS.iter().find(|(start, _)| bytes.starts_with(start));
    found.map(|(_, help)| *help)
}
