//! Initialiser expressions: constants, `global.get`, references, and (extended constants) sums and products of them.
//!
//! An operator is a 32-bit code followed by its operand; binary operators are followed by two expressions, left then
//! right. Reading checks an expression without recursion; nesting is bounded so that evaluating needs little stack.
//!
//! Spec: `aot-v6.md` A.5.3.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::limits::INIT_EXPR_DEPTH;
use crate::seq::{Form, Item};
use crate::value::ValType;

/// An initialiser expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InitExpr<'a> {
    /// Absent (offset of a passive segment).
    None,
    /// `i32.const`, as bits.
    I32(u32),
    /// `i64.const`, as bits.
    I64(u64),
    /// `f32.const`, as bits.
    F32(u32),
    /// `f64.const`, as bits.
    F64(u64),
    /// `v128.const`.
    V128(u128),
    /// `global.get` of this index, imports first.
    GlobalGet(u32),
    /// `ref.null`.
    RefNull,
    /// `ref.func` of this index, imports first; all ones means null.
    RefFunc(u32),
    /// Two operands.
    Binary(Binary<'a>),
}

/// A binary operator with its operands.
#[derive(Clone, Copy)]
pub struct Binary<'a> {
    /// What is computed.
    pub op: BinaryOp,
    operands: Operands<'a>,
}

#[derive(Clone, Copy)]
enum Operands<'a> {
    /// Invariant: two expressions decode from here.
    File(Cursor<'a>),
    Pair(&'a [InitExpr<'a>; 2]),
}

/// Binary operators; all wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum BinaryOp {
    /// `i32.add`
    I32Add = 0x6A,
    /// `i32.sub`
    I32Sub = 0x6B,
    /// `i32.mul`
    I32Mul = 0x6C,
    /// `i64.add`
    I64Add = 0x7C,
    /// `i64.sub`
    I64Sub = 0x7D,
    /// `i64.mul`
    I64Mul = 0x7E,
}

impl BinaryOp {
    /// Name in wasm text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            BinaryOp::I32Add => "i32.add",
            BinaryOp::I32Sub => "i32.sub",
            BinaryOp::I32Mul => "i32.mul",
            BinaryOp::I64Add => "i64.add",
            BinaryOp::I64Sub => "i64.sub",
            BinaryOp::I64Mul => "i64.mul",
        }
    }

    /// Type of operands and result.
    #[must_use]
    pub const fn ty(self) -> ValType {
        match self {
            BinaryOp::I32Add | BinaryOp::I32Sub | BinaryOp::I32Mul => ValType::I32,
            BinaryOp::I64Add | BinaryOp::I64Sub | BinaryOp::I64Mul => ValType::I64,
        }
    }

    /// The operation; for 32-bit operators the upper half of the result is zero.
    #[must_use]
    pub const fn apply(self, left: u64, right: u64) -> u64 {
        let result = match self {
            BinaryOp::I32Add | BinaryOp::I64Add => left.wrapping_add(right),
            BinaryOp::I32Sub | BinaryOp::I64Sub => left.wrapping_sub(right),
            BinaryOp::I32Mul | BinaryOp::I64Mul => left.wrapping_mul(right),
        };
        match self.ty() {
            ValType::I32 => result & 0xFFFF_FFFF,
            _ => result,
        }
    }

    const fn from_code(code: u32) -> Option<BinaryOp> {
        Some(match code {
            0x6A => BinaryOp::I32Add,
            0x6B => BinaryOp::I32Sub,
            0x6C => BinaryOp::I32Mul,
            0x7C => BinaryOp::I64Add,
            0x7D => BinaryOp::I64Sub,
            0x7E => BinaryOp::I64Mul,
            _ => return None,
        })
    }
}

impl<'a> Binary<'a> {
    /// An expression to be written.
    #[must_use]
    pub const fn new(op: BinaryOp, operands: &'a [InitExpr<'a>; 2]) -> Binary<'a> {
        Binary {
            op,
            operands: Operands::Pair(operands),
        }
    }

    /// Left and right operand.
    #[must_use]
    pub fn operands(&self) -> [InitExpr<'a>; 2] {
        match self.operands {
            Operands::Pair(pair) => *pair,
            Operands::File(mut cursor) => {
                // Checked when read; the default never shows.
                let mut next =
                    || InitExpr::decode(&mut cursor, Form::PLAIN).unwrap_or(InitExpr::None);
                [next(), next()]
            }
        }
    }
}

impl PartialEq for Binary<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op && self.operands() == other.operands()
    }
}

impl core::fmt::Debug for Binary<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [left, right] = self.operands();
        f.debug_tuple(self.op.name())
            .field(&left)
            .field(&right)
            .finish()
    }
}

impl<'a> InitExpr<'a> {
    /// Whether the value can have this type: constants and operators exactly, `global.get` any.
    #[must_use]
    pub fn can_be(&self, ty: ValType) -> bool {
        match self {
            InitExpr::None => false,
            InitExpr::I32(_) => ty == ValType::I32,
            InitExpr::I64(_) => ty == ValType::I64,
            InitExpr::F32(_) => ty == ValType::F32,
            InitExpr::F64(_) => ty == ValType::F64,
            InitExpr::V128(_) => ty == ValType::V128,
            InitExpr::RefNull => ty.is_reference(),
            InitExpr::RefFunc(_) => ty == ValType::FUNCREF,
            InitExpr::GlobalGet(_) => true,
            InitExpr::Binary(binary) => ty == binary.op.ty(),
        }
    }

    pub(crate) fn can_be_integer(&self) -> bool {
        self.can_be(ValType::I32) || self.can_be(ValType::I64)
    }

