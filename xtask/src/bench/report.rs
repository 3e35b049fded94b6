//! A benchmark's results as a table for people and as JSON for machines.
//!
//! Ratios are ours over the other: below 1 is better for us. Times are minima.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::summary::{self, Ratio};
use super::{Measured, PAIRS, Row, address, hints, minimum, objects};

/// The ratios, in the table's order.
const RATIOS: &[Ratio<Row>] = &[
    Ratio {
        name: "run_to_native",
        skip: 2,
        of: to_native,
    },
    Ratio {
        name: "run_to_stock",
        skip: 0,
        of: |row| to_stock(row, Figure::Run),
    },
    Ratio {
        name: "compile_to_stock",
        skip: 1,
        of: |row| to_stock(row, Figure::Compile),
    },
    Ratio {
        name: "size_to_stock",
        skip: 1,
        of: |row| to_stock(row, Figure::Size),
    },
];

/// Everything one run measured.
pub(super) struct Report {
    pub(super) rows: Vec<Row>,
    /// 64-bit memories against 32-bit ones.
    pub(super) address: Vec<address::Row>,
    /// Garbage-collected objects.
    pub(super) objects: Vec<objects::Row>,
    /// Branch hints.
    pub(super) hints: Vec<hints::Row>,
    pub(super) rounds: usize,
}

/// A figure of which the report gives a ratio per program and a mean.
#[derive(Clone, Copy)]
enum Figure {
    Run,
    Compile,
    Size,
}

impl Figure {
    fn of(self, measured: &Measured) -> Option<f64> {
        let value = match self {
            Figure::Run => minimum(&measured.runs)?,
            Figure::Compile => minimum(&measured.compiles)?,
            Figure::Size => measured.bytes as f64,
        };
        (value > 0.0).then_some(value)
    }
}

/// One program in a line, while the benchmark runs.
pub(super) fn line(row: &Row) -> String {
    let mut text = String::new();
    if let Some(ratio) = to_native(row) {
        let _ = write!(text, "run {ratio:.2} × native");
    }
    if let Some(ratio) = to_stock(row, Figure::Run) {
        let _ = write!(text, ", {ratio:.2} × stock");
    }
    if let Some(seconds) = minimum(&row.ours.compiles) {
        let _ = write!(text, "  compile {:.0} ms", seconds * 1e3);
    }
    if let Some(ratio) = to_stock(row, Figure::Compile) {
        let _ = write!(text, " ({ratio:.2} × stock)");
    }
    if let Some(ratio) = to_stock(row, Figure::Size) {
        let _ = write!(text, "  size {ratio:.2} × stock");
    }
    text.trim_start().to_owned()
}

impl Report {
    /// The table for people.
    pub(super) fn markdown(&self) -> String {
        let mut text = String::from("# Benchmarks\n\nWritten by `cargo xtask bench`.");
        let _ = writeln!(
            text,
            " Times are the minimum of {} interleaved rounds,\nwhole processes; ratios are ours \
             over the other's (below 1 is better).\nBoth sides: clang-22 -O3, baseline x86-64; \
             compilers with one thread.\n",
            self.rounds
        );
        text.push_str(
            "| program | native | ours | ours/native | ours/stock | compile | /stock | size | /stock |\n\
             | --- | --: | --: | --: | --: | --: | --: | --: | --: |\n",
        );
        for row in &self.rows {
            text.push_str(&table_row(row));
        }
        text.push_str(&summary::lines(&self.rows, RATIOS));
        text.push_str(&pairs(&self.rows));
        if !self.address.is_empty() {
            text.push_str(&address::markdown(&self.address));
        }
        if !self.objects.is_empty() {
            text.push_str(&objects::markdown(&self.objects));
        }
        if !self.hints.is_empty() {
            text.push_str(&hints::markdown(&self.hints));
        }
        text
    }

    /// The same for machines.
    pub(super) fn json(&self) -> String {
        let rows = |rows: &[Row]| rows.iter().map(row_json).collect::<Vec<_>>();
        let mut value = json!({
            "rounds": self.rounds,
            "programs": rows(&self.rows),
            "address": address::json(&self.address),
            "objects": objects::json(&self.objects),
            "hints": hints::json(&self.hints),
        });
        summary::write(&mut value, &self.rows, RATIOS);
        format!("{value:#}\n")
    }
}

fn table_row(row: &Row) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        row.name,
        milliseconds(minimum(&row.native.runs)),
        milliseconds(minimum(&row.ours.runs)),
        summary::show(to_native(row)),
        summary::show(to_stock(row, Figure::Run)),
        milliseconds(minimum(&row.ours.compiles)),
        summary::show(to_stock(row, Figure::Compile)),
        row.ours.bytes,
        summary::show(to_stock(row, Figure::Size)),
    )
}

/// What the thing costs in our code in which two programs differ.
fn pairs(rows: &[Row]) -> String {
    let time = |name: &str| {
        let row = rows.iter().find(|row| row.name == name)?;
        minimum(&row.paired.runs)
    };
    let mut text = String::new();
    for (with, without, what) in PAIRS {
        if let (Some(with_time), Some(without_time)) = (time(with), time(without)) {
            let ratio = with_time / without_time;
            let _ = writeln!(text, "\nThe cost of {what}: {with}/{without} = {ratio:.3}.");
        }
    }
    text
}

fn row_json(row: &Row) -> Value {
    let engine = |measured: &Measured| {
        let mut map = Map::new();
        for (name, times) in [("run", &measured.runs), ("compile", &measured.compiles)] {
            if let Some(least) = minimum(times) {
                map.insert(format!("{name}_seconds"), json!(least));
                map.insert(format!("{name}_seconds_median"), json!(median(times)));
            }
        }
        map.insert("bytes".to_owned(), json!(measured.bytes));
        Value::Object(map)
    };
    let mut value = json!({
        "name": row.name,
        "about": row.about,
        "native": engine(&row.native),
        "ours": engine(&row.ours),
        "stock": row.stock.as_ref().map(engine),
    });
    summary::write_row(&mut value, row, RATIOS);
    value
}

fn to_native(row: &Row) -> Option<f64> {
    Some(Figure::Run.of(&row.ours)? / Figure::Run.of(&row.native)?)
}

fn to_stock(row: &Row, figure: Figure) -> Option<f64> {
    Some(figure.of(&row.ours)? / figure.of(row.stock.as_ref()?)?)
}

fn median(times: &[f64]) -> Option<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn milliseconds(seconds: Option<f64>) -> String {
    seconds.map_or_else(
        || "–".to_owned(),
        |seconds| format!("{:.0} ms", seconds * 1e3),
    )
}

#[cfg(test)]
mod tests;
