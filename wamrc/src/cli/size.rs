//! `wamrc size FILE.aot…`: where the bytes of containers are.

use super::{Failure, container, message, output};
use aot_format::{CustomSection, SectionId, View};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use wamrc::disassembly::{self, Names};

/// Bytes of a file before its first section, and of a section before its body.
const HEADER_BYTES: usize = 8;
const FRAME_BYTES: usize = 8;

/// Options of the command.
#[derive(Debug, Args)]
#[group(id = "size-options")]
pub(super) struct Arguments {
    /// The AOT files; - is standard input
    #[arg(value_name = "FILE.aot", required = true)]
    files: Vec<PathBuf>,

    /// How many of the largest functions to name
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = number)]
    top: usize,

    /// The module that the file was made of, for names that the file does not have
    #[arg(long, value_name = "FILE.wasm")]
    wasm: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a number".to_owned())
}

/// Prints the sizes of each file.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let (Some(wasm), [_, _, ..]) = (&arguments.wasm, arguments.files.as_slice()) {
        let wasm = wasm.display();
        let message = format!("--wasm={wasm}: there are several files, made of several modules");
        return Err(Failure::usage(message));
    }
    let wasm = arguments.wasm.as_deref().map(container::read).transpose()?;
    let mut texts = Vec::new();
    let mut values = Vec::new();
    for path in &arguments.files {
        let bytes = container::read(path)?;
        let view = container::view(path, &bytes)?;
        let names = container::names(&view, wasm.as_deref());
        let sizes = Sizes::of(&view, &bytes, &names, arguments.top);
        texts.push(sizes.to_text(path));
        values.push(sizes.to_json(path));
    }
    let text = match arguments.json {
        true => format!("{:#}\n", Value::from(values)),
        false => texts.join("\n"),
    };
    Ok(output::print(text.as_bytes())?)
}

/// How many functions the report of a compilation names.
const REPORTED: usize = 10;

/// Says on standard error where the bytes of a container are that was just made.
pub(super) fn report(path: &Path, bytes: &[u8], wasm: &[u8]) -> Result<(), Failure> {
    let view = container::view(path, bytes)?;
    let names = container::names(&view, Some(wasm));
    let sizes = Sizes::of(&view, bytes, &names, REPORTED);
    match message::is_json() {
        true => {
            let mut object = sizes.to_json(path);
            object["type"] = json!("sizes");
            message::print_line(&object);
        }
        false => eprint!("{}", sizes.to_text(path)),
    }
    Ok(())
}

/// Where the bytes of a container are.
struct Sizes {
    file: usize,
    /// Each section with its frame, in file order.
    sections: Vec<(String, usize)>,
    /// The largest functions, largest first.
    functions: Vec<(String, u64)>,
    /// How many parts there are besides, and their bytes.
    others: (usize, u64),
    /// How many relocations of each kind there are.
    relocations: BTreeMap<String, usize>,
}

impl Sizes {
    fn of(view: &View<'_>, bytes: &[u8], names: &Names, top: usize) -> Self {
        let parts = disassembly::parts(view, names);
        let mut parts: Vec<(String, u64)> = parts
            .into_iter()
            .map(|part| (part.name, part.size))
            .collect();
        parts.sort_by(|first, second| second.1.cmp(&first.1).then(first.0.cmp(&second.0)));
        let others = parts.split_off(top.min(parts.len()));
        Self {
            file: bytes.len(),
            sections: sections(view, bytes),
            functions: parts,
            others: (others.len(), others.iter().map(|(_, size)| size).sum()),
            relocations: relocations(view),
        }
    }

    fn to_text(&self, path: &Path) -> String {
        let mut text = format!("{}: {} bytes\n", path.display(), self.file);
        // Writing to a string cannot fail.
        for (name, size) in &self.sections {
            let _ = writeln!(text, "{size:>10}  section {name}");
        }
        for (name, size) in &self.functions {
            let _ = writeln!(text, "{size:>10}  {name}");
        }
        if let (count @ 1.., size) = self.others {
            let _ = writeln!(text, "{size:>10}  {count} others");
        }
        for (kind, count) in &self.relocations {
            let _ = writeln!(text, "{count:>10}  relocations {kind}");
        }
        text
    }

    fn to_json(&self, path: &Path) -> Value {
        let named = |list: &[(String, u64)]| -> Value {
            list.iter()
                .map(|(name, size)| json!({ "name": name, "bytes": size }))
                .collect()
        };
        let sections: Value = self
            .sections
            .iter()
            .map(|(name, size)| json!({ "name": name, "bytes": size }))
            .collect();
        json!({
            "file": path.display().to_string(),
            "bytes": self.file,
            "sections": sections,
            "functions": named(&self.functions),
            "others": { "count": self.others.0, "bytes": self.others.1 },
            "relocations": self.relocations,
        })
    }
}

/// Names and sizes of sections, frames and padding included; they and the header make up the file.
fn sections(view: &View<'_>, bytes: &[u8]) -> Vec<(String, usize)> {
    let word = |at: usize| {
        let word = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(u32::from_le_bytes(word))
    };
    let mut custom = view.custom().iter();
    let mut sections = vec![("header".to_owned(), HEADER_BYTES)];
    let mut at = HEADER_BYTES;
    while let (Some(id), Some(size)) = (word(at), word(at + 4)) {
        let name = match SectionId::from_number(id) {
            Some(SectionId::Custom) => custom.next().map(|section| custom_name(&section)),
            other => other.map(|section| section.name().to_owned()),
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let end = at.saturating_add(FRAME_BYTES).saturating_add(size);
        let end = end.next_multiple_of(4).min(bytes.len());
        sections.push((name.unwrap_or_default(), end.saturating_sub(at)));
        at = end;
    }
    sections
}

fn custom_name(section: &CustomSection<'_>) -> String {
    match section {
        CustomSection::Raw { name, .. } => format!("custom {name:?}"),
        CustomSection::NativeSymbols(_) => "native symbols".to_owned(),
        CustomSection::FunctionNames(_) => "function names".to_owned(),
        CustomSection::Unknown { sub_type, .. } => format!("custom type {sub_type}"),
    }
}

fn relocations(view: &View<'_>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for relocation in view.relocations().iter().flat_map(|group| group.relocs) {
        let kind = container::relocation_kind(view, relocation.kind);
        *counts.entry(kind).or_default() += 1;
    }
    counts
}
