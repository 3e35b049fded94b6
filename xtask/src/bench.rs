//! Measures run time, compile time and file size against native code and, where
//! `WAMRC_STOCK` and `IWASM_STOCK` name programs, against stock WAMR.
//!
//! All engines run in turn within one round, so that a slow spell of the
//! machine hits all of them; a time is the minimum over the rounds, and the
//! whole process is what is timed. Compilers run with one thread. Every
//! engine's output must equal native's.

mod address;
mod hints;
mod large;
mod objects;
mod report;
mod summary;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::flag::Flags;
use crate::program::{Built, Program};
use crate::tally::Tally;
use crate::workspace::Tools;
use crate::{Outcome, corpus, process, program, setup, workspace};

/// A kernel takes about a second; ten times that under load is still no hang.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// What one engine did with one program.
#[derive(Clone, Debug, Default)]
struct Measured {
    /// Run times in seconds, one per round.
    runs: Vec<f64>,
    /// Compile times in seconds, one per round.
    compiles: Vec<f64>,
    /// Size of the file that the engine runs.
    bytes: u64,
}

impl Measured {
    /// The shortest run, in seconds.
    fn least(&self) -> f64 {
        minimum(&self.runs).unwrap_or(f64::NAN)
    }
}

/// One program's row.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    about: String,
    native: Measured,
    ours: Measured,
    stock: Option<Measured>,
    /// Ours again, in turn with the program that this one is a pair with.
    paired: Measured,
}

/// Programs that differ in one thing: with it, without it, and what it is.
const PAIRS: &[(&str, &str, &str)] = &[("guarded", "unguarded", "exceptions that are not thrown")];

/// How many times as often they run: differences are of a few percent, minima have to be those of a quiet moment.
const PAIR_ROUNDS: usize = 4;

/// A compiler and the program that runs its output.
#[derive(Clone, Debug)]
struct Engine {
    wamrc: PathBuf,
    iwasm: PathBuf,
    flags: Vec<String>,
}

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let json = flags.value("--json")?.map(PathBuf::from);
    let rounds = match flags.value("--runs")? {
        Some(text) => text.parse().with_context(|| format!("--runs {text:?}"))?,
        None => 5,
    };
    let wamrc_flags = flags.wamrc()?;
    let filter = flags.word().unwrap_or_default();
    flags.finish()?;
    if rounds == 0 {
        bail!("--runs must be at least 1");
    }
    setup::ensure(&[setup::BUILD, setup::PROGRAMS].concat())?;
    let tools = workspace::build()?;
    let is_default = wamrc_flags.is_empty();
    let ours = ours(&tools, wamrc_flags);
    let stock = stock();
    let mut tally = Tally::default();
    // `large` is all of them; `large-NAME` those of the name, whose rows take the places of those in the stored report.
    let stored = match filter.strip_prefix("large") {
        Some(name) => {
            let filter = name.trim_start_matches('-');
            large_modules(&mut tally, filter, rounds, (&ours, stock.as_ref()))?
        }
        None => programs(&mut tally, &filter, rounds, (&ours, stock.as_ref()))?,
    };
    println!("\n{}", stored.markdown);
    stored.write(json, is_default)?;
    Ok(tally.close())
}

/// Everything but the larger modules.
fn programs(
    tally: &mut Tally,
    filter: &str,
    rounds: usize,
    (ours, stock): (&Engine, Option<&Engine>),
) -> Result<Stored> {
    let address = section("address", filter, || address::measure(ours, rounds))?;
    let objects = section("objects", filter, || objects::measure(ours, rounds))?;
    let hints = section("hints", filter, || hints::measure(ours, rounds))?;
    let rows = match ["address", "hints", "objects"].contains(&filter) {
        true => Vec::new(),
        false => measure_programs(tally, filter, rounds, ours, stock)?,
    };
    let report = report::Report {
        rows,
        address,
        objects,
        hints,
        rounds,
    };
    Ok(Stored {
        suffix: "",
        whole: filter.is_empty(),
        markdown: report.markdown(),
        json: report.json(),
    })
}

