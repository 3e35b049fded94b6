//! Two families of which one runs ahead of the other in the same array: `a[i] = f(a[i + n])`.
//!
//! They overlap as a whole, so the guard that keeps families apart fails. But where every access that comes first in an
//! iteration is at least as far along as the conflicting one that follows it, no iteration needs what an earlier one
//! of a vector writes. For one such pair a loop gets a second copy in which the distance of the two is visible to LLVM
//! as a number that is not negative.

use super::analysis::{Access, Family, Loop};
use super::reroll::Rolled;

/// Larger loops get no second copy.
const MAX_INSTRUCTIONS: usize = 64;

/// Two families, by their numbers, and by how many bytes the base of one must at least be above the other's.
#[derive(Clone, Copy)]
pub(super) struct Near {
    pub(super) low: usize,
    pub(super) high: usize,
    pub(super) margin: i64,
}

impl Near {
    pub(super) fn is(&self, a: usize, b: usize) -> bool {
        (a, b) == (self.low, self.high) || (b, a) == (self.low, self.high)
    }
}

/// The loop's pair of families, if there is just one.
pub(super) fn find(found: &Loop, rolled: Option<&Rolled>) -> Option<Near> {
    if found.body.instructions().count() > MAX_INSTRUCTIONS {
        return None;
    }
    let mut pairs = Vec::new();
    for (a, of_a) in found.families.iter().enumerate() {
        for (b, of_b) in found.families.iter().enumerate().skip(a + 1) {
            let swapped = rolled.is_some_and(|r| r.swapped.contains(&(a, b)));
            if (of_a.has_store || of_b.has_store) && same_array(of_a, of_b) && !swapped {
                pairs.push((a, b));
            }
        }
    }
    let [(a, b)] = pairs[..] else {
        return None;
    };
    let kept = |access: &&Access| rolled.is_none_or(|r| r.accesses.contains(&access.instruction));
    let accesses: Vec<&Access> = found.accesses.iter().filter(kept).collect();
    ahead(&accesses, [a, b], found.families[a].base.step)
}

/// Whether two families walk in step and are at places counted from the same value.
fn same_array(a: &Family, b: &Family) -> bool {
    a.root == b.root
        && a.base.step == b.base.step
        && a.base.step != 0
        && a.base.terms.iter().any(|term| b.base.terms.contains(term))
}

/// Which of the two families must be ahead, and by how much. `accesses` are in program order.
fn ahead(accesses: &[&Access], pair: [usize; 2], step: i32) -> Option<Near> {
    let mut near: Option<Near> = None;
    for (n, first) in accesses.iter().enumerate() {
        for second in accesses.iter().skip(n + 1) {
            let families = [first.family, second.family];
            let conflict = first.is_store || second.is_store;
            if !conflict || (families != pair && families != [pair[1], pair[0]]) {
                continue;
            }
            // A load of what earlier iterations have stored is LLVM's to judge.
            if first.is_store && !second.is_store {
                return None;
            }
            let (high, low) = if step > 0 {
                (first, second)
            } else {
                (second, first)
            };
            let margin = (low.displacement - high.displacement).max(0);
            let (low, high) = (low.family, high.family);
            let old = near.get_or_insert(Near { low, high, margin });
            if (old.low, old.high) != (low, high) {
                return None;
            }
            old.margin = old.margin.max(margin);
        }
    }
    near
}
