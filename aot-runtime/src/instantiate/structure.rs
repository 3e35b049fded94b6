//! The structures compiled code sees of an instance: filled in once, before
//! any of its code runs.
//!
//! Spec: `aot-v6.md` C.4 to C.9.

use crate::host::share::Arc;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use aot_format::abi::extra;
use aot_format::abi::instance::{Field, MODULE_TYPE_AOT};
use aot_format::{Hierarchy, References, Representation};

use super::matching::Linked;
use crate::context::{Block, EnvBlock, EnvInit};
use crate::error::InstantiateError;
use crate::global::{Global, GlobalEntry};
use crate::layout::WIDTH;
use crate::memory::MemoryEntry;
use crate::module::Module;
use crate::store::{InstanceEntry, InstanceIdx, Store};
use crate::types::{TypeId, canonical};
use crate::value::NULL_REF;

const WORD: usize = size_of::<usize>();

/// Entries for functions of other instances, where any can turn up. Hosted,
/// untouched entries cost no memory.
const FOREIGN_ROOM: usize = if cfg!(feature = "std") { 65_536 } else { 64 };

/// An array of pointer-sized words.
fn words(values: impl ExactSizeIterator<Item = usize>) -> Block {
    let block = Block::new(values.len() * WORD);
    for (index, value) in values.enumerate() {
        block.set_word(index * WORD, value);
    }
    block
}

/// An array of 32-bit numbers.
fn numbers(values: &[u32]) -> Block {
    let block = Block::new(values.len() * 4);
    for (index, value) in values.iter().enumerate() {
        block.set_u32(index * 4, *value);
    }
    block
}

/// The arrays an instance points at.
struct Arrays {
    func_ptrs: Block,
    func_types: Block,
    memories: Block,
    tables: Block,
    cells: Block,
    frames: Block,
}

impl Arrays {
    /// Fills the arrays; `room` is the number of functions to allow for.
    fn new(
        store: &Store,
        module: &Module,
        linked: &Linked,
        block: &Block,
        memories: &[u32],
        room: usize,
    ) -> Arrays {
        let layout = module.layout();
        let func_ptrs = Block::new(room * WORD);
        let func_types = Block::new(room * 4);
        for index in 0..module.function_count() {
            func_ptrs.set_word(index * WORD, module.function_pointer(index));
            func_types.set_u32(index * 4, module.function_type(index));
        }
        let descriptor = |number: &u32| {
            let memory = store.memories.get(*number as usize);
            memory.map_or(0, MemoryEntry::descriptor)
        };
        let globals = linked.globals.iter().zip(&layout.globals);
        let references = module.references();
        let cells = globals.map(|(&global, &offset)| match store.global(global) {
            entry if is_copied(store, entry, references) => block.address(offset),
            entry => entry.address(),
        });
        Arrays {
            func_ptrs,
            func_types,
            memories: words(memories.iter().map(descriptor)),
            tables: words(layout.tables.iter().map(|slot| block.address(slot.offset))),
            cells: words(cells),
            frames: Block::new(module.frame_area().bytes),
        }
    }
}

/// Writes the header of the instance and its extra.
fn write_header(module: &Module, block: &Block, env: &EnvBlock, arrays: &Arrays, memories: usize) {
    let layout = module.layout();
    let at = |field: Field| field.offset(WIDTH) as usize;
    let tables = u32::try_from(layout.tables.len()).unwrap_or(u32::MAX);
    let counts = [
        (Field::ModuleType, MODULE_TYPE_AOT),
        (
            Field::MemoryCount,
            u32::try_from(memories).unwrap_or(u32::MAX),
        ),
        (Field::GlobalDataSize, layout.area.global_bytes),
        (Field::TableCount, tables),
    ];
    let pointers = [
        (Field::Memories, arrays.memories.address(0)),
        (
            Field::GlobalData,
            block.address(layout.area.globals as usize),
        ),
        (Field::Tables, arrays.tables.address(0)),
        (Field::FuncPtrs, arrays.func_ptrs.address(0)),
        (Field::FuncTypeIndexes, arrays.func_types.address(0)),
        (Field::ExecEnvSingleton, env.address()),
        (Field::CurExecEnv, env.address()),
        (Field::E, block.address(layout.area.extra as usize)),
        (Field::ImportedGlobals, arrays.cells.address(0)),
    ];
    for (field, count) in counts {
        block.set_u32(at(field), count);
    }
    for (field, pointer) in pointers {
        block.set_word(at(field), pointer);
    }
    let extra = |field: extra::Field| layout.area.extra as usize + field.offset(WIDTH) as usize;
    block.set_word(extra(extra::Field::StackSizes), module.stack_sizes());
    block.set_word(extra(extra::Field::SharedHeapStartOff), usize::MAX);
}

