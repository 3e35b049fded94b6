//! Constant expressions, folded as far as they can be while reading.
//!
//! What remains are the forms the container can express (spec A.5.3): constants, `global.get`,
//! references, new objects, and i32/i64 sums, differences and products with at least one operand only
//! known at instantiation. Core spec 3.3.10.

use super::index::{FuncIdx, GlobalIdx, TypeIdx, WasmOffset};
use super::module::{Global, Module};
use super::types::heap_type;
use crate::error::CompileError;
use aot_format::HeapType;
use wasmparser::Operator;

/// How deeply operations may be nested: bounds the recursion of every reader of the container.
/// Toolchains produce at most two or three levels.
pub const MAX_CONST_DEPTH: u32 = aot_format::limits::INIT_EXPR_DEPTH - 1;

/// A binary operation of the extended-const proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstBinary {
    /// `i32.add`.
    I32Add,
    /// `i32.sub`.
    I32Sub,
    /// `i32.mul`.
    I32Mul,
    /// `i64.add`.
    I64Add,
    /// `i64.sub`.
    I64Sub,
    /// `i64.mul`.
    I64Mul,
}

/// The value of a constant expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstExpr {
    /// `i32.const`.
    I32(i32),
    /// `i64.const`.
    I64(i64),
    /// `f32.const`, as bits.
    F32(u32),
    /// `f64.const`, as bits.
    F64(u64),
    /// `v128.const`, as the bits of a little-endian number: lane 0 lowest.
    V128(u128),
    /// The value of an earlier immutable global that is not a constant.
    GlobalGet(GlobalIdx),
    /// A null reference.
    RefNull(HeapType),
    /// A reference to a function.
    RefFunc(FuncIdx),
    /// An i31 reference to the low bits of an i32.
    I31(Box<ConstExpr>),
    /// A new structure with these fields.
    Struct(TypeIdx, Vec<ConstExpr>),
    /// A new structure of zeros and nulls.
    StructDefault(TypeIdx),
    /// A new array, all elements of one value.
    Array {
        /// Its type.
        ty: TypeIdx,
        /// The elements' value.
        value: Box<ConstExpr>,
        /// The number of elements.
        length: Box<ConstExpr>,
    },
    /// A new array of zeros or nulls, of this length.
    ArrayDefault(TypeIdx, Box<ConstExpr>),
    /// A new array with these elements.
    ArrayFixed(TypeIdx, Vec<ConstExpr>),
    /// An external reference as an internal one.
    AnyConvertExtern(Box<ConstExpr>),
    /// An internal reference as an external one.
    ExternConvertAny(Box<ConstExpr>),
    /// An operation with an operand that is not known before instantiation.
    Binary {
        /// The operation.
        operation: ConstBinary,
        /// First operand.
        left: Box<ConstExpr>,
        /// Second operand.
        right: Box<ConstExpr>,
    },
}

impl ConstExpr {
    /// The expressions this one is made of.
    #[must_use]
    pub fn operands(&self) -> Vec<&ConstExpr> {
        match self {
            Self::Struct(_, values) | Self::ArrayFixed(_, values) => values.iter().collect(),
            Self::I31(value)
            | Self::ArrayDefault(_, value)
            | Self::AnyConvertExtern(value)
            | Self::ExternConvertAny(value) => vec![value],
            Self::Array { value, length, .. } => vec![value, length],
            Self::Binary { left, right, .. } => vec![left, right],
            _ => Vec::new(),
        }
    }

    /// Operations nested below and including this one; 0 for a leaf. Bounded by `MAX_CONST_DEPTH`:
    /// deeper ones are refused when they are built.
    fn depth(&self) -> u32 {
        let operands = self.operands();
        let below = operands.iter().map(|operand| operand.depth()).max();
        let here = match self {
            Self::StructDefault(_) => 1,
            _ => u32::from(!operands.is_empty()),
        };
        here + below.unwrap_or(0)
    }

    /// Whether it makes or converts objects, which the types around it need not show.
    #[must_use]
    pub fn uses_objects(&self) -> bool {
        let here = matches!(
            self,
            Self::I31(_)
                | Self::Struct(..)
                | Self::StructDefault(_)
                | Self::Array { .. }
                | Self::ArrayDefault(..)
                | Self::ArrayFixed(..)
                | Self::AnyConvertExtern(_)
                | Self::ExternConvertAny(_)
        );
        here || self.operands().into_iter().any(Self::uses_objects)
    }

    /// The functions this expression refers to.
    #[must_use]
    pub fn functions(&self) -> Vec<FuncIdx> {
        match self {
            Self::RefFunc(function) => vec![*function],
            _ => self
                .operands()
                .into_iter()
                .flat_map(Self::functions)
                .collect(),
        }
    }
}

/// Reads a validated constant expression. Globals that are defined before it in `module` are replaced
/// by their values where those are constants.
pub(super) fn read_const(
    expression: &wasmparser::ConstExpr<'_>,
    module: &Module<'_>,
) -> Result<ConstExpr, CompileError> {
    let start = WasmOffset(expression.get_binary_reader().original_position());
    let mut stack: Vec<ConstExpr> = Vec::with_capacity(1);
    let mut operators = expression.get_operators_reader();
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        if matches!(operator, Operator::End) {
            break;
        }
        let offset = WasmOffset(offset);
        let value = match leaf(&operator, module) {
            Some(value) => value,
            None => node(&operator, &mut stack, module, offset)?,
        };
        let depth = value.depth();
        if depth > MAX_CONST_DEPTH {
            return Err(CompileError::Limit {
                what: "nesting of a constant expression",
                value: u64::from(depth),
                limit: u64::from(MAX_CONST_DEPTH),
                offset: Some(offset),
            });
        }
        stack.push(value);
    }
    stack.pop().ok_or_else(|| malformed(start))
}

