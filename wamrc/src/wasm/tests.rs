//! What `parse` collects, and that it survives anything.

use super::{
    ConstBinary, ConstExpr, DataMode, ElemMode, Extern, FuncIdx, GlobalIdx, Hint, Limits,
    MemoryIdx, Module, TableIdx, TypeIdx, ValType, parse,
};
use crate::CompileError;
use aot_format::HeapType;

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

fn with<T>(text: &str, check: impl FnOnce(&Module<'_>) -> T) -> T {
    check(&parse(&wasm(text)).unwrap())
}

#[test]
fn index_spaces_count_imports_first() {
    let text = r#"(module
        (import "a" "f" (func (param i32)))
        (import "a" "t" (table 2 5 funcref))
        (import "a" "m" (memory 1 3))
        (import "a" "g" (global i64))
        (func (export "own") (result i64) (local f64 f64 i32) (i64.const 1))
        (table 4 externref)
        (global (mut f32) (f32.const 1.5))
        (start 2) (func))"#;
    with(text, |module| {
        assert_eq!(module.imported_functions, 1);
        assert_eq!(module.functions.len(), 3);
        assert_eq!(module.functions[0].origin.import().unwrap().name, "f");
        let body = module.functions[1].origin.defined().unwrap();
        assert_eq!((body.local_cells, body.max_stack_height), (5, 1));
        assert_eq!(
            module.tables[0].limits,
            Limits {
                min: 2,
                max: Some(5)
            }
        );
        assert_eq!(module.tables[1].element, ValType::EXTERNREF);
        assert_eq!(
            module.memories[0].limits,
            Limits {
                min: 1,
                max: Some(3)
            }
        );
        assert_eq!(module.globals[0].ty.value, ValType::I64);
        assert_eq!(
            module.globals[1].origin.defined(),
            Some(&ConstExpr::F32(0x3fc0_0000))
        );
        assert_eq!(module.exports[0].item, Extern::Func(FuncIdx(1)));
        assert_eq!(module.start, Some(FuncIdx(2)));
        assert_eq!(module.defined_count(), 2);
    });
}

#[test]
fn equal_types_have_one_canonical_index() {
    let text = "(module (type (func (param i32))) (type (func)) (type (func (param i32))) \
                (type (func (result i32))) (type (func)))";
    with(text, |module| {
        let canonical: Vec<u32> = module.canonical.iter().map(|ty| ty.0).collect();
        assert_eq!(canonical, [0, 1, 0, 3, 1]);
        assert_eq!(module.canonical_type(TypeIdx(4)), TypeIdx(1));
    });
}

#[test]
fn constants_are_folded_until_a_global_is_needed() {
    let global = |body: &str, ty: &str| {
        let text = format!(
            "(module (import \"m\" \"g\" (global $g i32)) (import \"m\" \"h\" (global $h i64)) \
             (global {ty} {body}))"
        );
        with(&text, |module| {
            module.globals[2].origin.defined().unwrap().clone()
        })
    };
    let cases = [
        (
            "(i32.add (i32.const 2147483647) (i32.const 1))",
            "i32",
            ConstExpr::I32(i32::MIN),
        ),
        (
            "(i32.sub (i32.const 0) (i32.const 5))",
            "i32",
            ConstExpr::I32(-5),
        ),
        (
            "(i64.mul (i64.const 4294967296) (i64.const 4294967297))",
            "i64",
            ConstExpr::I64(1 << 32),
        ),
        ("(global.get $h)", "i64", ConstExpr::GlobalGet(GlobalIdx(1))),
        (
            "(ref.null func)",
            "funcref",
            ConstExpr::RefNull(HeapType::Func),
        ),
        (
            "(f64.const -nan:0x123)",
            "f64",
            ConstExpr::F64(0xfff0_0000_0000_0123),
        ),
    ];
    for (body, ty, expected) in cases {
        assert_eq!(global(body, ty), expected, "{body}");
    }
    let sum = "(i32.mul (i32.add (i32.const 3) (i32.const 4)) (global.get $g))";
    let expected = ConstExpr::Binary {
        operation: ConstBinary::I32Mul,
        left: Box::new(ConstExpr::I32(7)),
        right: Box::new(ConstExpr::GlobalGet(GlobalIdx(0))),
    };
    assert_eq!(global(sum, "i32"), expected);
}

#[test]
fn segments_keep_their_mode() {
    let text = r#"(module (memory 1) (table $t 3 funcref) (func $f)
        (data (i32.const 8) "ab") (data "passive")
        (elem (table $t) (i32.const 1) func $f $f)
        (elem func $f) (elem declare func $f)
        (elem externref (ref.null extern)))"#;
    with(text, |module| {
        let active = DataMode::Active {
            memory: MemoryIdx(0),
            offset: ConstExpr::I32(8),
        };
        assert_eq!(module.data[0].mode, active);
        assert_eq!(
            (&module.data[1].mode, module.data[1].bytes),
            (&DataMode::Passive, &b"passive"[..])
        );
        let active = ElemMode::Active {
            table: TableIdx(0),
            offset: ConstExpr::I32(1),
        };
        assert_eq!(module.elements[0].mode, active);
        assert_eq!(
            module.elements[0].values,
            vec![ConstExpr::RefFunc(FuncIdx(0)); 2]
        );
        assert_eq!(module.elements[1].mode, ElemMode::Passive);
        assert_eq!(module.elements[2].mode, ElemMode::Declared);
        assert_eq!(module.elements[3].element, ValType::EXTERNREF);
        assert!(module.uses.data_segments_at_run_time);
    });
}

