//! The machine types that code is built from.
//!
//! A plain enum instead of LLVM type handles: lowering can match on it and keep it in tables.

use inkwell::AddressSpace;
use inkwell::context::Context as Inkwell;
use inkwell::types::{
    BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FunctionType, StructType, VectorType,
};

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
    /// 128-bit integer.
    I128,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// Pointer.
    Ptr,
    /// So many lanes of a scalar.
    Vector(Lane, u8),
}

/// The type of the lanes of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
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
}

impl Lane {
    /// The scalar type.
    #[must_use]
    pub const fn scalar(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::I8 => Type::I8,
            Self::I16 => Type::I16,
            Self::I32 => Type::I32,
            Self::I64 => Type::I64,
            Self::F32 => Type::F32,
            Self::F64 => Type::F64,
        }
    }

    /// The integer with as many bits.
    #[must_use]
    pub const fn integer(self) -> Self {
        match self {
            Self::F32 => Self::I32,
            Self::F64 => Self::I64,
            integer => integer,
        }
    }

    /// The integer with twice the bits; none is wider than 64.
    #[must_use]
    pub const fn wider(self) -> Self {
        match self {
            Self::Bool => Self::Bool,
            Self::I8 => Self::I16,
            Self::I16 => Self::I32,
            _ => Self::I64,
        }
    }

    /// The integer with half the bits; none is narrower than 8.
    #[must_use]
    pub const fn narrower(self) -> Self {
        match self {
            Self::Bool => Self::Bool,
            Self::I64 | Self::F64 => Self::I32,
            Self::I32 | Self::F32 => Self::I16,
            _ => Self::I8,
        }
    }
}

impl Type {
    /// The form of 128-bit vectors wherever their lanes do not matter. Bytes, because no float has as many
    /// lanes: LLVM moves a cast to a shape with as many lanes across a selection, and then does not see
    /// that the selection is a float minimum.
    pub const V128: Self = Self::I8X16;
    /// 16 lanes of 8 bits.
    pub const I8X16: Self = Self::Vector(Lane::I8, 16);
    /// 8 lanes of 16 bits.
    pub const I16X8: Self = Self::Vector(Lane::I16, 8);
    /// 4 lanes of 32 bits.
    pub const I32X4: Self = Self::Vector(Lane::I32, 4);
    /// 2 lanes of 64 bits.
    pub const I64X2: Self = Self::Vector(Lane::I64, 2);
    /// 4 binary32.
    pub const F32X4: Self = Self::Vector(Lane::F32, 4);
    /// 2 binary64.
    pub const F64X2: Self = Self::Vector(Lane::F64, 2);

    /// The type of a vector's lanes; of a scalar itself.
    #[must_use]
    pub const fn scalar(self) -> Self {
        match self {
            Self::Vector(lane, _) => lane.scalar(),
            scalar => scalar,
        }
    }

    /// The number of lanes; 1 for a scalar.
    #[must_use]
    pub const fn lanes(self) -> u8 {
        match self {
            Self::Vector(_, count) => count,
            _ => 1,
        }
    }

    /// Bits of an integer, float or vector; zero for pointers, whose width the target decides.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Bool => 1,
            Self::I8 => 8,
            Self::I16 => 16,
            Self::I32 | Self::F32 => 32,
            Self::I64 | Self::F64 => 64,
            Self::I128 => 128,
            Self::Ptr => 0,
            Self::Vector(lane, count) => lane.scalar().bits() * u32::from(count),
        }
    }

    /// The type with integers as wide in place of floats.
    #[must_use]
    pub const fn integers(self) -> Self {
        match self {
            Self::F32 => Self::I32,
            Self::F64 => Self::I64,
            Self::Vector(lane, count) => Self::Vector(lane.integer(), count),
            other => other,
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
    /// How calls are made.
    pub convention: Convention,
    /// What comes back beside the result.
    pub outcome: Outcome,
    /// How a float result comes back.
    pub floats: Floats,
}

/// How a float result comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Floats {
    /// As the convention has it.
    #[default]
    Once,
    /// So, and behind it as an integer of the same bits, which is what callers take.
    WithBits,
}

/// What a function returns beside its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing.
    #[default]
    Plain,
    /// A `Bool`: whether the result is none.
    Flagged,
}

