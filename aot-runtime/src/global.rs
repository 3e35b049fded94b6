//! Globals.
//!
//! A global's value lies where compiled code reads it: packed in the instance
//! that defines it, or in a block of its own if the host made it. Instances
//! that import a mutable global get the address of that cell; only where it
//! holds references that the two instances write in different ways, they get a
//! copy that is brought up to date whenever control passes between instances.

use crate::host::share::Arc;

use aot_format::{Hierarchy, ValType};

use crate::context::Block;
use crate::reference::low;
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
    /// Bytes of the cell.
    pub(crate) bytes: u32,
    /// The instance whose form references in the cell have; the host's cells
    /// have the store's.
    pub(crate) owner: Option<InstanceIdx>,
}

impl GlobalEntry {
    /// Address of the cell.
    pub(crate) fn address(&self) -> usize {
        self.block.address(self.offset)
    }
}

/// The bits of a cell of so many bytes, as slots.
pub(crate) fn read_cell(block: &Block, offset: usize, bytes: u32) -> [u64; 2] {
    match bytes {
        4 => [block.u32(offset).into(), 0],
        8 => [u64::from_ne_bytes(block.read(offset)), 0],
        _ => [
            u64::from_ne_bytes(block.read(offset)),
            u64::from_ne_bytes(block.read(offset + 8)),
        ],
    }
}

/// Writes slots into a cell of so many bytes.
pub(crate) fn write_cell(block: &Block, offset: usize, bytes: u32, slots: [u64; 2]) {
    match bytes {
        4 => block.set_u32(offset, low(slots[0])),
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

    /// The value of a global as slots, references in the store's form.
    pub(crate) fn global_get(&mut self, global: u32) -> [u64; 2] {
        let entry = self.global(global);
        let slots = read_cell(&entry.block, entry.offset, entry.bytes);
        match (self.family(entry.ty), entry.owner) {
            (Some(family), Some(owner)) => [self.globalize(owner, family, slots[0]), 0],
            _ => slots,
        }
    }

    /// Brings an instance's copies of imported globals up to date, when it is about to run.
    pub(crate) fn pull_globals(&mut self, instance: InstanceIdx) {
        for position in 0..self.instance(instance).copied_cells.len() {
            let Some((global, offset, family)) = self.copied_cell(instance, position) else {
                return;
            };
            let mark = self.gc.temps.len();
            let slot = self.global_get(global)[0];
            let bytes = self.reference_bytes(instance, family);
            let block = &self.instance(instance).block;
            let held = read_cell(block, offset, bytes)[0];
            if self.globalize(instance, family, held) != slot {
                // Without room for another function, or an object, the instance sees null.
                let local = self.localize(instance, family, slot);
                let local = local.unwrap_or_else(|_| self.null_of(instance, family));
                write_cell(&self.instance(instance).block, offset, bytes, [local, 0]);
            }
            self.gc.temps.truncate(mark);
        }
    }

    /// Writes such cells back, when the instance has stopped running.
    pub(crate) fn push_globals(&mut self, instance: InstanceIdx) {
        for position in 0..self.instance(instance).copied_cells.len() {
            let Some((global, offset, family)) = self.copied_cell(instance, position) else {
                return;
            };
            let bytes = self.reference_bytes(instance, family);
            let block = &self.instance(instance).block;
            let local = read_cell(block, offset, bytes)[0];
            let slot = self.globalize(instance, family, local);
            if self.global_get(global)[0] != slot {
                // The owner had room for what it held before; a new function that
                // does not fit leaves the old one.
                let mark = self.gc.temps.len();
                let _ = self.global_set(global, [slot, 0]);
                self.gc.temps.truncate(mark);
            }
        }
    }

    fn copied_cell(
        &self,
        instance: InstanceIdx,
        position: usize,
    ) -> Option<(u32, usize, Hierarchy)> {
        let &(global, offset) = self.instance(instance).copied_cells.get(position)?;
        Some((global, offset, self.family(self.global(global).ty)?))
    }

    /// Bytes of a reference in an instance.
    fn reference_bytes(&self, instance: InstanceIdx, family: Hierarchy) -> u32 {
        match self.has_words(instance, family) {
            true => crate::layout::WIDTH.bytes(),
            false => 4,
        }
    }

    /// Null as an instance holds it.
    pub(crate) fn null_of(&self, instance: InstanceIdx, family: Hierarchy) -> u64 {
        match self.has_words(instance, family) {
            true => 0,
            false => NULL_REF.into(),
        }
    }

    /// Sets a global from slots.
    pub(crate) fn global_set(&mut self, global: u32, mut slots: [u64; 2]) -> Result<(), Trap> {
        let entry = self.global(global).clone();
        if let (Some(family), Some(owner)) = (self.family(entry.ty), entry.owner) {
            slots[0] = self.localize(owner, family, slots[0])?;
        }
        write_cell(&entry.block, entry.offset, entry.bytes, slots);
        Ok(())
    }
}

impl Global {
    /// A global of the host's.
    pub fn new(store: &mut Store, value: Value, mutable: bool) -> Global {
        Global::of_type(store, value.ty(), value, mutable)
    }

    /// A global of the host's of a type that the value belongs to; if it does not, the global has the value's own type.
    pub fn of_type(store: &mut Store, ty: ValType, value: Value, mutable: bool) -> Global {
        let ty = if store.fits(value, ty) {
            ty
        } else {
            value.ty()
        };
        let block = Arc::new(Block::new(16));
        let bytes = if ty.is_reference() { 8 } else { ty.size() };
        write_cell(&block, 0, bytes, value.to_slots(store));
        let entry = GlobalEntry {
            ty,
            mutable,
            block,
            offset: 0,
            bytes,
            owner: None,
        };
        Global::add(store, entry)
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
        Value::from_slots(ty, slots, store)
    }

    /// Sets the value.
    ///
    /// # Errors
    /// [`Trap`] for an immutable global or a value of another type.
    pub fn set(&self, store: &mut Store, value: Value) -> Result<(), Trap> {
        if !self.mutable(store) {
            return Err(Trap::host("the global is immutable"));
        }
        if !store.fits(value, self.ty(store)) {
            return Err(Trap::host("the value's type is not the global's"));
        }
        let slots = value.to_slots(store);
        store.settle(|store| store.global_set(self.index, slots))
    }
}
