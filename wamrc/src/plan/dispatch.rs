//! Tables whose content is known when compiling.
//!
//! Most programs fill one private table from element segments and never write to it. For such a table
//! `call_indirect` needs neither the instance's copy nor its array of code addresses: the compiler
//! knows every function and its type.

use super::layout::TablePlan;
use crate::wasm::{ConstExpr, ElemMode, FuncIdx, Module, Origin, TableIdx, TypeIdx, ValType};
use std::collections::BTreeMap;

/// Most functions that an indirect call chooses between by comparing the index.
const MAX_TARGETS: usize = 4;

/// Most bytes of WebAssembly code in a function that is called that way: LLVM puts so small a body in
/// place of the call.
const MAX_TARGET_BYTES: u32 = 48;

/// The functions that an element of one type can be, each with the elements that hold it.
pub type Targets = BTreeMap<FuncIdx, Vec<u32>>;

/// For tables of known content and types of which they hold only a few small functions: which these
/// are. Calling each directly then beats calling through its address.
pub(super) fn small_targets(
    module: &Module<'_>,
    tables: &BTreeMap<TableIdx, Vec<Option<FuncIdx>>>,
) -> BTreeMap<(TableIdx, TypeIdx), Targets> {
    let mut found: BTreeMap<(TableIdx, TypeIdx), Targets> = BTreeMap::new();
    for (table, entries) in tables {
        for (element, entry) in (0_u32..).zip(entries) {
            let Some(function) = entry else { continue };
            let Some(declared) = module.functions.get(function.position()) else {
                continue;
            };
            let ty = module.canonical_type(declared.ty);
            let targets = found.entry((*table, ty)).or_default();
            targets.entry(*function).or_default().push(element);
        }
    }
    found.retain(|_, targets| {
        targets.len() <= MAX_TARGETS && targets.keys().all(|function| is_small(module, *function))
    });
    found
}

/// Whether a function is a short leaf.
fn is_small(module: &Module<'_>, function: FuncIdx) -> bool {
    let body = module.body(function);
    body.is_some_and(|body| body.size <= MAX_TARGET_BYTES && !body.calls)
}

/// The tables that hold the same functions in every instance at any time, with their entries.
pub(super) fn constant_tables(
    module: &Module<'_>,
    tables: &[TablePlan],
) -> BTreeMap<TableIdx, Vec<Option<FuncIdx>>> {
    let known = tables.iter().enumerate().filter_map(|(position, plan)| {
        let index = TableIdx::from_position(position);
        Some((index, entries(module, index, plan)?))
    });
    known.collect()
}

/// The entries of a table, unless something can change them or they depend on the instance.
fn entries(module: &Module<'_>, index: TableIdx, plan: &TablePlan) -> Option<Vec<Option<FuncIdx>>> {
    let size = usize::try_from(plan.fixed_size?).ok()?;
    let table = module.tables.get(index.position())?;
    if matches!(table.origin, Origin::Defined(Some(_))) {
        return None;
    }
    if plan.shared || plan.element != ValType::FUNCREF || module.uses.table_write.contains(&index) {
        return None;
    }
    // Room only for what segments can fill: a huge empty table is not worth listing.
    let filled: usize = module.elements.iter().map(|s| s.values.len()).sum();
    if size > filled.saturating_mul(4).max(64) {
        return None;
    }
    let mut entries = vec![None; size];
    for segment in &module.elements {
        let ElemMode::Active { table, offset } = &segment.mode else {
            continue;
        };
        if *table != index {
            continue;
        }
        let start = match offset {
            ConstExpr::I32(offset) => u64::from(offset.cast_unsigned()),
            ConstExpr::I64(offset) => offset.cast_unsigned(),
            _ => return None,
        };
        let start = usize::try_from(start).ok()?;
        let end = start.checked_add(segment.values.len())?;
        // A segment that does not fit fails the instantiation: nothing is ever called.
        let places = entries.get_mut(start..end)?;
        for (place, value) in places.iter_mut().zip(&segment.values) {
            *place = defined_function(module, value)?;
        }
    }
    Some(entries)
}

/// The function a value refers to: `None` if unknown or imported, `Some(None)` for null.
#[expect(
    clippy::option_option,
    reason = "null and unknown are different answers"
)]
fn defined_function(module: &Module<'_>, value: &ConstExpr) -> Option<Option<FuncIdx>> {
    match value {
        ConstExpr::RefNull(_) => Some(None),
        ConstExpr::RefFunc(function) if function.0 >= module.imported_functions => {
            Some(Some(*function))
        }
        _ => None,
    }
}
