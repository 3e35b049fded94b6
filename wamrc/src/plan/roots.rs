//! Which functions show their references to the collector, and how many.
//!
//! A function that may hold a reference while a collection can happen (an allocation, or a call of a
//! function that may collect) has a root frame: one cell for every local of a reference type, then one for every reference that is on
//! the operand stack then. References that are indices need none.

use crate::error::CompileError;
use crate::wasm::{Body, FuncIdx, FuncType, Module, Roots};
use aot_format::{HeapType, References, Representation, ValType};
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// The root frame of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootPlan {
    /// Cells for locals, parameters first.
    pub locals: u32,
    /// Cells for operands.
    pub operands: u32,
}

/// Whether values of a type are addresses of objects.
#[must_use]
pub fn is_object(ty: ValType, references: References) -> bool {
    let Some(reference) = ty.reference() else {
        return false;
    };
    let exception = matches!(reference.heap, HeapType::Exn | HeapType::NoExn);
    exception || references.representation == Representation::Object
}

/// The root frames of all functions that need one, and the functions, imports included, that may
/// collect. If none has references to show, nobody asks who collects.
#[derive(Default)]
pub(super) struct RootPlans {
    pub(super) frames: BTreeMap<FuncIdx, RootPlan>,
    pub(super) collecting: BTreeSet<FuncIdx>,
}

pub(super) fn plan_frames(
    module: &Module<'_>,
    references: References,
) -> Result<RootPlans, CompileError> {
    let candidates = module
        .defined_functions()
        .filter_map(|(function, ty, body)| {
            let frame = plan_roots(module.func_type(ty), body, references)?;
            Some((function, frame))
        });
    let mut frames: BTreeMap<_, _> = candidates.collect();
    if frames.is_empty() {
        return Ok(RootPlans::default());
    }
    let collecting = collecting(module)?;
    frames.retain(|function, _| collecting.contains(function));
    Ok(RootPlans { frames, collecting })
}

/// The functions during which a collection may happen. Of what is not defined here nothing is known.
fn collecting(module: &Module<'_>) -> Result<BTreeSet<FuncIdx>, CompileError> {
    let mut found: BTreeSet<FuncIdx> = (0..module.imported_functions).map(FuncIdx).collect();
    let mut callers: BTreeMap<FuncIdx, BTreeSet<FuncIdx>> = BTreeMap::new();
    for (function, _, body) in module.defined_functions() {
        let (collects, calls) = body.collections()?;
        if collects {
            found.insert(function);
        }
        for callee in calls {
            callers.entry(callee).or_default().insert(function);
        }
    }
    let mut waiting: Vec<FuncIdx> = found.iter().copied().collect();
    while let Some(function) = waiting.pop() {
        for caller in callers.get(&function).into_iter().flatten() {
            if found.insert(*caller) {
                waiting.push(*caller);
            }
        }
    }
    Ok(found)
}

/// The root frame of a function, if it may hold references across a call or an allocation.
fn plan_roots(ty: &FuncType, body: &Body<'_>, references: References) -> Option<RootPlan> {
    let Roots {
        safepoint,
        references: all,
        exceptions,
        holds_exceptions,
    } = body.roots;
    if !safepoint {
        return None;
    }
    let operands = match references.representation {
        Representation::Object => all,
        Representation::Index if !holds_exceptions => return None,
        Representation::Index => exceptions,
    };
    let params = ty.params.iter().filter(|ty| is_object(**ty, references));
    let declared = body
        .locals
        .iter()
        .filter(|run| is_object(run.ty, references));
    let locals = declared.fold(0_u32, |sum, run| sum.saturating_add(run.count));
    let locals = params.fold(locals, |sum, _| sum.saturating_add(1));
    (locals > 0 || operands > 0).then_some(RootPlan { locals, operands })
}
