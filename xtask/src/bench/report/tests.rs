//! Tests of the arithmetic behind the table.

use super::{Figure, Measured, Report, Row, median, pairs, to_native, to_stock};

fn row(native: f64, ours: f64, stock: Option<f64>) -> Row {
    let measured = |time: f64| Measured {
        runs: vec![time * 2.0, time, time * 3.0],
        compiles: vec![time],
        bytes: 100,
    };
    Row {
        name: "sieve".to_owned(),
        about: "integers".to_owned(),
        native: measured(native),
        ours: measured(ours),
        stock: stock.map(measured),
        paired: measured(ours),
    }
}

fn near(value: Option<f64>, wanted: f64) {
    let value = value.expect("a ratio");
    assert!((value - wanted).abs() < 1e-9, "{value} is not {wanted}");
}

#[test]
fn ratios_use_minima() {
    let rows = [row(1.0, 2.0, Some(4.0)), row(1.0, 0.5, Some(0.25))];
    near(to_native(&rows[0]), 2.0);
    near(to_stock(&rows[1], Figure::Run), 2.0);
    near(median(&[3.0, 1.0, 2.0]), 2.0);
}

#[test]
fn without_stock_there_is_no_ratio_to_it() {
    let report = Report {
        rows: vec![row(1.0, 1.5, None)],
        address: Vec::new(),
        objects: Vec::new(),
        hints: Vec::new(),
        rounds: 3,
    };
    let table = report.markdown();
    assert!(table.contains("| sieve | 1000 ms | 1500 ms | 1.50 | – |"));
    assert!(table.contains("| **worst** | | | 1.50 | – | | – | | – |"));
    let value: serde_json::Value = serde_json::from_str(&report.json()).expect("valid JSON");
    assert_eq!(value["programs"][0]["stock"], serde_json::Value::Null);
    assert_eq!(value["geomean"]["run_to_native"], 1.5);
    assert_eq!(value["worst"]["run_to_native"], 1.5);
}

#[test]
fn pairs_compare_our_times() {
    let mut rows = [row(1.0, 1.02, None), row(1.0, 1.0, None)];
    assert_eq!(pairs(&rows), "");
    rows[0].name = "guarded".to_owned();
    rows[1].name = "unguarded".to_owned();
    assert!(pairs(&rows).contains("guarded/unguarded = 1.020"));
}
