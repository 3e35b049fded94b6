//! How references and objects of the module look, and what code has to know of each defined type.
//!
//! Field offsets follow from the field types alone (spec D.13.2, `aot_format::abi::object`): the
//! runtime arrives at the same ones.

use crate::error::CompileError;
use crate::options::Options;
use crate::wasm::{Composite, Module, StorageType, SubType, TypeIdx};
use aot_format::abi::object::{self, StructLayout};
use aot_format::{References, Representation};

#[cfg(test)]
mod tests;

/// A field of a structure, or the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldPlan {
    /// Byte offset in the object; for an array that of the first element.
    pub offset: u32,
    /// What it holds.
    pub storage: StorageType,
    /// Bytes it takes.
    pub bytes: u32,
    /// Alignment in bytes that its address is known to have.
    pub align: u32,
}

/// What the objects of a type consist of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Functions.
    Func,
    /// Structures with these fields.
    Struct(Vec<FieldPlan>),
    /// Arrays of these elements.
    Array(FieldPlan),
}

/// A defined type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypePlan {
    /// The smallest index of an equal type.
    pub canonical: TypeIdx,
    /// No type can be below it: an object is of it exactly if its run-time type is the same.
    pub is_final: bool,
    /// Number of supertypes.
    pub depth: u32,
    /// What its objects consist of.
    pub shape: Shape,
}

/// How the module represents references: as indices wherever it can.
pub(super) fn references(module: &Module<'_>, options: &Options) -> References {
    References {
        representation: match module.uses.objects {
            Some(_) => Representation::Object,
            None => Representation::Index,
        },
        width: options.target.width,
    }
}

/// Plans all types of the index space.
pub(super) fn plan_types(
    module: &Module<'_>,
    references: References,
    options: &Options,
) -> Result<Vec<TypePlan>, CompileError> {
    let types = module.types.iter().enumerate();
    types
        .map(|(position, ty)| {
            let index = TypeIdx::from_position(position);
            Ok(TypePlan {
                canonical: module.canonical_type(index),
                is_final: ty.is_final,
                depth: module.type_depth(index),
                shape: shape(ty, references, options)?,
            })
        })
        .collect()
}

fn shape(ty: &SubType, references: References, options: &Options) -> Result<Shape, CompileError> {
    Ok(match &ty.composite {
        Composite::Func(_) => Shape::Func,
        Composite::Struct(fields) => {
            let mut layout = StructLayout::new(references.width, options.target.packed_objects);
            let mut plans = Vec::with_capacity(fields.len());
            for field in fields {
                let bytes = storage_bytes(field.storage, references);
                let offset = layout.field(bytes).ok_or(CompileError::Layout)?;
                plans.push(field_plan(offset, field.storage, bytes));
            }
            Shape::Struct(plans)
        }
        Composite::Array(element) => {
            let bytes = storage_bytes(element.storage, references);
            let offset = object::array_data(references.width);
            Shape::Array(FieldPlan {
                // The elements that follow are `bytes` apart.
                align: field_plan(offset, element.storage, bytes).align.min(bytes),
                ..field_plan(offset, element.storage, bytes)
            })
        }
    })
}

/// Objects are aligned to 8.
fn field_plan(offset: u32, storage: StorageType, bytes: u32) -> FieldPlan {
    FieldPlan {
        offset,
        storage,
        bytes,
        align: 1 << offset.trailing_zeros().min(3),
    }
}

fn storage_bytes(storage: StorageType, references: References) -> u32 {
    match storage {
        StorageType::I8 => 1,
        StorageType::I16 => 2,
        StorageType::Val(ty) => ty.size_in(references),
    }
}
