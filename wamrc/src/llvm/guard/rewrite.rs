//! Puts a guarded loop in front of the original: same iterations, 64-bit addresses, one alias scope per family.
//!
//! The guard, computed once before the loop, proves that no 32-bit address of a family wraps over all iterations,
//! and that families of which one is stored to touch disjoint bytes. Where it fails the original loop runs.

use std::collections::HashMap;
use std::ffi::CStr;

use super::affine::Affine;
use super::analysis::{Access, Exit, Family, Loop};
use super::ir::{Block, Builder, Context, Metadata, Module, Opcode, Predicate, Value};
use super::near::{self, Near};
use super::reroll::{self, Rolled};
use super::rolled::Copy;

/// Loops shorter than this many iterations are not worth the fast copy.
const MIN_ITERATIONS: i64 = 4;

struct Guard<'a> {
    builder: &'a Builder,
    context: Context,
    condition: Option<Value>,
}

impl Guard<'_> {
    fn require(&mut self, c: Value) {
        self.condition = Some(match self.condition {
            Some(old) => self.builder.binary(Opcode::LLVMAnd, old, c),
            None => c,
        });
    }

    fn i64(&self, v: i64) -> Value {
        self.context.constant(64, v)
    }

    /// The 32-bit value of `form` in iteration 0.
    fn start(&self, form: &Affine) -> Value {
        let c32 = |v: i32| self.context.constant(32, i64::from(v));
        let mut sum: Option<Value> = None;
        for &(value, coefficient) in &form.terms {
            let scaled = match coefficient {
                1 => value,
                c => self.builder.binary(Opcode::LLVMMul, value, c32(c)),
            };
            sum = Some(sum.map_or(scaled, |s| self.builder.binary(Opcode::LLVMAdd, s, scaled)));
        }
        match (sum, form.constant) {
            (Some(s), 0) => s,
            (Some(s), c) => self.builder.binary(Opcode::LLVMAdd, s, c32(c)),
            (None, c) => c32(c),
        }
    }

    /// Iterations after the first, as a 64-bit value; adds what makes the count exact to the guard.
    fn backedges(&mut self, exit: &Exit) -> Value {
        let step = i64::from(exit.value.step);
        let start = self.start(&exit.value);
        let bound = self.start(&exit.bound);
        let count = if exit.predicate == Predicate::LLVMIntNE {
            self.count_to_equal(start, bound, step)
        } else {
            self.count_to_order(exit.predicate, start, bound, step)
        };
        let enough =
            self.builder
                .compare(Predicate::LLVMIntSGE, count, self.i64(MIN_ITERATIONS - 1));
        self.require(enough);
        count
    }

    fn count_to_equal(&mut self, start: Value, bound: Value, step: i64) -> Value {
        let (from, to) = if step > 0 {
            (start, bound)
        } else {
            (bound, start)
        };
        let distance = self.builder.binary(Opcode::LLVMSub, to, from);
        if step.abs() == 1 {
            return self.builder.zext64(distance);
        }
        let size = self.context.constant(32, step.abs());
        let rest = self.builder.binary(Opcode::LLVMURem, distance, size);
        let exact = self
            .builder
            .compare(Predicate::LLVMIntEQ, rest, self.context.constant(32, 0));
        self.require(exact);
        let quotient = self.builder.binary(Opcode::LLVMUDiv, distance, size);
        self.builder.zext64(quotient)
    }

    fn count_to_order(&mut self, p: Predicate, start: Value, bound: Value, step: i64) -> Value {
        use Predicate::*;
        let b = self.builder;
        let signed = matches!(p, LLVMIntSLT | LLVMIntSLE | LLVMIntSGT | LLVMIntSGE);
        let inclusive = matches!(p, LLVMIntULE | LLVMIntSLE | LLVMIntUGE | LLVMIntSGE);
        let wide = |v| if signed { b.sext64(v) } else { b.zext64(v) };
        let (start, bound) = (wide(start), wide(bound));
        let (from, to) = if step > 0 {
            (start, bound)
        } else {
            (bound, start)
        };
        let distance = b.binary(Opcode::LLVMSub, to, from);
        let up = step.abs() - 1 + i64::from(inclusive);
        let rounded = b.binary(Opcode::LLVMAdd, distance, self.i64(up));
        let quotient = b.binary(Opcode::LLVMSDiv, rounded, self.i64(step.abs()));
        let none = b.compare(LLVMIntSLT, rounded, self.i64(step.abs()));
        let count = b.select(none, self.i64(0), quotient);
        let walked = b.binary(Opcode::LLVMMul, count, self.i64(step));
        let last = b.binary(Opcode::LLVMAdd, start, walked);
        let (low, high) = if signed {
            (i64::from(i32::MIN), i64::from(i32::MAX))
        } else {
            (0, i64::from(u32::MAX))
        };
        let not_below = b.compare(LLVMIntSGE, last, self.i64(low));
        self.require(not_below);
        let not_above = b.compare(LLVMIntSLE, last, self.i64(high));
        self.require(not_above);
        count
    }

    /// First and last base address of a family; requires that no member wraps in between.
    fn span(&mut self, family: &Family, backedges: Value) -> Span {
        let b = self.builder;
        let start = self.start(&family.base);
        let first = b.zext64(start);
        let (mut low, mut high) = (first, first);
        if family.base.step != 0 {
            let walked = b.binary(
                Opcode::LLVMMul,
                backedges,
                self.i64(i64::from(family.base.step)),
            );
            let last = b.binary(Opcode::LLVMAdd, first, walked);
            if family.base.step > 0 {
                high = last;
            } else {
                low = last;
                let positive = b.compare(Predicate::LLVMIntSGE, low, self.i64(0));
                self.require(positive);
            }
        }
        let top = i64::from(u32::MAX) - family.spread;
        let fits = b.compare(Predicate::LLVMIntSLE, high, self.i64(top));
        self.require(fits);
        Span {
            start,
            first,
            low,
            high,
        }
    }

    /// That two families touch no common byte.
    fn disjoint(&self, a: (&Family, &Span), z: (&Family, &Span)) -> Value {
        let b = self.builder;
        let end = |(f, s): (&Family, &Span)| b.binary(Opcode::LLVMAdd, s.high, self.i64(f.high));
        let begin = |(f, s): (&Family, &Span)| b.binary(Opcode::LLVMAdd, s.low, self.i64(f.low));
        let before = b.compare(Predicate::LLVMIntSLE, end(a), begin(z));
        let after = b.compare(Predicate::LLVMIntSLE, end(z), begin(a));
        b.binary(Opcode::LLVMOr, before, after)
    }

    /// For a pair that all else does not depend on: whether it is apart or one family far enough ahead, and whether it
    /// is apart.
    fn near(&mut self, near: Near, found: &Loop, spans: &[Span]) -> (Value, Value) {
        let b = self.builder;
        let both = [near.low, near.high].map(|n| (&found.families[n], &spans[n]));
        let apart = self.disjoint(both[0], both[1]);
        let distance = b.binary(Opcode::LLVMSub, both[1].1.first, both[0].1.first);
        let ahead = b.compare(Predicate::LLVMIntSGE, distance, self.i64(near.margin));
        let either = b.binary(Opcode::LLVMOr, apart, ahead);
        self.require(either);
        let condition = self
            .condition
            .expect("invariant: a condition was just added");
        (condition, apart)
    }
}

