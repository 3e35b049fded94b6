//! The functions that code of a partition calls: its own, and those of other partitions, which are declared when they are
//! first asked for.

use super::Unit;
use super::interface::{Interface, Signals};
use crate::llvm::{Function, FunctionKind, Reach, Signature};
use crate::options::StackCheck;
use crate::plan::{FunctionPlan, Plan, check_symbol, internal_symbol};
use crate::wasm::FuncIdx;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What is known so far, by defined index.
#[derive(Default)]
pub(super) struct Bodies<'c>(RefCell<BTreeMap<u32, Function<'c>>>);

/// What a function of the module is called by, and what stands there.
fn name(plan: &Plan, function: &FunctionPlan) -> (String, FunctionKind) {
    match (plan.checks.stack, plan.has_entries()) {
        (StackCheck::GuardPage, _) => (internal_symbol(function.defined), FunctionKind::Body),
        (StackCheck::Emit, false) => (function.symbol.clone(), FunctionKind::Wrapper),
        (StackCheck::Emit, true) => (check_symbol(function.defined), FunctionKind::Check),
    }
}

impl<'c> Unit<'_, 'c, '_> {
    /// Defines the functions of the partition, in order, then the copies it has of others.
    pub(super) fn define_bodies(&self) {
        for plan in self.own_functions() {
            let position = FuncIdx(plan.defined).position();
            let shared = self.plan.partitions.shared.get(position) == Some(&true);
            let reach = match shared {
                true => Reach::File,
                false => Reach::Module,
            };
            self.define_body(plan, reach);
        }
        for plan in self.copies() {
            self.define_body(plan, Reach::Copy);
        }
    }

    fn define_body(&self, plan: &FunctionPlan, reach: Reach) {
        let (symbol, kind) = name(self.plan, plan);
        let signature = self.body_signature(plan);
        let function = self.llvm.define_for(&symbol, &signature, kind, reach);
        self.bodies.0.borrow_mut().insert(plan.defined, function);
    }

    fn body_signature(&self, plan: &FunctionPlan) -> Signature {
        let ty = self.module.func_type(plan.ty);
        Interface::new(ty, Signals::of(plan, self.plan), self.plan).signature
    }

    /// A function of the module, to be called.
    pub(super) fn body(&self, plan: &FunctionPlan) -> Function<'c> {
        let known = self.bodies.0.borrow().get(&plan.defined).copied();
        known.unwrap_or_else(|| {
            let (symbol, _) = name(self.plan, plan);
            let function = self.llvm.declare(&symbol, &self.body_signature(plan));
            self.bodies.0.borrow_mut().insert(plan.defined, function);
            function
        })
    }

    /// The plans of the functions that the partition defines.
    pub(super) fn own_functions(&self) -> &[FunctionPlan] {
        let range = &self.partition.functions;
        let range = FuncIdx(range.start).position()..FuncIdx(range.end).position();
        self.plan.functions.get(range).unwrap_or_default()
    }

    /// The plans of the functions it has copies of.
    pub(super) fn copies(&self) -> impl Iterator<Item = &FunctionPlan> {
        let positions = self.partition.copies.iter();
        let positions = positions.map(|defined| FuncIdx(*defined).position());
        positions.filter_map(|position| self.plan.functions.get(position))
    }

    /// Whether it has what the module has once.
    pub(super) fn is_first(&self) -> bool {
        self.partition.functions.start == 0
    }
}
