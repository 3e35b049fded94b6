//! The code of a container as instructions, each reference with the name of what it refers to.
//!
//! A part of the code begins at each function and each entry thunk; what lies in front of the
//! first of them are constants (see [`crate::object`]).

use crate::llvm::{self, Line, LlvmError};
use aot_format::{CustomSection, ExportKind, Place, View};
use std::collections::BTreeMap;
use std::fmt;

/// Why code was not disassembled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisassemblyError {
    /// The file is for a machine there is no target for.
    #[error("no disassembler for machine {machine} ({arch})")]
    Machine {
        /// The machine's number in ELF.
        machine: u16,
        /// The file's name for it.
        arch: String,
    },
    /// LLVM reported a failure.
    #[error(transparent)]
    Llvm(#[from] LlvmError),
}

/// A run of code with one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What it is: "function 3 (main)", "thunk for type 2", "constants".
    pub name: String,
    /// Indices of the functions that begin here, imported functions counted, too.
    pub functions: Vec<u32>,
    /// Offset in the code.
    pub offset: u64,
    /// Size in bytes.
    pub size: u64,
}

/// What an instruction refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Something whose address the loader writes into the instruction.
    Loaded(String),
    /// A place in the code, by the instruction's own distance: the name of the part that begins there, or its address.
    Near(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded(name) | Self::Near(name) => formatter.write_str(name),
        }
    }
}

/// A part with its instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The part.
    pub part: Part,
    /// Instructions, each with a note on what it refers to; none for constants.
    pub lines: Vec<(Line, Option<Reference>)>,
}

impl fmt::Display for Listing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part {
            offset, name, size, ..
        } = &self.part;
        writeln!(formatter, "\n{offset:#x} {name}, {size} bytes")?;
        for (line, note) in &self.lines {
            let Line { address, text, .. } = line;
            match note {
                Some(note) => writeln!(formatter, "  {address:6x}  {text:44} ; {note}")?,
                None => writeln!(formatter, "  {address:6x}  {text}")?,
            }
        }
        Ok(())
    }
}

/// Names of functions by index, imported functions counted, too.
pub type Names = BTreeMap<u32, String>;

/// The parts of a container's code, in order. They cover it without gaps.
#[must_use]
pub fn parts(view: &View<'_>, known: &Names) -> Vec<Part> {
    let mut starts = starts(view, known);
    let end = view.text().code.len() as u64;
    let first = starts.keys().next().copied().unwrap_or(end);
    if first > 0 {
        starts.insert(0, ("constants".to_owned(), Vec::new()));
    }
    let ends: Vec<u64> = starts.keys().copied().skip(1).chain([end]).collect();
    let parts = starts.into_iter().zip(ends);
    let parts = parts.map(|((offset, (name, functions)), end)| Part {
        name,
        functions,
        offset,
        size: end.saturating_sub(offset),
    });
    parts.collect()
}

/// Disassembles the parts that are wanted.
///
/// # Errors
/// [`DisassemblyError`] if there is no disassembler for the file's machine.
pub fn disassemble(
    view: &View<'_>,
    known: &Names,
    wanted: impl Fn(&Part) -> bool,
) -> Result<Vec<Listing>, DisassemblyError> {
    let info = view.target();
    let target = info.target().ok_or_else(|| DisassemblyError::Machine {
        machine: info.e_machine,
        arch: info.arch.as_str().to_owned(),
    })?;
    let record = view.record();
    let (cpu, features) = match &record {
        Some(record) => (record.cpu, record.features),
        // Stock files do not say: decode everything there is.
        None => (target.llvm.cpu, target.llvm.features),
    };
    let parts = parts(view, known);
    let known = Known {
        references: references(view),
        names: parts
            .iter()
            .filter(|part| !part.is_constants())
            .map(|part| (part.offset, part.name.clone()))
            .collect(),
    };
    let mut listings = Vec::new();
    for part in parts.into_iter().filter(|part| wanted(part)) {
        let bytes = match part.is_constants() {
            true => &[],
            false => part.bytes(view),
        };
        let lines = llvm::disassemble(target.llvm.triple, cpu, features, bytes, part.offset)?;
        let noted = lines.into_iter().map(|line| {
            let note = known.note(&line);
            (line, note)
        });
        listings.push(Listing {
            lines: noted.collect(),
            part,
        });
    }
    Ok(listings)
}

