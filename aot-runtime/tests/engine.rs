//! Calls, traps, panics, nesting and threads, over hand-assembled code.
#![cfg(all(
    feature = "std",
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64"
    )
))]

use std::panic::{AssertUnwindSafe, catch_unwind};

use aot_runtime::{Caller, Imports, Instance, LoadOptions, Module, Store, Trap, TrapId, Value};

#[path = "support/machine.rs"]
mod machine;

fn load() -> Module {
    Module::load(&machine::module(|_| ()), &LoadOptions::default()).unwrap()
}

/// An instance whose import is the given closure.
fn instantiate(
    f: impl Fn(&mut Caller<'_>, i32) -> Result<i32, Trap> + Send + Sync + 'static,
) -> (Store, Instance) {
    let mut imports = Imports::new();
    imports.func("env", "f", f);
    let mut store = Store::new();
    let instance = Instance::new(&mut store, &load(), &imports).unwrap();
    (store, instance)
}

/// Calls an `(i32) -> i32` export.
fn call(store: &mut Store, instance: Instance, name: &str, argument: i32) -> Result<i32, Trap> {
    instance
        .typed::<(i32,), i32>(store, name)
        .unwrap()
        .call(store, (argument,))
}

const OUT_OF_BOUNDS: Trap = Trap::Wasm(TrapId::OutOfBoundsMemoryAccess);
const OVERFLOW: Trap = Trap::Wasm(TrapId::NativeStackOverflow);

#[test]
fn typed_and_untyped_calls_agree() {
    let (mut store, instance) = instantiate(|_, a| Ok(a));
    let add = instance.typed::<(i32, i32), i32>(&store, "add").unwrap();
    assert_eq!(add.call(&mut store, (40, 2)), Ok(42));
    let mut results = [Value::I32(0)];
    let untyped = instance.func(&store, "add").unwrap();
    untyped
        .call(&mut store, &[Value::I32(-1), Value::I32(-2)], &mut results)
        .unwrap();
    assert_eq!(results, [Value::I32(-3)]);
    assert!(
        untyped
            .call(&mut store, &[Value::I64(1), Value::I32(2)], &mut results)
            .is_err()
    );
    assert!(instance.typed::<(i64,), i32>(&store, "add").is_err());
    assert!(instance.typed::<(), ()>(&store, "nothing").is_err());
}

#[test]
fn accesses_outside_memory_trap_and_the_instance_lives_on() {
    let (mut store, instance) = instantiate(|_, a| Ok(a));
    let wasm = i32::from_le_bytes(*b"wasm");
    for address in [65536, -1, 65533, i32::MAX] {
        assert_eq!(
            call(&mut store, instance, "load", address),
            Err(OUT_OF_BOUNDS),
            "{address}"
        );
        assert_eq!(call(&mut store, instance, "load", 16), Ok(wasm));
    }
    assert_eq!(call(&mut store, instance, "load", 65532), Ok(0));
    let memory = instance.memory(&store, "memory").unwrap();
    assert_eq!(memory.grow(&mut store, 2), None);
    assert_eq!(memory.grow(&mut store, 1), Some(1));
    assert_eq!(memory.size(&store), 2);
    memory.data_mut(&mut store)[131_068..].copy_from_slice(&7_i32.to_le_bytes());
    assert_eq!(call(&mut store, instance, "load", 131_068), Ok(7));
}

#[test]
fn compiled_code_raises_traps_by_number() {
    let (mut store, instance) = instantiate(|_, a| Ok(a));
    for &id in TrapId::ALL {
        let number = i32::try_from(id.number()).unwrap();
        assert_eq!(
            call(&mut store, instance, "trap", number),
            Err(Trap::Wasm(id))
        );
    }
    assert_eq!(
        Trap::Wasm(TrapId::IntegerOverflow).to_string(),
        "integer overflow"
    );
}

#[test]
fn unbounded_recursion_traps_on_any_thread() {
    for stack in [256 << 10, 8 << 20] {
        let work = || {
            let (mut store, instance) = instantiate(|_, a| Ok(a));
            let recurse = instance.typed::<(), ()>(&store, "recurse").unwrap();
            for _ in 0..3 {
                assert_eq!(recurse.call(&mut store, ()), Err(OVERFLOW));
            }
            assert_eq!(call(&mut store, instance, "call", 1), Ok(1));
        };
        std::thread::Builder::new()
            .stack_size(stack)
            .spawn(work)
            .unwrap()
            .join()
            .unwrap();
    }
}

#[test]
fn host_functions_return_refuse_and_panic() {
    let (mut store, instance) = instantiate(|_, a| match a {
        1 => Err(Trap::host("no")),
        2 => Err(Trap::Exit(3)),
        3 => panic!("host"),
        _ => Ok(a + 1),
    });
    assert_eq!(call(&mut store, instance, "call", 41), Ok(42));
    assert_eq!(call(&mut store, instance, "call", 1), Err(Trap::host("no")));
    assert_eq!(call(&mut store, instance, "call", 2), Err(Trap::Exit(3)));
    let panic =
        catch_unwind(AssertUnwindSafe(|| call(&mut store, instance, "call", 3))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"host"));
    assert_eq!(call(&mut store, instance, "call", 41), Ok(42));
}

