//! Runs the official test suite on every machine that code can be compiled for.
//!
//! The compiler runs here and makes one pack per script (`wamrc/examples/suite.rs`); a runner built for the machine
//! (`xtask/runner/`) makes the assertions, natively or under an emulator. The machines are rows of `cross/machine.rs`. What is
//! decided by parsing and validation alone is decided once, here. Packs are kept in `target/cross` for as long as neither
//! compiler nor options change.

mod build;
mod document;
mod excuse;
mod image;
mod machine;
mod pack;
mod report;
mod run;
mod user;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::flag::Flags;
use crate::tally::Tally;
use crate::workspace::{Program, Tools};
use crate::{Outcome, setup, workspace};
use machine::{MACHINES, Machine};
use report::Row;

/// `wamrc`, and `iwasm` for this machine or the Linux machine of this name.
pub(crate) fn tools(name: Option<&str>) -> Result<Tools> {
    let Some(name) = name else {
        return workspace::build();
    };
    let (machine, linker) = machine::hosted(name)?;
    let iwasm = Program {
        path: build::iwasm(machine, linker)?,
        emulator: machine.emulator,
    };
    let mut wamrc_flags = vec![format!("--target={}", machine.target)];
    wamrc_flags.extend(machine.flags.iter().map(|&flag| flag.to_owned()));
    Ok(Tools {
        iwasm,
        target: machine.target,
        wamrc_flags,
        ..workspace::build()?
    })
}

/// What to run, besides where.
struct Choice {
    /// Scripts whose names contain one of these; all if there is none.
    filters: Vec<String>,
    wamrc_flags: Vec<String>,
    /// Machines at the same time: builds for one alone leave processors idle.
    parallel: usize,
}

impl Choice {
    /// What is run on every machine by CI.
    fn slice(wamrc_flags: Vec<String>) -> Choice {
        Choice {
            filters: machine::SLICE.iter().map(|&name| name.to_owned()).collect(),
            wamrc_flags,
            parallel: 2,
        }
    }

    fn whole(filter: Option<String>, wamrc_flags: Vec<String>) -> Choice {
        Choice {
            filters: filter.into_iter().collect(),
            wamrc_flags,
            parallel: 1,
        }
    }

    /// Whether it is what the document is about.
    fn is_everything(&self) -> bool {
        self.filters.is_empty() && self.wamrc_flags.is_empty()
    }
}

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    let filter = flags.value("--filter")?;
    let wamrc_flags = flags.wamrc()?;
    let slice = flags.present("--slice");
    let mut machines = Vec::new();
    let mut all = false;
    while let Some(word) = flags.word() {
        match word.as_str() {
            "all" => all = true,
            name => machines.push(machine::by_name(name)?),
        }
    }
    flags.finish()?;
    if machines.is_empty() && !all && !slice {
        print_machines();
        bail!("name one machine or more, or all");
    }
    if machines.is_empty() {
        machines = MACHINES.iter().collect();
    }
    let choice = match slice {
        true => Choice::slice(wamrc_flags),
        false => Choice::whole(filter, wamrc_flags),
    };
    setup::ensure(setup::BUILD)?;
    let rows = check(&machines, &choice)?;
    println!("\n{}", report::table(&rows));
    Ok(report::tally(&rows).close())
}

/// `spec --target MACHINE [FILTER]`: the same, in the words of `spec`.
pub(crate) fn spec(machine: &str, flags: &mut Flags) -> Result<Outcome> {
    let wamrc_flags = flags.wamrc()?;
    let choice = Choice::whole(flags.word(), wamrc_flags);
    flags.finish()?;
    setup::ensure(setup::BUILD)?;
    let rows = check(&[machine::by_name(machine)?], &choice)?;
    println!("\n{}", report::table(&rows));
    Ok(report::tally(&rows).close())
}

/// The slice on every machine. One that cannot be built for fails.
pub(crate) fn slice() -> Result<Tally> {
    let machines: Vec<&Machine> = MACHINES.iter().collect();
    let rows = check(&machines, &Choice::slice(Vec::new()))?;
    println!("\n{}", report::table(&rows));
    Ok(report::tally(&rows))
}

/// Whether there is a machine of this name that has no operating system.
pub(crate) fn is_bare(name: &str) -> bool {
    machine::by_name(name).is_ok_and(Machine::is_bare)
}

/// Stock's files of a folder on a machine without operating system, where they are steps of a pack.
pub(crate) fn interop(name: &str, folder: &Path, filter: &str) -> Result<Tally> {
    let machine = machine::by_name(name)?;
    setup::ensure(machine.needs)?;
    let packs = pack::stock(machine, folder, filter)?;
    let results = run::all(machine, &build::runner(machine)?, &packs)?;
    let row = Row::new(machine, &packs, &results);
    row.print();
    Ok(row.count)
}

fn print_machines() {
    for machine in MACHINES {
        println!("  {:<16} {}", machine.name, machine.about);
    }
}

/// Every machine; one that cannot be built for does not stop the others. The rows have the order of the list.
fn check(machines: &[&'static Machine], choice: &Choice) -> Result<Vec<Row>> {
    let compiler = build::compiler()?;
    let needs = machines.iter().flat_map(|machine| machine.needs);
    let needs: Vec<setup::Need> = needs.copied().collect();
    if let Err(error) = setup::ensure(&needs) {
        // Every machine says what it lacks itself.
        println!("warning: {error:#}");
    }
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(&machine) = machines.get(number) else {
                return Ok(());
            };
            println!("\n== {}: {}", machine.name, machine.about);
            let start = Instant::now();
            let row = check_one(&compiler, machine, choice);
            let mut row = row.unwrap_or_else(|error| Row::broken(machine, &format!("{error:#}")));
            row.time = start.elapsed();
            let Ok(mut rows) = rows.lock() else {
                bail!("a thread panicked");
            };
            row.print();
            if choice.is_everything() {
                document::update(&row)?;
            }
            rows.push((number, row));
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..choice.parallel).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            let result = thread.join();
            result.unwrap_or_else(|_| bail!("a thread panicked"))
        })
    })?;
    let mut rows = rows.into_inner().unwrap_or_default();
    rows.sort_by_key(|(number, _)| *number);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn check_one(
    compiler: &build::Compiler,
    machine: &'static Machine,
    choice: &Choice,
) -> Result<Row> {
    setup::ensure(machine.needs)?;
    let runner = build::runner(machine)?;
    let packs = compiler.packs(machine, choice)?;
    let start = Instant::now();
    let mut results = run::all(machine, &runner, &packs)?;
    excuse::apply(machine, &mut results);
    let mut row = Row::new(machine, &packs, &results);
    row.ran = start.elapsed();
    Ok(row)
}
