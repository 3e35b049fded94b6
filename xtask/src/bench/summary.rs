//! What a report says of its ratios over all rows: their geometric means and the worst.

use serde_json::{Map, Value, json};

/// A ratio of a row, ours over the other's, and its name in the JSON. Not every row has it.
pub(super) type Ratio<R> = (&'static str, fn(&R) -> Option<f64>);

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

/// A line per summary, for a table: its name, and a value for each ratio that some row has.
pub(super) fn lines<R>(rows: &[R], ratios: &[Ratio<R>]) -> Vec<(&'static str, Vec<Option<f64>>)> {
    let columns: Vec<Vec<f64>> = ratios
        .iter()
        .map(|(_, of)| rows.iter().filter_map(of).collect())
        .collect();
    SUMMARIES
        .iter()
        .map(|(name, summarise)| {
            let of = |column: &Vec<f64>| (!column.is_empty()).then(|| summarise(column));
            (*name, columns.iter().map(of).collect())
        })
        .collect()
}

/// The same for machines: an object per summary.
pub(super) fn write<R>(report: &mut Value, rows: &[R], ratios: &[Ratio<R>]) {
    for (summary, values) in lines(rows, ratios) {
        let named = ratios.iter().zip(values);
        report[summary] = named
            .map(|((name, _), value)| ((*name).to_owned(), json!(value)))
            .collect::<Map<_, _>>()
            .into();
    }
}

/// The ratios of one row, for machines.
pub(super) fn write_row<R>(report: &mut Value, row: &R, ratios: &[Ratio<R>]) {
    for (name, of) in ratios {
        report[*name] = json!(of(row));
    }
}

/// A ratio for people.
pub(super) fn show(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}

#[cfg(test)]
mod tests {
    use super::{lines, show, write};
    use serde_json::{Value, json};

    #[test]
    fn ratios_have_a_mean_and_a_worst() {
        let ratios: &[super::Ratio<f64>] = &[("itself", |row| Some(*row)), ("none", |_| None)];
        let rows = [2.0, 0.5, 1.0];
        let shown = lines(&rows, ratios).into_iter().map(|(name, values)| {
            let values: Vec<String> = values.into_iter().map(show).collect();
            format!("{name} {}", values.join(" "))
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            ["geomean 1.00 –", "worst 2.00 –"]
        );
        let mut report = json!({});
        write(&mut report, &rows, ratios);
        assert_eq!(
            report["worst"],
            json!({ "itself": 2.0, "none": Value::Null })
        );
    }
}
