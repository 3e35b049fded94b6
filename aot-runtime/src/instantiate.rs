//! Instantiation, in the order the WebAssembly specification gives: match
//! imports, allocate, initialise globals and tables, apply element segments,
//! then data segments, then run the start function.
//!
//! A failure in a segment or in the start function leaves earlier writes to
//! imported tables and memories in place, and the instance alive: others may
//! have got hold of its functions.

use crate::host::share::Arc;
use alloc::vec::Vec;

use aot_format::abi::traps::TrapId;
use aot_format::{ExportKind, Hierarchy, Representation};

use crate::builtins;
use crate::context::Block;
use crate::error::InstantiateError;
use crate::global::write_cell;
use crate::imports::Imports;
use crate::memory::{Memory, MemoryEntry};
use crate::module::{Init, Module};
use crate::reference::null_slot;
use crate::store::{InstanceIdx, Segment, Store};
use crate::table::{Home, Mirror, Table, TableEntry, TableType};
use crate::trap::Trap;
use crate::types::canonical;
use crate::value::NULL_REF;

mod matching;
mod structure;

use matching::{Linked, link};

/// Makes an instance.
pub(crate) fn instantiate(
    store: &mut Store,
    module: &Module,
    imports: &Imports,
) -> Result<InstanceIdx, InstantiateError> {
    if !module.fits(store.platform()) {
        return Err(InstantiateError::Platform);
    }
    let linked = link(store, module, imports)?;
    let instance = allocate(store, module, &linked)?;
    store.settle(|store| {
        init_globals(store, module, instance)?;
        init_tables(store, module, instance)?;
        evaluate_segments(store, module, instance)
    })?;
    for (segment, elem) in (0_u32..).zip(module.elems()) {
        if let Some((table, offset)) = &elem.active {
            let offset = integer(store, instance, offset)?;
            let table = number(&store.instance(instance).tables, *table);
            let count = u32::try_from(elem.values.len()).unwrap_or(u32::MAX);
            if let Ok(offset) = u32::try_from(offset) {
                store.settle(|store| {
                    builtins::init_table(store, instance, table, (segment, false), 0, offset, count)
                })?;
                drop_values(store, instance, segment);
            } else {
                return Err(Trap::Wasm(TrapId::OutOfBoundsTableAccess).into());
            };
        }
    }
    for (segment, data) in (0_u32..).zip(module.data_segments()) {
        if let Some((memory, offset)) = &data.active {
            let offset = integer(store, instance, offset)?;
            let memory = number(&store.instance(instance).memories, *memory);
            let bytes = module.data(segment).unwrap_or_default();
            crate::memory::write(store, memory, offset, bytes)?;
        }
    }
    if let Some(start) = module.start() {
        let start = store.number_of(instance, start);
        if start != NULL_REF {
            store.call(start, Some(instance), &mut [])?;
        }
    }
    Ok(instance)
}

/// An entry of an instance's index space; views have checked the index.
fn number(space: &[u32], index: u32) -> u32 {
    space.get(index as usize).copied().unwrap_or(u32::MAX)
}

/// Makes the instance's structures, with memories, tables (null) and globals
/// (zero) of its own.
fn allocate(
    store: &mut Store,
    module: &Module,
    linked: &Linked,
) -> Result<InstanceIdx, InstantiateError> {
    let layout = module.layout();
    check_rooms(store, module, linked)?;
    let instance = InstanceIdx(u32::try_from(store.instances.len()).unwrap_or(u32::MAX));
    let block = Arc::new(Block::new(layout.bytes()));
    let mut memories = Vec::new();
    let own = module
        .memories()
        .iter()
        .zip(&linked.memories)
        .zip(&layout.memories);
    for ((memory, import), &offset) in own {
        memories.push(match import {
            Some(number) => *number,
            None => {
                let entry =
                    MemoryEntry::new(store.platform(), memory.init, Arc::clone(&block), offset)?;
                Memory::add(store, entry).index
            }
        });
    }
    let entry = structure::entry(store, module, linked, instance, block, memories)?;
    store.instances.push(entry);
    add_tables(store, module, linked, instance);
    for export in module.exports() {
        // Exports are looked up without a mutable store, so they are named now.
        if let (_, ExportKind::Func, index) = export {
            store.number_of(instance, index);
        }
    }
    Ok(instance)
}

/// Imported tables must fit the copies in the instance.
fn check_rooms(store: &Store, module: &Module, linked: &Linked) -> Result<(), InstantiateError> {
    let tables = linked.tables.iter().zip(&module.layout().tables);
    for (import, slot) in tables {
        let size = import.map_or(0, |table| store.table_size(table));
        if size > slot.room {
            return Err(InstantiateError::TableTooLarge {
                size,
                room: slot.room,
            });
        }
    }
    Ok(())
}

