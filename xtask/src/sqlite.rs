//! The end-to-end proof: SQLite compiled to WebAssembly fills, queries and rebuilds a database file in a preopened
//! directory exactly as SQLite compiled for this machine does.
//!
//! The C source is the one that the crate `libsqlite3-sys` carries; cargo fetches it and nothing of the crate is built.
//! The program around it and the scripts are in `fixtures/programs/sqlite`. Both builds read and write each other's
//! files, and the files they make must be equal byte for byte.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::flag::Flags;
use crate::tally::{self, Tally};
use crate::workspace::Tools;
use crate::{Outcome, corpus, process, program, setup, workspace};

/// The crate that carries SQLite's source.
const CARRIER: &str = "libsqlite3-sys";

/// One thread, no extensions from files, no shared memory: what WASI cannot offer, left out on both sides.
const FLAGS: [&str; 4] = [
    "-O2",
    "-DSQLITE_THREADSAFE=0",
    "-DSQLITE_OMIT_LOAD_EXTENSION",
    "-DSQLITE_OMIT_WAL",
];

/// The scripts take seconds.
const LIMIT: Duration = Duration::from_secs(180);

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let wamrc_flags = flags.wamrc()?;
    flags.finish()?;
    setup::ensure(&[setup::BUILD, setup::PROGRAMS].concat())?;
    Ok(check(&workspace::build()?, &wamrc_flags)?.close())
}

/// Builds SQLite both ways and compares what the two do, in both bounds-check modes.
pub(crate) fn check(tools: &Tools, wamrc_flags: &[String]) -> Result<Tally> {
    let built = build()?;
    let native = Side::prepare("native", built.native.clone(), None)?;
    let expected = native.run("script.sql").map_err(anyhow::Error::msg)?;
    tally::in_both_modes(|bounds| {
        let mut tally = Tally::default();
        let mut flags = wamrc_flags.to_vec();
        flags.push(format!("--bounds-checks={bounds}"));
        let aot = workspace::scratch("sqlite")?.join(format!("driver-{bounds}.aot"));
        let name = format!("sqlite --bounds-checks={bounds}");
        let compiled = corpus::compile(&tools.wamrc, &built.wasm, &aot, &flags);
        match compiled {
            Ok(time) => println!("{name}: compiled in {:.1} s", time.as_secs_f64()),
            Err(detail) => {
                tally.check(&name, Err(detail));
                return Ok(tally);
            }
        }
        let ours = Side::prepare(
            &format!("wasm-{bounds}"),
            tools.iwasm.path.clone(),
            Some(aot),
        )?;
        compare(&mut tally, &name, &native, &ours, &expected);
        Ok(tally)
    })
}

/// Runs the scripts on `ours` and counts whether it does what `native` did.
fn compare(tally: &mut Tally, name: &str, native: &Side, ours: &Side, expected: &str) {
    let filled = ours
        .run("script.sql")
        .and_then(|printed| same(expected, &printed));
    let ran = filled.is_ok();
    tally.check(&format!("{name} script"), filled);
    if !ran {
        return;
    }
    tally.check(&format!("{name} file"), same_file(native, ours));
    // Each build reads what the other wrote.
    let read = native.check(ours).and_then(|of_ours| {
        let of_native = ours.check(native)?;
        same(&of_native, &of_ours)
    });
    tally.check(&format!("{name} exchange"), read);
}

/// Both sides of one program.
struct Built {
    wasm: PathBuf,
    native: PathBuf,
}

/// Compiles the program with SQLite for both machines, at the same time; skips what is newer than its sources.
fn build() -> Result<Built> {
    let folder = workspace::scratch("sqlite")?;
    let built = Built {
        wasm: folder.join("driver.wasm"),
        native: folder.join("driver"),
    };
    let sqlite = source()?;
    let driver = scripts().join("driver.c");
    let compile = |mut command: Command, output: &Path| -> Result<()> {
        let inputs = [&driver, &sqlite.join("sqlite3.c")];
        if !inputs.iter().any(|input| program::stale(input, output)) {
            return Ok(());
        }
        command.args(FLAGS).arg("-I").arg(&sqlite);
        process::stream(command.args(inputs).arg("-o").arg(output).arg("-lm"))
    };
    let mut wasm = Command::new("clang-22");
    wasm.args(["--target=wasm32-wasi", "--sysroot=/usr", "-Wno-deprecated"]);
    let native = Command::new("clang-22");
    std::thread::scope(|scope| {
        let wasm = scope.spawn(|| compile(wasm, &built.wasm));
        compile(native, &built.native)?;
        let joined = wasm.join();
        joined.unwrap_or_else(|_| Err(anyhow!("compiling SQLite for wasm panicked")))
    })?;
    Ok(built)
}

