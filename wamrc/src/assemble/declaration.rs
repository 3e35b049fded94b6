//! The module's declarations in the container's form: memories, tables, types, globals, segments,
//! imports, exports (spec A.5.4 to A.5.10, A.8).

use super::expression::Pairs;
use crate::error::CompileError;
use crate::plan::{MemoryPlan, Plan};
use crate::wasm::{Composite, DataMode, ElemMode, Extern, IndexType, Memory, Module, ValType};
use aot_format::{
    DataSegment, ElemSegment, Export, ExportKind, Fields, FuncType, Global, ImportFunc,
    ImportGlobal, InitExpr, MemoryType, RefInfo, RefType, Representation, SubType, TableType,
    TypeDef,
};

/// Declarations with everything the container borrows.
pub(super) struct Declarations<'m, 'a> {
    module: &'m Module<'a>,
    plan: &'m Plan,
    globals: Vec<Global<'m>>,
    data: Vec<InitExpr<'m>>,
    elems: Vec<(InitExpr<'m>, Vec<InitExpr<'m>>)>,
    types: Vec<SubType<'m>>,
    table_values: Vec<InitExpr<'m>>,
}

impl<'m, 'a> Declarations<'m, 'a> {
    pub(super) fn new(
        module: &'m Module<'a>,
        plan: &'m Plan,
        pairs: &Pairs<'m>,
    ) -> Result<Self, CompileError> {
        let mut globals = Vec::new();
        for global in &module.globals {
            if let Some(init) = global.origin.defined() {
                let (ty, mutable) = (global.ty.value, global.ty.mutable);
                globals.push(Global {
                    ty,
                    mutable,
                    init: pairs.convert(init)?,
                });
            }
        }
        let mut data = Vec::with_capacity(module.data.len());
        for segment in &module.data {
            data.push(match &segment.mode {
                DataMode::Active { offset, .. } => pairs.convert(offset)?,
                DataMode::Passive => InitExpr::None,
            });
        }
        let mut elems = Vec::with_capacity(module.elements.len());
        for segment in &module.elements {
            let offset = match &segment.mode {
                ElemMode::Active { offset, .. } => pairs.convert(offset)?,
                ElemMode::Passive | ElemMode::Declared => InitExpr::None,
            };
            let values = segment.values.iter().map(|value| pairs.convert(value));
            elems.push((offset, values.collect::<Result<Vec<_>, _>>()?));
        }
        let table_values = module
            .tables
            .iter()
            .map(|table| match table.origin.defined() {
                Some(Some(value)) => pairs.convert(value),
                _ => Ok(InitExpr::None),
            });
        Ok(Self {
            module,
            plan,
            types: types(module)?,
            table_values: table_values.collect::<Result<Vec<_>, _>>()?,
            globals,
            data,
            elems,
        })
    }

    /// Memories; never none (A.5.4).
    pub(super) fn memories(&self) -> Vec<MemoryType> {
        if self.module.memories.is_empty() {
            return vec![MemoryType::NONE];
        }
        let declared = self.module.memories.iter().zip(&self.plan.memories);
        let convert = |(memory, plan): (&Memory<'_>, &MemoryPlan)| MemoryType {
            flags: flag(memory.limits.max.is_some(), MemoryType::HAS_MAX)
                | flag(memory.shared, MemoryType::SHARED)
                | flag(memory.index == IndexType::I64, MemoryType::MEMORY64)
                | flag(!plan.fits_stock(&self.plan.checks), MemoryType::OURS),
            page_bytes: plan.page_bytes,
            init_pages: narrow(plan.min_pages),
            max_pages: narrow(plan.max_pages),
        };
        declared.map(convert).collect()
    }

