//! Runs containers that stock wamrc made, and ours where stock runs.
//!
//! Layout: `aot/TARGET-MODULE[-VARIANT].aot`, `wasm/MODULE.wasm`, and
//! `expected.tsv` with a header and the columns module, function, arguments,
//! result. With `IWASM_STOCK` naming a stock `iwasm`, our own output of the same
//! modules is run there too.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::flag::Flags;
use crate::tally::Tally;
use crate::workspace::{Program, Tools};
use crate::{Outcome, corpus, cross, process, setup, workspace};

const LIMIT: Duration = Duration::from_secs(30);

/// A row of `expected.tsv`.
struct Row {
    module: String,
    function: String,
    arguments: Vec<String>,
    result: String,
}

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let own_flags = flags.wamrc()?;
    let machine = flags.value("--target")?;
    let Some(folder) = flags.word() else {
        bail!("interop needs a folder: cargo xtask interop DIR [FILTER]");
    };
    let filter = flags.word().unwrap_or_default();
    flags.finish()?;
    setup::ensure(setup::BUILD)?;
    if let Some(name) = machine.as_deref().filter(|name| cross::is_bare(name)) {
        return Ok(cross::interop(name, Path::new(&folder), &filter)?.close());
    }
    let tools = cross::tools(machine.as_deref())?;
    let wamrc_flags = [tools.wamrc_flags.clone(), own_flags].concat();
    Ok(check(&tools, Path::new(&folder), &filter, &wamrc_flags)?.close())
}

/// Everything of a folder: its containers, then our own of its modules.
pub(crate) fn check(
    tools: &Tools,
    folder: &Path,
    filter: &str,
    wamrc_flags: &[String],
) -> Result<Tally> {
    let rows = read_rows(&folder.join("expected.tsv"))?;
    let mut tally = check_stock_files(tools, folder, filter, &rows)?;
    let mut engines = vec![("iwasm".to_owned(), tools.iwasm.clone())];
    if let Some(stock) = std::env::var_os("IWASM_STOCK") {
        let stock = Program::native(PathBuf::from(stock));
        engines.push(("stock iwasm".to_owned(), stock));
    }
    for wasm in corpus::modules(&folder.join("wasm"))? {
        let name = corpus::stem(&wasm);
        if !name.contains(filter) {
            continue;
        }
        tally.add(check_own(tools, &engines, &wasm, &rows, wamrc_flags)?);
    }
    Ok(tally)
}

fn check_stock_files(tools: &Tools, folder: &Path, filter: &str, rows: &[Row]) -> Result<Tally> {
    let mut tally = Tally::default();
    let prefix = format!("{}-", tools.target);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("aot"))
        .with_context(|| format!("{}/aot", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    for file in files {
        let name = corpus::stem(&file);
        let Some(rest) = name.strip_prefix(&prefix) else {
            continue;
        };
        if !name.contains(filter) {
            continue;
        }
        let module = rest.split('-').next().unwrap_or(rest);
        check_rows(&mut tally, &name, &tools.iwasm, &file, module, rows);
    }
    Ok(tally)
}

/// Our own output of a module, in both bounds-check modes, in every engine.
fn check_own(
    tools: &Tools,
    engines: &[(String, Program)],
    wasm: &Path,
    rows: &[Row],
    wamrc_flags: &[String],
) -> Result<Tally> {
    let mut tally = Tally::default();
    let module = corpus::stem(wasm);
    for bounds in tools.bounds_checks() {
        let name = format!("{module}.wasm --bounds-checks={bounds}");
        let aot = workspace::scratch("interop")?.join(format!("{module}-{bounds}.aot"));
        let mut flags = vec![format!("--bounds-checks={bounds}")];
        flags.extend_from_slice(wamrc_flags);
        if let Err(detail) = corpus::compile(&tools.wamrc, wasm, &aot, &flags) {
            tally.check(&name, Err(detail));
            continue;
        }
        for (engine, program) in engines {
            let name = format!("{name} in {engine}");
            check_rows(&mut tally, &name, program, &aot, &module, rows);
        }
    }
    Ok(tally)
}

/// One check per expected row, or the two of `hello`, reported per file.
fn check_rows(
    tally: &mut Tally,
    name: &str,
    engine: &Program,
    file: &Path,
    module: &str,
    rows: &[Row],
) {
    let mut passed = 0;
    let mut failures = Vec::new();
    let mut count = |result: Result<(), String>| match result {
        Ok(()) => passed += 1,
        Err(detail) => failures.push(detail),
    };
    for row in rows.iter().filter(|row| row.module == module) {
        count(check_row(engine, file, row));
    }
    if module == "hello" {
        count(check_hello(engine, file, None));
        count(check_hello(engine, file, Some(7)));
    }
    tally.passed += passed;
    match failures.len() {
        0 => println!("ok      {name}  {passed} answers"),
        failed => {
            println!(
                "FAILED  {name}  {failed} of {} answers",
                failed as u64 + passed
            );
            for line in failures.iter().flat_map(|detail| detail.lines()) {
                println!("        {line}");
            }
            tally.failed += failed as u64;
        }
    }
}

fn check_row(engine: &Program, file: &Path, row: &Row) -> Result<(), String> {
    let mut command = engine.command();
    command.arg("-f").arg(&row.function).arg(file);
    command.args(&row.arguments);
    let done = process::capture(&mut command, LIMIT).map_err(|error| format!("{error:#}"))?;
    let text = done.text();
    let printed: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let code = match row.result.starts_with("Exception: ") {
        true => 1,
        false => 0,
    };
    if printed == [row.result.as_str()] && done.code == Some(code) {
        return Ok(());
    }
    Err(format!(
        "{} {}: expected {:?} and exit code {code}, got {:?} and {}",
        row.function,
        row.arguments.join(" "),
        row.result,
        printed.join("\n"),
        done.ending()
    ))
}

fn check_hello(engine: &Program, file: &Path, code: Option<i32>) -> Result<(), String> {
    let mut command = engine.command();
    command.arg(file).args(code.map(|code| code.to_string()));
    let done = process::capture(&mut command, LIMIT).map_err(|error| format!("{error:#}"))?;
    let count = 1 + usize::from(code.is_some());
    let wanted = format!("hello {count} 3.143 1099511627776");
    let text = done.text();
    if text.trim_end() == wanted && done.code == Some(code.unwrap_or(0)) {
        return Ok(());
    }
    Err(format!(
        "expected {wanted:?}, got {text:?} and {}",
        done.ending()
    ))
}

fn read_rows(path: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [module, function, arguments, result] = columns[..] else {
            bail!("{}:{}: expected 4 columns", path.display(), number + 1);
        };
        rows.push(Row {
            module: module.to_owned(),
            function: function.to_owned(),
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            result: result.to_owned(),
        });
    }
    Ok(rows)
}