struct Span {
    /// `first` in 32 bits.
    start: Value,
    first: Value,
    low: Value,
    high: Value,
}

/// Rewrites one analysed loop.
pub(super) fn rewrite(module: Module, found: &Loop) {
    let rolled = reroll::find(found);
    let near = near::find(found, rolled.as_ref());
    let context = module.context();
    let builder = Builder::new(context);
    let entry_branch = found.preheader.terminator();
    builder.before(entry_branch);
    let mut guard = Guard {
        builder: &builder,
        context,
        condition: None,
    };
    let backedges = guard.backedges(&found.exit);
    let spans: Vec<Span> = found
        .families
        .iter()
        .map(|f| guard.span(f, backedges))
        .collect();
    let separated = separate(&mut guard, found, &spans, near);
    let mut copies = Copies {
        module,
        builder: &builder,
        found,
        rolled: rolled.as_ref(),
        spans: &spans,
        backedges,
        entry: found.preheader,
    };
    if let Some(near) = near {
        let (either, apart) = guard.near(near, found, &spans);
        copies.entry = found
            .preheader
            .append_after(context, c"loop.guarded.choice");
        builder.branch(either, copies.entry, found.body);
        entry_branch.erase();
        builder.at_end(copies.entry);
        // Replaced below: the copies go in front of a terminator.
        let choice = builder.branch(apart, found.body, found.body);
        let forward = copies.add(c"loop.forward", separated, Some(near));
        let fast = copies.add(c"loop.guarded", true, None);
        choice.set_successor(0, fast);
        choice.set_successor(1, forward);
    } else {
        let fast = copies.add(c"loop.guarded", separated, None);
        let condition = guard
            .condition
            .expect("invariant: backedges() always adds a condition");
        builder.before(entry_branch);
        builder.branch(condition, fast, found.body);
        entry_branch.erase();
    }
    keep_scalar(context, found.body.terminator());
}

