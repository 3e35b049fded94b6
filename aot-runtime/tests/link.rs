//! Tables, globals and memories shared between instances and with the host.
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

use aot_format::{
    DataSegment, DeclaredLimits, ElemSegment, Export, ExportKind, Global as GlobalType,
    ImportGlobal, InitExpr, LinkImport, LinkKind, RefInfo, RefType, TableType, ValType,
};
use aot_runtime::{
    Caller, Extern, Func, Global, Imports, Instance, InstantiateError, LoadOptions, Module, Store,
    Table, Trap, TrapId, Value,
};

#[path = "support/machine.rs"]
mod machine;

const TABLE: TableType<'static> = TableType {
    elem: RefType::FUNC,
    flags: 0,
    possible_grow: true,
    nullable: 0,
    init: 4,
    max: 16,
    value: InitExpr::None,
};
const LIMITS: [DeclaredLimits; 1] = [DeclaredLimits { min: 4, max: None }];
const LINK: [LinkImport<'static>; 1] = [LinkImport {
    kind: LinkKind::Table,
    index: 0,
    module: "a",
    name: "table",
}];
/// The function `load`, behind the import and `add`.
const LOAD: [InitExpr<'static>; 1] = [InitExpr::RefFunc(2)];

fn elem(offset: u32) -> ElemSegment<'static> {
    ElemSegment {
        mode: 0,
        elem_type: 0x70,
        table: 0,
        offset: InitExpr::I32(offset),
        ref_info: RefInfo::default(),
        values: LOAD.as_slice().into(),
    }
}

fn load(bytes: &[u8]) -> Module {
    Module::load(bytes, &LoadOptions::default()).unwrap()
}

/// Exports a table with its own `load` at 0, and a global that is 5.
fn exporter() -> Module {
    load(&machine::module(|artifact| {
        artifact.tables = vec![TABLE];
        artifact.elems = vec![elem(0)];
        artifact.exports.push(Export {
            index: 0,
            kind: ExportKind::Table,
            name: "table",
        });
        artifact.globals = vec![GlobalType {
            ty: ValType::I32,
            mutable: true,
            init: InitExpr::I32(5),
        }];
        artifact.exports.push(Export {
            index: 0,
            kind: ExportKind::Global,
            name: "global",
        });
        if let Some(record) = &mut artifact.record {
            record.table_limits = LIMITS.as_slice().into();
        }
    }))
}

/// Imports both, puts its own `load` at `offset`, and has other data.
fn importer(offset: u32) -> Module {
    load(&machine::module(|artifact| {
        artifact.tables = vec![TABLE];
        artifact.elems = vec![elem(offset)];
        artifact.data = vec![DataSegment {
            passive: false,
            memory: 0,
            offset: InitExpr::I32(16),
            bytes: b"data",
        }];
        artifact.import_globals = vec![ImportGlobal {
            ty: ValType::I32,
            mutable: true,
            module: "a",
            name: "global",
        }];
        artifact.exports.push(Export {
            index: 0,
            kind: ExportKind::Global,
            name: "again",
        });
        if let Some(record) = &mut artifact.record {
            record.table_limits = LIMITS.as_slice().into();
            record.link_imports = LINK.as_slice().into();
        }
    }))
}