#[test]
fn uses_follow_from_operators() {
    let uses = |body: &str| {
        let text = format!(
            "(module (memory 1) (table 1 funcref) (table 1 externref) (elem func 0) (data \"\") \
             (func {body}))"
        );
        with(&text, |module| module.uses.clone())
    };
    let grow = uses("(drop (memory.grow (i32.const 1)))");
    assert!(grow.memory_grow.contains(&MemoryIdx(0)));
    assert!(uses("(drop (memory.size))").memory_grow.is_empty());
    let grow = uses("(drop (table.grow 1 (ref.null extern) (i32.const 1)))");
    assert!(grow.table_helpers && grow.table_grow.contains(&TableIdx(1)));
    assert!(!grow.table_grow.contains(&TableIdx(0)));
    let set = uses("(table.set 1 (i32.const 0) (ref.null extern))");
    assert!(set.table_write.contains(&TableIdx(1)) && !set.table_helpers);
    assert!(
        uses("(call_indirect (i32.const 0))")
            .call_indirect
            .contains(&TableIdx(0))
    );
    assert!(uses("(drop (ref.func 0))").ref_func.contains(&FuncIdx(0)));
    let text = "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))";
    with(text, |module| {
        assert!(module.uses.bulk_memory.is_some());
        assert!(!module.uses.data_segments_at_run_time);
        assert!(module.uses.reference_types.is_none());
    });
}

#[test]
fn names_are_kept_and_broken_ones_ignored() {
    with("(module $m (func $first) (func) (func $third))", |module| {
        assert_eq!(module.name, Some("m"));
        assert_eq!(module.function_name(FuncIdx(0)), Some("first"));
        assert_eq!(module.function_name(FuncIdx(1)), None);
        assert_eq!(module.function_name(FuncIdx(2)), Some("third"));
    });
    // A name section that claims more content than it has.
    let mut broken = b"\0asm\x01\0\0\0".to_vec();
    broken.extend_from_slice(b"\0\x08\x04name\x01\x7f\x01");
    let module = parse(&broken).unwrap();
    assert!(module.function_names.is_empty());
    assert_eq!(module.custom[0].name, "name");
}

/// Truncation and damage give errors, never panics, and most of the time not a module.
#[test]
fn damaged_modules_are_refused() {
    let whole = wasm(
        r#"(module (memory 1) (table 2 funcref) (global (mut i32) (i32.const 3))
            (func (export "f") (param i32) (result i32)
                (block (result i32) (i32.load offset=4 (local.get 0))))
            (elem (i32.const 0) 0) (data (i32.const 0) "abc"))"#,
    );
    for length in 0..whole.len() {
        // Cutting between sections may leave a shorter but valid module.
        if let Err(error) = parse(&whole[..length]) {
            let expected = matches!(
                error,
                CompileError::NotWasm { .. } | CompileError::Invalid { .. }
            );
            assert!(expected, "{length}: {error}");
        }
    }
    for position in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[position] ^= 1 << bit;
            if let Err(error) = parse(&damaged) {
                assert!(
                    !matches!(error, CompileError::Internal { .. }),
                    "{position}: {error}"
                );
            }
        }
    }
}

/// A module whose second function has a conditional branch 3 bytes into its body, with these bytes as
/// section of branch hints.
fn hinted(section: &[u8]) -> Vec<u8> {
    let escaped: String = section.iter().map(|byte| format!("\\{byte:02x}")).collect();
    wasm(&format!(
        r#"(module
            (import "a" "f" (func))
            (@custom "metadata.code.branch_hint" (before code) "{escaped}")
            (func)
            (func (param i32) (br_if 0 (local.get 0))))"#
    ))
}

#[test]
fn branch_hints_reach_their_branch() {
    let hints = |section: &[u8]| {
        let bytes = hinted(section);
        let module = parse(&bytes).unwrap();
        let body = module.functions[2].origin.defined().unwrap();
        let start = body.offset.0 - 1;
        let hints = body.hints.iter();
        hints
            .map(|(offset, hint)| (offset.0 - start, *hint))
            .collect::<Vec<_>>()
    };
    assert_eq!(hints(&[1, 2, 1, 3, 1, 0]), [(3, Hint::NotTaken)]);
    assert_eq!(hints(&[1, 2, 1, 3, 1, 1]), [(3, Hint::Taken)]);
    let malformed: &[&[u8]] = &[
        &[],
        &[1],
        &[1, 2, 1, 3, 2, 0],          // size of the hint
        &[1, 2, 1, 3, 1, 2],          // neither taken nor not
        &[1, 2, 1, 3, 1, 0, 0],       // more bytes than functions
        &[2, 2, 1, 3, 1, 0, 1, 0],    // functions out of order
        &[1, 2, 2, 3, 1, 0, 3, 1, 0], // offsets not ascending
    ];
    for section in malformed {
        assert_eq!(hints(section), [], "{section:?}");
    }
}
