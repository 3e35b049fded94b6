//! The code of a container as instructions, each reference with the name of what it refers to.
//!
//! A part of the code begins at each function and each entry thunk; what lies in front of the
//! first of them are constants (see `wamrc::object`).

use anyhow::Context as _;
use aot_format::{CustomSection, Place, View};
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use wamrc::llvm::{self, Line};

/// A run of code with one name.
pub(super) struct Part {
    /// What it is: "function 3 (main)", "thunk for type 2".
    pub(super) name: String,
    /// Offset in the code.
    pub(super) offset: u64,
    /// Size in bytes.
    pub(super) size: u64,
    /// Instructions, each with a note on what it refers to; none for constants.
    pub(super) lines: Vec<(Line, Option<String>)>,
}

impl Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "\n{:#x} {}, {} bytes",
            self.offset, self.name, self.size
        )?;
        for (line, note) in &self.lines {
            match note {
                Some(note) => {
                    writeln!(
                        formatter,
                        "  {:6x}  {:44} ; {note}",
                        line.address, line.text
                    )?;
                }
                None => writeln!(formatter, "  {:6x}  {}", line.address, line.text)?,
            }
        }
        Ok(())
    }
}

/// Disassembles all code of a container.
pub(super) fn disassemble(view: &View<'_>) -> anyhow::Result<Vec<Part>> {
    let info = view.target();
    let target = info.target().with_context(|| {
        format!(
            "no disassembler for machine {} ({})",
            info.e_machine,
            info.arch.as_str()
        )
    })?;
    let record = view.record();
    let (cpu, features) = match &record {
        Some(record) => (record.cpu, record.features),
        // Stock files do not say: decode everything there is.
        None => (target.llvm.cpu, target.llvm.features),
    };
    let names = part_names(view);
    let references = references(view);
    let code = view.text().code;
    let end = code.len() as u64;
    let first = names.keys().next().copied().unwrap_or(end);
    let mut parts = Vec::with_capacity(names.len() + 1);
    if first > 0 {
        let (name, lines) = ("constants".to_owned(), Vec::new());
        parts.push(Part {
            name,
            offset: 0,
            size: first,
            lines,
        });
    }
    let ends = names.keys().copied().skip(1).chain([end]);
    for ((offset, name), end) in names.iter().zip(ends) {
        let range = usize::try_from(*offset)?..usize::try_from(end)?;
        let bytes = code.get(range).unwrap_or_default();
        let lines = llvm::disassemble(target.llvm.triple, cpu, features, bytes, *offset)?;
        let note = |line: Line| {
            let note = note(&line, &references, &names, first);
            (line, note)
        };
        let lines = lines.into_iter().map(note).collect();
        let size = end.saturating_sub(*offset);
        parts.push(Part {
            name: name.clone(),
            offset: *offset,
            size,
            lines,
        });
    }
    Ok(parts)
}

/// Where parts begin and what they are called. Functions that share a place share the name.
fn part_names(view: &View<'_>) -> BTreeMap<u64, String> {
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    let mut add = |offset, name: String| {
        let entry = names.entry(offset).or_default();
        if !entry.is_empty() {
            entry.push_str(", ");
        }
        entry.push_str(&name);
    };
    let known = function_names(view);
    for (index, function) in (view.import_funcs().len()..).zip(view.functions().iter()) {
        add(
            function.text_offset,
            match known.get(&index) {
                Some(name) => format!("function {index} ({name})"),
                None => format!("function {index}"),
            },
        );
    }
    if let Some(record) = view.record() {
        for thunk in record.thunks.iter() {
            add(
                thunk.text_offset,
                format!("thunk for type {}", thunk.type_index),
            );
        }
    }
    names
}

/// Names of functions: from the name section, else from the exports.
fn function_names(view: &View<'_>) -> BTreeMap<u32, String> {
    let exports = view.exports().iter();
    let functions = exports.filter(|export| export.kind == aot_format::ExportKind::Func);
    let mut names: BTreeMap<u32, String> = functions
        .map(|export| (export.index, export.name.to_owned()))
        .collect();
    for section in view.custom().iter() {
        if let CustomSection::FunctionNames(section) = section {
            names.extend(
                section
                    .names
                    .iter()
                    .map(|name| (name.index, name.name.to_owned())),
            );
        }
    }
    names
}

/// What the loader will write into the code, by offset.
fn references(view: &View<'_>) -> BTreeMap<u64, String> {
    let groups = view.relocations().iter();
    let code = groups.filter(|group| view.place(group) == Some(Place::Code));
    let relocations = code.flat_map(|group| group.relocs.iter());
    relocations
        .map(|relocation| {
            let name = relocation.symbol;
            // An addend of minus the field's size is how distances to the next instruction look.
            let text = match relocation.addend {
                0 | -4 => name.to_owned(),
                addend if addend < 0 => format!("{name} - {:#x}", addend.unsigned_abs()),
                addend => format!("{name} + {addend:#x}"),
            };
            (relocation.offset, text)
        })
        .collect()
}

/// What an instruction refers to: a relocation inside it, or the place its distance leads to.
fn note(
    line: &Line,
    references: &BTreeMap<u64, String>,
    names: &BTreeMap<u64, String>,
    first: u64,
) -> Option<String> {
    let end = line.address + line.size as u64;
    if let Some((_, name)) = references.range(line.address..end).next() {
        return Some(name.clone());
    }
    let place = distance(&line.text)?.checked_add_unsigned(end)?;
    let place = u64::try_from(place).ok()?;
    if place < first {
        return Some(format!("constant {place:#x}"));
    }
    let (offset, name) = names.range(..=place).next_back()?;
    Some(match place - offset {
        0 => name.clone(),
        _ => format!("{place:#x}"),
    })
}

/// The distance from the next instruction in an operand, in the syntaxes LLVM prints: a number as
/// the only operand of a jump or call, or a number in front of `(%rip)`.
fn distance(text: &str) -> Option<i64> {
    if let Some((before, _)) = text.split_once("(%rip)") {
        return number(before.rsplit([' ', ',', '*']).next()?);
    }
    let (mnemonic, operand) = text.split_once(' ')?;
    let jumps = mnemonic.starts_with('j') || mnemonic.starts_with("call");
    if jumps { number(operand) } else { None }
}

fn number(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative {
        value.wrapping_neg()
    } else {
        value
    })
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances_are_found_in_operands() {
        let cases = [
            ("callq 16", Some(16)),
            ("jne -0x20", Some(-32)),
            ("movaps 0x40(%rip), %xmm0", Some(64)),
            ("mulsd %xmm1, -8(%rip)", Some(-8)),
            ("callq *%rax", None),
            ("movl $5, %eax", None),
            ("retq", None),
        ];
        for (text, expected) in cases {
            assert_eq!(distance(text), expected, "{text}");
        }
    }
}
