//! Which functions can be reached by other means than a direct call of this module.

use crate::wasm::{ConstExpr, Extern, FuncIdx, Module};
use std::collections::BTreeSet;

/// Functions that are exported, started, or turned into references. Imports included.
pub(super) fn escaping_functions(module: &Module<'_>) -> BTreeSet<FuncIdx> {
    let exported = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            Extern::Func(function) => Some(function),
            _ => None,
        });
    let values = module.elements.iter().flat_map(|segment| &segment.values);
    let initial = module
        .globals
        .iter()
        .filter_map(|global| global.origin.defined());
    exported
        .chain(module.start)
        .chain(values.chain(initial).filter_map(ConstExpr::as_function))
        .chain(module.uses.ref_func.iter().copied())
        .collect()
}
