//! What `assemble` puts into a container, read back with `View`.

use aot_format::{ElemMode, FeatureFlags, InitExpr, LinkKind, MemoryType, Relies, Seq, View, abi};
use wamrc::Options;
use wamrc::options::{BoundsCheck, StackCheck};

fn compile(text: &str, options: &Options) -> Vec<u8> {
    let wasm = wat::parse_str(text).unwrap();
    wamrc::compile(&wasm, options).unwrap().bytes
}

fn with(text: &str, options: &Options, check: impl FnOnce(&View<'_>)) {
    let bytes = compile(text, options);
    check(&View::read(&bytes).unwrap());
}

fn options() -> Options {
    Options::new(&targets::X86_64)
}

fn checked() -> Options {
    let mut options = options();
    options.bounds_check = BoundsCheck::Emit;
    options.stack_check = StackCheck::Emit;
    options
}

#[test]
fn declarations_survive() {
    let text = r#"(module
        (import "m" "f" (func (param f32) (result i64)))
        (import "m" "g" (global $g i32))
        (import "m" "t" (table 2 8 funcref))
        (import "m" "m" (memory 1 3))
        (table $own 4 externref)
        (global (mut i64) (i64.const -2))
        (global i32 (i32.add (i32.mul (global.get $g) (i32.const 4)) (i32.const 1)))
        (func $own (export "own") (param i64 i32) (result f32) (local f64) (f32.const 1))
        (elem (table 0) (global.get $g) func $own 0)
        (elem (table $own) (i32.const 1) externref (ref.null extern))
        (elem func $own)
        (data (global.get $g) "abc") (data "later")
        (start $begin) (func $begin))"#;
    with(text, &options(), |view| {
        assert_eq!(view.version(), 6);
        let features = FeatureFlags::BULK_MEMORY | FeatureFlags::REF_TYPES;
        assert_eq!(view.target().features, features);
        let memory = MemoryType {
            flags: 1,
            page_bytes: 65536,
            init_pages: 1,
            max_pages: 3,
        };
        assert_eq!(view.memories().at(0), Some(memory));
        let shared = view.tables().at(0).unwrap();
        assert_eq!(
            (shared.elem, shared.init, shared.max, shared.slots()),
            (aot_format::RefType::FUNC, 2, 8, 8)
        );
        assert_eq!(view.tables().at(1).unwrap().slots(), 4);
        let import = view.import_funcs().at(0).unwrap();
        assert_eq!(
            (import.module, import.name, import.type_index),
            ("m", "f", 0)
        );
        assert_eq!(
            view.globals().iter().next().unwrap().init,
            InitExpr::I64(u64::MAX - 1)
        );
        let InitExpr::Binary(sum) = view.globals().iter().nth(1).unwrap().init else {
            panic!("a sum")
        };
        let [InitExpr::Binary(product), one] = sum.operands() else {
            panic!("a product")
        };
        assert_eq!(one, InitExpr::I32(1));
        assert_eq!(
            product.operands(),
            [InitExpr::GlobalGet(0), InitExpr::I32(4)]
        );
        let segments: Vec<_> = view.elems().iter().collect();
        let usage: Vec<ElemMode> = segments.iter().map(|segment| segment.usage()).collect();
        assert_eq!(
            usage,
            [ElemMode::Active, ElemMode::Active, ElemMode::Passive]
        );
        assert_eq!(
            (segments[0].offset, segments[1].table),
            (InitExpr::GlobalGet(0), 1)
        );
        let values: Vec<InitExpr<'_>> = segments[0].values.iter().collect();
        assert_eq!(values, [InitExpr::RefFunc(1), InitExpr::RefFunc(0)]);
        let data: Vec<_> = view
            .data()
            .iter()
            .map(|it| (it.passive, it.bytes))
            .collect();
        assert_eq!(data, [(false, &b"abc"[..]), (true, b"later")]);
        assert_eq!((view.aux().func_count, view.aux().start), (2, Some(2)));
        let function = view.functions().entry(0).unwrap();
        assert_eq!(function.max_local_cells, 2 + 1 + 2);
    });
}

