//! Globals.
//!
//! A global's value lies where compiled code reads it: packed in the instance
//! that defines it, or in a block of its own if the host made it. Instances
//! that import a mutable global get the address of that cell; only where it
//! holds functions, which every instance numbers its own way, they get a copy
//! that is brought up to date whenever control passes between instances.

use alloc::sync::Arc;

use aot_format::ValType;

use crate::context::Block;
use crate::store::{InstanceIdx, Store, StoreId};
use crate::trap::Trap;
use crate::value::{NULL_REF, Value};

/// A global of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Global {
    pub(crate) index: u32,
    pub(crate) store: StoreId,
}

/// A global's type and cell.
#[derive(Clone)]
pub(crate) struct GlobalEntry {
    pub(crate) ty: ValType,
    pub(crate) mutable: bool,
    pub(crate) block: Arc<Block>,
    pub(crate) offset: usize,
    /// The instance whose function indices the cell uses; the host's cells
    /// hold store numbers.
    pub(crate) owner: Option<InstanceIdx>,
}

impl GlobalEntry {
    /// Address of the cell.
    pub(crate) fn address(&self) -> usize {
        self.block.address(self.offset)
    }
}

/// The bits of a cell of this type, as slots.
pub(crate) fn read_cell(block: &Block, offset: usize, ty: ValType) -> [u64; 2] {
    match ty.size() {
        4 => [block.u32(offset).into(), 0],
        8 => [u64::from_ne_bytes(block.read(offset)), 0],
        _ => [
            u64::from_ne_bytes(block.read(offset)),
            u64::from_ne_bytes(block.read(offset + 8)),
        ],
    }
}

/// Writes slots into a cell of this type.
pub(crate) fn write_cell(block: &Block, offset: usize, ty: ValType, slots: [u64; 2]) {
    match ty.size() {
        4 => block.set_u32(
            offset,
            u32::try_from(slots[0] & u64::from(u32::MAX)).unwrap_or(NULL_REF),
        ),
        8 => block.set_u64(offset, slots[0]),
        _ => {
            block.set_u64(offset, slots[0]);
            block.set_u64(offset + 8, slots[1]);
        }
    }
}

impl Store {
    #[expect(
        clippy::indexing_slicing,
        reason = "numbers are positions; globals are never removed"
    )]
    pub(crate) fn global(&self, global: u32) -> &GlobalEntry {
        &self.globals[global as usize]
    }

    /// The value of a global as slots, a function as its store number.
    pub(crate) fn global_get(&mut self, global: u32) -> [u64; 2] {
        let entry = self.global(global);
        let slots = read_cell(&entry.block, entry.offset, entry.ty);
        match (entry.ty, entry.owner) {
            (ValType::FUNCREF, Some(owner)) => {
                let local = u32::try_from(slots[0]).unwrap_or(NULL_REF);
                [self.number_of(owner, local).into(), 0]
            }
            _ => slots,
        }
    }

    /// Brings an instance's cells of imported globals that hold functions up
    /// to date, when it is about to run.
    pub(crate) fn pull_globals(&mut self, instance: InstanceIdx) {
        for position in 0..self.instance(instance).function_cells.len() {
            let cell = self.instance(instance).function_cells.get(position);
            let Some(&(global, offset)) = cell else {
                return;
            };
            let number = u32::try_from(self.global_get(global)[0]).unwrap_or(NULL_REF);
            // Without room for another foreign function the instance sees null.
            let local = self.local_of(instance, number).unwrap_or(NULL_REF);
            self.instance(instance).block.set_u32(offset, local);
        }
    }

    /// Writes such cells back, when the instance has stopped running.
    pub(crate) fn push_globals(&mut self, instance: InstanceIdx) {
        for position in 0..self.instance(instance).function_cells.len() {
            let cell = self.instance(instance).function_cells.get(position);
            let Some(&(global, offset)) = cell else {
                return;
            };
            let local = self.instance(instance).block.u32(offset);
            let number = self.number_of(instance, local);
            // The owner had room for what it held before; a new function that
            // does not fit leaves the old one.
            let _ = self.global_set(global, [number.into(), 0]);
        }
    }

    /// Sets a global from slots.
    pub(crate) fn global_set(&mut self, global: u32, mut slots: [u64; 2]) -> Result<(), Trap> {
        let entry = self.global(global).clone();
        if let (ValType::FUNCREF, Some(owner)) = (entry.ty, entry.owner) {
            let number = u32::try_from(slots[0]).unwrap_or(NULL_REF);
            slots[0] = self.local_of(owner, number)?.into();
        }
        write_cell(&entry.block, entry.offset, entry.ty, slots);
        Ok(())
    }
}

impl Global {
    /// A global of the host's.
    pub fn new(store: &mut Store, value: Value, mutable: bool) -> Global {
        if let Value::FuncRef(Some(func)) = value {
            store.check(func.store);
        }
        let block = Arc::new(Block::new(16));
        write_cell(&block, 0, value.ty(), value.to_slots());
        Global::add(
            store,
            GlobalEntry {
                ty: value.ty(),
                mutable,
                block,
                offset: 0,
                owner: None,
            },
        )
    }

    pub(crate) fn add(store: &mut Store, entry: GlobalEntry) -> Global {
        store.globals.push(entry);
        let index = u32::try_from(store.globals.len() - 1).unwrap_or(u32::MAX);
        Global {
            index,
            store: store.id(),
        }
    }

    /// The type of the value.
    ///
    /// # Panics
    /// If the handle belongs to another store (so do all methods here).
    pub fn ty(&self, store: &Store) -> ValType {
        store.check(self.store);
        store.global(self.index).ty
    }

    /// Whether the value can change.
    pub fn mutable(&self, store: &Store) -> bool {
        store.check(self.store);
        store.global(self.index).mutable
    }

    /// The value.
    pub fn get(&self, store: &mut Store) -> Value {
        let ty = self.ty(store);
        let slots = store.global_get(self.index);
        Value::from_slots(ty, slots, store.id())
    }

    /// Sets the value.
    ///
    /// # Errors
    /// [`Trap`] for an immutable global or a value of another type.
    pub fn set(&self, store: &mut Store, value: Value) -> Result<(), Trap> {
        if !self.mutable(store) {
            return Err(Trap::host("the global is immutable"));
        }
        if value.ty() != self.ty(store) {
            return Err(Trap::host("the value's type is not the global's"));
        }
        if let Value::FuncRef(Some(func)) = value {
            store.check(func.store);
        }
        store.global_set(self.index, value.to_slots())
    }
}
