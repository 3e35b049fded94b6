//! The declarations of a file in owned form: what instantiation needs after
//! the file's bytes are gone.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use aot_format::{
    AuxInfo, BinaryOp, ConstructOp, DeclaredLimits, ElemMode, ExportKind, FeatureFlags, InitExpr,
    LinkKind, References, Relies, Representation, ValType, View,
};

use crate::error::LoadError;
use crate::layout::ModuleLayout;
use crate::limits::Limits;
use crate::memory::{MemoryInit, MemoryType, PAGE_BYTES};
use crate::table::TableType;
use crate::types::TypeDecl;
use crate::value::vector_slots;

mod types;

use types::Kinds;

/// Where an import comes from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) module: String,
    pub(crate) name: String,
}

impl Origin {
    fn new(module: &str, name: &str) -> Origin {
        Origin {
            module: module.into(),
            name: name.into(),
        }
    }
}

/// An initialiser.
#[derive(Debug)]
pub(crate) enum Init {
    /// A constant as slots.
    Bits([u64; 2]),
    /// A null reference.
    RefNull,
    /// A function by its index.
    RefFunc(u32),
    /// A global by its index.
    GlobalGet(u32),
    /// Two operands. Invariant: nested no deeper than `aot_format::limits::INIT_EXPR_DEPTH` (so are those of objects).
    Binary(BinaryOp, Box<[Init; 2]>),
    /// An integer of 31 bits as a reference.
    I31(u32),
    /// An object of this type (by index), or a conversion, with operands.
    Construct(ConstructOp, u32, Box<[Init]>),
}

fn init(expr: &InitExpr<'_>) -> Init {
    match expr {
        InitExpr::None => Init::Bits([0, 0]),
        InitExpr::I32(bits) | InitExpr::F32(bits) => Init::Bits([(*bits).into(), 0]),
        InitExpr::I64(bits) | InitExpr::F64(bits) => Init::Bits([*bits, 0]),
        InitExpr::V128(bits) => Init::Bits(vector_slots(*bits)),
        InitExpr::GlobalGet(index) => Init::GlobalGet(*index),
        InitExpr::RefNull(_) | InitExpr::RefFunc(u32::MAX) => Init::RefNull,
        InitExpr::I31(value) => Init::I31(*value),
        InitExpr::Construct(new) => {
            let operands = new.operands();
            let operands = operands.iter().map(|operand| init(&operand)).collect();
            Init::Construct(new.op, new.type_index, operands)
        }
        InitExpr::RefFunc(index) => Init::RefFunc(*index),
        InitExpr::Binary(binary) => {
            let [left, right] = binary.operands();
            Init::Binary(binary.op, Box::new([init(&left), init(&right)]))
        }
    }
}

/// A defined global.
#[derive(Debug)]
pub(crate) struct GlobalDecl {
    pub(crate) ty: ValType,
    pub(crate) mutable: bool,
    pub(crate) init: Init,
}

/// A memory, imported or defined.
#[derive(Debug)]
pub(crate) struct MemoryDecl {
    pub(crate) origin: Option<Origin>,
    pub(crate) init: MemoryInit,
}

/// A table, imported or defined.
#[derive(Debug)]
pub(crate) struct TableDecl {
    pub(crate) origin: Option<Origin>,
    pub(crate) ty: TableType,
    /// First number of elements.
    pub(crate) init: u32,
    /// Elements the instance has room for.
    room: u32,
    /// First value of the elements, if it is not null.
    pub(crate) value: Option<Init>,
}

/// Exception tags.
#[derive(Debug, Default)]
pub(crate) struct TagDecls {
    /// Whether the code looks for exceptions after calls.
    pub(crate) handles: bool,
    /// Imported tags with their types.
    pub(crate) imports: Vec<(Origin, u32)>,
    /// Types of the defined tags.
    pub(crate) defined: Vec<u32>,
    /// Exported tags with their indices.
    pub(crate) exports: Vec<(String, u32)>,
}

