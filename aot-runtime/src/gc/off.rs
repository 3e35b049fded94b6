//! Stands for the collector in builds without it: there are no objects.
//!
//! Files that need any have been refused when they were loaded, so that nothing here is asked for an object; what could
//! be, answers with an error.

use alloc::vec::Vec;

use aot_format::{ConstructOp, HeapType, References, Representation, StorageType};

use crate::context::Block;
use crate::layout::WIDTH;
use crate::module::Init;
use crate::platform::Platform;
use crate::reference::slot_key;
use crate::store::{InstanceIdx, Store, StoreOptions};
use crate::trap::{Trap, TrapId};
use crate::types::TypeId;

/// Nothing but the list of words in flight, which stays short: there are only keys.
pub(crate) struct Gc {
    /// Words in flight.
    pub(crate) temps: Vec<usize>,
}

impl Gc {
    /// Nothing.
    pub(crate) fn new(_: &'static dyn Platform, _: &StoreOptions) -> Gc {
        Gc { temps: Vec::new() }
    }

    /// No instance has functions as objects.
    pub(crate) fn function_base(&mut self, _: InstanceIdx, _: u32) -> Option<u32> {
        None
    }
}

/// A reference to an object: this build has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyRef {}

/// What a reference refers to: nothing in this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefKind {}

impl AnyRef {
    pub(crate) fn word(&self, _: &Store) -> Option<usize> {
        match *self {}
    }

    pub(crate) fn heap_type(&self, _: &Store) -> Option<HeapType> {
        match *self {}
    }
}

/// Bytes of a field or element.
pub(crate) fn storage_bytes(storage: StorageType) -> u32 {
    match storage {
        StorageType::I8 => 1,
        StorageType::I16 => 2,
        StorageType::Val(ty) => ty.size_in(References {
            representation: Representation::Object,
            width: WIDTH,
        }),
    }
}

const NONE: Trap = Trap::Wasm(TrapId::OutOfMemory);

impl Store {
    pub(crate) fn rtt_array(&mut self, _: &[TypeId]) -> Block {
        Block::new(0)
    }

    pub(crate) fn func_object(&mut self, _: u32) -> usize {
        0
    }

    pub(crate) fn func_of_object(&self, _: usize) -> u32 {
        crate::value::NULL_REF
    }

    pub(crate) fn func_of_index(&mut self, _: u32) -> Option<u32> {
        None
    }

    pub(crate) fn pin(&mut self, _: usize) -> u32 {
        crate::value::NULL_REF
    }

    pub(crate) fn pinned(&self, _: u32) -> Option<usize> {
        None
    }

    pub(crate) fn internalize(&mut self, slot: u64) -> Result<usize, Trap> {
        match slot_key(slot) {
            Some(_) => Err(NONE),
            None => Ok(0),
        }
    }

    pub(crate) fn externalize(&self, _: usize) -> u64 {
        0
    }

    pub(crate) fn construct(
        &mut self,
        _: InstanceIdx,
        _: ConstructOp,
        _: u32,
        _: &[Init],
    ) -> Result<u64, Trap> {
        Err(NONE)
    }

    /// A reference that cannot be: no value of this build leads here.
    pub(crate) fn hold(&mut self, word: usize) -> Option<AnyRef> {
        let _ = word;
        None
    }

    pub(crate) fn handles(&self) -> usize {
        0
    }

    pub(crate) fn end_handles(&mut self, _: usize) {}

    pub(crate) fn new_exception(
        &mut self,
        _: u32,
        _: impl FnOnce(&Store) -> (u32, Vec<u32>),
    ) -> Result<usize, Trap> {
        Err(NONE)
    }

    pub(crate) fn exception_tag(&self, _: usize) -> u32 {
        u32::MAX
    }

    pub(crate) fn exception_word(&self, _: usize, _: usize) -> u64 {
        0
    }

    pub(crate) fn set_exception_word(&mut self, _: usize, _: usize, _: u64) {}

    pub(crate) fn collect(&mut self) {}

    pub(crate) fn collections(&self) -> u64 {
        0
    }

    pub(crate) fn live_bytes(&self) -> usize {
        0
    }
}
