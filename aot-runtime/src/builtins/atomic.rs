//! memory.atomic.wait and memory.atomic.notify (spec C.13, D.7).
//!
//! Compiled code has checked the alignment and hands over machine addresses;
//! which memory one belongs to and whether it is in bounds is found out here.

use aot_format::abi::traps::TrapId;

use crate::context::InstancePtr;
use crate::entry::guard;
use crate::memory::MemoryEntry;
use crate::store::{InstanceIdx, Store};
use crate::trap::Trap;

/// What a helper answers that left an exception pending.
const FAILED: u32 = u32::MAX;

/// Waits at an address: 0 notified, 1 another value, 2 timed out. The timeout
/// is in nanoseconds, for ever if negative.
pub(super) extern "C" fn wasm_runtime_atomic_wait(
    instance: InstancePtr,
    address: usize,
    expected: u64,
    timeout: i64,
    wide: u8,
) -> u32 {
    guard(instance, FAILED, |store, instance| {
        let bytes = if wide == 0 { 4 } else { 8 };
        let (memory, offset) = find(store, instance, address, bytes)?;
        wait(memory, offset, expected, timeout, wide != 0)
    })
}

/// Wakes threads that wait at an address; how many. Nobody waits at addresses
/// of a memory that is not shared.
pub(super) extern "C" fn wasm_runtime_atomic_notify(
    instance: InstancePtr,
    address: usize,
    count: u32,
) -> u32 {
    guard(instance, FAILED, |store, instance| {
        let (memory, offset) = find(store, instance, address, 4)?;
        notify(memory, offset, count)
    })
}

/// The memory of the instance an address is in, with the offset.
fn find(
    store: &Store,
    instance: InstanceIdx,
    address: usize,
    bytes: usize,
) -> Result<(&MemoryEntry, usize), Trap> {
    let numbers = store.instance(instance).memories.iter();
    let mut memories = numbers.filter_map(|number| store.memories.get(*number as usize));
    let found = memories.find_map(|memory| Some((memory, memory.offset_of(address)?)));
    found
        .filter(|(memory, offset)| offset.saturating_add(bytes) <= memory.bytes())
        .ok_or(Trap::Wasm(TrapId::OutOfBoundsMemoryAccess))
}

#[cfg(feature = "std")]
fn wait(
    memory: &MemoryEntry,
    offset: usize,
    expected: u64,
    timeout: i64,
    wide: bool,
) -> Result<u32, Trap> {
    let MemoryEntry::Shared(memory) = memory else {
        return Err(not_shared());
    };
    let timeout = u64::try_from(timeout).ok();
    let timeout = timeout.map(core::time::Duration::from_nanos);
    let woken = if wide {
        memory.wait64(offset, expected, timeout)
    } else {
        let expected = u32::try_from(expected & u64::from(u32::MAX)).unwrap_or_default();
        memory.wait32(offset, expected, timeout)
    };
    woken.map(crate::memory::Woken::code)
}

#[cfg(not(feature = "std"))]
fn wait(_: &MemoryEntry, _: usize, _: u64, _: i64, _: bool) -> Result<u32, Trap> {
    Err(not_shared())
}

#[cfg(feature = "std")]
fn notify(memory: &MemoryEntry, offset: usize, count: u32) -> Result<u32, Trap> {
    match memory {
        MemoryEntry::Own(_) => Ok(0),
        MemoryEntry::Shared(memory) => memory.notify(offset, count),
    }
}

#[cfg(not(feature = "std"))]
fn notify(_: &MemoryEntry, _: usize, _: u32) -> Result<u32, Trap> {
    Ok(0)
}

/// Stock's words.
fn not_shared() -> Trap {
    Trap::host("expected shared memory")
}
