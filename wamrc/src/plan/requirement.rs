//! What a file asks of the runtime that loads it, derived from the module's content alone.
//!
//! `assemble` turns this into the container's feature flags (spec A.4.2) and the record of what
//! the file relies on.

use super::checks::Checks;
use super::layout::{GlobalAccess, Layout};
use crate::options::{BoundsCheck, StackCheck};
use crate::wasm::{Composite, ElemMode, IndexType, Module, SubType, ValType};
use aot_format::{References, Representation};

/// Support a runtime must have, and promises it must keep.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set of independent facts, named one by one"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// Vectors: operators on them, or a signature, global or local of type v128.
    pub simd: bool,
    /// Data segments as run-time objects: passive ones, `memory.init`, `data.drop`. Plain
    /// `memory.copy` and `memory.fill` need nothing.
    pub bulk_memory: bool,
    /// Reference types in signatures, globals or tables, several tables, passive element
    /// segments, or table operators that are carried out by the runtime.
    pub reference_types: bool,
    /// References are addresses of objects that a collector keeps.
    pub garbage_collection: bool,
    /// Accesses are unchecked: every address an access can form must be reserved.
    pub guard_pages: bool,
    /// Raising a trap must not return to the code.
    pub unwinding_traps: bool,
    /// The native stack is unchecked: it must end in a guard page.
    pub stack_guard: bool,
    /// Mutable imported globals are accessed through the cells the runtime provides.
    pub imported_global_cells: bool,
    /// Memories or tables with 64-bit addresses.
    pub memory64: bool,
    /// More than one memory.
    pub multi_memory: bool,
    /// Memories with pages of one byte.
    pub custom_page_sizes: bool,
    /// Memories that threads share.
    pub threads: bool,
    /// Calls through tables that others can write hand functions of other instances to the
    /// runtime.
    pub foreign_functions: bool,
    /// Functions pass each other arguments in the argument area.
    pub argument_area: bool,
    /// Exceptions are thrown or caught, or tags declared.
    pub exceptions: bool,
}

impl Requirements {
    pub(super) fn new(
        module: &Module<'_>,
        references: References,
        layout: &Layout,
        checks: &Checks,
    ) -> Self {
        let guarded = checks.bounds == BoundsCheck::GuardPages;
        Self {
            simd: module.uses.simd.is_some(),
            bulk_memory: module.uses.data_segments_at_run_time,
            reference_types: needs_reference_types(module),
            garbage_collection: references.representation == Representation::Object,
            guard_pages: guarded && !module.memories.is_empty(),
            unwinding_traps: checks.traps_unwind(),
            stack_guard: checks.stack == StackCheck::GuardPage,
            memory64: layout.memories.iter().any(|m| m.address == IndexType::I64)
                || layout.tables.iter().any(|t| t.index == IndexType::I64),
            multi_memory: layout.memories.len() > 1,
            custom_page_sizes: layout.memories.iter().any(|m| m.page_bytes == 1),
            threads: layout.memories.iter().any(|m| m.shared),
            imported_global_cells: layout
                .globals
                .iter()
                .any(|global| matches!(global.access, GlobalAccess::ImportedCell(_))),
            argument_area: false,
            exceptions: false,
            foreign_functions: module.uses.call_indirect.iter().any(|table| {
                layout
                    .tables
                    .get(table.position())
                    .is_some_and(|plan| plan.holds_foreign)
            }),
        }
    }
}

fn needs_reference_types(module: &Module<'_>) -> bool {
    let reference = |types: &[ValType]| types.iter().any(|ty| ty.is_reference());
    let signature = |ty: &SubType| match &ty.composite {
        Composite::Func(ty) => reference(&ty.params) || reference(&ty.results),
        Composite::Struct(_) | Composite::Array(_) => true,
    };
    module.uses.table_helpers
        || module.tables.len() > 1
        || module
            .tables
            .iter()
            .any(|table| table.element != ValType::FUNCREF)
        || module.types.iter().any(signature)
        || module
            .globals
            .iter()
            .any(|global| global.ty.value.is_reference())
        || module
            .elements
            .iter()
            .any(|segment| segment.mode == ElemMode::Passive)
}