/// The larger modules, whose compilation takes longer than everything else together.
fn large_modules(
    tally: &mut Tally,
    filter: &str,
    rounds: usize,
    engines: (&Engine, Option<&Engine>),
) -> Result<Stored> {
    let folder = workspace::shared("corpus");
    let rows = large::measure(tally, folder.as_deref(), filter, engines, rounds)?;
    let path = Stored::path("-large").with_extension("json");
    let before = match filter {
        "" => Some(Vec::new()),
        _ => std::fs::read(path)
            .ok()
            .and_then(|report| large::read(&serde_json::from_slice(&report).ok()?)),
    };
    let whole = before.is_some();
    let rows = large::add(before.unwrap_or_default(), rows);
    Ok(Stored {
        suffix: "-large",
        whole,
        markdown: large::markdown(&rows),
        json: format!("{:#}\n", large::json(&rows)),
    })
}

/// The rows of a section whose name the filter is part of.
fn section<T>(name: &str, filter: &str, measure: impl Fn() -> Result<Vec<T>>) -> Result<Vec<T>> {
    match name.contains(filter) {
        true => measure(),
        false => Ok(Vec::new()),
    }
}

fn ours(tools: &Tools, flags: Vec<String>) -> Engine {
    Engine {
        wamrc: tools.wamrc.clone(),
        iwasm: tools.iwasm.path.clone(),
        flags: [vec!["-j1".to_owned()], flags].concat(),
    }
}

/// Stock WAMR, if the environment names it. Its default CPU is this machine's,
/// so the baseline is named.
fn stock() -> Option<Engine> {
    let named = |name| std::env::var_os(name).map(PathBuf::from);
    match (named("WAMRC_STOCK"), named("IWASM_STOCK")) {
        (Some(wamrc), Some(iwasm)) => Some(Engine {
            wamrc,
            iwasm,
            flags: ["--target=x86_64", "--cpu=x86-64"]
                .map(str::to_owned)
                .to_vec(),
        }),
        _ => {
            println!("stock WAMR: not measured (WAMRC_STOCK and IWASM_STOCK name no programs)");
            None
        }
    }
}

fn measure_programs(
    tally: &mut Tally,
    filter: &str,
    rounds: usize,
    ours: &Engine,
    stock: Option<&Engine>,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for program in program::all(filter)? {
        let built = program.build()?;
        let stock = stock.filter(|stock| stock.takes(&program.name, &built.wasm));
        match measure(&program, &built, rounds, ours, stock) {
            Ok(row) => {
                tally.check(&program.name, Ok(report::line(&row)));
                rows.push(row);
            }
            Err(error) => tally.check(&program.name, Err(format!("{error:#}"))),
        }
    }
    for (with, without, _) in PAIRS {
        run_in_turn([with, without], &mut rows, rounds, ours)?;
    }
    Ok(rows)
}

/// The machine's speed changes between the rows: what is compared across rows runs in turn as well.
fn run_in_turn(names: [&str; 2], rows: &mut [Row], rounds: usize, ours: &Engine) -> Result<()> {
    let position = |name| rows.iter().position(|row| row.name == name);
    let [Some(with), Some(without)] = names.map(position) else {
        return Ok(());
    };
    let folder = workspace::scratch("bench")?;
    for _ in 0..PAIR_ROUNDS * rounds {
        for at in [with, without] {
            let row = &mut rows[at];
            ours.start(&folder.join(format!("{}.aot", row.name)), &mut row.paired)?;
        }
    }
    Ok(())
}

