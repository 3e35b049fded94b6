//! Garbage-collected objects: run-time types, allocation, casts, segments.
//!
//! Allocation first tries without anything of [`guard`]: the usual case is a cell at hand.

use aot_format::HeapType;
use aot_format::abi::builtins::Builtin;
use aot_format::abi::traps::TrapId;

use crate::context::{EnvPtr, InstancePtr, ValuePtr};
use crate::entry::{guard, quick};
use crate::gc::Rtt;
use crate::store::Store;
use crate::trap::Trap;
use crate::value::NULL_REF;

/// Address of a function's body, if it is one of these.
pub(super) fn address(builtin: Builtin) -> Option<usize> {
    use Builtin as B;
    let body = match builtin {
        B::AotRttTypeNew => aot_rtt_type_new as *const (),
        B::WasmStructObjNew => wasm_struct_obj_new as *const (),
        B::WasmArrayObjNew => wasm_array_obj_new as *const (),
        B::AotCreateFuncObj => aot_create_func_obj as *const (),
        B::AotObjIsInstanceOf => aot_obj_is_instance_of as *const (),
        B::WasmObjIsTypeOf => wasm_obj_is_type_of as *const (),
        B::WasmExternrefObjToInternalObj => wasm_externref_obj_to_internal_obj as *const (),
        B::WasmInternalObjToExternrefObj => wasm_internal_obj_to_externref_obj as *const (),
        B::WamrcArrayNewData => wamrc_array_new_data as *const (),
        B::WamrcArrayNewElem => wamrc_array_new_elem as *const (),
        B::WamrcArrayInitData => wamrc_array_init_data as *const (),
        B::WamrcArrayInitElem => wamrc_array_init_elem as *const (),
        _ => return None,
    };
    Some(body as usize)
}

/// The run-time type of a type index; 0 if there is none.
pub(super) extern "C" fn aot_rtt_type_new(instance: InstancePtr, ty: u32) -> usize {
    guard(instance, 0, |store, instance| {
        let id = store.instance(instance).types.get(ty as usize).copied();
        Ok(id.map_or(0, |id| store.rtt(id).address()))
    })
}

/// A structure of zeros; 0 when the heap is exhausted.
pub(super) extern "C" fn wasm_struct_obj_new(env: EnvPtr, rtt: usize) -> usize {
    let rtt = Rtt::from_word(rtt);
    let bytes = rtt.bytes();
    if let Some(object) = quick(env, |store| store.gc.quick(rtt, bytes)) {
        return object;
    }
    guard(env, 0, |store, _| {
        Ok(store.allocate(rtt, bytes).unwrap_or(0))
    })
}

/// An array of one value; 0 when it is too long or the heap exhausted.
pub(super) extern "C" fn wasm_array_obj_new(
    env: EnvPtr,
    rtt: usize,
    length: u32,
    value: ValuePtr,
) -> usize {
    let rtt = Rtt::from_word(rtt);
    let value = value.get();
    let found = quick(env, |store| {
        store.gc.quick_array(rtt, length, value.as_ref())
    });
    if let Some(array) = found {
        return array;
    }
    guard(env, 0, |store, _| {
        let array = store.new_array(rtt, length, value.as_ref());
        Ok(array.unwrap_or(0))
    })
}

/// The object of a function.
pub(super) extern "C" fn aot_create_func_obj(
    instance: InstancePtr,
    index: u32,
    _raise: u8,
    _text: usize,
    _size: u32,
) -> usize {
    guard(instance, 0, |store, instance| {
        match store.number_of(instance, index) {
            NULL_REF => Err(Trap::Wasm(TrapId::InvalidFunctionIndex)),
            number => Ok(store.func_object(number)),
        }
    })
}

/// Whether a reference that is not null is of a type of the module.
pub(super) extern "C" fn aot_obj_is_instance_of(
    instance: InstancePtr,
    object: usize,
    ty: u32,
) -> u8 {
    let Some(of) = instance.rtt(ty).filter(|_| object & 1 == 0) else {
        return 0;
    };
    let of = Rtt::from_word(of);
    u8::from(Rtt::of(object).is_below(of))
}

/// Whether a reference that is not null is of an abstract type.
pub(super) extern "C" fn wasm_obj_is_type_of(object: usize, heap: u32) -> u8 {
    let heap = HeapType::from_word(heap);
    u8::from(heap.is_some_and(|heap| Store::is_of(object, heap)))
}

/// Both conversions between `any` and `extern` leave the word as it is.
pub(super) extern "C" fn wasm_externref_obj_to_internal_obj(object: usize) -> usize {
    object
}

/// See [`wasm_externref_obj_to_internal_obj`].
pub(super) extern "C" fn wasm_internal_obj_to_externref_obj(_env: EnvPtr, object: usize) -> usize {
    object
}

/// `array.new_data`.
pub(super) extern "C" fn wamrc_array_new_data(
    env: EnvPtr,
    rtt: usize,
    segment: u32,
    offset: u32,
    length: u32,
) -> usize {
    guard(env, 0, |store, instance| {
        let rtt = Rtt::from_word(rtt);
        store.array_new_data(instance, rtt, (segment, offset), length)
    })
}

/// `array.new_elem`.
pub(super) extern "C" fn wamrc_array_new_elem(
    env: EnvPtr,
    rtt: usize,
    segment: u32,
    offset: u32,
    length: u32,
) -> usize {
    guard(env, 0, |store, instance| {
        let rtt = Rtt::from_word(rtt);
        store.array_new_elem(instance, rtt, (segment, offset), length)
    })
}

/// `array.init_data`.
pub(super) extern "C" fn wamrc_array_init_data(
    instance: InstancePtr,
    array: usize,
    index: u32,
    segment: u32,
    offset: u32,
    count: u32,
) {
    guard(instance, (), |store, instance| {
        store.array_init_data(instance, (array, index), (segment, offset), count)
    });
}

/// `array.init_elem`.
pub(super) extern "C" fn wamrc_array_init_elem(
    instance: InstancePtr,
    array: usize,
    index: u32,
    segment: u32,
    offset: u32,
    count: u32,
) {
    guard(instance, (), |store, instance| {
        store.array_init_elem(instance, (array, index), (segment, offset), count)
    });
}