fn tags(view: &View<'_>) -> TagDecls {
    let Some(tags) = view.tags() else {
        return TagDecls::default();
    };
    let imports = tags.imports.iter();
    let exports = tags.exports.iter();
    TagDecls {
        handles: tags.handles,
        imports: imports
            .map(|tag| (Origin::new(tag.module, tag.name), tag.type_index))
            .collect(),
        defined: tags.defined.iter().map(|tag| tag.type_index).collect(),
        exports: exports
            .map(|tag| (String::from(tag.name), tag.index))
            .collect(),
    }
}

/// A data segment.
#[derive(Debug)]
pub(crate) struct Data {
    /// Memory and offset, if active.
    pub(crate) active: Option<(u32, Init)>,
    pub(crate) bytes: Box<[u8]>,
}

/// An element segment.
#[derive(Debug)]
pub(crate) struct Elem {
    /// Table and offset, if active.
    pub(crate) active: Option<(u32, Init)>,
    /// For `table.init`.
    pub(crate) passive: bool,
    /// Type of the elements.
    pub(crate) element: ValType,
    pub(crate) values: Vec<Init>,
}

/// Everything a module declares.
pub(crate) struct Declarations {
    pub(crate) types: Vec<TypeDecl>,
    /// What references are.
    pub(crate) references: References,
    /// Canonical type indices of the defined functions.
    pub(crate) functions: Vec<u32>,
    /// Cells of 32 bits that a function's locals and operands take at most.
    pub(crate) frame_cells: u32,
    /// Imported functions with canonical type indices.
    pub(crate) import_funcs: Vec<(Origin, u32)>,
    pub(crate) import_globals: Vec<(Origin, ValType, bool)>,
    pub(crate) globals: Vec<GlobalDecl>,
    pub(crate) memories: Vec<MemoryDecl>,
    pub(crate) tables: Vec<TableDecl>,
    pub(crate) tags: TagDecls,
    pub(crate) elems: Vec<Elem>,
    pub(crate) data: Vec<Data>,
    pub(crate) exports: Vec<(String, ExportKind, u32)>,
    /// Positions in `exports`, sorted by name.
    pub(crate) export_order: Vec<usize>,
    pub(crate) aux: AuxInfo,
    pub(crate) features: FeatureFlags,
    pub(crate) has_record: bool,
    pub(crate) may_meet_foreign: bool,
    /// Memories in the instance's layout (a module without has one).
    memory_slots: u32,
}

impl Declarations {
    /// Copies the declarations out of a view.
    pub(crate) fn read(view: &View<'_>) -> Result<Declarations, LoadError> {
        let exports: Vec<_> = view
            .exports()
            .iter()
            .map(|e| (String::from(e.name), e.kind, e.index))
            .collect();
        let mut export_order: Vec<usize> = (0..exports.len()).collect();
        export_order
            .sort_by_key(|&position| exports.get(position).map_or("", |(name, ..)| name.as_str()));
        let mut declarations = Declarations {
            types: types::read(view)?,
            references: view.target().references(),
            functions: view
                .functions()
                .iter()
                .map(|function| function.type_index)
                .collect(),
            frame_cells: view
                .functions()
                .iter()
                .map(|entry| entry.max_local_cells.saturating_add(entry.max_stack_cells))
                .max()
                .unwrap_or(0),
            import_funcs: view
                .import_funcs()
                .iter()
                .map(|f| (Origin::new(f.module, f.name), f.type_index))
                .collect(),
            import_globals: view
                .import_globals()
                .iter()
                .map(|g| (Origin::new(g.module, g.name), g.ty, g.mutable))
                .collect(),
            globals: view
                .globals()
                .iter()
                .map(|g| GlobalDecl {
                    ty: g.ty,
                    mutable: g.mutable,
                    init: init(&g.init),
                })
                .collect(),
            memories: memories(view),
            tables: tables(view),
            tags: tags(view),
            elems: elems(view),
            data: data(view),
            exports,
            export_order,
            aux: *view.aux(),
            features: view.target().features,
            has_record: view.record().is_some(),
            may_meet_foreign: false,
            memory_slots: view.memories().len(),
        };
        declarations.link_record(view)?;
        declarations.check_types()?;
        declarations.may_meet_foreign = declarations.meets_foreign(view);
        Ok(declarations)
    }

