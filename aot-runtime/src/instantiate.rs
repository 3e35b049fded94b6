//! Instantiation, in the order the WebAssembly specification gives: match
//! imports, allocate, initialise globals and tables, apply element segments,
//! then data segments, then run the start function.
//!
//! A failure in a segment or in the start function leaves earlier writes to
//! imported tables and memories in place, and the instance alive: others may
//! have got hold of its functions.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use aot_format::ExportKind;
use aot_format::ValType;
use aot_format::abi::exec_env;
use aot_format::abi::extra;
use aot_format::abi::instance::{Field, MODULE_TYPE_AOT};
use aot_format::abi::traps::TrapId;

use crate::builtins;
use crate::context::{Block, EnvBlock, EnvInit};
use crate::error::{ExternType, InstantiateError};
use crate::global::{Global, GlobalEntry, write_cell};
use crate::imports::{Definition, Extern, Imports};
use crate::layout::WIDTH;
use crate::memory::{Memory, MemoryEntry};
use crate::module::{Init, Module, Origin};
use crate::store::{InstanceEntry, InstanceIdx, Store};
use crate::table::{Home, Mirror, Table, TableEntry};
use crate::trap::Trap;
use crate::value::NULL_REF;

const WORD: usize = size_of::<usize>();

/// Entries for functions of other instances, where any can turn up. Hosted,
/// untouched entries cost no memory.
const FOREIGN_ROOM: usize = if cfg!(feature = "std") { 65_536 } else { 64 };

/// Bytes for frames of files that keep tiny ones.
const FRAME_BYTES: usize = 64 * 1024;

/// What the module's imports were matched with, by store number.
struct Linked {
    funcs: Vec<u32>,
    memories: Vec<Option<u32>>,
    tables: Vec<Option<u32>>,
    globals: Vec<u32>,
}

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
    init_globals(store, module, instance)?;
    for (segment, elem) in (0_u32..).zip(module.elems()) {
        if let Some((table, offset)) = &elem.active {
            let offset = integer(store, instance, offset)?;
            let table = number(&store.instance(instance).tables, *table);
            let count = u32::try_from(elem.values.len()).unwrap_or(u32::MAX);
            if let Ok(offset) = u32::try_from(offset) {
                builtins::init_table(store, instance, table, (segment, false), 0, offset, count)?;
            } else {
                return Err(Trap::Wasm(TrapId::OutOfBoundsTableAccess).into());
            };
        }
    }
    for (segment, data) in (0_u32..).zip(module.data_segments()) {
        if let Some((memory, offset)) = &data.active {
            let offset = integer(store, instance, offset)?;
            let memory = number(&store.instance(instance).memories, *memory);
            copy_data(
                store,
                memory,
                offset,
                module.data(segment).unwrap_or_default(),
            )?;
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

/// Finds and checks every import.
fn link(store: &mut Store, module: &Module, imports: &Imports) -> Result<Linked, InstantiateError> {
    let mut linked = Linked {
        funcs: Vec::new(),
        memories: Vec::new(),
        tables: Vec::new(),
        globals: Vec::new(),
    };
    let mut hosts = Vec::new();
    for (origin, ty) in module.import_funcs() {
        let wanted = ExternType::Func(ty.clone());
        match find(imports, origin, &wanted)? {
            Definition::Host(function) => {
                let found = ExternType::Func(function.ty().clone());
                matches(origin, found == wanted, found, &wanted)?;
                hosts.push((linked.funcs.len(), function.clone()));
                linked.funcs.push(NULL_REF);
            }
            Definition::Extern(item) => {
                let found = type_of(store, *item);
                matches(origin, found == wanted, found, &wanted)?;
                if let Extern::Func(func) = item {
                    linked.funcs.push(func.index);
                }
            }
        }
    }
    for (origin, ty, mutable) in module.import_globals() {
        let wanted = ExternType::Global(ty, mutable);
        let item = find_extern(store, imports, origin, &wanted, |found| *found == wanted)?;
        if let Extern::Global(global) = item {
            linked.globals.push(global.index);
        }
    }
    for memory in module.memories() {
        linked.memories.push(match &memory.origin {
            None => None,
            Some(origin) => {
                let wanted = ExternType::Memory(memory.init.declared);
                let fits = |found: &ExternType| {
                    matches!(found, ExternType::Memory(found) if found.fits(&memory.init.declared))
                };
                match find_extern(store, imports, origin, &wanted, fits)? {
                    Extern::Memory(memory) => Some(memory.index),
                    _ => None,
                }
            }
        });
    }
    for table in module.tables() {
        linked.tables.push(match &table.origin {
            None => None,
            Some(origin) => {
                let wanted = ExternType::Table(table.element, table.declared);
                let fits = |found: &ExternType| {
                    matches!(found, ExternType::Table(element, found)
                        if *element == table.element && found.fits(&table.declared))
                };
                match find_extern(store, imports, origin, &wanted, fits)? {
                    Extern::Table(table) => Some(table.index),
                    _ => None,
                }
            }
        });
    }
    // Only now that everything fits, closures become functions of the store.
    for (position, function) in hosts {
        let func = store.add_host_func(function);
        if let Some(slot) = linked.funcs.get_mut(position) {
            *slot = func.index;
        }
    }
    Ok(linked)
}

fn find<'a>(
    imports: &'a Imports,
    origin: &Origin,
    wanted: &ExternType,
) -> Result<&'a Definition, InstantiateError> {
    imports
        .resolve(&origin.module, &origin.name)
        .ok_or_else(|| InstantiateError::UnknownImport {
            module: origin.module.clone(),
            name: origin.name.clone(),
            wanted: wanted.clone(),
        })
}

