//! table.init, table.copy, table.fill, table.grow and elem.drop.
//!
//! Values from compiled code are the instance's own function indices (or
//! external keys); null is all ones in the low 32 bits.

use aot_format::Representation;
use aot_format::abi::traps::TrapId;

use crate::context::InstancePtr;
use crate::entry::guard;
use crate::instantiate::evaluate;
use crate::module::Init;
use crate::store::{InstanceIdx, Store};
use crate::trap::Trap;

const OUT_OF_BOUNDS: Trap = Trap::Wasm(TrapId::OutOfBoundsTableAccess);

/// The store's number of an instance's table.
fn number(store: &Store, instance: InstanceIdx, table: u32) -> Result<u32, Trap> {
    store
        .instance(instance)
        .tables
        .get(table as usize)
        .copied()
        .ok_or(OUT_OF_BOUNDS)
}

/// A value of compiled code as the store keeps it.
fn value(store: &mut Store, instance: InstanceIdx, table: u32, word: usize) -> u64 {
    let family = store.table(table).family;
    let value = store.globalize(instance, family, word as u64);
    store.hold_slots(&[store.table(table).ty.element], &[value]);
    value
}

/// Checks that `count` elements from `start` exist.
fn check(store: &Store, table: u32, start: u32, count: u32) -> Result<(), Trap> {
    let end = u64::from(start) + u64::from(count);
    if end > u64::from(store.table_size(table)) {
        Err(OUT_OF_BOUNDS)
    } else {
        Ok(())
    }
}

/// Copies part of a passive segment into a table.
pub(super) extern "C" fn aot_table_init(
    instance: InstancePtr,
    table: u32,
    segment: u32,
    count: u32,
    source: u32,
    target: u32,
) {
    guard(instance, (), |store, instance| {
        let table = number(store, instance, table)?;
        let dropped = store
            .instance(instance)
            .dropped_elems
            .get(segment as usize)
            .copied();
        init(
            store,
            instance,
            table,
            (segment, dropped.unwrap_or(true)),
            source,
            target,
            count,
        )
    });
}

/// Copies `count` values of a segment to a table; a dropped one is empty.
pub(crate) fn init(
    store: &mut Store,
    instance: InstanceIdx,
    table: u32,
    (segment, dropped): (u32, bool),
    source: u32,
    target: u32,
    count: u32,
) -> Result<(), Trap> {
    check(store, table, target, count)?;
    if store.instance(instance).references.representation == Representation::Object {
        return init_objects(
            store,
            instance,
            table,
            (segment, dropped),
            source,
            target,
            count,
        );
    }
    let module = store.instance(instance).module.clone();
    let elem = if dropped {
        None
    } else {
        module.elems().nth(segment as usize)
    };
    let values = elem.map(|elem| elem.values.as_slice()).unwrap_or_default();
    let values = values
        .get(source as usize..)
        .and_then(|rest| rest.get(..count as usize));
    let private = store.private_table(table, instance);
    for (index, init) in (target..).zip(values.ok_or(OUT_OF_BOUNDS)?) {
        match (private, init) {
            // The usual case needs no number of the store for the function.
            (Some(mirror), Init::RefFunc(local)) => mirror.write(store, index, *local),
            _ => {
                let family = store.table(table).family;
                let value = evaluate(store, instance, init, Some(family))?[0];
                store.table_set(table, index, value)?;
            }
        }
    }
    Ok(())
}

/// [`init`] where the values of segments are kept.
fn init_objects(
    store: &mut Store,
    instance: InstanceIdx,
    table: u32,
    (segment, dropped): (u32, bool),
    source: u32,
    target: u32,
    count: u32,
) -> Result<(), Trap> {
    let values = store.instance(instance).segment_values(segment, dropped);
    if u64::from(source) + u64::from(count) > values.len() as u64 {
        return Err(OUT_OF_BOUNDS);
    }
    for offset in 0..count {
        let values = store.instance(instance).segment_values(segment, dropped);
        let value = values.get(source as usize + offset as usize).copied();
        store.table_set(table, target + offset, value.ok_or(OUT_OF_BOUNDS)?)?;
    }
    Ok(())
}

/// Copies elements between tables, which may be the same.
pub(super) extern "C" fn aot_table_copy(
    instance: InstancePtr,
    source_table: u32,
    target_table: u32,
    count: u32,
    source: u32,
    target: u32,
) {
    guard(instance, (), |store, instance| {
        let from = number(store, instance, source_table)?;
        let to = number(store, instance, target_table)?;
        check(store, from, source, count)?;
        check(store, to, target, count)?;
        if store.table_move(to, from, target, source, count) {
            return Ok(());
        }
        let copy = |store: &mut Store, i: u32| {
            let value = store.table_get(from, source + i).ok_or(OUT_OF_BOUNDS)?;
            store.table_set(to, target + i, value)
        };
        if target <= source {
            (0..count).try_for_each(|i| copy(store, i))
        } else {
            (0..count).rev().try_for_each(|i| copy(store, i))
        }
    });
}

/// Sets a run of elements; also how compiled code sets one element of a table
/// that others share.
pub(super) extern "C" fn aot_table_fill(
    instance: InstancePtr,
    table: u32,
    count: u32,
    word: usize,
    start: u32,
) {
    guard(instance, (), |store, instance| {
        let table = number(store, instance, table)?;
        check(store, table, start, count)?;
        let value = value(store, instance, table, word);
        (start..start + count).try_for_each(|index| store.table_set(table, index, value))
    });
}

/// Grows a table; the old size, or all ones if refused.
pub(super) extern "C" fn aot_table_grow(
    instance: InstancePtr,
    table: u32,
    count: u32,
    word: usize,
) -> u32 {
    guard(instance, u32::MAX, |store, instance| {
        let table = number(store, instance, table)?;
        let value = value(store, instance, table, word);
        Ok(store.table_grow(table, count, value).unwrap_or(u32::MAX))
    })
}

/// Drops a segment.
pub(super) extern "C" fn aot_drop_table_seg(instance: InstancePtr, segment: u32) {
    guard(instance, (), |store, instance| {
        if let Some(dropped) = store
            .instance_mut(instance)
            .dropped_elems
            .get_mut(segment as usize)
        {
            *dropped = true;
        }
        let segments = &mut store.instance_mut(instance).segments;
        if let Some(segment) = segments.get_mut(segment as usize) {
            segment.values.clear();
        }
        Ok(())
    });
}
