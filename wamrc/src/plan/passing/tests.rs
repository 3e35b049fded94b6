//! Where arguments travel: registers by kind, the rest in the area.

use super::{Argument, Place, Registers, arguments, form, places};
use crate::wasm::{FuncType, ValType};
use targets::{FloatAbi, TailForm, Target};

fn registers(target: &Target, float_abi: FloatAbi) -> Registers {
    Registers::new(target, float_abi, form(target, false, false))
}

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
    let registers = registers(&targets::X86_64, FloatAbi::Double);
    let (found, bytes) = places(&arguments(&func(&params, &[]), false), &registers);
    let mut wanted = vec![Place::Call; 6];
    wanted.push(Place::Area(0));
    wanted.extend([Place::Call; 8]);
    wanted.extend([Place::Area(8), Place::Area(16), Place::Area(24)]);
    assert_eq!((found, bytes), (wanted, 40));
}

/// Pairs start at even registers on ARM; floats are in no register of the soft ABI.
#[test]
fn conventions_differ() {
    let ty = func(
        &[ValType::I32, ValType::I64, ValType::I32, ValType::F64],
        &[],
    );
    let places_of = |target, abi| places(&arguments(&ty, false), &registers(target, abi));
    let (call, area) = (Place::Call, Place::Area);
    assert_eq!(
        places_of(&targets::ARMV7, FloatAbi::Soft),
        (vec![call, call, call, area(0), area(8)], 16)
    );
    assert_eq!(
        places_of(&targets::ARMV7, FloatAbi::Double),
        (vec![call, call, call, area(0), call], 8)
    );
    assert_eq!(
        places_of(&targets::MIPSEL, FloatAbi::Double),
        (vec![call, area(8), area(16), area(24), area(32)], 40)
    );
}

#[test]
fn results_in_memory_forbid_jumps() {
    assert_eq!(form(&targets::X86_64, true, true), TailForm::Guaranteed);
    assert_eq!(form(&targets::ARMV7, false, true), TailForm::Guaranteed);
    assert_eq!(form(&targets::ARMV7, true, false), TailForm::Absent);
    assert_eq!(form(&targets::RISCV32, false, false), TailForm::Sibling);
    assert_eq!(form(&targets::RISCV32, false, true), TailForm::Absent);
}
