//! Finds loops whose body is `k` copies of one smaller iteration: what unrolling before us left.
//!
//! LLVM vectorises the smaller loop far better than the unrolled one. Copy 0 is found from its stores and from the
//! values that leave the loop; `copies[j-1]` maps its instructions to those which compute the same in copy `j`. They
//! do when both are the same operation on operands that correspond: constants and invariants to themselves, affine
//! values to those `j` small steps on, loads to loads `j` small steps on, and a value carried into copy 0 by a phi to
//! what copy `j-1` made of it. The accesses of the copies, run one copy after the other, must see the same memory.
//! Relies on what the guard proves: exact trip count, no address wraps, families apart. Nothing is assumed of how the
//! producer unrolled; only this correspondence counts. Why it is enough: `docs/decisions`, "rerolling".

use std::collections::{HashMap, HashSet};

use super::affine::{Affine, Decomposer, Induction, inductions};
use super::analysis::{Access, Loop};
use super::ir::{Opcode, Value};

/// No producer unrolls small loops further.
const MAX_FACTOR: i32 = 16;
/// Comparisons of instructions before the search gives up.
const MAX_COMPARISONS: u32 = 4000;

/// How to run a loop as `factor` times as many iterations of its copy 0.
pub(super) struct Rolled {
    pub(super) factor: i32,
    /// The loads and stores of copy 0; all others go.
    pub(super) accesses: HashSet<Value>,
    /// Phis, each with the value of copy 0 that the next small iteration sees in it.
    pub(super) carried: Vec<(Value, Value)>,
    /// Induction variables with their smaller steps.
    pub(super) inductions: Vec<Induction>,
    /// Pairs of families, lower number first, of which accesses change places.
    pub(super) swapped: Vec<(usize, usize)>,
    /// What becomes of the values of the body which are used after the loop.
    pub(super) leaving: Vec<(Value, Leaving)>,
}

/// The value of the rolled loop's last iteration that stands for one that leaves the loop.
#[derive(Clone, Copy)]
pub(super) enum Leaving {
    /// The corresponding value of copy 0.
    Counterpart(Value),
    /// The same expression of the rolled induction variables, less so much.
    Less(i32),
}

/// The largest factor by which a loop can be rolled up.
pub(super) fn find(found: &Loop) -> Option<Rolled> {
    let stores = found.accesses.iter().filter(|a| a.is_store).count();
    let is_store = |i: &Value| i.opcode() == Some(Opcode::LLVMStore);
    if found.body.instructions().filter(is_store).count() != stores {
        // One outside linear memory (a global, say) belongs to no family: its copies are not told apart.
        return None;
    }
    let all = inductions(found.body);
    (2..=MAX_FACTOR).rev().find_map(|factor| {
        let copies = usize::try_from(factor).ok()?;
        let divides = |step: i32| step % factor == 0;
        let regular = found.families.iter().all(|f| divides(f.base.step));
        if !regular || stores % copies != 0 || found.accesses.len() < copies {
            return None;
        }
        let whole: Vec<_> = all.iter().filter(|i| divides(i.step)).cloned().collect();
        let mut part = whole.clone();
        for induction in &mut part {
            induction.step /= factor;
        }
        Search::new(found, factor, copies, [&whole, &part]).run()
    })
}

/// A phi and, for each copy, what it hands to the next; the last entry is the phi's own.
#[derive(Clone)]
struct Carried {
    phi: Value,
    after: Vec<Option<Value>>,
}

struct Search<'a> {
    found: &'a Loop,
    factor: i32,
    /// Affine forms in steps of the loop and of a copy.
    forms: [Decomposer<'a>; 2],
    inductions: &'a [Induction],
    accesses: HashMap<Value, &'a Access>,
    positions: HashMap<Value, usize>,
    copies: Vec<HashMap<Value, Value>>,
    carried: Vec<Carried>,
    comparisons: u32,
}

