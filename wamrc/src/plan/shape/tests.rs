//! When references are objects, and where their fields are.

use crate::Options;
use crate::plan::{Plan, Shape, plan};
use crate::wasm;
use aot_format::Representation;

fn planned(text: &str) -> Plan {
    let binary = wat::parse_str(text).unwrap();
    let module = wasm::parse(&binary).unwrap();
    plan(&module, &Options::new(&targets::X86_64)).unwrap()
}

#[test]
fn references_are_indices_until_a_type_or_operator_needs_more() {
    use Representation::{Index, Object};
    let cases = [
        (
            "(table 1 funcref) (func (param externref) (drop (ref.is_null (local.get 0))))",
            Index,
        ),
        ("(elem func 0) (func (drop (ref.func 0)))", Index),
        ("(func (local anyref))", Object),
        ("(func (param (ref func)))", Object),
        ("(func (drop (ref.null nofunc)))", Object),
        (
            "(func (param funcref) (drop (ref.as_non_null (local.get 0))))",
            Object,
        ),
        ("(type (struct))", Object),
        ("(type (sub (func)))", Object),
        ("(rec (type (func)) (type (func)))", Object),
        ("(func $f) (table 1 funcref (ref.func $f))", Object),
        (
            "(func (drop (block (result (ref null func)) (ref.null func))))",
            Index,
        ),
        ("(func (drop (block (result eqref) (unreachable))))", Object),
    ];
    for (body, wanted) in cases {
        let plan = planned(&format!("(module {body})"));
        assert_eq!(plan.references.representation, wanted, "{body}");
        assert_eq!(
            plan.requirements.garbage_collection,
            wanted == Object,
            "{body}"
        );
    }
}

#[test]
fn fields_lie_behind_the_header_without_gaps() {
    let plan = planned(
        "(module (type (struct (field i8) (field i64) (field i16) (field anyref) (field v128)))
           (type (array i16)) (type (sub (struct))) (type (sub final 2 (struct))))",
    );
    let Shape::Struct(fields) = &plan.types[0].shape else {
        panic!("a structure")
    };
    let places: Vec<_> = fields
        .iter()
        .map(|it| (it.offset, it.bytes, it.align))
        .collect();
    let wanted = [(8, 1, 8), (9, 8, 1), (17, 2, 1), (19, 8, 1), (27, 16, 1)];
    assert_eq!(places, wanted);
    let Shape::Array(element) = &plan.types[1].shape else {
        panic!("an array")
    };
    assert_eq!((element.offset, element.bytes, element.align), (12, 2, 2));
    let ancestry: Vec<_> = plan
        .types
        .iter()
        .map(|ty| (ty.is_final, ty.depth))
        .collect();
    assert_eq!(ancestry, [(true, 0), (true, 0), (false, 0), (true, 1)]);
}
