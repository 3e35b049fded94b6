//! Programs of garbage-collected objects: ours against an independent engine, the one of the differential test.
//!
//! They are WAT, because no producer here makes such code, and have no native counterpart. The other engine
//! compiles within the time measured; the modules are so small that it does not count.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{Engine, Measured, timed};
use crate::{process, workspace};

/// Folders of `fixtures/programs`, the argument of their function `run`, and what they exercise.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("gctrees", "15", "allocation of short-lived objects"),
    ("gcrichards", "5000", "fields, casts, calls of references"),
];

/// One program's times.
pub(super) struct Row {
    name: &'static str,
    about: &'static str,
    ours: Measured,
    other: Measured,
}

/// Builds and runs everything, in turn within each round; both engines must agree.
pub(super) fn measure(engine: &Engine, rounds: usize) -> Result<Vec<Row>> {
    let independent = build()?;
    let mut rows = Vec::new();
    for (name, argument, about) in PROGRAMS {
        let (wasm, aot) = prepare(engine, &independent, name)?;
        let mut row = Row {
            name,
            about,
            ours: Measured::default(),
            other: Measured::default(),
        };
        for _ in 0..rounds {
            let mut other = Command::new(&independent);
            other.arg("run").arg(&wasm).args(["run", argument]);
            let wanted = timed(&mut other, &mut row.other)?;
            let mut ours = Command::new(&engine.iwasm);
            ours.args(["-f", "run"]).arg(&aot).arg(argument);
            let printed = timed(&mut ours, &mut row.ours)?;
            if printed != wanted {
                bail!(
                    "{name}: {:?}, the independent engine {:?}",
                    String::from_utf8_lossy(&printed),
                    String::from_utf8_lossy(&wanted)
                );
            }
        }
        println!("ok      objects {name}");
        rows.push(row);
    }
    Ok(rows)
}

/// The independent engine, optimised; in a folder of its own, because its settings are.
pub(super) fn build() -> Result<PathBuf> {
    let folder = workspace::scratch("independent")?;
    let mut command = workspace::cargo(&["build", "--release", "--quiet"]);
    command
        .args(["-p", "differential", "--target-dir"])
        .arg(&folder)
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    process::stream(&mut command)?;
    let name = format!("independent{}", std::env::consts::EXE_SUFFIX);
    Ok(folder.join("release").join(name))
}

/// The module and our container of it.
fn prepare(engine: &Engine, independent: &Path, name: &str) -> Result<(PathBuf, PathBuf)> {
    let source = workspace::root().join(format!("fixtures/programs/{name}/{name}.wat"));
    let wasm = workspace::scratch("bench")?.join(format!("{name}.wasm"));
    let aot = wasm.with_extension("aot");
    let mut assemble = Command::new(independent);
    process::stream(assemble.arg("assemble").arg(source).arg(&wasm))?;
    let mut compile = Command::new(&engine.wamrc);
    compile.args(&engine.flags).arg("-o").arg(&aot).arg(&wasm);
    process::stream(&mut compile)?;
    Ok((wasm, aot))
}

/// A table of times and ratios.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "\nGarbage-collected objects, against wasmtime (times include its compilation):\n\n\
         | program | exercises | wasmtime | ours | ours/wasmtime |\n| --- | --- | --: | --: | --: |\n",
    );
    for row in rows {
        let (ours, other) = (row.ours.least(), row.other.least());
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} ms | {:.0} ms | {:.2} |",
            row.name,
            row.about,
            other * 1e3,
            ours * 1e3,
            ours / other
        );
    }
    text
}

/// The same for machines.
pub(super) fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        json!({
            "name": row.name,
            "about": row.about,
            "ours_seconds": row.ours.least(),
            "independent_seconds": row.other.least(),
        })
    };
    rows.iter().map(row).collect()
}
