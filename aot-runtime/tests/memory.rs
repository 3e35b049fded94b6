//! Memories of every type, made by the host and by files: sizes, growth, import matching, and numbers
//! that no machine can hold.
//!
//! What compiled code does with them is tested where it is made.
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

use aot_format::{DataSegment, DeclaredLimits, InitExpr, LinkImport, LinkKind};
use aot_runtime::{
    Imports, Instance, InstantiateError, LoadOptions, Memory, MemoryType, Module, PAGE_BYTES,
    Store, Table, TableType, Trap, TrapId, ValType,
};

#[path = "support/machine.rs"]
mod machine;

use machine::module;

const FLAG_MAX: u32 = aot_format::MemoryType::HAS_MAX;
const FLAG_64: u32 = aot_format::MemoryType::MEMORY64;

#[test]
fn the_host_makes_memories_of_every_type() {
    let mut store = Store::new();
    let wide = MemoryType::new(1, Some(3)).with_memory64(true);
    let memory = Memory::new(&mut store, wide).unwrap();
    assert_eq!(memory.grow(&mut store, 1 << 32), None);
    assert_eq!(memory.grow(&mut store, u64::MAX), None);
    assert_eq!(memory.grow(&mut store, 2), Some(1));
    assert_eq!(memory.size(&store), 3);
    assert_eq!(memory.data(&store).len(), 3 * PAGE_BYTES as usize);
    let now = MemoryType::new(3, Some(3)).with_memory64(true);
    assert_eq!(memory.ty(&store), now);

    let bytes = MemoryType::new(10, Some(5000)).with_page_bytes(1);
    let memory = Memory::new(&mut store, bytes).unwrap();
    memory.data_mut(&mut store)[9] = 7;
    assert_eq!(memory.grow(&mut store, 4991), None);
    assert_eq!(memory.grow(&mut store, 4990), Some(10));
    assert_eq!(
        (memory.size(&store), memory.data(&store).len()),
        (5000, 5000)
    );
    assert_eq!(memory.data(&store)[9..11], [7, 0]);

    let all = Memory::new(&mut store, MemoryType::new(65536, None));
    if usize::BITS == 32 {
        // Every address there is would be the memory's.
        assert!(matches!(
            all,
            Err(InstantiateError::OutOfMemory { pages: 65536 })
        ));
        return;
    }
    let all = all.unwrap();
    assert_eq!(all.data(&store).len() as u64, 1 << 32);
    assert_eq!(all.grow(&mut store, 1), None);
    all.data_mut(&mut store)[0xFFFF_FFFF] = 1;
}

#[test]
fn what_no_machine_can_hold_is_an_error() {
    let mut store = Store::new();
    for (ty, message) in [
        (
            MemoryType::new(65537, None),
            "there is no memory of 65537.. pages",
        ),
        (
            MemoryType::new(3, Some(2)),
            "there is no memory of 3..2 pages",
        ),
        (
            MemoryType::new(1, None).with_page_bytes(4096),
            "there is no memory of 1.. pages of 4096 bytes",
        ),
        (
            MemoryType::new(1 << 48, None).with_memory64(true),
            "no memory for 281474976710656 pages",
        ),
        (
            MemoryType::new(1 << 40, None).with_memory64(true),
            "no memory for 1099511627776 pages",
        ),
        (
            MemoryType::new(u64::MAX, None)
                .with_memory64(true)
                .with_page_bytes(1),
            "no memory for 18446744073709551615 pages",
        ),
    ] {
        let error = Memory::new(&mut store, ty).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let table = TableType::new(ValType::FUNCREF, 1 << 40, None).with_table64(true);
    assert!(matches!(
        Table::new(&mut store, table),
        Err(InstantiateError::TableTooLarge { .. })
    ));
}

/// A file whose memory is 64-bit, with these limits in the record and these pages in the container.
fn file(declared: &'static [DeclaredLimits], pages: u32, imported: bool) -> Vec<u8> {
    const IMPORT: &[LinkImport<'static>] = &[LinkImport {
        kind: LinkKind::Memory,
        index: 0,
        module: "env",
        name: "memory",
    }];
    module(|artifact| {
        artifact.memories[0].flags = FLAG_MAX | FLAG_64;
        artifact.memories[0].init_pages = pages;
        artifact.memories[0].max_pages = u32::MAX;
        artifact.data.clear();
        let record = artifact.record.as_mut().unwrap();
        record.memory_limits = declared.into();
        if imported {
            record.link_imports = IMPORT.into();
        }
    })
}

fn instantiate(bytes: &[u8], give: Option<MemoryType>) -> Result<Instance, InstantiateError> {
    let module = Module::load(bytes, &LoadOptions::default()).unwrap();
    let mut store = Store::new();
    let mut imports = Imports::new();
    imports.func("env", "f", |_: &mut aot_runtime::Caller<'_>, a: i32| a);
    if let Some(ty) = give {
        let memory = Memory::new(&mut store, ty).unwrap();
        imports.memory("env", "memory", memory);
    }
    Instance::new(&mut store, &module, &imports)
}

#[test]
fn imported_memories_match_in_address_type_and_page_size() {
    const LIMITS: &[DeclaredLimits] = &[DeclaredLimits {
        min: 1,
        max: Some(2),
    }];
    let bytes = file(LIMITS, 1, true);
    let wide = MemoryType::new(1, Some(2)).with_memory64(true);
    instantiate(&bytes, Some(wide)).unwrap();
    for (given, text) in [
        (wide.with_memory64(false), "memory of 1..2 pages given"),
        (
            wide.with_page_bytes(1),
            "64-bit memory of 1..2 pages of 1 bytes given",
        ),
        (
            MemoryType::new(1, None).with_memory64(true),
            "64-bit memory of 1.. pages given",
        ),
    ] {
        let error = instantiate(&bytes, Some(given)).unwrap_err().to_string();
        let wanted = format!(
            "incompatible import type of env.memory: {text}, 64-bit memory of 1..2 pages needed"
        );
        assert_eq!(error, wanted);
    }
}

#[test]
fn absurd_limits_of_a_file_are_errors() {
    const LARGE: &[DeclaredLimits] = &[DeclaredLimits {
        min: 1 << 48,
        max: None,
    }];
    const HUGE: &[DeclaredLimits] = &[DeclaredLimits {
        min: u64::MAX,
        max: Some(u64::MAX),
    }];
    for (declared, pages) in [(LARGE, u32::MAX), (HUGE, u32::MAX), (HUGE, 1)] {
        let error = instantiate(&file(declared, pages, false), None).unwrap_err();
        assert!(
            matches!(error, InstantiateError::OutOfMemory { .. }),
            "{error}"
        );
    }
}

#[test]
fn data_at_64_bit_offsets_fits_or_traps() {
    for (offset, fits) in [
        (65532, true),
        (65533, false),
        (1 << 32, false),
        (u64::MAX, false),
    ] {
        let bytes = module(|artifact| {
            artifact.memories[0].flags = FLAG_MAX | FLAG_64;
            artifact.data = vec![DataSegment {
                passive: false,
                memory: 0,
                offset: InitExpr::I64(offset),
                bytes: b"wasm",
            }];
        });
        match instantiate(&bytes, None) {
            Ok(_) => assert!(fits, "{offset:#x}"),
            Err(error) => {
                let trap = Trap::Wasm(TrapId::OutOfBoundsMemoryAccess);
                assert_eq!((error, fits), (InstantiateError::Trap(trap), false));
            }
        }
    }
}
