//! Compiles and runs every program of a folder and compares what it prints.
//!
//! Layout: `NAME.wasm`, with optional `NAME.dir` (preopened as `.`),
//! `NAME.stdout` and `NAME.stderr` (empty or missing: nothing to compare).
//! Every program must exit with 0. `--matrix` repeats all of them in both
//! bounds-check modes at every opt level.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::flag::Flags;
use crate::tally::{self, Tally};
use crate::workspace::Tools;
use crate::{Outcome, cross, process, setup, workspace};

/// A program that prints nothing for so long hangs.
const LIMIT: Duration = Duration::from_secs(120);
/// The same under an emulator: hashes of 64 bits take half a minute on most machines of 32, and minutes on MIPS.
const EMULATED_LIMIT: Duration = Duration::from_secs(900);

/// The values of `--opt-level`.
const ALL_LEVELS: &[&str] = &["0", "1", "2", "3"];

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let own_flags = flags.wamrc()?;
    let machine = flags.value("--target")?;
    let matrix = flags.present("--matrix");
    let Some(folder) = flags.word() else {
        bail!("corpus needs a folder: cargo xtask corpus DIR [FILTER]");
    };
    let filter = flags.word().unwrap_or_default();
    flags.finish()?;
    setup::ensure(setup::BUILD)?;
    let tools = cross::tools(machine.as_deref())?;
    let wamrc_flags = [tools.wamrc_flags.clone(), own_flags].concat();
    let folder = PathBuf::from(folder);
    let tally = match matrix {
        false => check(&tools, &folder, &filter, &wamrc_flags)?,
        true => check_matrix(&tools, &folder, &filter, ALL_LEVELS, &wamrc_flags)?,
    };
    Ok(tally.close())
}

/// Every program in both bounds-check modes at these opt levels.
pub(crate) fn check_matrix(
    tools: &Tools,
    folder: &Path,
    filter: &str,
    levels: &[&str],
    wamrc_flags: &[String],
) -> Result<Tally> {
    tally::in_both_modes(|bounds| {
        let mut tally = Tally::default();
        for level in levels {
            let mut flags = wamrc_flags.to_vec();
            flags.push(format!("--bounds-checks={bounds}"));
            flags.push(format!("--opt-level={level}"));
            tally.add(check(tools, folder, filter, &flags)?);
        }
        Ok(tally)
    })
}

/// Every program of `folder` once.
pub(crate) fn check(
    tools: &Tools,
    folder: &Path,
    filter: &str,
    wamrc_flags: &[String],
) -> Result<Tally> {
    let mut tally = Tally::default();
    for wasm in modules(folder)? {
        let name = stem(&wasm);
        if name.contains(filter) {
            let label = format!("{name} {}", wamrc_flags.join(" "));
            tally.check(
                label.trim_end(),
                check_one(tools, &wasm, &name, wamrc_flags),
            );
        }
    }
    Ok(tally)
}

/// The `.wasm` files of a folder, by name.
pub(crate) fn modules(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "wasm") {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        bail!("no .wasm file in {}", folder.display());
    }
    Ok(found)
}

/// The file's name without folder and ending.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn check_one(
    tools: &Tools,
    wasm: &Path,
    name: &str,
    wamrc_flags: &[String],
) -> Result<String, String> {
    let plain = |error: anyhow::Error| format!("{error:#}");
    let mut place = String::from("corpus");
    place.extend(
        wamrc_flags
            .iter()
            .flat_map(|flag| flag.chars())
            .filter(char::is_ascii_alphanumeric),
    );
    let place = workspace::scratch(&place).map_err(plain)?;
    let aot = place.join(format!("{name}.aot"));
    let compile = compile(&tools.wamrc, wasm, &aot, wamrc_flags)?;
    let preopened = place.join(format!("{name}.dir"));
    copy_folder(&wasm.with_extension("dir"), &preopened).map_err(plain)?;
    let mut command = tools.iwasm.command();
    command.arg("--dir=.").arg(&aot).current_dir(&preopened);
    let limit = match tools.iwasm.emulator {
        [] => LIMIT,
        _ => EMULATED_LIMIT,
    };
    let done = process::capture(&mut command, limit).map_err(plain)?;
    if done.code != Some(0) {
        return Err(format!("{}\n{}", done.ending(), done.text()));
    }
    compare("stdout", &wasm.with_extension("stdout"), &done.stdout)?;
    compare("stderr", &wasm.with_extension("stderr"), &done.stderr)?;
    Ok(format!(
        "compile {:.2} s, run {:.3} s",
        compile.as_secs_f64(),
        done.time.as_secs_f64()
    ))
}

/// Compiles one module; the wall time, or what the compiler said.
pub(crate) fn compile(
    wamrc: &Path,
    wasm: &Path,
    aot: &Path,
    wamrc_flags: &[String],
) -> Result<Duration, String> {
    let start = Instant::now();
    let mut command = Command::new(wamrc);
    command.args(wamrc_flags).arg("-o").arg(aot).arg(wasm);
    let done = process::capture(&mut command, Duration::from_secs(900))
        .map_err(|error| format!("{error:#}"))?;
    match done.code {
        Some(0) => Ok(start.elapsed()),
        _ => Err(format!("wamrc: {}\n{}", done.ending(), done.text())),
    }
}

/// Compares one output with what it must be.
fn compare(what: &str, expected: &Path, printed: &[u8]) -> Result<(), String> {
    let wanted = std::fs::read(expected).unwrap_or_default();
    if wanted.is_empty() || wanted == printed {
        return Ok(());
    }
    let line = |bytes: &[u8], number: usize| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.lines()
            .nth(number)
            .unwrap_or("(no such line)")
            .to_owned()
    };
    let wanted_text = String::from_utf8_lossy(&wanted).into_owned();
    let printed_text = String::from_utf8_lossy(printed).into_owned();
    let first = wanted_text
        .lines()
        .zip(printed_text.lines())
        .take_while(|(a, b)| a == b)
        .count();
    Err(format!(
        "{what} differs in line {}\nexpected: {}\nprinted:  {}",
        first + 1,
        line(&wanted, first),
        line(printed, first)
    ))
}

/// Gives the program a fresh copy of its folder, so that it may write there.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    if !from.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            // Not `fs::copy`, which would copy a read-only mark too.
            false => std::fs::write(&target, std::fs::read(entry.path())?)?,
        }
    }
    Ok(())
}
