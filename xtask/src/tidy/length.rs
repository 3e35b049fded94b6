//! Length limits: files of at most 800 lines, functions of at most 80. The
//! intentions are 500 and 50; the hard limits are what fails. Tests are exempt,
//! and so is what is listed here with its reason.

use super::Finding;
use super::source::Source;

const FILE: usize = 800;
const FUNCTION: usize = 80;

/// Files that may be longer, with the reason.
const LONG_FILES: &[(&str, &str)] = &[
    (
        "wamrc/src/llvm/machine/aarch64.rs",
        "table: every CPU and feature that LLVM knows for AArch64",
    ),
    (
        "wamrc/src/llvm/machine/riscv.rs",
        "table: every CPU and feature that LLVM knows for RISC-V",
    ),
    (
        "wamrc/src/llvm/machine/x86.rs",
        "table: every CPU and feature that LLVM knows for x86",
    ),
];

/// Functions that may be longer: file, function, reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

/// Files and functions over their limit.
pub(super) fn limits(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let product = |source: &&Source| source.is_rust() && !source.is_test();
    for source in sources.iter().filter(product) {
        let lines = source.text.lines().count();
        let listed = LONG_FILES.iter().any(|(path, _)| *path == source.path);
        if lines > FILE && !listed {
            findings.push(Finding {
                path: source.path.clone(),
                line: 0,
                message: format!("{lines} lines, the limit is {FILE}"),
                hint: "split by idea; `foo.rs` with a folder `foo/`",
            });
        }
        findings.extend(long_functions(source));
    }
    findings
}

fn long_functions(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in functions(&source.code) {
        let listed = LONG_FUNCTIONS
            .iter()
            .any(|(path, name, _)| *path == source.path && *name == function.name);
        if function.lines > FUNCTION && !listed {
            findings.push(Finding {
                path: source.path.clone(),
                line: function.line,
                message: format!(
                    "fn {} has {} lines, the limit is {FUNCTION}",
                    function.name, function.lines
                ),
                hint: "name its steps as functions, or make it a table",
            });
        }
    }
    findings
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// Where `fn` stands, from 1.
    pub(super) line: usize,
    /// From `fn` to the closing brace.
    pub(super) lines: usize,
}

/// The functions in blanked code. Macro definitions look like code here, which
/// is as it should be.
pub(super) fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let starts_word = code[..at]
            .chars()
            .next_back()
            .is_none_or(|before| !before.is_alphanumeric() && before != '_');
        let name: String = code[at + 3..]
            .trim_start()
            .chars()
            .take_while(|character| character.is_alphanumeric() || *character == '_')
            .collect();
        if !starts_word || name.is_empty() {
            continue;
        }
        if let Some(end) = body_end(&code[at..]) {
            found.push(Function {
                name,
                line: code[..at].matches('\n').count() + 1,
                lines: code[at..at + end].matches('\n').count() + 1,
            });
        }
    }
    found
}

/// Where the body ends, counted from `fn`; none for a declaration.
fn body_end(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if depth == 0 && brackets == 0 => return None,
            '{' => depth += 1,
            '}' if depth == 0 => return None,
            '}' => {
                depth -= 1;
                if depth == 0 && brackets == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
