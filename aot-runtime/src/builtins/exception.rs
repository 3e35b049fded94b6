//! Throwing and catching by compiled code.

use crate::context::{CellsPtr, EnvPtr};
use crate::entry::guard;
use crate::store::Store;
use crate::trap::Trap;

/// A new exception of a tag of the instance's.
pub(super) extern "C" fn wamrc_exception_new(env: EnvPtr, tag: u32, values: CellsPtr) -> usize {
    guard(env, 0, |store, instance| {
        let number = store.instance(instance).tags.get(tag as usize).copied();
        let number = number.ok_or_else(|| Trap::host("unknown exception tag"))?;
        let ty = store.tag_type(number);
        Store::with_slots(ty.slots(), |slots| {
            for (index, slot) in slots.iter_mut().enumerate() {
                *slot = values.slot(index);
            }
            store.globalize_payload(instance, ty.params(), slots);
            store.make_exception(number, slots)
        })
    })
}

/// The payload of an exception as the instance sees it.
pub(super) extern "C" fn wamrc_exception_read(env: EnvPtr, object: usize, values: CellsPtr) {
    guard(env, (), |store, instance| {
        let (tag, mut slots) = store.exception_slots(object);
        let ty = store.tag_type(tag);
        store.localize_payload(instance, ty.params(), &mut slots)?;
        for (index, slot) in slots.into_iter().enumerate() {
            values.set_slot(index, slot);
        }
        Ok(())
    });
}

/// Throws: code that looks for exceptions finds it pending, other code ends here.
pub(super) extern "C" fn wamrc_throw(env: EnvPtr, object: usize) {
    guard(env, (), |store, instance| {
        if store.instance(instance).module.handles_exceptions() {
            store.set_pending(instance, object);
            Ok(())
        } else {
            Err(store.thrown(object))
        }
    });
}

/// Takes the pending exception.
pub(super) extern "C" fn wamrc_catch(env: EnvPtr) -> usize {
    guard(env, 0, |store, instance| {
        Ok(store.take_pending(instance).unwrap_or(0))
    })
}
