//! Relocations in pairs: the upper and the lower part of one address (RISC-V).
//!
//! A lower part names the place of its upper part. In our files it is the next
//! instruction, which the upper part's relocation patches as well, and there is
//! nothing to do here. Files of stock wamrc may have it further behind, and
//! several for one upper part; stock's own loader refuses these. They are read
//! as the psABI says, by rows of their own.

use alloc::collections::{BTreeMap, BTreeSet};

use aot_format::RawReloc;
use targets::Machine;
use targets::reloc::{Range, Row};

#[cfg(test)]
mod tests;

/// The pairs of one group.
pub(super) struct Pairs {
    /// Upper parts by their place.
    upper: BTreeMap<u64, RawReloc>,
    /// Places of upper parts with their lower parts directly behind.
    followed: BTreeSet<u64>,
    /// Places of upper parts that lower parts elsewhere name, by the places of these.
    named: BTreeMap<u64, u64>,
}

impl Pairs {
    /// Looks for pairs in the relocations of a group; `None` if all lower parts are
    /// directly behind their upper parts. `named` is the place in the group's section that a relocation's
    /// symbol and addend give.
    pub(super) fn find(
        machine: &Machine,
        relocs: impl IntoIterator<Item = RawReloc>,
        named: impl Fn(&RawReloc, &'static Row) -> u64,
    ) -> Option<Pairs> {
        if machine.apart.is_empty() {
            return None;
        }
        let mut pairs = Pairs {
            upper: BTreeMap::new(),
            followed: BTreeSet::new(),
            named: BTreeMap::new(),
        };
        for reloc in relocs {
            let Some(row) = machine.row(reloc.kind) else {
                continue;
            };
            let Range::Exactly(distance) = row.range else {
                if apart(machine, row).is_some() {
                    pairs.upper.insert(reloc.offset, reloc);
                }
                continue;
            };
            let upper = named(&reloc, row);
            if upper.wrapping_sub(reloc.offset).cast_signed() == i64::from(distance) {
                pairs.followed.insert(upper);
            } else {
                pairs.named.insert(reloc.offset, upper);
            }
        }
        (!pairs.named.is_empty()).then_some(pairs)
    }

    /// The row for a relocation, and the relocation as it then has to be read.
    pub(super) fn read(
        &self,
        machine: &Machine,
        row: &'static Row,
        reloc: RawReloc,
    ) -> (&'static Row, RawReloc) {
        let Some(apart) = apart(machine, row) else {
            return (row, reloc);
        };
        if self.upper.contains_key(&reloc.offset) && !self.followed.contains(&reloc.offset) {
            return (apart, reloc);
        }
        let upper = self.named.get(&reloc.offset);
        let Some(upper) = upper.and_then(|place| self.upper.get(place)) else {
            return (row, reloc);
        };
        // `S + A - P` of the upper part, from here.
        let distance = reloc.offset.wrapping_sub(upper.offset).cast_signed();
        let reloc = RawReloc {
            symbol: upper.symbol,
            addend: upper.addend.wrapping_add(distance),
            ..reloc
        };
        (apart, reloc)
    }
}

/// What the relocation of a row means where the parts are apart, if it is a part.
fn apart(machine: &Machine, row: &Row) -> Option<&'static Row> {
    machine
        .apart
        .iter()
        .find(|other| other.number == row.number)
}