    /// Takes over what only the record says: origins of memories and tables,
    /// and limits as declared.
    fn link_record(&mut self, view: &View<'_>) -> Result<(), LoadError> {
        let Some(record) = view.record() else {
            return Ok(());
        };
        if record.memory_limits.is_empty() {
            self.memories.clear();
        }
        for (memory, declared) in self.memories.iter_mut().zip(record.memory_limits) {
            memory.init.declare(limits(declared));
        }
        for (table, declared) in self.tables.iter_mut().zip(record.table_limits) {
            table.ty.limits = limits(declared);
        }
        for import in record.link_imports {
            let position = import.index as usize;
            let origin = match import.kind {
                LinkKind::Memory => self
                    .memories
                    .get_mut(position)
                    .map(|memory| &mut memory.origin),
                LinkKind::Table => self.tables.get_mut(position).map(|table| &mut table.origin),
            };
            *origin.ok_or(LoadError::Record)? = Some(Origin::new(import.module, import.name));
        }
        Ok(())
    }

    /// Checks what views cannot: that a global takes its value from one of
    /// its type, that offsets are integers, and that what exports and
    /// segments name is there after all.
    fn check_types(&self) -> Result<(), LoadError> {
        let imported = self.import_globals.iter().map(|(_, ty, _)| *ty);
        let all: Vec<ValType> = imported
            .chain(self.globals.iter().map(|global| global.ty))
            .collect();
        let kinds = Kinds {
            types: &self.types,
            globals: &all,
        };
        let fits = |init: &Init, ty: ValType| kinds.fits(init, ty);
        let mut tables = self.tables.iter();
        let tables = tables.all(|table| {
            let value = table.value.as_ref();
            value.is_none_or(|value| fits(value, table.ty.element))
        });
        let globals = self
            .globals
            .iter()
            .all(|global| fits(&global.init, global.ty));
        let offset = |init: &Init| fits(init, ValType::I32) || fits(init, ValType::I64);
        let memories = self.memories.len();
        let data = self.data.iter().filter_map(|data| data.active.as_ref());
        let data = data
            .clone()
            .all(|(memory, init)| offset(init) && (*memory as usize) < memories);
        let elems = self
            .elems
            .iter()
            .all(|elem| self.elem_fits(elem, &all, &offset));
        let mut exports = self.exports.iter();
        let exports = exports
            .all(|(_, kind, index)| *kind != ExportKind::Memory || (*index as usize) < memories);
        if tables && globals && data && elems && exports {
            Ok(())
        } else {
            Err(LoadError::Record)
        }
    }

    fn elem_fits(&self, elem: &Elem, globals: &[ValType], offset: &impl Fn(&Init) -> bool) -> bool {
        let kinds = Kinds {
            types: &self.types,
            globals,
        };
        let all = |ty: ValType| elem.values.iter().all(|init| kinds.fits(init, ty));
        let values = match self.references.representation {
            Representation::Object => all(elem.element),
            Representation::Index => elem.values.iter().all(|init| {
                kinds.fits(init, ValType::FUNCREF) || kinds.fits(init, ValType::EXTERNREF)
            }),
        };
        values
            && elem.active.as_ref().is_none_or(|(table, init)| {
                let element = self
                    .tables
                    .get(*table as usize)
                    .map(|table| table.ty.element);
                offset(init) && element.is_some_and(all)
            })
    }

