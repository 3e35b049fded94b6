//! Which functions may end with an exception, and how their callers learn of it.
//!
//! Only modules with handlers look: there a body that may let an exception out *signals*, it returns a
//! flag beside its result. What may throw is what throws, what calls functions that are not defined
//! here, and whoever calls such a function; whether it catches everything itself is not looked into.
//! Functions that can stand in one place (in a table, behind a tail call) signal all or none.
//!
//! Where traps do not unwind no body signals: callers look for a pending trap after every call anyway,
//! and find exceptions the same way.

use super::checks::Checks;
use super::layout::TablePlan;
use crate::error::CompileError;
use crate::wasm::{Call, FuncIdx, Module, Position};
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// What a module has to do with exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExceptionPlan {
    /// It declares tags, throws or catches.
    pub used: bool,
    /// It catches: throwing returns to callers that look for exceptions.
    pub handles: bool,
    /// By defined index: the body returns a flag that says whether an exception is pending.
    signalling: Vec<bool>,
    /// All functions that can be called by reference return such a flag.
    pub references_signal: bool,
}

impl ExceptionPlan {
    /// Whether a body returns the flag, by its defined index.
    #[must_use]
    pub fn signals(&self, defined: u32) -> bool {
        let signals = self.signalling.get(FuncIdx(defined).position());
        signals.copied().unwrap_or(false)
    }

    /// Whether any body returns the flag.
    #[must_use]
    pub fn any_signals(&self) -> bool {
        self.signalling.contains(&true)
    }
}

/// A place that calls lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    /// A function of the module.
    Function(FuncIdx),
    /// Any function that can be called by reference: one class for all types, as a reference of one
    /// type can lead to functions of its subtypes.
    Reference,
}

/// For each place those that signal if it does.
#[derive(Default)]
struct Graph {
    followers: BTreeMap<Node, BTreeSet<Node>>,
    /// What may throw by itself.
    throwing: BTreeSet<Node>,
}

impl Graph {
    fn follow(&mut self, leader: Node, follower: Node) {
        self.followers.entry(leader).or_default().insert(follower);
    }

    fn together(&mut self, one: Node, other: Node) {
        self.follow(one, other);
        self.follow(other, one);
    }

    /// Everything that may throw.
    fn reach(&self) -> BTreeSet<Node> {
        let mut reached = self.throwing.clone();
        let mut waiting: Vec<Node> = reached.iter().copied().collect();
        while let Some(node) = waiting.pop() {
            for follower in self.followers.get(&node).into_iter().flatten() {
                if reached.insert(*follower) {
                    waiting.push(*follower);
                }
            }
        }
        reached
    }
}

/// Plans the exceptions of a module.
pub(super) fn plan_exceptions(
    module: &Module<'_>,
    tables: &[TablePlan],
    escaping: &BTreeSet<FuncIdx>,
    checks: &Checks,
) -> Result<ExceptionPlan, CompileError> {
    let mut plan = ExceptionPlan {
        used: module.uses.exceptions || !module.tags.is_empty(),
        handles: module.uses.handlers,
        ..ExceptionPlan::default()
    };
    if !plan.handles || !checks.traps_unwind() {
        return Ok(plan);
    }
    let mut graph = Graph::default();
    for (function, _, body) in module.defined_functions() {
        let node = Node::Function(function);
        if escaping.contains(&function) {
            graph.together(node, Node::Reference);
        }
        for call in body.calls_out()? {
            note(&mut graph, module, tables, node, call);
        }
    }
    let reached = graph.reach();
    let functions = module.defined_functions();
    plan.signalling = functions
        .map(|(function, ..)| reached.contains(&Node::Function(function)))
        .collect();
    plan.references_signal = reached.contains(&Node::Reference);
    Ok(plan)
}

/// Notes what a function calls or throws.
fn note(
    graph: &mut Graph,
    module: &Module<'_>,
    tables: &[TablePlan],
    node: Node,
    (call, position): (Call, Position),
) {
    let imported = FuncIdx(module.imported_functions);
    let (callee, foreign) = match call {
        Call::Throw => {
            graph.throwing.insert(node);
            return;
        }
        Call::Direct(function) => (Node::Function(function), function < imported),
        Call::Table(table) => {
            let plan = tables.get(table.position());
            let foreign = plan.is_none_or(|plan| plan.holds_foreign);
            (Node::Reference, foreign || module.uses.objects.is_some())
        }
        Call::Reference => (Node::Reference, true),
    };
    if foreign {
        graph.throwing.insert(node);
    }
    match position {
        Position::Inner => graph.follow(callee, node),
        Position::Tail => graph.together(callee, node),
    }
}
