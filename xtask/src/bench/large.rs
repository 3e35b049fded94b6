//! Larger modules than the kernels: how long each compiler takes on one thread and ours on two, how much memory, and
//! whether code that was compiled in parts runs as fast as code of the whole module.
//!
//! The modules are the programs of `../shared/corpus`, where it is there, and Ruby's interpreter from npm (`xtask ruby`).

mod report;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{Engine, minimum};
use crate::tally::Tally;
use crate::{corpus, process, ruby, workspace};
pub(super) use report::{add, json, markdown, read};

/// A compilation may take so long.
const LIMIT: Duration = Duration::from_secs(3600);

/// Rounds of compilers: what is measured are seconds, on machines that have other things to do.
const ROUNDS: usize = 4;

/// Modules of more bytes take minutes: one round, and not as a whole.
const HUGE: u64 = 4 << 20;

/// One way of compiling a module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Compiled {
    /// Wall times in seconds.
    times: Vec<f64>,
    /// Most memory, in bytes.
    peak: u64,
    /// Size of the file.
    bytes: u64,
}

/// One module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    name: String,
    wasm_bytes: u64,
    one: Compiled,
    two: Compiled,
    stock: Option<Compiled>,
    /// Run times of code that was compiled in parts, and as a whole.
    parts: Vec<f64>,
    whole: Vec<f64>,
}

impl Row {
    fn time(compiled: &Compiled) -> Option<f64> {
        minimum(&compiled.times)
    }

    /// Of one thread's time to stock's.
    fn one_to_stock(&self) -> Option<f64> {
        Some(Self::time(&self.one)? / Self::time(self.stock.as_ref()?)?)
    }

    fn two_to_stock(&self) -> Option<f64> {
        Some(Self::time(&self.two)? / Self::time(self.stock.as_ref()?)?)
    }

    fn peak_to_stock(&self) -> Option<f64> {
        let stock = self.stock.as_ref()?;
        (stock.peak > 0).then(|| self.one.peak as f64 / stock.peak as f64)
    }

    fn size_to_stock(&self) -> Option<f64> {
        Some(self.one.bytes as f64 / self.stock.as_ref()?.bytes as f64)
    }

    fn parts_to_whole(&self) -> Option<f64> {
        Some(minimum(&self.parts)? / minimum(&self.whole)?)
    }
}

/// Compiles every module of the folder that the filter is part of, and Ruby.
pub(super) fn measure(
    tally: &mut Tally,
    folder: Option<&Path>,
    filter: &str,
    (ours, stock): (&Engine, Option<&Engine>),
    rounds: usize,
) -> Result<Vec<Row>> {
    let mut modules = match folder {
        Some(folder) => corpus::modules(folder)?,
        None => Vec::new(),
    };
    match ruby::fetch() {
        Ok(path) => modules.push(path),
        Err(error) => println!("ruby: not measured ({error:#})"),
    }
    let mut rows = Vec::new();
    for wasm in modules {
        let name = corpus::stem(&wasm);
        if !name.contains(filter) {
            continue;
        }
        let row = one(&wasm, &name, (ours, stock), rounds);
        tally.check(
            &format!("compile {name}"),
            row.as_ref().map(line).map_err(|error| format!("{error:#}")),
        );
        rows.extend(row.ok());
    }
    Ok(rows)
}

fn one(
    wasm: &Path,
    name: &str,
    (ours, stock): (&Engine, Option<&Engine>),
    rounds: usize,
) -> Result<Row> {
    let folder = workspace::scratch("bench")?;
    let file = |kind: &str| folder.join(format!("{name}.{kind}.aot"));
    let mut row = Row {
        name: name.to_owned(),
        wasm_bytes: wasm.metadata()?.len(),
        stock: stock.map(|_| Compiled::default()),
        ..Row::default()
    };
    let is_huge = row.wasm_bytes > HUGE;
    for _ in 0..if is_huge { 1 } else { ROUNDS } {
        compile(ours, &["-j1"], wasm, &file("one"), &mut row.one)?;
        compile(ours, &["-j2"], wasm, &file("two"), &mut row.two)?;
        if let (Some(stock), Some(compiled)) = (stock, &mut row.stock) {
            compile(stock, &[], wasm, &file("stock"), compiled)?;
        }
    }
    if std::fs::read(file("one"))? != std::fs::read(file("two"))? {
        bail!("two threads make another file than one");
    }
    if is_huge {
        run(ours, wasm, &file("one"), &mut row.parts)?;
        return Ok(row);
    }
    let mut whole = Compiled::default();
    compile(
        ours,
        &["-j1", "--whole-module"],
        wasm,
        &file("whole"),
        &mut whole,
    )?;
    for _ in 0..rounds {
        run(ours, wasm, &file("one"), &mut row.parts)?;
        run(ours, wasm, &file("whole"), &mut row.whole)?;
    }
    Ok(row)
}

fn compile(
    engine: &Engine,
    flags: &[&str],
    wasm: &Path,
    aot: &Path,
    compiled: &mut Compiled,
) -> Result<()> {
    let mut command = Command::new(&engine.wamrc);
    command.args(&engine.flags).args(flags);
    let done = process::succeed(command.arg("-o").arg(aot).arg(wasm), LIMIT)?;
    compiled.times.push(done.time.as_secs_f64());
    compiled.peak = compiled.peak.max(done.peak);
    compiled.bytes = aot.metadata()?.len();
    Ok(())
}

/// Runs a program that can be: those of the folder have what they read beside them, Ruby gets a script.
fn run(engine: &Engine, wasm: &Path, aot: &Path, times: &mut Vec<f64>) -> Result<()> {
    let folder: PathBuf = wasm.with_extension("dir");
    let mut command = Command::new(&engine.iwasm);
    if folder.is_dir() {
        command.current_dir(&folder);
    }
    match corpus::stem(wasm) == ruby::NAME {
        true => command.arg(aot).args(ruby::SCRIPT),
        false => command.arg("--dir=.").arg(aot),
    };
    let done = process::succeed(&mut command, super::LIMIT)?;
    times.push(done.time.as_secs_f64());
    Ok(())
}

fn line(row: &Row) -> String {
    let mut text = format!("{} of wasm", bytes(row.wasm_bytes));
    for (name, value) in [
        ("one thread", row.one_to_stock()),
        ("two", row.two_to_stock()),
        ("memory", row.peak_to_stock()),
    ] {
        if let Some(value) = value {
            let _ = write!(text, ", {name} {value:.2} × stock");
        }
    }
    text
}

/// A size with a unit.
fn bytes(count: u64) -> String {
    match count {
        0..10_000_000 => format!("{} kB", count / 1000),
        _ => format!("{} MB", count / 1_000_000),
    }
}
