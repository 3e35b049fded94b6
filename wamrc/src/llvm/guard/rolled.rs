//! Rolls up the guarded copy of a loop that `reroll.rs` found to be several copies of a smaller iteration.
//!
//! The copy still has every instruction of the original. Here its phis get smaller steps and the values of copy 0, its
//! end is counted, and the stores of the other copies go; what computed only for those is dead and left to LLVM.

use std::collections::HashMap;

use super::analysis::Loop;
use super::ir::{Block, Builder, Context, Opcode, Predicate, Value};
use super::reroll::{Leaving, Rolled};

/// Where the guarded copy stands.
pub(super) struct Copy<'a> {
    pub(super) builder: &'a Builder,
    pub(super) context: Context,
    pub(super) found: &'a Loop,
    /// The block that leads to the copy.
    pub(super) entry: Block,
    pub(super) fast: Block,
    /// The guard's count of the original's iterations but one, 64 bits wide.
    pub(super) backedges: Value,
}

impl Copy<'_> {
    /// Rolls up the copy; `map` leads from the original's values to the copy's and is changed for those that leave the
    /// loop.
    pub(super) fn roll(&self, rolled: &Rolled, map: &mut HashMap<Value, Value>) {
        for instruction in self.found.body.instructions() {
            map[&instruction].drop_promises();
        }
        self.builder.before(self.fast.terminator());
        for induction in &rolled.inductions {
            let phi = map[&induction.phi];
            let step = self.context.constant(32, i64::from(induction.step));
            let next = self.builder.binary(Opcode::LLVMAdd, phi, step);
            phi.set_incoming(self.fast, next);
        }
        for (phi, value) in &rolled.carried {
            map[phi].set_incoming(self.fast, map[value]);
        }
        let leaving: Vec<_> = rolled
            .leaving
            .iter()
            .map(|&(value, how)| {
                let new = match how {
                    Leaving::Counterpart(first) => map[&first],
                    Leaving::Less(amount) => {
                        let amount = self.context.constant(32, i64::from(amount));
                        self.builder.binary(Opcode::LLVMSub, map[&value], amount)
                    }
                };
                (value, new)
            })
            .collect();
        map.extend(leaving);
        for access in &self.found.accesses {
            if access.is_store && !rolled.accesses.contains(&access.instruction) {
                map[&access.instruction].erase();
            }
        }
        self.count(rolled);
        let options = self.context.unrolled_unless_vectorised(rolled.factor);
        self.fast
            .terminator()
            .set_loop_options(self.context, &options);
    }

    /// Ends the loop after `factor` times the original's iterations.
    fn count(&self, rolled: &Rolled) {
        let (b, wide) = (self.builder, self.context.int(64));
        let constant = |value: i64| self.context.constant(64, value);
        b.before(self.entry.terminator());
        let whole = b.binary(Opcode::LLVMAdd, self.backedges, constant(1));
        let total = b.mul_no_wrap(whole, constant(i64::from(rolled.factor)));
        let Some(first) = self.fast.instructions().next() else {
            return;
        };
        b.before(first);
        let counter = b.phi(wide);
        let end = self.fast.terminator();
        b.before(end);
        let next = b.add_no_wrap(counter, constant(1), true);
        counter.add_incoming(constant(0), self.entry);
        counter.add_incoming(next, self.fast);
        let goes_on_if_true = self.fast.successors().first() == Some(&self.fast);
        let predicate = if goes_on_if_true {
            Predicate::LLVMIntNE
        } else {
            Predicate::LLVMIntEQ
        };
        end.set_operand(0, b.compare(predicate, next, total));
    }
}
