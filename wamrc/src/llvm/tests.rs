//! Tests of the LLVM layer that need no WebAssembly.

use super::machine::MachineOptions;
use super::{Machine, cpu_names, disassemble, feature_names};
use crate::options::OptLevel;
use std::process::Command;
use targets::Emission;

const TRIPLE: &str = "x86_64-pc-linux-gnu";

fn options<'a>(cpu: &'a str, features: &'a str) -> MachineOptions<'a> {
    MachineOptions {
        target: &targets::X86_64,
        abi: None,
        cpu,
        features,
        level: OptLevel::O2,
        in_place: false,
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
    let lines = disassemble(TRIPLE, "", "", &[0x48, 0x89, 0xf8, 0xc3, 0x06], 0x10, 1).unwrap();
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
    if let Ok(triple) = std::env::var(CHILD) {
        let triple = inkwell::targets::TargetTriple::create(&triple);
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
    for triple in [TRIPLE, "aarch64", "armv7", "riscv32", "mips", "xtensa"] {
        let test = "llvm::tests::names_are_those_of_llvm";
        let output = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(CHILD, triple)
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
        assert_eq!(names(cpus), cpu_names(triple), "{triple}");
        let known: Vec<_> = feature_names(triple)
            .iter()
            .map(|feature| feature.name)
            .collect();
        assert_eq!(names(features), known, "{triple}");
    }
}

/// The default CPU and features of every target are ones LLVM knows, and its ABIs are possible.
#[test]
fn every_target_has_a_machine() {
    for target in targets::ALL {
        if matches!(target.llvm.emission, Emission::External(_)) {
            continue;
        }
        let options = MachineOptions {
            target,
            abi: target.abis.first(),
            cpu: target.llvm.cpu,
            features: target.llvm.features,
            level: OptLevel::O2,
            in_place: false,
        };
        if let Err(error) = Machine::new(&options) {
            panic!("{}: {error}", target.name);
        }
    }
}

#[test]
fn abis_need_what_they_pass_floats_in() {
    let machine = |target, abi: &str, cpu, features| {
        let target: &targets::Target = target;
        let abi = target.abis.iter().find(|known| known.name == abi);
        let options = MachineOptions {
            target,
            abi: Some(abi.unwrap()),
            cpu,
            features,
            level: OptLevel::O2,
            in_place: false,
        };
        Machine::new(&options)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let thumb = &targets::THUMBV7EM;
    assert_eq!(machine(thumb, "eabihf", "cortex-m4", ""), Ok(()));
    assert_eq!(machine(thumb, "eabi", "cortex-m4", ""), Ok(()));
    assert_eq!(
        machine(thumb, "eabihf", "cortex-m3", "").unwrap_err(),
        "abi eabihf needs the cpu feature \"vfp2sp\", which cpu \"cortex-m3\" lacks with these features"
    );
    let riscv = &targets::RISCV32;
    assert_eq!(machine(riscv, "ilp32d", "generic-rv32", "+m,+f,+d"), Ok(()));
    assert!(machine(riscv, "ilp32d", "generic-rv32", "+m,+f").is_err());
    assert!(machine(riscv, "ilp32f", "generic-rv32", "+m,+f").is_ok());
}