/// The folder of SQLite's source in cargo's registry, fetched if it is not there yet.
fn source() -> Result<PathBuf> {
    let mut command = workspace::cargo(&["metadata", "--format-version=1", "--locked"]);
    let metadata: serde_json::Value = serde_json::from_str(&process::output(&mut command)?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let carrier = packages
        .filter(|package| package["name"] == CARRIER)
        .find_map(|package| package["manifest_path"].as_str())
        .with_context(|| format!("{CARRIER} is not in cargo's metadata"))?;
    Ok(Path::new(carrier).with_file_name("sqlite3"))
}

/// The folder of the program and its scripts.
fn scripts() -> PathBuf {
    workspace::root().join("fixtures/programs/sqlite")
}

/// One build of the program, with a directory of its own that holds the scripts and its database.
struct Side {
    name: String,
    program: PathBuf,
    aot: Option<PathBuf>,
    folder: PathBuf,
    database: PathBuf,
}

impl Side {
    fn prepare(name: &str, program: PathBuf, aot: Option<PathBuf>) -> Result<Side> {
        let folder = workspace::scratch("sqlite")?.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        for script in ["script.sql", "check.sql"] {
            std::fs::write(folder.join(script), std::fs::read(scripts().join(script))?)?;
        }
        let database = folder.join("made.db");
        Ok(Side {
            name: name.to_owned(),
            program,
            aot,
            folder,
            database,
        })
    }

    /// Runs a script on the own database; what it printed.
    fn run(&self, script: &str) -> Result<String, String> {
        self.run_on("made.db", script)
    }

    /// Runs the checking script on a copy of the other side's database; what it printed.
    fn check(&self, other: &Side) -> Result<String, String> {
        let copy = format!("of-{}.db", other.name);
        std::fs::copy(&other.database, self.folder.join(&copy))
            .map_err(|error| error.to_string())?;
        self.run_on(&copy, "check.sql")
    }

    fn run_on(&self, database: &str, script: &str) -> Result<String, String> {
        let mut command = Command::new(&self.program);
        if let Some(aot) = &self.aot {
            command.arg("--dir=.").arg(aot);
        }
        command.args([database, script]).current_dir(&self.folder);
        let done = process::capture(&mut command, LIMIT).map_err(|error| format!("{error:#}"))?;
        match (done.code, done.stderr.is_empty()) {
            (Some(0), true) => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
            _ => Err(format!("{script}: {}\n{}", done.ending(), done.text())),
        }
    }
}

/// Whether both printed the same; the number of lines, or the first that differs.
fn same(expected: &str, printed: &str) -> Result<String, String> {
    if expected == printed {
        return Ok(format!("{} lines", printed.lines().count()));
    }
    let pairs = expected.lines().zip(printed.lines());
    let first = pairs.take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(first).unwrap_or("(no line)").to_owned();
    Err(format!(
        "output differs in line {}\nnative: {}\nwasm:   {}",
        first + 1,
        line(expected),
        line(printed)
    ))
}

/// Whether both made the same file.
fn same_file(native: &Side, ours: &Side) -> Result<String, String> {
    let read = |side: &Side| std::fs::read(&side.database).map_err(|error| error.to_string());
    let (native, ours) = (read(native)?, read(ours)?);
    if native == ours {
        return Ok(format!("{} bytes", ours.len()));
    }
    let first = native.iter().zip(&ours).take_while(|(a, b)| a == b).count();
    Err(format!(
        "databases differ at byte {first}: {} bytes made natively, {} in WebAssembly",
        native.len(),
        ours.len()
    ))
}
