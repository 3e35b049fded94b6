//! Bytes to [`Module`]: one pass that reads, validates and collects.
//!
//! Validation is wasmparser's; a payload is only looked at after it has been validated, so
//! nothing here checks indices or types again. Core spec 5 ("Binary format").

use super::body::{Body, Uses};
use super::constant::{ConstExpr, read_const};
use super::features::{ACCEPTED, diagnose};
use super::hint::{Hints, place_hints, read_hints};
use super::index::{FuncIdx, GlobalIdx, MemoryIdx, TableIdx, TypeIdx, WasmOffset};
use super::module::{
    CustomSection, DataMode, DataSegment, ElemMode, ElemSegment, Export, Extern, FuncType,
    Function, Global, GlobalType, ImportName, IndexType, Limits, Memory, Module, Origin,
    PAGE_BYTES, Table, ValType,
};
use super::names::read_names;
use super::scan::scan_body;
use crate::error::CompileError;
use std::collections::HashMap;
use wasmparser::{
    CompositeInnerType, DataKind, ElementItems, ElementKind, ExternalKind,
    FuncValidatorAllocations, Parser, Payload, TypeRef, ValidPayload, Validator,
};

/// Version and layer of a component binary, where a module has `01 00 00 00`.
const COMPONENT_VERSION: [u8; 4] = [0x0d, 0x00, 0x01, 0x00];

/// Parses and validates a module.
///
/// # Errors
/// `NotWasm`, `Invalid` and `Unsupported` with the offset of the first thing that is wrong or not
/// supported; `Limit` for constant expressions that are nested too deeply.
pub fn parse(bytes: &[u8]) -> Result<Module<'_>, CompileError> {
    if !bytes.starts_with(b"\0asm") {
        return Err(CompileError::NotWasm {
            found: print_start(bytes),
        });
    }
    if bytes.get(4..8) == Some(&COMPONENT_VERSION) {
        let (feature, offset) = ("the component model", WasmOffset(4));
        return Err(CompileError::Unsupported { feature, offset });
    }
    let mut reader = Reader::new(bytes);
    match reader.read_all() {
        Ok(()) => reader.finish(),
        Err(Failure::Wasm(error)) => Err(diagnose(bytes, &error)),
        Err(Failure::Compile(error)) => Err(error),
    }
}

fn print_start(bytes: &[u8]) -> String {
    let start: Vec<String> = bytes
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if start.is_empty() {
        "nothing (the input is empty)".to_owned()
    } else {
        start.join(" ")
    }
}

/// Keeps validation failures apart until `diagnose` has seen them.
pub(super) enum Failure {
    Wasm(wasmparser::Error),
    Compile(CompileError),
}