/// Adds own tables, and copies of imported ones with their present elements.
fn add_tables(store: &mut Store, module: &Module, linked: &Linked, instance: InstanceIdx) {
    let tables = module
        .tables()
        .iter()
        .zip(&linked.tables)
        .zip(&module.layout().tables);
    for ((table, import), &slot) in tables {
        let mirror = Mirror { instance, slot };
        let number = match *import {
            None => {
                let ty = TableType {
                    element: canonical(table.ty.element, &linked.types),
                    ..table.ty
                };
                mirror.init(store, &ty, table.init);
                let entry = TableEntry {
                    ty,
                    family: store.family(ty.element).unwrap_or(Hierarchy::Any),
                    home: Home::Instance(mirror),
                    mirrors: Vec::new(),
                };
                Table::add(store, entry).index
            }
            Some(number) => {
                let size = store.table_size(number);
                let (ty, family) = (store.table(number).ty, store.table(number).family);
                mirror.init(store, &ty, size);
                store.table_mut(number).mirrors.push(mirror);
                for index in 0..size {
                    let value = store.table_get(number, index);
                    let value = value.unwrap_or(null_slot(family));
                    if value != null_slot(family) {
                        // Fails only without room for more foreign functions:
                        // then this copy keeps a null where calls trap.
                        let _ = store.settle(|store| store.table_set(number, index, value));
                    }
                }
                number
            }
        };
        store.instance_mut(instance).tables.push(number);
    }
}

/// Gives globals their first values: copies of imported ones, then own ones.
fn init_globals(store: &mut Store, module: &Module, instance: InstanceIdx) -> Result<(), Trap> {
    let offsets = module.layout().globals.clone();
    let imported = module.import_globals().count();
    for (index, offset) in offsets.iter().enumerate().take(imported) {
        let number = number(
            &store.instance(instance).globals,
            u32::try_from(index).unwrap_or(u32::MAX),
        );
        let mut slots = store.global_get(number);
        let ty = store.global(number).ty;
        if let Some(family) = store.family(ty) {
            slots[0] = store.localize(instance, family, slots[0])?;
        }
        let bytes = ty.size_in(module.references());
        write_cell(&store.instance(instance).block, *offset, bytes, slots);
    }
    for (index, global) in module.globals().iter().enumerate() {
        let position = u32::try_from(imported + index).unwrap_or(u32::MAX);
        let number = number(&store.instance(instance).globals, position);
        let family = store.family(store.global(number).ty);
        let slots = evaluate(store, instance, &global.init, family)?;
        if family.is_some() {
            store.hold_slots(&[store.global(number).ty], &slots);
        }
        store.global_set(number, slots)?;
    }
    Ok(())
}

/// Gives tables that begin with something else than null their first elements.
fn init_tables(store: &mut Store, module: &Module, instance: InstanceIdx) -> Result<(), Trap> {
    for (index, table) in (0..).zip(module.tables()) {
        let Some(value) = table.value.as_ref().filter(|_| table.origin.is_none()) else {
            continue;
        };
        let number = number(&store.instance(instance).tables, index);
        let family = store.table(number).family;
        let slot = evaluate(store, instance, value, Some(family))?[0];
        store.hold_slots(&[store.table(number).ty.element], &[slot]);
        for position in 0..table.init {
            store.table_set(number, position, slot)?;
        }
    }
    Ok(())
}

/// Evaluates the element segments of a module with garbage collection: once, in order.
fn evaluate_segments(
    store: &mut Store,
    module: &Module,
    instance: InstanceIdx,
) -> Result<(), Trap> {
    if module.references().representation == Representation::Index {
        return Ok(());
    }
    for elem in module.elems() {
        let ty = canonical(elem.element, &store.instance(instance).types);
        let family = store.family(ty);
        let mut values = Vec::with_capacity(elem.values.len());
        for value in &elem.values {
            let slots = evaluate(store, instance, value, family)?;
            store.hold_slots(&[ty], &slots);
            values.push(slots[0]);
        }
        let family = family.unwrap_or(Hierarchy::Any);
        let segments = &mut store.instance_mut(instance).segments;
        segments.push(Segment { family, values });
    }
    for (segment, elem) in (0..).zip(module.elems()) {
        if !elem.passive && elem.active.is_none() {
            drop_values(store, instance, segment);
        }
    }
    Ok(())
}

/// Forgets the values of a segment that cannot be used again.
fn drop_values(store: &mut Store, instance: InstanceIdx, segment: u32) {
    let segments = &mut store.instance_mut(instance).segments;
    if let Some(segment) = segments.get_mut(segment as usize) {
        segment.values.clear();
    }
}

/// The value of an initialiser: numbers as bits, references in the store's form. Null is that of `family`. Objects made
/// on the way stay in `temps`.
pub(crate) fn evaluate(
    store: &mut Store,
    instance: InstanceIdx,
    init: &Init,
    family: Option<Hierarchy>,
) -> Result<[u64; 2], Trap> {
    Ok(match init {
        Init::Bits(bits) => *bits,
        Init::RefNull => [family.map_or(0, null_slot), 0],
        Init::RefFunc(local) => [store.number_of(instance, *local).into(), 0],
        Init::GlobalGet(index) => {
            let number = number(&store.instance(instance).globals, *index);
            store.global_get(number)
        }
        Init::Binary(op, operands) => {
            let [left, right] = &**operands;
            let left = evaluate(store, instance, left, None)?[0];
            let right = evaluate(store, instance, right, None)?[0];
            [op.apply(left, right), 0]
        }
        Init::I31(value) => [aot_format::abi::object::i31(*value).into(), 0],
        Init::Construct(op, ty, operands) => [store.construct(instance, *op, *ty, operands)?, 0],
    })
}

/// The value of an offset.
fn integer(store: &mut Store, instance: InstanceIdx, init: &Init) -> Result<u64, Trap> {
    Ok(evaluate(store, instance, init, None)?[0])
}
