//! Bodies that lie apart from their entries.
//!
//! The entry of a function that others call directly only hands over to the body, which comes first in the file. So the first
//! place an entry leads to that has no name yet is the body of its function.

use super::{Code, Names, Starts, code_relocations, own_place, slice, title, with_previous};
use crate::llvm::Line;
use aot_format::View;
use std::collections::BTreeMap;
use std::ops::Range;

/// How many bytes of an entry are read: more than any takes to hand over.
const ENTRY_BYTES: u64 = 160;

/// Adds the bodies to where parts begin.
pub(super) fn add(view: &View<'_>, code: &Code<'_>, known: &Names, starts: &mut Starts) {
    let reader = Reader {
        code,
        bytes: view.text().code,
        absolute: absolute(view),
    };
    let all = reader.bytes.len() as u64;
    let ends = starts.keys().copied().skip(1).chain([all]);
    let mut entries: Vec<(u64, u64, u32)> = starts
        .iter()
        .zip(ends)
        .filter_map(
            |((offset, (_, functions)), end)| match functions.as_slice() {
                [function] => Some((end.saturating_sub(*offset), *offset, *function)),
                _ => None,
            },
        )
        .collect();
    // A function whose body is its entry may call the body of another: the shortest way there is the other's entry.
    entries.sort_unstable();
    for (_, offset, function) in entries {
        // Bodies found so far may have made the part shorter.
        let next = starts.range(offset.saturating_add(1)..).next();
        let end = next.map_or(all, |(next, _)| *next);
        if let Some(place) = reader.body(offset..end, starts) {
            let name = format!("{}, body", title(function, known));
            starts.insert(place, (name, vec![function]));
        }
    }
}

/// Places in the code that the loader writes into the code, by where.
fn absolute(view: &View<'_>) -> BTreeMap<u64, u64> {
    code_relocations(view)
        .filter_map(|relocation| Some((relocation.offset, own_place(&relocation)?)))
        .collect()
}

struct Reader<'a> {
    code: &'a Code<'a>,
    /// The whole code.
    bytes: &'a [u8],
    /// Places in the code that the loader writes into the code, by where.
    absolute: BTreeMap<u64, u64>,
}

/// The register that an instruction writes.
fn register(line: &Line) -> Option<&str> {
    let (_, operands) = line.text.split_once(' ')?;
    operands.split(',').next()
}

impl Reader<'_> {
    /// The place that the loader writes into a jump.
    fn written(&self, line: &Line) -> Option<u64> {
        let end = line.address + line.size as u64;
        let mut places = self.absolute.range(line.address..end);
        let is_written = self.code.syntax.is_written(line);
        let (_, place) = places.next().filter(|_| is_written)?;
        Some(*place)
    }

    /// The first place without a name that the entry in a part of the code leads to.
    fn body(&self, part: Range<u64>, starts: &Starts) -> Option<u64> {
        let syntax = self.code.syntax;
        let read = part.end.min(part.start.saturating_add(ENTRY_BYTES));
        let bytes = slice(self.bytes, part.start..read);
        let lines = self.code.decode(part.start, bytes).ok()?;
        // What is addressed by a distance is data.
        let lines = with_previous(&lines).filter(|(line, _)| !line.text.contains("(%rip)"));
        let mut loaded = BTreeMap::new();
        let mut places = lines.filter_map(|(line, before)| {
            if let Some(word) = syntax.word(line) {
                // What a pool holds is of interest when it is jumped to.
                loaded.insert(register(line)?, *self.absolute.get(&word.place)?);
                return None;
            }
            let written = self.written(line);
            let jump = || syntax.jump(line, before).map(|jump| jump.place);
            let indirect = || {
                let (_, register) = line.text.split_once(' ')?;
                let place = loaded.get(register).copied();
                place.filter(|_| syntax.is_indirect(line))
            };
            written.or_else(jump).or_else(indirect)
        });
        places.find(|place| {
            let known = starts.contains_key(place) || part.contains(place);
            !known && *place < self.bytes.len() as u64
        })
    }
}
