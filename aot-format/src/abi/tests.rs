//! Layout facts that must hold for both pointer widths, on any host.

use targets::PtrWidth::{W32, W64};

use super::builtins::{Builtin, When};
use super::traps::{ALREADY_THROWN, TrapId};
use super::{exec_env, extra, instance, layout, memory, native_symbols, slot::Slot, table};

#[test]
fn exec_env_is_slots() {
    for (slot, field) in (0..).zip(exec_env::Field::ALL) {
        assert_eq!(field.offset(W64), slot * 8, "{}", field.name());
        assert_eq!(field.offset(W32), slot * 4, "{}", field.name());
    }
}

#[test]
fn spec_offsets() {
    for width in [W32, W64] {
        assert_eq!(instance::Field::Memories.offset(width), 8);
        assert_eq!(instance::Field::FuncPtrs.offset(width), 40);
        assert_eq!(instance::Field::FuncTypeIndexes.offset(width), 48);
        assert_eq!(instance::Field::CurException.offset(width), 104);
        assert_eq!(instance::Field::Module.offset(width), 232);
        assert_eq!(instance::Field::CApiFuncImports.offset(width), 288);
        assert_eq!(instance::Field::E.offset(width), 304);
        assert_eq!(memory::Field::CurPageCount.offset(width), 16);
        assert_eq!(memory::Field::MemoryData.offset(width), 32);
        assert_eq!(memory::Field::MemBoundCheck1byte.offset(width), 80);
        assert_eq!(memory::Field::MemBoundCheck16bytes.offset(width), 112);
        assert_eq!(table::Field::CurSize.offset(width), 16);
        assert_eq!(extra::Field::SharedHeap.offset(width), 32);
    }
}

#[test]
fn eight_byte_members_sit_at_multiples_of_eight() {
    for width in [W32, W64] {
        for field in memory::Field::ALL {
            if field.slot() == Slot::U64 {
                assert_eq!(field.offset(width) % 8, 0, "{}", field.name());
            }
        }
    }
}

#[test]
fn inline_area_limits() {
    assert_eq!(layout::memory(2), Ok(344 + 240));
    assert!(layout::InlineLayout::new(W64, u32::MAX).is_err());
    let mut tables = layout::InlineLayout::new(W32, 0).unwrap().tables();
    assert!(tables.table(u32::MAX).is_err());
    assert_eq!(tables.table(1), Ok(344), "a refused table takes no room");
    assert_eq!(tables.finish().unwrap().extra, 376);
}

#[test]
fn traps_are_numbered_in_order() {
    for (number, trap) in (0..).zip(TrapId::ALL) {
        assert_eq!(trap.number(), number);
        assert_eq!(TrapId::from_number(number), Some(*trap));
    }
    assert_eq!(TrapId::from_number(ALREADY_THROWN), None);
    assert_eq!(TrapId::OutOfBoundsMemoryAccess.number(), 2);
}

#[test]
fn symbols_and_builds() {
    for builtin in Builtin::ALL {
        assert_eq!(Builtin::from_name(builtin.name()), Some(*builtin));
        assert_eq!(native_symbols::when(builtin.name()), Some(builtin.when()));
    }
    assert!(native_symbols::in_default_build("aot_memory_init"));
    assert!(!native_symbols::in_default_build("aot_alloc_frame"));
    assert_eq!(
        native_symbols::when("aot_rtt_type_new"),
        Some(When::GarbageCollection)
    );
    assert_eq!(native_symbols::when("memcmp"), None);
}
