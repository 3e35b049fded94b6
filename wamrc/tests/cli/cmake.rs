//! The function for CMake, with each build system at hand.

use super::folder::{Folder, module};
use std::path::Path;
use std::process::{Command, Output};

const PROJECT: &str = r#"cmake_minimum_required(VERSION 3.20)
project(example NONE)
include("${MODULE}")
wamrc_add_aot(app INPUT "my app.wasm" OUTPUT app.aot OPTIONS @flags.txt)
get_target_property(output app WAMRC_OUTPUT)
message(STATUS "makes ${output}")
"#;

fn cmake(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new("cmake");
    let output = command.args(arguments).current_dir(&folder.0).output();
    output.unwrap()
}

fn at_hand(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: no {program}");
    }
    found
}

fn check(generator: &str, build: &str) {
    let folder = Folder::new(&format!("cmake-{build}"));
    folder.write("my app.wasm", &module());
    let flags = |level: &str| format!("--opt-level={level}\n");
    // Options name the file relative to where the command runs: the binary folder.
    std::fs::create_dir(folder.0.join("out")).unwrap();
    folder.write("out/flags.txt", flags("1").as_bytes());
    folder.write("CMakeLists.txt", PROJECT.as_bytes());
    let compiler = format!("-DWAMRC_PROGRAM={}", env!("CARGO_BIN_EXE_wamrc"));
    let module_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cmake/wamrc.cmake");
    let module_file = format!("-DMODULE={}", module_file.display());
    let output = cmake(
        &folder,
        &["-G", generator, "-B", "out", &compiler, &module_file],
    );
    assert!(output.status.success(), "{output:?}");
    let build = || {
        let output = cmake(&folder, &["--build", "out"]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("Compiling my app.wasm")
    };
    assert!(build(), "{generator} makes it");
    let first = folder.read("out/app.aot");
    assert!(!build(), "{generator} makes it once");
    // File systems and build systems may count in seconds.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    folder.write("out/flags.txt", flags("0").as_bytes());
    assert!(build(), "{generator} knows of the response file");
    assert_ne!(folder.read("out/app.aot"), first);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    folder.write("my app.wasm", b"\0asm\x01\0\0\0");
    assert!(build(), "{generator} knows of the module");
}

#[test]
fn cmake_makes_what_changed() {
    if !at_hand("cmake") {
        return;
    }
    if at_hand("make") {
        check("Unix Makefiles", "make");
    }
    if at_hand("ninja") {
        check("Ninja", "ninja");
    }
}
