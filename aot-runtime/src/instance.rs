//! Instances: handles to them and their exports.
//!
//! How one comes to be is `instantiate`'s story.

use alloc::string::String;
use alloc::vec::Vec;

use aot_format::ExportKind;

use crate::entry::{TypedParams, TypedResults};
use crate::error::{ExportError, InstantiateError};
use crate::func::{Func, FuncType, TypedFunc};
use crate::global::Global;
use crate::imports::{Extern, Imports};
use crate::instantiate;
use crate::memory::Memory;
use crate::module::Module;
use crate::store::{InstanceIdx, Store, StoreId};
use crate::table::Table;
use crate::tag::Tag;

/// An instance of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    index: InstanceIdx,
    store: StoreId,
}

impl Instance {
    pub(crate) fn new_handle(index: InstanceIdx, store: StoreId) -> Instance {
        Instance { index, store }
    }

    /// Instantiates a module: links its imports, sets up memories, tables and
    /// globals, and runs its start function.
    ///
    /// # Errors
    /// [`InstantiateError`]. What active segments wrote into imported tables
    /// and memories before one of them failed stays written.
    ///
    /// # Panics
    /// If an import belongs to another store, or a host function called by
    /// the start function panics.
    pub fn new(
        store: &mut Store,
        module: &Module,
        imports: &Imports,
    ) -> Result<Instance, InstantiateError> {
        let index = instantiate::instantiate(store, module, imports)?;
        Ok(Instance {
            index,
            store: store.id(),
        })
    }

    #[cfg(feature = "wasi")]
    pub(crate) fn index_in_store(self) -> Option<InstanceIdx> {
        Some(self.index)
    }

    /// The module.
    ///
    /// # Panics
    /// If the handle belongs to another store (so do all methods here).
    pub fn module<'a>(&self, store: &'a Store) -> &'a Module {
        store.check(self.store);
        &store.instance(self.index).module
    }

    /// All exports in the file's order.
    pub fn exports(&self, store: &Store) -> Vec<(String, Extern)> {
        let module = self.module(store).clone();
        module
            .exports()
            .filter_map(|(name, kind, index)| Some((name.into(), self.item(store, kind, index)?)))
            .chain(module.tags().exports.iter().filter_map(|(name, index)| {
                Some((name.clone(), Extern::Tag(self.tag_at(store, *index)?)))
            }))
            .collect()
    }

    /// An export of any kind.
    pub fn export(&self, store: &Store, name: &str) -> Option<Extern> {
        match self.module(store).export(name) {
            Some((kind, index)) => self.item(store, kind, index),
            None => Some(Extern::Tag(self.tag(store, name)?)),
        }
    }

    fn item(&self, store: &Store, kind: ExportKind, index: u32) -> Option<Extern> {
        let entry = store.instance(self.index);
        let position = index as usize;
        let id = self.store;
        Some(match kind {
            // Exported functions got their numbers when the instance was made.
            ExportKind::Func => {
                Extern::Func(Func::from_number(*entry.functions.get(position)?, id)?)
            }
            ExportKind::Memory => Extern::Memory(Memory {
                index: *entry.memories.get(position)?,
                store: id,
            }),
            ExportKind::Table => Extern::Table(Table {
                index: *entry.tables.get(position)?,
                store: id,
            }),
            ExportKind::Global => Extern::Global(Global {
                index: *entry.globals.get(position)?,
                store: id,
            }),
        })
    }

    /// An exported exception tag.
    pub fn tag(&self, store: &Store, name: &str) -> Option<Tag> {
        let exports = &self.module(store).tags().exports;
        let (_, index) = exports.iter().find(|(known, _)| known == name)?;
        self.tag_at(store, *index)
    }

    fn tag_at(&self, store: &Store, index: u32) -> Option<Tag> {
        let tags = &store.instance(self.index).tags;
        Some(Tag {
            index: *tags.get(index as usize)?,
            store: self.store,
        })
    }

    /// An exported function.
    pub fn func(&self, store: &Store, name: &str) -> Option<Func> {
        match self.export(store, name)? {
            Extern::Func(func) => Some(func),
            _ => None,
        }
    }

    /// An exported function with a Rust signature.
    ///
    /// # Errors
    /// [`ExportError`] if there is none of that name, or of another type.
    pub fn typed<P: TypedParams, R: TypedResults>(
        &self,
        store: &Store,
        name: &str,
    ) -> Result<TypedFunc<P, R>, ExportError> {
        let func = self
            .func(store, name)
            .ok_or_else(|| ExportError::Missing { name: name.into() })?;
        func.typed(store).ok_or_else(|| ExportError::Type {
            name: name.into(),
            found: func.ty(store),
            wanted: FuncType::new(P::types(), R::types()),
        })
    }

    /// An exported memory.
    pub fn memory(&self, store: &Store, name: &str) -> Option<Memory> {
        match self.export(store, name)? {
            Extern::Memory(memory) => Some(memory),
            _ => None,
        }
    }

    /// An exported table.
    pub fn table(&self, store: &Store, name: &str) -> Option<Table> {
        match self.export(store, name)? {
            Extern::Table(table) => Some(table),
            _ => None,
        }
    }

    /// An exported global.
    pub fn global(&self, store: &Store, name: &str) -> Option<Global> {
        match self.export(store, name)? {
            Extern::Global(global) => Some(global),
            _ => None,
        }
    }
}
