//! 64-bit memories against 32-bit ones: one C source without a C library, built for wasm32 and wasm64,
//! in both bounds-check modes.
//!
//! A ratio shows what wider addresses and their checks cost together: pointers take twice the memory as
//! well. The functions return checksums, which must agree.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{Engine, Measured, timed};
use crate::{process, program, workspace};

/// Functions of `fixtures/freestanding/address.c` and how often they repeat their work.
const KERNELS: &[(&str, &str)] = &[
    ("sieve", "8"),
    ("matrix", "12"),
    ("chase", "600"),
    ("sort", "16"),
];

/// What the source is built for: a label, the target, and what the linker is told. Without a maximum
/// addresses are compared with the size, with a small one only with 2^32.
const BUILDS: &[(&str, &str, &str)] = &[
    ("wasm32", "wasm32-unknown-unknown", ""),
    ("wasm64", "wasm64-unknown-unknown", ""),
    (
        "wasm64, maximum",
        "wasm64-unknown-unknown",
        ",--max-memory=1073741824",
    ),
];

/// The modes, as flags.
const MODES: &[&str] = &["--bounds-checks=0", "--bounds-checks=1"];

/// One function: what each build of it took in each mode, 32-bit addresses first.
pub(super) struct Row {
    name: &'static str,
    times: Vec<Vec<Measured>>,
}

/// Builds and runs everything, in turn within each round.
pub(super) fn measure(engine: &Engine, rounds: usize) -> Result<Vec<Row>> {
    let files = build(engine)?;
    let mut rows = Vec::new();
    for (name, repeat) in KERNELS {
        let mut times = vec![vec![Measured::default(); BUILDS.len()]; MODES.len()];
        let mut wanted: Option<Vec<u8>> = None;
        for _ in 0..rounds {
            for (times, files) in times.iter_mut().zip(&files) {
                for (measured, file) in times.iter_mut().zip(files) {
                    let mut command = Command::new(&engine.iwasm);
                    command.args(["-f", name]).arg(file).arg(repeat);
                    let printed = timed(&mut command, measured)?;
                    if *wanted.get_or_insert_with(|| printed.clone()) != printed {
                        bail!("{name} in {} has another checksum", file.display());
                    }
                }
            }
        }
        println!("ok      address {name}");
        rows.push(Row { name, times });
    }
    Ok(rows)
}

/// The containers, by mode and build.
fn build(engine: &Engine) -> Result<Vec<Vec<PathBuf>>> {
    let source = workspace::root().join("fixtures/freestanding/address.c");
    let folder = workspace::scratch("bench")?;
    let mut files = vec![Vec::new(); MODES.len()];
    for (position, (_, target, linker)) in BUILDS.iter().enumerate() {
        let wasm = folder.join(format!("address{position}.wasm"));
        if program::stale(&source, &wasm) {
            link(&source, target, linker, &wasm)?;
        }
        for (files, mode) in files.iter_mut().zip(MODES) {
            let file = wasm.with_extension(format!("{}aot", mode.trim_start_matches('-')));
            let mut command = Command::new(&engine.wamrc);
            command.args(&engine.flags).arg(mode);
            process::stream(command.arg("-o").arg(&file).arg(&wasm))?;
            files.push(file);
        }
    }
    Ok(files)
}

fn link(source: &Path, target: &str, linker: &str, wasm: &Path) -> Result<()> {
    let mut command = Command::new("clang-22");
    command.args([
        "-O3",
        "-Wall",
        "-nostdlib",
        "-ffreestanding",
        "-mbulk-memory",
    ]);
    command.arg(format!("--target={target}"));
    command.arg(format!("-Wl,--no-entry{linker}"));
    process::stream(command.arg(source).arg("-o").arg(wasm))
}

/// A table of times, and of ratios to the 32-bit build in guard-page mode.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "\n64-bit memories against 32-bit ones (times to those of wasm32 with guard pages):\n\n| kernel |",
    );
    for mode in MODES {
        for (build, ..) in BUILDS {
            let _ = write!(text, " {build} {} |", mode.trim_start_matches("--bounds-"));
        }
    }
    let _ = writeln!(
        text,
        "\n| --- |{}",
        " --: |".repeat(BUILDS.len() * MODES.len())
    );
    for row in rows {
        let _ = write!(text, "| {} |", row.name);
        let least: Vec<f64> = row.times.iter().flatten().map(Measured::least).collect();
        let base = least.first().copied().unwrap_or(f64::NAN);
        for time in least {
            let _ = write!(text, " {:.0} ms ({:.2}) |", time * 1e3, time / base);
        }
        text.push('\n');
    }
    text
}

/// The same for machines: seconds by mode and build.
pub(super) fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        let times = row.times.iter().zip(MODES).flat_map(|(times, mode)| {
            times.iter().zip(BUILDS).map(move |(measured, (build, ..))| {
                json!({ "build": build, "mode": mode, "run_seconds": measured.least() })
            })
        });
        json!({ "name": row.name, "times": times.collect::<Vec<_>>() })
    };
    rows.iter().map(row).collect()
}
