//! Builds the programs of `fixtures/programs`: each a folder with one C, C++ or Rust
//! source of the folder's name, compiled for wasm32-wasi and for this machine.
//!
//! The same compiler, level and baseline CPU on both sides, so that a ratio of
//! run times measures our code generation and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{bare, process, workspace};

/// A program of the project's own.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    source: PathBuf,
    /// From the first line of the source: what it exercises.
    pub(crate) about: String,
}

/// What a program was built into.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    pub(crate) wasm: PathBuf,
    pub(crate) native: PathBuf,
}

/// Every program whose name contains `filter`, by name.
pub(crate) fn all(filter: &str) -> Result<Vec<Program>> {
    let folder = workspace::root().join("fixtures/programs");
    let mut programs = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let sources = ["c", "cpp", "rs"].map(|kind| path.join(format!("{name}.{kind}")));
        let Some(source) = sources.into_iter().find(|source| source.exists()) else {
            continue;
        };
        if name.contains(filter) {
            let about = first_line(&source)?;
            programs.push(Program {
                name: name.to_owned(),
                source,
                about,
            });
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    if programs.is_empty() {
        bail!("no program in {} matches {filter:?}", folder.display());
    }
    Ok(programs)
}

/// The first line's comment without its marks.
fn first_line(source: &Path) -> Result<String> {
    let text = std::fs::read_to_string(source)?;
    let line = text.lines().next().unwrap_or_default();
    let line = line.trim_start_matches(['/', '*', '!', ' ']);
    Ok(line.trim_end_matches(['*', '/', ' ']).to_owned())
}

impl Program {
    /// Whether it is written with 128-bit vectors, which its first line says.
    pub(crate) fn vectors(&self) -> bool {
        self.about.starts_with("simd:")
    }

    /// Compiles for wasm and natively; skips what is newer than its source.
    pub(crate) fn build(&self) -> Result<Built> {
        let folder = workspace::scratch("programs")?;
        let built = Built {
            wasm: folder.join(format!("{}.wasm", self.name)),
            native: folder.join(&self.name),
        };
        for (side, output) in [(Side::Wasm, &built.wasm), (Side::Native, &built.native)] {
            if stale(&self.source, output) {
                self.build_for(side, output)
                    .with_context(|| self.name.clone())?;
            }
        }
        Ok(built)
    }

    /// Links with clang, which gets the C source itself, or the static library
    /// that the Rust source was built into.
    fn build_for(&self, side: Side, output: &Path) -> Result<()> {
        let cpp = self.source.extension().is_some_and(|kind| kind == "cpp");
        let mut command = clang(side, if cpp { "clang++-22" } else { "clang-22" });
        if cpp {
            // No C++ library; exceptions where the source has what they need.
            command.arg("-nostdlib++");
            command.arg(match side {
                Side::Wasm => "-fwasm-exceptions",
                Side::Native => "-fno-exceptions",
            });
        }
        if let (Side::Wasm, true) = (side, self.vectors()) {
            command.arg("-msimd128");
        }
        if self.source.extension().is_some_and(|kind| kind == "rs") {
            command.arg(match side {
                // What Rust's own wasm targets give a program.
                Side::Wasm => "-Wl,-z,stack-size=1048576",
                // Rust's prebuilt `core` names it, though nothing unwinds here.
                Side::Native => "-Wl,--defsym=rust_eh_personality=main",
            });
            command.arg(rust_library(&self.name, &self.source, side)?);
        } else {
            command.arg(&self.source);
        }
        command.arg("-lm").arg("-o").arg(output);
        process::stream(&mut command)
    }
}

/// Whether `output` is missing, or older than `source` or the recipe (this
/// program).
pub(crate) fn stale(source: &Path, output: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let recipe = std::env::current_exe().ok().and_then(|path| time(&path));
    match (time(source), time(output)) {
        (Some(source), Some(output)) => {
            output <= source || recipe.is_some_and(|recipe| output <= recipe)
        }
        _ => true,
    }
}

fn clang(side: Side, program: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-O3", "-Wall"]);
    match side {
        Side::Wasm => {
            // Debian has its WASI C library under the older name of the target.
            command.args([
                "--target=wasm32-wasi",
                "--sysroot=/usr",
                "-Wno-deprecated",
                "-s",
            ]);
        }
        Side::Native => {
            command.arg("-march=x86-64");
        }
    }
    command
}

/// Which of the two machines a program is built for.
#[derive(Clone, Copy)]
enum Side {
    Wasm,
    Native,
}

/// Rust's name of the WASI target.
const WASI: &str = "wasm32-wasip1";

/// Builds a Rust program as a static library. It is `no_std` and calls the C
/// library, which both sides have, so `core` is all it needs of Rust's.
fn rust_library(name: &str, source: &Path, side: Side) -> Result<PathBuf> {
    let folder = workspace::scratch(&format!("programs/{name}.rust"))?;
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [lib]\npath = {source:?}\ncrate-type = [\"staticlib\"]\n\
         [profile.release]\nopt-level = 3\npanic = \"abort\"\ncodegen-units = 1\n[workspace]\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    let mut results = folder.join("target");
    let mut command = match side {
        Side::Wasm => {
            let way = bare::Way::find(WASI)?;
            let mut command = way.cargo();
            command.args(["build", "--target", WASI]);
            way.add_build_std(&mut command, bare::Library::Core);
            results = results.join(WASI);
            command
        }
        Side::Native => {
            let mut command = workspace::cargo(&["build"]);
            command.env("RUSTFLAGS", "-C target-cpu=x86-64");
            command
        }
    };
    command.args(["--release", "--quiet"]).current_dir(&folder);
    process::stream(command.env("CARGO_TARGET_DIR", folder.join("target")))?;
    Ok(results.join("release").join(format!("lib{name}.a")))
}
