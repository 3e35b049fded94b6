//! Larger modules than the kernels: how long each compiler takes on one thread and ours on two, how much memory, and
//! whether code that was compiled in parts executes as many instructions as code of the whole module.
//!
//! The modules are the programs of `../shared/corpus`, where it is there, and Ruby's interpreter from npm (`xtask ruby`).

mod report;

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::{Engine, minimum};
use crate::setup::{self, Need};
use crate::tally::Tally;
use crate::{corpus, process, ruby, workspace};
pub(super) use report::{add, json, markdown, read};

/// A compilation may take so long.
const LIMIT: Duration = Duration::from_secs(3600);

/// Counts the instructions that a program executes: most of these take some milliseconds, and a difference of a percent
/// is to be seen.
const CALLGRIND: &[&str] = &[
    "valgrind",
    "--tool=callgrind",
    "--callgrind-out-file=/dev/null",
];

const NEEDS: &[Need] = &[Need::program("valgrind", "valgrind")];

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
    /// Instructions that code executes which was compiled in parts, and as a whole.
    parts: Option<u64>,
    whole: Option<u64>,
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
        Some(self.parts? as f64 / self.whole? as f64)
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
    setup::ensure(NEEDS)?;
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
    for _ in 0..if is_huge { 1 } else { rounds } {
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
        process::succeed(&mut program(&[], ours, wasm, &file("one")), super::LIMIT)?;
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
    row.parts = Some(instructions(ours, wasm, &file("one"))?);
    row.whole = Some(instructions(ours, wasm, &file("whole"))?);
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

/// Executes a program: those of the folder have what they read beside them, Ruby gets a script.
fn program(under: &[&str], engine: &Engine, wasm: &Path, aot: &Path) -> Command {
    let mut words = under
        .iter()
        .map(OsStr::new)
        .chain([engine.iwasm.as_os_str()]);
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    let folder: PathBuf = wasm.with_extension("dir");
    if folder.is_dir() {
        command.current_dir(&folder);
    }
    match corpus::stem(wasm) == ruby::NAME {
        true => command.arg(aot).args(ruby::SCRIPT),
        false => command.arg("--dir=.").arg(aot),
    };
    command
}

/// How many instructions a program executes, loading included.
fn instructions(engine: &Engine, wasm: &Path, aot: &Path) -> Result<u64> {
    let mut command = program(CALLGRIND, engine, wasm, aot);
    let done = process::succeed(&mut command, LIMIT)?;
    collected(&String::from_utf8_lossy(&done.stderr))
        .with_context(|| format!("no count in the words of {}", process::show(&command)))
}

/// The count in callgrind's summary.
fn collected(words: &str) -> Option<u64> {
    let line = words
        .lines()
        .rev()
        .find(|line| line.contains("Collected :"))?;
    line.split_whitespace().next_back()?.parse().ok()
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

#[cfg(test)]
mod tests {
    #[test]
    fn counts_are_read() {
        let words =
            "hello\n==7== Events    : Ir\n==7== Collected : 1205\n==7== \n==7== I   refs: 1,205\n";
        assert_eq!(super::collected(words), Some(1205));
        assert_eq!(super::collected("Collected : none"), None);
    }
}
