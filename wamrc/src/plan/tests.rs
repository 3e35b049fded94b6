//! Decisions of `plan`, each from a module that forces it.

use super::{AuxStack, GlobalAccess, MemoryAccess, Plan, Requirements, plan};
use crate::CompileError;
use crate::options::{AuxStackCheck, BoundsCheck, Options, StackCheck};
use crate::wasm::{ConstExpr, FuncIdx, GlobalIdx, TypeIdx, parse};

fn options() -> Options {
    Options::new(&targets::X86_64)
}

fn checked() -> Options {
    let mut options = options();
    options.bounds_check = BoundsCheck::Emit;
    options.stack_check = StackCheck::Emit;
    options
}

fn plan_with(text: &str, options: &Options) -> Plan {
    let bytes = wat::parse_str(text).unwrap();
    plan(&parse(&bytes).unwrap(), options).unwrap()
}

fn plan_of(text: &str) -> Plan {
    plan_with(text, &options())
}

#[test]
fn globals_are_packed_behind_the_memories() {
    let plan = plan_of(
        r#"(module (import "m" "i" (global i64)) (import "m" "v" (global (mut f32)))
            (global (mut i32) (i32.const 1)) (global i64 (i64.const 7)) (global (mut f64) (f64.const 0)))"#,
    );
    // One memory is accounted for although the module has none (spec A.5.4): 344 + 120.
    let offsets: Vec<u32> = plan
        .globals
        .iter()
        .map(|global| global.inline_offset)
        .collect();
    assert_eq!(offsets, [464, 472, 476, 480, 488]);
    let aligns: Vec<u32> = plan.globals.iter().map(|global| global.align).collect();
    assert_eq!(aligns, [8, 4, 4, 8, 8]);
    assert_eq!(plan.globals[0].access, GlobalAccess::Inline(464));
    assert_eq!(plan.globals[1].access, GlobalAccess::ImportedCell(1));
    assert!(plan.requirements.imported_global_cells);
    assert_eq!(plan.globals[3].constant, Some(ConstExpr::I64(7)));
    assert_eq!(plan.globals[2].constant, None, "mutable");
    assert_eq!(plan.globals[0].constant, None, "imported");
}

#[test]
fn memories_are_inline_unless_imported() {
    let cases = [
        // module, access, size changes, base moves without guard pages
        ("(memory 1)", MemoryAccess::Inline(344), false),
        (
            "(memory 1) (func (drop (memory.grow (i32.const 1))))",
            MemoryAccess::Inline(344),
            true,
        ),
        (
            "(memory 2 2) (func (drop (memory.grow (i32.const 1))))",
            MemoryAccess::Inline(344),
            false,
        ),
        ("(memory (export \"m\") 1)", MemoryAccess::Inline(344), true),
        (
            "(import \"m\" \"m\" (memory 1))",
            MemoryAccess::Pointer,
            true,
        ),
    ];
    for (fields, access, size_changes) in cases {
        let text = format!("(module {fields})");
        let memory = plan_of(&text).memories[0];
        assert_eq!(
            (memory.access, memory.size_changes),
            (access, size_changes),
            "{fields}"
        );
        assert!(
            !memory.base_moves,
            "{fields}: guard pages reserve all addresses"
        );
        let memory = plan_with(&text, &checked()).memories[0];
        assert_eq!(memory.base_moves, size_changes, "{fields}");
    }
}

#[test]
fn tables_get_room_to_grow() {
    let cases = [
        // module, slots, fixed size, shared
        ("(table 3 funcref)", 3, Some(3), false),
        ("(table 3 9 funcref)", 3, Some(3), false),
        ("(table (export \"t\") 3 9 funcref)", 9, None, true),
        ("(table (export \"t\") 3 3 funcref)", 3, Some(3), true),
        ("(table (export \"t\") 3 funcref)", 1024, None, true),
        ("(table (export \"t\") 3000 funcref)", 6000, None, true),
        ("(table (export \"t\") 3 5000 funcref)", 1024, None, true),
        ("(import \"m\" \"t\" (table 4 4 funcref))", 4, None, true),
        (
            "(table 3 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))",
            1024,
            None,
            false,
        ),
    ];
    for (fields, slots, fixed_size, shared) in cases {
        let plan = plan_of(&format!("(module {fields})"));
        let table = plan.tables[0];
        assert_eq!(table.offset, 464, "{fields}");
        assert_eq!(
            (table.slots, table.fixed_size, table.shared),
            (slots, fixed_size, shared),
            "{fields}"
        );
        assert_eq!(
            plan.extra_offset,
            (464 + 24 + 8 * slots).next_multiple_of(8),
            "{fields}"
        );
    }
}

