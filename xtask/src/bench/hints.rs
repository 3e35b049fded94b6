//! Branch hints: one module with its hints, without them, and with each turned round.
//!
//! Its checksum is the same in all three, since hints change where code stands and not what it does.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{Engine, Measured, objects, timed};
use crate::{process, workspace};

/// What one build makes of the source's text.
type Change = fn(&str) -> String;

/// What is made of the text of `fixtures/freestanding/hints.wat`.
const BUILDS: &[(&str, Change)] = &[
    ("without", without),
    ("as they are", str::to_owned),
    ("turned round", turned_round),
];

/// How often the function repeats its work.
const REPEAT: &str = "200000000";

/// Line by line of the source: a hint is a line of its own.
const MARK: &str = "(@metadata.code.branch_hint";
const UNLIKELY: &str = "\"\\00\"";
const LIKELY: &str = "\"\\01\"";

/// One build's times.
pub(super) struct Row {
    name: &'static str,
    times: Measured,
}

/// Builds and runs everything, in turn within each round.
pub(super) fn measure(engine: &Engine, rounds: usize) -> Result<Vec<Row>> {
    let files = build(engine)?;
    let mut rows: Vec<Row> = BUILDS
        .iter()
        .map(|&(name, _)| Row {
            name,
            times: Measured::default(),
        })
        .collect();
    let mut wanted: Option<Vec<u8>> = None;
    for _ in 0..rounds {
        for (row, file) in rows.iter_mut().zip(&files) {
            let mut command = Command::new(&engine.iwasm);
            command.args(["-f", "scan"]).arg(file).arg(REPEAT);
            let printed = timed(&mut command, &mut row.times)?;
            if *wanted.get_or_insert_with(|| printed.clone()) != printed {
                bail!("scan with hints {} has another checksum", row.name);
            }
        }
    }
    println!("ok      hints scan");
    Ok(rows)
}

fn build(engine: &Engine) -> Result<Vec<PathBuf>> {
    let text = std::fs::read_to_string(workspace::root().join("fixtures/freestanding/hints.wat"))?;
    let assembler = objects::build()?;
    let folder = workspace::scratch("bench")?;
    let mut files = Vec::new();
    for (number, (_, change)) in BUILDS.iter().enumerate() {
        let source = folder.join(format!("hints{number}.wat"));
        std::fs::write(&source, change(&text))?;
        files.push(compile(engine, &assembler, &source)?);
    }
    Ok(files)
}

fn compile(engine: &Engine, assembler: &Path, source: &Path) -> Result<PathBuf> {
    let (wasm, aot) = (source.with_extension("wasm"), source.with_extension("aot"));
    process::stream(
        Command::new(assembler)
            .arg("assemble")
            .arg(source)
            .arg(&wasm),
    )?;
    let mut command = Command::new(&engine.wamrc);
    command.args(&engine.flags).arg("-o").arg(&aot).arg(&wasm);
    process::stream(&mut command)?;
    Ok(aot)
}

fn without(text: &str) -> String {
    let kept = text
        .lines()
        .filter(|line| !line.trim_start().starts_with(MARK));
    kept.collect::<Vec<_>>().join("\n")
}

fn turned_round(text: &str) -> String {
    let turn = |line: &str| match line.trim_start().starts_with(MARK) {
        true if line.contains(UNLIKELY) => line.replace(UNLIKELY, LIKELY),
        true => line.replace(LIKELY, UNLIKELY),
        false => line.to_owned(),
    };
    text.lines().map(turn).collect::<Vec<_>>().join("\n")
}

/// A table of times, and of ratios to the build without hints.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut text =
        String::from("\nBranch hints:\n\n| hints | time | to none |\n| --- | --: | --: |\n");
    let base = rows.first().map_or(f64::NAN, |row| row.times.least());
    for row in rows {
        let time = row.times.least();
        let _ = writeln!(
            text,
            "| {} | {:.0} ms | {:.2} |",
            row.name,
            time * 1e3,
            time / base
        );
    }
    text
}

/// The same for machines.
pub(super) fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| json!({ "hints": row.name, "run_seconds": row.times.least() });
    rows.iter().map(row).collect()
}