/// Makes the entry of an instance whose memories exist; tables follow.
pub(super) fn entry(
    store: &mut Store,
    module: &Module,
    linked: &Linked,
    instance: InstanceIdx,
    block: Arc<Block>,
    memories: Vec<u32>,
) -> Result<InstanceEntry, InstantiateError> {
    let own = module.function_count();
    let function_room = own
        + if module.may_meet_foreign() {
            FOREIGN_ROOM
        } else {
            0
        };
    let arrays = Arrays::new(store, module, linked, &block, &memories, function_room);
    let tags = link_tags(store, module, linked);
    let tag_array = numbers(&tags);
    let init = env_init(module, &block, &arrays.frames, &tag_array);
    let env = EnvBlock::new(instance, &init);
    write_header(module, &block, &env, &arrays, memories.len());
    let references = module.references();
    let (rtts, func_base) = match references.representation {
        Representation::Index => (Block::new(0), 0),
        Representation::Object => {
            let count = u32::try_from(own).unwrap_or(u32::MAX);
            let base = store.gc.function_base(instance, count);
            (
                store.rtt_array(&linked.types),
                base.ok_or(InstantiateError::TooManyFunctions)?,
            )
        }
    };
    if references.representation == Representation::Object {
        block.set_word(Field::Rtts.offset(WIDTH) as usize, rtts.address(0));
        block.set_u32(Field::FuncBase.offset(WIDTH) as usize, func_base);
    }
    let mut functions = linked.funcs.clone();
    functions.resize(own, NULL_REF);
    let mut locals = BTreeMap::new();
    for (local, &number) in (0_u32..).zip(&linked.funcs) {
        locals.entry(number).or_insert(local);
    }
    let globals = add_globals(store, module, linked, instance, &block);
    Ok(InstanceEntry {
        module: module.clone(),
        block,
        env,
        func_ptrs: arrays.func_ptrs,
        func_types: arrays.func_types,
        arrays: vec![
            arrays.memories,
            arrays.tables,
            arrays.cells,
            arrays.frames,
            rtts,
            tag_array,
        ],
        functions,
        locals,
        function_room,
        memories,
        tables: Vec::new(),
        globals,
        tags,
        exception: None,
        copied_cells: copied_cells(store, linked, &module.layout().globals, references),
        references,
        types: linked.types.clone(),
        func_base,
        segments: Vec::new(),
        dropped_data: module
            .data_segments()
            .map(|data| data.active.is_some())
            .collect(),
        dropped_elems: module.elems().map(|elem| !elem.passive).collect(),
    })
}

fn env_init(module: &Module, block: &Block, frames: &Block, tags: &Block) -> EnvInit {
    let aux = module.aux();
    let area = module.frame_area();
    let address = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    EnvInit {
        module_inst: block.address(0),
        aux_stack_boundary: address(aux.stack_bottom.saturating_sub(u64::from(aux.stack_size))),
        aux_stack_bottom: address(aux.stack_bottom),
        native_symbol: module.native_symbols(),
        frames: (frames.address(0), frames.address(area.checked)),
        frame: match area.standard {
            true => frames.address(0),
            false => 0,
        },
        tags: tags.address(0),
    }
}

/// Numbers of all exception tags, the instance's own ones added to the store.
fn link_tags(store: &mut Store, module: &Module, linked: &Linked) -> Vec<u32> {
    let declared = module.tags();
    let mut tags = linked.tags.clone();
    for ty in &declared.defined {
        let exported = declared
            .exports
            .iter()
            .find(|(_, index)| *index as usize == tags.len());
        let name = exported.map(|(name, _)| name.clone());
        let id = linked.types.get(*ty as usize).copied();
        tags.push(store.add_tag(id.unwrap_or(TypeId(0)), name).index);
    }
    tags
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
            ty: canonical(global.ty, &linked.types),
            bytes: global.ty.size_in(module.references()),
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
fn copied_cells(
    store: &Store,
    linked: &Linked,
    offsets: &[usize],
    references: References,
) -> Vec<(u32, usize)> {
    let cells = linked.globals.iter().zip(offsets);
    let copied = cells.filter(|(global, _)| is_copied(store, store.global(**global), references));
    copied.map(|(&global, &offset)| (global, offset)).collect()
}

/// Whether an instance with such references cannot use the cell of a mutable global itself.
fn is_copied(store: &Store, global: &GlobalEntry, references: References) -> bool {
    let Some(family) = store.family(global.ty).filter(|_| global.mutable) else {
        return false;
    };
    let objects = |references: References| references.representation == Representation::Object;
    let owner = global.owner.map(|owner| store.instance(owner).references);
    match (family, owner) {
        // Words in all instances, and in the host's cells.
        (Hierarchy::Any | Hierarchy::Exn, _) => false,
        (_, Some(owner)) if objects(owner) && objects(references) => false,
        // Keys are the same everywhere among instances that use them.
        (Hierarchy::Extern, Some(owner)) => objects(owner) || objects(references),
        _ => true,
    }
}
