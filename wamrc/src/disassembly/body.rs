//! Bodies that lie apart from their entries.
//!
//! The entry of a function that others call directly only hands over to the body, which comes first in the file. So the first
//! place an entry leads to that has no name yet is the body of its function.

use super::syntax::{Syntax, syntax};
use super::{Names, Starts, code_relocations, own_place, title, with_previous};
use crate::llvm::{self, Line};
use aot_format::View;
use std::collections::BTreeMap;
use targets::Target;

/// How many bytes of an entry are read: more than any takes to hand over.
const ENTRY_BYTES: usize = 160;

/// Adds the bodies to where parts begin.
pub(super) fn add(view: &View<'_>, target: &Target, known: &Names, starts: &mut Starts) {
    let reader = Reader {
        view,
        target,
        syntax: syntax(target.llvm.triple),
        absolute: absolute(view),
    };
    let code = view.text().code.len() as u64;
    let ends = starts.keys().copied().skip(1).chain([code]);
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
        let end = next.map_or(code, |(next, _)| *next);
        let part = end.saturating_sub(offset);
        if let Some(place) = reader.body(offset, part, starts) {
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
    view: &'a View<'a>,
    target: &'a Target,
    syntax: &'static Syntax,
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
        let holds = self.syntax.is_jump(line) && self.syntax.holds_addresses();
        let (_, place) = places.next().filter(|_| holds)?;
        Some(*place)
    }

    /// The first place without a name that the entry at an offset leads to.
    fn body(&self, offset: u64, part: u64, starts: &Starts) -> Option<u64> {
        let code = self.view.text().code;
        let start = usize::try_from(offset).ok()?;
        let rest = code.get(start..)?;
        let size = usize::try_from(part).ok()?;
        let bytes = rest.get(..size.min(ENTRY_BYTES).min(rest.len()))?;
        let record = self.view.record()?;
        let (triple, unit) = (self.target.llvm.triple, self.syntax.unit);
        let lines =
            llvm::disassemble(triple, record.cpu, record.features, bytes, offset, unit).ok()?;
        // What is addressed by a distance is data.
        let lines = with_previous(&lines).filter(|(line, _)| !line.text.contains("(%rip)"));
        let mut loaded = BTreeMap::new();
        let mut places = lines.filter_map(|(line, before)| {
            if let Some(word) = self.syntax.word(line) {
                // What a pool holds is of interest when it is jumped to.
                loaded.insert(register(line)?, *self.absolute.get(&word.place)?);
                return None;
            }
            let written = self.written(line);
            let jump = || self.syntax.jump(line, before).map(|jump| jump.place);
            let indirect = || {
                let (_, register) = line.text.split_once(' ')?;
                self.syntax
                    .is_indirect(line)
                    .then(|| loaded.get(register).copied())?
            };
            written.or_else(jump).or_else(indirect)
        });
        let inside = offset..offset.saturating_add(part);
        places.find(|place| {
            let known = starts.contains_key(place) || inside.contains(place);
            !known && *place < code.len() as u64
        })
    }
}
