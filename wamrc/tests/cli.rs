//! The command line, run as a process: messages, exit codes, what is left on disk.
//!
//! Snapshots in `snapshots/cli`. Paths in messages are made relative so that nothing of the machine
//! shows.

#[path = "cli/cmake.rs"]
mod cmake;
#[path = "cli/command.rs"]
mod command;
#[path = "cli/error.rs"]
mod error;
#[path = "cli/folder.rs"]
mod folder;
#[path = "cli/manual.rs"]
mod manual;
#[path = "cli/pipeline.rs"]
mod pipeline;
#[path = "cli/stock.rs"]
mod stock;

use aot_format::FloatAbi;
use folder::{Folder, check, module, transcript};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn help_teaches() {
    let folder = Folder::new("help");
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_inspect", &["inspect", "--help"]),
        ("targets", &["--target=help"]),
    ] {
        check(name, &transcript(arguments, &folder.run(arguments)));
    }
}

/// Everything that can be wrong with a command line: one message, exit code 2, nothing written.
#[test]
fn wrong_command_lines() {
    let folder = Folder::new("usage");
    folder.write("in.wasm", &module());
    let cases: &[&[&str]] = &[
        &[],
        &["in.wasm"],
        &["-o", "out.aot"],
        &["--no-such-option", "-o", "out.aot", "in.wasm"],
        &["--target=vax", "-o", "out.aot", "in.wasm"],
        &["--target=aarch64_be", "-o", "out.aot", "in.wasm"],
        &[
            "--target=x86_64-pc-windows-msvc",
            "-o",
            "out.aot",
            "in.wasm",
        ],
        &["--target-abi=msvc", "-o", "out.aot", "in.wasm"],
        &["--cpu=z80", "-o", "out.aot", "in.wasm"],
        &["--cpu-features=+warp", "-o", "out.aot", "in.wasm"],
        &["--opt-level=4", "-o", "out.aot", "in.wasm"],
        &["--bounds-checks=yes", "-o", "out.aot", "in.wasm"],
        &["--format=elf", "-o", "out.aot", "in.wasm"],
        &["--aot-version=4", "-o", "out.aot", "in.wasm"],
        &[
            "--enable-builtin-intrinsics=all",
            "-o",
            "out.aot",
            "in.wasm",
        ],
        &[
            "--xip",
            "--enable-builtin-intrinsics=constop,f16.common",
            "-o",
            "out.aot",
            "in.wasm",
        ],
        &["--enable-shared-heap", "-o", "out.aot", "in.wasm"],
        &["-sgx", "--target=aarch64", "-o", "out.aot", "in.wasm"],
        &["-sgx", "--bounds-checks=0", "-o", "out.aot", "in.wasm"],
    ];
    let mut text = String::new();
    for arguments in cases {
        let output = folder.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        text.push_str(&transcript(arguments, &output));
        text.push('\n');
    }
    assert_eq!(folder.list(), ["in.wasm"]);
    check("usage_errors", &text);
}

/// Targets, CPUs, features and ABIs that do not go together: refused with the reason, and a way out where there is one.
#[test]
fn wrong_combinations() {
    let folder = Folder::new("combinations");
    folder.write("in.wasm", &module());
    let cases: &[&[&str]] = &[
        &["--target=thumbv7em", "--target-abi=gnueabihf"],
        &["--target=thumbv8m.main-none-eabihf"],
        &["--target=thumbv6m", "--target-abi=eabihf"],
        &["--target=thumbv6m", "--cpu=cortex-m3"],
        &["--target=thumbv7", "--cpu=cortex-m7"],
        &["--target=riscv32", "--target-abi=ilp32d"],
        &["--target=esp32c3", "--cpu-features=+zfinx"],
        &["--target=xtensa", "--cpu=esp8266"],
        &["--target=i386", "--cpu=i686"],
        &["--target=armv5te-unknown-linux-gnueabi"],
        &["--target=mipsisa32r6-unknown-linux-gnu"],
    ];
    let mut text = String::new();
    for options in cases {
        let arguments = [options, &["-o", "out.aot", "in.wasm"][..]].concat();
        let output = folder.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        text.push_str(&transcript(&arguments, &output));
        text.push('\n');
    }
    assert_eq!(folder.list(), ["in.wasm"]);
    check("combinations", &text);
}

