//! Type definitions: functions, structures, arrays, with finality, supertypes and recursion groups.
//!
//! Indices in here are those of the module. Which of them denote equal types says
//! [`super::Module::canonical`]; equality is that of whole recursion groups. Core spec 2.3 and 3.1.

use super::index::TypeIdx;
use aot_format::{HeapType, RefType, References, ValType};

pub use aot_format::{FieldType, StorageType};

/// Parameter and result types of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// Parameter types in order.
    pub params: Vec<ValType>,
    /// Result types in order.
    pub results: Vec<ValType>,
}

impl FuncType {
    /// 32-bit cells all parameters take in an argument array.
    #[must_use]
    pub fn param_cells(&self, references: References) -> u32 {
        self.params.iter().map(|ty| ty.cells_in(references)).sum()
    }

    /// 32-bit cells all results take in an argument array.
    #[must_use]
    pub fn result_cells(&self, references: References) -> u32 {
        self.results.iter().map(|ty| ty.cells_in(references)).sum()
    }
}

/// The structure of a defined type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composite {
    /// A function type.
    Func(FuncType),
    /// A structure type: its fields in order.
    Struct(Vec<FieldType>),
    /// An array type: its elements.
    Array(FieldType),
}

/// Types that are defined together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecGroup {
    /// The first of them.
    pub first: TypeIdx,
    /// How many.
    pub count: u32,
}

/// A type of the type index space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubType {
    /// Whether no type can be declared below it.
    pub is_final: bool,
    /// The declared supertype.
    pub supertype: Option<TypeIdx>,
    /// What it is.
    pub composite: Composite,
    /// The recursion group it belongs to.
    pub group: RecGroup,
}

impl SubType {
    /// Whether it is a function type as WebAssembly 2.0 has them.
    #[must_use]
    pub fn is_plain_function(&self) -> bool {
        let alone = self.is_final && self.supertype.is_none() && self.group.count == 1;
        alone && matches!(self.composite, Composite::Func(_))
    }
}

/// Our word for a type of the parser; `None` for proposals that are not accepted.
#[must_use]
pub fn val_type(ty: wasmparser::ValType) -> Option<ValType> {
    Some(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) => ValType::Ref(ref_type(ty)?),
    })
}

/// Our word for a reference type of the parser.
#[must_use]
pub fn ref_type(ty: wasmparser::RefType) -> Option<RefType> {
    Some(RefType {
        nullable: ty.is_nullable(),
        heap: heap_type(ty.heap_type())?,
    })
}

/// Our word for a heap type of the parser, as it stands in the file.
#[must_use]
pub fn heap_type(ty: wasmparser::HeapType) -> Option<HeapType> {
    use wasmparser::AbstractHeapType as Abstract;
    let ty = match ty {
        wasmparser::HeapType::Concrete(index) => {
            return Some(HeapType::Concrete(index.as_module_index()?));
        }
        wasmparser::HeapType::Abstract { shared: false, ty } => ty,
        _ => return None,
    };
    Some(match ty {
        Abstract::Func => HeapType::Func,
        Abstract::NoFunc => HeapType::NoFunc,
        Abstract::Extern => HeapType::Extern,
        Abstract::NoExtern => HeapType::NoExtern,
        Abstract::Any => HeapType::Any,
        Abstract::Eq => HeapType::Eq,
        Abstract::I31 => HeapType::I31,
        Abstract::Struct => HeapType::Struct,
        Abstract::Array => HeapType::Array,
        Abstract::None => HeapType::None,
        Abstract::Exn => HeapType::Exn,
        Abstract::NoExn => HeapType::NoExn,
        Abstract::Cont | Abstract::NoCont => return None,
    })
}

/// A recursion group in our words; `first` is the index of its first type.
pub(super) fn read_group(group: wasmparser::RecGroup, first: TypeIdx) -> Option<Vec<SubType>> {
    let types = group.into_types();
    let group = RecGroup {
        first,
        count: u32::try_from(types.len()).ok()?,
    };
    types.map(|ty| sub_type(&ty, group)).collect()
}

fn sub_type(ty: &wasmparser::SubType, group: RecGroup) -> Option<SubType> {
    use wasmparser::CompositeInnerType;
    let composite = match &ty.composite_type.inner {
        CompositeInnerType::Func(ty) => {
            let convert = |types: &[wasmparser::ValType]| -> Option<Vec<_>> {
                types.iter().map(|&ty| val_type(ty)).collect()
            };
            Composite::Func(FuncType {
                params: convert(ty.params())?,
                results: convert(ty.results())?,
            })
        }
        CompositeInnerType::Struct(ty) => {
            Composite::Struct(ty.fields.iter().map(field_type).collect::<Option<_>>()?)
        }
        CompositeInnerType::Array(ty) => Composite::Array(field_type(&ty.0)?),
        CompositeInnerType::Cont(_) => return None,
    };
    let supertype = match ty.supertype_idxs.first() {
        Some(index) => Some(TypeIdx(index.unpack().as_module_index()?)),
        None => None,
    };
    Some(SubType {
        is_final: ty.is_final,
        supertype,
        composite,
        group,
    })
}

fn field_type(ty: &wasmparser::FieldType) -> Option<FieldType> {
    let storage = match ty.element_type {
        wasmparser::StorageType::I8 => StorageType::I8,
        wasmparser::StorageType::I16 => StorageType::I16,
        wasmparser::StorageType::Val(ty) => StorageType::Val(val_type(ty)?),
    };
    Some(FieldType {
        storage,
        mutable: ty.mutable,
    })
}
