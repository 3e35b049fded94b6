//! Words between instructions that code reads by their distance: literal pools of ARM, Thumb and Xtensa.

use super::syntax::Word;
use super::{Code, slice};
use crate::llvm::{Line, LlvmError};
use std::collections::BTreeMap;
use std::ops::Range;

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
            let from = |range: Range<u64>| slice(bytes, range.start - offset..range.end - offset);
            lines.extend(code.decode(at, from(at..place))?);
            lines.push(word(place, from(place..next), code));
            at = next;
        }
        let rest = slice(bytes, at - offset..bytes.len() as u64);
        lines.extend(code.decode(at, rest)?);
        Ok(lines)
    }
}

fn word(place: u64, bytes: &[u8], code: &Code<'_>) -> Line {
    let directive = match bytes.len() {
        8 => ".quad",
        _ => ".long",
    };
    Line {
        address: place,
        size: bytes.len(),
        text: format!("{directive} {:#x}", code.endian.number(bytes)),
    }
}