    /// The value of an integer expression, with `global` giving the bits of an integer global by index; `None` when
    /// `global` says so or the expression is not an integer.
    ///
    /// 32-bit values are zero-extended. Recursion is bounded by [`INIT_EXPR_DEPTH`] for what was read.
    pub fn integer(&self, global: &mut dyn FnMut(u32) -> Option<u64>) -> Option<u64> {
        match self {
            InitExpr::I32(bits) => Some((*bits).into()),
            InitExpr::I64(bits) => Some(*bits),
            InitExpr::GlobalGet(index) => global(*index),
            InitExpr::Binary(binary) => {
                let [left, right] = binary.operands();
                let left = left.integer(global)?;
                Some(binary.op.apply(left, right.integer(global)?))
            }
            _ => None,
        }
    }

    /// Every `global.get` and `ref.func` of an expression that was read, or the expression itself.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = InitExpr<'a>> + use<'a> {
        let (single, mut cursor) = match self {
            InitExpr::Binary(Binary {
                operands: Operands::File(cursor),
                ..
            }) => (None, *cursor),
            other => (Some(*other), Cursor::empty()),
        };
        single.into_iter().chain(core::iter::from_fn(move || {
            while cursor.left() > 0 {
                if let Ok(Step::Leaf(leaf)) = step(&mut cursor) {
                    return Some(leaf);
                }
            }
            None
        }))
    }
}

/// One code with its operand: an operator whose operands follow, or a whole expression.
enum Step<'a> {
    Operator(BinaryOp),
    Leaf(InitExpr<'a>),
}

fn step<'a>(cursor: &mut Cursor<'a>) -> Result<Step<'a>, ReadError> {
    cursor.align(4);
    let at = *cursor;
    let code = cursor.u32()?;
    Ok(Step::Leaf(match code {
        0x00 => InitExpr::None,
        0x41 => InitExpr::I32(cursor.u32()?),
        0x42 => InitExpr::I64(cursor.u64()?),
        0x43 => InitExpr::F32(cursor.u32()?),
        0x44 => InitExpr::F64(cursor.u64()?),
        0xFD => InitExpr::V128(cursor.u128()?),
        0x23 => InitExpr::GlobalGet(cursor.u32()?),
        0xD0 => {
            // All ones without garbage collection; the value says nothing else.
            cursor.u32()?;
            InitExpr::RefNull
        }
        0xD2 => InitExpr::RefFunc(cursor.u32()?),
        other => match BinaryOp::from_code(other) {
            Some(op) => return Ok(Step::Operator(op)),
            None => return Err(at.error(ReadErrorKind::InitExpr(other))),
        },
    }))
}

impl<'a> Item<'a> for InitExpr<'a> {
    const MIN_BYTES: u32 = 4;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        let op = match step(cursor)? {
            Step::Leaf(leaf) => return Ok(leaf),
            Step::Operator(op) => op,
        };
        let mut start = *cursor;
        skip_operands(cursor, op)?;
        let size = cursor.offset() - start.offset();
        let operands = Operands::File(start.sub(size)?);
        Ok(InitExpr::Binary(Binary { op, operands }))
    }
}

/// Moves over two operands of an operator, which must have its type.
///
/// `seen` holds one bit per enclosing operator: whether its left operand is complete.
fn skip_operands(cursor: &mut Cursor<'_>, op: BinaryOp) -> Result<(), ReadError> {
    let mut seen = 0_u64;
    let mut depth = 1;
    while depth > 0 {
        let at = *cursor;
        match step(cursor)? {
            Step::Operator(inner) if inner.ty() != op.ty() => {
                return Err(at.error(ReadErrorKind::InitExprType(op.ty().code())));
            }
            Step::Operator(_) if depth == INIT_EXPR_DEPTH => {
                return Err(at.error(ReadErrorKind::InitExprDepth));
            }
            Step::Operator(_) => {
                depth += 1;
                seen <<= 1;
            }
            Step::Leaf(leaf) if !leaf.can_be(op.ty()) => {
                return Err(at.error(ReadErrorKind::InitExprType(op.ty().code())));
            }
            Step::Leaf(_) => {
                // A second operand completes its operator, which completes an operand of the next one out.
                while depth > 0 && seen & 1 == 1 {
                    seen >>= 1;
                    depth -= 1;
                }
                seen |= 1;
            }
        }
    }
    Ok(())
}

#[cfg(feature = "alloc")]
impl InitExpr<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) {
        let (code, operand) = match *self {
            InitExpr::None => (0x00, None),
            InitExpr::I32(bits) => (0x41, Some(bits)),
            InitExpr::F32(bits) => (0x43, Some(bits)),
            InitExpr::GlobalGet(index) => (0x23, Some(index)),
            InitExpr::RefNull => (0xD0, Some(u32::MAX)),
            InitExpr::RefFunc(index) => (0xD2, Some(index)),
            InitExpr::I64(_) => (0x42, None),
            InitExpr::F64(_) => (0x44, None),
            InitExpr::V128(_) => (0xFD, None),
            InitExpr::Binary(binary) => (binary.op as u32, None),
        };
        sink.u32(code);
        match *self {
            InitExpr::I64(bits) | InitExpr::F64(bits) => sink.u64(bits),
            InitExpr::V128(bits) => sink.bytes(&bits.to_le_bytes()),
            InitExpr::Binary(binary) => {
                for operand in binary.operands() {
                    operand.encode(sink);
                }
            }
            _ => operand.into_iter().for_each(|word| sink.u32(word)),
        }
    }
}