impl<'a> Search<'a> {
    fn new(
        found: &'a Loop,
        factor: i32,
        copies: usize,
        [whole, part]: [&'a [Induction]; 2],
    ) -> Search<'a> {
        let decomposer = |inductions| Decomposer {
            body: found.body,
            inductions,
        };
        Search {
            found,
            factor,
            forms: [whole, part].map(decomposer),
            inductions: part,
            accesses: found.accesses.iter().map(|a| (a.instruction, a)).collect(),
            positions: found.body.instructions().zip(0..).collect(),
            copies: vec![HashMap::new(); copies - 1],
            carried: Vec::new(),
            comparisons: 0,
        }
    }

    fn run(mut self) -> Option<Rolled> {
        if !self.stores() || !self.settle() {
            return None;
        }
        let mut leaving = Vec::new();
        for value in self.exit_values() {
            leaving.push((value, self.leaving(value)?));
        }
        let complete = (self.copies[0].keys())
            .all(|v| self.copies.iter().all(|copy| copy.contains_key(v)))
            && (self.copies.iter()).all(|copy| copy.len() == self.copies[0].len());
        if !complete {
            return None;
        }
        let swapped = self.swapped()?;
        let kept = |a: &&Access| self.copies[0].contains_key(&a.instruction);
        let moves = |a: &Access| self.found.families[a.family].base.step != 0;
        if !self.found.accesses.iter().filter(kept).any(moves) {
            return None;
        }
        let accesses = self.found.accesses.iter().filter(kept);
        Some(Rolled {
            factor: self.factor,
            accesses: accesses.map(|a| a.instruction).collect(),
            carried: (self.carried.iter())
                .filter_map(|c| Some((c.phi, (*c.after.first()?)?)))
                .collect(),
            inductions: self.inductions.to_vec(),
            swapped,
            leaving,
        })
    }

    /// Divides the stores into those of copy 0 and their counterparts. In the direction in which a family moves, the
    /// first without a counterpart is of copy 0.
    fn stores(&mut self) -> bool {
        let found = self.found;
        let mut rest: Vec<&Access> = found.accesses.iter().filter(|a| a.is_store).collect();
        rest.sort_by_key(|a| {
            let direction = found.families[a.family].base.step.signum();
            (a.family, a.displacement * i64::from(direction))
        });
        while !rest.is_empty() {
            let first = rest.remove(0);
            for j in 1..=self.copies.len() {
                let Some(at) = rest.iter().position(|a| self.corresponding(j, first, a)) else {
                    return false;
                };
                let other = rest.remove(at);
                self.copies[j - 1].insert(first.instruction, other.instruction);
                if !self.matches(
                    j,
                    first.instruction.operand(0),
                    other.instruction.operand(0),
                ) {
                    return false;
                }
            }
        }
        true
    }

    /// Whether an access of copy `j` has the operation and address that one of copy 0 asks for.
    fn corresponding(&self, j: usize, first: &Access, other: &Access) -> bool {
        let step = i64::from(self.found.families[first.family].base.step / self.factor);
        let on = i64::try_from(j).map_or(0, |j| j * step);
        first.family == other.family
            && first.displacement + on == other.displacement
            && first.instruction.same_operation(other.instruction)
    }

    /// Whether `b` computes in copy `j` what `a` computes in copy 0; notes what that takes.
    fn matches(&mut self, j: usize, a: Value, b: Value) -> bool {
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS || a.ty() != b.ty() {
            return false;
        }
        if let (Some(a), Some(b)) = (self.form(0, a), self.form(0, b)) {
            let on = self.form(1, a.0).map(|(_, form)| times(j, form.step));
            return on.is_some() && b.1.distance(&a.1) == on;
        }
        if a.block() != Some(self.found.body) {
            return a == b;
        }
        if b.block() != Some(self.found.body) {
            return false;
        }
        if a.opcode() == Some(Opcode::LLVMPHI) {
            return self.hand_over(j - 1, a, b);
        }
        if let Some(known) = self.copies[j - 1].get(&a) {
            return *known == b;
        }
        if !computes(a) || a.opcode() != b.opcode() || !a.same_operation(b) {
            return false;
        }
        if a.opcode() == Some(Opcode::LLVMLoad) {
            let (Some(first), Some(other)) = (self.accesses.get(&a), self.accesses.get(&b)) else {
                return false;
            };
            if !self.corresponding(j, first, other) {
                return false;
            }
            self.copies[j - 1].insert(a, b);
            return true;
        }
        self.copies[j - 1].insert(a, b);
        self.operands_match(j, a, b)
    }

