//! Files of stock wamrc, as far as the folder with them is there: they load,
//! answer as expected, and corrupted ones never bring the loader down.
#![cfg(all(feature = "std", unix, target_arch = "x86_64"))]

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
        for variant in ["", "-checked", "-O0", "-xip", "-threads"] {
            let file = folder.join(format!("aot/x86_64-{module}{variant}.aot"));
            if !file.is_file() {
                continue;
            }
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_iwasm"))
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
    assert!(checked > 100, "{checked} answers checked");
}

#[cfg(feature = "cli")]
#[test]
fn stock_wasi_programs_run() {
    let Some(folder) = folder() else { return };
    for variant in ["", "-checked", "-O0"] {
        let file = folder.join(format!("aot/x86_64-hello{variant}.aot"));
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_iwasm"))
            .arg(&file)
            .arg("7")
            .output()
            .unwrap();
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
        let good = std::fs::read(folder.join(format!("aot/x86_64-{name}.aot"))).unwrap();
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
    let bytes = std::fs::read(folder.join("aot/riscv64-arith.aot")).unwrap();
    let error = Module::load(&bytes, &LoadOptions::default())
        .err()
        .map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some("the file is for riscv64, this machine is x86_64")
    );
}
