//! Where arguments travel: registers by kind, the rest in the area.

use super::{Argument, Place, arguments, places};
use crate::wasm::{FuncType, ValType};

fn func(params: &[ValType], results: &[ValType]) -> FuncType {
    FuncType {
        params: params.to_vec(),
        results: results.to_vec(),
    }
}

#[test]
fn arguments_are_environment_base_parameters_and_result_pointers() {
    let ty = func(&[ValType::I32], &[ValType::I64, ValType::F32, ValType::I32]);
    let pointer = Argument::Pointer;
    let value = Argument::Value(ValType::I32);
    assert_eq!(arguments(&ty, false), [pointer, value, pointer, pointer]);
    assert_eq!(
        arguments(&ty, true),
        [pointer, pointer, value, pointer, pointer]
    );
}

#[test]
fn each_kind_of_register_is_filled_before_the_area_is_used() {
    let mut params = vec![ValType::I64; 6];
    params.extend([ValType::F64; 9]);
    params.extend([ValType::I32, ValType::V128]);
    let (found, bytes) = places(&arguments(&func(&params, &[]), false), &targets::X86_64);
    let mut wanted = vec![Place::Call; 6];
    wanted.push(Place::Area(0));
    wanted.extend([Place::Call; 8]);
    wanted.extend([Place::Area(8), Place::Area(16), Place::Area(24)]);
    assert_eq!((found, bytes), (wanted, 40));
}
