//! Constant expressions, folded as far as they can be while reading.
//!
//! What remains are the forms the container can express (spec A.5.3): constants, `global.get`,
//! references, and i32/i64 sums, differences and products with at least one operand only known at
//! instantiation. Core spec 3.3.10 plus the extended-const proposal.

use super::index::{FuncIdx, GlobalIdx, WasmOffset};
use crate::error::CompileError;
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
    /// The value of an imported immutable global.
    GlobalGet(GlobalIdx),
    /// A null reference.
    RefNull,
    /// A reference to a function.
    RefFunc(FuncIdx),
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
    /// Operations nested below and including this one; 0 for a leaf.
    fn depth(&self) -> u32 {
        match self {
            // Bounded by `MAX_CONST_DEPTH`: `apply` refuses deeper trees when it builds them.
            Self::Binary { left, right, .. } => 1 + left.depth().max(right.depth()),
            _ => 0,
        }
    }

    /// The function this expression refers to, if it is `ref.func`.
    #[must_use]
    pub fn as_function(&self) -> Option<FuncIdx> {
        match self {
            Self::RefFunc(function) => Some(*function),
            _ => None,
        }
    }
}

/// Reads a validated constant expression.
pub(super) fn read_const(
    expression: &wasmparser::ConstExpr<'_>,
) -> Result<ConstExpr, CompileError> {
    let start = WasmOffset(expression.get_binary_reader().original_position());
    let mut stack: Vec<ConstExpr> = Vec::with_capacity(1);
    let mut operators = expression.get_operators_reader();
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        let value = match operator {
            Operator::I32Const { value } => ConstExpr::I32(value),
            Operator::I64Const { value } => ConstExpr::I64(value),
            Operator::F32Const { value } => ConstExpr::F32(value.bits()),
            Operator::F64Const { value } => ConstExpr::F64(value.bits()),
            Operator::V128Const { value } => ConstExpr::V128(value.i128().cast_unsigned()),
            Operator::GlobalGet { global_index } => ConstExpr::GlobalGet(GlobalIdx(global_index)),
            Operator::RefNull { .. } => ConstExpr::RefNull,
            Operator::RefFunc { function_index } => ConstExpr::RefFunc(FuncIdx(function_index)),
            Operator::End => break,
            other => {
                let operation = binary(&other).ok_or_else(|| {
                    CompileError::internal(format!("constant operator {other:?} at {offset:#x}"))
                })?;
                let right = stack.pop();
                let left = stack.pop();
                match (left, right) {
                    (Some(left), Some(right)) => apply(operation, left, right, WasmOffset(offset))?,
                    _ => return Err(malformed(start)),
                }
            }
        };
        stack.push(value);
    }
    stack.pop().ok_or_else(|| malformed(start))
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
fn apply(
    operation: ConstBinary,
    left: ConstExpr,
    right: ConstExpr,
    offset: WasmOffset,
) -> Result<ConstExpr, CompileError> {
    use ConstBinary::{I32Add, I32Mul, I32Sub, I64Add, I64Mul, I64Sub};
    use ConstExpr::{I32, I64};
    let folded = match (operation, &left, &right) {
        (I32Add, I32(a), I32(b)) => I32(a.wrapping_add(*b)),
        (I32Sub, I32(a), I32(b)) => I32(a.wrapping_sub(*b)),
        (I32Mul, I32(a), I32(b)) => I32(a.wrapping_mul(*b)),
        (I64Add, I64(a), I64(b)) => I64(a.wrapping_add(*b)),
        (I64Sub, I64(a), I64(b)) => I64(a.wrapping_sub(*b)),
        (I64Mul, I64(a), I64(b)) => I64(a.wrapping_mul(*b)),
        _ => {
            let node = ConstExpr::Binary {
                operation,
                left: Box::new(left),
                right: Box::new(right),
            };
            let depth = node.depth();
            if depth > MAX_CONST_DEPTH {
                return Err(CompileError::Limit {
                    what: "nesting of a constant expression",
                    value: u64::from(depth),
                    limit: u64::from(MAX_CONST_DEPTH),
                    offset: Some(offset),
                });
            }
            node
        }
    };
    Ok(folded)
}
