//! `wamrc objdump FILE.aot`: the machine code of functions, with names for what it refers to and, if the file tells them, the
//! instructions of the module that it was made from.

use super::inspect::json;
use super::{Failure, container, output};
use anyhow::Context as _;
use aot_format::View;
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;
use wamrc::disassembly::{self, Listing, Names, Part};

/// Options of the command.
#[derive(Debug, Args)]
#[group(id = "objdump-options")]
pub(super) struct Arguments {
    /// The AOT file; - is standard input
    #[arg(value_name = "FILE.aot")]
    file: PathBuf,

    /// Only this function, by name or index; may be given several times
    #[arg(long, value_name = "NAME|INDEX")]
    function: Vec<String>,

    /// The module that the file was made of, for names that the file does not have and the instructions at the offsets
    /// in it
    #[arg(long, value_name = "FILE.wasm")]
    wasm: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the code.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = container::read(&arguments.file)?;
    let view = container::view(&arguments.file, &bytes)?;
    let wasm = arguments.wasm.as_deref().map(container::read).transpose()?;
    let names = container::names(&view, wasm.as_deref());
    let wanted = wanted(arguments, &view, &names)?;
    let is_wanted = |part: &Part| match &wanted {
        None => true,
        Some(functions) => part.functions.iter().any(|it| functions.contains(it)),
    };
    let path = arguments.file.display();
    let mut listings =
        disassembly::disassemble(&view, &names, is_wanted).with_context(|| path.to_string())?;
    if let Some(wasm) = &wasm {
        disassembly::quote_origins(&mut listings, wasm);
    }
    let text = match arguments.json {
        true => format!("{:#}\n", json::code(&listings)),
        false => listings.iter().map(Listing::to_string).collect(),
    };
    Ok(output::print(text.as_bytes())?)
}

/// Indices of the functions asked for; `None` for all code.
fn wanted(
    arguments: &Arguments,
    view: &View<'_>,
    names: &Names,
) -> Result<Option<Vec<u32>>, Failure> {
    if arguments.function.is_empty() {
        return Ok(None);
    }
    let parts = disassembly::parts(view, names);
    let placed: BTreeSet<u32> = parts.into_iter().flat_map(|part| part.functions).collect();
    let found = arguments
        .function
        .iter()
        .map(|text| find(view, names, &placed, text));
    found.collect::<Result<_, _>>().map(Some)
}

/// The function of a name or index that is among those with code.
fn find(
    view: &View<'_>,
    names: &Names,
    placed: &BTreeSet<u32>,
    text: &str,
) -> Result<u32, Failure> {
    let named = names.iter().find(|(_, name)| *name == text);
    let index = named.map(|(index, _)| *index).or_else(|| text.parse().ok());
    let imported = view.import_funcs().len();
    let why = match index {
        None => "no function of this name; --wasm FILE.wasm or compiling with --emit-custom-sections=name tells those that are not exported".to_owned(),
        Some(index) if index < imported => "it is imported and has no code here".to_owned(),
        Some(index) if index >= view.function_count() => {
            format!("the file has functions {imported} to {}", view.function_count().saturating_sub(1))
        }
        Some(index) => match placed.contains(&index) {
            true => return Ok(index),
            false => "it was inlined wherever it is called".to_owned(),
        },
    };
    Err(Failure::Work(anyhow::anyhow!("--function={text}: {why}")))
}