#[test]
fn the_record_says_what_the_file_relies_on() {
    let text = r#"(module
        (import "m" "g" (global (mut i32))) (import "m" "t" (table 1 funcref))
        (import "m" "m" (memory 1)) (memory i64 1 (pagesize 1)) (memory 1 1 shared)
        (func (export "a") (param i32)) (func (export "b") (result i32)
            (call_indirect (result i32) (i32.const 0))))"#;
    with(text, &options(), |view| {
        let record = view.record().unwrap();
        // What only other modules rely on.
        let others = [
            Relies::ARGUMENT_AREA,
            Relies::GARBAGE_COLLECTION,
            Relies::EXCEPTIONS,
        ];
        let all = Relies::ALL
            .iter()
            .filter(|(bit, _)| !others.contains(bit))
            .fold(Relies::NONE, |set, (bit, _)| set | *bit);
        assert_eq!(record.relies, all);
        let imports: Vec<_> = record
            .link_imports
            .iter()
            .map(|it| (it.kind, it.name))
            .collect();
        assert_eq!(imports, [(LinkKind::Memory, "m"), (LinkKind::Table, "t")]);
        let thunks: Vec<u32> = record.thunks.iter().map(|it| it.type_index).collect();
        assert_eq!(thunks, [0, 1]);
        assert_eq!((record.cpu, record.features), ("x86-64", ""));
    });
    with("(module (memory 1) (func))", &checked(), |view| {
        assert_eq!(view.record().unwrap().relies, Relies::NONE);
    });
}

/// Files ask for nothing beyond the runtime symbols of a default build, and code and constants
/// need no relocation against each other.
#[test]
fn relocations_are_calls_of_the_runtime() {
    let text = r#"(module (import "m" "f" (func $f)) (memory 1)
        (func (export "a") (param f64 i32) (result f64)
            (call $f)
            (block (block (block (block (block
                (br_table 0 1 2 3 4 (local.get 1))) (return (f64.const 2.5)))
                (return (f64.const 3.5))) (return (f64.const 4.5)))
                (return (f64.const 5.5)))
            (f64.mul (local.get 0) (f64.const 1.25))))"#;
    with(text, &options(), |view| {
        let groups: Vec<_> = view.relocations().iter().collect();
        assert_eq!(groups.len(), 1);
        assert!(!groups[0].relocs.is_empty());
        for relocation in groups[0].relocs.iter() {
            assert!(
                abi::native_symbols::in_default_build(relocation.symbol),
                "{relocation:?}"
            );
        }
        assert_eq!(view.object_data().len(), 0);
        // The code is 16-aligned behind the 32-bit size of the literals.
        assert_eq!((view.text().literal.len() + 4) % 16, 0);
    });
}

#[test]
fn stack_sizes_are_filled_in() {
    let text = r#"(module (func (export "leaf")) (func (export "deep") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call 1 (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0)))))"#;
    with(text, &checked(), |view| {
        // They are the only constants of this module, so they are in front of everything.
        let words = view.text().code.as_chunks::<4>().0;
        for word in &words[..2] {
            let bytes = u32::from_le_bytes(*word);
            assert!((32..256).contains(&bytes), "{bytes}");
        }
    });
}

#[test]
fn an_empty_module_is_a_file() {
    with("(module)", &options(), |view| {
        assert_eq!(
            view.memories().at(0),
            Some(MemoryType::NONE),
            "stock expects one"
        );
        assert_eq!(
            view.exports().iter().collect::<Vec<_>>(),
            Seq::EMPTY.iter().collect::<Vec<_>>()
        );
        assert!(view.text().code.is_empty());
    });
}

#[test]
fn both_versions_are_written() {
    let mut options = options();
    options.aot_version = wamrc::options::AotVersion::V5;
    with("(module (func (export \"f\")))", &options, |view| {
        assert_eq!(view.version(), 5)
    });
}

/// Stock runtimes refuse a memory flag they do not know: it stands on memories they would get wrong.
#[test]
fn memories_say_which_runtimes_they_are_for() {
    use MemoryType as M;
    let cases = [
        ("(memory 1)", [0].as_slice(), &[0]),
        ("(memory i64 1)", &[M::MEMORY64 | M::OURS], &[M::MEMORY64]),
        (
            "(memory i64 1 2)",
            &[M::HAS_MAX | M::MEMORY64 | M::OURS],
            &[M::HAS_MAX | M::MEMORY64],
        ),
        ("(memory 1 (pagesize 1))", &[M::OURS], &[M::OURS]),
    ];
    for (text, guarded, emitted) in cases {
        let module = format!("(module {text} (func))");
        let flags =
            |view: &View<'_>| -> Vec<u32> { view.memories().iter().map(|m| m.flags).collect() };
        with(&module, &options(), |view| {
            assert_eq!(flags(view), guarded, "{text}")
        });
        with(&module, &checked(), |view| {
            assert_eq!(flags(view), emitted, "{text}")
        });
    }
    with("(module (memory 1) (memory 1))", &checked(), |view| {
        let flags: Vec<u32> = view.memories().iter().map(|memory| memory.flags).collect();
        assert_eq!(flags, [0, M::OURS]);
    });
}
