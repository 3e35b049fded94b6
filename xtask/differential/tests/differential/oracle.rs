//! The independent engine: wasmtime, with every feature on and checks in code
//! instead of by signals, which the runtime under test uses in this process.

use std::sync::LazyLock;

use aot_runtime::Value;
use wasmtime::{Config, Engine, Extern, Instance, Module, Ref, Store, Trap, Val};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config
        .wasm_tail_call(true)
        .wasm_multi_memory(true)
        .wasm_memory64(true)
        .wasm_custom_page_sizes(true)
        .wasm_wide_arithmetic(true)
        .wasm_relaxed_simd(true)
        .relaxed_simd_deterministic(true)
        .wasm_threads(true)
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_exceptions(true)
        .signals_based_traps(false)
        .memory_reservation(0)
        .async_stack_size(48 << 20)
        .max_wasm_stack(32 << 20);
    Engine::new(&config).expect("a valid configuration")
});

/// How a call or an instantiation ended, if not by returning.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Trap(Trap),
    /// An exception nobody caught.
    Exception,
}

/// A value that came back.
#[derive(Debug)]
pub(crate) enum Seen {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    Ref { null: bool },
}

/// An instance in the other engine.
pub(crate) struct Oracle {
    store: Store<()>,
    instance: Instance,
}

impl Oracle {
    /// The outer error: the engine does not take the module.
    pub(crate) fn new(wasm: &[u8]) -> Result<Result<Oracle, End>, String> {
        let module = Module::new(&ENGINE, wasm).map_err(|error| format!("oracle: {error:#}"))?;
        let mut store = Store::new(&ENGINE, ());
        match Instance::new(&mut store, &module, &[]) {
            Ok(instance) => Ok(Ok(Oracle { store, instance })),
            Err(error) => end(&mut store, &error).map(Err),
        }
    }

    /// Calls an exported function.
    pub(crate) fn call(
        &mut self,
        name: &str,
        arguments: &[Value],
        results: usize,
    ) -> Result<Vec<Seen>, End> {
        let func = self.instance.get_func(&mut self.store, name);
        let func = func.expect("both engines see the same exports");
        let types: Vec<_> = func.ty(&self.store).params().collect();
        let arguments: Vec<Val> = arguments
            .iter()
            .zip(types)
            .map(|(value, ty)| to_val(value, &ty))
            .collect();
        let mut values = vec![Val::I32(0); results];
        match func.call(&mut self.store, &arguments, &mut values) {
            Ok(()) => Ok(values.iter().map(seen).collect()),
            Err(error) => Err(end(&mut self.store, &error).unwrap_or_else(|text| panic!("{text}"))),
        }
    }

    /// The bytes of an exported memory.
    pub(crate) fn memory(&mut self, name: &str) -> &[u8] {
        let memory = self.instance.get_memory(&mut self.store, name);
        memory.map_or(&[], |memory| memory.data(&self.store))
    }

    /// The value of an exported global.
    pub(crate) fn global(&mut self, name: &str) -> Seen {
        let global = self.instance.get_global(&mut self.store, name);
        let global = global.expect("both engines see the same exports");
        seen(&global.get(&mut self.store))
    }

    /// The number of elements of an exported table.
    pub(crate) fn table_size(&mut self, name: &str) -> u64 {
        match self.instance.get_export(&mut self.store, name) {
            Some(Extern::Table(table)) => table.size(&self.store),
            _ => panic!("both engines see the same exports"),
        }
    }
}

/// What an error of the engine means; text if it is none of the program's.
fn end(store: &mut Store<()>, error: &wasmtime::Error) -> Result<End, String> {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return Ok(End::Trap(*trap));
    }
    match error.is::<wasmtime::ThrownException>() {
        true => {
            store.take_pending_exception();
            Ok(End::Exception)
        }
        false => Err(format!("oracle: {error:#}")),
    }
}

fn to_val(value: &Value, ty: &wasmtime::ValType) -> Val {
    match value {
        Value::I32(value) => Val::I32(*value),
        Value::I64(value) => Val::I64(*value),
        Value::F32(bits) => Val::F32(*bits),
        Value::F64(bits) => Val::F64(*bits),
        Value::V128(bits) => Val::V128((*bits).into()),
        _ => {
            let ty = ty.as_ref().expect("references have reference types");
            Val::from(Ref::null(ty.heap_type()))
        }
    }
}

fn seen(value: &Val) -> Seen {
    match value {
        Val::I32(value) => Seen::I32(*value),
        Val::I64(value) => Seen::I64(*value),
        Val::F32(bits) => Seen::F32(*bits),
        Val::F64(bits) => Seen::F64(*bits),
        Val::V128(bits) => Seen::V128(bits.as_u128()),
        other => Seen::Ref {
            null: other.ref_().is_none_or(|value| value.is_null()),
        },
    }
}
