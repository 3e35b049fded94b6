//! Places a file's code and data, resolves its symbols and relocates it.
//!
//! One mapping: literals, code, import stubs and far-call stubs first, then a
//! page of address slots, then each object data section on pages of its own.
//! What a relocation computes is `targets::reloc`'s business; here is only
//! what its symbol is the address of.
//!
//! Spec: `aot-v6.md` B.1, B.3, B.4.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use aot_format::{
    CustomSection, ExecMode, NativeSymbol, Place, RawReloc, RelocGroup, Symbol, SymbolIdx, View,
};
use targets::Machine;
use targets::reloc::{Calc, Row, Via, apply};

use crate::builtins;
use crate::code::{Code, PartIdx, Plan, Writable};
use crate::context::Block;
use crate::error::{LoadError, Name, SectionName};
use crate::host::arch::native as arch;
use crate::module::Placed;
use crate::platform::{Access, Placement, Platform};

mod pair;

use pair::Pairs;

const WORD: usize = size_of::<usize>();

/// What a symbol of the file denotes.
#[derive(Clone, Copy)]
enum Denoted {
    Function(u32),
    Section(Place),
    Runtime(usize),
}

/// Symbols that relocations use, with the stubs and slots they need.
struct Symbols<'a> {
    view: &'a View<'a>,
    denoted: BTreeMap<u32, Denoted>,
    /// Position of a symbol's stub.
    stubs: BTreeMap<u32, usize>,
    /// Position of a symbol's address slot.
    slots: BTreeMap<u32, usize>,
    /// Some relocation needs an absolute address in fewer bits than a pointer.
    low: bool,
}

/// Where literals start in the mapping of the code. Files align their code as if the whole section were placed at a
/// page boundary, with the 32-bit size of the literals in front (spec A.6).
const LITERALS_AT: usize = 4;

/// What becomes of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhereIsCode {
    /// It is copied and relocated.
    Copied,
    /// It is executed where the file is, which stays there.
    InPlace,
}

/// Where the parts of the file went.
struct Layout {
    /// Addresses of literals and code that were left in the file.
    in_place: Option<(usize, usize)>,
    text: PartIdx,
    slots: PartIdx,
    data: Vec<PartIdx>,
    /// Start of the literals.
    literals: usize,
    /// Start of the code, behind the literals.
    start: usize,
    code: usize,
    import_stubs: usize,
    imports: usize,
    stubs: usize,
    stub_bytes: usize,
    /// What addresses of functions have besides their place.
    mark: usize,
}

/// Does everything from the view to sealed code.
pub(crate) fn place(
    view: &View<'_>,
    machine: &Machine,
    platform: &'static dyn Platform,
    where_is_code: WhereIsCode,
) -> Result<Placed, LoadError> {
    let symbols = scan(view, machine)?;
    let (layout, plan) = plan(view, machine, &symbols, platform, where_is_code)?;
    let placement = if symbols.low {
        Placement::Low
    } else {
        Placement::Any
    };
    let mut code = plan.reserve(platform, placement)?;
    copy(view, &layout, &mut code);
    write_stubs(machine, &symbols, &layout, &mut code)?;
    for group in view.relocations() {
        relocate(machine, &symbols, &layout, &mut code, &group)?;
    }
    let native_symbols = native_symbols(view)?;
    let code_address = layout.address(&code, Place::Code);
    let stub = |index| {
        let place = layout.import_stubs + index * arch::IMPORT_STUB_BYTES;
        (code.address(layout.text) + place) | arch::import_stub_mark()
    };
    let at = |offset: u64| (code_address + usize::try_from(offset).unwrap_or(0)) | layout.mark;
    let mut thunks: Vec<(u32, usize)> = match view.record() {
        Some(record) => record
            .thunks
            .iter()
            .map(|thunk| (thunk.type_index, at(thunk.text_offset)))
            .collect(),
        None => Vec::new(),
    };
    thunks.sort_unstable();
    let sizes = (0..)
        .zip(view.object_data())
        .find(|(_, data)| data.name == ".aot_stack_sizes");
    Ok(Placed {
        functions: view
            .functions()
            .iter()
            .map(|function| at(function.text_offset))
            .collect(),
        thunks,
        import_stubs: (0..layout.imports).map(stub).collect(),
        stack_sizes: sizes.map_or(0, |(index, _)| layout.data_address(&code, index)),
        native_symbols,
        code: code.seal()?,
    })
}

