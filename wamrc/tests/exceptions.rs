//! Exceptions across borders: thrown by the host and caught by code, let through to the host, between
//! instances, under a collection at every allocation. What code does with them on its own is in fixtures.

use aot_runtime::platform::hosted;
use aot_runtime::{
    Exception, Imports, Instance, LoadOptions, Module, Store, StoreOptions, Tag, Trap, ValType,
    Value,
};
use wamrc::Options;
use wamrc::options::{BoundsCheck, StackCheck};

const MODES: [(BoundsCheck, StackCheck); 3] = [
    (BoundsCheck::GuardPages, StackCheck::GuardPage),
    (BoundsCheck::GuardPages, StackCheck::Emit),
    (BoundsCheck::Emit, StackCheck::GuardPage),
];

fn module(text: &str, (bounds, stack): (BoundsCheck, StackCheck)) -> Module {
    let wasm = wat::parse_str(text).expect("valid text");
    let mut options = Options::new(&targets::X86_64);
    options.bounds_check = bounds;
    options.stack_check = stack;
    let output = wamrc::compile(&wasm, &options).expect("compiles");
    Module::load(&output.bytes, &LoadOptions::default()).expect("loads")
}

fn stressed() -> Store {
    let options = StoreOptions {
        gc_stress: true,
        ..StoreOptions::default()
    };
    Store::with_options(hosted().expect("a hosted platform"), &options)
}

fn call(
    store: &mut Store,
    instance: Instance,
    name: &str,
    params: &[Value],
) -> Result<Value, Trap> {
    let func = instance.func(store, name).expect("an exported function");
    let mut results = [Value::I32(0)];
    func.call(store, params, &mut results)?;
    Ok(results[0])
}

const CATCHER: &str = r#"(module
    (import "host" "tag" (tag $e (param i32 funcref i64)))
    (import "host" "act" (func $act (param i32)))
    (elem declare func $seven)
    (func $seven (result i32) (i32.const 7))
    (func (export "catch") (param i32) (result i32)
        (local $f funcref)
        (block $h (result i32 funcref i64)
            (try_table (catch $e $h) (call $act (local.get 0)))
            (return (i32.const -1)))
        (drop)
        (local.set $f)
        (i32.add (ref.is_null (local.get $f))))
    (func (export "through") (param i32) (result i32)
        (call $act (local.get 0)) (i32.const 1))
    (func (export "throw") (param i32)
        (throw $e (local.get 0) (ref.func $seven) (i64.const 5))))"#;

/// A module that only throws has no code that looks for exceptions.
const THROWER: &str = r#"(module
    (import "host" "tag" (tag $e (param i32 funcref i64)))
    (elem declare func $throw)
    (func $throw (export "throw") (param i32)
        (throw $e (local.get 0) (ref.func $throw) (i64.const 5))))"#;

#[test]
fn the_host_throws_and_catches() {
    for mode in MODES {
        let mut store = stressed();
        let tag = Tag::new(&mut store, &[ValType::I32, ValType::FUNCREF, ValType::I64]);
        let mut imports = Imports::new();
        imports.tag("host", "tag", tag);
        imports.func(
            "host",
            "act",
            move |caller: &mut aot_runtime::Caller<'_>, what: i32| {
                let values = [Value::I32(what), Value::FuncRef(None), Value::I64(1)];
                let exception = Exception::new(caller.store(), tag, &values);
                match what {
                    0 => Ok(()),
                    _ => Err(Trap::from(exception.expect("values of the tag's types"))),
                }
            },
        );
        let catcher = module(CATCHER, mode);
        let instance = Instance::new(&mut store, &catcher, &imports).expect("an instance");
        let caught = |store: &mut Store, what| {
            call(store, instance, "catch", &[Value::I32(what)]).expect("no trap")
        };
        assert_eq!(caught(&mut store, 0), Value::I32(-1), "{mode:?}");
        assert_eq!(caught(&mut store, 41), Value::I32(42), "{mode:?}");
        let Err(Trap::Exception(exception)) =
            call(&mut store, instance, "through", &[Value::I32(3)])
        else {
            panic!("an exception is expected ({mode:?})");
        };
        assert_eq!(exception.tag(), tag);
        assert_eq!(exception.values()[0], Value::I32(3));
        let text = exception.to_string();
        assert_eq!(text, "uncaught wasm exception(i32 3, funcref, i64 1)");
        assert!(Exception::new(&store, tag, &[Value::I32(1)]).is_none());
    }
}