fn matches(
    origin: &Origin,
    fits: bool,
    found: ExternType,
    wanted: &ExternType,
) -> Result<(), InstantiateError> {
    if fits {
        return Ok(());
    }
    Err(InstantiateError::ImportType {
        module: origin.module.clone(),
        name: origin.name.clone(),
        found,
        wanted: wanted.clone(),
    })
}

/// Finds an import that is not a function.
fn find_extern(
    store: &Store,
    imports: &Imports,
    origin: &Origin,
    wanted: &ExternType,
    fits: impl Fn(&ExternType) -> bool,
) -> Result<Extern, InstantiateError> {
    match find(imports, origin, wanted)? {
        Definition::Host(function) => {
            let found = ExternType::Func(function.ty().clone());
            matches(origin, false, found, wanted).map(|()| unreachable_extern(store))
        }
        Definition::Extern(item) => {
            let found = type_of(store, *item);
            let good = fits(&found);
            matches(origin, good, found, wanted).map(|()| *item)
        }
    }
}

/// Placeholder for a branch that has already failed.
fn unreachable_extern(store: &Store) -> Extern {
    Extern::Memory(Memory {
        index: u32::MAX,
        store: store.id(),
    })
}

/// The type of something in the store.
fn type_of(store: &Store, item: Extern) -> ExternType {
    match item {
        Extern::Func(func) => ExternType::Func(store.func(func).ty.clone()),
        Extern::Memory(memory) => ExternType::Memory(memory.entry(store).limits()),
        Extern::Table(table) => ExternType::Table(table.element(store), table.limits(store)),
        Extern::Global(global) => ExternType::Global(global.ty(store), global.mutable(store)),
    }
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
    let entry = structures(store, module, linked, instance, block, memories);
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

/// An array of pointer-sized words.
fn words(values: impl ExactSizeIterator<Item = usize>) -> Block {
    let block = Block::new(values.len() * WORD);
    for (index, value) in values.enumerate() {
        block.set_word(index * WORD, value);
    }
    block
}

/// Fills in the instance structure and the arrays it points at.
fn structures(
    store: &mut Store,
    module: &Module,
    linked: &Linked,
    instance: InstanceIdx,
    block: Arc<Block>,
    memories: Vec<u32>,
) -> InstanceEntry {
    let layout = module.layout();
    let own = module.function_count();
    let room = own
        + if module.may_meet_foreign() {
            FOREIGN_ROOM
        } else {
            0
        };
    let func_ptrs = Block::new(room * WORD);
    let func_types = Block::new(room * 4);
    for index in 0..own {
        func_ptrs.set_word(index * WORD, module.function_pointer(index));
        func_types.set_u32(index * 4, module.function_type(index));
    }
    let descriptor = |number: &u32| {
        store
            .memories
            .get(*number as usize)
            .map_or(0, MemoryEntry::descriptor)
    };
    let memory_pointers = words(memories.iter().map(descriptor));
    let table_pointers = words(layout.tables.iter().map(|slot| block.address(slot.offset)));
    let cells = words(
        linked
            .globals
            .iter()
            .zip(&layout.globals)
            .map(|(&global, &offset)| match store.global(global) {
                entry if entry.mutable && entry.ty == ValType::FuncRef => block.address(offset),
                entry => entry.address(),
            }),
    );
    let frames = Block::new(if module.keeps_tiny_frames() {
        FRAME_BYTES
    } else {
        0
    });
    let env = EnvBlock::new(instance, &env_init(module, &block, &frames));
    let set = |field: Field, value: usize| block.set_word(field.offset(WIDTH) as usize, value);
    let set_u32 = |field: Field, value: usize| {
        block.set_u32(
            field.offset(WIDTH) as usize,
            u32::try_from(value).unwrap_or(u32::MAX),
        );
    };
    set_u32(Field::ModuleType, MODULE_TYPE_AOT as usize);
    set_u32(Field::MemoryCount, memories.len());
    set(Field::Memories, memory_pointers.address(0));
    set_u32(Field::GlobalDataSize, layout.area.global_bytes as usize);
    set_u32(Field::TableCount, layout.tables.len());
    set(
        Field::GlobalData,
        block.address(layout.area.globals as usize),
    );
    set(Field::Tables, table_pointers.address(0));
    set(Field::FuncPtrs, func_ptrs.address(0));
    set(Field::FuncTypeIndexes, func_types.address(0));
    set(Field::ExecEnvSingleton, env.address());
    set(Field::CurExecEnv, env.address());
    set(Field::E, block.address(layout.area.extra as usize));
    set(Field::ImportedGlobals, cells.address(0));
    let extra = |field: extra::Field| layout.area.extra as usize + field.offset(WIDTH) as usize;
    block.set_word(extra(extra::Field::StackSizes), module.stack_sizes());
    block.set_word(extra(extra::Field::SharedHeapStartOff), usize::MAX);
    let mut functions = linked.funcs.clone();
    functions.resize(own, NULL_REF);
    let mut locals = BTreeMap::new();
    for (local, &number) in (0_u32..).zip(&linked.funcs) {
        locals.entry(number).or_insert(local);
    }
    let globals = add_globals(store, module, linked, instance, &block);
    InstanceEntry {
        module: module.clone(),
        block,
        env,
        func_ptrs,
        func_types,
        arrays: vec![memory_pointers, table_pointers, cells, frames],
        functions,
        locals,
        function_room: room,
        memories,
        tables: Vec::new(),
        globals,
        function_cells: function_cells(store, linked, &layout.globals),
        dropped_data: module
            .data_segments()
            .map(|data| data.active.is_some())
            .collect(),
        dropped_elems: module.elems().map(|elem| !elem.passive).collect(),
    }
}

fn env_init(module: &Module, block: &Block, frames: &Block) -> EnvInit {
    let aux = module.aux();
    let address = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    EnvInit {
        module_inst: block.address(0),
        aux_stack_boundary: address(aux.stack_bottom.saturating_sub(u64::from(aux.stack_size))),
        aux_stack_bottom: address(aux.stack_bottom),
        native_symbol: module.native_symbols(),
        frames: (frames.address(0), frames.address(frames.len())),
    }
}

/// Numbers of all globals, the instance's own ones added to the store.
fn add_globals(
    store: &mut Store,
    module: &Module,
    linked: &Linked,
    instance: InstanceIdx,
    block: &Arc<Block>,
) -> Vec<u32> {
    let mut globals = linked.globals.clone();
    let offsets = module.layout().globals.iter().skip(globals.len());
    let own: Vec<_> = module.globals().iter().zip(offsets).collect();
    for (global, &offset) in own {
        let entry = GlobalEntry {
            ty: global.ty,
            mutable: global.mutable,
            block: Arc::clone(block),
            offset,
            owner: Some(instance),
        };
        globals.push(Global::add(store, entry).index);
    }
    globals
}

/// The imported globals of which the instance has copies.
fn function_cells(store: &Store, linked: &Linked, offsets: &[usize]) -> Vec<(u32, usize)> {
    let cells = linked.globals.iter().zip(offsets);
    let copied = cells.filter(|(global, _)| {
        let entry = store.global(**global);
        entry.mutable && entry.ty == ValType::FuncRef
    });
    copied.map(|(&global, &offset)| (global, offset)).collect()
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
                mirror.init(store, table.element, table.init);
                let entry = TableEntry {
                    element: table.element,
                    declared: table.declared,
                    home: Home::Instance(mirror),
                    mirrors: Vec::new(),
                };
                Table::add(store, entry).index
            }
            Some(number) => {
                let size = store.table_size(number);
                mirror.init(store, table.element, size);
                store.table_mut(number).mirrors.push(mirror);
                for index in 0..size {
                    let value = store.table_get(number, index).unwrap_or(NULL_REF);
                    if value != NULL_REF {
                        // Fails only without room for more foreign functions:
                        // then this copy keeps a null where calls trap.
                        let _ = store.table_set(number, index, value);
                    }
                }
                number
            }
        };
        store.instance_mut(instance).tables.push(number);
    }
}

