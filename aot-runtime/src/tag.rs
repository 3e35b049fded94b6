//! Exception tags: what kind of exception one is, and what it carries.
//!
//! Compiled code tells tags apart by the store's numbers. Linking instances hands tags on like functions; two
//! instances of one module have different ones.

use alloc::string::String;

use aot_format::ValType;

use crate::func::FuncType;
use crate::store::{Store, StoreId};
use crate::types::TypeId;

/// A tag of the store.
pub(crate) struct TagEntry {
    /// The function type whose parameters are the payload.
    pub(crate) id: TypeId,
    pub(crate) ty: FuncType,
    /// What messages call it.
    pub(crate) name: Option<String>,
}

/// An exception tag of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    pub(crate) index: u32,
    pub(crate) store: StoreId,
}

impl Tag {
    /// A tag of the host's own, for exceptions that carry values of these types.
    pub fn new(store: &mut Store, params: &[ValType]) -> Tag {
        let id = store.types.func(&FuncType::new(params, &[]));
        store.add_tag(id, None)
    }

    /// The types of the values its exceptions carry, as the parameters of a function.
    ///
    /// # Panics
    /// If the handle belongs to another store.
    pub fn ty(&self, store: &Store) -> FuncType {
        store.check(self.store);
        store.tag_type(self.index)
    }
}

impl Store {
    /// Adds a tag.
    pub(crate) fn add_tag(&mut self, id: TypeId, name: Option<String>) -> Tag {
        let index = u32::try_from(self.tags.len()).unwrap_or(u32::MAX);
        let ty = self.types.func_type(id);
        self.tags.push(TagEntry { id, ty, name });
        Tag {
            index,
            store: self.id(),
        }
    }

    /// The type of a tag; one without values for a number that is none.
    pub(crate) fn tag_type(&self, tag: u32) -> FuncType {
        let entry = self.tags.get(tag as usize);
        entry.map_or_else(|| FuncType::new(&[], &[]), |entry| entry.ty.clone())
    }
}
