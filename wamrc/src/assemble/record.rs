//! Our own section: what the file relies on, entry thunks, where memories and tables come from.

use crate::CpuNames;
use crate::object::Extracted;
use crate::plan::Requirements;
use crate::wasm::{Limits, Module};
use aot_format::{DeclaredLimits, EntryThunk, FloatAbi, LinkImport, LinkKind, Record, Relies};

/// The lists the record borrows.
pub(super) struct Lists<'a> {
    thunks: Vec<EntryThunk>,
    link_imports: Vec<LinkImport<'a>>,
    memory_limits: Vec<DeclaredLimits>,
    table_limits: Vec<DeclaredLimits>,
}

impl<'a> Lists<'a> {
    pub(super) fn new(module: &Module<'a>, extracted: &Extracted) -> Self {
        let thunks = extracted.thunks.iter();
        let memories = module.memories.iter().map(|memory| memory.origin.import());
        let tables = module.tables.iter().map(|table| table.origin.import());
        let memories = memories.map(|name| (LinkKind::Memory, name)).zip(0_u32..);
        let tables = tables.map(|name| (LinkKind::Table, name)).zip(0_u32..);
        Self {
            thunks: thunks
                .map(|(ty, offset)| EntryThunk {
                    type_index: ty.0,
                    text_offset: offset.0,
                })
                .collect(),
            link_imports: memories
                .chain(tables)
                .filter_map(|((kind, name), index)| {
                    let name = name?;
                    Some(LinkImport {
                        kind,
                        index,
                        module: name.module,
                        name: name.name,
                    })
                })
                .collect(),
            memory_limits: module
                .memories
                .iter()
                .map(|memory| declared(memory.limits))
                .collect(),
            table_limits: module
                .tables
                .iter()
                .map(|table| declared(table.limits))
                .collect(),
        }
    }

    pub(super) fn record<'r>(
        &'r self,
        requirements: &Requirements,
        cpu: &'r CpuNames,
        compiler: &'r str,
    ) -> Record<'r> {
        Record {
            relies: relies(requirements),
            float_abi: FloatAbi::Double,
            cpu: &cpu.name,
            features: &cpu.features,
            compiler,
            thunks: self.thunks.as_slice().into(),
            link_imports: self.link_imports.as_slice().into(),
            memory_limits: self.memory_limits.as_slice().into(),
            table_limits: self.table_limits.as_slice().into(),
        }
    }
}

fn declared(limits: Limits) -> DeclaredLimits {
    DeclaredLimits {
        min: limits.min,
        max: limits.max,
    }
}

fn relies(requirements: &Requirements) -> Relies {
    let bits = [
        (requirements.guard_pages, Relies::GUARD_PAGES),
        (requirements.unwinding_traps, Relies::UNWINDING_TRAPS),
        (requirements.stack_guard, Relies::STACK_GUARD),
        (
            requirements.imported_global_cells,
            Relies::IMPORTED_GLOBAL_CELLS,
        ),
        (requirements.foreign_functions, Relies::FOREIGN_FUNCTIONS),
        (requirements.garbage_collection, Relies::GARBAGE_COLLECTION),
        (requirements.argument_area, Relies::ARGUMENT_AREA),
        (requirements.memory64, Relies::MEMORY64),
        (requirements.multi_memory, Relies::MULTI_MEMORY),
        (requirements.custom_page_sizes, Relies::CUSTOM_PAGE_SIZES),
        (requirements.threads, Relies::THREADS),
    ];
    let needed = bits.iter().filter(|(needed, _)| *needed);
    needed.fold(Relies::NONE, |set, (_, bit)| set | *bit)
}
