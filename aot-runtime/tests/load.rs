//! What is refused, and with which words.
#![cfg(all(feature = "std", unix, target_arch = "x86_64"))]

use std::ptr::NonNull;

use aot_format::Relies;
use aot_runtime::platform::{Access, Capabilities, Placement, Platform};
use aot_runtime::{Imports, Instance, LoadOptions, MemoryType, Module, Store};

#[path = "support/machine.rs"]
mod machine;

/// A machine without memory protection.
struct Bare;

// SAFETY: never asked for memory: everything here fails before.
unsafe impl Platform for Bare {
    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE
    }
    fn page_bytes(&self) -> usize {
        32
    }
    fn reserve(&self, _bytes: usize, _placement: Placement) -> Option<NonNull<u8>> {
        None
    }
    fn protect(&self, _at: NonNull<u8>, _bytes: usize, _access: Access) -> bool {
        true
    }
    fn release(&self, _at: NonNull<u8>, _bytes: usize) {}
    fn sync_code(&self, _at: NonNull<u8>, _bytes: usize) {}
}

const BARE: LoadOptions = LoadOptions {
    platform: &Bare,
    trust_stock_checked: false,
};

/// The error of loading the changed module.
fn error(options: &LoadOptions, change: impl FnOnce(&mut aot_format::Artifact<'_>)) -> String {
    match Module::load(&machine::module(change), options) {
        Ok(_) => "loaded".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_platform_without_guard_pages_refuses_by_reason() {
    assert_eq!(
        error(&BARE, |_| ()),
        "the file relies on guard pages behind its memories instead of bounds checks in its code, \
         which this platform does not have"
    );
    let relying = |relies| {
        error(&BARE, |artifact| {
            if let Some(record) = &mut artifact.record {
                record.relies = relies;
            }
        })
    };
    assert!(relying(Relies::UNWINDING_TRAPS).contains("do not return after a trap"));
    assert!(relying(Relies::STACK_GUARD).contains("below the native stack"));
    assert!(relying(Relies(1 << 20)).contains("unknown (bits 0x100000)"));
    assert!(
        relying(Relies::NONE).contains("no executable memory"),
        "{}",
        relying(Relies::NONE)
    );
}

#[test]
fn stock_files_need_trust_without_guard_pages() {
    let stock = |artifact: &mut aot_format::Artifact<'_>| artifact.record = None;
    assert!(error(&BARE, stock).contains("does not say whether it relies on guard pages"));
    let trusting = LoadOptions {
        trust_stock_checked: true,
        ..BARE
    };
    assert!(error(&trusting, stock).contains("no executable memory"));
    assert_eq!(error(&LoadOptions::default(), stock), "loaded");
}

#[test]
fn unknown_bits_machines_and_symbols_are_named() {
    let hosted = LoadOptions::default();
    let unknown = error(&hosted, |artifact| {
        if let Some(record) = &mut artifact.record {
            record.relies |= Relies(1 << 31);
        }
    });
    assert!(unknown.contains("unknown (bits 0x80000000)"), "{unknown}");
    let machine = error(&hosted, |artifact| {
        artifact.target.e_machine = 243;
        artifact.target.arch = aot_format::ArchName::new("riscv64").unwrap();
    });
    assert_eq!(machine, "the file is for riscv64, this machine is x86_64");
    let reloc = |kind, symbol, offset| {
        error(&hosted, |artifact| {
            let relocs = Box::leak(Box::new([aot_format::Reloc {
                offset,
                addend: -4,
                kind,
                symbol,
            }]));
            artifact.relocations = vec![aot_format::RelocGroup {
                section: ".rela.text",
                relocs: relocs.as_slice().into(),
            }];
        })
    };
    assert_eq!(reloc(4, "memcmp", 1), "unknown symbol memcmp in .rela.text");
    assert_eq!(
        reloc(77, "memset", 1),
        "unknown relocation 77 against memset in .rela.text"
    );
    let outside = reloc(4, "memset", machine_text_bytes() - 1);
    assert!(
        outside.starts_with(
            "relocation R_X86_64_PLT32 against memset in .rela.text: field of 4 bytes"
        ),
        "{outside}"
    );
    let far = reloc(2, "memset", 1);
    assert!(
        far.contains("loaded") || far.contains("R_X86_64_PC32 against memset"),
        "{far}"
    );
}

fn machine_text_bytes() -> u64 {
    let mut bytes = 0;
    machine::module(|artifact| bytes = artifact.text.len() as u64);
    bytes
}

/// With the host's leave a module runs although nobody provides a function; calling that is a trap.
#[test]
fn unknown_functions_can_trap() {
    let module = Module::load(&machine::module(|_| ()), &LoadOptions::default()).unwrap();
    let mut store = Store::new();
    let mut imports = Imports::new();
    imports.trap_unknown_functions();
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let import = instance.func(&store, "call").unwrap();
    let mut results = [aot_runtime::Value::I32(0)];
    let called = import.call(&mut store, &[aot_runtime::Value::I32(1)], &mut results);
    let message = "failed to call unlinked import function (env, f)";
    assert_eq!(called, Err(aot_runtime::Trap::host(message)));
    // What is defined still has to fit.
    imports.func("env", "f", |_: &mut aot_runtime::Caller<'_>, _: i64| ());
    assert!(Instance::new(&mut store, &module, &imports).is_err());
}

#[test]
fn imports_are_matched_by_name_and_type() {
    let module = Module::load(&machine::module(|_| ()), &LoadOptions::default()).unwrap();
    let mut store = Store::new();
    let mut imports = Imports::new();
    let fail = |store: &mut Store, imports: &Imports| {
        Instance::new(store, &module, imports)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fail(&mut store, &imports),
        "unknown import env.f: function (i32) -> (i32) needed"
    );
    imports.func("env", "f", |_: &mut aot_runtime::Caller<'_>, _: i64| ());
    assert_eq!(
        fail(&mut store, &imports),
        "incompatible import type of env.f: function (i64) -> () given, function (i32) -> (i32) needed"
    );
    let memory = aot_runtime::Memory::new(&mut store, MemoryType::new(1, Some(2))).unwrap();
    imports.memory("env", "f", memory);
    assert!(fail(&mut store, &imports).contains("memory of 1..2 pages given"));
}

#[test]
fn every_flipped_byte_loads_or_fails_in_order() {
    let good = machine::module(|_| ());
    for at in 0..good.len() {
        for mask in [0xFF, 1, 0x80] {
            let mut bytes = good.clone();
            bytes[at] ^= mask;
            let _ = Module::load(&bytes, &LoadOptions::default());
        }
    }
    for length in 0..good.len() {
        // Cut between custom sections, what is left is a whole file again.
        let _ = Module::load(&good[..length], &LoadOptions::default());
    }
}

#[test]
fn impossible_declarations_of_objects_are_refused() {
    use aot_format::{
        Construct, ConstructOp, FeatureFlags, FieldType, Fields, Global, HeapType, InitExpr,
        RefType, StorageType, SubType, TypeDef, ValType,
    };
    const FIELD: [FieldType; 1] = [FieldType {
        mutable: true,
        storage: StorageType::Val(ValType::ANYREF),
    }];
    let below = |parent, def| SubType {
        is_final: false,
        parent,
        ..SubType::alone(def)
    };
    let structure = TypeDef::Struct(Fields::new(&FIELD));
    let load = |types: &[SubType<'static>], globals: &[Global<'static>]| {
        error(&LoadOptions::default(), |artifact| {
            artifact.target.features |= FeatureFlags::GARBAGE_COLLECTION;
            if let Some(record) = &mut artifact.record {
                record.relies |= Relies::GARBAGE_COLLECTION;
            }
            artifact.types.extend_from_slice(types);
            artifact.globals = globals.to_vec();
        })
    };
    // The file has three types of its own.
    let chain = |length: u32| -> Vec<SubType<'static>> {
        let parent = |index: u32| index.checked_sub(1).map(|before| before + 3);
        (0..length)
            .map(|index| below(parent(index), structure))
            .collect()
    };
    assert_eq!(load(&chain(64), &[]), "loaded");
    assert!(load(&chain(65), &[]).contains("impossible supertype"));
    assert!(load(&chain(20_000), &[]).contains("impossible supertype"));
    assert!(load(&[below(Some(0), structure)], &[]).contains("impossible supertype"));
    let array = TypeDef::Array(FIELD[0]);
    let other = [below(None, array), below(Some(3), structure)];
    assert!(load(&other, &[]).contains("impossible supertype"));
    // A number where the collector would see a reference.
    static NUMBER: [InitExpr<'static>; 1] = [InitExpr::I64(0x4141_4141)];
    let new = |op| InitExpr::Construct(Construct::new(op, 3, &NUMBER));
    let global = |init| Global {
        ty: ValType::Ref(RefType::nullable(HeapType::Concrete(3))),
        mutable: false,
        init,
    };
    let one = [below(None, structure)];
    for op in [ConstructOp::Struct, ConstructOp::ArrayFixed] {
        let told = load(&one, &[global(new(op))]);
        assert!(told.contains("does not fit"), "{told}");
    }
    let functions = Global {
        ty: ValType::FUNCREF,
        mutable: false,
        init: InitExpr::GlobalGet(0),
    };
    let null = global(InitExpr::RefNull(Some(HeapType::None)));
    assert_eq!(load(&one, &[null]), "loaded");
    assert!(load(&one, &[null, functions]).contains("does not fit"));
}