/// The value of an operator without operands.
fn leaf(operator: &Operator<'_>, module: &Module<'_>) -> Option<ConstExpr> {
    Some(match operator {
        Operator::I32Const { value } => ConstExpr::I32(*value),
        Operator::I64Const { value } => ConstExpr::I64(*value),
        Operator::F32Const { value } => ConstExpr::F32(value.bits()),
        Operator::F64Const { value } => ConstExpr::F64(value.bits()),
        Operator::V128Const { value } => ConstExpr::V128(value.i128().cast_unsigned()),
        Operator::GlobalGet { global_index } => global(GlobalIdx(*global_index), module),
        Operator::RefNull { hty } => ConstExpr::RefNull(heap_type(*hty)?),
        Operator::RefFunc { function_index } => ConstExpr::RefFunc(FuncIdx(*function_index)),
        Operator::StructNewDefault { struct_type_index } => {
            ConstExpr::StructDefault(TypeIdx(*struct_type_index))
        }
        _ => return None,
    })
}

fn global(index: GlobalIdx, module: &Module<'_>) -> ConstExpr {
    let value = module.globals.get(index.position()).map(Global::value);
    match value.flatten() {
        // Only leaves: expressions would double with every global that names another twice.
        Some(value) if value.depth() == 0 => value.clone(),
        _ => ConstExpr::GlobalGet(index),
    }
}

/// The value of an operator with operands, which it takes from the stack.
fn node(
    operator: &Operator<'_>,
    stack: &mut Vec<ConstExpr>,
    module: &Module<'_>,
    offset: WasmOffset,
) -> Result<ConstExpr, CompileError> {
    let mut pop = || stack.pop().ok_or_else(|| malformed(offset));
    Ok(match operator {
        Operator::RefI31 => ConstExpr::I31(Box::new(pop()?)),
        Operator::AnyConvertExtern => ConstExpr::AnyConvertExtern(Box::new(pop()?)),
        Operator::ExternConvertAny => ConstExpr::ExternConvertAny(Box::new(pop()?)),
        Operator::ArrayNew { array_type_index } => {
            let length = Box::new(pop()?);
            ConstExpr::Array {
                ty: TypeIdx(*array_type_index),
                value: Box::new(pop()?),
                length,
            }
        }
        Operator::ArrayNewDefault { array_type_index } => {
            ConstExpr::ArrayDefault(TypeIdx(*array_type_index), Box::new(pop()?))
        }
        Operator::ArrayNewFixed {
            array_type_index,
            array_size,
        } => {
            let count = usize::try_from(*array_size).unwrap_or(usize::MAX);
            ConstExpr::ArrayFixed(TypeIdx(*array_type_index), pop_many(stack, count, offset)?)
        }
        Operator::StructNew { struct_type_index } => {
            let ty = TypeIdx(*struct_type_index);
            let count = module.struct_fields(ty).len();
            ConstExpr::Struct(ty, pop_many(stack, count, offset)?)
        }
        other => {
            let operation = binary(other).ok_or_else(|| {
                CompileError::internal(format!("constant operator {other:?} at {offset}"))
            })?;
            let right = pop()?;
            apply(operation, pop()?, right)
        }
    })
}

fn pop_many(
    stack: &mut Vec<ConstExpr>,
    count: usize,
    offset: WasmOffset,
) -> Result<Vec<ConstExpr>, CompileError> {
    match stack.len().checked_sub(count) {
        Some(height) => Ok(stack.split_off(height)),
        None => Err(malformed(offset)),
    }
}

fn malformed(offset: WasmOffset) -> CompileError {
    CompileError::internal(format!("constant expression at {offset} has no value"))
}

fn binary(operator: &Operator<'_>) -> Option<ConstBinary> {
    Some(match operator {
        Operator::I32Add => ConstBinary::I32Add,
        Operator::I32Sub => ConstBinary::I32Sub,
        Operator::I32Mul => ConstBinary::I32Mul,
        Operator::I64Add => ConstBinary::I64Add,
        Operator::I64Sub => ConstBinary::I64Sub,
        Operator::I64Mul => ConstBinary::I64Mul,
        _ => return None,
    })
}

/// Computes an operation on constants, or builds the node if an operand is not constant.
fn apply(operation: ConstBinary, left: ConstExpr, right: ConstExpr) -> ConstExpr {
    use ConstBinary::{I32Add, I32Mul, I32Sub, I64Add, I64Mul, I64Sub};
    use ConstExpr::{I32, I64};
    match (operation, &left, &right) {
        (I32Add, I32(a), I32(b)) => I32(a.wrapping_add(*b)),
        (I32Sub, I32(a), I32(b)) => I32(a.wrapping_sub(*b)),
        (I32Mul, I32(a), I32(b)) => I32(a.wrapping_mul(*b)),
        (I64Add, I64(a), I64(b)) => I64(a.wrapping_add(*b)),
        (I64Sub, I64(a), I64(b)) => I64(a.wrapping_sub(*b)),
        (I64Mul, I64(a), I64(b)) => I64(a.wrapping_mul(*b)),
        _ => ConstExpr::Binary {
            operation,
            left: Box::new(left),
            right: Box::new(right),
        },
    }
}