impl From<wasmparser::Error> for Failure {
    fn from(error: wasmparser::Error) -> Self {
        Self::Wasm(error)
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Self {
        Self::Compile(error)
    }
}

/// The module under construction.
struct Reader<'a> {
    module: Module<'a>,
    /// Types of the defined functions, from the function section.
    declared: Vec<TypeIdx>,
    /// Branch hints of the functions whose bodies have not been read yet.
    hints: Hints,
    /// Reused between functions.
    allocations: FuncValidatorAllocations,
    /// Content of the last name section, read at the end when the function count is known.
    name_section: Option<wasmparser::BinaryReader<'a>>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let module = Module {
            bytes,
            types: Vec::new(),
            canonical: Vec::new(),
            functions: Vec::new(),
            imported_functions: 0,
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
            start: None,
            elements: Vec::new(),
            data: Vec::new(),
            custom: Vec::new(),
            function_names: Vec::new(),
            name: None,
            uses: Uses::default(),
        };
        Self {
            module,
            declared: Vec::new(),
            hints: Hints::new(),
            allocations: FuncValidatorAllocations::default(),
            name_section: None,
        }
    }

    fn read_all(&mut self) -> Result<(), Failure> {
        let mut parser = Parser::new(0);
        parser.set_features(ACCEPTED);
        let mut validator = Validator::new_with_features(ACCEPTED);
        for payload in parser.parse_all(self.module.bytes) {
            let payload = payload?;
            match validator.payload(&payload)? {
                ValidPayload::Func(function, body) => {
                    let allocations = std::mem::take(&mut self.allocations);
                    let mut validator = function.into_validator(allocations);
                    let start = body.range().start;
                    let mut body = scan_body(&mut validator, &body, &mut self.module.uses)?;
                    let index = FuncIdx::from_position(self.module.functions.len());
                    body.hints = place_hints(self.hints.remove(&index).unwrap_or_default(), start);
                    self.allocations = validator.into_allocations();
                    self.push_function(body)?;
                }
                _ => self.read_section(payload)?,
            }
        }
        Ok(())
    }

    fn push_function(&mut self, body: Body<'a>) -> Result<(), Failure> {
        let defined = self.module.functions.len() - self.imported_position();
        let Some(ty) = self.declared.get(defined).copied() else {
            return Err(CompileError::internal("more bodies than declared functions").into());
        };
        self.module.functions.push(Function {
            ty,
            origin: Origin::Defined(body),
        });
        Ok(())
    }

    fn imported_position(&self) -> usize {
        FuncIdx(self.module.imported_functions).position()
    }

    fn read_section(&mut self, payload: Payload<'a>) -> Result<(), Failure> {
        match payload {
            Payload::TypeSection(section) => self.read_types(section),
            Payload::ImportSection(section) => self.read_imports(section),
            Payload::FunctionSection(section) => self.read_functions(section),
            Payload::TableSection(section) => self.read_tables(section),
            Payload::MemorySection(section) => self.read_memories(section),
            Payload::GlobalSection(section) => self.read_globals(section),
            Payload::ExportSection(section) => self.read_exports(section),
            Payload::ElementSection(section) => self.read_elements(section),
            Payload::DataSection(section) => self.read_data(section),
            Payload::StartSection { func, .. } => {
                self.module.start = Some(FuncIdx(func));
                Ok(())
            }
            Payload::CustomSection(section) => {
                self.read_custom(&section);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn read_types(&mut self, section: wasmparser::TypeSectionReader<'a>) -> Result<(), Failure> {
        for group in section.into_iter_with_offsets() {
            let (offset, group) = group?;
            for sub_type in group.into_types() {
                let CompositeInnerType::Func(func) = sub_type.composite_type.inner else {
                    return Err(internal_type(offset));
                };
                let convert = |types: &[wasmparser::ValType]| {
                    types
                        .iter()
                        .map(|ty| val_type(*ty, offset))
                        .collect::<Result<Vec<_>, _>>()
                };
                let ty = FuncType {
                    params: convert(func.params())?,
                    results: convert(func.results())?,
                };
                if ty
                    .params
                    .iter()
                    .chain(&ty.results)
                    .any(|ty| *ty == ValType::V128)
                {
                    self.module.uses.note_simd(WasmOffset(offset));
                }
                self.module.types.push(ty);
            }
        }
        Ok(())
    }

    fn read_imports(
        &mut self,
        section: wasmparser::ImportSectionReader<'a>,
    ) -> Result<(), Failure> {
        for import in section.into_imports_with_offsets() {
            let (offset, import) = import?;
            let name = ImportName {
                module: import.module,
                name: import.name,
            };
            match import.ty {
                TypeRef::Func(ty) => {
                    let origin = Origin::Import(name);
                    self.module.functions.push(Function {
                        ty: TypeIdx(ty),
                        origin,
                    });
                    self.module.imported_functions += 1;
                }
                TypeRef::Table(ty) => {
                    let table = self.table(&ty, Origin::Import(name), offset)?;
                    self.module.tables.push(table);
                }
                TypeRef::Memory(ty) => {
                    let memory = memory(&ty, Origin::Import(name));
                    self.module.memories.push(memory);
                }
                TypeRef::Global(ty) => {
                    let ty = self.global_type(&ty, offset)?;
                    self.module.globals.push(Global {
                        ty,
                        origin: Origin::Import(name),
                    });
                }
                TypeRef::Tag(_) | TypeRef::FuncExact(_) => return Err(internal_type(offset)),
            }
        }
        Ok(())
    }

    fn read_functions(
        &mut self,
        section: wasmparser::FunctionSectionReader<'a>,
    ) -> Result<(), Failure> {
        for ty in section {
            self.declared.push(TypeIdx(ty?));
        }
        Ok(())
    }

    fn read_tables(&mut self, section: wasmparser::TableSectionReader<'a>) -> Result<(), Failure> {
        for entry in section.into_iter_with_offsets() {
            let (offset, entry) = entry?;
            let table = self.table(&entry.ty, Origin::Defined(()), offset)?;
            self.module.tables.push(table);
        }
        Ok(())
    }

    fn read_memories(
        &mut self,
        section: wasmparser::MemorySectionReader<'a>,
    ) -> Result<(), Failure> {
        for ty in section {
            let memory = memory(&ty?, Origin::Defined(()));
            self.module.memories.push(memory);
        }
        Ok(())
    }

    fn read_globals(
        &mut self,
        section: wasmparser::GlobalSectionReader<'a>,
    ) -> Result<(), Failure> {
        for entry in section.into_iter_with_offsets() {
            let (offset, entry) = entry?;
            let ty = self.global_type(&entry.ty, offset)?;
            let origin = Origin::Defined(read_const(&entry.init_expr)?);
            self.module.globals.push(Global { ty, origin });
        }
        Ok(())
    }

    fn read_exports(
        &mut self,
        section: wasmparser::ExportSectionReader<'a>,
    ) -> Result<(), Failure> {
        for entry in section.into_iter_with_offsets() {
            let (offset, entry) = entry?;
            let item = match entry.kind {
                ExternalKind::Func => Extern::Func(FuncIdx(entry.index)),
                ExternalKind::Table => Extern::Table(TableIdx(entry.index)),
                ExternalKind::Memory => Extern::Memory(MemoryIdx(entry.index)),
                ExternalKind::Global => Extern::Global(GlobalIdx(entry.index)),
                ExternalKind::Tag | ExternalKind::FuncExact => return Err(internal_type(offset)),
            };
            self.module.exports.push(Export {
                name: entry.name,
                item,
            });
        }
        Ok(())
    }

    fn read_elements(
        &mut self,
        section: wasmparser::ElementSectionReader<'a>,
    ) -> Result<(), Failure> {
        for entry in section.into_iter_with_offsets() {
            let (offset, entry) = entry?;
            let mode = match entry.kind {
                ElementKind::Active {
                    table_index,
                    offset_expr,
                } => {
                    let table = TableIdx(table_index.unwrap_or(0));
                    ElemMode::Active {
                        table,
                        offset: read_const(&offset_expr)?,
                    }
                }
                ElementKind::Passive => ElemMode::Passive,
                ElementKind::Declared => ElemMode::Declared,
            };
            if mode == ElemMode::Passive {
                self.module.uses.note_bulk_memory(WasmOffset(offset));
            }
            let (element, values) = match entry.items {
                ElementItems::Functions(functions) => {
                    let values = functions
                        .into_iter()
                        .map(|function| Ok(ConstExpr::RefFunc(FuncIdx(function?))));
                    (
                        ValType::FUNCREF,
                        values.collect::<Result<Vec<_>, Failure>>()?,
                    )
                }
                ElementItems::Expressions(ty, expressions) => {
                    self.module.uses.note_reference_types(WasmOffset(offset));
                    let values = expressions
                        .into_iter()
                        .map(|value| Ok(read_const(&value?)?));
                    let ty = val_type(wasmparser::ValType::Ref(ty), offset)?;
                    (ty, values.collect::<Result<Vec<_>, Failure>>()?)
                }
            };
            self.module.elements.push(ElemSegment {
                element,
                mode,
                values,
            });
        }
        Ok(())
    }

    fn read_data(&mut self, section: wasmparser::DataSectionReader<'a>) -> Result<(), Failure> {
        for entry in section.into_iter_with_offsets() {
            let (offset, entry) = entry?;
            let mode = match entry.kind {
                DataKind::Active {
                    memory_index,
                    offset_expr,
                } => DataMode::Active {
                    memory: MemoryIdx(memory_index),
                    offset: read_const(&offset_expr)?,
                },
                DataKind::Passive => {
                    self.module.uses.note_bulk_memory(WasmOffset(offset));
                    self.module.uses.data_segments_at_run_time = true;
                    DataMode::Passive
                }
            };
            self.module.data.push(DataSegment {
                mode,
                bytes: entry.data,
            });
        }
        Ok(())
    }

    fn read_custom(&mut self, section: &wasmparser::CustomSectionReader<'a>) {
        if self.hints.is_empty()
            && let Some(hints) = read_hints(section)
        {
            self.hints = hints;
        }
        if section.name() == "name" {
            self.name_section = Some(section.data_reader());
        }
        self.module.custom.push(CustomSection {
            name: section.name(),
            bytes: section.data(),
            offset: WasmOffset(section.data_offset()),
        });
    }

    fn table(
        &mut self,
        ty: &wasmparser::TableType,
        origin: Origin<'a, ()>,
        offset: u64,
    ) -> Result<Table<'a>, Failure> {
        let element = val_type(wasmparser::ValType::Ref(ty.element_type), offset)?;
        if element == ValType::EXTERNREF || !self.module.tables.is_empty() {
            self.module.uses.note_reference_types(WasmOffset(offset));
        }
        Ok(Table {
            element,
            limits: Limits {
                min: ty.initial,
                max: ty.maximum,
            },
            index: index_type(ty.table64),
            origin,
        })
    }

    fn global_type(
        &mut self,
        ty: &wasmparser::GlobalType,
        offset: u64,
    ) -> Result<GlobalType, Failure> {
        let value = val_type(ty.content_type, offset)?;
        if value.is_reference() {
            self.module.uses.note_reference_types(WasmOffset(offset));
        }
        if value == ValType::V128 {
            self.module.uses.note_simd(WasmOffset(offset));
        }
        Ok(GlobalType {
            value,
            mutable: ty.mutable,
        })
    }

    fn finish(mut self) -> Result<Module<'a>, CompileError> {
        let mut first: HashMap<&FuncType, TypeIdx> = HashMap::new();
        self.module.canonical = self
            .module
            .types
            .iter()
            .enumerate()
            .map(|(position, ty)| *first.entry(ty).or_insert(TypeIdx::from_position(position)))
            .collect();
        if let Some(reader) = self.name_section {
            let count = FuncIdx::from_position(self.module.functions.len()).0;
            let names = read_names(reader, count);
            self.module.function_names = names.functions;
            self.module.name = names.module;
        }
        Ok(self.module)
    }
}

/// Types outside the accepted features: validation has refused them already.
fn internal_type(offset: u64) -> Failure {
    CompileError::internal(format!(
        "validated type at {offset:#x} is not an accepted one"
    ))
    .into()
}

pub(super) fn val_type(ty: wasmparser::ValType, offset: u64) -> Result<ValType, Failure> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::FUNCREF => ValType::FUNCREF,
        wasmparser::ValType::EXTERNREF => ValType::EXTERNREF,
        wasmparser::ValType::Ref(_) => return Err(internal_type(offset)),
    })
}

fn memory<'a>(ty: &wasmparser::MemoryType, origin: Origin<'a, ()>) -> Memory<'a> {
    Memory {
        limits: Limits {
            min: ty.initial,
            max: ty.maximum,
        },
        index: index_type(ty.memory64),
        // Validation admits 1 and 64 KiB only.
        page_bytes: match ty.page_size_log2 {
            Some(0) => 1,
            _ => PAGE_BYTES,
        },
        origin,
    }
}

fn index_type(wide: bool) -> IndexType {
    if wide { IndexType::I64 } else { IndexType::I32 }
}
