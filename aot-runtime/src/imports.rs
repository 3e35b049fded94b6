//! What a module may import, by module name and name.
//!
//! A plain dictionary: it belongs to no store, may be used for any number of
//! instantiations, and a later definition replaces an earlier one. Matching
//! types against a module's imports is `instantiate`'s business.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use crate::caller::Caller;
use crate::closure::{HostFunc, IntoHostFunc};
use crate::func::{Func, FuncType};
use crate::global::Global;
use crate::instance::Instance;
use crate::memory::Memory;
#[cfg(feature = "std")]
use crate::memory::SharedMemory;
use crate::store::Store;
use crate::table::Table;
use crate::tag::Tag;
use crate::trap::Trap;
use crate::value::Value;

/// Something one instance can offer to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extern {
    /// A function of a store.
    Func(Func),
    /// A linear memory.
    Memory(Memory),
    /// A table.
    Table(Table),
    /// A global.
    Global(Global),
    /// An exception tag.
    Tag(Tag),
}

/// One definition.
#[derive(Clone)]
pub(crate) enum Definition {
    /// A closure, added to each store that instantiates with it.
    Host(HostFunc),
    /// Something that lives in a store already.
    Extern(Extern),
    /// A memory that any store can use.
    #[cfg(feature = "std")]
    Shared(SharedMemory),
}

/// The definitions a module is instantiated with.
#[derive(Clone, Default)]
pub struct Imports {
    modules: BTreeMap<String, BTreeMap<String, Definition>>,
    /// See [`Imports::trap_unknown_functions`].
    traps_unknown: bool,
}

impl Imports {
    /// No definitions.
    pub fn new() -> Imports {
        Imports::default()
    }

    /// Defines a host function from a closure `|ctx: &mut Caller<'_>, a: i32, …| -> Result<i32, Trap>`
    /// of up to sixteen parameters, or from a [`HostFunc`].
    pub fn func<Marker>(
        &mut self,
        module: &str,
        name: &str,
        function: impl IntoHostFunc<Marker>,
    ) -> &mut Imports {
        self.insert(module, name, Definition::Host(function.into_host_func()))
    }

    /// Has functions that are not defined trap when they are called, instead of modules that import them not being
    /// instantiated.
    pub fn trap_unknown_functions(&mut self) -> &mut Imports {
        self.traps_unknown = true;
        self
    }

    /// Defines a memory of the store to be instantiated in.
    pub fn memory(&mut self, module: &str, name: &str, memory: Memory) -> &mut Imports {
        self.define(module, name, Extern::Memory(memory))
    }

    /// Defines a memory for any store.
    #[cfg(feature = "std")]
    pub fn shared_memory(
        &mut self,
        module: &str,
        name: &str,
        memory: &SharedMemory,
    ) -> &mut Imports {
        self.insert(module, name, Definition::Shared(memory.clone()))
    }

    /// Defines a table of the store to be instantiated in.
    pub fn table(&mut self, module: &str, name: &str, table: Table) -> &mut Imports {
        self.define(module, name, Extern::Table(table))
    }

    /// Defines a global of the store to be instantiated in.
    pub fn global(&mut self, module: &str, name: &str, global: Global) -> &mut Imports {
        self.define(module, name, Extern::Global(global))
    }

    /// Defines an exception tag of the store to be instantiated in.
    pub fn tag(&mut self, module: &str, name: &str, tag: Tag) -> &mut Imports {
        self.define(module, name, Extern::Tag(tag))
    }

    /// Defines anything that lives in the store to be instantiated in.
    pub fn define(&mut self, module: &str, name: &str, item: Extern) -> &mut Imports {
        self.insert(module, name, Definition::Extern(item))
    }

    /// Defines all exports of an instance under a module name.
    pub fn instance(&mut self, module: &str, store: &Store, instance: Instance) -> &mut Imports {
        for (name, item) in instance.exports(store) {
            self.define(module, &name, item);
        }
        self
    }

    /// The definition of a name, if there is one.
    pub(crate) fn resolve(&self, module: &str, name: &str) -> Option<&Definition> {
        self.modules.get(module)?.get(name)
    }

    /// What stands for a function of this type that nobody defined, if something does.
    pub(crate) fn stand_in(&self, module: &str, name: &str, ty: FuncType) -> Option<HostFunc> {
        if !self.traps_unknown || self.resolve(module, name).is_some() {
            return None;
        }
        // Stock's words.
        let message = format!("failed to call unlinked import function ({module}, {name})");
        let body = move |_: &mut Caller<'_>, _: &[Value], _: &mut [Value]| {
            Err(Trap::host(message.as_str()))
        };
        Some(HostFunc::untyped(ty, body))
    }

    /// The definitions that any store can use: host functions and shared memories.
    #[cfg(feature = "wasi")]
    pub(crate) fn without_store(&self) -> Imports {
        let mut imports = self.clone();
        for names in imports.modules.values_mut() {
            names.retain(|_, definition| !matches!(definition, Definition::Extern(_)));
        }
        imports
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition) -> &mut Imports {
        self.modules
            .entry(module.into())
            .or_default()
            .insert(name.into(), definition);
        self
    }
}
