//! Bytes to [`Module`]: one pass that reads, validates and collects.
//!
//! Validation is wasmparser's; a payload is only looked at after it has been validated, so
//! nothing here checks indices or types again. Core spec 5 ("Binary format").

use super::body::{Body, Uses};
use super::constant::{self, ConstExpr};
use super::features::{ACCEPTED, diagnose};
use super::hint::{Hints, place_hints, read_hints};
use super::index::{FuncIdx, GlobalIdx, MemoryIdx, TableIdx, TagIdx, TypeIdx, WasmOffset};
use super::module::{
    CustomSection, DataMode, DataSegment, ElemMode, ElemSegment, Export, Extern, Function, Global,
    GlobalType, ImportName, IndexType, Limits, Memory, Module, Origin, PAGE_BYTES, Table, Tag,
    ValType,
};
use super::names::read_names;
use super::scan::scan_body;
use super::types::{self, Composite, SubType, read_group};
use crate::error::CompileError;
use std::collections::HashMap;
use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, FuncValidatorAllocations, Parser, Payload,
    TableInit, TypeRef, ValidPayload, Validator,
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
            tags: Vec::new(),
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
                ValidPayload::End(types) => self.canonicalise(types.as_ref()),
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
            Payload::TagSection(section) => self.read_tags(section),
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
            let first = TypeIdx::from_position(self.module.types.len());
            let types = read_group(group, first).ok_or_else(|| internal_type(offset))?;
            for ty in &types {
                self.note_definition(ty, WasmOffset(offset));
            }
            self.module.types.extend(types);
        }
        Ok(())
    }

    /// Notes what the representation of references depends on.
    fn note_definition(&mut self, ty: &SubType, offset: WasmOffset) {
        let uses = &mut self.module.uses;
        if !ty.is_plain_function() {
            uses.note_objects(offset);
        }
        if let Composite::Func(ty) = &ty.composite {
            let types = || ty.params.iter().chain(&ty.results);
            if types().any(|ty| ty.reference().is_some_and(|ty| !ty.is_index())) {
                uses.note_objects(offset);
            }
            if types().any(|ty| *ty == ValType::V128) {
                uses.note_simd(offset);
            }
            types().for_each(|ty| uses.note_exceptions(*ty));
        }
    }

    /// Finds the equal types: those that validation has given the same identity.
    fn canonicalise(&mut self, types: wasmparser::types::TypesRef<'_>) {
        let mut first = HashMap::new();
        self.module.canonical = (0..self.module.types.len())
            .map(TypeIdx::from_position)
            .map(|index| {
                *first
                    .entry(types.core_type_at_in_module(index.0))
                    .or_insert(index)
            })
            .collect();
    }

    fn read_const(&mut self, expression: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Failure> {
        let value = constant::read_const(expression, &self.module)?;
        if value.uses_objects() {
            let offset = expression.get_binary_reader().original_position();
            self.module.uses.note_objects(WasmOffset(offset));
        }
        Ok(value)
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
                TypeRef::Tag(ty) => self.module.tags.push(Tag {
                    ty: TypeIdx(ty.func_type_idx),
                    origin: Origin::Import(name),
                }),
                TypeRef::FuncExact(_) => return Err(internal_type(offset)),
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
            let init = match &entry.init {
                TableInit::RefNull => None,
                TableInit::Expr(value) => Some(self.read_const(value)?),
            };
            let table = self.table(&entry.ty, Origin::Defined(init), offset)?;
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
            let origin = Origin::Defined(self.read_const(&entry.init_expr)?);
            self.module.globals.push(Global { ty, origin });
        }
        Ok(())
    }

    fn read_tags(&mut self, section: wasmparser::TagSectionReader<'a>) -> Result<(), Failure> {
        for tag in section {
            self.module.tags.push(Tag {
                ty: TypeIdx(tag?.func_type_idx),
                origin: Origin::Defined(()),
            });
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
                ExternalKind::Tag => Extern::Tag(TagIdx(entry.index)),
                ExternalKind::FuncExact => return Err(internal_type(offset)),
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
                        offset: self.read_const(&offset_expr)?,
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
                    let ty = val_type(wasmparser::ValType::Ref(ty), offset)?;
                    self.module.uses.note_type(ty, WasmOffset(offset));
                    let values = expressions
                        .into_iter()
                        .map(|value| self.read_const(&value?));
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
                    offset: self.read_const(&offset_expr)?,
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
        origin: Origin<'a, Option<ConstExpr>>,
        offset: u64,
    ) -> Result<Table<'a>, Failure> {
        let element = val_type(wasmparser::ValType::Ref(ty.element_type), offset)?;
        let uses = &mut self.module.uses;
        if element != ValType::FUNCREF {
            uses.note_type(element, WasmOffset(offset));
        } else if matches!(origin, Origin::Defined(Some(_))) {
            // The other encoding has no room for an initial value.
            uses.note_objects(WasmOffset(offset));
        } else if !self.module.tables.is_empty() {
            uses.note_reference_types(WasmOffset(offset));
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
        self.module.uses.note_type(value, WasmOffset(offset));
        Ok(GlobalType {
            value,
            mutable: ty.mutable,
        })
    }

    fn finish(mut self) -> Result<Module<'a>, CompileError> {
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
    types::val_type(ty).ok_or_else(|| internal_type(offset))
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
        shared: ty.shared,
        origin,
    }
}

fn index_type(wide: bool) -> IndexType {
    if wide { IndexType::I64 } else { IndexType::I32 }
}
