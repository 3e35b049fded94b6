//! Response files: `@FILE` on the command line stands for the arguments in that file.
//!
//! Arguments are separated by blanks and line ends. Single and double quotes keep blanks; outside single quotes a backslash
//! takes the next character as it is. Paths in a file mean what they mean on the command line. A response file may name
//! others.

use super::Failure;
use std::ffi::OsString;
use std::path::PathBuf;

/// How deep response files may name others: enough for generated ones, and a file that names itself ends.
const DEPTH: usize = 8;

/// A command line without response files, and the files that were read.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    pub(super) arguments: Vec<OsString>,
    pub(super) files: Vec<PathBuf>,
}

/// Replaces each response file by its arguments; behind `--` arguments are taken as they are.
pub(super) fn expand(arguments: Vec<OsString>) -> Result<Expanded, Failure> {
    let mut expanded = Expanded::default();
    let mut arguments = arguments.into_iter();
    for argument in arguments.by_ref() {
        if argument == "--" {
            expanded.arguments.push(argument);
            break;
        }
        expanded.add(argument, 0)?;
    }
    expanded.arguments.extend(arguments);
    Ok(expanded)
}

impl Expanded {
    /// A command line that is taken as it is.
    pub(super) fn none(arguments: Vec<OsString>) -> Self {
        Self {
            arguments,
            ..Self::default()
        }
    }

    fn add(&mut self, argument: OsString, depth: usize) -> Result<(), Failure> {
        let name = argument.to_str().and_then(|text| text.strip_prefix('@'));
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            self.arguments.push(argument);
            return Ok(());
        };
        if depth == DEPTH {
            return Err(Failure::usage(format!(
                "@{name}: response files name each other more than {DEPTH} deep"
            )));
        }
        let text = std::fs::read_to_string(name)
            .map_err(|error| Failure::usage(format!("@{name}: cannot read it: {error}")))?;
        let words = split(&text)
            .ok_or_else(|| Failure::usage(format!("@{name}: a quote is not closed")))?;
        self.files.push(name.into());
        for word in words {
            self.add(word.into(), depth + 1)?;
        }
        Ok(())
    }
}

/// The arguments in a text; `None` if a quote is not closed.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            (_, Some(open)) if character == open => quote = None,
            ('\\', None | Some('"')) => {
                let next = characters.next()?;
                word.get_or_insert_default().push(next);
            }
            (_, Some(_)) => word.get_or_insert_default().push(character),
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (_, None) if character.is_whitespace() => words.extend(word.take()),
            (_, None) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_separated_as_by_a_shell() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("a b\nc\r\n", &["a", "b", "c"]),
            ("'a b' \"c d\"", &["a b", "c d"]),
            (r"a\ b", &["a b"]),
            (r#""a\"b" 'a\b'"#, &["a\"b", r"a\b"]),
            ("--x='1 2'3", &["--x=1 23"]),
            ("'' a", &["", "a"]),
        ];
        for (text, words) in cases {
            assert_eq!(split(text).expect("closed quotes"), *words, "{text}");
        }
        assert_eq!(split("'a"), None);
        assert_eq!(split("a\\"), None);
    }
}