    /// Whether references to functions of other instances can come in as indices.
    fn meets_foreign(&self, view: &View<'_>) -> bool {
        if self.references.representation == Representation::Object {
            return false;
        }
        let relies = view
            .record()
            .is_some_and(|record| record.relies.contains(Relies::FOREIGN_FUNCTIONS));
        let types = self.types.iter().any(TypeDecl::has_funcref);
        let globals = self
            .import_globals
            .iter()
            .any(|(_, ty, _)| *ty == ValType::FUNCREF)
            || self
                .exports
                .iter()
                .any(|(_, kind, _)| *kind == ExportKind::Global)
                && self
                    .globals
                    .iter()
                    .any(|global| global.ty == ValType::FUNCREF);
        let tables = self.tables.iter().any(|table| table.origin.is_some())
            || self
                .exports
                .iter()
                .any(|(_, kind, _)| *kind == ExportKind::Table);
        relies || types || globals || tables
    }

    /// Where everything lies in an instance.
    pub(crate) fn layout(&self) -> Result<ModuleLayout, LoadError> {
        let size = |ty: ValType| ty.size_in(self.references);
        let imported = self.import_globals.iter().map(|(_, ty, _)| size(*ty));
        let globals = imported.chain(self.globals.iter().map(|global| size(global.ty)));
        let tables = self.tables.iter().map(|table| table.room);
        ModuleLayout::new(self.memory_slots, globals, tables)
            .map_err(|_| LoadError::InstanceTooLarge)
    }
}

fn limits(declared: DeclaredLimits) -> Limits {
    Limits {
        min: declared.min,
        max: declared.max,
    }
}

fn memories(view: &View<'_>) -> Vec<MemoryDecl> {
    let declare = |memory: aot_format::MemoryType| {
        // Pages of one byte are a type of their own; any other number is stock's way to write the
        // size of a memory that never grows.
        let page_bytes = match memory.page_bytes {
            1 => 1,
            _ => PAGE_BYTES,
        };
        let page = u64::from(page_bytes);
        let max = u64::from(memory.max_pages) * u64::from(memory.page_bytes) / page;
        let max = memory.has(aot_format::MemoryType::HAS_MAX).then_some(max);
        let ty = MemoryType::new(memory.init_bytes() / page, max)
            .with_memory64(memory.has(aot_format::MemoryType::MEMORY64))
            .with_page_bytes(page_bytes)
            .with_shared(memory.has(aot_format::MemoryType::SHARED));
        let init = MemoryInit {
            page_bytes: memory.page_bytes,
            pages: memory.init_pages.into(),
            max_pages: memory.max_pages.into(),
            ty,
        };
        MemoryDecl { origin: None, init }
    };
    view.memories().iter().map(declare).collect()
}

fn tables(view: &View<'_>) -> Vec<TableDecl> {
    let declare = |table: aot_format::TableType<'_>| {
        let flag = |flag| table.flags & flag != 0;
        let max = flag(aot_format::TableType::HAS_MAX).then_some(u64::from(table.max));
        TableDecl {
            origin: None,
            ty: TableType::new(ValType::Ref(table.elem), table.init.into(), max)
                .with_table64(flag(aot_format::TableType::TABLE64)),
            init: table.init,
            room: table.slots(),
            value: match &table.value {
                InitExpr::None | InitExpr::RefNull(_) => None,
                value => Some(init(value)),
            },
        }
    };
    view.tables().iter().map(declare).collect()
}

fn elems(view: &View<'_>) -> Vec<Elem> {
    let elems = view.elems();
    elems
        .iter()
        .map(|elem| Elem {
            active: (elem.usage() == ElemMode::Active).then(|| (elem.table, init(&elem.offset))),
            passive: elem.usage() == ElemMode::Passive,
            element: ValType::Ref(elem.element()),
            values: elem.values.iter().map(|value| init(&value)).collect(),
        })
        .collect()
}

fn data(view: &View<'_>) -> Vec<Data> {
    let data = view.data();
    data.iter()
        .map(|data| Data {
            active: (!data.passive).then(|| (data.memory, init(&data.offset))),
            bytes: data.bytes.into(),
        })
        .collect()
}
