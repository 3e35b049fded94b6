//! Checks that need more than one section: indices, offsets, uniqueness.
//!
//! Everything here runs once, in [`View::read`], over lists whose items have already been decoded without error.

use super::View;
use crate::error::{ReadError, ReadErrorKind, Space, What};
use crate::section::export::ExportKind;
use crate::section::init_data::expr::InitExpr;
use crate::section::init_data::table::ElemMode;
use crate::section::init_data::types::TypeDef;
use crate::section::relocation::{Symbol, SymbolIdx};
use crate::section::tags::Tags;
use crate::section::wamrc::{LinkKind, Record};
use crate::value::{HeapType, ValType};

pub(super) fn all(view: &View<'_>) -> Result<(), ReadError> {
    types(view)?;
    tables(view)?;
    segments(view)?;
    globals(view)?;
    imports(view)?;
    aux(view)?;
    functions(view)?;
    exports(view)?;
    unique_names(view)?;
    relocations(view)?;
    if let Some(found) = view.tags() {
        tags(view, &found)?;
    }
    match view.record() {
        Some(record) => self::record(view, &record),
        None => Ok(()),
    }
}

fn index(space: Space, index: u32, count: u32, offset: u32) -> Result<(), ReadError> {
    if index < count {
        return Ok(());
    }
    let kind = ReadErrorKind::IndexOutOfRange {
        space,
        index,
        count,
    };
    Err(ReadError { kind, offset })
}

fn inside(offset: u64, bytes: &[u8], at: u32) -> Result<(), ReadError> {
    if offset < bytes.len() as u64 {
        return Ok(());
    }
    let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let kind = ReadErrorKind::OffsetOutOfRange { offset, size };
    Err(ReadError { kind, offset: at })
}

/// Indices inside an expression; `global.get` may name the first `globals` globals.
fn expr(view: &View<'_>, expr: &InitExpr<'_>, globals: u32, at: u32) -> Result<(), ReadError> {
    for node in expr.nodes() {
        match node {
            InitExpr::GlobalGet(global) => index(Space::Global, global, globals, at)?,
            InitExpr::RefNull(Some(heap)) => heap_type(view, heap, at)?,
            InitExpr::Construct(new) if new.op.is_typed() => {
                index(Space::Type, new.type_index, view.types().len(), at)?;
            }
            InitExpr::RefFunc(u32::MAX) => {}
            InitExpr::RefFunc(func) => index(Space::Function, func, view.function_count(), at)?,
            _ => {}
        }
    }
    Ok(())
}

/// A heap type names a type of the file.
fn heap_type(view: &View<'_>, heap: HeapType, at: u32) -> Result<(), ReadError> {
    match heap {
        HeapType::UNKNOWN => Ok(()),
        HeapType::Concrete(ty) => index(Space::Type, ty, view.types().len(), at),
        _ => Ok(()),
    }
}

fn val_type(view: &View<'_>, ty: ValType, at: u32) -> Result<(), ReadError> {
    match ty.reference() {
        Some(reference) => heap_type(view, reference.heap, at),
        None => Ok(()),
    }
}

/// Recursion groups hold together, supertypes come earlier, and types name no type beyond their group.
fn types(view: &View<'_>) -> Result<(), ReadError> {
    let count = view.types().len();
    // Position in the group of the type before, and the group's length.
    let mut before = (0, 1);
    for (number, (offset, ty)) in (0_u32..).zip(view.types().located()) {
        let error = |kind| Err(ReadError { kind, offset });
        if let TypeDef::Same(earlier) = ty.def {
            index(Space::Type, earlier, number, offset)?;
            before = (0, 1);
            continue;
        }
        let (position, length) = (u32::from(ty.group_index), u32::from(ty.group_len));
        let follows = match position {
            0 => before.0 + 1 == before.1,
            _ => (position - 1, length) == before,
        };
        let end = u64::from(number) + u64::from(length) - u64::from(position.min(length));
        if position >= length || !follows || end > u64::from(count) {
            return error(ReadErrorKind::RecursionGroup(number));
        }
        before = (position, length);
        if let Some(parent) = ty.parent.filter(|parent| *parent >= number) {
            return error(ReadErrorKind::Supertype(parent));
        }
        let end = u32::try_from(end).unwrap_or(count);
        for ty in ty.val_types() {
            if let Some(HeapType::Concrete(ty)) = ty.reference().map(|found| found.heap) {
                index(Space::Type, ty, end, offset)?;
            }
        }
    }
    Ok(())
}

fn tables(view: &View<'_>) -> Result<(), ReadError> {
    for (at, table) in view.tables().located() {
        val_type(view, ValType::Ref(table.elem), at)?;
        expr(view, &table.value, view.global_count(), at)?;
    }
    Ok(())
}

fn segments(view: &View<'_>) -> Result<(), ReadError> {
    for (at, segment) in view.data().located() {
        if !segment.passive {
            index(Space::Memory, segment.memory, view.memories().len(), at)?;
            expr(view, &segment.offset, view.global_count(), at)?;
        }
    }
    for (at, segment) in view.elems().located() {
        if segment.usage() == ElemMode::Active {
            index(Space::Table, segment.table, view.tables().len(), at)?;
            expr(view, &segment.offset, view.global_count(), at)?;
        }
        val_type(view, ValType::Ref(segment.element()), at)?;
        for (at, value) in segment.values.located() {
            let objects = view.target().has_objects();
            let fits = match objects {
                true => value.can_be(ValType::Ref(segment.element())),
                false => value.can_be(ValType::FUNCREF) || value.can_be(ValType::EXTERNREF),
            };
            if !fits {
                let kind = ReadErrorKind::InitExprType(ValType::FUNCREF.code());
                return Err(ReadError { kind, offset: at });
            }
            expr(view, &value, view.global_count(), at)?;
        }
    }
    Ok(())
}