impl Layout {
    fn data_address(&self, code: &Code<Writable>, index: u32) -> usize {
        self.data
            .get(index as usize)
            .map_or(0, |part| code.address(*part))
    }

    /// Run-time address of a place.
    fn address(&self, code: &Code<Writable>, place: Place) -> usize {
        match (place, self.in_place) {
            (Place::Code, Some((_, address))) | (Place::Literal, Some((address, _))) => address,
            (Place::Code, None) => code.address(self.text) + self.start,
            (Place::Literal, None) => code.address(self.text) + self.literals,
            (Place::Data(index), _) => self.data_address(code, index),
        }
    }

    /// The bytes of a place.
    fn bytes<'c>(&self, code: &'c mut Code<Writable>, place: Place) -> &'c mut [u8] {
        let (part, from, to) = match place {
            Place::Code | Place::Literal if self.in_place.is_some() => return &mut [],
            Place::Code => (self.text, self.start, self.start + self.code),
            Place::Literal => (self.text, self.literals, self.start),
            Place::Data(index) => match self.data.get(index as usize) {
                Some(part) => (*part, 0, usize::MAX),
                None => return &mut [],
            },
        };
        let bytes = code.bytes_mut(part);
        let to = to.min(bytes.len());
        bytes.get_mut(from..to).unwrap_or_default()
    }
}

/// Looks at every relocation once: unknown numbers and symbols are refused,
/// and what needs stubs and slots is counted.
fn scan<'a>(view: &'a View<'a>, machine: &Machine) -> Result<Symbols<'a>, LoadError> {
    let mut symbols = Symbols {
        view,
        denoted: BTreeMap::new(),
        stubs: BTreeMap::new(),
        slots: BTreeMap::new(),
        low: false,
    };
    for group in view.relocations() {
        for reloc in group.raw() {
            let row = row(machine, view, &group, &reloc)?;
            let index = reloc.symbol.0;
            let denoted = symbols.resolve(&group, index)?;
            symbols.low |= row.calc == Calc::Abs && !row.reaches_everything();
            match (row.via, denoted) {
                (Via::Stub, Denoted::Runtime(_)) if machine.stub.is_some() => {
                    let next = symbols.stubs.len();
                    symbols.stubs.entry(index).or_insert(next);
                }
                (Via::Slot, _) => {
                    let next = symbols.slots.len();
                    symbols.slots.entry(index).or_insert(next);
                }
                _ => {}
            }
        }
    }
    Ok(symbols)
}

impl Symbols<'_> {
    fn resolve(&mut self, group: &RelocGroup<'_>, index: u32) -> Result<Denoted, LoadError> {
        if let Some(denoted) = self.denoted.get(&index) {
            return Ok(*denoted);
        }
        let name = self
            .view
            .symbols()
            .name(SymbolIdx(index))
            .unwrap_or_default();
        let denoted = match self.view.symbol(name) {
            Symbol::Function(function) => Denoted::Function(function),
            Symbol::Section(place) => Denoted::Section(place),
            Symbol::Runtime(name) => match builtins::resolve(name) {
                Some(address) => Denoted::Runtime(address),
                None => {
                    return Err(LoadError::Symbol {
                        symbol: Name::new(name),
                        section: SectionName::new(group.section),
                    });
                }
            },
        };
        self.denoted.insert(index, denoted);
        Ok(denoted)
    }

    /// The address of a symbol itself.
    fn address(&self, layout: &Layout, code: &Code<Writable>, index: u32) -> usize {
        match self.denoted.get(&index) {
            Some(Denoted::Function(function)) => {
                let entry = self.view.functions().entry(*function);
                let offset = entry.and_then(|entry| usize::try_from(entry.text_offset).ok());
                (layout.address(code, Place::Code) + offset.unwrap_or(0)) | layout.mark
            }
            Some(Denoted::Section(place)) => layout.address(code, *place),
            Some(Denoted::Runtime(address)) => *address,
            None => 0,
        }
    }

    /// `S` of a relocation: the symbol, its stub, or its slot.
    fn value(&self, layout: &Layout, code: &Code<Writable>, row: &Row, index: u32) -> usize {
        let special = match row.via {
            Via::Direct => None,
            Via::Stub => self
                .stubs
                .get(&index)
                .map(|at| code.address(layout.text) + layout.stubs + at * layout.stub_bytes),
            Via::Slot => self
                .slots
                .get(&index)
                .map(|at| code.address(layout.slots) + at * WORD),
        };
        special.unwrap_or_else(|| self.address(layout, code, index))
    }
}

