//! `wamrc snapshot FILE.wasm`: what a compilation makes, as text that a test can keep.

use super::compile::Compiler;
use super::settings::Settings;
use super::{Failure, Invocation, output, resources, stock};
use clap::Args;
use std::path::PathBuf;
use wamrc::snapshot::{self, Kind, SnapshotError};

/// Options of the command.
#[derive(Debug, Args)]
#[group(id = "snapshot-options")]
pub(super) struct Arguments {
    /// The module; - is standard input
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,

    /// What to show: ir, optimised-ir, asm or container
    #[arg(long, value_name = "KIND", default_value = "container", value_parser = names())]
    kind: String,

    /// Print JSON: the kind and the text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings,

    #[command(flatten)]
    resources: resources::Arguments,
}

fn names() -> clap::builder::PossibleValuesParser {
    Kind::ALL.iter().map(|(name, _)| *name).into()
}

/// Compiles and prints.
pub(super) fn run(arguments: &Arguments, invocation: &Invocation) -> Result<(), Failure> {
    if arguments.settings.print_list()? {
        return Ok(());
    }
    let kind = Kind::ALL.iter().find(|(name, _)| *name == arguments.kind);
    let kind = kind.map_or(Kind::Container, |(_, kind)| *kind);
    let mut compiler = Compiler::new(&arguments.settings, &arguments.resources, invocation)?;
    compiler.options.format = kind.format();
    if !invocation.quiet {
        stock::print(&invocation.remarks);
    }
    let wasm = compiler.read(&arguments.file)?;
    let made = compiler.compile(&wasm, &compiler.options, &arguments.file)?;
    let text = snapshot::render(&made.bytes, kind).map_err(failure)?;
    let text = match arguments.json {
        true => format!(
            "{:#}\n",
            serde_json::json!({ "kind": arguments.kind, "text": text })
        ),
        false => format!("{text}\n"),
    };
    Ok(output::print(text.as_bytes())?)
}

fn failure(error: SnapshotError) -> Failure {
    Failure::Work(error.into())
}
