//! Every option of stock wamrc works, or is accepted with a remark, or is refused with an alternative.

use super::folder::{Folder, errors, module};
use std::process::Command;

/// What becomes of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Works,
    Unnecessary,
    Refused,
}

use Fate::{Refused, Unnecessary, Works};

/// Every option that stock's help names, with a value it takes.
const OPTIONS: &[(&str, Fate)] = &[
    ("--target=x86_64", Works),
    ("--target=aarch64v8", Works),
    ("--target-abi=gnu", Works),
    ("--cpu=x86-64-v2", Works),
    ("--cpu-features=+sse4.2", Works),
    ("--opt-level=0", Works),
    ("--size-level=0", Works),
    ("-sgx", Works),
    ("--bounds-checks=1", Works),
    ("--stack-bounds-checks=1", Works),
    ("--format=aot", Works),
    ("--disable-bulk-memory", Works),
    ("--enable-bulk-memory-opt", Unnecessary),
    ("--enable-extended-const", Unnecessary),
    ("--enable-multi-thread", Unnecessary),
    ("--enable-tail-call", Unnecessary),
    ("--disable-simd", Works),
    ("--disable-ref-types", Works),
    ("--enable-call-indirect-overlong", Unnecessary),
    ("--enable-lime1", Unnecessary),
    ("--enable-gc", Unnecessary),
    ("--disable-aux-stack-check", Works),
    ("--enable-dump-call-stack", Refused),
    ("--call-stack-features=ip,func-idx", Refused),
    ("--enable-perf-profiling", Refused),
    ("--enable-memory-profiling", Refused),
    ("--xip", Works),
    ("--enable-indirect-mode", Works),
    ("--disable-llvm-intrinsics", Works),
    ("--enable-builtin-intrinsics=help", Works),
    ("--disable-llvm-jump-tables", Works),
    ("--disable-llvm-lto", Unnecessary),
    ("--enable-llvm-passes=gvn", Refused),
    ("--mllvm=-debug", Refused),
    ("--enable-llvm-pgo", Refused),
    ("--use-prof-file=a.profdata", Refused),
    ("--enable-segue", Unnecessary),
    ("--enable-segue=i32.load,v128.store", Unnecessary),
    ("--emit-custom-sections=name", Works),
    ("--native-lib=libx.so", Unnecessary),
    ("--invoke-c-api-import", Unnecessary),
    ("--enable-linux-perf", Refused),
    ("--enable-shared-heap", Refused),
    ("--enable-shared-chain", Refused),
    ("-v=1", Works),
    ("--version", Works),
    ("--llvm-version", Works),
    ("--help", Works),
];

#[test]
fn every_option_of_stock_has_its_fate() {
    let folder = Folder::new("stock");
    folder.write("in.wasm", &module());
    for (option, fate) in OPTIONS {
        let output = folder.run(&[option, "-o", "out.aot", "in.wasm"]);
        let text = errors(&output);
        let name = option.split('=').next().unwrap().trim_start_matches('-');
        let name = format!("--{name}");
        let found = match (
            output.status.code(),
            text.lines().collect::<Vec<_>>().as_slice(),
        ) {
            (Some(0), []) => Works,
            (Some(0), [line]) => {
                assert!(
                    line.starts_with(&format!("remark: {name} is not needed: ")),
                    "{line}"
                );
                Unnecessary
            }
            (Some(2), [line]) => {
                assert!(
                    line.starts_with(&format!("error: {name} is not supported: ")),
                    "{line}"
                );
                assert!(line.contains("; instead: "), "{line}");
                Refused
            }
            other => panic!("{option}: {other:?}"),
        };
        assert_eq!(found, *fate, "{option}");
    }
}

/// At level 0 nothing is said; a wrong value is an error even of an option that is not needed.
#[test]
fn remarks_are_for_those_who_listen() {
    let folder = Folder::new("stock-quiet");
    folder.write("in.wasm", &module());
    for quiet in [&["-v=0"][..], &["-v", "0"], &["-q"], &["--quiet"]] {
        let arguments = [quiet, &["--enable-gc", "-o", "out.aot", "in.wasm"]].concat();
        let output = folder.run(&arguments);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
    let output = folder.run(&["--enable-segue=i8.load", "-o", "out.aot", "in.wasm"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).starts_with("error: --enable-segue=i8.load: expected i32.load, "));
}

/// Frame sizes as C compilers list them, where functions know them.
#[test]
fn stack_usage_is_listed() {
    let folder = Folder::new("stack-usage");
    let text = r#"(module (import "m" "f" (func (param i32))) (memory 1)
        (func $leaf (export "leaf") (result i32) (i32.const 1))
        (func $caller (export "caller") (param i32) (result i32)
            (call 0 (local.get 0)) (i32.add (local.get 0) (call $caller (i32.const 3)))))"#;
    folder.write("in.wasm", &wat::parse_str(text).unwrap());
    let usage = ["--stack-usage=in.su", "-o", "out.aot", "in.wasm"];
    let output = folder.run(&usage);
    assert_eq!(output.status.code(), Some(2));
    let text = errors(&output);
    assert!(text.contains("--stack-bounds-checks=1"), "{text}");
    folder.succeed(&[&["--stack-bounds-checks=1"], &usage[..]].concat());
    let text = String::from_utf8(folder.read("in.su")).unwrap();
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let [leaf, caller] = lines.as_slice() else {
        panic!("{text}")
    };
    assert_eq!((leaf[0], leaf[2]), ("in.wasm:leaf", "static"));
    assert_eq!(caller[0], "in.wasm:caller");
    let bytes = |line: &[&str]| line[1].parse::<u64>().unwrap();
    assert!(bytes(caller) > bytes(leaf), "{text}");
    folder.succeed(&[
        "--target=cortex-m4f",
        "--stack-usage=m4.su",
        "-o",
        "out.aot",
        "in.wasm",
    ]);
    assert!(folder.read("m4.su").starts_with(b"in.wasm:leaf\t"));
}

/// Later options win, as in stock; a subcommand takes the same ones.
#[test]
fn options_can_be_repeated() {
    let folder = Folder::new("stock-repeat");
    folder.write("in.wasm", &module());
    let plain = [
        "--aot-version=6",
        "--aot-version=5",
        "-o",
        "a.aot",
        "in.wasm",
    ];
    folder.succeed(&plain);
    folder.succeed(&[
        "compile",
        "--enable-gc",
        "--aot-version=5",
        "-o",
        "b.aot",
        "in.wasm",
    ]);
    assert_eq!(folder.read("a.aot")[4], 5);
    assert_eq!(folder.read("a.aot"), folder.read("b.aot"));
}

#[test]
fn variables_of_stock_are_reported() {
    let folder = Folder::new("stock-variables");
    folder.write("in.wasm", &module());
    let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
    command
        .args(["-o", "out.aot", "in.wasm"])
        .current_dir(&folder.0);
    let output = command.env("WAMRC_LLC_COMPILER", "llc").output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        errors(&output),
        "remark: the variable WAMRC_LLC_COMPILER has no effect: code is generated within the compiler\n"
    );
}
