//! memory.grow, memory.init and data.drop.
//!
//! Copying and filling is done by compiled code itself.

use aot_format::abi::traps::TrapId;

use crate::context::InstancePtr;
use crate::entry::guard;
use crate::memory::write;
use crate::store::{InstanceIdx, Store};
use crate::trap::Trap;

const OUT_OF_BOUNDS: Trap = Trap::Wasm(TrapId::OutOfBoundsMemoryAccess);

/// Grows memory 0 by so many pages; 0 if refused.
pub(super) extern "C" fn aot_enlarge_memory(instance: InstancePtr, pages: u32) -> u8 {
    guard(instance, 0, |store, instance| {
        Ok(u8::from(grow(store, instance, 0, pages.into()).is_some()))
    })
}

/// Grows a memory by so many pages; the old size, or all ones if refused.
pub(super) extern "C" fn wamrc_memory_grow(instance: InstancePtr, memory: u32, pages: u64) -> u64 {
    guard(instance, u64::MAX, |store, instance| {
        Ok(grow(store, instance, memory, pages).unwrap_or(u64::MAX))
    })
}

fn grow(store: &mut Store, instance: InstanceIdx, memory: u32, pages: u64) -> Option<u64> {
    let number = store.memory_number(instance, memory)?;
    store.memories.get_mut(number as usize)?.grow(pages)
}

/// Copies part of a passive segment into memory 0.
pub(super) extern "C" fn aot_memory_init(
    instance: InstancePtr,
    segment: u32,
    source: u32,
    bytes: u32,
    target: usize,
) -> u8 {
    guard(instance, 0, |store, instance| {
        let (source, target) = ((segment, source, bytes), (0, target as u64));
        init(store, instance, source, target).map(|()| 1)
    })
}

/// Copies part of a passive segment into any memory.
pub(super) extern "C" fn wamrc_memory_init(
    instance: InstancePtr,
    memory: u32,
    segment: u32,
    source: u32,
    bytes: u32,
    target: u64,
) -> u8 {
    guard(instance, 0, |store, instance| {
        let (source, target) = ((segment, source, bytes), (memory, target));
        init(store, instance, source, target).map(|()| 1)
    })
}

fn init(
    store: &mut Store,
    instance: InstanceIdx,
    (segment, source, bytes): (u32, u32, u32),
    (memory, target): (u32, u64),
) -> Result<(), Trap> {
    let entry = store.instance(instance);
    let module = entry.module.clone();
    let dropped = entry
        .dropped_data
        .get(segment as usize)
        .copied()
        .unwrap_or(true);
    let data = if dropped {
        &[]
    } else {
        module.data(segment).unwrap_or_default()
    };
    let number = store.memory_number(instance, memory);
    let number = number.ok_or(OUT_OF_BOUNDS)?;
    let source = data
        .get(source as usize..)
        .and_then(|rest| rest.get(..bytes as usize))
        .ok_or(OUT_OF_BOUNDS)?;
    write(store, number, target, source)
}

/// Drops a segment.
pub(super) extern "C" fn aot_data_drop(instance: InstancePtr, segment: u32) -> u8 {
    guard(instance, 0, |store, instance| {
        if let Some(dropped) = store
            .instance_mut(instance)
            .dropped_data
            .get_mut(segment as usize)
        {
            *dropped = true;
        }
        Ok(1)
    })
}
