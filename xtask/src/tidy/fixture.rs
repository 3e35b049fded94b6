//! Snapshots and fixtures correspond: a snapshot without its fixture is dead,
//! a fixture without any snapshot shows nothing.
//!
//! Names follow architecture §12: `fixtures/wat/FAMILY/CASE.wat` and
//! `snapshots/STAGE/FAMILY__CASE….snap`.

use super::Finding;
use super::source::Source;

/// The stages whose snapshots come from `fixtures/wat`.
const STAGES: &[&str] = &["ir", "asm", "plan"];

/// Fixtures without a snapshot, and the other way round.
pub(super) fn pairs(sources: &[Source]) -> Vec<Finding> {
    let cases: Vec<(&Source, String)> = sources.iter().filter_map(fixture_case).collect();
    let snapshots: Vec<&Source> = sources
        .iter()
        .filter(|source| source.path.starts_with("snapshots/") && source.path.ends_with(".snap"))
        .collect();
    let mut findings = Vec::new();
    for (source, case) in &cases {
        if !snapshots.iter().any(|snapshot| shows(snapshot, case)) {
            findings.push(Finding {
                path: source.path.clone(),
                line: 0,
                message: "no snapshot shows it".to_owned(),
                hint: "run `cargo xtask bless`, or delete it",
            });
        }
    }
    for snapshot in snapshots.iter().filter(|snapshot| staged(&snapshot.path)) {
        if !cases.iter().any(|(_, case)| shows(snapshot, case)) {
            findings.push(Finding {
                path: snapshot.path.clone(),
                line: 0,
                message: "its fixture is gone".to_owned(),
                hint: "delete it",
            });
        }
    }
    findings
}

/// The line of a fixture that is run, but of which no snapshot is made.
const RUN_ONLY: &str = ";;! run only";

/// `FAMILY__CASE` of a fixture that has snapshots.
fn fixture_case(source: &Source) -> Option<(&Source, String)> {
    let rest = source.path.strip_prefix("fixtures/wat/")?;
    let (family, case) = rest.strip_suffix(".wat")?.split_once('/')?;
    if source.text.lines().any(|line| line == RUN_ONLY) {
        return None;
    }
    Some((source, format!("{family}__{case}")))
}

fn staged(path: &str) -> bool {
    let stage = path
        .strip_prefix("snapshots/")
        .and_then(|rest| rest.split('/').next());
    stage.is_some_and(|stage| STAGES.contains(&stage))
}

/// Whether a snapshot's file name is the case, possibly with a target or stage
/// after it.
fn shows(snapshot: &Source, case: &str) -> bool {
    let file = snapshot.path.rsplit('/').next().unwrap_or_default();
    let name = file.trim_end_matches(".snap");
    name.match_indices(case).any(|(at, _)| {
        let before = name[..at].chars().next_back();
        let after = name[at + case.len()..].chars().next();
        before.is_none_or(|before| before == '_') && after.is_none_or(|after| "@.".contains(after))
    })
}