    pub(super) fn data(&self) -> Vec<DataSegment<'m>> {
        let segments = self.module.data.iter().zip(&self.data);
        segments
            .map(|(segment, offset)| DataSegment {
                passive: segment.mode == DataMode::Passive,
                memory: match &segment.mode {
                    DataMode::Active { memory, .. } => memory.0,
                    DataMode::Passive => 0,
                },
                offset: *offset,
                bytes: segment.bytes,
            })
            .collect()
    }

    pub(super) fn tables(&self) -> Vec<TableType<'m>> {
        let declared = self.module.tables.iter().zip(&self.plan.tables);
        declared
            .zip(&self.table_values)
            .map(|((table, plan), value)| TableType {
                elem: plan.element.reference().unwrap_or(RefType::FUNC),
                flags: flag(table.limits.max.is_some(), TableType::HAS_MAX)
                    | flag(table.index == IndexType::I64, TableType::TABLE64),
                possible_grow: plan.may_grow,
                nullable: nullable(plan.element),
                init: plan.min,
                max: plan.max,
                value: *value,
            })
            .collect()
    }

    pub(super) fn elems(&self) -> Vec<ElemSegment<'_>> {
        let segments = self.module.elements.iter().zip(&self.elems);
        segments
            .map(|(segment, (offset, values))| {
                // The low bits of the wasm encoding's flags (A.5.7).
                let (mode, table) = match &segment.mode {
                    ElemMode::Active { table, .. } if table.0 == 0 => (0, 0),
                    ElemMode::Active { table, .. } => (2, table.0),
                    ElemMode::Passive => (1, 0),
                    ElemMode::Declared => (3, 0),
                };
                let code = segment.element.code();
                ElemSegment {
                    mode,
                    elem_type: u32::from(code),
                    table,
                    offset: *offset,
                    ref_info: ref_info(self.plan, segment.element),
                    values: values.as_slice().into(),
                }
            })
            .collect()
    }

    pub(super) fn types(&self) -> Vec<SubType<'m>> {
        self.types.clone()
    }

    pub(super) fn import_globals(&self) -> Vec<ImportGlobal<'a>> {
        let imported = self.module.globals.iter();
        imported
            .filter_map(|global| {
                let name = global.origin.import()?;
                Some(ImportGlobal {
                    ty: global.ty.value,
                    mutable: global.ty.mutable,
                    module: name.module,
                    name: name.name,
                })
            })
            .collect()
    }

    pub(super) fn globals(&self) -> Vec<Global<'m>> {
        self.globals.clone()
    }

    pub(super) fn import_funcs(&self) -> Vec<ImportFunc<'a>> {
        let imported = self.module.functions.iter().zip(&self.plan.imported_types);
        imported
            .filter_map(|(function, ty)| {
                let name = function.origin.import()?;
                Some(ImportFunc {
                    type_index: ty.0,
                    module: name.module,
                    name: name.name,
                })
            })
            .collect()
    }
}

/// The flag if it is to be set.
fn flag<T: Default>(set: bool, flag: T) -> T {
    if set { flag } else { T::default() }
}

/// Sizes beyond 32 bits are in our record alone; as for stock, all ones stand for "as far as
/// addresses reach".
fn narrow(pages: u64) -> u32 {
    u32::try_from(pages).unwrap_or(u32::MAX)
}

/// The types with their recursion groups.
fn types<'m>(module: &'m Module<'_>) -> Result<Vec<SubType<'m>>, CompileError> {
    let types = module.types.iter().zip(0_u32..);
    types
        .map(|(ty, index)| {
            let def = match &ty.composite {
                Composite::Func(ty) => TypeDef::Func(FuncType::new(&ty.params, &ty.results)),
                Composite::Struct(fields) => TypeDef::Struct(Fields::new(fields)),
                Composite::Array(element) => TypeDef::Array(*element),
            };
            Ok(SubType {
                is_final: ty.is_final,
                parent: ty.supertype.map(|supertype| supertype.0),
                group_len: group_size(ty.group.count)?,
                group_index: group_size(index.saturating_sub(ty.group.first.0))?,
                def,
            })
        })
        .collect()
}

/// A number of types in a recursion group, for which the container has 16 bits.
fn group_size(count: u32) -> Result<u16, CompileError> {
    u16::try_from(count).map_err(|_| CompileError::Limit {
        what: "types in a recursion group",
        value: u64::from(count),
        limit: u64::from(u16::MAX),
        offset: None,
    })
}

/// Whether stock is told that null is among the values of a type. It asks only about types whose code
/// does not say so.
fn nullable(ty: ValType) -> u8 {
    u8::from(ty.code() == RefType::NULL)
}

/// What stands beside the type code of an element segment.
fn ref_info(plan: &Plan, element: ValType) -> RefInfo {
    match (plan.references.representation, element.reference()) {
        (Representation::Object, Some(element)) => RefInfo::of(element),
        _ => RefInfo {
            ref_type: element.code().into(),
            nullable: 0,
            heap_type: 0,
        },
    }
}

/// The exports, in the module's order.
pub(super) fn exports<'a>(module: &Module<'a>) -> Vec<Export<'a>> {
    // Tags have a section of their own.
    let convert = |export: &crate::wasm::Export<'a>| {
        let (kind, index) = match export.item {
            Extern::Func(function) => (ExportKind::Func, function.0),
            Extern::Table(table) => (ExportKind::Table, table.0),
            Extern::Memory(memory) => (ExportKind::Memory, memory.0),
            Extern::Global(global) => (ExportKind::Global, global.0),
            Extern::Tag(_) => return None,
        };
        Some(Export {
            index,
            kind,
            name: export.name,
        })
    };
    module.exports.iter().filter_map(convert).collect()
}
