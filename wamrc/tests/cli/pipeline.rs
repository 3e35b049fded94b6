//! Use in build systems: pipes, several inputs and outputs, dependency and response files, interruption.

use super::folder::{Folder, errors, module};
use std::fs;
use std::process::Command;
use std::time::Duration;

#[test]
fn pipes() {
    let folder = Folder::new("pipes");
    folder.write("in.wasm", &module());
    folder.succeed(&["-o", "out.aot", "in.wasm"]);
    let output = folder.feed(&["-o", "-", "-"], &module());
    assert!(output.status.success(), "{}", errors(&output));
    assert_eq!(output.stdout, folder.read("out.aot"));
    let output = folder.feed(&["inspect", "-"], &folder.read("out.aot"));
    assert!(output.stdout.starts_with(b"aot version 6"));
    let output = folder.feed(&["-o", "-", "-"], b"(module)");
    assert!(errors(&output).starts_with("error: -: not a WebAssembly module"));
    assert_eq!(folder.list(), ["in.wasm", "out.aot"]);
}

#[test]
fn links_stay_links() {
    let folder = Folder::new("links");
    folder.write("in.wasm", &module());
    folder.write("real.aot", b"old");
    std::os::unix::fs::symlink("real.aot", folder.0.join("link.aot")).unwrap();
    folder.succeed(&["-o", "link.aot", "in.wasm"]);
    assert!(folder.read("real.aot").starts_with(b"\0aot"));
    assert_eq!(folder.list(), ["in.wasm", "link.aot", "real.aot"]);
    let output = folder.run(&["-o", "/dev/null", "in.wasm"]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn several_inputs() {
    let folder = Folder::new("several");
    folder.write("a.wasm", &module());
    folder.write("b.wasm", &module());
    folder.succeed(&["--out-dir=build/deep", "a.wasm", "b.wasm"]);
    assert_eq!(
        folder.read("build/deep/a.aot"),
        folder.read("build/deep/b.aot")
    );
    let output = folder.run(&["--json", "--out-dir=build", "a.wasm", "b.wasm"]);
    let reports: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(reports[1]["input"], "b.wasm");
    fs::create_dir(folder.0.join("c")).unwrap();
    folder.write("c/a.wasm", &module());
    let output = folder.run(&["--out-dir=other", "a.wasm", "c/a.wasm"]);
    assert_eq!(output.status.code(), Some(2));
    let text = errors(&output);
    assert_eq!(
        text,
        "error: a.wasm and c/a.wasm would both become other/a.aot\n"
    );
    assert!(!folder.0.join("other").exists());
}

/// One that fails does not keep the others from being compiled; the dependency file is not written.
#[test]
fn one_of_several_fails() {
    let folder = Folder::new("one-fails");
    folder.write("a.wasm", &module()[..20]);
    folder.write("b.wasm", &module());
    let output = folder.run(&[
        "--out-dir=d",
        "--emit-depfile=x.d",
        "a.wasm",
        "b.wasm",
        "none.wasm",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let text = errors(&output);
    assert!(
        text.contains("a.wasm: invalid") && text.contains("cannot read none.wasm"),
        "{text}"
    );
    assert!(folder.0.join("d/b.aot").exists());
    assert_eq!(folder.list(), ["a.wasm", "b.wasm", "d"]);
}

#[test]
fn several_kinds() {
    let folder = Folder::new("several-kinds");
    folder.write("in.wasm", &module());
    folder.succeed(&["--emit=aot,object,llvm-ir,asm", "-o", "app.aot", "in.wasm"]);
    assert_eq!(
        folder.list(),
        ["app.aot", "app.ll", "app.o", "app.s", "in.wasm"]
    );
    folder.succeed(&["-o", "plain.aot", "in.wasm"]);
    assert_eq!(folder.read("app.aot"), folder.read("plain.aot"));
    assert!(folder.read("app.o").starts_with(b"\x7fELF"));
    assert!(folder.read("app.ll").starts_with(b"; ModuleID"));
    let assembly = String::from_utf8(folder.read("app.s")).unwrap();
    assert!(
        assembly.contains(".text") && assembly.contains("ret"),
        "{assembly}"
    );
    folder.succeed(&["--emit=asm", "-o", "code.txt", "in.wasm"]);
    assert_eq!(folder.read("code.txt"), folder.read("app.s"));
}

#[test]
fn dependency_files() {
    let folder = Folder::new("depfile");
    folder.write("my app.wasm", &module());
    folder.write("flags", b"--opt-level=1 @more");
    folder.write("more", b"--emit-depfile='app.d'");
    folder.succeed(&["@flags", "--emit=aot,asm", "-o", "app", "my app.wasm"]);
    let rules = String::from_utf8(folder.read("app.d")).unwrap();
    let first = rules.lines().next().unwrap();
    assert_eq!(first, "app.aot app.s: my\\ app.wasm flags more");
    let mut make = Command::new("make");
    make.args(["-r", "-n", "-f", "-", "app.aot"])
        .current_dir(&folder.0);
    match make
        .stdin(fs::File::open(folder.0.join("app.d")).unwrap())
        .output()
    {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => println!("skipped: make: {error}"),
    }
}

#[test]
fn response_files() {
    let folder = Folder::new("response");
    folder.write("in.wasm", &module());
    folder.write("all", b"--opt-level=0\n-o 'out file.aot'\n\"in.wasm\"\n");
    folder.succeed(&["@all"]);
    assert!(folder.0.join("out file.aot").exists());
    folder.write("loop", b"@loop");
    folder.write("open", b"'in.wasm");
    for (file, words) in [
        ("@loop", "8 deep"),
        ("@open", "quote"),
        ("@none", "cannot read"),
    ] {
        let output = folder.run(&[file]);
        assert_eq!(output.status.code(), Some(2));
        let text = errors(&output);
        assert!(
            text.starts_with(&format!("error: {file}: ")) && text.contains(words),
            "{text}"
        );
    }
    fs::copy(folder.0.join("in.wasm"), folder.0.join("@in.wasm")).unwrap();
    folder.succeed(&["-o", "out.aot", "--", "@in.wasm"]);
}

/// A module that takes long enough to be interrupted in the middle.
fn large() -> Vec<u8> {
    let mut text = String::from("(module (memory 1)");
    for number in 0..3000 {
        text.push_str(&format!(
            "(func (export \"f{number}\") (param i32) (result i32) (i32.store (local.get 0)
             (i32.mul (i32.load (local.get 0)) (i32.const {number}))) (i32.load offset={number}
             (i32.div_s (local.get 0) (i32.const {}))))",
            number + 3
        ));
    }
    text.push(')');
    wat::parse_str(text).unwrap()
}

/// Whenever it is told to end, nothing partial is left.
#[test]
fn interrupted() {
    let folder = Folder::new("interrupted");
    folder.write("in.wasm", &large());
    for (signal, delay) in [("INT", 30), ("TERM", 60), ("INT", 250), ("TERM", 900)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
        let command = command.args(["--opt-level=0", "-o", "out.aot", "in.wasm"]);
        let mut child = command.current_dir(&folder.0).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        let pid = child.id().to_string();
        let kill = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(kill.is_ok());
        child.wait().unwrap();
        let names = folder.list();
        assert!(
            names
                .iter()
                .all(|name| ["in.wasm", "out.aot"].contains(&name.as_str())),
            "{names:?}"
        );
        if names.len() == 2 {
            let bytes = folder.read("out.aot");
            aot_format::View::read(&bytes).expect("a whole file");
            fs::remove_file(folder.0.join("out.aot")).unwrap();
        }
    }
}

/// While the file is written, too.
#[test]
fn interrupted_while_writing() {
    let folder = Folder::new("writing");
    folder.write("in.wasm", &module());
    folder.succeed(&["-o", "old.aot", "in.wasm"]);
    let before = folder.read("old.aot");
    folder.succeed(&["--opt-level=0", "-o", "old.aot", "in.wasm"]);
    let fast = folder.read("old.aot");
    for _ in 0..20 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
        let command = command.args(["--opt-level=0", "-o", "old.aot", "in.wasm"]);
        let mut child = command.current_dir(&folder.0).spawn().unwrap();
        let pid = child.id().to_string();
        let temporary = format!(".old.aot.{pid}.tmp");
        while child.try_wait().unwrap().is_none() {
            if folder.0.join(&temporary).exists() {
                drop(Command::new("kill").args(["-s", "TERM", &pid]).status());
                break;
            }
        }
        child.wait().unwrap();
        assert_eq!(folder.list(), ["in.wasm", "old.aot"]);
        let bytes = folder.read("old.aot");
        assert!(bytes == before || bytes == fast, "{} bytes", bytes.len());
    }
}

/// A cache whose writers were killed, and which two compilers use at a time, holds nothing that is not whole.
#[test]
fn killed_cache_writers() {
    let folder = Folder::new("killed");
    folder.write("in.wasm", &large());
    folder.succeed(&["--opt-level=0", "-o", "plain.aot", "in.wasm"]);
    let start = |output: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
        let command = command.args([
            "--opt-level=0",
            "--cache-dir=cache",
            "-o",
            output,
            "in.wasm",
        ]);
        command.current_dir(&folder.0).spawn().unwrap()
    };
    for delay in [20, 60, 120, 250, 500] {
        let mut child = start("out.aot");
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let outputs = ["first.aot", "second.aot"];
    for mut child in outputs.map(start) {
        assert!(child.wait().unwrap().success());
    }
    let expected = folder.read("plain.aot");
    for output in outputs {
        assert!(folder.read(output) == expected, "{output}");
    }
}

/// A full disk, as a limit on the size of files: an error, and no file.
#[test]
fn no_room() {
    let folder = Folder::new("no-room");
    folder.write("in.wasm", &large());
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" --opt-level=0 -o out.aot in.wasm";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_wamrc")]);
    let output = command.current_dir(&folder.0).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        errors(&output).starts_with("error: cannot write out.aot: "),
        "{output:?}"
    );
    assert_eq!(folder.list(), ["in.wasm"]);
}
