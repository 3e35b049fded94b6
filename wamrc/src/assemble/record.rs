//! Our own section: what the file relies on, entry thunks, where memories and tables come from.

use crate::CpuNames;
use crate::object::Extracted;
use crate::options::Options;
use crate::plan::{ExceptionPlan, Plan, Requirements};
use crate::wasm::{Extern, Limits, Module};
use aot_format::{
    DeclaredLimits, DefinedTag, EntryThunk, ExportTag, FloatAbi, ImportTag, LinkImport, LinkKind,
    Record, Relies, Tags,
};

/// The lists the record borrows.
pub(super) struct Lists<'a> {
    thunks: Vec<EntryThunk>,
    link_imports: Vec<LinkImport<'a>>,
    memory_limits: Vec<DeclaredLimits>,
    table_limits: Vec<DeclaredLimits>,
    import_tags: Vec<ImportTag<'a>>,
    defined_tags: Vec<DefinedTag>,
    export_tags: Vec<ExportTag<'a>>,
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
            import_tags: import_tags(module),
            defined_tags: module
                .tags
                .iter()
                .filter(|tag| tag.origin.import().is_none())
                .map(|tag| DefinedTag {
                    type_index: module.canonical_type(tag.ty).0,
                })
                .collect(),
            export_tags: export_tags(module),
        }
    }

    /// The exception tags, if the file has to do with exceptions.
    pub(super) fn tags(&self, plan: &ExceptionPlan) -> Option<Tags<'_>> {
        plan.used.then(|| Tags {
            handles: plan.handles,
            imports: self.import_tags.as_slice().into(),
            defined: self.defined_tags.as_slice().into(),
            exports: self.export_tags.as_slice().into(),
        })
    }

    pub(super) fn record<'r>(
        &'r self,
        plan: &Plan,
        options: &Options,
        cpu: &'r CpuNames,
        compiler: &'r str,
    ) -> Record<'r> {
        Record {
            relies: relies(&plan.requirements),
            float_abi: match options.float_abi() {
                targets::FloatAbi::Soft => FloatAbi::Soft,
                targets::FloatAbi::Single => FloatAbi::Single,
                targets::FloatAbi::Double => FloatAbi::Double,
            },
            cpu: &cpu.name,
            features: &cpu.required,
            compiler,
            thunks: self.thunks.as_slice().into(),
            link_imports: self.link_imports.as_slice().into(),
            memory_limits: self.memory_limits.as_slice().into(),
            table_limits: self.table_limits.as_slice().into(),
        }
    }
}

fn import_tags<'a>(module: &Module<'a>) -> Vec<ImportTag<'a>> {
    let tags = module.tags.iter().filter_map(|tag| {
        let name = tag.origin.import()?;
        Some(ImportTag {
            type_index: module.canonical_type(tag.ty).0,
            module: name.module,
            name: name.name,
        })
    });
    tags.collect()
}

fn export_tags<'a>(module: &Module<'a>) -> Vec<ExportTag<'a>> {
    let exports = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            Extern::Tag(tag) => Some(ExportTag {
                index: tag.0,
                name: export.name,
            }),
            _ => None,
        });
    exports.collect()
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
        (requirements.exceptions, Relies::EXCEPTIONS),
    ];
    let needed = bits.iter().filter(|(needed, _)| *needed);
    needed.fold(Relies::NONE, |set, (_, bit)| set | *bit)
}
