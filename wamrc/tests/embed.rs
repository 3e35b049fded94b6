//! The library in build scripts, and the example crate that uses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wamrc::build::{BuildError, Wasm};
use wamrc::options::{AotVersion, BoundsCheck};

/// An empty folder for one test.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("embed")
        .join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn modules_become_files() {
    let folder = scratch("files");
    let wasm = folder.join("my.app.wasm");
    fs::write(&wasm, b"\0asm\x01\0\0\0").unwrap();
    let built = Wasm::new(&wasm)
        .option(|options| options.aot_version = AotVersion::V5)
        .option(|options| assert_eq!(options.bounds_check, BoundsCheck::Emit))
        .option(|options| options.custom_sections.push("extra".to_owned()))
        .target("cortex-m4f")
        .folder(&folder)
        .compile()
        .unwrap();
    assert_eq!(built.aot, folder.join("my.app.aot"));
    assert_eq!(
        built.remarks,
        ["the module has no custom section \"extra\""]
    );
    let bytes = fs::read(&built.aot).unwrap();
    let view = aot_format::View::read(&bytes).unwrap();
    assert_eq!(
        (view.version(), view.target().arch.as_str()),
        (5, "thumbv7em")
    );
    let rust = fs::read_to_string(&built.rust).unwrap();
    assert!(
        rust.contains("align(16)") && rust.contains("include_bytes!(\"my.app.aot\")"),
        "{rust}"
    );
}

#[test]
fn what_is_wrong_is_said() {
    let folder = scratch("errors");
    let wasm = folder.join("app.wasm");
    fs::write(&wasm, b"(module)").unwrap();
    let compile = |path: &Path, target: &str| {
        let wasm = Wasm::new(path).target(target).folder(&folder);
        wasm.compile().expect_err("it is wrong")
    };
    let error = compile(&wasm, "x86_64");
    assert!(matches!(error, BuildError::Compile { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("app.wasm: not a WebAssembly module"),
        "{error}"
    );
    let error = compile(&wasm, "vax");
    assert_eq!(error.to_string(), "target \"vax\": unknown target");
    let error = compile(&folder.join("none.wasm"), "x86_64");
    assert!(matches!(error, BuildError::File { .. }), "{error}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

/// The example builds, runs, and its snapshots are those of this compiler.
#[test]
fn the_example_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let example = root.join("fixtures/example");
    // Where the workspace is built, too: much of what the example needs is there already.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).arg("--quiet").current_dir(&example);
        command.env("CARGO_TARGET_DIR", &target);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:#?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = wat::parse_file(example.join("fibonacci.wat")).unwrap();
    assert_eq!(fs::read(example.join("fibonacci.wasm")).unwrap(), text);
    assert_eq!(cargo(&["run"]), "6765\n");
    cargo(&["test"]);
}
