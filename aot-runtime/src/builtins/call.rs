//! Calls from compiled code to imports and to functions of other instances.
//!
//! Arguments come as 32-bit cells. Stock's 64-bit files count a reference as
//! two cells, ours as one; the number of cells tells which. A further result
//! of an import goes through a pointer behind the arguments in our files;
//! stock's put none there, and get all results in consecutive cells.

use aot_format::abi::traps::TrapId;
use aot_format::{References, Representation, ValType};

use targets::Endian;

use crate::context::{CellsPtr, EnvPtr};
use crate::entry::guard;
use crate::host;
use crate::store::{InstanceIdx, Store};
use crate::trap::Trap;
use crate::value::{NULL_REF, slots_of};

/// Calls an import with the arguments in `argv`.
pub(super) extern "C" fn aot_invoke_native(
    env: EnvPtr,
    index: u32,
    argc: u32,
    argv: CellsPtr,
) -> u8 {
    guard(env, 0, |store, instance| {
        let number = import_number(store, instance, index)?;
        let pointers = store.instance(instance).module.has_record();
        call_cells(store, instance, number, argc as usize, argv, pointers)
    })
}

/// Calls a table element that is not a function of the instance itself.
pub(super) extern "C" fn aot_call_indirect(
    env: EnvPtr,
    table: u32,
    element: u32,
    argc: u32,
    argv: CellsPtr,
) -> u8 {
    guard(env, 0, |store, instance| {
        let local = store
            .instance_table(instance, table)
            .and_then(|mirror| mirror.read(store, element))
            .ok_or(Trap::Wasm(TrapId::UndefinedElement))?;
        let number = store.number_of(instance, local);
        if number == NULL_REF {
            return Err(Trap::Wasm(TrapId::UninitializedElement));
        }
        call_cells(store, instance, number, argc as usize, argv, false)
    })
}

/// The store's number of an imported function.
pub(crate) fn import_number(
    store: &mut Store,
    instance: InstanceIdx,
    index: u32,
) -> Result<u32, Trap> {
    let entry = store.instance(instance);
    let objects = entry.references.representation == Representation::Object;
    let number = if objects && index as usize >= entry.module.import_count() {
        // A function reference's index, less what the instance adds to its own.
        let index = index.wrapping_add(entry.func_base);
        store.func_of_index(index).unwrap_or(NULL_REF)
    } else {
        store.number_of(instance, index)
    };
    match number {
        NULL_REF => Err(Trap::Wasm(TrapId::CallUnlinkedImportFunc)),
        number => Ok(number),
    }
}

/// Calls a function with arguments in cells.
fn call_cells(
    store: &mut Store,
    instance: InstanceIdx,
    number: u32,
    argc: usize,
    argv: CellsPtr,
    pointers: bool,
) -> Result<u8, Trap> {
    let entry = store.func_entry(number);
    let ty = entry.ty.clone();
    Store::with_slots(ty.slots(), |slots| {
        let form = store.instance(instance).references;
        let references = ty.params().iter().filter(|ty| ty.is_reference()).count();
        let cells: usize = ty
            .params()
            .iter()
            .map(|ty| ty.cells_in(form) as usize)
            .sum();
        let index = form.representation == Representation::Index;
        let padded = index && references > 0 && argc == cells + references;
        read_cells(store, instance, ty.params(), argv.get(argc), padded, slots);
        store.call(number, Some(instance), slots)?;
        write_results(
            store,
            instance,
            ty.results(),
            slots,
            argv,
            pointers.then_some(argc),
            form,
        )?;
        Ok(1)
    })
}

/// A 64-bit value from the two cells it takes, which code writes and reads at
/// once in the machine's byte order.
fn join([first, second]: [u64; 2]) -> u64 {
    match host::ENDIAN {
        Endian::Little => first | second << 32,
        Endian::Big => first << 32 | second,
    }
}

/// The opposite of [`join`].
#[expect(clippy::cast_possible_truncation, reason = "cells are halves of slots")]
fn split(value: u64) -> [u32; 2] {
    let (low, high) = (value as u32, (value >> 32) as u32);
    match host::ENDIAN {
        Endian::Little => [low, high],
        Endian::Big => [high, low],
    }
}

/// Turns argument cells into slots.
fn read_cells(
    store: &mut Store,
    instance: InstanceIdx,
    types: &[ValType],
    cells: &[u32],
    padded: bool,
    slots: &mut [u64],
) {
    let form = store.instance(instance).references;
    let mut cells = cells.iter().map(|&cell| u64::from(cell));
    let mut slots = slots.iter_mut();
    for &ty in types {
        let mut next = || cells.next().unwrap_or_default();
        let mut words = [0; 2];
        match ty.cells_in(form) {
            1 => words[0] = next(),
            2 => words[0] = join([next(), next()]),
            _ => words = [join([next(), next()]), join([next(), next()])],
        }
        if ty.is_reference() && padded {
            next();
        }
        if let Some(family) = store.family(ty) {
            words[0] = store.globalize(instance, family, words[0]);
        }
        for word in words.into_iter().take(slots_of(ty)) {
            if let Some(slot) = slots.next() {
                *slot = word;
            }
        }
    }
}

/// Writes results: the first from cell 0 on; the others through the pointers
/// behind `pointers` cells, or in the cells that follow.
#[expect(
    clippy::cast_possible_truncation,
    reason = "narrow values are in the low half"
)]
fn write_results(
    store: &mut Store,
    instance: InstanceIdx,
    types: &[ValType],
    slots: &[u64],
    argv: CellsPtr,
    pointers: Option<usize>,
    form: References,
) -> Result<(), Trap> {
    store.hold_slots(types, slots);
    let mut slots = slots.iter().copied();
    let mut at = 0;
    for (index, &ty) in types.iter().enumerate() {
        let mut low = slots.next().unwrap_or_default();
        let high = if slots_of(ty) == 2 {
            slots.next().unwrap_or_default()
        } else {
            0
        };
        if let Some(family) = store.family(ty) {
            low = store.localize(instance, family, low)?;
        }
        let count = ty.cells_in(form) as usize;
        let [[a, b], [c, d]] = [split(low), split(high)];
        // A narrow value is its one cell.
        let cells = if count == 1 {
            [low as u32, 0, 0, 0]
        } else {
            [a, b, c, d]
        };
        let cells = cells.get(..count).unwrap_or_default();
        match (index.checked_sub(1), pointers) {
            (Some(extra), Some(params)) => argv.set_extra(params, extra, cells),
            _ => {
                for &cell in cells {
                    argv.set(at, cell);
                    at += 1;
                }
            }
        }
    }
    Ok(())
}