#[test]
fn exceptions_cross_instances() {
    for mode in MODES {
        let mut store = stressed();
        let tag = Tag::new(&mut store, &[ValType::I32, ValType::FUNCREF, ValType::I64]);
        let mut imports = Imports::new();
        imports.tag("host", "tag", tag);
        let thrower = module(THROWER, mode);
        let thrower = Instance::new(&mut store, &thrower, &imports).expect("an instance");
        let throw = thrower.func(&store, "throw").expect("a function");
        imports.define("host", "act", aot_runtime::Extern::Func(throw));
        let catcher = module(CATCHER, mode);
        let catcher = Instance::new(&mut store, &catcher, &imports).expect("an instance");
        // The reference to the function of the other instance is not null.
        let caught = call(&mut store, catcher, "catch", &[Value::I32(20)]);
        assert_eq!(caught.expect("no trap"), Value::I32(20), "{mode:?}");
        let through = call(&mut store, catcher, "through", &[Value::I32(1)]);
        assert!(matches!(through, Err(Trap::Exception(_))), "{mode:?}");
    }
}

#[test]
fn tags_are_linked_by_type() {
    let mut store = stressed();
    let tag = Tag::new(&mut store, &[ValType::I32]);
    let mut imports = Imports::new();
    imports.tag("host", "tag", tag);
    let thrower = module(THROWER, MODES[0]);
    let error = Instance::new(&mut store, &thrower, &imports).expect_err("another type");
    assert!(
        error.to_string().starts_with("incompatible import type"),
        "{error}"
    );
}

/// References to exceptions, and exceptions that handlers keep, survive collections.
#[test]
fn exceptions_survive_collections() {
    let text = r#"(module
        (tag $e (param i32)) (tag $f (param i32))
        (global $kept (mut exnref) (ref.null exn))
        (func $throw (param i32) (throw $e (local.get 0)))
        (func $churn (param i32)
            (block $h (result i32) (try_table (catch $f $h) (call $other (local.get 0))) (return))
            (drop))
        (func $other (param i32) (throw $f (local.get 0)))
        (func $take (param i32) (result exnref)
            (block $h (result exnref)
                (try_table (catch_all_ref $h) (call $throw (local.get 0)))
                (unreachable)))
        (func (export "operand") (param i32) (result i32)
            (block $h (result i32)
                (try_table (catch $e $h)
                    (call $take (local.get 0)) (call $churn (i32.const 1)) (throw_ref))
                (unreachable)))
        (func (export "local") (param i32) (result i32)
            (local $x exnref) (local $i i32)
            (loop $again
                (call $churn (i32.const 2))
                (if (i32.eqz (local.get $i)) (then (local.set $x (call $take (local.get 0)))))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 3))))
            (block $h (result i32)
                (try_table (catch $e $h) (throw_ref (local.get $x)))
                (unreachable)))
        (func (export "global") (param i32) (result i32)
            (global.set $kept (call $take (local.get 0)))
            (call $churn (i32.const 3))
            (block $h (result i32)
                (try_table (catch $e $h) (throw_ref (global.get $kept)))
                (unreachable)))
        (func (export "held") (param i32) (result i32)
            try (result i32)
                try
                    (call $throw (local.get 0))
                catch_all
                    (call $churn (i32.const 4))
                    rethrow 0
                end
                unreachable
            catch $e
            end))"#;
    for mode in MODES {
        let mut store = stressed();
        let module = module(text, mode);
        let instance = Instance::new(&mut store, &module, &Imports::new()).expect("an instance");
        for name in ["operand", "local", "global", "held"] {
            let answer = call(&mut store, instance, name, &[Value::I32(77)]);
            assert_eq!(answer.expect("no trap"), Value::I32(77), "{name} {mode:?}");
        }
    }
}
