//! What every file must say, and what none may: its purpose on top; no mark of unfinished work
//! without an issue, no ignored test, no path of somebody's machine.

use super::Finding;
use super::source::Source;

/// Files without a purpose on top.
pub(super) fn heads(sources: &[Source]) -> Vec<Finding> {
    let lacks = |source: &&Source| {
        source.is_rust()
            && !source.path.starts_with("fixtures/")
            && !source.text.trim_start().starts_with("//!")
    };
    let found = sources.iter().filter(lacks);
    found
        .map(|source| Finding {
            path: source.path.clone(),
            line: 1,
            message: "does not start with `//!`".to_owned(),
            hint: "say in 3 to 15 lines what the file is for and what it is not",
        })
        .collect()
}

/// Marks of unfinished work. Spelled in two parts so that this file passes.
const MARKS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
];

/// Marks without an issue's number, unfinished code, ignored tests.
pub(super) fn leftovers(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        for (number, line) in source.text.lines().enumerate() {
            let marked = MARKS.iter().any(|mark| line.contains(mark));
            let numbered = line.split_once('#').is_some_and(|(_, rest)| {
                rest.starts_with(|character: char| character.is_ascii_digit())
            });
            if marked && !numbered {
                findings.push(Finding {
                    path: source.path.clone(),
                    line: number + 1,
                    message: "unfinished work without an issue".to_owned(),
                    hint: "do it, or file an issue and write its number",
                });
            }
        }
        for word in ["todo!", "unimplemented!", "#[ignore"] {
            for line in source.lines_with(word) {
                findings.push(Finding {
                    path: source.path.clone(),
                    line,
                    message: format!("`{word}`"),
                    hint: "finish it, or record today's behaviour and file an issue",
                });
            }
        }
    }
    findings
}

/// Folders that exist on one machine only. Spelled in two parts for the same
/// reason as above.
const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/tm", "p/"),
];

/// Folders that standards put there, or that only guests see.
const EVERYWHERE: &[&str] = &[concat!("/tm", "p/.")];

/// Paths of somebody's machine in any tracked file.
pub(super) fn machine_paths(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        for (number, line) in source.text.lines().enumerate() {
            let hit = MACHINE.iter().find(|folder| names_folder(line, folder));
            let Some(folder) = hit else { continue };
            if EVERYWHERE.iter().any(|known| line.contains(known)) {
                continue;
            }
            findings.push(Finding {
                path: source.path.clone(),
                line: number + 1,
                message: format!("names the machine's folder {folder}"),
                hint: "derive the path from the workspace or from the environment",
            });
        }
    }
    findings
}

/// Whether the folder starts a path here, rather than being in the middle of a
/// longer one.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"._-/".contains(before))
    })
}
