//! Every command that `docs/cli.md` and the README show does what they say. (Those of `cargo xtask` are what CI runs.)
//!
//! Blocks marked `console` hold commands (`$ …`), what they print, and their exit code (`[1]`) if it is not 0. In the output `…` stands for any
//! text, alone on a line for any lines. Blocks marked `console iwasm` need the runtime and are skipped without.

use super::command::iwasm;
use super::folder::Folder;
use std::path::Path;
use std::process::Command;

/// Prints a line when started, and doubles.
const APP: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "hello\n")
    (data (i32.const 0) "\08\00\00\00\06\00\00\00")
    (func (export "double") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
    (func (export "_start")
        (drop (call 0 (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

struct Step {
    command: String,
    expected: Vec<String>,
    status: i32,
}

impl Step {
    /// Runs the command and compares what it does with what the page says.
    fn check(&self, prepare: impl FnOnce(&mut Command)) {
        let text = &self.command;
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec 2>&1; {text}")]);
        prepare(&mut command);
        let output = command.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(self.status), "{text}: {printed}");
        let lines: Vec<&str> = printed.lines().collect();
        assert!(
            all_fit(&self.expected, &lines),
            "{text}: expected {:#?}, found {lines:#?}",
            self.expected
        );
    }
}

/// The commands of a page, without those that cannot be run.
fn steps(page: &str, has_runtime: bool) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => inside = true,
            ("```console iwasm", _) => inside = has_runtime,
            (line, _) if line.starts_with("```") => inside = false,
            (_, Some(command)) if inside => steps.push(Step {
                command: command.to_owned(),
                expected: Vec::new(),
                status: 0,
            }),
            (line, _) if inside => {
                let step = steps.last_mut().expect("a command first");
                let status = line
                    .strip_prefix('[')
                    .and_then(|rest| rest.strip_suffix(']'));
                match status.and_then(|status| status.parse().ok()) {
                    Some(status) => step.status = status,
                    None => step.expected.push(line.to_owned()),
                }
            }
            _ => {}
        }
    }
    steps
}

/// Whether a line is as expected.
fn fits(expected: &str, line: &str) -> bool {
    let mut rest = line;
    for (position, piece) in expected.split('…').enumerate() {
        match rest.find(piece) {
            Some(0) => rest = &rest[piece.len()..],
            Some(at) if position > 0 => rest = &rest[at + piece.len()..],
            _ => return false,
        }
    }
    rest.is_empty() || expected.ends_with('…')
}

fn all_fit(expected: &[String], lines: &[&str]) -> bool {
    match (expected, lines) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "…" => {
            (0..=lines.len()).any(|skipped| all_fit(rest, &lines[skipped..]))
        }
        ([first, expected @ ..], [line, lines @ ..]) => {
            fits(first, line) && all_fit(expected, lines)
        }
        _ => false,
    }
}

#[test]
fn commands_do_what_the_page_shows() {
    let folder = Folder::new("manual");
    folder.write("app.wasm", &wat::parse_str(APP).unwrap());
    folder.write("a.wasm", b"\0asm\x01\0\0\0");
    folder.write("b.wasm", b"\0asm\x01\0\0\0");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let page = std::fs::read_to_string(page).unwrap();
    let compiler = Path::new(env!("CARGO_BIN_EXE_wamrc")).parent().unwrap();
    let search = format!("{}:{}", compiler.display(), std::env::var("PATH").unwrap());
    let runtime = iwasm();
    let steps = steps(&page, runtime.is_some());
    assert!(steps.len() > 20, "only {} commands", steps.len());
    for step in steps {
        step.check(|command| {
            command.current_dir(&folder.0).env("PATH", &search);
            if let Some(runtime) = &runtime {
                command.env("IWASM", runtime);
            }
        });
    }
}

/// The README's way from C to machine code, where it says the programs are.
#[test]
fn commands_of_the_readme_work() {
    let Some(runtime) = iwasm() else {
        println!("skipped: no iwasm beside wamrc");
        return;
    };
    if !Path::new("/usr/lib/wasm32-wasi/libc.a").exists() {
        println!("skipped: no C library for WASI (cargo xtask demo installs it)");
        return;
    }
    let folder = Folder::new("readme");
    let programs = folder.0.join("target/release");
    std::fs::create_dir_all(&programs).unwrap();
    for program in [Path::new(env!("CARGO_BIN_EXE_wamrc")), &runtime] {
        let name = programs.join(program.file_name().unwrap());
        std::os::unix::fs::symlink(program, name).unwrap();
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let page = std::fs::read_to_string(page).unwrap();
    let steps = steps(&page, true);
    assert!(steps.len() >= 8, "only {} commands", steps.len());
    for step in steps {
        step.check(|command| {
            command.current_dir(&folder.0);
        });
    }
}
