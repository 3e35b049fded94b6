//! Which functions show their references to the collector, and how many.
//!
//! A function that may hold a reference while a collection can happen (a call, an allocation) has a
//! root frame: one cell for every local of a reference type, then one for every reference that is on
//! the operand stack then. References that are indices need none.

use crate::wasm::{Body, FuncType, Roots};
use aot_format::{HeapType, References, Representation, ValType};

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

/// Plans the root frame of a function, if it needs one.
pub(super) fn plan_roots(
    ty: &FuncType,
    body: &Body<'_>,
    references: References,
) -> Option<RootPlan> {
    let Roots {
        safepoint,
        references: all,
        exceptions,
    } = body.roots;
    if !safepoint {
        return None;
    }
    let operands = match references.representation {
        Representation::Object => all,
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
