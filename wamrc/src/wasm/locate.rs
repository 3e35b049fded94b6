//! Where an offset of a wasm file is, for people: which function, which instruction.
//!
//! Works on modules that do not validate: sections are taken apart without checking what is in them, and what cannot be
//! read is left out of the answer. Nothing is decided with it.

use super::index::{FuncIdx, WasmOffset};
use super::names::read_names;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{BinaryReader, FunctionBody, Operator, OperatorsReader, Parser, Payload};

/// What is at an offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The function whose body is there.
    pub function: Option<FuncIdx>,
    /// Its name in the name section.
    pub name: Option<String>,
    /// The instruction there, as the text format spells it, without its immediates.
    pub instruction: Option<String>,
}

/// Finds the function and the instruction at an offset of a file.
#[must_use]
pub fn locate(bytes: &[u8], offset: WasmOffset) -> Location {
    let mut walk = Walk::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Ok(payload) => walk.note(payload, offset),
            Err(_) => break,
        }
    }
    let Some((function, body)) = walk.found else {
        return Location::default();
    };
    let names = walk.names.map(|reader| read_names(reader, u32::MAX));
    let name = names.and_then(|names| {
        let mut names = names.functions.iter();
        let (_, name) = names.find(|(index, _)| *index == function)?;
        Some((*name).to_owned())
    });
    Location {
        function: Some(function),
        name,
        instruction: instruction(&body, offset),
    }
}

/// The instructions at offsets of a file, as the text format spells them, without their immediates. None where no
/// instruction begins.
#[must_use]
pub fn spell(bytes: &[u8], offsets: &BTreeSet<WasmOffset>) -> BTreeMap<WasmOffset, String> {
    let mut texts = BTreeMap::new();
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        let Payload::CodeSectionEntry(body) = payload else {
            continue;
        };
        let range = body.range();
        let mut wanted = offsets.range(WasmOffset(range.start)..WasmOffset(range.end));
        if wanted.next().is_some() {
            spell_body(&body, offsets, &mut texts);
        }
    }
    texts
}

fn spell_body(
    body: &FunctionBody<'_>,
    offsets: &BTreeSet<WasmOffset>,
    texts: &mut BTreeMap<WasmOffset, String>,
) {
    let Ok(reader) = body.get_binary_reader_for_operators() else {
        return;
    };
    let operators = OperatorsReader::new(reader).into_iter_with_offsets();
    for (operator, start) in operators.map_while(Result::ok) {
        let start = WasmOffset(start);
        if offsets.contains(&start) {
            texts.insert(start, spelling(visitor_name(&operator)));
        }
    }
}

/// Names of functions in the name section, by index; none for a file that cannot be read.
#[must_use]
pub fn function_names(bytes: &[u8]) -> BTreeMap<u32, String> {
    let mut walk = Walk::default();
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        walk.note(payload, WasmOffset(u64::MAX));
    }
    let names = walk.names.map(|reader| read_names(reader, walk.functions));
    let names = names.unwrap_or_default().functions.into_iter();
    names
        .map(|(index, name)| (index.0, name.to_owned()))
        .collect()
}

/// What the walk through the sections has come across.
#[derive(Default)]
struct Walk<'a> {
    /// Functions so far, imported ones first.
    functions: u32,
    found: Option<(FuncIdx, FunctionBody<'a>)>,
    names: Option<BinaryReader<'a>>,
}

impl<'a> Walk<'a> {
    fn note(&mut self, payload: Payload<'a>, offset: WasmOffset) {
        match payload {
            Payload::ImportSection(section) => {
                let imports = section.into_imports().map_while(Result::ok);
                let functions = imports.filter(|import| {
                    matches!(
                        import.ty,
                        wasmparser::TypeRef::Func(_) | wasmparser::TypeRef::FuncExact(_)
                    )
                });
                self.functions = u32::try_from(functions.count()).unwrap_or(u32::MAX);
            }
            Payload::CodeSectionEntry(body) => {
                if body.range().contains(&offset.0) {
                    self.found = Some((FuncIdx(self.functions), body));
                }
                self.functions = self.functions.saturating_add(1);
            }
            Payload::CustomSection(section) if section.name() == "name" => {
                self.names = Some(section.data_reader());
            }
            _ => {}
        }
    }
}

