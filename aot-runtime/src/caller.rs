//! What a host function sees of the program that called it.

use crate::instance::Instance;
use crate::memory;
#[cfg(feature = "std")]
use crate::memory::{MemoryEntry, SharedMemory};
use crate::store::{InstanceIdx, Store};

/// The calling instance and its store, lent to a host function for one call.
pub struct Caller<'a> {
    store: &'a mut Store,
    instance: Option<InstanceIdx>,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(store: &'a mut Store, instance: Option<InstanceIdx>) -> Caller<'a> {
        Caller { store, instance }
    }

    /// The bytes of the calling instance's memory 0; `None` if it has none, if
    /// it is shared (see [`Caller::shared_memory`]), or if the host itself made
    /// the call.
    pub fn memory(&mut self) -> Option<&mut [u8]> {
        let memory = self.store.memory_number(self.instance?, 0)?;
        memory::bytes_mut(self.store, memory)
    }

    /// The calling instance's memory 0, if it is a shared one.
    #[cfg(feature = "std")]
    pub fn shared_memory(&self) -> Option<SharedMemory> {
        let memory = self.store.memory_number(self.instance?, 0)?;
        match self.store.memories.get(memory as usize)? {
            MemoryEntry::Own(_) => None,
            MemoryEntry::Shared(memory) => Some(memory.clone()),
        }
    }

    /// The store, for calls back into WebAssembly and for everything else.
    pub fn store_mut(&mut self) -> &mut Store {
        self.store
    }

    /// The store, to look at.
    pub fn store(&self) -> &Store {
        self.store
    }

    /// The instance that made the call; `None` if the host itself did.
    pub fn instance(&self) -> Option<Instance> {
        self.instance
            .map(|index| Instance::new_handle(index, self.store.id()))
    }
}