    fn operands_match(&mut self, j: usize, a: Value, b: Value) -> bool {
        let saved = commutes(a).then(|| (self.copies.clone(), self.carried.clone()));
        let pairs = |order: [u32; 2]| {
            let n = a.operand_count();
            (0..n).map(move |i| {
                (
                    a.operand(i),
                    b.operand(*order.get(i as usize).unwrap_or(&i)),
                )
            })
        };
        if pairs([0, 1]).all(|(x, y)| self.matches(j, x, y)) {
            return true;
        }
        let Some((copies, carried)) = saved else {
            return false;
        };
        (self.copies, self.carried) = (copies, carried);
        pairs([1, 0]).all(|(x, y)| self.matches(j, x, y))
    }

    /// The affine form of a 32-bit value in steps of the loop (0) or a copy (1).
    fn form(&self, which: usize, value: Value) -> Option<(Value, Affine)> {
        let decomposer = self.forms.get(which)?;
        (value.ty().int_width() == Some(32))
            .then(|| decomposer.decompose(value))?
            .map(|form| (value, form))
    }

    /// Notes that copy `from` must leave `value` in what `phi` carries.
    fn hand_over(&mut self, from: usize, phi: Value, value: Value) -> bool {
        let known = match self.carried.iter().position(|c| c.phi == phi) {
            Some(at) => at,
            None => {
                let mut after = vec![None; self.copies.len()];
                after.push(self.next_value(phi));
                self.carried.push(Carried { phi, after });
                self.carried.len() - 1
            }
        };
        match &mut self.carried[known].after[from] {
            Some(old) => *old == value,
            unknown => {
                *unknown = Some(value);
                true
            }
        }
    }

    fn next_value(&self, phi: Value) -> Option<Value> {
        let incoming = phi.incoming().into_iter();
        let mut inside = incoming.filter(|(_, from)| *from == self.found.body);
        inside.next().map(|(value, _)| value)
    }

    /// Proves for every carried value met so far that each copy computes it as copy 0 does.
    fn settle(&mut self) -> bool {
        let mut at = 0;
        while at < self.carried.len() {
            let Some(first) = self.carried_from_copy_0(at) else {
                return false;
            };
            for j in (1..=self.copies.len()).rev() {
                let handed = self.carried[at].after[j];
                if !handed.is_some_and(|value| self.matches(j, first, value)) {
                    return false;
                }
            }
            if self.carried[at].after[0] != Some(first) {
                return false;
            }
            at += 1;
        }
        true
    }

    /// The value that copy 0 hands to copy 1 in the carried phi number `at`.
    fn carried_from_copy_0(&self, at: usize) -> Option<Value> {
        let carried = &self.carried[at];
        let first = match carried.after[0] {
            Some(first) => first,
            None => {
                let last = (*carried.after.last()?)?;
                let copy = self.copies.last()?;
                let mut same = self.found.body.instructions();
                same.find(|v| copy.get(v) == Some(&last))?
            }
        };
        let inside = first.block() == Some(self.found.body);
        (inside && first.opcode() != Some(Opcode::LLVMPHI)).then_some(first)
    }

    /// The distinct values of the body that phis behind the loop take.
    fn exit_values(&self) -> Vec<Value> {
        let mut out = Vec::new();
        for phi in self.found.exit_block.instructions() {
            let incoming = phi.incoming().into_iter();
            for (value, from) in incoming {
                let inside = value.block() == Some(self.found.body);
                if from == self.found.body && inside && !out.contains(&value) {
                    out.push(value);
                }
            }
        }
        out
    }

