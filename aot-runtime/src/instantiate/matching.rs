//! Matches a module's imports with definitions: every one by name and type,
//! before anything of the instance exists.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::closure::HostFunc;
use crate::error::{ExternType, InstantiateError};
use crate::imports::{Definition, Extern, Imports};
use crate::memory::Memory;
use crate::module::{Module, Origin};
use crate::store::Store;
use crate::table::TableType;
use crate::types::{TypeId, canonical};
use crate::value::NULL_REF;

/// What the module's imports were matched with, by store number.
pub(super) struct Linked {
    pub(super) funcs: Vec<u32>,
    pub(super) memories: Vec<Option<u32>>,
    pub(super) tables: Vec<Option<u32>>,
    pub(super) globals: Vec<u32>,
    /// The store's numbers of the module's types.
    pub(super) types: Vec<TypeId>,
    pub(super) tags: Vec<u32>,
}

/// Finds and checks every import.
pub(super) fn link(
    store: &mut Store,
    module: &Module,
    imports: &Imports,
) -> Result<Linked, InstantiateError> {
    let mut linked = Linked {
        funcs: Vec::new(),
        memories: Vec::new(),
        tables: Vec::new(),
        globals: Vec::new(),
        types: store.types.register(module.types()),
        tags: Vec::new(),
    };
    let hosts = link_funcs(store, module, imports, &mut linked)?;
    for (origin, ty, mutable) in module.import_globals() {
        let ty = canonical(ty, &linked.types);
        let wanted = ExternType::Global(ty, mutable);
        let fits = |found: &ExternType| match found {
            ExternType::Global(found, false) => !mutable && store.types.matches(*found, ty),
            other => *other == wanted,
        };
        let item = find_extern(store, imports, origin, &wanted, fits)?;
        if let Extern::Global(global) = item {
            linked.globals.push(global.index);
        }
    }
    linked.memories = link_memories(store, module, imports)?;
    linked.tags = link_tags(store, module, imports, &linked.types)?;
    link_tables(store, module, imports, &mut linked)?;
    // Only now that everything fits, closures become functions of the store.
    for (position, function) in hosts {
        let func = store.add_host_func(function);
        if let Some(slot) = linked.funcs.get_mut(position) {
            *slot = func.index;
        }
    }
    Ok(linked)
}

/// Functions; the closures among them, with their positions.
fn link_funcs(
    store: &mut Store,
    module: &Module,
    imports: &Imports,
    linked: &mut Linked,
) -> Result<Vec<(usize, HostFunc)>, InstantiateError> {
    let mut hosts = Vec::new();
    for (origin, ty) in module.import_funcs() {
        let id = linked.types.get(ty as usize).copied().unwrap_or(TypeId(0));
        let ty = store.types.func_type(id);
        if let Some(function) = imports.stand_in(&origin.module, &origin.name, ty.clone()) {
            hosts.push((linked.funcs.len(), function));
            linked.funcs.push(NULL_REF);
            continue;
        }
        let wanted = ExternType::Func(ty);
        match find(imports, origin, &wanted)? {
            Definition::Host(function) => {
                let found = ExternType::Func(function.ty().clone());
                let given = store.types.func(function.ty());
                let fits = store.types.is_subtype(given, id);
                matches(origin, fits, found, &wanted)?;
                hosts.push((linked.funcs.len(), function.clone()));
                linked.funcs.push(NULL_REF);
            }
            Definition::Extern(item) => {
                let found = type_of(store, *item);
                let fits = match item {
                    Extern::Func(func) => store.types.is_subtype(store.func(*func).id, id),
                    _ => false,
                };
                matches(origin, fits, found, &wanted)?;
                if let Extern::Func(func) = item {
                    linked.funcs.push(func.index);
                }
            }
            #[cfg(feature = "std")]
            Definition::Shared(memory) => {
                matches(origin, false, ExternType::Memory(memory.ty()), &wanted)?;
            }
        }
    }
    Ok(hosts)
}