/// Names of machines: each says which file comes out.
#[test]
fn names_of_machines() {
    let folder = Folder::new("machines");
    folder.write("in.wasm", &module());
    let cases: &[(&[&str], &str, FloatAbi)] = &[
        (&["--target=cortex-m0"], "thumbv6m", FloatAbi::Soft),
        (&["--target=cortex-m4f"], "thumbv7em", FloatAbi::Double),
        (
            &[
                "--target=thumbv7em",
                "--target-abi=gnueabihf",
                "--cpu=cortex-m4",
            ],
            "thumbv7em",
            FloatAbi::Double,
        ),
        (
            &["--target=armv7-unknown-linux-gnueabihf"],
            "armv7",
            FloatAbi::Double,
        ),
        (
            &["--target=armv7-unknown-linux-gnueabi"],
            "armv7",
            FloatAbi::Soft,
        ),
        (
            &["--target=riscv32imac-unknown-none-elf"],
            "riscv32",
            FloatAbi::Soft,
        ),
        (
            &["--target=riscv32gc-unknown-linux-gnu"],
            "riscv32",
            FloatAbi::Double,
        ),
        (
            &["--target=thumbv8m.main-none-eabihf", "--cpu=cortex-m33"],
            "thumbv8m.main",
            FloatAbi::Double,
        ),
    ];
    for (options, arch, float_abi) in cases {
        let arguments = [options, &["-o", "out.aot", "in.wasm"][..]].concat();
        let output = folder.run(&arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let bytes = fs::read(folder.0.join("out.aot")).unwrap();
        let view = aot_format::View::read(&bytes).expect("a file");
        assert_eq!(view.target().arch.as_str(), *arch, "{options:?}");
        let record = view.record().expect("a record");
        assert_eq!(record.float_abi, *float_abi, "{options:?}");
    }
}

/// Work that fails: one message, exit code 1, nothing written.
#[test]
fn failing_work() {
    let folder = Folder::new("work");
    folder.write("in.wasm", &module());
    folder.write("text.wasm", b"(module)");
    folder.write("cut.wasm", &module()[..20]);
    let switching = "(module (type $f (func)) (type (cont $f)))";
    folder.write("switching.wasm", &wat::parse_str(switching).unwrap());
    fs::create_dir(folder.0.join("folder")).unwrap();
    let before = folder.list();
    let cases: &[&[&str]] = &[
        &["-o", "out.aot", "missing.wasm"],
        &["-o", "out.aot", "folder"],
        &["-o", "out.aot", "text.wasm"],
        &["-o", "out.aot", "cut.wasm"],
        &["-o", "out.aot", "switching.wasm"],
        &["-o", "folder", "in.wasm"],
        &["-o", "missing/out.aot", "in.wasm"],
        &["inspect", "missing.aot"],
        &["inspect", "in.wasm"],
    ];
    let mut text = String::new();
    for arguments in cases {
        let output = folder.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        text.push_str(&transcript(arguments, &output));
        text.push('\n');
    }
    assert_eq!(folder.list(), before);
    check("work_errors", &text);
}

/// A failed compilation leaves an output file of an earlier one alone.
#[test]
fn failure_keeps_the_old_output() {
    let folder = Folder::new("old");
    folder.write("cut.wasm", &module()[..20]);
    folder.write("out.aot", b"precious");
    let output = folder.run(&["-o", "out.aot", "cut.wasm"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read(folder.0.join("out.aot")).unwrap(), b"precious");
    assert_eq!(folder.list(), ["cut.wasm", "out.aot"]);
}

#[test]
fn formats_are_what_they_say() {
    let folder = Folder::new("formats");
    folder.write("in.wasm", &module());
    let cases: [(&str, &[u8]); 4] = [
        ("aot", b"\0aot\x06\0\0\0"),
        ("object", b"\x7fELF"),
        ("llvmir-unopt", b"; ModuleID"),
        ("llvmir-opt", b"; ModuleID"),
    ];
    for (format, start) in cases {
        let output = folder.run(&[&format!("--format={format}"), "-o", "out", "in.wasm"]);
        assert!(output.status.success(), "{format}");
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{format}"
        );
        assert!(
            fs::read(folder.0.join("out")).unwrap().starts_with(start),
            "{format}"
        );
    }
    assert!(
        folder
            .run(&["--aot-version=5", "-o", "out", "in.wasm"])
            .status
            .success()
    );
    assert!(
        fs::read(folder.0.join("out"))
            .unwrap()
            .starts_with(b"\0aot\x05\0\0\0")
    );
    assert_eq!(folder.list(), ["in.wasm", "out"]);
}

#[test]
fn reports_are_json() {
    let folder = Folder::new("json");
    folder.write("in.wasm", &module());
    let output = folder.run(&["--json", "-o", "out.aot", "in.wasm"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["functions"], 3);
    assert_eq!(
        report["bytes"]["output"],
        fs::read(folder.0.join("out.aot")).unwrap().len()
    );
    assert!(report["seconds"]["parse"].is_number());
    let output = folder.run(&["inspect", "--json", "--disassemble", "out.aot"]);
    let file: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(file["exports"][1]["name"], "double");
    assert_eq!(file["record"]["memory_limits"][0]["min"], 1);
    let trap = |part: &serde_json::Value| {
        let lines = part["instructions"].as_array().unwrap();
        let refers = |line: &&serde_json::Value| line["refers_to"] == "aot_set_exception_with_id";
        part["name"] == "function 2 (stop)" && lines.iter().find(refers).is_some()
    };
    assert!(file["code"].as_array().unwrap().iter().any(trap));
}

#[test]
fn custom_sections_are_copied_on_demand() {
    let folder = Folder::new("custom");
    let mut wasm = module();
    wasm.extend_from_slice(b"\0\x08\x05extra\x2a\x2b");
    folder.write("in.wasm", &wasm);
    let output = folder.run(&[
        "--emit-custom-sections=extra,name,none",
        "-o",
        "o.aot",
        "in.wasm",
    ]);
    let remark = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        remark,
        "remark: the module has no custom section \"none\"\n"
    );
    let output = folder.run(&["inspect", "--json", "o.aot"]);
    let file: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let sections = file["custom_sections"].as_array().unwrap();
    assert_eq!(
        sections[0],
        serde_json::json!({ "name": "extra", "bytes": 2 })
    );
    assert_eq!(
        sections[1]["function_names"][0],
        serde_json::json!([0, "double"])
    );
}

/// The same input gives the same bytes: twice, in another folder, under another environment.
#[test]
fn output_is_deterministic() {
    let folder = Folder::new("deterministic");
    let elsewhere = folder.0.join("else/where");
    fs::create_dir_all(&elsewhere).unwrap();
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/wat");
    let mut paths = vec![];
    for family in fs::read_dir(kernels)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if family.is_dir() && !family.ends_with("errors") {
            paths.extend(
                fs::read_dir(family)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
    }
    paths.sort();
    let mut compared = 0;
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "wat"))
    {
        let Ok(wasm) = wat::parse_file(path) else {
            continue;
        };
        folder.write("in.wasm", &wasm);
        fs::write(elsewhere.join("other.wasm"), &wasm).unwrap();
        let first = folder.run(&["-o", "out.aot", "in.wasm"]);
        let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
        let second = command
            .args(["-o", "other.aot", "other.wasm"])
            .current_dir(&elsewhere)
            .env_clear()
            .envs([
                ("LANG", "tr_TR.UTF-8"),
                ("HOME", "/nonexistent"),
                ("TZ", "Asia/Kathmandu"),
            ])
            .output()
            .unwrap();
        assert_eq!(
            first.status.code(),
            second.status.code(),
            "{}",
            path.display()
        );
        if first.status.success() {
            let read = |path: PathBuf| fs::read(path).unwrap();
            let (first, second) = (folder.0.join("out.aot"), elsewhere.join("other.aot"));
            assert!(read(first) == read(second), "{} differs", path.display());
            compared += 1;
        }
    }
    assert!(compared > 10, "only {compared} modules compared");
}