fn measure(
    program: &Program,
    built: &Built,
    rounds: usize,
    ours: &Engine,
    stock: Option<&Engine>,
) -> Result<Row> {
    let mut row = Row {
        name: program.name.clone(),
        about: program.about.clone(),
        native: Measured::default(),
        ours: Measured::default(),
        stock: stock.map(|_| Measured::default()),
        paired: Measured::default(),
    };
    row.native.bytes = size(&built.native)?;
    let folder = workspace::scratch("bench")?;
    let own_file = folder.join(format!("{}.aot", program.name));
    let stock_file = folder.join(format!("{}.stock.aot", program.name));
    for _ in 0..rounds {
        ours.compile(&built.wasm, &own_file, &mut row.ours)?;
        if let (Some(stock), Some(measured)) = (stock, &mut row.stock) {
            stock.compile(&built.wasm, &stock_file, measured)?;
        }
    }
    for _ in 0..rounds {
        let mut command = Command::new(&built.native);
        let wanted = timed(&mut command, &mut row.native)?;
        ours.run(&own_file, &wanted, &mut row.ours)?;
        if let (Some(stock), Some(measured)) = (stock, &mut row.stock) {
            stock.run(&stock_file, &wanted, measured)?;
        }
    }
    Ok(row)
}

impl Engine {
    /// Whether it compiles a program at all: stock has no exceptions, and no vectors for the baseline that everything
    /// here is measured on.
    fn takes(&self, name: &str, wasm: &Path) -> bool {
        let output = wasm.with_extension("tried.aot");
        let tried = corpus::compile(&self.wamrc, wasm, &output, &self.flags);
        if let Err(detail) = &tried {
            let reason = detail.lines().last().unwrap_or_default();
            println!("stock WAMR does not compile {name}: {reason}");
        }
        tried.is_ok()
    }

    fn compile(&self, wasm: &Path, aot: &Path, measured: &mut Measured) -> Result<()> {
        match corpus::compile(&self.wamrc, wasm, aot, &self.flags) {
            Ok(time) => measured.compiles.push(time.as_secs_f64()),
            Err(detail) => bail!("{}: {detail}", self.wamrc.display()),
        }
        measured.bytes = size(aot)?;
        Ok(())
    }

    /// Runs a file; what it printed.
    fn start(&self, aot: &Path, measured: &mut Measured) -> Result<Vec<u8>> {
        timed(Command::new(&self.iwasm).arg(aot), measured)
    }

    fn run(&self, aot: &Path, wanted: &[u8], measured: &mut Measured) -> Result<()> {
        let printed = self.start(aot, measured)?;
        if printed != wanted {
            bail!(
                "{} prints {:?}, native code {:?}",
                aot.display(),
                String::from_utf8_lossy(&printed),
                String::from_utf8_lossy(wanted)
            );
        }
        Ok(())
    }
}

/// Runs a program that must succeed; its output.
fn timed(command: &mut Command, measured: &mut Measured) -> Result<Vec<u8>> {
    let done = process::succeed(command, LIMIT)?;
    measured.runs.push(done.time.as_secs_f64());
    Ok(done.stdout)
}

fn minimum(times: &[f64]) -> Option<f64> {
    times.iter().copied().reduce(f64::min)
}

fn size(path: &Path) -> Result<u64> {
    Ok(path
        .metadata()
        .with_context(|| path.display().to_string())?
        .len())
}

/// A report as it is stored.
struct Stored {
    /// Of its name.
    suffix: &'static str,
    /// It covers everything.
    whole: bool,
    markdown: String,
    json: String,
}

impl Stored {
    /// Its file in the committed folder `bench/`, but for the ending.
    fn path(suffix: &str) -> PathBuf {
        let (machine, system) = (std::env::consts::ARCH, std::env::consts::OS);
        let name = format!("{machine}-{system}{suffix}");
        workspace::root().join("bench").join(name)
    }

    /// Writes it where it was asked for and, if it covers everything and is about the usual options, into `bench/`.
    fn write(&self, json: Option<PathBuf>, is_default: bool) -> Result<()> {
        if let Some(path) = json {
            std::fs::write(&path, &self.json).with_context(|| path.display().to_string())?;
        }
        if !(self.whole && is_default) {
            return Ok(());
        }
        let path = Self::path(self.suffix);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path.with_extension("json"), &self.json)?;
        std::fs::write(path.with_extension("md"), &self.markdown)?;
        Ok(())
    }
}