fn link_tables(
    store: &Store,
    module: &Module,
    imports: &Imports,
    linked: &mut Linked,
) -> Result<(), InstantiateError> {
    for table in module.tables() {
        linked.tables.push(match &table.origin {
            None => None,
            Some(origin) => {
                let ty = TableType {
                    element: canonical(table.ty.element, &linked.types),
                    ..table.ty
                };
                let wanted = ExternType::Table(ty);
                let fits = |found: &ExternType| {
                    matches!(found, ExternType::Table(found) if found.fits(&ty))
                };
                match find_extern(store, imports, origin, &wanted, fits)? {
                    Extern::Table(table) => Some(table.index),
                    _ => None,
                }
            }
        });
    }
    Ok(())
}

/// Imported tags: of the very type.
fn link_tags(
    store: &Store,
    module: &Module,
    imports: &Imports,
    types: &[TypeId],
) -> Result<Vec<u32>, InstantiateError> {
    let mut tags = Vec::new();
    for (origin, ty) in &module.tags().imports {
        let id = types.get(*ty as usize).copied().unwrap_or(TypeId(0));
        let wanted = ExternType::Tag(store.types.func_type(id));
        let is_tag = |found: &ExternType| matches!(found, ExternType::Tag(_));
        let item = find_extern(store, imports, origin, &wanted, is_tag)?;
        if let Extern::Tag(tag) = item {
            let entry = store.tags.get(tag.index as usize);
            let same = entry.is_some_and(|entry| entry.id == id);
            matches(origin, same, type_of(store, item), &wanted)?;
            tags.push(tag.index);
        }
    }
    Ok(tags)
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
            wanted: Box::new(wanted.clone()),
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
        found: Box::new(found),
        wanted: Box::new(wanted.clone()),
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
        #[cfg(feature = "std")]
        Definition::Shared(memory) => {
            let found = ExternType::Memory(memory.ty());
            matches(origin, false, found, wanted).map(|()| unreachable_extern(store))
        }
        Definition::Extern(item) => {
            let found = type_of(store, *item);
            let good = fits(&found);
            matches(origin, good, found, wanted).map(|()| *item)
        }
    }
}

/// Finds the imported memories.
fn link_memories(
    store: &mut Store,
    module: &Module,
    imports: &Imports,
) -> Result<Vec<Option<u32>>, InstantiateError> {
    let mut linked = Vec::new();
    for memory in module.memories() {
        linked.push(match &memory.origin {
            None => None,
            Some(origin) => {
                let wanted = ExternType::Memory(memory.init.ty);
                let fits = |found: &ExternType| {
                    matches!(found, ExternType::Memory(found) if found.fits(&memory.init.ty))
                };
                find_memory(store, imports, origin, &wanted, fits)?
            }
        });
    }
    Ok(linked)
}

/// Finds an imported memory; its number in the store, which a shared one gets
/// here.
fn find_memory(
    store: &mut Store,
    imports: &Imports,
    origin: &Origin,
    wanted: &ExternType,
    fits: impl Fn(&ExternType) -> bool,
) -> Result<Option<u32>, InstantiateError> {
    #[cfg(feature = "std")]
    if let Definition::Shared(memory) = find(imports, origin, wanted)? {
        let found = ExternType::Memory(memory.ty());
        let good = fits(&found);
        matches(origin, good, found, wanted)?;
        return Ok(Some(Memory::from_shared(store, memory).index));
    }
    match find_extern(store, imports, origin, wanted, fits)? {
        Extern::Memory(memory) => Ok(Some(memory.index)),
        _ => Ok(None),
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
        Extern::Memory(memory) => ExternType::Memory(memory.ty(store)),
        Extern::Table(table) => ExternType::Table(table.ty(store)),
        Extern::Tag(tag) => ExternType::Tag(tag.ty(store)),
        Extern::Global(global) => ExternType::Global(global.ty(store), global.mutable(store)),
    }
}
