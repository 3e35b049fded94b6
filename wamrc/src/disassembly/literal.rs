//! Words between instructions that code reads by their distance: literal pools of ARM, Thumb and Xtensa.

use super::Code;
use super::syntax::Word;
use crate::llvm::{Line, LlvmError};
use std::collections::BTreeMap;

/// Where such words are, with their sizes in bytes.
#[derive(Default)]
pub(super) struct Literals(BTreeMap<u64, u64>);

impl Literals {
    /// The words that parts of the code read, each given by its offset and bytes.
    pub(super) fn find<'a>(
        code: &Code<'_>,
        parts: impl Iterator<Item = (u64, &'a [u8])>,
    ) -> Result<Self, LlvmError> {
        let mut found = Self::default();
        if !code.syntax.has_literals() {
            return Ok(found);
        }
        for (offset, bytes) in parts {
            for line in code.decode(offset, bytes)? {
                // A word that was taken for an instruction reads nothing; code reads words behind it, or of an earlier part.
                if found.at(line.address).is_none()
                    && let Some(Word { place, size, .. }) = code.syntax.word(&line)
                {
                    found.0.insert(place, size);
                }
            }
        }
        Ok(found)
    }

    fn at(&self, address: u64) -> Option<u64> {
        let (place, size) = self.0.range(..=address).next_back()?;
        (address < place.saturating_add(*size)).then_some(*place)
    }

    /// A part as lines: instructions, and words where they are.
    pub(super) fn lines(
        &self,
        code: &Code<'_>,
        offset: u64,
        bytes: &[u8],
    ) -> Result<Vec<Line>, LlvmError> {
        let end = offset.saturating_add(bytes.len() as u64);
        let mut lines = Vec::new();
        let mut at = offset;
        for (&place, &size) in self.0.range(offset..end) {
            let next = place.saturating_add(size);
            if place < at || next > end {
                continue;
            }
            lines.extend(code.decode(at, slice(bytes, at - offset, place - offset))?);
            lines.push(word(
                place,
                slice(bytes, place - offset, next - offset),
                code,
            ));
            at = next;
        }
        lines.extend(code.decode(at, slice(bytes, at - offset, end - offset))?);
        Ok(lines)
    }
}

fn slice(bytes: &[u8], from: u64, to: u64) -> &[u8] {
    let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
    let found = range.and_then(|(from, to)| bytes.get(from..to));
    found.unwrap_or_default()
}

fn word(place: u64, bytes: &[u8], code: &Code<'_>) -> Line {
    let directive = match bytes.len() {
        8 => ".quad",
        _ => ".long",
    };
    Line {
        address: place,
        size: bytes.len(),
        text: format!("{directive} {:#x}", code.number(bytes)),
    }
}
