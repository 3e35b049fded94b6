//! The tracked files as the rules see them: the text, and for Rust the same
//! text with comments, strings and character literals blanked out, so that a
//! word in prose is never taken for code.

use std::process::Command;

use anyhow::Result;

use crate::{process, workspace};

/// One tracked text file.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Relative to the workspace root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// `text` with everything that is not code blanked; same lines, same columns.
    /// Empty for files that are not Rust.
    pub(super) code: String,
}

impl Source {
    /// A file with this content.
    pub(super) fn new(path: &str, text: &str) -> Source {
        let code = match path.ends_with(".rs") {
            true => blank(text),
            false => String::new(),
        };
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
        }
    }

    /// Whether this is Rust.
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether this is test code: a file of tests, or below a folder of them.
    pub(super) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs")
            || self.path.contains("/tests/")
            || self.path.starts_with("fuzz/")
            || self.path.starts_with("xtask/runner/")
            // Guest programs are input, not part of the product.
            || self.path.starts_with("fixtures/")
    }

    /// Lines of code that contain `word` as a whole word, counted from 1.
    pub(super) fn lines_with(&self, word: &str) -> Vec<usize> {
        let found = |line: &&str| {
            let line = *line;
            line.match_indices(word)
                .any(|(at, _)| whole(line, at, word))
        };
        let numbered = self.code.lines().enumerate();
        numbered
            .filter(|(_, line)| found(line))
            .map(|(number, _)| number + 1)
            .collect()
    }
}

/// Whether the match is no part of a longer identifier.
fn whole(line: &str, at: usize, word: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    let before = line[..at].chars().next_back();
    let after = line[at + word.len()..].chars().next();
    let open_start = !word.starts_with(part) || !before.is_some_and(part);
    let open_end = !word.ends_with(part) || !after.is_some_and(part);
    open_start && open_end
}

/// Every tracked or new text file that git does not ignore.
pub(super) fn tracked() -> Result<Vec<Source>> {
    let mut command = Command::new("git");
    command.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    command.current_dir(workspace::root());
    let list = process::output(&mut command)?;
    let mut sources = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        // A file that is deleted but not yet committed, or not text, is no
        // business of the rules.
        if let Ok(text) = std::fs::read_to_string(workspace::root().join(path)) {
            sources.push(Source::new(path, &text));
        }
    }
    Ok(sources)
}

/// Blanks comments, strings and character literals.
fn blank(text: &str) -> String {
    let mut blanker = Blanker {
        rest: text,
        output: String::with_capacity(text.len()),
    };
    while blanker.step() {}
    blanker.output
}

struct Blanker<'a> {
    rest: &'a str,
    output: String,
}

impl Blanker<'_> {
    /// Handles one comment, literal or character; false at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else {
            return false;
        };
        if rest.starts_with("//") {
            self.hide(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.hide(block_comment(rest));
        } else if let Some(length) = raw_string(rest).filter(|_| !self.inside_word()) {
            self.hide(length);
        } else if first == '"' {
            self.hide(quoted(rest, '"'));
        } else if let Some(length) = character(rest) {
            self.hide(length);
        } else {
            self.keep(first.len_utf8());
        }
        true
    }

    /// Whether the last character kept belongs to an identifier.
    fn inside_word(&self) -> bool {
        let last = self.output.chars().next_back();
        last.is_some_and(|last| last.is_alphanumeric() || last == '_')
    }

    fn keep(&mut self, length: usize) {
        self.output.push_str(&self.rest[..length]);
        self.rest = &self.rest[length..];
    }

    fn hide(&mut self, length: usize) {
        for character in self.rest[..length].chars() {
            self.output.push(if character == '\n' { '\n' } else { ' ' });
        }
        self.rest = &self.rest[length..];
    }
}

/// Length of a block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Length of `r"…"`, `r#"…"#` and their `b` and `c` forms.
fn raw_string(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let body = body.strip_prefix('r')?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let inside = body[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(rest.len() - inside.len() + length)
}

/// Length of a quoted literal with escapes, quotes included.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Length of a character literal; none for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut characters = rest.strip_prefix('\'')?.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        return Some(quoted(rest, '\''));
    }
    let (at, second) = characters.next()?;
    (second == '\'').then_some(at + 2)
}
