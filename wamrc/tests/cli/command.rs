//! The subcommands that look into files, run them, and describe the command line itself.

use super::folder::{Folder, errors, module};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A folder with `in.wasm` and `a.aot` made of it.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("in.wasm", &module());
    folder.succeed(&["--emit-custom-sections=name", "-o", "a.aot", "in.wasm"]);
    folder
}

#[test]
fn objdump_shows_functions() {
    let folder = folder("objdump");
    let all = folder.succeed(&["objdump", "a.aot"]);
    assert!(
        all.contains(" function 0 (double), ") && all.contains(" function 2 (stop), "),
        "{all}"
    );
    assert!(all.contains("; aot_set_exception_with_id"), "{all}");
    let one = folder.succeed(&["objdump", "--function=double", "a.aot"]);
    assert!(one.contains("(double)") && !one.contains("(stop)"), "{one}");
    assert_eq!(
        one,
        folder.succeed(&["objdump", "--function", "0", "a.aot"])
    );
    let value = json(&folder.succeed(&["objdump", "--json", "--function=stop", "a.aot"]));
    assert_eq!(value[0]["name"], "function 2 (stop)");
    assert_eq!(value.as_array().unwrap().len(), 1);
    for (function, words) in [
        ("none", "no function of this name"),
        ("7", "functions 0 to 2"),
    ] {
        let output = folder.run(&["objdump", &format!("--function={function}"), "a.aot"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(errors(&output).contains(words), "{}", errors(&output));
    }
}

/// Bodies that lie apart from their entries are found, on every machine whose jumps are read.
#[test]
fn bodies_have_names() {
    let folder = Folder::new("bodies");
    let text = r#"(module (memory 1)
        (func $inner (param i32) (result i32)
            (i32.add (call $inner (i32.shr_u (local.get 0) (i32.const 1)))
                (i32.mul (call $inner (i32.load (local.get 0))) (call $rec (local.get 0)))))
        (func $rec (export "rec") (param i32) (result i32) (local $s i32)
            (loop $l (local.set $s (i32.add (local.get $s) (call $rec (i32.sub (local.get 0) (i32.const 7)))))
                (br_if $l (i32.lt_s (local.get $s) (call $inner (local.get 0)))))
            (i32.xor (call $inner (local.get $s)) (local.get $s))))"#;
    folder.write("in.wasm", &wat::parse_str(text).unwrap());
    for target in ["x86_64", "i386", "aarch64", "armv7", "riscv64", "mips64el"] {
        let target = format!("--target={target}");
        let flags = [&target, "--bounds-checks=0", "--stack-bounds-checks=0"];
        folder.succeed(&[&flags[..], &["-o", "out.aot", "in.wasm"]].concat());
        let text = folder.succeed(&["objdump", "--wasm=in.wasm", "out.aot"]);
        assert!(text.contains(" function 0 (inner), "), "{target}: {text}");
        assert!(
            text.contains(" function 1 (rec), body, "),
            "{target}: {text}"
        );
        assert!(text.contains("; function 0 (inner)\n"), "{target}: {text}");
        assert!(
            text.contains("; function 1 (rec), body\n"),
            "{target}: {text}"
        );
        let one = folder.succeed(&["objdump", "--function=rec", "out.aot"]);
        assert!(
            one.contains(" function 1 (rec), body, ") && !one.contains(" function 0, "),
            "{one}"
        );
    }
}

#[test]
fn sizes_add_up() {
    let folder = folder("size");
    let names = wat::parse_str("(module (func $outer) (func $inner) (func $stop))").unwrap();
    folder.write("named.wasm", &names);
    let value = json(&folder.succeed(&["size", "--json", "--top=2", "a.aot"]));
    let bytes = folder.read("a.aot").len();
    assert_eq!(value[0]["bytes"], bytes);
    let sections = value[0]["sections"].as_array().unwrap();
    let sum: u64 = sections
        .iter()
        .map(|it| it["bytes"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, bytes as u64, "{sections:?}");
    assert!(
        sections.iter().any(|it| it["name"] == "custom \"wamrc\""),
        "{sections:?}"
    );
    let functions = value[0]["functions"].as_array().unwrap();
    assert_eq!(functions.len(), 2);
    assert!(functions[0]["bytes"].as_u64() >= functions[1]["bytes"].as_u64());
    let text = folder.succeed(&["size", "a.aot", "a.aot"]);
    assert_eq!(text.matches("section text").count(), 2, "{text}");
    folder.succeed(&["-o", "b.aot", "in.wasm"]);
    let named = folder.succeed(&["size", "--wasm=named.wasm", "b.aot"]);
    assert!(named.contains("function 1 (inner)"), "{named}");
    let output = folder.run(&["size", "--wasm=in.wasm", "a.aot", "b.aot"]);
    assert_eq!(output.status.code(), Some(2));
    let listing = folder.succeed(&["objdump", "--wasm=named.wasm", "--function=inner", "b.aot"]);
    assert!(listing.contains("function 1 (inner), "), "{listing}");
    let output = folder.run(&["--size-report", "-o", "b.aot", "in.wasm"]);
    assert!(
        errors(&output).contains("section text"),
        "{}",
        errors(&output)
    );
}

#[test]
fn validation_names_what_a_runtime_lacks() {
    let folder = folder("validate");
    assert_eq!(
        folder.succeed(&["validate", "a.aot"]),
        "a.aot: wamrc takes it\n"
    );
    folder.succeed(&["validate", "--runtime=stock-main", "a.aot"]);
    let output = folder.run(&["validate", "--runtime=stock-2.4.3", "a.aot"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("version 6") && text.contains("--aot-version=5"),
        "{text}"
    );
    folder.succeed(&["--aot-version=5", "-o", "b.aot", "in.wasm"]);
    folder.succeed(&["validate", "--runtime=stock-2.4.1", "b.aot"]);
    let exceptions = "(module (tag $t) (func (export \"f\") (throw $t)))";
    folder.write("throw.wasm", &wat::parse_str(exceptions).unwrap());
    folder.succeed(&["-o", "throw.aot", "throw.wasm"]);
    folder.succeed(&["validate", "throw.aot"]);
    let output = folder.run(&[
        "validate",
        "--json",
        "--runtime=stock-main",
        "throw.aot",
        "a.aot",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let value = json(std::str::from_utf8(&output.stdout).unwrap());
    assert_eq!(
        (&value[0]["valid"], &value[1]["valid"]),
        (&Value::from(false), &Value::from(true))
    );
    assert!(
        value[0]["problems"]
            .to_string()
            .contains("relies on exceptions"),
        "{value}"
    );
    let output = folder.run(&["validate", "in.wasm"]);
    assert!(
        errors(&output).contains("not a valid AOT file"),
        "{}",
        errors(&output)
    );
}

#[test]
fn differences_are_told() {
    let folder = folder("diff");
    assert_eq!(
        folder.succeed(&["diff", "a.aot", "a.aot"]),
        "no difference\n"
    );
    let text = r#"(module (memory (export "memory") 1)
        (func $double (export "double") (param i32) (result i32)
            (i32.mul (i32.add (local.get 0) (local.get 0)) (i32.popcnt (local.get 0))))
        (func (export "fresh") (result v128) (v128.const i64x2 0 0))
        (func (export "stop") unreachable))"#;
    folder.write("new.wasm", &wat::parse_str(text).unwrap());
    folder.succeed(&["--emit-custom-sections=name", "-o", "b.aot", "new.wasm"]);
    let output = folder.run(&["diff", "a.aot", "b.aot"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty());
    let text = String::from_utf8(output.stdout).unwrap();
    for words in [
        "export func \"load\" is gone",
        "export func \"fresh\" is new",
        "feature simd is new",
        "function double: ",
        "function fresh is new (",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("function stop"), "{text}");
    let value = json(
        std::str::from_utf8(&folder.run(&["diff", "--json", "a.aot", "b.aot"]).stdout).unwrap(),
    );
    assert_eq!(value["same"], false);
}

#[test]
fn snapshots_hold_no_addresses() {
    let folder = folder("snapshot");
    let asm = folder.succeed(&["snapshot", "--kind=asm", "in.wasm"]);
    assert!(asm.contains("function 2 (stop):"), "{asm}");
    let container = folder.succeed(&["snapshot", "in.wasm"]);
    assert!(
        container.contains("export \"double\" func 0"),
        "{container}"
    );
    assert!(
        !container.contains("LLVM") && !container.contains(" at 0x"),
        "{container}"
    );
    let ir = folder.succeed(&["snapshot", "--kind=ir", "--target=aarch64", "in.wasm"]);
    assert!(ir.contains("define") && !ir.contains("ModuleID"), "{ir}");
    let value = json(&folder.succeed(&["snapshot", "--json", "--kind=asm", "in.wasm"]));
    assert_eq!(value["text"].as_str().unwrap(), asm.trim_end_matches('\n'));
    // A function in front moves all others, and shows as itself only.
    let text = r#"(module (memory (export "memory") 1)
        (func $double (export "double") (param i32) (result i32)
            (i32.add (local.get 0) (i32.const 7)))
        (func (export "load") (param i32) (result f64) (f64.load (local.get 0)))
        (func (export "stop") unreachable))"#;
    folder.write("moved.wasm", &wat::parse_str(text).unwrap());
    let moved = folder.succeed(&["snapshot", "--kind=asm", "moved.wasm"]);
    let rest = |text: &str| text[text.find("function 1 ").unwrap()..].to_owned();
    assert_ne!(asm, moved);
    assert_eq!(rest(&asm), rest(&moved));
}

/// The runtime beside the compiler, or where the variable says.
pub(crate) fn iwasm() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_BIN_EXE_wamrc")).with_file_name("iwasm");
    let named = std::env::var_os("IWASM").map(PathBuf::from);
    named.or(Some(beside)).filter(|path| path.is_file())
}

#[test]
fn programs_run() {
    let folder = folder("run");
    let echo = Path::new("/bin/echo");
    if echo.is_file() {
        let flags = [
            "--dir=.",
            "--map-dir=a::b",
            "--env=A=b",
            "in.wasm",
            "--x",
            "@y",
            "-sgx",
        ];
        let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
        command.arg("run").args(flags).current_dir(&folder.0);
        let output = command.env("IWASM", echo).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (flags, rest) = text.split_once(" /dev/fd/").expect("a file");
        assert_eq!(flags, "--dir=. --map-dir=a::b --env=A=b");
        assert!(rest.ends_with(" --x @y -sgx\n"), "{rest}");
    }
    let arguments = ["run", "-f", "double", "in.wasm", "21"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
    command.args(arguments).current_dir(&folder.0);
    let output = command.env("IWASM", "no/such/iwasm").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors(&output).contains("cannot start no/such/iwasm"),
        "{output:?}"
    );
    let Some(runtime) = iwasm() else {
        println!("skipped: no iwasm beside wamrc");
        return;
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
    command
        .args(arguments)
        .current_dir(&folder.0)
        .env("IWASM", runtime);
    let output = command.output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "0x2a:i32\n",
        "{output:?}"
    );
    assert_eq!(folder.list(), ["a.aot", "in.wasm"]);
}

#[test]
fn the_command_line_describes_itself() {
    let folder = Folder::new("shell");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = folder.succeed(&["completions", shell]);
        assert!(
            script.contains("wamrc") && script.contains("opt-level"),
            "{shell}"
        );
    }
    let page = folder.succeed(&["man"]);
    assert!(
        page.starts_with(".") && page.contains("bounds\\-checks"),
        "{page}"
    );
    assert!(page.contains("Exit status"), "{page}");
    let page = folder.succeed(&["man", "run"]);
    assert!(
        page.contains(".TH wamrc-run") && page.contains("map\\-dir"),
        "{page}"
    );
    let output = folder.run(&["man", "walk"]);
    assert_eq!(output.status.code(), Some(2));
}
