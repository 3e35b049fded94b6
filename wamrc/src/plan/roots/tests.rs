//! Which functions have root frames.

use crate::Options;
use crate::plan::{RootPlan, plan};
use crate::wasm;

/// The frames of the defined functions, as cells of locals and operands.
fn frames(text: &str) -> Vec<Option<(u32, u32)>> {
    let binary = wat::parse_str(text).unwrap();
    let module = wasm::parse(&binary).unwrap();
    let plan = plan(&module, &Options::new(&targets::X86_64)).unwrap();
    let frames = plan.functions.iter().map(|function| function.roots);
    frames
        .map(|frame| frame.map(|RootPlan { locals, operands }| (locals, operands)))
        .collect()
}

#[test]
fn frames_are_for_references_across_collections() {
    let text = "(module (type $s (struct (field (ref null $s)))) (import \"m\" \"f\" (func $host))
        (func $alone (param anyref) (local i32 (ref null $s)))
        (func $caller (param anyref) (call $alone (local.get 0)))
        (func $maker (param anyref) (local (ref null $s))
            (local.set 1 (struct.new $s (struct.new_default $s))))
        (func $far (param anyref) (call $alone (local.get 0)) (call $maker (local.get 0)))
        (func $numbers (param i32) (call $host))
        (func $out (param externref i32) (call $host)))";
    let wanted = [None, None, Some((2, 1)), Some((1, 1)), None, Some((1, 0))];
    assert_eq!(frames(text), wanted);
}

#[test]
fn indices_need_no_frames() {
    let text = "(module (import \"m\" \"f\" (func $host))
        (func (param externref funcref) (call $host) (drop (local.get 0))))";
    assert_eq!(frames(text), [None]);
}
