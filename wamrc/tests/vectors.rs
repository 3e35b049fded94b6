//! Vectors across the border to the host: in argument arrays of imports, in results beyond the first, in
//! globals of the host and through calls by table.

use aot_runtime::{
    FuncType, Global, HostFunc, Imports, Instance, LoadOptions, Module, Store, ValType, Value,
};
use wamrc::Options;
use wamrc::options::{BoundsCheck, OptLevel};

const FIXTURE: &str = include_str!("../../fixtures/wat/simd-value/import.wat");
const VECTOR: u128 = 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100;

fn mix() -> HostFunc {
    use ValType::{I32, I64, V128};
    let ty = FuncType::new(&[I32, V128, I64], &[V128, I32, V128]);
    HostFunc::untyped(ty, |_, arguments, results| {
        let [Value::I32(small), Value::V128(vector), Value::I64(large)] = *arguments else {
            panic!("arguments {arguments:?}");
        };
        results[0] = Value::V128(!vector);
        results[1] = Value::I32(small + 1);
        results[2] = Value::V128(vector ^ u128::from(large.cast_unsigned()));
        Ok(())
    })
}

fn check(bounds_check: BoundsCheck, opt_level: OptLevel) {
    let mut options = Options::new(targets::by_name("x86_64").expect("the target exists"));
    options.bounds_check = bounds_check;
    options.opt_level = opt_level;
    let wasm = wat::parse_str(FIXTURE).expect("a module");
    let output = wamrc::compile(&wasm, &options).expect("code");
    let module = Module::load(&output.bytes, &LoadOptions::default()).expect("loads");
    let mut store = Store::new();
    let mut imports = Imports::new();
    imports.func("host", "mix", mix());
    let cell = Global::new(&mut store, Value::V128(1), true);
    imports.global("host", "cell", cell);
    let instance = Instance::new(&mut store, &module, &imports).expect("links");

    let arguments = [Value::I32(6), Value::V128(VECTOR), Value::I64(-1)];
    let wanted = [
        Value::V128(!VECTOR),
        Value::I32(7),
        Value::V128(VECTOR ^ u128::from(u64::MAX)),
    ];
    let call = |store: &mut Store, name: &str, arguments: &[Value], results: &mut [Value]| {
        let func = instance.func(store, name).expect("an export");
        func.call(store, arguments, results).expect("no trap");
    };
    let mut results = wanted.map(|value| Value::zero(value.ty()));
    call(&mut store, "call", &arguments, &mut results);
    assert_eq!(results, wanted);

    // A function of another instance, reached through the table.
    let imported = instance.func(&store, "call").expect("an export");
    let other = Instance::new(&mut store, &module, &imports).expect("links");
    let table = other.table(&store, "table").expect("a table");
    let element = Value::FuncRef(Some(imported));
    table.set(&mut store, 0, element).expect("room");
    let indirect = other.func(&store, "indirect").expect("an export");
    let mut results = wanted.map(|value| Value::zero(value.ty()));
    indirect
        .call(&mut store, &arguments, &mut results)
        .expect("no trap");
    assert_eq!(results, wanted);

    call(&mut store, "set", &[Value::V128(VECTOR)], &mut []);
    assert_eq!(cell.get(&mut store), Value::V128(VECTOR));
}

#[test]
fn vectors_cross_the_border() {
    check(BoundsCheck::GuardPages, OptLevel::O3);
    check(BoundsCheck::Emit, OptLevel::O0);
}