    fn leaving(&mut self, value: Value) -> Option<Leaving> {
        if self.form(0, value).is_some() {
            let (_, form) = self.form(1, value)?;
            return Some(Leaving::Less(times(self.copies.len(), form.step)));
        }
        let last = self.copies.len();
        for first in self.found.body.instructions() {
            if self.copies[last - 1].get(&first) == Some(&value) {
                return Some(Leaving::Counterpart(first));
            }
        }
        for first in self.found.body.instructions() {
            if first.opcode() == Some(Opcode::LLVMPHI) || first.opcode() != value.opcode() {
                continue;
            }
            let saved = (self.copies.clone(), self.carried.clone());
            if self.matches(last, first, value) && self.settle() {
                return Some(Leaving::Counterpart(first));
            }
            (self.copies, self.carried) = saved;
        }
        None
    }

    /// The pairs of families that must be apart for the accesses to see the same memory when the copies run one after
    /// the other, each in the order of copy 0; `None` if they would not.
    fn swapped(&self) -> Option<Vec<(usize, usize)>> {
        let mut events = Vec::new();
        for first in &self.found.accesses {
            let now = self.positions.get(&first.instruction)?;
            if self.copies[0].contains_key(&first.instruction) {
                events.push(((0, now), first));
                for (copy, j) in self.copies.iter().zip(1..) {
                    let other = copy.get(&first.instruction)?;
                    events.push(((j, now), self.accesses.get(other)?));
                }
            }
        }
        let mut swapped = Vec::new();
        let position = |access: &Access| self.positions.get(&access.instruction);
        for (n, (place_a, a)) in events.iter().enumerate() {
            for (place_b, b) in events.iter().skip(n + 1) {
                let same_order = (position(a) < position(b)) == (place_a < place_b);
                if same_order || !(a.is_store || b.is_store) {
                    continue;
                }
                if a.family == b.family && !apart(a, b) {
                    return None;
                }
                let pair = (a.family.min(b.family), a.family.max(b.family));
                if pair.0 != pair.1 && !swapped.contains(&pair) {
                    swapped.push(pair);
                }
            }
        }
        Some(swapped)
    }
}

/// Whether two accesses of a family touch different bytes in an iteration.
fn apart(a: &Access, b: &Access) -> bool {
    a.displacement + a.bytes <= b.displacement || b.displacement + b.bytes <= a.displacement
}

fn times(j: usize, step: i32) -> i32 {
    i32::try_from(j).map_or(0, |j| step.wrapping_mul(j))
}

/// Operations without effects whose result depends on their operands alone, and loads.
fn computes(value: Value) -> bool {
    use Opcode::*;
    // Calls are of harmless intrinsics: the analysis refused all others.
    matches!(
        value.opcode(),
        Some(
            LLVMFNeg
                | LLVMAdd
                | LLVMFAdd
                | LLVMSub
                | LLVMFSub
                | LLVMMul
                | LLVMFMul
                | LLVMUDiv
                | LLVMSDiv
                | LLVMFDiv
                | LLVMURem
                | LLVMSRem
                | LLVMShl
                | LLVMLShr
                | LLVMAShr
                | LLVMAnd
                | LLVMOr
                | LLVMXor
                | LLVMTrunc
                | LLVMZExt
                | LLVMSExt
                | LLVMFPToUI
                | LLVMFPToSI
                | LLVMUIToFP
                | LLVMSIToFP
                | LLVMFPTrunc
                | LLVMFPExt
                | LLVMBitCast
                | LLVMICmp
                | LLVMFCmp
                | LLVMSelect
                | LLVMCall
                | LLVMLoad
        )
    )
}

/// Whether the first two operands may be exchanged.
fn commutes(value: Value) -> bool {
    use Opcode::*;
    match value.opcode() {
        Some(LLVMAdd | LLVMFAdd | LLVMMul | LLVMFMul | LLVMAnd | LLVMOr | LLVMXor) => true,
        Some(LLVMCall) => value.callee_name().is_some_and(|name| {
            ["llvm.umax.", "llvm.umin.", "llvm.smax.", "llvm.smin."]
                .iter()
                .any(|known| name.starts_with(known))
        }),
        _ => false,
    }
}