fn row(
    machine: &Machine,
    view: &View<'_>,
    group: &RelocGroup<'_>,
    reloc: &RawReloc,
) -> Result<&'static Row, LoadError> {
    machine
        .row(reloc.kind)
        .ok_or_else(|| LoadError::RelocationKind {
            section: SectionName::new(group.section),
            kind: reloc.kind,
            symbol: symbol_name(view, reloc),
        })
}

fn symbol_name(view: &View<'_>, reloc: &RawReloc) -> Name {
    Name::new(view.symbols().name(reloc.symbol).unwrap_or_default())
}

/// Decides where everything goes.
fn plan(
    view: &View<'_>,
    machine: &Machine,
    symbols: &Symbols<'_>,
    platform: &dyn Platform,
    where_is_code: WhereIsCode,
) -> Result<(Layout, Plan), LoadError> {
    let text = view.text();
    let address = |bytes: &[u8]| bytes.as_ptr() as usize;
    let in_place = match where_is_code {
        WhereIsCode::Copied => None,
        WhereIsCode::InPlace => Some((address(text.literal), address(text.code))),
    };
    // Only stock's files call imports through the pointer array.
    let imports = if view.record().is_none() && arch::IMPORT_STUB_BYTES > 0 {
        view.import_funcs().len()
    } else {
        0
    };
    let imports = imports as usize;
    let stub_bytes = machine.stub.map_or(0, targets::stub::Stub::size);
    let (literals, code) = match (in_place, view.target().e_type) {
        (Some(_), _) => (0, 0),
        (None, ExecMode::Relocatable) => (LITERALS_AT, text.code.len()),
        // Aligned in the file, not for a copy of the section; at no place in a page.
        (None, ExecMode::Xip) => (64 - text.literal.len() % 64, text.code.len()),
    };
    let start = match in_place {
        None => literals + text.literal.len(),
        Some(_) => 0,
    };
    let import_stubs = (start + code).next_multiple_of(16);
    let stubs = import_stubs + imports * arch::IMPORT_STUB_BYTES;
    let mut plan = Plan::new(platform);
    let text = plan.add(
        stubs + symbols.stubs.len() * stub_bytes,
        Access::ReadExecute,
    )?;
    let slots = plan.add(symbols.slots.len() * WORD, Access::Read)?;
    let mut data = Vec::new();
    for section in view.object_data() {
        let access = if section.is_read_only() {
            Access::Read
        } else {
            Access::ReadWrite
        };
        data.push(plan.add(section.bytes.len(), access)?);
    }
    Ok((
        Layout {
            in_place,
            text,
            slots,
            data,
            literals,
            start,
            code,
            import_stubs,
            imports,
            stubs,
            stub_bytes,
            mark: machine.code_bit.into(),
        },
        plan,
    ))
}

/// Copies the file's bytes to their places.
fn copy(view: &View<'_>, layout: &Layout, code: &mut Code<Writable>) {
    let text = view.text();
    let mut put = |place: Place, source: &[u8]| {
        if let Some(target) = layout.bytes(code, place).get_mut(..source.len()) {
            target.copy_from_slice(source);
        }
    };
    put(Place::Literal, text.literal);
    put(Place::Code, text.code);
    for (index, section) in (0..).zip(view.object_data()) {
        put(Place::Data(index), section.bytes);
    }
}