impl Part {
    /// Whether this is what lies in front of the code.
    #[must_use]
    pub fn is_constants(&self) -> bool {
        self.offset == 0 && self.name.starts_with("constants")
    }

    fn bytes<'a>(&self, view: &View<'a>) -> &'a [u8] {
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let size = usize::try_from(self.size).unwrap_or(0);
        let rest = view.text().code.get(start..).unwrap_or_default();
        rest.get(..size).unwrap_or_default()
    }
}

/// What begins at an offset: its name, and the functions that share the place.
type Start = (String, Vec<u32>);

/// Where parts begin. Functions that share a place share the name.
fn starts(view: &View<'_>, known: &Names) -> BTreeMap<u64, Start> {
    let mut starts: BTreeMap<u64, Start> = BTreeMap::new();
    let mut add = |offset, name: String, function: Option<u32>| {
        let (names, functions) = starts.entry(offset).or_default();
        if !names.is_empty() {
            names.push_str(", ");
        }
        names.push_str(&name);
        functions.extend(function);
    };
    let named = |index| match known.get(&index) {
        Some(name) => format!("function {index} ({name})"),
        None => format!("function {index}"),
    };
    let defined = view.functions();
    let functions = (view.import_funcs().len()..).zip(defined.iter());
    // A function that was inlined everywhere has no place, which offset 0 stands for; constants are there then.
    let (placed, nowhere): (Vec<_>, Vec<_>) = functions
        .partition(|(index, function)| function.text_offset > 0 || is_exported(view, *index));
    for (index, function) in placed {
        add(function.text_offset, named(index), Some(index));
    }
    if let Some(record) = view.record() {
        for thunk in record.thunks.iter() {
            let name = format!("thunk for type {}", thunk.type_index);
            add(thunk.text_offset, name, None);
        }
    }
    match nowhere.as_slice() {
        // One function without export at the start of the code can well be there.
        [(index, _)] if !starts.contains_key(&0) => {
            starts.insert(0, (named(*index), vec![*index]));
        }
        _ => {}
    }
    starts
}

fn is_exported(view: &View<'_>, function: u32) -> bool {
    let mut exports = view.exports().iter();
    exports.any(|export| export.kind == ExportKind::Func && export.index == function)
}

/// The names that a container has itself: from the name section, else from the exports.
#[must_use]
pub fn function_names(view: &View<'_>) -> Names {
    let exports = view.exports().iter();
    let functions = exports.filter(|export| export.kind == ExportKind::Func);
    let mut names: Names = functions
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

/// What is known of a file when its code is read.
struct Known {
    /// What the loader will write into the code, by offset.
    references: BTreeMap<u64, String>,
    /// Names of the parts, without the constants.
    names: BTreeMap<u64, String>,
}

impl Known {
    /// What an instruction refers to: a relocation inside it, or the place its distance leads to.
    fn note(&self, line: &Line) -> Option<Reference> {
        let end = line.address + line.size as u64;
        if let Some((_, name)) = self.references.range(line.address..end).next() {
            return Some(Reference::Loaded(name.clone()));
        }
        let place = place(line)?;
        let Some((offset, name)) = self.names.range(..=place).next_back() else {
            return Some(Reference::Near(format!("constant {place:#x}")));
        };
        Some(Reference::Near(match place - offset {
            0 => name.clone(),
            _ => format!("{place:#x}"),
        }))
    }
}

/// The place that an instruction's distance leads to.
pub(crate) fn place(line: &Line) -> Option<u64> {
    let end = line.address + line.size as u64;
    let place = distance(&line.text)?.checked_add_unsigned(end)?;
    u64::try_from(place).ok()
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
