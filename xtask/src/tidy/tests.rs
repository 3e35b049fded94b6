//! Each rule on small inputs, and all of them on this tree.

use super::source::Source;
use super::{Finding, check, document, edge, fixture, length, name, place};

/// The lines that a rule finds in one file.
fn lines(find: fn(&[Source]) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
    let findings = find(&[Source::new(path, text)]);
    findings.iter().map(|finding| finding.line).collect()
}

#[test]
fn this_tree_is_tidy() {
    assert_eq!(check().failed, 0, "see the findings above");
}

#[test]
fn prose_and_strings_are_not_code() {
    let text = r###"//! unsafe in prose
fn f() { let a = "unsafe \" unsafe"; let b = r#"unsafe"#; let c = '"'; }
/* unsafe /* nested */ unsafe */ fn g<'a>(x: &'a str) {}
#![forbid(unsafe_code)]
unsafe fn h() {}
"###;
    assert_eq!(lines(place::unsafe_code, "xtask/src/a.rs", text), [5]);
    assert_eq!(
        lines(place::unsafe_code, "aot-runtime/src/code.rs", text),
        [0_usize; 0]
    );
    assert_eq!(
        lines(place::unsafe_code, "wamrc/src/llvm/types.rs", text),
        [0_usize; 0]
    );
}

#[test]
fn crates_stay_in_their_module() {
    let text = "use inkwell::context::Context;\nlet inkwells = 1;\n";
    assert_eq!(lines(place::crates, "wamrc/src/plan.rs", text), [1]);
    assert_eq!(
        lines(place::crates, "wamrc/src/llvm/context.rs", text),
        [0_usize; 0]
    );
    let text = "use wasmparser::Parser;\n";
    assert_eq!(lines(place::crates, "wamrc/src/plan/layout.rs", text), [1]);
    assert_eq!(
        lines(place::crates, "wamrc/src/lower/table.rs", text),
        [0_usize; 0]
    );
}

#[test]
fn architectures_and_target_conditions_are_confined() {
    let text = "match arch { Arch::X86_64 => 1, _ => 2 }\n#[cfg(target_os = \"linux\")]\nlet target_os = 1;\n";
    assert_eq!(
        lines(place::architectures, "wamrc/src/object.rs", text),
        [1]
    );
    assert_eq!(
        lines(place::architectures, "targets/src/arch.rs", text),
        [0_usize; 0]
    );
    assert_eq!(
        lines(place::target_conditions, "aot-runtime/src/memory.rs", text),
        [2]
    );
    assert_eq!(
        lines(
            place::target_conditions,
            "aot-runtime/src/host/unix.rs",
            text
        ),
        [0_usize; 0]
    );
}

#[test]
fn edges_are_those_of_the_graph() {
    let text = "[package]\nname = \"targets\"\n[dependencies]\ntarget-lexicon = { workspace = true }\nserde.workspace = true\n[dev-dependencies]\nobject = { workspace = true }\n[dependencies.libc]\n";
    assert_eq!(
        lines(edge::dependencies, "targets/Cargo.toml", text),
        [5, 8]
    );
    let text = "[dependencies]\naot-runtime = { workspace = true }\n";
    assert_eq!(lines(edge::dependencies, "xtask/Cargo.toml", text), [2]);
    assert_eq!(
        lines(edge::dependencies, "aot-format/Cargo.toml", text),
        [2]
    );
    assert_eq!(
        lines(edge::dependencies, "wamrc/Cargo.toml", text),
        [0_usize; 0]
    );
}

#[test]
fn long_files_and_functions_are_found() {
    let long = format!(
        "fn long() {{\n{}}}\nfn short() {{}}\n",
        "    step();\n".repeat(80)
    );
    assert_eq!(lines(length::limits, "wamrc/src/a.rs", &long), [1]);
    assert_eq!(
        lines(length::limits, "wamrc/src/a/tests.rs", &long),
        [0_usize; 0]
    );
    let fits = format!("fn fits() {{\n{}}}\n", "    step();\n".repeat(78));
    assert_eq!(lines(length::limits, "wamrc/src/a.rs", &fits), [0_usize; 0]);
    let file = "// line\n".repeat(801);
    assert_eq!(lines(length::limits, "wamrc/src/a.rs", &file), [0]);
}

#[test]
fn functions_are_delimited() {
    let code = "trait T { fn declared(&self) -> [u8; 4]; fn given(&self) {\n} }\nlet f: fn (u8);\n";
    let found: Vec<_> = length::functions(code)
        .into_iter()
        .map(|function| (function.name, function.line, function.lines))
        .collect();
    assert_eq!(found, [("given".to_owned(), 1, 2)]);
}

#[test]
fn heads_marks_and_paths_are_found() {
    assert_eq!(
        lines(document::heads, "wamrc/src/a.rs", "use std::fs;\n"),
        [1]
    );
    assert_eq!(
        lines(document::heads, "wamrc/src/a.rs", "//! What.\n"),
        [0_usize; 0]
    );
    let mark = concat!("TO", "DO");
    let text = format!("// {mark}: later\n// {mark} #12: later\ntodo!();\n#[ignore]\n");
    assert_eq!(
        lines(document::leftovers, "wamrc/src/a.rs", &text),
        [1, 3, 4]
    );
    let folder = concat!("/ho", "me/someone");
    let text = format!("at {folder}\nat x{folder}\nat https://example{folder}\n");
    assert_eq!(lines(document::machine_paths, "README.md", &text), [1]);
}

#[test]
fn names_follow_the_rules() {
    assert_eq!(lines(name::names, "wamrc/src/plan/mod.rs", ""), [0]);
    assert_eq!(lines(name::names, "wamrc/src/utils.rs", ""), [0]);
    let text = "fn get_size() {}\nfn target() { get_size() }\n";
    assert_eq!(lines(name::names, "wamrc/src/plan.rs", text), [1]);
}

#[test]
fn fixtures_and_snapshots_correspond() {
    let found = fixture::pairs(&[
        Source::new("fixtures/wat/int/add.wat", ""),
        Source::new("fixtures/wat/int/sub.wat", ""),
        Source::new("snapshots/ir/int__add@x86_64.snap", ""),
        Source::new("snapshots/ir/int__mul@x86_64.snap", ""),
        Source::new("snapshots/cli/help.snap", ""),
    ]);
    let paths: Vec<_> = found.iter().map(|finding| finding.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "fixtures/wat/int/sub.wat",
            "snapshots/ir/int__mul@x86_64.snap"
        ]
    );
}
