//! Handles: how the host holds references to objects.
//!
//! A handle is a position in a list of the store, which keeps the object alive. Handles made while a host function runs
//! end with it; others live until the scope they were made in ends ([`Store::scope`]), or the store. A handle that is
//! used after its end is refused, never mistaken for another.

use alloc::vec::Vec;

use aot_format::HeapType;
use aot_format::abi::object;

use super::rtt::{self, Rtt};
use crate::store::{Store, StoreId};

/// A reference to an object, an integer of 31 bits or a value of the host; never null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnyRef {
    store: StoreId,
    held: Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    I31(u32),
    /// Position and generation.
    Root(u32, u32),
}

/// What a reference refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefKind {
    /// An integer, sign-extended from 31 bits.
    I31(i32),
    /// A structure.
    Struct,
    /// An array of so many elements.
    Array(u32),
    /// A value of the host, by its key.
    Host(u32),
    /// An exception.
    Exception,
    /// A handle that has ended.
    Ended,
}

/// The handles of a store.
#[derive(Default)]
pub(super) struct Handles {
    list: Vec<(usize, u32)>,
    generation: u32,
}

impl Handles {
    pub(super) fn words(&self) -> impl Iterator<Item = usize> {
        self.list.iter().map(|(word, _)| *word)
    }
}

impl AnyRef {
    /// An integer of 31 bits; the top bit of `value` is dropped.
    #[must_use]
    pub fn i31(store: &Store, value: i32) -> AnyRef {
        let value = value.cast_unsigned() & 0x7FFF_FFFF;
        AnyRef {
            store: store.id(),
            held: Held::I31(value),
        }
    }

    /// A value of the host, as `any.convert_extern` gives it for the external key.
    ///
    /// # Errors
    /// The heap is exhausted.
    pub fn host(store: &mut Store, key: u32) -> Result<AnyRef, crate::Trap> {
        let word = store.host_object(key)?;
        store.gc.temps.pop();
        store
            .hold(word)
            .ok_or(crate::Trap::Wasm(crate::TrapId::OutOfMemory))
    }

    /// What it refers to.
    ///
    /// # Panics
    /// If the handle belongs to another store (so do all methods here).
    #[must_use]
    pub fn kind(&self, store: &Store) -> RefKind {
        match (self.held, self.word(store)) {
            (_, None) => RefKind::Ended,
            (Held::I31(value), _) => RefKind::I31((value << 1).cast_signed() >> 1),
            (Held::Root(..), Some(word)) => match Rtt::of(word).flag() {
                object::STRUCT => RefKind::Struct,
                object::ARRAY => RefKind::Array(super::array::length(word)),
                rtt::HOST => RefKind::Host(store.host_key(word).unwrap_or(0)),
                _ => RefKind::Exception,
            },
        }
    }

    /// Whether both refer to the same, as `ref.eq` says.
    #[must_use]
    pub fn same(&self, store: &Store, other: &AnyRef) -> bool {
        let word = self.word(store);
        word.is_some() && word == other.word(store)
    }

    /// The narrowest type it belongs to; `None` for a handle that has ended.
    pub(crate) fn heap_type(&self, store: &Store) -> Option<HeapType> {
        let word = self.word(store)?;
        if matches!(self.held, Held::I31(_)) {
            return Some(HeapType::I31);
        }
        let rtt = Rtt::of(word);
        Some(match rtt.flag() {
            object::STRUCT | object::ARRAY => HeapType::Concrete(rtt.number()),
            rtt::HOST => HeapType::Any,
            _ => HeapType::Exn,
        })
    }

    /// The word compiled code uses; `None` for a handle that has ended.
    pub(crate) fn word(&self, store: &Store) -> Option<usize> {
        store.check(self.store);
        match self.held {
            Held::I31(value) => usize::try_from(object::i31(value)).ok(),
            Held::Root(position, generation) => {
                let (word, current) = *store.gc.handles.list.get(position as usize)?;
                (current == generation).then_some(word)
            }
        }
    }
}

impl Store {
    /// Makes a handle of a word that is not null.
    pub(crate) fn hold(&mut self, word: usize) -> Option<AnyRef> {
        let store = self.id();
        if word & 1 != 0 {
            let value = u32::try_from(word & 0xFFFF_FFFF).unwrap_or(0) >> 1;
            let held = Held::I31(value);
            return Some(AnyRef { store, held });
        }
        let handles = &mut self.gc.handles;
        let position = u32::try_from(handles.list.len()).unwrap_or(u32::MAX);
        handles.list.push((word, handles.generation));
        let held = Held::Root(position, handles.generation);
        Some(AnyRef { store, held })
    }

    /// Number of handles now.
    pub(crate) fn handles(&self) -> usize {
        self.gc.handles.list.len()
    }

    /// Ends the handles made since there were so many.
    pub(crate) fn end_handles(&mut self, count: usize) {
        let handles = &mut self.gc.handles;
        if handles.list.len() > count {
            handles.list.truncate(count);
            handles.generation = handles.generation.wrapping_add(1);
        }
    }
}