fn globals(view: &View<'_>) -> Result<(), ReadError> {
    for (at, global) in view.import_globals().located() {
        val_type(view, global.ty, at)?;
    }
    let earlier = view.import_globals().len()..;
    for ((at, global), earlier) in view.globals().located().zip(earlier) {
        val_type(view, global.ty, at)?;
        expr(view, &global.init, earlier, at)?;
    }
    Ok(())
}

fn imports(view: &View<'_>) -> Result<(), ReadError> {
    for (at, import) in view.import_funcs().located() {
        index(Space::Type, import.type_index, view.types().len(), at)?;
    }
    Ok(())
}

fn aux(view: &View<'_>) -> Result<(), ReadError> {
    let (aux, offset) = (view.aux(), view.init.aux_at);
    if let Some(start) = aux.start {
        index(Space::Function, start, view.function_count(), offset)?;
    }
    let defined = view.import_globals().len()..view.global_count();
    let named = [
        aux.data_end_global,
        aux.heap_base_global,
        aux.stack_top_global,
    ];
    for global in named.into_iter().flatten() {
        if !defined.contains(&global) {
            let kind = ReadErrorKind::AuxGlobal(global);
            return Err(ReadError { kind, offset });
        }
    }
    Ok(())
}

fn functions(view: &View<'_>) -> Result<(), ReadError> {
    let (offset, types) = (view.functions().at, view.types().len());
    for function in view.functions().iter() {
        inside(function.text_offset, view.text().code, offset)?;
        index(Space::Type, function.type_index, types, offset)?;
    }
    Ok(())
}

fn exports(view: &View<'_>) -> Result<(), ReadError> {
    for (at, export) in view.exports().located() {
        let (space, count) = match export.kind {
            ExportKind::Func => (Space::Function, view.function_count()),
            ExportKind::Table => (Space::Table, view.tables().len()),
            ExportKind::Memory => (Space::Memory, view.memories().len()),
            ExportKind::Global => (Space::Global, view.global_count()),
        };
        index(space, export.index, count, at)?;
    }
    Ok(())
}

/// Names whose fingerprints are compared in one pass over the rest of the list.
const CHUNK: usize = 128;

/// Every export name is unique. Without memory to sort in: each pass remembers [`CHUNK`] names and compares all later
/// ones with them, so the list is decoded count / CHUNK times.
fn unique_names(view: &View<'_>) -> Result<(), ReadError> {
    let count = view.exports().len() as usize;
    let mut chunk = [(0_u32, ""); CHUNK];
    for start in (0..count).step_by(CHUNK) {
        let rest = view.exports().iter().skip(start).map(|export| export.name);
        for (position, name) in rest.enumerate() {
            let hash = fingerprint(name);
            let known = chunk.get(..position.min(CHUNK)).unwrap_or_default();
            let same = |known: &(u32, &str)| known.0 == hash && known.1 == name;
            if known.iter().any(same) {
                let kind = ReadErrorKind::DuplicateExport;
                let offset = view.exports_at;
                return Err(ReadError { kind, offset });
            }
            if let Some(slot) = chunk.get_mut(position) {
                *slot = (hash, name);
            }
        }
    }
    Ok(())
}

/// FNV-1a.
fn fingerprint(name: &str) -> u32 {
    name.bytes().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

fn relocations(view: &View<'_>) -> Result<(), ReadError> {
    for (at, group) in view.relocations().located() {
        let missing = ReadError {
            kind: ReadErrorKind::RelocationTarget,
            offset: at,
        };
        let place = view.place(&group).ok_or(missing)?;
        let bytes = view.place_bytes(place).ok_or(missing)?;
        for (at, reloc) in group.raw().located() {
            inside(reloc.offset, bytes, at)?;
        }
    }
    for (position, name) in (0..).zip(view.symbols().iter()) {
        // No search for data sections here: only function symbols matter.
        if let Symbol::Function(function) = Symbol::parse(name, |_| None) {
            let offset = view.symbols().offset(SymbolIdx(position));
            index(Space::Function, function, view.aux().func_count, offset)?;
        }
    }
    Ok(())
}

fn tags(view: &View<'_>, tags: &Tags<'_>) -> Result<(), ReadError> {
    for (at, tag) in tags.imports.located() {
        index(Space::Type, tag.type_index, view.types().len(), at)?;
    }
    for (at, tag) in tags.defined.located() {
        index(Space::Type, tag.type_index, view.types().len(), at)?;
    }
    for (at, export) in tags.exports.located() {
        index(Space::Tag, export.index, tags.count(), at)?;
    }
    Ok(())
}

fn record(view: &View<'_>, record: &Record<'_>) -> Result<(), ReadError> {
    for (at, thunk) in record.thunks.located() {
        index(Space::Type, thunk.type_index, view.types().len(), at)?;
        inside(thunk.text_offset, view.text().code, at)?;
    }
    for (at, import) in record.link_imports.located() {
        let (space, count) = match import.kind {
            LinkKind::Table => (Space::Table, view.tables().len()),
            LinkKind::Memory => (Space::Memory, view.memories().len()),
        };
        index(space, import.index, count, at)?;
    }
    let lists = [
        (record.memory_limits, view.memories().len()),
        (record.table_limits, view.tables().len()),
    ];
    for (list, limit) in lists {
        if list.len() > limit {
            let kind = ReadErrorKind::TooMany {
                what: What::DeclaredLimits,
                count: list.len(),
                limit,
            };
            return Err(ReadError {
                kind,
                offset: list.start(),
            });
        }
    }
    Ok(())
}
