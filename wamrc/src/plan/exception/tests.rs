//! Which functions signal, for small modules.

use crate::options::{BoundsCheck, Options};
use crate::plan::plan;
use crate::wasm;

/// The functions that signal, by their defined indices.
fn signalling(text: &str, bounds: BoundsCheck) -> Vec<u32> {
    let wasm = wat::parse_str(text).expect("valid text");
    let module = wasm::parse(&wasm).expect("a valid module");
    let mut options = Options::new(&targets::X86_64);
    options.bounds_check = bounds;
    let plan = plan(&module, &options).expect("a plan");
    let count = plan.defined_count();
    (0..count)
        .filter(|defined| plan.exceptions.signals(*defined))
        .collect()
}

const HANDLER: &str = "(func (block (try_table (catch_all 0))))";

#[test]
fn who_throws_and_who_calls_them() {
    let cases: &[(&str, &[u32])] = &[
        (
            "(func (throw $e)) (func call 0) (func call 1) (func) (func call 3)",
            &[0, 1, 2],
        ),
        ("(func call 1) (func call 0)", &[]),
        (
            "(func call 1) (func call 0 call 2) (func (throw $e))",
            &[0, 1, 2],
        ),
        // Functions behind one tail call return alike.
        ("(func return_call 1) (func) (func (throw $e))", &[2]),
        (
            "(func (if (i32.const 0) (then return_call 1)) (throw $e)) (func) (func call 1)",
            &[0, 1, 2],
        ),
        // What stands in a table returns alike, so all who call through one look.
        (
            "(type $t (func (param i32))) (table funcref (elem 0 1))
             (func (type $t)) (func (type $t) (throw $e)) (func)
             (func (call_indirect (type $t) (i32.const 0) (i32.const 0)))
             (func (param i64) (call_indirect (param i64) (local.get 0) (i32.const 0)))",
            &[0, 1, 3, 4],
        ),
    ];
    for (functions, wanted) in cases {
        let text = format!("(module (tag $e) {functions} {HANDLER})");
        assert_eq!(
            signalling(&text, BoundsCheck::GuardPages),
            *wanted,
            "{functions}"
        );
        assert!(
            signalling(&text, BoundsCheck::Emit).is_empty(),
            "{functions}"
        );
    }
}

#[test]
fn imports_may_throw() {
    let text = format!("(module (import \"m\" \"f\" (func)) (func call 0) (func) {HANDLER})");
    assert_eq!(signalling(&text, BoundsCheck::GuardPages), [0]);
}

#[test]
fn without_handlers_no_one_looks() {
    let text = "(module (tag $e) (func (throw $e)) (func call 0))";
    assert!(signalling(text, BoundsCheck::GuardPages).is_empty());
}
