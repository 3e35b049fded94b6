//! Modules with and without garbage collection in one store: functions, keys of the host and objects pass through
//! calls, tables and globals of the other kind and come back as what they were, with a collection at every allocation.

use aot_runtime::{
    AnyRef, Caller, Imports, Instance, LoadOptions, Module, RefKind, Store, StoreOptions, Table,
    TableType, ValType, Value,
};
use wamrc::Options;

/// References are indices and keys.
const PLAIN: &str = r#"(module
  (table (export "table") 4 funcref)
  (table $keys (export "keys") 4 externref)
  (global (export "func") (mut funcref) (ref.null func))
  (global (export "key") (mut externref) (ref.null extern))
  (type $answer (func (result i32)))
  (func $seven (export "seven") (result i32) (i32.const 7))
  (elem (i32.const 0) $seven)
  (func (export "call") (param i32) (result i32) (call_indirect (type $answer) (local.get 0)))
  (func (export "same") (param externref) (result externref) (local.get 0))
  (func (export "same_func") (param funcref) (result funcref) (local.get 0))
  (func (export "keep") (param i32 externref) (table.set $keys (local.get 0) (local.get 1)))
  (func (export "kept") (param i32) (result externref) (table.get $keys (local.get 0))))"#;

/// References are objects.
const OBJECTS: &str = r#"(module
  (type $answer (func (result i32)))
  (type $box (struct (field (mut i32))))
  (import "plain" "table" (table 4 funcref))
  (import "plain" "keys" (table $keys 4 externref))
  (import "plain" "func" (global $func (mut funcref)))
  (import "plain" "key" (global $key (mut externref)))
  (import "plain" "same" (func $same (param externref) (result externref)))
  (import "plain" "same_func" (func $same_func (param funcref) (result funcref)))
  (import "plain" "keep" (func $keep (param i32 externref)))
  (import "plain" "kept" (func $kept (param i32) (result externref)))
  (import "plain" "seven" (func $seven (result i32)))
  (import "host" "call" (func $host (param (ref null $answer) anyref) (result anyref)))
  (func $eight (result i32) (i32.const 8))
  (elem declare func $eight $seven $host)
  (func $box (param i32) (result anyref) (struct.new $box (local.get 0)))
  (func $unbox (param anyref) (result i32) (struct.get $box 0 (ref.cast (ref $box) (local.get 0))))
  (func (export "call_theirs") (param i32) (result i32)
    (call_ref $answer (ref.cast (ref $answer) (table.get 0 (local.get 0)))))
  (func (export "indirect") (param i32) (result i32) (call_indirect (type $answer) (local.get 0)))
  (func (export "give") (table.set 0 (i32.const 1) (ref.func $eight)))
  (func (export "give_global") (global.set $func (call $same_func (ref.func $eight))))
  (func (export "call_global") (result i32)
    (call_ref $answer (ref.cast (ref $answer) (global.get $func))))
  (func (export "through") (param i32) (result i32)
    (call $unbox (any.convert_extern (call $same (extern.convert_any (call $box (local.get 0)))))))
  (func (export "through_table") (param i32) (result i32)
    (call $keep (i32.const 2) (extern.convert_any (call $box (local.get 0))))
    (drop (call $box (i32.const 0)))
    (call $unbox (any.convert_extern (table.get $keys (i32.const 2)))))
  (func (export "through_global") (param i32) (result i32)
    (global.set $key (extern.convert_any (call $box (local.get 0))))
    (drop (call $box (i32.const 0)))
    (call $unbox (any.convert_extern (global.get $key))))
  (func (export "key") (param externref) (result externref)
    (table.set $keys (i32.const 3) (local.get 0))
    (call $same (call $kept (i32.const 3))))
  (func (export "host") (param i32) (result i32)
    (call $unbox (call $host (ref.func $seven) (call $box (local.get 0)))))
  (func (export "any") (param i32) (result anyref) (call $box (local.get 0))))"#;

fn module(text: &str) -> Module {
    let wasm = wat::parse_str(text).unwrap();
    let options = Options::new(targets::by_name("x86_64").unwrap());
    let file = wamrc::compile(&wasm, &options).unwrap();
    Module::load(&file.bytes, &LoadOptions::default()).unwrap()
}

