//! C programs of `fixtures/programs/wasi` compiled to WebAssembly, ahead of time and run in this process: what they see
//! of files, of the sandbox around them and of their process. Needs clang-22 and a WASI C library, which
//! `cargo xtask test` installs.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aot_runtime::wasi::{self, Builder, WasiCtx};
use aot_runtime::{Imports, Instance, LoadOptions, Module, Store, Trap};
use wamrc::Options;
use wamrc::options::BoundsCheck;

const COMPILER: &str = "clang-22";

/// A folder for one test, empty.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("wasi")
        .join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Compiles a program with these flags before the source.
fn clang(name: &str, flags: &[&str], output: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = root
        .join("../fixtures/programs/wasi")
        .join(name)
        .with_extension("c");
    let mut command = Command::new(COMPILER);
    command
        .args(flags)
        .args(["-O1", "-Wall", "-o"])
        .arg(output)
        .arg(source);
    let done = command
        .output()
        .expect("clang-22 is installed (cargo xtask test does it)");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

fn wasm(name: &str, folder: &Path) -> Vec<u8> {
    let output = folder.join("program.wasm");
    clang(
        name,
        &["--target=wasm32-wasi", "--sysroot=/usr", "-Wno-deprecated"],
        &output,
    );
    std::fs::read(output).unwrap()
}

/// What a program did.
#[derive(Debug, PartialEq)]
struct Done {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs a module's `_start` with what `ctx` offers and its output in files of `folder`.
fn run(wasm: &[u8], bounds_check: BoundsCheck, folder: &Path, ctx: Builder) -> Done {
    let mut options = Options::new(&targets::X86_64);
    options.bounds_check = bounds_check;
    let aot = wamrc::compile(wasm, &options).unwrap().bytes;
    let module = Module::load(&aot, &LoadOptions::default()).unwrap();
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| folder.join(name));
    let ctx = ctx
        .stdout(File::create(&stdout).unwrap())
        .stderr(File::create(&stderr).unwrap());
    let mut imports = Imports::new();
    wasi::link(&mut imports, ctx.build().unwrap());
    let mut store = Store::new();
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let start = instance.typed::<(), ()>(&store, "_start").unwrap();
    let code = match start.call(&mut store, ()) {
        Ok(()) => 0,
        Err(Trap::Exit(code)) => code,
        Err(trap) => panic!("{trap}"),
    };
    let [stdout, stderr] = [stdout, stderr].map(|path| std::fs::read_to_string(path).unwrap());
    Done {
        code,
        stdout,
        stderr,
    }
}

/// Calls `check` in both bounds-check modes with a module and an empty folder.
fn check(name: &str, check: impl Fn(&[u8], BoundsCheck, &Path)) {
    for bounds_check in [BoundsCheck::GuardPages, BoundsCheck::Emit] {
        let folder = scratch(&format!("{name}-{bounds_check:?}"));
        check(&wasm(name, &folder), bounds_check, &folder);
    }
}

#[test]
fn files_behave_as_on_the_host() {
    check("files", |wasm, bounds_check, folder| {
        let native = folder.join("native");
        clang("files", &[], &native);
        let [host_root, guest_root] = ["host", "guest"].map(|name| folder.join(name));
        std::fs::create_dir(&host_root).unwrap();
        std::fs::create_dir(&guest_root).unwrap();
        let host = Command::new(native)
            .current_dir(host_root)
            .output()
            .unwrap();
        let ctx = WasiCtx::builder()
            .arg("files")
            .preopen(&guest_root, ".")
            .unwrap();
        let guest = run(wasm, bounds_check, folder, ctx);
        let host = String::from_utf8(host.stdout).unwrap();
        assert!(host.lines().count() > 150, "{host}");
        for (line, (host, guest)) in host.lines().zip(guest.stdout.lines()).enumerate() {
            assert_eq!(guest, host, "line {}", line + 1);
        }
        assert_eq!(
            guest,
            Done {
                code: 0,
                stdout: host,
                stderr: String::new()
            }
        );
    });
}

#[test]
fn nothing_outside_of_the_directory_is_reached() {
    check("escape", |wasm, bounds_check, folder| {
        let world = folder.join("world");
        std::fs::create_dir_all(world.join("root/dir")).unwrap();
        std::fs::create_dir(world.join("outside")).unwrap();
        std::fs::write(world.join("secret"), "secret").unwrap();
        std::fs::write(world.join("root/own"), "own").unwrap();
        std::os::unix::fs::symlink(&world, world.join("root/absolute")).unwrap();
        let ctx = WasiCtx::builder()
            .arg("escape")
            .preopen(world.join("root"), ".")
            .unwrap();
        let done = run(wasm, bounds_check, folder, ctx);
        let (refused, others): (Vec<&str>, Vec<&str>) = done
            .stdout
            .lines()
            .partition(|line| line.ends_with(": refused"));
        assert_eq!(refused.len(), 28, "{}", done.stdout);
        let want = [
            "root open",
            "symlink up: 0",
            "symlink up twice: 0",
            "symlink in dir: 0",
            "through it: opened",
            "moved: 0",
        ];
        assert_eq!(others, want);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""));
        assert_eq!(
            std::fs::read_to_string(world.join("secret")).unwrap(),
            "secret"
        );
        assert_eq!(std::fs::read_dir(&world).unwrap().count(), 3);
    });
}

#[test]
fn a_program_knows_its_process() {
    check("process", |wasm, bounds_check, folder| {
        let native = folder.join("native");
        clang("process", &[], &native);
        let arguments = ["a", "b c", "", "ä"];
        let input = b"one\ntwo\n";
        let mut host = Command::new(native);
        host.args(arguments)
            .env_clear()
            .envs([("HOME", "/h"), ("EMPTY", "")]);
        let streams = host
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut host = streams.spawn().unwrap();
        host.stdin.take().unwrap().write_all(input).unwrap();
        let host = host.wait_with_output().unwrap();
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(input).unwrap();
        drop(writer);
        let ctx = WasiCtx::builder()
            .arg("process")
            .args(arguments)
            .env("HOME", "/h")
            .env("EMPTY", "")
            .stdin(reader);
        let guest = run(wasm, bounds_check, folder, ctx);
        let [stdout, stderr] =
            [host.stdout, host.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(stdout.contains("slept long enough\n"), "{stdout}");
        assert_eq!(
            guest,
            Done {
                code: 42,
                stdout,
                stderr
            }
        );
    });
}
