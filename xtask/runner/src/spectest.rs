//! The module `spectest` that the suite's scripts import from.

use aot_runtime::{
    Caller, Global, Imports, InstantiateError, Memory, MemoryType, Store, Table, TableType, Trap,
    ValType, Value,
};

/// Everything the suite defines for `spectest`, with its values.
///
/// # Errors
/// No memory for it.
pub(crate) fn spectest(store: &mut Store) -> Result<Imports, InstantiateError> {
    let mut imports = Imports::new();
    let memory = Memory::new(store, MemoryType::new(1, Some(2)))?;
    imports.memory("spectest", "memory", memory);
    #[cfg(feature = "std")]
    {
        let ty = MemoryType::new(1, Some(2)).with_shared(true);
        let memory = aot_runtime::SharedMemory::new(ty)?;
        imports.shared_memory("spectest", "shared_memory", &memory);
    }
    let ty = TableType::new(ValType::FUNCREF, 10, Some(20));
    let table = Table::new(store, ty)?;
    imports.table("spectest", "table", table);
    let table = Table::new(store, ty.with_table64(true))?;
    imports.table("spectest", "table64", table);
    for (name, value) in [
        ("global_i32", Value::I32(666)),
        ("global_i64", Value::I64(666)),
        ("global_f32", Value::F32(666.6_f32.to_bits())),
        ("global_f64", Value::F64(666.6_f64.to_bits())),
    ] {
        let global = Global::new(store, value, false);
        imports.global("spectest", name, global);
    }
    print_functions(&mut imports);
    Ok(imports)
}

/// The functions take values and drop them: what scripts check is that they
/// can be called.
fn print_functions(imports: &mut Imports) {
    imports.func(
        "spectest",
        "print",
        |_: &mut Caller<'_>| -> Result<(), Trap> { Ok(()) },
    );
    imports.func(
        "spectest",
        "print_i32",
        |_: &mut Caller<'_>, _: i32| -> Result<(), Trap> { Ok(()) },
    );
    imports.func(
        "spectest",
        "print_i64",
        |_: &mut Caller<'_>, _: i64| -> Result<(), Trap> { Ok(()) },
    );
    imports.func(
        "spectest",
        "print_f32",
        |_: &mut Caller<'_>, _: f32| -> Result<(), Trap> { Ok(()) },
    );
    imports.func(
        "spectest",
        "print_f64",
        |_: &mut Caller<'_>, _: f64| -> Result<(), Trap> { Ok(()) },
    );
    imports.func(
        "spectest",
        "print_i32_f32",
        |_: &mut Caller<'_>, _: i32, _: f32| -> Result<(), Trap> { Ok(()) },
    );
    imports.func(
        "spectest",
        "print_f64_f64",
        |_: &mut Caller<'_>, _: f64, _: f64| -> Result<(), Trap> { Ok(()) },
    );
}