fn setup() -> (Store, Instance, Instance) {
    let options = StoreOptions {
        gc_stress: true,
        ..StoreOptions::default()
    };
    let mut store = Store::with_options(LoadOptions::default().platform, &options);
    let plain = Instance::new(&mut store, &module(PLAIN), &Imports::new()).unwrap();
    let mut imports = Imports::new();
    imports.instance("plain", &store, plain);
    let objects = module(OBJECTS);
    // The type of the import has a concrete type of the store's: it is made by matching against a function that has it.
    let answer = plain.func(&store, "seven").unwrap();
    let ty = answer.ref_type(&store, true);
    let ty = aot_runtime::FuncType::new(&[ty, ValType::ANYREF], &[ValType::ANYREF]);
    let host = aot_runtime::HostFunc::untyped(ty, |caller: &mut Caller<'_>, params, results| {
        let Value::FuncRef(Some(function)) = params[0] else {
            panic!("a function, not {:?}", params[0]);
        };
        let mut answer = [Value::I32(0)];
        function.call(caller.store_mut(), &[], &mut answer)?;
        assert_eq!(answer, [Value::I32(7)]);
        caller.store_mut().collect_garbage();
        results[0] = params[1];
        Ok(())
    });
    imports.func("host", "call", host);
    let objects = Instance::new(&mut store, &objects, &imports).unwrap();
    (store, plain, objects)
}

fn call(store: &mut Store, instance: Instance, name: &str, params: &[Value]) -> Value {
    let function = instance.func(store, name).unwrap();
    let mut results = vec![Value::I32(0); function.ty(store).results().len()];
    let done = function.call(store, params, &mut results);
    done.unwrap_or_else(|trap| panic!("{name}: {trap}"));
    results.first().copied().unwrap_or(Value::I32(-1))
}

#[test]
fn functions_pass_both_ways() {
    let (mut store, plain, objects) = setup();
    let store = &mut store;
    assert_eq!(
        call(store, objects, "call_theirs", &[Value::I32(0)]),
        Value::I32(7)
    );
    assert_eq!(
        call(store, objects, "indirect", &[Value::I32(0)]),
        Value::I32(7)
    );
    call(store, objects, "give", &[]);
    assert_eq!(call(store, plain, "call", &[Value::I32(1)]), Value::I32(8));
    assert_eq!(
        call(store, objects, "indirect", &[Value::I32(1)]),
        Value::I32(8)
    );
    call(store, objects, "give_global", &[]);
    assert_eq!(call(store, objects, "call_global", &[]), Value::I32(8));
    assert_eq!(
        call(store, objects, "host", &[Value::I32(5)]),
        Value::I32(5)
    );
}

#[test]
fn objects_pass_through_instances_that_only_know_keys() {
    let (mut store, _, objects) = setup();
    for name in ["through", "through_table", "through_global"] {
        assert_eq!(
            call(&mut store, objects, name, &[Value::I32(42)]),
            Value::I32(42),
            "{name}"
        );
    }
}

#[test]
fn keys_of_the_host_survive() {
    let (mut store, plain, objects) = setup();
    for key in [0, 1, 2, 0x7FFF_FFFF] {
        let value = Value::ExternRef(Some(key));
        assert_eq!(call(&mut store, objects, "key", &[value]), value);
        assert_eq!(call(&mut store, plain, "kept", &[Value::I32(3)]), value);
    }
    let null = Value::ExternRef(None);
    assert_eq!(call(&mut store, objects, "key", &[null]), null);
}

#[test]
fn the_host_keeps_objects_alive() {
    let (mut store, _, objects) = setup();
    let Value::AnyRef(Some(object)) = call(&mut store, objects, "any", &[Value::I32(3)]) else {
        panic!("an object");
    };
    assert_eq!(object.kind(&store), RefKind::Struct);
    let table = Table::new(&mut store, TableType::new(ValType::ANYREF, 1, None)).unwrap();
    table
        .set(&mut store, 0, Value::AnyRef(Some(object)))
        .unwrap();
    let host = AnyRef::host(&mut store, 9).unwrap();
    store.collect_garbage();
    let Some(Value::AnyRef(Some(again))) = table.get(&mut store, 0) else {
        panic!("an object");
    };
    assert!(again.same(&store, &object) && !again.same(&store, &host));
    assert!(table.set(&mut store, 0, Value::I32(1)).is_err());
    assert!(table.set(&mut store, 0, Value::FuncRef(None)).is_err());
}
