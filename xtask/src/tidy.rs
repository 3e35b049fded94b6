//! The house rules that a program can check (architecture §13, §15).
//!
//! Every finding names file and line and ends with a hint how to fix it. The
//! rules work on the text of the tracked files; none builds anything. Each rule
//! is a file below `tidy/`; its lists are constants there, so that an exception
//! is a reviewed change of one line.

mod document;
mod edge;
mod fixture;
mod length;
mod name;
mod place;
mod source;

use anyhow::Result;

use crate::Outcome;
use crate::flag::Flags;
use crate::tally::Tally;
use source::Source;

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// Counted from 1; 0 for the file as a whole.
    line: usize,
    message: String,
    hint: &'static str,
}

/// A rule: its name and what it finds in the whole tree.
struct Rule {
    name: &'static str,
    find: fn(&[Source]) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "dependencies point as in the crate graph",
        find: edge::dependencies,
    },
    Rule {
        name: "third-party crates stay in their module",
        find: place::crates,
    },
    Rule {
        name: "unsafe only in the listed files",
        find: place::unsafe_code,
    },
    Rule {
        name: "Arch:: only in targets and the runtime's host",
        find: place::architectures,
    },
    Rule {
        name: "cfg(target_…) only in the runtime's host",
        find: place::target_conditions,
    },
    Rule {
        name: "files and functions are short",
        find: length::limits,
    },
    Rule {
        name: "every file says what it is for",
        find: document::heads,
    },
    Rule {
        name: "no unfinished work without an issue, no ignored test",
        find: document::leftovers,
    },
    Rule {
        name: "no machine paths",
        find: document::machine_paths,
    },
    Rule {
        name: "names of files and functions",
        find: name::names,
    },
    Rule {
        name: "snapshots and fixtures correspond",
        find: fixture::pairs,
    },
];

pub(crate) fn run(flags: &mut Flags) -> Result<Outcome> {
    flags.finish()?;
    Ok(check().close())
}

/// Applies every rule to the tracked files.
pub(crate) fn check() -> Tally {
    let mut tally = Tally::default();
    let sources = match source::tracked() {
        Ok(sources) => sources,
        Err(error) => {
            tally.check("reading the tree", Err(format!("{error:#}")));
            return tally;
        }
    };
    for rule in RULES {
        tally.check(rule.name, judge((rule.find)(&sources)));
    }
    tally
}

fn judge(findings: Vec<Finding>) -> Result<String, String> {
    if findings.is_empty() {
        return Ok(String::new());
    }
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| {
            let Finding {
                path,
                line,
                message,
                hint,
            } = finding;
            match line {
                0 => format!("{path}: {message} (fix: {hint})"),
                _ => format!("{path}:{line}: {message} (fix: {hint})"),
            }
        })
        .collect();
    Err(lines.join("\n"))
}

#[cfg(test)]
mod tests;