/// Writes import stubs, far-call stubs and address slots.
fn write_stubs(
    machine: &Machine,
    symbols: &Symbols<'_>,
    layout: &Layout,
    code: &mut Code<Writable>,
) -> Result<(), LoadError> {
    let base = code.address(layout.text);
    for index in 0..layout.imports {
        let at = layout.import_stubs + index * arch::IMPORT_STUB_BYTES;
        let bytes = code
            .bytes_mut(layout.text)
            .get_mut(at..)
            .unwrap_or_default();
        arch::write_import_stub(bytes, u32::try_from(index).unwrap_or(u32::MAX));
    }
    for (&index, &position) in &symbols.stubs {
        let destination = symbols.address(layout, code, index);
        let at = layout.stubs + position * layout.stub_bytes;
        let bytes = code
            .bytes_mut(layout.text)
            .get_mut(at..)
            .unwrap_or_default();
        if let Some(stub) = machine.stub {
            stub.write(bytes, (base + at) as u64, destination as u64)
                .map_err(|error| LoadError::Relocation {
                    section: SectionName::new("stubs"),
                    row: "stub",
                    symbol: Name::new(
                        symbols
                            .view
                            .symbols()
                            .name(SymbolIdx(index))
                            .unwrap_or_default(),
                    ),
                    error,
                })?;
        }
    }
    for (&index, &position) in &symbols.slots {
        let address = symbols.address(layout, code, index);
        let bytes = code
            .bytes_mut(layout.slots)
            .get_mut(position * WORD..)
            .unwrap_or_default();
        if let Some(slot) = bytes.first_chunk_mut() {
            *slot = address.to_ne_bytes();
        }
    }
    Ok(())
}

/// Applies one group.
fn relocate(
    machine: &Machine,
    symbols: &Symbols<'_>,
    layout: &Layout,
    code: &mut Code<Writable>,
    group: &RelocGroup<'_>,
) -> Result<(), LoadError> {
    let view = symbols.view;
    let Some(place) = view.place(group) else {
        return Ok(());
    };
    let base = layout.address(code, place) as u64;
    let pairs = Pairs::find(machine, group.raw(), |reloc, row| {
        let symbol = symbols.value(layout, code, row, reloc.symbol.0) as u64;
        symbol.wrapping_add_signed(reloc.addend).wrapping_sub(base)
    });
    for reloc in group.raw() {
        let row = row(machine, view, group, &reloc)?;
        let (row, reloc) = match &pairs {
            Some(pairs) => pairs.read(machine, row, reloc),
            None => (row, reloc),
        };
        let symbol = symbols.value(layout, code, row, reloc.symbol.0) as u64;
        let bytes = layout.bytes(code, place);
        let at = base.wrapping_add(reloc.offset);
        apply(row, bytes, reloc.offset, at, symbol, reloc.addend).map_err(|error| {
            LoadError::Relocation {
                section: SectionName::new(group.section),
                row: row.name,
                symbol: symbol_name(view, &reloc),
                error,
            }
        })?;
    }
    Ok(())
}

/// The native symbol table of an execute-in-place file. The list in the file
/// runs from the last slot to the first.
fn native_symbols(view: &View<'_>) -> Result<Option<Block>, LoadError> {
    let mut lists = view.custom().iter().filter_map(|section| match section {
        CustomSection::NativeSymbols(names) => Some(names),
        _ => None,
    });
    let Some(names) = lists.next() else {
        return Ok(None);
    };
    let count = names.len() as usize;
    let block = Block::new((count + 1) * WORD);
    for (index, name) in (0..count).rev().zip(names) {
        let at = index * WORD;
        match NativeSymbol::parse(name) {
            NativeSymbol::Empty => {}
            NativeSymbol::Word32(word) => block.set_u32(at, word),
            NativeSymbol::Word64(word) => block.set_u64(at, word),
            NativeSymbol::Address(name) => match builtins::resolve(name) {
                Some(address) => block.set_word(at, address),
                None => {
                    let section = SectionName::new("native symbols");
                    return Err(LoadError::Symbol {
                        symbol: Name::new(name),
                        section,
                    });
                }
            },
        }
    }
    Ok(Some(block))
}
