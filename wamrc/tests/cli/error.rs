//! Errors: where, what, what to do; for people and for programs; exit codes.

use super::folder::{Folder, errors, module};
use serde_json::{Value, json};

/// A module with a name section whose second function does not validate.
fn invalid() -> Vec<u8> {
    let text = r#"(module (import "m" "f" (func))
        (func $good (result i32) (i32.const 1))
        (func $bad (drop (i32.add (i64.const 1) (i32.const 2)))))"#;
    wat::parse_str(text).unwrap()
}

fn lines(output: &std::process::Output) -> Vec<Value> {
    let text = errors(output);
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    text.lines().map(parse).collect()
}

#[test]
fn errors_say_where_and_what_to_do() {
    let folder = Folder::new("where");
    folder.write("bad.wasm", &invalid());
    let output = folder.run(&["-o", "out.aot", "bad.wasm"]);
    assert_eq!(output.status.code(), Some(1));
    let text = errors(&output);
    assert!(text.contains("bad.wasm: invalid module at 0x"), "{text}");
    assert!(
        text.contains("\n  in function 2 (bad), at `i32.add`\n"),
        "{text}"
    );
    assert!(text.contains("\n  help: "), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
}

#[test]
fn files_of_other_kinds_are_recognised() {
    let folder = Folder::new("kinds");
    folder.write("in.wasm", &module());
    folder.succeed(&["-o", "out.aot", "in.wasm"]);
    folder.write("text.wasm", b"\n  (module)");
    let component = b"\0asm\x0d\0\x01\0";
    folder.write("component.wasm", component);
    folder.write("empty.wasm", b"");
    let cases = [
        ("out.aot", "run it with iwasm"),
        ("text.wasm", "wat2wasm"),
        ("component.wasm", "core module"),
        ("empty.wasm", "the input is empty"),
    ];
    for (file, words) in cases {
        let output = folder.run(&["-o", "again.aot", file]);
        assert_eq!(output.status.code(), Some(1), "{file}");
        assert!(errors(&output).contains(words), "{}", errors(&output));
    }
}

/// One object per line, whatever happens.
#[test]
fn messages_as_json() {
    let folder = Folder::new("json-messages");
    folder.write("bad.wasm", &invalid());
    folder.write("in.wasm", &module());
    let json_flag = "--message-format=json";
    let output = folder.run(&[json_flag, "-o", "out.aot", "bad.wasm"]);
    assert_eq!(output.status.code(), Some(1));
    let found = lines(&output);
    let error = found.last().unwrap();
    assert_eq!(error["type"], "error");
    assert_eq!(error["file"], "bad.wasm");
    assert_eq!(error["function"], json!({ "index": 2, "name": "bad" }));
    assert_eq!(error["instruction"], "i32.add");
    assert!(
        error["offset"].is_u64() && error["help"].is_string(),
        "{error}"
    );

    let output = folder.run(&[
        "--message-format",
        "json",
        "--enable-gc",
        "-o",
        "out.aot",
        "in.wasm",
    ]);
    let found = lines(&output);
    assert_eq!(found[0]["type"], "remark");
    let stage =
        json!({ "type": "stage", "file": "in.wasm", "stage": "parse", "done": 0, "total": 1 });
    assert!(found.contains(&stage), "{found:?}");
    let done = found.last().unwrap();
    assert_eq!(done["type"], "done");
    assert_eq!(done["output"], "out.aot");
    assert_eq!(done["bytes"], folder.read("out.aot").len());

    for arguments in [
        &[json_flag, "--no-such"][..],
        &[json_flag, "-o", "x", "missing.wasm"],
        &["inspect", json_flag, "bad.wasm"],
        &["inspect", "missing.aot", json_flag],
    ] {
        let found = lines(&folder.run(arguments));
        assert_eq!(found.last().unwrap()["type"], "error", "{arguments:?}");
    }
    let output = folder.run(&[
        json_flag,
        "--quiet",
        "--enable-gc",
        "-o",
        "out.aot",
        "in.wasm",
    ]);
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// Wrong values of options of the compile command, and what the error says.
const WRONG: &[(&str, &str)] = &[
    ("--target=vax", "--target=help lists"),
    ("--target-abi=msvc", "gnu"),
    ("--cpu=z80", "--cpu=help lists"),
    ("--cpu-features=+warp", "--cpu-features=help lists"),
    ("--runtime=v8", "expected wamrc or stock"),
    ("--opt-level=4", "expected 0, 1, 2 or 3"),
    ("--size-level=small", "expected 0, 1, 2 or 3"),
    ("--bounds-checks=yes", "expected 0 or 1"),
    ("--stack-bounds-checks=2", "expected 0 or 1"),
    (
        "--format=elf",
        "expected aot, object, llvmir-unopt or llvmir-opt",
    ),
    ("--emit=aot,elf", "expected aot, object, llvm-ir or asm"),
    ("--aot-version=4", "expected 5 or 6"),
    (
        "--enable-builtin-intrinsics=all",
        "--disable-llvm-intrinsics",
    ),
    ("--message-format=xml", "expected text or json"),
    ("--verbose=9", "expected 0, 1, 2, 3, 4 or 5"),
    ("-v=loud", "expected 0, 1, 2, 3, 4 or 5"),
    ("--jobs=0", "expected a number from 1 on"),
    ("-j=many", "--jobs=many: expected a number from 1 on"),
    ("--part-size=0", "expected a number from 1 on"),
    ("--memory-limit=lots", "expected a number of bytes"),
    ("-O=9", "expected 0, 1, 2, 3, s or z"),
    ("--xip=1", "takes no value"),
    ("--opt-level", "expected 0, 1, 2 or 3"),
    ("--no-such-option", "--help"),
    ("--opt-levle=3", "--opt-level"),
    ("@missing.rsp", "cannot read it"),
];

/// Options that take any name.
const FREE: &[&str] = &[
    "--output",
    "--out-dir",
    "--emit-depfile",
    "--stack-usage",
    "--cache-dir",
    "--emit-custom-sections",
];

/// The table above has every option that the help shows with a value.
#[test]
fn every_option_with_a_value_is_tried() {
    let folder = Folder::new("options");
    let help = folder.succeed(&["--help"]);
    let options = help.lines().filter_map(|line| {
        let (names, _) = line.trim_start().split_once(" <")?;
        names.starts_with('-').then(|| names.rsplit(' ').next())?
    });
    let untried: Vec<&str> = options
        .filter(|name| !FREE.contains(name))
        .filter(|name| {
            let tried = |option: &str| option.split('=').next() == Some(name);
            !WRONG.iter().any(|(option, _)| tried(option))
        })
        .collect();
    assert_eq!(untried, [""; 0]);
}

/// A wrong value is one line that names the option and what it takes, exit code 2.
#[test]
fn wrong_values_are_one_line() {
    let folder = Folder::new("values");
    folder.write("in.wasm", &module());
    folder.succeed(&["-o", "old.aot", "in.wasm"]);
    let mut lines: Vec<(Vec<&str>, &str)> = WRONG
        .iter()
        .map(|(option, words)| (vec!["-o", "out.aot", "in.wasm", *option], *words))
        .collect();
    lines.extend([
        (vec!["-o"], "the value is missing"),
        (
            vec!["-o", "a.aot", "--out-dir=d", "in.wasm"],
            "does not go with",
        ),
        (vec!["-o", "a.aot", "in.wasm", "in.wasm"], "--out-dir"),
        (vec!["-o", "in.wasm", "in.wasm"], "would be overwritten"),
        (vec!["--out-dir=d", "-"], "-o OUT"),
        (vec!["--emit=aot,asm", "-o", "-", "in.wasm"], "several"),
        (
            vec!["--emit-depfile=x.d", "-o", "-", "in.wasm"],
            "--emit-depfile",
        ),
        (
            vec!["--size-report", "--format=object", "-o", "a.o", "in.wasm"],
            "--size-report",
        ),
        (
            vec!["size", "--top=many", "old.aot"],
            "--top=many: expected a number",
        ),
        (vec!["size"], "FILE.aot"),
        (vec!["validate", "--runtime=v8", "old.aot"], "stock-2.4.1"),
        (
            vec!["snapshot", "--kind=elf", "in.wasm"],
            "expected ir, optimised-ir, asm or container",
        ),
        (vec!["completions", "cmd"], "bash"),
        (vec!["diff", "old.aot"], "B.aot"),
        (vec!["run"], "FILE.wasm"),
        (vec!["run", "--no-such", "in.wasm"], "--no-such"),
    ]);
    for (arguments, words) in lines {
        let output = folder.run(&arguments);
        let text = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert_eq!(text.lines().count(), 1, "{arguments:?}: {text}");
        assert!(
            text.starts_with("error: ") && text.contains(words),
            "{arguments:?}: {text}"
        );
        let option = arguments.last().unwrap().split('=').next().unwrap();
        if option.starts_with("--") {
            assert!(
                text.contains(option) || option.starts_with("--opt-levle"),
                "{text}"
            );
        }
    }
    assert_eq!(folder.list(), ["in.wasm", "old.aot"]);
}
