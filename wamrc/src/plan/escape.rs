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
    let globals = module.globals.iter();
    let tables = module.tables.iter();
    let initial = globals.filter_map(|global| global.origin.defined());
    let initial = initial.chain(tables.filter_map(|table| table.origin.defined()?.as_ref()));
    exported
        .chain(module.start)
        .chain(values.chain(initial).flat_map(ConstExpr::functions))
        .chain(module.uses.ref_func.iter().copied())
        .collect()
}
