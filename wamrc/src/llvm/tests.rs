//! Tests of the LLVM layer that need no WebAssembly.

use super::machine::MachineOptions;
use super::{Machine, cpu_names, disassemble, feature_names};
use crate::options::OptLevel;
use std::process::Command;

const TRIPLE: &str = "x86_64-unknown-linux-gnu";

fn options<'a>(cpu: &'a str, features: &'a str) -> MachineOptions<'a> {
    MachineOptions {
        triple: TRIPLE,
        cpu,
        features,
        level: OptLevel::O2,
    }
}

#[test]
fn unknown_names_are_errors() {
    let message = |cpu, features| {
        Machine::new(&options(cpu, features))
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message("z80", ""),
        format!("unknown cpu \"z80\" for target {TRIPLE:?}")
    );
    assert_eq!(
        message("x86-64", "+avx2,-warp"),
        format!("unknown cpu feature \"warp\" for target {TRIPLE:?}")
    );
    assert!(Machine::new(&options("x86-64-v3", "+aes,-avx2")).is_ok());
}

#[test]
fn instructions_and_stray_bytes_are_disassembled() {
    let lines = disassemble(TRIPLE, "", "", &[0x48, 0x89, 0xf8, 0xc3, 0x06], 0x10).unwrap();
    let lines: Vec<_> = lines
        .iter()
        .map(|line| (line.address, line.size, line.text.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (0x10, 3, "movq %rdi, %rax"),
            (0x13, 1, "retq"),
            (0x14, 1, ".byte 0x06")
        ]
    );
}

/// LLVM prints its lists to standard error only: this test runs itself as a child to read them.
#[test]
fn names_are_those_of_llvm() {
    const CHILD: &str = "WAMRC_TEST_PRINT_CPU_HELP";
    super::machine::initialise();
    if std::env::var_os(CHILD).is_some() {
        let triple = inkwell::targets::TargetTriple::create(TRIPLE);
        let target = inkwell::targets::Target::from_triple(&triple).unwrap();
        let _machine = target.create_target_machine(
            &triple,
            "help",
            "",
            inkwell::OptimizationLevel::None,
            inkwell::targets::RelocMode::PIC,
            inkwell::targets::CodeModel::Small,
        );
        return;
    }
    let test = "llvm::tests::names_are_those_of_llvm";
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    let (cpus, features) = printed
        .split_once("Available features")
        .expect("LLVM's help");
    let names = |text: &str| -> Vec<String> {
        let rows = text
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split_once(" - "));
        let mut names: Vec<_> = rows.map(|(name, _)| name.trim().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(cpus), cpu_names(TRIPLE));
    let known: Vec<_> = feature_names(TRIPLE)
        .iter()
        .map(|feature| feature.name)
        .collect();
    assert_eq!(names(features), known);
}