/// Calling conventions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Convention {
    /// The platform's: what the runtime speaks.
    #[default]
    C,
    /// Between functions of one module; its tail calls never use stack.
    Tail,
    /// As `Tail`, where LLVM has no such convention: a fast one, whose calls become jumps when they are
    /// marked so and all arguments are in registers.
    Sibling,
}

impl Convention {
    /// LLVM's number.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::C => 0,
            Self::Tail => 18,
            Self::Sibling => 8,
        }
    }
}

impl Signature {
    /// A signature from slices, in the platform's convention.
    #[must_use]
    pub fn new(params: &[Type], result: Option<Type>) -> Self {
        Self {
            params: params.to_vec(),
            result,
            convention: Convention::C,
            outcome: Outcome::Plain,
            floats: Floats::Once,
        }
    }

    /// The integer in which a float result travels besides.
    #[must_use]
    pub fn bits(&self) -> Option<Type> {
        let float = self.result.filter(|ty| ty.is_float())?;
        (self.floats == Floats::WithBits).then_some(float.integers())
    }
}

/// Every scalar type.
const SCALARS: [Type; 9] = [
    Type::Bool,
    Type::I8,
    Type::I16,
    Type::I32,
    Type::I64,
    Type::I128,
    Type::F32,
    Type::F64,
    Type::Ptr,
];

/// Every type of vector lanes.
const LANES: [Lane; 7] = [
    Lane::Bool,
    Lane::I8,
    Lane::I16,
    Lane::I32,
    Lane::I64,
    Lane::F32,
    Lane::F64,
];

/// The LLVM types of a context, looked up once.
#[derive(Clone, Copy)]
pub(super) struct Types<'c> {
    context: &'c Inkwell,
    scalars: [BasicTypeEnum<'c>; SCALARS.len()],
}

impl<'c> Types<'c> {
    pub(super) fn new(context: &'c Inkwell) -> Self {
        let scalars = [
            context.bool_type().into(),
            context.i8_type().into(),
            context.i16_type().into(),
            context.i32_type().into(),
            context.i64_type().into(),
            context.i128_type().into(),
            context.f32_type().into(),
            context.f64_type().into(),
            context.ptr_type(AddressSpace::default()).into(),
        ];
        Self { context, scalars }
    }

    /// The LLVM type.
    pub(super) fn basic(&self, ty: Type) -> BasicTypeEnum<'c> {
        let position = match ty {
            Type::Bool => 0,
            Type::I8 => 1,
            Type::I16 => 2,
            Type::I32 => 3,
            Type::I64 => 4,
            Type::I128 => 5,
            Type::F32 => 6,
            Type::F64 => 7,
            Type::Ptr => 8,
            Type::Vector(lane, count) => return self.vector(lane, count).into(),
        };
        self.scalars[position]
    }

    /// The LLVM vector type.
    pub(super) fn vector(&self, lane: Lane, count: u8) -> VectorType<'c> {
        match self.basic(lane.scalar()) {
            BasicTypeEnum::FloatType(float) => float.vec_type(count.into()),
            other => other.into_int_type().vec_type(count.into()),
        }
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
        let flag = (signature.outcome == Outcome::Flagged).then_some(Type::Bool);
        let parts = [signature.result, signature.bits(), flag];
        let parts: Vec<Type> = parts.into_iter().flatten().collect();
        match *parts {
            [] => self.context.void_type().fn_type(&params, false),
            [one] => self.basic(one).fn_type(&params, false),
            _ => self.together(&parts).fn_type(&params, false),
        }
    }

    /// Several values that are returned together.
    pub(super) fn together(&self, parts: &[Type]) -> StructType<'c> {
        let fields: Vec<_> = parts.iter().map(|ty| self.basic(*ty)).collect();
        self.context.struct_type(&fields, false)
    }

    /// Our word for an LLVM type.
    pub(super) fn classify(&self, ty: BasicTypeEnum<'c>) -> Option<Type> {
        if let BasicTypeEnum::VectorType(vector) = ty {
            let count = u8::try_from(vector.get_size()).ok()?;
            let element = vector.get_element_type();
            let mut lanes = LANES.into_iter();
            let lane = lanes.find(|lane| self.basic(lane.scalar()) == element)?;
            return Some(Type::Vector(lane, count));
        }
        SCALARS
            .into_iter()
            .find(|candidate| self.basic(*candidate) == ty)
    }
}
