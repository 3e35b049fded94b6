//! The machine types that code is built from.
//!
//! A plain enum instead of LLVM type handles: lowering can match on it and keep it in tables.

use inkwell::AddressSpace;
use inkwell::context::Context as Inkwell;
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FunctionType};

/// A first-class type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Result of a comparison.
    Bool,
    /// 8-bit integer.
    I8,
    /// 16-bit integer.
    I16,
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// 128-bit vector.
    V128,
    /// Pointer.
    Ptr,
}

impl Type {
    /// Bits of an integer, float or vector; zero for pointers, whose width the target decides.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Bool => 1,
            Self::I8 => 8,
            Self::I16 => 16,
            Self::I32 | Self::F32 => 32,
            Self::I64 | Self::F64 => 64,
            Self::V128 => 128,
            Self::Ptr => 0,
        }
    }

    /// Whether the type is a floating-point type.
    #[must_use]
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

/// Parameter and result types of a machine function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Parameter types.
    pub params: Vec<Type>,
    /// Result type; `None` for void.
    pub result: Option<Type>,
}

impl Signature {
    /// A signature from slices.
    #[must_use]
    pub fn new(params: &[Type], result: Option<Type>) -> Self {
        Self {
            params: params.to_vec(),
            result,
        }
    }
}

/// The LLVM types of a context, looked up once.
#[derive(Clone, Copy)]
pub(super) struct Types<'c> {
    context: &'c Inkwell,
    table: [BasicTypeEnum<'c>; 9],
}

impl<'c> Types<'c> {
    pub(super) fn new(context: &'c Inkwell) -> Self {
        let table = [
            context.bool_type().into(),
            context.i8_type().into(),
            context.i16_type().into(),
            context.i32_type().into(),
            context.i64_type().into(),
            context.f32_type().into(),
            context.f64_type().into(),
            context.i64_type().vec_type(2).into(),
            context.ptr_type(AddressSpace::default()).into(),
        ];
        Self { context, table }
    }

    /// The LLVM type.
    pub(super) fn basic(&self, ty: Type) -> BasicTypeEnum<'c> {
        self.table[ty as usize]
    }

    /// The LLVM integer type; `None` for the others.
    pub(super) fn int(&self, ty: Type) -> Option<inkwell::types::IntType<'c>> {
        match self.basic(ty) {
            BasicTypeEnum::IntType(int) => Some(int),
            _ => None,
        }
    }

    /// The LLVM function type.
    pub(super) fn function(&self, signature: &Signature) -> FunctionType<'c> {
        let params: Vec<BasicMetadataTypeEnum<'c>> = signature
            .params
            .iter()
            .map(|ty| self.basic(*ty).into())
            .collect();
        match signature.result {
            Some(result) => self.basic(result).fn_type(&params, false),
            None => self.context.void_type().fn_type(&params, false),
        }
    }

    /// Our word for an LLVM type.
    pub(super) fn classify(&self, ty: BasicTypeEnum<'c>) -> Option<Type> {
        const ALL: [Type; 9] = [
            Type::Bool,
            Type::I8,
            Type::I16,
            Type::I32,
            Type::I64,
            Type::F32,
            Type::F64,
            Type::V128,
            Type::Ptr,
        ];
        ALL.into_iter()
            .find(|candidate| self.basic(*candidate) == ty)
    }
}
