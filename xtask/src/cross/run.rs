//! Starts a runner with packs, some at a time, and reads what it prints.
//!
//! A runner that does not come to its end has lost one pack, the first it did not report; that one is run again alone to
//! learn where it ended, and the rest goes on. No pack is lost without being counted.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Result, bail};

use super::machine::{Kind, Machine};
use super::pack::Pack;
use crate::process::{self, Finished};
use crate::tally::Tally;

/// Emulators at the same time.
const PARALLEL: usize = 2;

/// Packs per process of a Linux machine.
const BATCH: usize = 24;

/// How long a runner may take for its packs: what hangs, hangs longer.
const LIMIT: Duration = Duration::from_secs(900);

/// What a pack came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) count: Tally,
    /// What failed, as `FILE:LINE: …`.
    pub(super) failures: Vec<String>,
}

/// Runs all packs that the machine can run; the outcomes by script.
pub(super) fn all(
    machine: &Machine,
    runner: &Path,
    packs: &[Pack],
) -> Result<BTreeMap<String, Outcome>> {
    let size = match machine.kind {
        // The emulator's own tables grow with every page that is ever reserved.
        Kind::Hosted(_) if machine.has_guard_pages() && !machine.emulator.is_empty() => 1,
        Kind::Hosted(_) | Kind::User(_) => BATCH,
        // An image starts quickly, and has all its memory then.
        Kind::Bare(_) => 1,
    };
    let mut runnable = Vec::new();
    for pack in packs {
        match pack.without {
            None => runnable.push(pack.clone()),
            Some(reason) => println!(
                "skipped {}, {} assertions: {reason}",
                pack.name, pack.assertions
            ),
        }
    }
    let queue: Mutex<VecDeque<&[Pack]>> = Mutex::new(runnable.chunks(size).collect());
    let results = Mutex::new(BTreeMap::new());
    let next = || queue.lock().ok()?.pop_front();
    let work = || -> Result<()> {
        while let Some(batch) = next() {
            let outcomes = batch_outcomes(machine, runner, batch)?;
            if let Ok(mut results) = results.lock() {
                results.extend(outcomes);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..PARALLEL).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            let result = thread.join();
            result.unwrap_or_else(|_| bail!("a thread panicked"))
        })
    })?;
    Ok(results.into_inner().unwrap_or_default())
}

/// Runs some packs, and again what a crash has left.
fn batch_outcomes(
    machine: &Machine,
    runner: &Path,
    mut batch: &[Pack],
) -> Result<BTreeMap<String, Outcome>> {
    let mut outcomes = BTreeMap::new();
    while !batch.is_empty() {
        let done = start(machine, runner, batch, &[])?;
        let read = read(&String::from_utf8_lossy(&done.stdout), batch);
        let reported = read.len();
        outcomes.extend(read);
        let Some(lost) = batch.get(reported) else {
            break;
        };
        outcomes.insert(lost.name.clone(), ended_early(machine, runner, lost)?);
        batch = batch.get(reported + 1..).unwrap_or_default();
    }
    Ok(outcomes)
}

/// A pack that ended its process: all of its assertions have failed.
fn ended_early(machine: &Machine, runner: &Path, pack: &Pack) -> Result<Outcome> {
    let done = start(machine, runner, std::slice::from_ref(pack), &["--trace"])?;
    let text = done.text();
    if let Some(outcome) = read(&text, std::slice::from_ref(pack)).remove(&pack.name) {
        return Ok(Outcome {
            failures: [
                outcome.failures,
                vec![format!(
                    "{}: did not end well together with others, but alone",
                    pack.name
                )],
            ]
            .concat(),
            ..outcome
        });
    }
    let place = text.lines().rev().find_map(|line| line.strip_prefix("at "));
    let place = place.unwrap_or(&pack.name);
    let last: Vec<&str> = text
        .lines()
        .rev()
        .take_while(|line| !line.starts_with("at "))
        .collect();
    let last: Vec<&str> = last.into_iter().rev().take(3).collect();
    let detail = format!("{place}: {} {}", done.ending(), last.join(" / "));
    Ok(Outcome {
        count: Tally {
            failed: pack.assertions.max(1),
            ..Tally::default()
        },
        failures: vec![detail.trim_end().to_owned()],
    })
}

/// Starts the runner and waits for it.
fn start(machine: &Machine, runner: &Path, packs: &[Pack], flags: &[&str]) -> Result<Finished> {
    let mut words = machine.emulator.iter();
    let paths = packs.iter().map(|pack| &pack.path);
    let mut command = match (machine.kind, words.next()) {
        (Kind::Hosted(_) | Kind::User(_), None) => Command::new(runner),
        (_, Some(emulator)) => Command::new(emulator),
        (Kind::Bare(_), None) => bail!("{} needs an emulator", machine.name),
    };
    command.args(words);
    match machine.kind {
        Kind::Hosted(_) | Kind::User(_) => {
            if !machine.emulator.is_empty() {
                command.arg(runner);
            }
            command.args(flags).args(paths);
        }
        Kind::Bare(_) => {
            let mut config = "enable=on,target=native,arg=spec-image".to_owned();
            let words = flags.iter().map(|flag| (*flag).to_owned());
            for word in words.chain(paths.map(|path| path.display().to_string())) {
                config.push_str(",arg=");
                config.push_str(&word);
            }
            command.args(["-nographic", "-nic", "none", "-vga", "none"]);
            command.args(["-semihosting-config", &config, "-kernel"]);
            command.arg(runner);
        }
    }
    process::capture(&mut command, LIMIT)
}

/// Reads a runner's output: what each of the packs came to, as far as it got.
fn read(text: &str, packs: &[Pack]) -> BTreeMap<String, Outcome> {
    let mut outcomes = BTreeMap::new();
    let mut failures = Vec::new();
    for line in text.lines() {
        let Some((place, rest)) = line.split_once(": ") else {
            continue;
        };
        if !packs.iter().any(|pack| place.starts_with(&pack.name)) {
            continue;
        }
        match Tally::read_counts(rest) {
            Some(count) => {
                let failures = std::mem::take(&mut failures);
                outcomes.insert(place.to_owned(), Outcome { count, failures });
            }
            None => failures.push(line.to_owned()),
        }
    }
    outcomes
}