fn linked() -> (Store, Imports, Instance) {
    let mut imports = Imports::new();
    imports.func("env", "f", |_: &mut Caller<'_>, a: i32| a);
    let mut store = Store::new();
    let a = Instance::new(&mut store, &exporter(), &imports).unwrap();
    imports.instance("a", &store, a);
    (store, imports, a)
}

fn indirect(store: &mut Store, instance: Instance, element: i32) -> Result<i32, Trap> {
    instance
        .typed::<(i32,), i32>(store, "indirect")
        .unwrap()
        .call(store, (element,))
}

const WASM: Result<i32, Trap> = Ok(i32::from_le_bytes(*b"wasm"));
const DATA: Result<i32, Trap> = Ok(i32::from_le_bytes(*b"data"));

#[test]
fn functions_in_shared_tables_run_where_they_belong() {
    let (mut store, imports, a) = linked();
    let b = Instance::new(&mut store, &importer(1), &imports).unwrap();
    for instance in [a, b] {
        assert_eq!(indirect(&mut store, instance, 0), WASM);
        assert_eq!(indirect(&mut store, instance, 1), DATA);
        assert_eq!(
            indirect(&mut store, instance, 2),
            Err(Trap::Wasm(TrapId::UninitializedElement))
        );
        assert_eq!(
            indirect(&mut store, instance, 4),
            Err(Trap::Wasm(TrapId::UndefinedElement))
        );
    }
    let table = a.table(&store, "table").unwrap();
    let host = Func::wrap(&mut store, |_: &mut Caller<'_>, a: i32| a * 2);
    assert_eq!(
        table.grow(&mut store, 1, Value::FuncRef(Some(host))),
        Ok(Some(4))
    );
    assert_eq!(indirect(&mut store, b, 4), Ok(32));
    assert_eq!(table.get(&mut store, 4), Some(Value::FuncRef(Some(host))));
    assert_eq!(table.grow(&mut store, 100, Value::FuncRef(None)), Ok(None));
    table.set(&mut store, 0, Value::FuncRef(None)).unwrap();
    assert_eq!(
        indirect(&mut store, b, 0),
        Err(Trap::Wasm(TrapId::UninitializedElement))
    );
    assert!(table.set(&mut store, 5, Value::FuncRef(None)).is_err());
    assert!(table.set(&mut store, 0, Value::ExternRef(None)).is_err());
}

#[test]
fn a_failing_segment_leaves_earlier_writes() {
    let (mut store, imports, a) = linked();
    let failed = Instance::new(&mut store, &importer(4), &imports);
    assert_eq!(
        failed,
        Err(InstantiateError::Trap(Trap::Wasm(
            TrapId::OutOfBoundsTableAccess
        )))
    );
    let two = load(&machine::module(|artifact| {
        artifact.tables = vec![TABLE];
        artifact.elems = vec![elem(3), elem(9)];
        if let Some(record) = &mut artifact.record {
            record.table_limits = LIMITS.as_slice().into();
            record.link_imports = LINK.as_slice().into();
        }
    }));
    assert!(Instance::new(&mut store, &two, &imports).is_err());
    // The function that was written runs in the instance that failed, whose
    // data segment was never applied.
    assert_eq!(indirect(&mut store, a, 3), Ok(0));
}

#[test]
fn globals_are_shared_by_their_cell() {
    let (mut store, imports, a) = linked();
    let b = Instance::new(&mut store, &importer(1), &imports).unwrap();
    let (theirs, ours) = (
        a.global(&store, "global").unwrap(),
        b.global(&store, "again").unwrap(),
    );
    assert_eq!(ours.get(&mut store), Value::I32(5));
    ours.set(&mut store, Value::I32(6)).unwrap();
    assert_eq!(theirs.get(&mut store), Value::I32(6));
    assert_eq!(a.export(&store, "global"), b.export(&store, "again"));
}

#[test]
fn imports_that_do_not_fit_are_refused_with_both_types() {
    let (mut store, imports, _) = linked();
    let mut refused = |change: &dyn Fn(&mut Store, &mut Imports)| {
        let mut imports = imports.clone();
        change(&mut store, &mut imports);
        Instance::new(&mut store, &importer(1), &imports)
            .unwrap_err()
            .to_string()
    };
    let small = refused(&|store, imports| {
        let table = Table::new(
            store,
            aot_runtime::TableType::new(ValType::FUNCREF, 3, None),
        )
        .unwrap();
        imports.table("a", "table", table);
    });
    assert_eq!(
        small,
        "incompatible import type of a.table: table of 3.. funcref given, table of 4.. funcref needed"
    );
    let large = refused(&|store, imports| {
        let table = Table::new(
            store,
            aot_runtime::TableType::new(ValType::FUNCREF, 17, None),
        )
        .unwrap();
        imports.table("a", "table", table);
    });
    assert_eq!(large, "table of 17 elements where there is room for 16");
    let constant = refused(&|store, imports| {
        let global = Global::new(store, Value::I32(1), false);
        imports.define("a", "global", Extern::Global(global));
    });
    assert_eq!(
        constant,
        "incompatible import type of a.global: global i32 given, mutable global i32 needed"
    );
}

#[test]
fn a_host_table_serves_instances() {
    let mut imports = Imports::new();
    imports.func("env", "f", |_: &mut Caller<'_>, a: i32| a);
    let mut store = Store::new();
    let table = Table::new(
        &mut store,
        aot_runtime::TableType::new(ValType::FUNCREF, 4, None),
    )
    .unwrap();
    let global = Global::new(&mut store, Value::I32(1), true);
    imports
        .table("a", "table", table)
        .global("a", "global", global);
    let b = Instance::new(&mut store, &importer(2), &imports).unwrap();
    let c = Instance::new(&mut store, &importer(3), &imports).unwrap();
    assert_eq!(indirect(&mut store, b, 3), DATA);
    assert_eq!(indirect(&mut store, c, 2), DATA);
    let Some(Value::FuncRef(Some(load))) = table.get(&mut store, 2) else {
        panic!("no function")
    };
    assert_eq!(Some(load), b.func(&store, "load"));
}
