//! The code of a container as instructions, each reference with the name of what it refers to.
//!
//! A part of the code begins at each function and each entry thunk; what lies in front of the
//! first of them are constants (see [`crate::object`]). In our files the entry of a function may lead to a body elsewhere,
//! which the file does not tell: the entry's code does.

mod body;
mod literal;
mod syntax;

use crate::llvm::{self, Line, LlvmError};
use crate::wasm::{self, WasmOffset};
use aot_format::{AddressMap, CustomSection, ExportKind, Place, ReadError, Reloc, View};
use literal::Literals;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use syntax::{Syntax, Word};
use targets::Endian;

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
    /// What the file says of the origin of its code cannot be read; the position is that in the section.
    #[error("the section wamrc.address_map, {0}")]
    AddressMap(ReadError),
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
    /// A place in the code, by the instruction's own distance.
    Near {
        /// The name of the part that begins there, or the address.
        name: String,
        /// The address: an offset in the code.
        place: u64,
        /// Where in the instruction's text the distance stands.
        operand: Range<usize>,
    },
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded(name) | Self::Near { name, .. } => formatter.write_str(name),
        }
    }
}

/// An instruction of the machine with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The instruction.
    pub line: Line,
    /// What it refers to.
    pub reference: Option<Reference>,
    /// What it was made from, if the file tells.
    pub origin: Option<Origin>,
}

/// An instruction of the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its offset in the module.
    pub offset: WasmOffset,
    /// How the text format spells it, if the module is at hand.
    pub text: Option<String>,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "@{}", self.offset)?;
        match &self.text {
            Some(text) => write!(formatter, " {text}"),
            None => Ok(()),
        }
    }
}

/// A part with its instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The part.
    pub part: Part,
    /// Its instructions; none for constants.
    pub instructions: Vec<Instruction>,
}

