//! The first thing to run after cloning: installs what is missing, builds, and
//! takes real programs from source to a running container.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::flag::Flags;
use crate::workspace::Tools;
use crate::{Outcome, corpus, process, program, setup, workspace};

/// The program shown when none is given, besides those given.
const SHOWN: &str = "wordfreq";

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let path = flags.word();
    flags.finish()?;
    setup::ensure(&[setup::BUILD, setup::PROGRAMS].concat())?;
    println!("building wamrc and iwasm (a few minutes the first time)");
    let tools = workspace::build()?;
    for program in program::all(SHOWN)? {
        println!("\n{}: {}", program.name, program.about);
        let built = program.build()?;
        show(&tools, &built.wasm, Some(&built.native))?;
    }
    if let Some(path) = path {
        let path = PathBuf::from(path);
        println!("\n{}", path.display());
        show(&tools, &path, None)?;
    }
    let folder = workspace::shown(&workspace::target().join("release"));
    println!("\nthe two programs are {folder}/wamrc and {folder}/iwasm:");
    println!("  wamrc -o app.aot app.wasm && iwasm --dir=. app.aot");
    Ok(Outcome::Passed)
}

/// Compiles and runs one module, with sizes and times.
fn show(tools: &Tools, wasm: &Path, native: Option<&Path>) -> Result<()> {
    let aot = workspace::scratch("demo")?.join(format!("{}.aot", corpus::stem(wasm)));
    let compile = match corpus::compile(&tools.wamrc, wasm, &aot, &[]) {
        Ok(time) => time,
        Err(detail) => bail!("{detail}"),
    };
    println!(
        "  wamrc   {} -> {}  in {:.2} s",
        kilobytes(wasm)?,
        kilobytes(&aot)?,
        compile.as_secs_f64()
    );
    let start = Instant::now();
    let mut command = tools.iwasm.command();
    command.arg("--dir=.").arg(&aot);
    let status = command.stdin(Stdio::null()).status()?;
    println!("  iwasm   {status}, {:.3} s", start.elapsed().as_secs_f64());
    if let Some(native) = native {
        let done = process::capture(&mut Command::new(native), crate::bench::LIMIT)?;
        println!(
            "  native  the same program in {:.3} s",
            done.time.as_secs_f64()
        );
    }
    match status.success() {
        true => Ok(()),
        false => bail!("{}: {status}", wasm.display()),
    }
}

fn kilobytes(path: &Path) -> Result<String> {
    let bytes = path
        .metadata()
        .with_context(|| path.display().to_string())?
        .len();
    Ok(format!("{:.1} kB", bytes as f64 / 1000.0))
}