/// The instruction of a body that an offset falls into; none if it cannot be read.
fn instruction(body: &FunctionBody<'_>, offset: WasmOffset) -> Option<String> {
    let mut operators = OperatorsReader::new(body.get_binary_reader_for_operators().ok()?);
    while !operators.eof() {
        let (operator, start) = operators.read_with_offset().ok()?;
        if (start..operators.original_position()).contains(&offset.0) {
            return Some(spelling(visitor_name(&operator)));
        }
    }
    None
}

/// The name wasmparser has for an operator, words separated by `_`.
fn visitor_name(operator: &Operator<'_>) -> &'static str {
    // Grammar: rows `@proposal Variant { fields } => visit_name (annotations)`; one becomes
    // `Operator::Variant { .. } => "visit_name",`.
    macro_rules! names {
        ($(@$proposal:ident $op:ident $({ $($field:ident: $ty:ty),* })? => $visit:ident ($($note:tt)*))*) => {
            match operator {
                $(Operator::$op $({ $($field: _),* })? => stringify!($visit),)*
                _ => "",
            }
        };
    }
    wasmparser::for_each_operator!(names)
}

/// Words that stand in front of a dot.
#[rustfmt::skip]
const SPACES: &[&str] = &[
    "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2",
    "local", "global", "table", "memory", "data", "elem", "ref", "struct", "array", "any", "extern",
    "i31", "atomic", "cont",
];

/// The text format's spelling of wasmparser's name.
fn spelling(visitor: &str) -> String {
    let name = visitor.strip_prefix("visit_").unwrap_or(visitor);
    let name = match name {
        "typed_select" | "typed_select_multi" => "select",
        name if name.starts_with("ref_cast") || name.starts_with("ref_test") => name
            .trim_end_matches("_nullable")
            .trim_end_matches("_non_null"),
        name => name,
    };
    let Some((space, rest)) = name
        .split_once('_')
        .filter(|(space, _)| SPACES.contains(space))
    else {
        return name.to_owned();
    };
    let Some(rest) = rest.strip_prefix("atomic_") else {
        return format!("{space}.{rest}");
    };
    match rest.split_once('_') {
        Some((width, operation)) if width.starts_with("rmw") => {
            format!("{space}.atomic.{width}.{operation}")
        }
        _ => format!("{space}.atomic.{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Location, function_names, locate, spelling};
    use crate::wasm::{FuncIdx, WasmOffset};

    #[test]
    fn names_are_spelled_as_in_text() {
        let cases = [
            ("visit_i32_add", "i32.add"),
            ("visit_local_get", "local.get"),
            ("visit_br_if", "br_if"),
            ("visit_call_indirect", "call_indirect"),
            ("visit_typed_select", "select"),
            ("visit_ref_cast_non_null", "ref.cast"),
            ("visit_ref_as_non_null", "ref.as_non_null"),
            ("visit_i64_atomic_rmw8_add_u", "i64.atomic.rmw8.add_u"),
            ("visit_memory_atomic_wait32", "memory.atomic.wait32"),
            ("visit_atomic_fence", "atomic.fence"),
            ("visit_i32_trunc_sat_f32_s", "i32.trunc_sat_f32_s"),
        ];
        for (visitor, text) in cases {
            assert_eq!(spelling(visitor), text);
        }
    }

    #[test]
    fn offsets_lead_to_functions_and_instructions() {
        let text = r#"(module (import "m" "f" (func))
            (func $first nop) (func $second (drop (i32.add (i64.const 1) (i32.const 2)))))"#;
        let bytes = wat::parse_str(text).expect("a module");
        let add = bytes.iter().rposition(|byte| *byte == 0x6a);
        let offset = WasmOffset(add.expect("an addition") as u64);
        let expected = Location {
            function: Some(FuncIdx(2)),
            name: Some("second".to_owned()),
            instruction: Some("i32.add".to_owned()),
        };
        assert_eq!(locate(&bytes, offset), expected);
        assert_eq!(locate(&bytes, WasmOffset(9)), Location::default());
        let names = function_names(&bytes).into_iter();
        let expected = [(1, "first".to_owned()), (2, "second".to_owned())];
        assert!(names.eq(expected));
        for length in 0..bytes.len() {
            drop(locate(&bytes[..length], offset));
        }
    }
}