impl fmt::Display for Listing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part {
            offset, name, size, ..
        } = &self.part;
        writeln!(formatter, "\n{offset:#x} {name}, {size} bytes")?;
        let mut origin = None;
        for instruction in &self.instructions {
            if instruction.origin.as_ref() != origin {
                origin = instruction.origin.as_ref();
                match origin {
                    Some(origin) => writeln!(formatter, "  {origin}")?,
                    None => writeln!(formatter, "  @-")?,
                }
            }
            let Line { address, text, .. } = &instruction.line;
            match &instruction.reference {
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
    let code = Code::of(view).ok_or_else(|| {
        let info = view.target();
        DisassemblyError::Machine {
            machine: info.e_machine,
            arch: info.arch.as_str().to_owned(),
        }
    })?;
    let parts = parts(view, known);
    let instructions = || parts.iter().filter(|part| !part.is_constants());
    let names = instructions().map(|part| (part.offset, part.name.clone()));
    let names = names.collect();
    let runs = instructions().map(|part| (part.offset, part.bytes(view)));
    let literals = Literals::find(&code, runs)?;
    let known = Known {
        code: &code,
        bytes: view.text().code,
        references: references(view, &names),
        origins: origins(view)?,
        names,
    };
    let mut listings = Vec::new();
    for part in parts.into_iter().filter(|part| wanted(part)) {
        let bytes = match part.is_constants() {
            true => &[],
            false => part.bytes(view),
        };
        let lines = literals.lines(&code, part.offset, bytes)?;
        let instructions = with_previous(&lines).map(|(line, before)| Instruction {
            reference: known.note(line, before),
            origin: known.origin(line),
            line: line.clone(),
        });
        listings.push(Listing {
            instructions: instructions.collect(),
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

    /// Its bytes in the container that it is a part of.
    #[must_use]
    pub fn bytes<'a>(&self, view: &View<'a>) -> &'a [u8] {
        let end = self.offset.saturating_add(self.size);
        slice(view.text().code, self.offset..end)
    }
}

/// The bytes at these offsets, none if some are beyond the end.
fn slice(bytes: &[u8], range: Range<u64>) -> &[u8] {
    let [start, end] = [range.start, range.end].map(usize::try_from);
    let found = start.ok().zip(end.ok());
    let found = found.and_then(|(start, end)| bytes.get(start..end));
    found.unwrap_or_default()
}

/// What begins at an offset: its name, and the functions that share the place.
type Start = (String, Vec<u32>);

/// Where parts begin.
type Starts = BTreeMap<u64, Start>;

/// Where parts begin. Functions that share a place share the name.
fn starts(view: &View<'_>, known: &Names) -> Starts {
    let mut starts = Starts::new();
    let mut add = |offset, name: String, function: Option<u32>| {
        let (names, functions) = starts.entry(offset).or_default();
        if !names.is_empty() {
            names.push_str(", ");
        }
        names.push_str(&name);
        functions.extend(function);
    };
    let defined = view.functions();
    let functions = (view.import_funcs().len()..).zip(defined.iter());
    // A function that was inlined everywhere has no place, which offset 0 stands for; constants are there then.
    let (placed, nowhere): (Vec<_>, Vec<_>) = functions
        .partition(|(index, function)| function.text_offset > 0 || is_exported(view, *index));
    for (index, function) in placed {
        add(function.text_offset, title(index, known), Some(index));
    }
    if let Some(record) = view.record() {
        for thunk in record.thunks.iter() {
            let name = format!("thunk for type {}", thunk.type_index);
            add(thunk.text_offset, name, None);
        }
    }
    if let (Some(_), Some(code)) = (view.record(), Code::of(view)) {
        body::add(view, &code, known, &mut starts);
    }
    // One function without export at the start of the code can well be there.
    if let ([(index, _)], None) = (nowhere.as_slice(), starts.get(&0)) {
        starts.insert(0, (title(*index, known), vec![*index]));
    }
    starts
}

/// What a function is called in listings.
fn title(index: u32, known: &Names) -> String {
    match known.get(&index) {
        Some(name) => format!("function {index} ({name})"),
        None => format!("function {index}"),
    }
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
fn references(view: &View<'_>, names: &BTreeMap<u64, String>) -> BTreeMap<u64, String> {
    code_relocations(view)
        .map(|relocation| {
            let name = relocation.symbol;
            if let Some(name) = own_place(&relocation).and_then(|place| names.get(&place)) {
                return (relocation.offset, name.clone());
            }
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

/// What the loader does to the code.
fn code_relocations<'v>(view: &'v View<'_>) -> impl Iterator<Item = Reloc<'v>> {
    let groups = view.relocations().iter();
    let code = groups.filter(|group| view.place(group) == Some(Place::Code));
    code.flat_map(|group| group.relocs.iter())
}

/// The place in the code that a relocation refers to, if it does.
fn own_place(relocation: &Reloc<'_>) -> Option<u64> {
    let place = u64::try_from(relocation.addend).ok();
    place.filter(|_| relocation.symbol == ".text")
}

/// What the file says of the origin of its code.
fn origins(view: &View<'_>) -> Result<BTreeMap<u64, u32>, DisassemblyError> {
    let map = AddressMap::find(view).map_err(DisassemblyError::AddressMap)?;
    let origins = map.iter().flat_map(|map| map.origins);
    let pairs = origins.map(|origin| (u64::from(origin.text_offset), origin.wasm_offset));
    Ok(pairs.collect())
}

/// Writes at each origin what stands there in the module that the file was made of.
pub fn quote_origins(listings: &mut [Listing], wasm: &[u8]) {
    let instructions = listings.iter_mut();
    let instructions = instructions.flat_map(|listing| &mut listing.instructions);
    let origins: Vec<&mut Origin> = instructions
        .filter_map(|instruction| instruction.origin.as_mut())
        .collect();
    let offsets = origins.iter().map(|origin| origin.offset).collect();
    let texts = wasm::spell(wasm, &offsets);
    for origin in origins {
        origin.text = texts.get(&origin.offset).cloned();
    }
}

/// Each line with the one before it.
fn with_previous(lines: &[Line]) -> impl Iterator<Item = (&Line, Option<&Line>)> {
    let before = std::iter::once(None).chain(lines.iter().map(Some));
    lines.iter().zip(before)
}

/// How the code of a file is read.
struct Code<'a> {
    syntax: &'static Syntax,
    triple: &'static str,
    cpu: &'a str,
    features: &'a str,
    endian: Endian,
}

impl<'a> Code<'a> {
    /// That of a file, if its machine is known.
    fn of(view: &View<'a>) -> Option<Self> {
        let target = view.target().target()?;
        let (cpu, features) = match view.record() {
            Some(record) => (record.cpu, record.features),
            // Stock files do not say: decode everything there is.
            None => (target.llvm.cpu, target.llvm.features),
        };
        Some(Self {
            syntax: syntax::syntax(target.llvm.triple),
            triple: target.llvm.triple,
            cpu,
            features,
            endian: target.endian,
        })
    }

    /// The instructions in a run of bytes at an offset.
    fn decode(&self, offset: u64, bytes: &[u8]) -> Result<Vec<Line>, LlvmError> {
        let unit = self.syntax.unit;
        llvm::disassemble(self.triple, self.cpu, self.features, bytes, offset, unit)
    }
}

/// What is known of a file when its code is read.
struct Known<'a> {
    code: &'a Code<'a>,
    /// The whole code.
    bytes: &'a [u8],
    /// What the loader will write into the code, by offset.
    references: BTreeMap<u64, String>,
    /// Where another instruction of the module begins to be the origin; 0 stands for none.
    origins: BTreeMap<u64, u32>,
    /// Names of the parts, without the constants.
    names: BTreeMap<u64, String>,
}

impl Known<'_> {
    /// What an instruction was made from.
    fn origin(&self, line: &Line) -> Option<Origin> {
        let (_, offset) = self.origins.range(..=line.address).next_back()?;
        (*offset > 0).then(|| Origin {
            offset: WasmOffset(u64::from(*offset)),
            text: None,
        })
    }

    /// A word that is read, by what it holds.
    fn word(&self, word: Word) -> Reference {
        let Word {
            place,
            size,
            operand,
        } = word;
        let held = || match slice(self.bytes, place..place.saturating_add(size)) {
            [] => format!("{place:#x}"),
            bytes => format!("constant {:#x}", self.code.endian.number(bytes)),
        };
        let name = self.references.get(&place).cloned();
        Reference::Near {
            name: name.unwrap_or_else(held),
            place,
            operand,
        }
    }

    /// What an instruction refers to: a relocation inside it, or the place its distance leads to.
    fn note(&self, line: &Line, before: Option<&Line>) -> Option<Reference> {
        let end = line.address + line.size as u64;
        if let Some((_, name)) = self.references.range(line.address..end).next() {
            return Some(Reference::Loaded(name.clone()));
        }
        if let Some(word) = self.code.syntax.word(line) {
            return Some(self.word(word));
        }
        let jump = self.code.syntax.jump(line, before)?;
        let place = jump.place;
        let name = match self.names.range(..=place).next_back() {
            None => format!("constant {place:#x}"),
            Some((offset, name)) if *offset == place => name.clone(),
            Some(_) => format!("{place:#x}"),
        };
        Some(Reference::Near {
            name,
            place,
            operand: jump.operand,
        })
    }
}
