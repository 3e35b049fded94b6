//! Entry thunks: how the runtime calls a function whose signature it does not know (architecture,
//! decision 6).
//!
//! `void thunk(exec_env, function, values)` reads the parameters from an array of 64-bit slots, calls
//! the function and writes the results to the slots from 0 on. The low bits of a slot's value hold a
//! narrower value; results are zero-extended. A v128 takes two slots.

use super::Unit;
use crate::llvm::{Access, Builder, Cast, FunctionKind, Region, Signature, Type, Value};
use crate::plan::ThunkPlan;
use crate::wasm::{FuncType, ValType};

const SLOT: Access = Access {
    align: 8,
    region: Region::Argument,
    constant: false,
};

/// Builds the thunk of one signature.
pub(super) fn build_thunk(unit: &Unit<'_, '_, '_>, plan: &ThunkPlan) {
    let params = [Type::Ptr; 3];
    let thunk = unit.llvm.define(
        &plan.symbol,
        &Signature::new(&params, None),
        FunctionKind::Thunk,
    );
    let b = unit.llvm.builder(thunk);
    let param = |position| {
        thunk
            .param(position)
            .expect("invariant: declared with three parameters")
    };
    let (exec_env, function, values) = (param(0), param(1), param(2));
    let ty = unit.module.func_type(plan.ty);
    let mut args = vec![exec_env];
    for (slot, param) in first_slots(&ty.params).zip(&ty.params) {
        args.push(read_slot(&b, values, slot, unit.machine_type(*param)));
    }
    let places = result_places(&b, ty);
    args.extend_from_slice(&places);
    let first = b.call_pointer(&unit.signature(ty), function, &args);
    let extra = ty.results.iter().skip(1).zip(&places);
    let extra: Vec<_> = extra
        .map(|(ty, place)| b.load(unit.machine_type(*ty), *place, SLOT))
        .collect();
    let slots = first_slots(&ty.results);
    for (slot, value) in slots.zip(first.into_iter().chain(extra)) {
        write_slot(&b, values, slot, value);
    }
    b.ret(None);
    b.finish();
}

/// The first slot of each value.
pub(super) fn first_slots(types: &[ValType]) -> impl Iterator<Item = u64> {
    types.iter().scan(0, |next, ty| {
        let slot = *next;
        *next += u64::from(ty.cells().div_ceil(2));
        Some(slot)
    })
}

/// Storage for the results beyond the first.
fn result_places<'c>(b: &Builder<'_, 'c>, ty: &FuncType) -> Vec<Value<'c>> {
    let extra = ty.results.get(1..).unwrap_or_default();
    let words = extra.iter().map(|ty| ty.cells().div_ceil(2)).sum();
    if words == 0 {
        return Vec::new();
    }
    let array = b.words(words);
    first_slots(extra)
        .map(|slot| b.offset(array, slot * 8))
        .collect()
}

pub(super) fn read_slot<'c>(
    b: &Builder<'_, 'c>,
    values: Value<'c>,
    slot: u64,
    ty: Type,
) -> Value<'c> {
    let address = b.offset(values, slot * 8);
    if ty == Type::V128 {
        return b.load(ty, address, SLOT);
    }
    let bits = b.load(Type::I64, address, SLOT);
    match ty {
        Type::F32 => {
            let low = b.cast(Cast::Trunc, bits, Type::I32);
            b.cast(Cast::BitCast, low, Type::F32)
        }
        Type::F64 => b.cast(Cast::BitCast, bits, Type::F64),
        Type::Ptr => b.cast(Cast::IntToPtr, bits, Type::Ptr),
        _ => b.cast(Cast::Trunc, bits, ty),
    }
}

pub(super) fn write_slot<'c>(b: &Builder<'_, 'c>, values: Value<'c>, slot: u64, value: Value<'c>) {
    let bits = match b.type_of(value) {
        Type::V128 => return b.store(value, b.offset(values, slot * 8), SLOT),
        Type::F32 => b.cast(Cast::BitCast, value, Type::I32),
        Type::F64 => b.cast(Cast::BitCast, value, Type::I64),
        Type::Ptr => b.cast(Cast::PtrToInt, value, Type::I64),
        _ => value,
    };
    let bits = b.cast(Cast::ZExt, bits, Type::I64);
    b.store(bits, b.offset(values, slot * 8), SLOT);
}
