//! What a report says of its ratios over all rows: their geometric means and the worst.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// A ratio of a row, ours over the other's.
pub(super) struct Ratio<R> {
    /// In the JSON.
    pub(super) name: &'static str,
    /// Columns of the table between the ratio before it, or the row's name, and this one.
    pub(super) skip: usize,
    /// Not every row has it.
    pub(super) of: fn(&R) -> Option<f64>,
}

/// A way of putting the values of one ratio together, and its name.
type Summary = (&'static str, fn(&[f64]) -> f64);

const SUMMARIES: &[Summary] = &[("geomean", mean), ("worst", worst)];

/// The geometric mean; of no values not a number.
fn mean(values: &[f64]) -> f64 {
    let logarithms: f64 = values.iter().map(|value| value.ln()).sum();
    (logarithms / values.len() as f64).exp()
}

/// The largest; of no values the smallest number.
fn worst(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The summaries by their names, each with a value for every ratio that some row has.
fn summaries<R>(rows: &[R], ratios: &[Ratio<R>]) -> Vec<(&'static str, Vec<Option<f64>>)> {
    let columns: Vec<Vec<f64>> = ratios
        .iter()
        .map(|ratio| rows.iter().filter_map(ratio.of).collect())
        .collect();
    SUMMARIES
        .iter()
        .map(|(name, summarise)| {
            let of = |column: &Vec<f64>| (!column.is_empty()).then(|| summarise(column));
            (*name, columns.iter().map(of).collect())
        })
        .collect()
}

/// The last lines of a table: one per summary.
pub(super) fn lines<R>(rows: &[R], ratios: &[Ratio<R>]) -> String {
    let mut text = String::new();
    for (name, values) in summaries(rows, ratios) {
        let _ = write!(text, "| **{name}** |");
        for (ratio, value) in ratios.iter().zip(values) {
            let _ = write!(text, "{} {} |", " |".repeat(ratio.skip), show(value));
        }
        text.push('\n');
    }
    text
}

/// The same for machines: an object per summary.
pub(super) fn write<R>(report: &mut Value, rows: &[R], ratios: &[Ratio<R>]) {
    for (summary, values) in summaries(rows, ratios) {
        let named = ratios.iter().zip(values);
        report[summary] = named
            .map(|(ratio, value)| (ratio.name.to_owned(), json!(value)))
            .collect::<Map<_, _>>()
            .into();
    }
}

/// The ratios of one row, for machines.
pub(super) fn write_row<R>(report: &mut Value, row: &R, ratios: &[Ratio<R>]) {
    for ratio in ratios {
        report[ratio.name] = json!((ratio.of)(row));
    }
}

/// A ratio for people.
pub(super) fn show(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}

#[cfg(test)]
mod tests {
    use super::{Ratio, lines, write};
    use serde_json::{Value, json};

    #[test]
    fn ratios_have_a_mean_and_a_worst() {
        let ratios: &[Ratio<f64>] = &[
            Ratio {
                name: "itself",
                skip: 1,
                of: |row| Some(*row),
            },
            Ratio {
                name: "none",
                skip: 0,
                of: |_| None,
            },
        ];
        let rows = [2.0, 0.5, 1.0];
        assert_eq!(
            lines(&rows, ratios),
            "| **geomean** | | 1.00 | – |\n| **worst** | | 2.00 | – |\n"
        );
        let mut report = json!({});
        write(&mut report, &rows, ratios);
        assert_eq!(
            report["worst"],
            json!({ "itself": 2.0, "none": Value::Null })
        );
    }
}