#[test]
fn tables_that_only_hold_own_functions_are_known() {
    let cases = [
        ("(table 1 funcref) (elem (i32.const 0) $own)", false),
        ("(table 1 funcref) (elem (i32.const 0) $import)", true),
        (
            "(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))",
            true,
        ),
        ("(table (export \"t\") 1 funcref)", true),
        ("(table 1 funcref) (elem funcref (global.get $g))", false),
        (
            "(table 1 funcref) (elem (i32.const 0) funcref (global.get $g))",
            true,
        ),
    ];
    for (fields, foreign) in cases {
        let text = format!(
            "(module (import \"m\" \"f\" (func $import)) (import \"m\" \"g\" (global $g funcref)) \
             {fields} (func $own) (func (call_indirect (i32.const 0))))"
        );
        let plan = plan_of(&text);
        assert_eq!(plan.tables[0].holds_foreign, foreign, "{fields}");
        assert_eq!(plan.requirements.foreign_functions, foreign, "{fields}");
    }
}

#[test]
fn functions_that_escape_have_thunks() {
    let plan = plan_of(
        r#"(module (import "m" "f" (func (param i32)))
            (type $a (func (param i32))) (type $b (func (param i32)))
            (func $private (param f32))
            (func (export "e") (type $b)) (table 1 funcref) (elem (i32.const 0) $in-table)
            (func $in-table (result i64) (i64.const 1))
            (func $referenced (drop (ref.func $self))) (func $self) (elem declare func $self)
            (start $started) (func $started))"#,
    );
    let escaping: Vec<u32> = plan
        .functions
        .iter()
        .filter(|function| function.escapes)
        .map(|function| function.index.0)
        .collect();
    assert_eq!(escaping, [2, 3, 5, 6]);
    let symbols: Vec<&str> = plan
        .thunks
        .iter()
        .map(|thunk| thunk.symbol.as_str())
        .collect();
    assert_eq!(symbols, ["aot_thunk#0", "aot_thunk#3", "aot_thunk#4"]);
    assert_eq!(plan.functions[1].symbol, "aot_func#1");
    assert_eq!(plan.functions[1].ty, TypeIdx(0), "canonical");
    assert_eq!(plan.function_type(FuncIdx(0)), Some(TypeIdx(0)));
    assert_eq!(plan.function_type(FuncIdx(2)), Some(TypeIdx(0)));
    assert_eq!(plan.function_type(FuncIdx(99)), None);
}

#[test]
fn the_programs_stack_is_recognised() {
    let module = |globals: &str| {
        plan_of(&format!(
            "(module {globals} (global $heap i32 (i32.const 5000)) \
            (global $data i32 (i32.const 1025)) (export \"__heap_base\" (global $heap)) \
            (export \"__data_end\" (global $data)))"
        ))
    };
    let plan = module("(global $sp (mut i32) (i32.const 4096))");
    let expected = AuxStack {
        data_end_global: Some(GlobalIdx(2)),
        data_end: 1040,
        heap_base_global: Some(GlobalIdx(1)),
        heap_base: 5000,
        stack_top_global: Some(GlobalIdx(0)),
        stack_bottom: 4096,
        stack_size: 4096 - 1040,
    };
    assert_eq!(plan.aux_stack, expected);
    assert_eq!(plan.checks.aux_stack_global, Some(GlobalIdx(0)));
    // The stack below the data: its size is all there is below it.
    assert_eq!(
        module("(global (mut i32) (i32.const 1000))")
            .aux_stack
            .stack_size,
        1000
    );
    let none = module("(global (mut i64) (i64.const 1000))");
    assert_eq!(
        none.aux_stack.stack_top_global,
        none.aux_stack.heap_base_global
    );
    assert_eq!(none.checks.aux_stack_global, None);
    let mut options = options();
    options.aux_stack_check = AuxStackCheck::Omit;
    let text = "(module (global $sp (mut i32) (i32.const 16)) (global $heap i32 (i32.const 50)) \
        (export \"__heap_base\" (global $heap)) (export \"__data_end\" (global $heap)))";
    assert_eq!(
        plan_with(text, &options).aux_stack,
        AuxStack::default(),
        "data end beyond heap base"
    );
}

#[test]
fn requirements_follow_from_content_and_options() {
    let nothing = Requirements {
        unwinding_traps: true,
        stack_guard: true,
        ..Default::default()
    };
    let cases = [
        ("(func)", nothing),
        (
            "(memory 1)",
            Requirements {
                guard_pages: true,
                ..nothing
            },
        ),
        (
            "(memory 1) (data \"\")",
            Requirements {
                guard_pages: true,
                bulk_memory: true,
                ..nothing
            },
        ),
        (
            "(func (param funcref))",
            Requirements {
                reference_types: true,
                ..nothing
            },
        ),
        (
            "(table 1 funcref) (table 1 funcref)",
            Requirements {
                reference_types: true,
                ..nothing
            },
        ),
        ("(table 1 funcref)", nothing),
    ];
    for (fields, expected) in cases {
        assert_eq!(
            plan_of(&format!("(module {fields})")).requirements,
            expected,
            "{fields}"
        );
    }
    let text = "(module (memory 1))";
    assert_eq!(
        plan_with(text, &checked()).requirements,
        Requirements::default()
    );
}

#[test]
fn instances_that_are_too_large_are_refused() {
    let text = "(module (table 400000000 funcref))";
    let bytes = wat::parse_str(text).unwrap();
    let error = plan(&parse(&bytes).unwrap(), &options()).unwrap_err();
    assert_eq!(error, CompileError::Layout);
}
