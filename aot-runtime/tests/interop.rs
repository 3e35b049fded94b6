//! Files of stock wamrc, as far as the folder with them is there: they load,
//! answer as expected, and corrupted ones never bring the loader down.
#![cfg(all(
    feature = "std",
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64"
    )
))]

use std::path::PathBuf;

use aot_runtime::{LoadOptions, Module};

/// The folder of stock files, if this checkout has one.
fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("WAMRC_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("interop");
    folder.join("expected.tsv").is_file().then_some(folder)
}

/// Targets whose files this machine runs.
const TARGETS: &[&str] = if cfg!(target_arch = "x86_64") {
    &["x86_64"]
} else if cfg!(target_arch = "x86") {
    &["i386"]
} else if cfg!(target_arch = "aarch64") {
    &["aarch64"]
} else if cfg!(target_arch = "arm") {
    &["armv7", "thumbv7"]
} else {
    &["riscv64"]
};

/// The command, below the emulator that `WAMRC_EMULATOR` names with its arguments, where the machine is emulated.
#[cfg(feature = "cli")]
fn iwasm() -> std::process::Command {
    let emulator = std::env::var("WAMRC_EMULATOR").unwrap_or_default();
    let mut words = emulator.split_whitespace();
    let Some(program) = words.next() else {
        return std::process::Command::new(env!("CARGO_BIN_EXE_iwasm"));
    };
    let mut command = std::process::Command::new(program);
    command.args(words).arg(env!("CARGO_BIN_EXE_iwasm"));
    command
}

#[cfg(feature = "cli")]
#[test]
fn stock_files_answer_as_expected() {
    let Some(folder) = folder() else { return };
    let expected = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let mut checked = 0;
    for line in expected.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[module, function, arguments, want] = columns.as_slice() else {
            panic!("{line}")
        };
        let variants = [
            "", "-checked", "-O0", "-xip", "-threads", "-frames", "-segue",
        ];
        let files = TARGETS.iter().flat_map(|target| {
            variants.map(|variant| folder.join(format!("aot/{target}-{module}{variant}.aot")))
        });
        for file in files.filter(|file| file.is_file()) {
            let output = iwasm()
                .args(["-f", function])
                .arg(&file)
                .args(arguments.split_whitespace())
                .output()
                .unwrap();
            assert_eq!(
                String::from_utf8_lossy(&output.stdout).trim_end(),
                want,
                "{} {line}",
                file.display()
            );
            assert_eq!(
                output.status.code(),
                Some(i32::from(want.starts_with("Exception"))),
                "{line}"
            );
            checked += 1;
        }
    }
    let least = if cfg!(target_arch = "x86_64") {
        100
    } else {
        40
    };
    assert!(checked > least, "{checked} answers checked");
}

#[cfg(feature = "cli")]
#[test]
fn stock_wasi_programs_run() {
    let Some(folder) = folder() else { return };
    let variants = [
        "", "-checked", "-O0", "-xip", "-threads", "-frames", "-segue",
    ];
    let files = TARGETS.iter().flat_map(|target| {
        variants.map(|variant| folder.join(format!("aot/{target}-hello{variant}.aot")))
    });
    for file in files.filter(|file| file.is_file()) {
        let output = iwasm().arg(&file).arg("7").output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "hello 2 3.143 1099511627776\n"
        );
        assert_eq!(output.status.code(), Some(7));
    }
}

#[test]
fn flipped_bytes_never_bring_the_loader_down() {
    let Some(folder) = folder() else { return };
    for name in ["arith", "memory", "table"] {
        let good = std::fs::read(folder.join(format!("aot/{}-{name}.aot", TARGETS[0]))).unwrap();
        let mut refused = 0;
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0xFF;
            refused += u32::from(Module::load(&bytes, &LoadOptions::default()).is_err());
        }
        assert!(refused > 100, "{name}: {refused} of {} refused", good.len());
    }
}

#[test]
fn files_for_other_machines_are_refused_by_name() {
    let Some(folder) = folder() else { return };
    let (other, found) = match TARGETS {
        ["riscv64"] => ("aarch64", "aarch64v8"),
        _ => ("riscv64", "riscv64"),
    };
    let bytes = std::fs::read(folder.join(format!("aot/{other}-arith.aot"))).unwrap();
    let error = Module::load(&bytes, &LoadOptions::default()).err();
    let error = error.map(|error| error.to_string()).unwrap_or_default();
    let this = match TARGETS {
        ["armv7", ..] => "arm",
        [target, ..] => target,
        [] => "",
    };
    assert_eq!(
        error,
        format!("the file is for {found}, this machine is {this}")
    );
}