/// Guards every pair of families that could conflict, but for `near`; false when there is none.
fn separate(guard: &mut Guard<'_>, found: &Loop, spans: &[Span], near: Option<Near>) -> bool {
    let mut any = false;
    for (i, (a, sa)) in found.families.iter().zip(spans).enumerate() {
        for (j, (z, sz)) in found.families.iter().zip(spans).enumerate().skip(i + 1) {
            if (a.has_store || z.has_store) && !near.is_some_and(|near| near.is(i, j)) {
                let apart = guard.disjoint((a, sa), (z, sz));
                guard.require(apart);
                any = true;
            }
        }
    }
    any
}

/// Makes the copies of a loop.
struct Copies<'a> {
    module: Module,
    builder: &'a Builder,
    found: &'a Loop,
    rolled: Option<&'a Rolled>,
    spans: &'a [Span],
    backedges: Value,
    /// The block that leads to the copies.
    entry: Block,
}

impl Copies<'_> {
    /// One copy; its families are apart where `separated`, but for those of `near`.
    fn add(&self, name: &CStr, separated: bool, near: Option<Near>) -> Block {
        let (builder, found, context) = (self.builder, self.found, self.module.context());
        let fast = found.body.append_after(context, name);
        builder.before(self.entry.terminator());
        let scopes = if separated {
            declare_scopes(self.module, builder, found)
        } else {
            Vec::new()
        };
        let mut map = copy_body(builder, found, (self.entry, fast));
        let bases = self.family_bases(fast, near);
        let kept = |a: &&Access| (self.rolled).is_none_or(|r| r.accesses.contains(&a.instruction));
        for access in found.accesses.iter().filter(kept) {
            widen(builder, context, access, found, &map, &bases);
            if separated {
                annotate(
                    context,
                    map[&access.instruction],
                    access.family,
                    (&scopes, near),
                );
            }
        }
        if let Some(rolled) = self.rolled {
            let copy = Copy {
                builder,
                context,
                found,
                entry: self.entry,
                fast,
                backedges: self.backedges,
            };
            copy.roll(rolled, &mut map);
        }
        for phi in found
            .exit_block
            .instructions()
            .take_while(|i| i.opcode() == Some(Opcode::LLVMPHI))
        {
            let carried = phi.incoming().into_iter().find(|(_, b)| *b == found.body);
            if let Some((value, _)) = carried {
                phi.add_incoming(map.get(&value).copied().unwrap_or(value), fast);
            }
        }
        fast
    }

    /// One 64-bit recurrence per family.
    fn family_bases(&self, fast: Block, near: Option<Near>) -> Vec<Value> {
        let (builder, context) = (self.builder, self.module.context());
        let factor = self.rolled.map_or(1, |r| r.factor);
        let mut bases = Vec::new();
        for (n, (family, span)) in self.found.families.iter().zip(self.spans).enumerate() {
            if family.base.step == 0 {
                bases.push(span.first);
                continue;
            }
            let Some(first) = fast.instructions().next() else {
                break;
            };
            builder.before(self.entry.terminator());
            let start = match near.filter(|near| near.high == n) {
                Some(near) => self.distance_shown(near),
                None => span.first,
            };
            builder.before(first);
            let phi = builder.phi(context.int(64));
            builder.before(fast.terminator());
            let step = context.constant(64, i64::from(family.base.step / factor));
            let next = builder.add_no_wrap(phi, step, family.base.step > 0);
            phi.add_incoming(start, self.entry);
            phi.add_incoming(next, fast);
            bases.push(phi);
        }
        bases
    }

    /// The higher base of a pair as the lower one plus a number that is visibly not negative. Exact: the guard said
    /// that the distance less the margin is not negative, and it fits 32 bits as the bases do.
    fn distance_shown(&self, near: Near) -> Value {
        let b = self.builder;
        let (low, high) = (&self.spans[near.low], &self.spans[near.high]);
        let context = self.module.context();
        let margin = context.constant(32, near.margin);
        let apart = b.binary(Opcode::LLVMSub, high.start, low.start);
        let beyond = b.zext64(b.binary(Opcode::LLVMSub, apart, margin));
        let least = b.binary(
            Opcode::LLVMAdd,
            low.first,
            context.constant(64, near.margin),
        );
        b.binary(Opcode::LLVMAdd, least, beyond)
    }
}

