//! The few command line forms that tasks share: `--name`, `--name VALUE`,
//! `--name=VALUE`, and plain words in order.
//!
//! Not a general parser: every task takes at most one or two words.

use anyhow::{Result, bail};

/// The words after the task's name that nobody has taken yet.
pub(crate) struct Flags {
    words: Vec<String>,
}

impl Flags {
    /// Starts from the command line's words.
    pub(crate) fn new(words: Vec<String>) -> Flags {
        Flags { words }
    }

    /// Takes `--name VALUE` or `--name=VALUE` (last one wins).
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let assigned = format!("{name}=");
        let mut found = None;
        let mut rest = Vec::new();
        let mut words = std::mem::take(&mut self.words).into_iter();
        while let Some(word) = words.next() {
            if let Some(value) = word.strip_prefix(&assigned) {
                found = Some(value.to_owned());
            } else if word == name {
                match words.next() {
                    Some(value) => found = Some(value),
                    None => bail!("{name} needs a value"),
                }
            } else {
                rest.push(word);
            }
        }
        self.words = rest;
        Ok(found)
    }

    /// Takes the flag `--name`; true if it was there.
    pub(crate) fn present(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        before != self.words.len()
    }

    /// Takes the next plain word.
    pub(crate) fn word(&mut self) -> Option<String> {
        let place = self.words.iter().position(|word| !word.starts_with("--"))?;
        Some(self.words.remove(place))
    }

    /// Takes `--wamrc-flags "A B"`, split at blanks.
    pub(crate) fn wamrc(&mut self) -> Result<Vec<String>> {
        let text = self.value("--wamrc-flags")?.unwrap_or_default();
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    /// Refuses whatever nobody took.
    pub(crate) fn finish(&self) -> Result<()> {
        match self.words.first() {
            Some(word) => bail!("unexpected argument {word:?}; `cargo xtask` lists the tasks"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
