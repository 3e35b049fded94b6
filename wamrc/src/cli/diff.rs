//! `wamrc diff A.aot B.aot`: what changed from one container to another, in plain words.
//!
//! Exit code 0 if nothing did, 1 if something did. Functions are matched by name, those without by index.

use super::{Failure, container, output};
use aot_format::{FeatureFlags, View};
use clap::Args;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use wamrc::disassembly;

/// Options of the command.
#[derive(Debug, Args)]
#[group(id = "diff-options")]
pub(super) struct Arguments {
    /// The file before
    #[arg(value_name = "A.aot")]
    before: PathBuf,

    /// The file after
    #[arg(value_name = "B.aot")]
    after: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Compares and prints.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let before = container::read(&arguments.before)?;
    let after = container::read(&arguments.after)?;
    let same = before == after;
    let first = container::view(&arguments.before, &before)?;
    let second = container::view(&arguments.after, &after)?;
    let mut changes = changes(&Facts::of(&first), &Facts::of(&second));
    if changes.is_empty() && !same {
        changes.push("only bytes that no fact shown here is about".to_owned());
    }
    let text = match arguments.json {
        true => format!("{:#}\n", json!({ "same": same, "changes": changes })),
        false if same => "no difference\n".to_owned(),
        false => changes.iter().map(|change| format!("{change}\n")).collect(),
    };
    output::print(text.as_bytes())?;
    match same {
        true => Ok(()),
        false => Err(Failure::Printed),
    }
}

/// What is compared.
struct Facts<'a> {
    /// Things there is one of, by what they are.
    single: Vec<(&'static str, String)>,
    /// Lists without order, by what they are lists of.
    sets: Vec<(&'static str, BTreeSet<String>)>,
    /// The code of each.
    functions: BTreeMap<String, &'a [u8]>,
    /// Number of relocations by kind and symbol.
    relocations: BTreeMap<String, usize>,
}

impl<'a> Facts<'a> {
    fn of(view: &View<'a>) -> Self {
        let names = disassembly::function_names(view);
        let parts = disassembly::parts(view, &names).into_iter();
        let parts = parts.map(|part| (identity(&part.name), part.bytes(view)));
        Self {
            single: singles(view),
            sets: sets(view),
            functions: parts.collect(),
            relocations: relocations(view),
        }
    }
}

/// A name that survives a change of indices: `function 3 (main)` is `function main`.
fn identity(name: &str) -> String {
    let parts = name.split(", ").map(|part| match part.split_once(" (") {
        Some((_, name)) => format!("function {}", name.trim_end_matches(')')),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn singles(view: &View<'_>) -> Vec<(&'static str, String)> {
    let record = view.record();
    let target = view.target();
    let field = |value: Option<&str>| value.unwrap_or("unknown").to_owned();
    let memories = view.memories();
    let memories = memories
        .iter()
        .map(|memory| format!("{} to {} pages", memory.init_pages, memory.max_pages));
    let data: usize = view.data().iter().map(|segment| segment.bytes.len()).sum();
    vec![
        ("version of the format", view.version().to_string()),
        ("machine", target.arch.as_str().to_owned()),
        ("mode", format!("{:?}", target.e_type)),
        ("CPU", field(record.map(|record| record.cpu))),
        ("CPU features", field(record.map(|record| record.features))),
        ("compiler", field(record.map(|record| record.compiler))),
        ("memories", memories.collect::<Vec<_>>().join(", ")),
        ("bytes of data", data.to_string()),
        ("bytes of code", view.text().code.len().to_string()),
        ("start function", format!("{:?}", view.aux().start)),
    ]
}

fn sets(view: &View<'_>) -> Vec<(&'static str, BTreeSet<String>)> {
    let imports = view.import_funcs();
    let imports = imports
        .iter()
        .map(|import| format!("function {:?} {:?}", import.module, import.name));
    let globals = view.import_globals();
    let globals = globals
        .iter()
        .map(|global| format!("global {:?} {:?}", global.module, global.name));
    let exports = view.exports();
    let exports = exports
        .iter()
        .map(|export| format!("{} {:?}", export.kind.name(), export.name));
    let used = view.target().features;
    let features = FeatureFlags::ALL
        .iter()
        .filter(|(flag, _)| used.contains(*flag))
        .map(|(_, name)| (*name).to_owned());
    let relies = view.record().map(|record| record.relies);
    let relies = relies.into_iter().flat_map(|relies| relies.names());
    vec![
        ("import", imports.chain(globals).collect()),
        ("export", exports.collect()),
        ("feature", features.collect()),
        ("reliance on", relies.map(str::to_owned).collect()),
    ]
}

fn relocations(view: &View<'_>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for relocation in view.relocations().iter().flat_map(|group| group.relocs) {
        let kind = container::relocation_kind(view, relocation.kind);
        let key = format!("{kind} of {}", relocation.symbol);
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// Every difference, one sentence each.
fn changes(before: &Facts<'_>, after: &Facts<'_>) -> Vec<String> {
    let mut changes = Vec::new();
    for ((what, old), (_, new)) in before.single.iter().zip(&after.single) {
        if old != new {
            changes.push(format!("{what}: {old} became {new}"));
        }
    }
    for ((what, old), (_, new)) in before.sets.iter().zip(&after.sets) {
        changes.extend(
            old.difference(new)
                .map(|gone| format!("{what} {gone} is gone")),
        );
        changes.extend(
            new.difference(old)
                .map(|added| format!("{what} {added} is new")),
        );
    }
    changes.extend(changed_functions(before, after));
    for key in keys(&before.relocations, &after.relocations) {
        let count = |facts: &Facts<'_>| facts.relocations.get(key).copied().unwrap_or(0);
        let (old, new) = (count(before), count(after));
        if old != new {
            changes.push(format!("relocations {key}: {old} became {new}"));
        }
    }
    changes
}

fn changed_functions(before: &Facts<'_>, after: &Facts<'_>) -> Vec<String> {
    let mut changes = Vec::new();
    for name in keys(&before.functions, &after.functions) {
        changes.extend(
            match (before.functions.get(name), after.functions.get(name)) {
                (Some(old), None) => Some(format!("{name} is gone ({} bytes)", old.len())),
                (None, Some(new)) => Some(format!("{name} is new ({} bytes)", new.len())),
                (Some(old), Some(new)) if old.len() != new.len() => {
                    Some(format!("{name}: {} bytes became {}", old.len(), new.len()))
                }
                (Some(old), Some(new)) if old != new => {
                    Some(format!("{name}: other code of the same size"))
                }
                _ => None,
            },
        );
    }
    changes
}

fn keys<'m, T>(
    first: &'m BTreeMap<String, T>,
    second: &'m BTreeMap<String, T>,
) -> BTreeSet<&'m String> {
    first.keys().chain(second.keys()).collect()
}