fn declare_scopes(module: Module, builder: &Builder, found: &Loop) -> Vec<Metadata> {
    let context = module.context();
    let domain = context.distinct_node(&[context.string("loop guard")]);
    let scopes: Vec<Metadata> = found
        .families
        .iter()
        .map(|_| context.distinct_node(&[domain]))
        .collect();
    for &scope in &scopes {
        builder.declare_scope(module, scope);
    }
    scopes
}

fn copy_body(
    builder: &Builder,
    found: &Loop,
    (entry, fast): (Block, Block),
) -> HashMap<Value, Value> {
    let mut map = HashMap::new();
    builder.at_end(fast);
    for i in found.body.instructions() {
        let copy = i.clone_instruction();
        builder.insert(copy);
        map.insert(i, copy);
        if i.opcode() == Some(Opcode::LLVMPHI) {
            continue;
        }
        for n in 0..copy.operand_count() {
            if let Some(&v) = map.get(&copy.operand(n)) {
                copy.set_operand(n, v);
            }
        }
    }
    rebuild_phis(builder, found, (entry, fast), &mut map);
    let term = fast.terminator();
    for (n, s) in found.body.successors().into_iter().enumerate() {
        if s == found.body {
            term.set_successor(u32::try_from(n).unwrap_or(0), fast);
        }
    }
    map
}

/// A cloned phi still names the old blocks: replaces each by a new one.
fn rebuild_phis(
    builder: &Builder,
    found: &Loop,
    (entry, fast): (Block, Block),
    map: &mut HashMap<Value, Value>,
) {
    let phis: Vec<Value> = found
        .body
        .instructions()
        .take_while(|i| i.opcode() == Some(Opcode::LLVMPHI))
        .collect();
    for phi in phis {
        let old = map[&phi];
        builder.before(old);
        let new = builder.phi(phi.ty());
        for (value, from) in phi.incoming() {
            let (v, b) = if from == found.body {
                (map.get(&value).copied().unwrap_or(value), fast)
            } else {
                (value, entry)
            };
            // A phi that feeds another phi is itself replaced later or already has been.
            new.add_incoming(v, b);
        }
        old.replace_uses(new);
        old.erase();
        map.insert(phi, new);
    }
}

fn widen(
    builder: &Builder,
    context: Context,
    access: &Access,
    found: &Loop,
    map: &HashMap<Value, Value>,
    bases: &[Value],
) {
    let copy = map[&access.instruction];
    builder.before(copy);
    let base = builder.byte_offset(found.families[access.family].root, bases[access.family]);
    let pointer = match access.displacement {
        0 => base,
        d => builder.byte_offset(base, context.constant(64, d)),
    };
    copy.set_operand(u32::from(access.is_store), pointer);
}

/// Marks an access as one of its family, and apart from all families but the one it is near to.
fn annotate(
    context: Context,
    instruction: Value,
    family: usize,
    (scopes, near): (&[Metadata], Option<Near>),
) {
    let of = |wanted: &dyn Fn(usize) -> bool| {
        let chosen = scopes.iter().enumerate().filter(|(n, _)| wanted(*n));
        chosen.map(|(_, scope)| *scope).collect::<Vec<_>>()
    };
    let mine = of(&|n| n == family);
    let others = of(&|n| n != family && !near.is_some_and(|near| near.is(n, family)));
    for (name, added) in [("alias.scope", mine), ("noalias", others)] {
        let kind = context.kind(name);
        let mut list = instruction.metadata(kind).unwrap_or_default();
        list.extend(added);
        instruction.set_metadata(context, kind, context.node(&list));
    }
}

/// The original loop is the rare case: neither vectorised nor unrolled.
fn keep_scalar(context: Context, terminator: Value) {
    let rolled = context.node(&[context.string("llvm.loop.unroll.disable")]);
    terminator.set_loop_options(context, &[context.not_vectorised(), rolled]);
}