/// Gives globals their first values: copies of imported ones, then own ones.
fn init_globals(
    store: &mut Store,
    module: &Module,
    instance: InstanceIdx,
) -> Result<(), InstantiateError> {
    let offsets = module.layout().globals.clone();
    let imported = module.import_globals().count();
    for (index, offset) in offsets.iter().enumerate().take(imported) {
        let number = number(
            &store.instance(instance).globals,
            u32::try_from(index).unwrap_or(u32::MAX),
        );
        let mut slots = store.global_get(number);
        let ty = store.global(number).ty;
        if ty == ValType::FuncRef {
            slots[0] = store
                .local_of(instance, u32::try_from(slots[0]).unwrap_or(NULL_REF))?
                .into();
        }
        write_cell(&store.instance(instance).block, *offset, ty, slots);
    }
    for (index, global) in module.globals().iter().enumerate() {
        let position = u32::try_from(imported + index).unwrap_or(u32::MAX);
        let number = number(&store.instance(instance).globals, position);
        let slots = evaluate(store, instance, &global.init)?;
        store.global_set(number, slots)?;
    }
    Ok(())
}

/// The value of an initialiser: integers as bits, functions as store numbers.
fn evaluate(store: &mut Store, instance: InstanceIdx, init: &Init) -> Result<[u64; 2], Trap> {
    Ok(match init {
        Init::Bits(bits) => *bits,
        Init::RefNull => [NULL_REF.into(), 0],
        Init::RefFunc(local) => [store.number_of(instance, *local).into(), 0],
        Init::GlobalGet(index) => {
            let number = number(&store.instance(instance).globals, *index);
            store.global_get(number)
        }
        Init::Binary(op, operands) => {
            let [left, right] = &**operands;
            let left = evaluate(store, instance, left)?[0];
            [op.apply(left, evaluate(store, instance, right)?[0]), 0]
        }
    })
}

/// The value of an offset.
fn integer(store: &mut Store, instance: InstanceIdx, init: &Init) -> Result<u64, Trap> {
    Ok(evaluate(store, instance, init)?[0])
}

/// A reference as its store number (or external key).
pub(crate) fn reference(
    store: &mut Store,
    instance: InstanceIdx,
    init: &Init,
) -> Result<u32, Trap> {
    let bits = evaluate(store, instance, init)?[0];
    Ok(u32::try_from(bits).unwrap_or(NULL_REF))
}

/// Copies an active data segment.
fn copy_data(store: &mut Store, memory: u32, offset: u64, bytes: &[u8]) -> Result<(), Trap> {
    let memory = crate::memory::bytes_mut(store, memory);
    let target = usize::try_from(offset)
        .ok()
        .and_then(|offset| memory.get_mut(offset..))
        .and_then(|rest| rest.get_mut(..bytes.len()))
        .ok_or(Trap::Wasm(TrapId::OutOfBoundsMemoryAccess))?;
    target.copy_from_slice(bytes);
    Ok(())
}

const _: () = assert!(exec_env::ARGV_CELLS == 64);
