//! `wamrc inspect FILE.aot`: what a container holds, as stable text or as JSON, with its code.

mod disassembly;
mod json;

use super::Failure;
use anyhow::Context as _;
use aot_format::{View, dump};
use clap::Args;
use std::io::Write as _;
use std::path::PathBuf;

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
    let bytes = std::fs::read(&arguments.file).with_context(|| format!("cannot read {path}"))?;
    let view = View::read(&bytes)
        .map_err(|error| anyhow::anyhow!("{path} is not a valid AOT file: {error}"))?;
    let code = match arguments.disassemble {
        true => Some(disassembly::disassemble(&view).with_context(|| path.to_string())?),
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
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()) {
        // The reader has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result.context("cannot write to standard output")?),
    }
}
