//! What a compilation did, for people and as JSON.

use super::super::message;
use super::Saying;
use anyhow::Context as _;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;
use wamrc::disassembly::Names;
use wamrc::report::Report;

/// One file that was made.
pub(super) struct Entry<'a> {
    pub(super) input: &'a Path,
    pub(super) output: &'a Path,
    pub(super) report: Report,
    /// Bytes of the frames of functions, if they were asked for.
    pub(super) frames: Vec<(String, u64)>,
}

/// The frames of a report with the names of their functions.
pub(super) fn frames(report: &Report, names: &Names) -> Vec<(String, u64)> {
    let frames = report.frames.iter().map(|frame| {
        let index = frame.function.0;
        let name = names.get(&index);
        (
            name.cloned().unwrap_or_else(|| format!("function {index}")),
            frame.bytes,
        )
    });
    frames.collect()
}

/// Frames as C compilers list them: a line per function, fields separated by tabs. No frame changes its size.
pub(super) fn stack_usage(entries: &[Entry<'_>]) -> String {
    let mut text = String::new();
    for entry in entries {
        let file = entry.input.display();
        for (name, bytes) in &entry.frames {
            text.push_str(&format!("{file}:{name}\t{bytes}\tstatic\n"));
        }
    }
    text
}

impl Entry<'_> {
    /// Prints that the file is complete, for programs; times and sizes for people who asked for them.
    pub(super) fn print(&self, saying: Saying) {
        if !message::is_json() {
            if saying.level >= 3 || saying.times {
                print_times(&self.report);
            }
            if saying.level >= 3 {
                self.print_sizes();
            }
        } else if saying.level >= 1 {
            let report = &self.report;
            let mut done = json!({
                "type": "done",
                "file": self.input.display().to_string(),
                "output": self.output.display().to_string(),
                "bytes": report.sizes.output,
                "seconds": report.total.as_secs_f64(),
            });
            if saying.times {
                done["stages"] = stages(report);
            }
            message::print_line(&done);
        }
    }

    fn print_sizes(&self) {
        let sizes = &self.report.sizes;
        eprintln!(
            "{} bytes of wasm with {} functions ({} of them inlined away); {} bytes of code, {} of \
             constants, {} relocations; {} bytes in {}",
            sizes.wasm,
            sizes.functions,
            sizes.functions_gone,
            sizes.code,
            sizes.constants,
            sizes.relocations,
            sizes.output,
            self.output.display()
        );
    }
}

/// Stages run side by side, so that their sum may be more than the total.
fn print_times(report: &Report) {
    let line =
        |name: &str, time: Duration| eprintln!("{name:10} {:9.3} ms", time.as_secs_f64() * 1e3);
    for (stage, time) in &report.stages {
        line(&stage.to_string(), *time);
    }
    line("total", report.total);
    eprintln!("{:10} {:9}", "parts", report.partitions);
}

/// Seconds by stage.
fn stages(report: &Report) -> Value {
    let stages: Map<String, Value> = report
        .stages
        .iter()
        .map(|(stage, time)| (stage.to_string(), time.as_secs_f64().into()))
        .collect();
    Value::Object(stages)
}

/// Prints one object, or a list if several files were made.
pub(super) fn print_json(entries: &[Entry<'_>]) -> anyhow::Result<()> {
    let value = match entries {
        [entry] => describe(&entry.report),
        entries => entries.iter().map(describe_named).collect(),
    };
    super::output::print(format!("{value:#}\n").as_bytes()).context("report")
}

fn describe_named(entry: &Entry<'_>) -> Value {
    let mut value = describe(&entry.report);
    if let Some(object) = value.as_object_mut() {
        object.insert("input".into(), json!(entry.input.display().to_string()));
        object.insert("output".into(), json!(entry.output.display().to_string()));
    }
    value
}

fn describe(report: &Report) -> Value {
    let sizes = &report.sizes;
    json!({
        "seconds": stages(report),
        "total_seconds": report.total.as_secs_f64(),
        "parts": report.partitions,
        "bytes": {
            "wasm": sizes.wasm,
            "code": sizes.code,
            "constants": sizes.constants,
            "output": sizes.output,
        },
        "functions": sizes.functions,
        "functions_gone": sizes.functions_gone,
        "relocations": sizes.relocations,
        "remarks": report.remarks,
    })
}
