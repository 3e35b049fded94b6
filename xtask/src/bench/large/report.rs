//! The larger modules' results as a table for people and as JSON for machines, which is read again to add rows.

use std::fmt::Write;

use serde_json::{Value, json};

use super::super::summary::{self, Ratio};
use super::{Compiled, Row, bytes};

/// The ratios, in the table's order.
const RATIOS: &[Ratio<Row>] = &[
    Ratio {
        name: "one_to_stock",
        skip: 2,
        of: Row::one_to_stock,
    },
    Ratio {
        name: "two_to_stock",
        skip: 1,
        of: Row::two_to_stock,
    },
    Ratio {
        name: "peak_to_stock",
        skip: 1,
        of: Row::peak_to_stock,
    },
    Ratio {
        name: "size_to_stock",
        skip: 1,
        of: Row::size_to_stock,
    },
    Ratio {
        name: "parts_to_whole",
        skip: 0,
        of: Row::parts_to_whole,
    },
];

/// Puts rows in the place of those of the same modules. One without stock's figures does not replace one that has them.
pub(in super::super) fn add(mut rows: Vec<Row>, measured: Vec<Row>) -> Vec<Row> {
    for row in measured {
        match rows.iter_mut().find(|old| old.name == row.name) {
            None => rows.push(row),
            Some(old) if row.stock.is_some() || old.stock.is_none() => *old = row,
            Some(_) => {}
        }
    }
    rows
}

/// The report for people.
pub(in super::super) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "# Compilation of larger modules\n\n\
         Written by `cargo xtask bench large`. One thread and two, memory of one, and the instructions that code in parts executes\n\
         over those of the whole (callgrind). Times are minima of interleaved rounds, whole processes; ratios are ours over stock's\n\
         (below 1 is better).\n\n\
         | module | wasm | -j1 | /stock | -j2 | /stock | memory | /stock | size | /stock | parts/whole |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
    );
    let seconds = |compiled: &Compiled| {
        Row::time(compiled).map_or_else(|| "–".to_owned(), |time| format!("{time:.2} s"))
    };
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            bytes(row.wasm_bytes),
            seconds(&row.one),
            summary::show(row.one_to_stock()),
            seconds(&row.two),
            summary::show(row.two_to_stock()),
            bytes(row.one.peak),
            summary::show(row.peak_to_stock()),
            bytes(row.one.bytes),
            summary::show(row.size_to_stock()),
            summary::show(row.parts_to_whole()),
        );
    }
    text.push_str(&summary::lines(rows, RATIOS));
    text
}

/// The same for machines.
pub(in super::super) fn json(rows: &[Row]) -> Value {
    let mut report = json!({ "modules": rows.iter().map(write_row).collect::<Vec<_>>() });
    summary::write(&mut report, rows, RATIOS);
    report
}

/// The rows of what [`json`] made.
pub(in super::super) fn read(report: &Value) -> Option<Vec<Row>> {
    let modules = report.get("modules")?.as_array()?;
    modules.iter().map(read_row).collect()
}

fn write_row(row: &Row) -> Value {
    let mut report = json!({
        "name": row.name,
        "wasm_bytes": row.wasm_bytes,
        "one_thread": write_compiled(&row.one),
        "two_threads": write_compiled(&row.two),
        "stock": row.stock.as_ref().map(write_compiled),
        "parts_instructions": row.parts,
        "whole_instructions": row.whole,
    });
    summary::write_row(&mut report, row, RATIOS);
    report
}

fn read_row(value: &Value) -> Option<Row> {
    Some(Row {
        name: value.get("name")?.as_str()?.to_owned(),
        wasm_bytes: value.get("wasm_bytes")?.as_u64()?,
        one: read_compiled(value.get("one_thread")?)?,
        two: read_compiled(value.get("two_threads")?)?,
        stock: match value.get("stock")? {
            Value::Null => None,
            compiled => Some(read_compiled(compiled)?),
        },
        parts: value.get("parts_instructions")?.as_u64(),
        whole: value.get("whole_instructions")?.as_u64(),
    })
}

fn write_compiled(compiled: &Compiled) -> Value {
    json!({
        "seconds": compiled.times,
        "peak_bytes": compiled.peak,
        "bytes": compiled.bytes,
    })
}

fn read_compiled(value: &Value) -> Option<Compiled> {
    Some(Compiled {
        times: read_times(value.get("seconds")?)?,
        peak: value.get("peak_bytes")?.as_u64()?,
        bytes: value.get("bytes")?.as_u64()?,
    })
}

fn read_times(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

#[cfg(test)]
mod tests {
    use super::{Compiled, Row, add, json, markdown, read};

    fn row(name: &str, seconds: f64, stock: Option<f64>) -> Row {
        let compiled = |seconds| Compiled {
            times: vec![seconds, seconds * 2.0],
            peak: 5,
            bytes: 7,
        };
        Row {
            name: name.to_owned(),
            one: compiled(seconds),
            two: compiled(seconds / 2.0),
            stock: stock.map(compiled),
            parts: Some(1),
            ..Row::default()
        }
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let rows = [row("a", 1.0, Some(2.0)), row("b", 3.0, None)];
        let report = json(&rows);
        let again = read(&report).unwrap();
        assert_eq!(again, rows);
        assert_eq!(report["geomean"]["one_to_stock"], 0.5);
        assert!(
            markdown(&rows).contains("| **worst** | | | 0.50 | | 0.25 | | 1.00 | | 1.00 | – |")
        );
        assert_eq!(read(&serde_json::json!({ "modules": [{}] })), None);
    }

    #[test]
    fn rows_replace_those_of_their_modules() {
        let stored = vec![row("a", 1.0, Some(2.0)), row("b", 3.0, None)];
        let measured = vec![
            row("a", 9.0, None),
            row("b", 4.0, Some(8.0)),
            row("c", 5.0, None),
        ];
        let rows = add(stored.clone(), measured.clone());
        assert_eq!(rows, [&stored[..1], &measured[1..]].concat());
    }
}
