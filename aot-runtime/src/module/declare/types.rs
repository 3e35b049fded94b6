//! The types of a file, and what the values of initialisers can be.
//!
//! Checked here is what views cannot see without memory: that supertypes are of the same kind and not too many, that
//! structures are not too large, and that an initialiser gives a value of the right family, so that whatever the
//! collector follows is a reference. Whether it is of the right type within the family is the compiler's business.

use aot_format::abi::object::StructLayout;
use aot_format::{ConstructOp, HeapType, Hierarchy, StorageType, SubType, TypeDef, ValType, View};

use super::Init;
use crate::error::LoadError;
use crate::func::FuncType;
use crate::gc::storage_bytes;
use crate::layout::WIDTH;
use crate::types::{SUPERTYPES, Shape, TypeDecl};

/// Reads the types of a file.
pub(super) fn read(view: &View<'_>) -> Result<alloc::vec::Vec<TypeDecl>, LoadError> {
    let mut types: alloc::vec::Vec<TypeDecl> = alloc::vec::Vec::new();
    let mut depths: alloc::vec::Vec<usize> = alloc::vec::Vec::new();
    for ty in view.types() {
        let declared = declare(&ty);
        let depth = match ty.parent {
            None => 0,
            Some(parent) => {
                let above = types.get(parent as usize).ok_or(LoadError::Types)?;
                let same = core::mem::discriminant(&above.shape)
                    == core::mem::discriminant(&declared.shape);
                if !same || above.is_final {
                    return Err(LoadError::Types);
                }
                depths.get(parent as usize).map_or(0, |depth| depth + 1)
            }
        };
        let named = ty.parent.is_none() && declared.same.is_some();
        let depth = match declared.same.filter(|_| named) {
            Some(same) => depths.get(same as usize).copied().unwrap_or(0),
            None => depth,
        };
        if depth > SUPERTYPES || !fits(&declared.shape) {
            return Err(LoadError::Types);
        }
        depths.push(depth);
        types.push(declared);
    }
    Ok(types)
}

fn declare(ty: &SubType<'_>) -> TypeDecl {
    let mut same = None;
    let shape = match ty.def {
        TypeDef::Func(func) => {
            let params: alloc::vec::Vec<ValType> = func.param_types().collect();
            let results: alloc::vec::Vec<ValType> = func.result_types().collect();
            Shape::Func(FuncType::new(&params, &results))
        }
        TypeDef::Struct(fields) => Shape::Struct(fields.iter().collect()),
        TypeDef::Array(element) => Shape::Array(element),
        TypeDef::Same(earlier) => {
            same = Some(earlier);
            Shape::Func(FuncType::new(&[], &[]))
        }
    };
    TypeDecl {
        shape,
        is_final: ty.is_final,
        parent: ty.parent,
        group: if ty.group_index == 0 {
            ty.group_len.into()
        } else {
            0
        },
        same,
    }
}

/// Whether a structure has places for all its fields.
fn fits(shape: &Shape) -> bool {
    let Shape::Struct(fields) = shape else {
        return true;
    };
    let mut layout = StructLayout::new(WIDTH, false);
    fields
        .iter()
        .all(|field| layout.field(storage_bytes(field.storage)).is_some())
}

/// What initialisers refer to.
pub(super) struct Kinds<'a> {
    pub(super) types: &'a [TypeDecl],
    /// Types of the globals, imported ones first.
    pub(super) globals: &'a [ValType],
}

impl Kinds<'_> {
    /// A number's type, or a reference's family.
    fn kind(&self, ty: ValType) -> Result<Hierarchy, ValType> {
        let heap = ty.reference().ok_or(ty)?.heap;
        Ok(heap.hierarchy().unwrap_or_else(|| {
            let mut ty = match heap {
                HeapType::Concrete(index) => self.types.get(index as usize),
                _ => None,
            };
            if let Some(same) = ty.and_then(|ty| ty.same) {
                ty = self.types.get(same as usize);
            }
            match ty.map(|ty| &ty.shape) {
                Some(Shape::Func(_)) => Hierarchy::Func,
                _ => Hierarchy::Any,
            }
        }))
    }

    /// Whether the value of an initialiser is a number of this type, or a reference of its family.
    pub(super) fn fits(&self, init: &Init, ty: ValType) -> bool {
        let kind = self.kind(ty);
        match init {
            Init::GlobalGet(index) => {
                let global = self.globals.get(*index as usize);
                global.is_some_and(|global| self.kind(*global) == kind)
            }
            Init::Binary(op, operands) => {
                op.ty() == ty && operands.iter().all(|init| self.fits(init, ty))
            }
            Init::RefNull => kind.is_ok(),
            Init::RefFunc(_) => kind == Ok(Hierarchy::Func),
            Init::Bits(_) => kind.is_err(),
            Init::I31(_) => kind == Ok(Hierarchy::Any),
            Init::Construct(op, index, operands) => {
                let result = match op {
                    ConstructOp::ExternConvertAny => Hierarchy::Extern,
                    _ => Hierarchy::Any,
                };
                kind == Ok(result) && self.operands(*op, *index, operands)
            }
        }
    }

    fn operands(&self, op: ConstructOp, index: u32, operands: &[Init]) -> bool {
        let shape = self.types.get(index as usize).map(|ty| &ty.shape);
        let all = |list: &[Init], ty: ValType| list.iter().all(|init| self.fits(init, ty));
        match (op, shape, operands) {
            (ConstructOp::I31, ..) => all(operands, ValType::I32),
            (ConstructOp::AnyConvertExtern, ..) => all(operands, ValType::EXTERNREF),
            (ConstructOp::ExternConvertAny, ..) => all(operands, ValType::ANYREF),
            (ConstructOp::Struct, Some(Shape::Struct(fields)), _) => {
                let mut pairs = operands.iter().zip(fields.iter());
                operands.len() == fields.len()
                    && pairs.all(|(init, field)| self.fits(init, unpacked(field.storage)))
            }
            (ConstructOp::StructDefault, Some(Shape::Struct(_)), _) => true,
            (ConstructOp::Array, Some(Shape::Array(element)), [value, length]) => {
                self.fits(value, unpacked(element.storage)) && self.fits(length, ValType::I32)
            }
            (ConstructOp::ArrayDefault, Some(Shape::Array(_)), _) => all(operands, ValType::I32),
            (ConstructOp::ArrayFixed, Some(Shape::Array(element)), _) => {
                all(operands, unpacked(element.storage))
            }
            _ => false,
        }
    }
}

fn unpacked(storage: StorageType) -> ValType {
    storage.unpacked()
}

impl TypeDecl {
    /// Whether function references cross with it.
    pub(crate) fn has_funcref(&self) -> bool {
        match &self.shape {
            Shape::Func(ty) => ty
                .params()
                .iter()
                .chain(ty.results())
                .any(|ty| *ty == ValType::FUNCREF),
            _ => false,
        }
    }
}