#[test]
fn host_functions_see_memory_and_call_back() {
    let (mut store, instance) = instantiate(|caller, a| {
        assert_eq!(&caller.memory().unwrap()[16..20], b"wasm");
        let instance = caller.instance().unwrap();
        if a > 0 {
            let deeper = call(caller.store_mut(), instance, "call", a - 1)?;
            return Ok(deeper + 1);
        }
        // A trap of a nested call is an ordinary error here.
        assert_eq!(
            call(caller.store_mut(), instance, "load", -1),
            Err(OUT_OF_BOUNDS)
        );
        assert_eq!(call(caller.store_mut(), instance, "load", 20), Ok(0));
        Ok(0)
    });
    assert_eq!(call(&mut store, instance, "call", 20), Ok(20));
}

#[test]
fn traps_and_panics_pass_through_nested_calls() {
    let (mut store, instance) = instantiate(|caller, a| {
        let instance = caller.instance().unwrap();
        match a {
            0 => call(caller.store_mut(), instance, "trap", 9),
            100 => panic!("deep"),
            _ => call(caller.store_mut(), instance, "call", a - 1),
        }
    });
    assert_eq!(
        call(&mut store, instance, "call", 10),
        Err(Trap::Wasm(TrapId::UninitializedElement))
    );
    let panic =
        catch_unwind(AssertUnwindSafe(|| call(&mut store, instance, "call", 105))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"deep"));
    assert_eq!(
        call(&mut store, instance, "call", 0),
        Err(Trap::Wasm(TrapId::UninitializedElement))
    );
}

#[test]
fn unbounded_nesting_of_host_and_wasm_traps() {
    let (mut store, instance) = instantiate(|caller, a| {
        let instance = caller.instance().unwrap();
        call(caller.store_mut(), instance, "call", a)
    });
    assert_eq!(call(&mut store, instance, "call", 0), Err(OVERFLOW));
    assert_eq!(call(&mut store, instance, "load", 0), Ok(0));
}

#[test]
fn a_store_exchanged_during_a_call_stays_usable() {
    let (mut store, instance) = instantiate(|caller, a| {
        drop(std::mem::replace(caller.store_mut(), Store::new()));
        Ok(a)
    });
    // The call itself may end either way; what counts is that nothing it uses is gone.
    let outcome = call(&mut store, instance, "call", 5);
    assert!(matches!(outcome, Ok(5) | Err(_)));
}

#[test]
fn instances_on_threads_do_not_disturb_each_other() {
    let module = load();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let module = &module;
            scope.spawn(move || {
                let mut imports = Imports::new();
                imports.func("env", "f", move |_: &mut Caller<'_>, a: i32| a + number);
                let mut store = Store::new();
                let instances =
                    [(); 3].map(|()| Instance::new(&mut store, module, &imports).unwrap());
                for round in 0..200 {
                    for instance in instances {
                        assert_eq!(
                            call(&mut store, instance, "call", round),
                            Ok(round + number)
                        );
                        assert_eq!(
                            call(&mut store, instance, "load", 65536 + round),
                            Err(OUT_OF_BOUNDS)
                        );
                        assert_eq!(
                            call(&mut store, instance, "trap", 4),
                            Err(Trap::Wasm(TrapId::IntegerDivideByZero))
                        );
                    }
                }
            });
        }
    });
}

#[test]
fn a_store_may_move_to_another_thread() {
    let (mut store, instance) = instantiate(|_, a| Ok(a));
    assert_eq!(call(&mut store, instance, "call", 1), Ok(1));
    let outcome = std::thread::spawn(move || call(&mut store, instance, "load", -4))
        .join()
        .unwrap();
    assert_eq!(outcome, Err(OUT_OF_BOUNDS));
}

#[test]
fn no_page_is_writable_and_executable() {
    let (mut store, instance) = instantiate(|_, a| Ok(a));
    assert_eq!(call(&mut store, instance, "call", 1), Ok(1));
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let both: Vec<&str> = maps
        .lines()
        .filter(|line| line.split(' ').nth(1).is_some_and(|p| p.starts_with("rwx")))
        .collect();
    assert_eq!(both, [""; 0]);
    assert!(
        maps.lines()
            .any(|line| line.contains(" r-xp ") && line.split_whitespace().count() == 5),
        "code is mapped anonymously"
    );
}
