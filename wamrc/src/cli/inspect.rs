//! `wamrc inspect FILE.aot`: what a container holds, as stable text or as JSON, with its code.

pub(super) mod json;

use super::{Failure, container, output};
use anyhow::Context as _;
use aot_format::dump;
use clap::Args;
use std::path::PathBuf;
use wamrc::disassembly;

/// Options of the inspect command.
#[derive(Debug, Args)]
#[group(id = "inspect-options")]
pub(super) struct Arguments {
    /// The AOT file
    #[arg(value_name = "FILE.aot")]
    file: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Print the machine code of each function, with names for what it refers to
    #[arg(long)]
    disassemble: bool,
}

/// Reads the file and prints it.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = arguments.file.display();
    let bytes = container::read(&arguments.file)?;
    let view = container::view(&arguments.file, &bytes)?;
    let names = disassembly::function_names(&view);
    let code = match arguments.disassemble {
        true => {
            let code = disassembly::disassemble(&view, &names, |_| true);
            Some(code.with_context(|| path.to_string())?)
        }
        false => None,
    };
    let text = if arguments.json {
        let mut value = json::describe(&view);
        if let (Some(code), Some(object)) = (&code, value.as_object_mut()) {
            object.insert("code".to_owned(), json::code(code));
        }
        format!("{value:#}\n")
    } else {
        let code = code.iter().flatten().map(ToString::to_string);
        let mut text = dump::to_string(&view);
        text.extend(code);
        text
    };
    Ok(output::print(text.as_bytes())?)
}
