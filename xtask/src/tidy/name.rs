//! Names of files and functions (architecture §10).

use super::Finding;
use super::length::functions;
use super::source::Source;

/// File names that say nothing about what is inside.
const EMPTY: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "misc", "manager",
];

/// Names that break the rules.
pub(super) fn names(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let file = source.path.rsplit('/').next().unwrap_or_default();
        if file == "mod.rs" {
            findings.push(finding(
                source,
                0,
                "is a mod.rs",
                "`foo.rs` beside the folder `foo/`",
            ));
        }
        let stem = file.trim_end_matches(".rs");
        if EMPTY.contains(&stem) {
            findings.push(finding(source, 0, "says nothing", "name the idea inside"));
        }
        for function in functions(&source.code) {
            if function.name.starts_with("get_") {
                let message = format!("fn {}", function.name);
                findings.push(finding(source, function.line, &message, "drop the `get_`"));
            }
        }
    }
    findings
}

fn finding(source: &Source, line: usize, message: &str, hint: &'static str) -> Finding {
    Finding {
        path: source.path.clone(),
        line,
        message: message.to_owned(),
        hint,
    }
}
