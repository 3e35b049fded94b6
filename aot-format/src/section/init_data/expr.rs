//! Initialiser expressions: constants, `global.get`, references, sums and products of them (extended constants), and
//! objects made of them.
//!
//! An operator is a 32-bit code followed by its operand; operators on values are followed by the expressions of these,
//! first to last. Reading checks an expression without recursion; nesting is bounded so that evaluating needs little
//! stack. Stock's forms of `struct.new` and `array.new…` hold raw values instead of expressions: they are not read, and
//! ours have codes that no stock loader takes.
//!
//! Spec: `aot-v6.md` A.5.3.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::limits::INIT_EXPR_DEPTH;
use crate::seq::{Form, Item, Seq};
use crate::value::{HeapType, Hierarchy, ValType};

use super::construct::ConstructOp;
use super::list::heap_type;

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
    /// `ref.null` of a heap type, which only files with garbage collection say.
    RefNull(Option<HeapType>),
    /// `ref.func` of this index, imports first; all ones means null.
    RefFunc(u32),
    /// Two operands.
    Binary(Binary<'a>),
    /// `ref.i31` of a constant.
    I31(u32),
    /// An object, or a conversion of a reference.
    Construct(Construct<'a>),
}

/// An operator that makes an object, with its operands.
#[derive(Clone, Copy)]
pub struct Construct<'a> {
    /// What is made.
    pub op: ConstructOp,
    /// The type, where the operator has one. Invariant (read): in range.
    pub type_index: u32,
    operands: Operands<'a>,
    count: u32,
}

/// `ref.i31` of a constant, as stock writes it.
const I31: u32 = 0xD8;

/// A binary operator with its operands.
#[derive(Clone, Copy)]
pub struct Binary<'a> {
    /// What is computed.
    pub op: BinaryOp,
    operands: Operands<'a>,
}

#[derive(Clone, Copy)]
enum Operands<'a> {
    /// Invariant: so many expressions decode from here, in files of this kind.
    File(Cursor<'a>, Form<'a>),
    Slice(&'a [InitExpr<'a>]),
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
            operands: Operands::Slice(operands),
        }
    }

    /// Left and right operand.
    #[must_use]
    pub fn operands(&self) -> [InitExpr<'a>; 2] {
        let mut operands = self.operands.list(2).iter();
        // Checked when read; the default never shows.
        let mut next = || operands.next().unwrap_or(InitExpr::None);
        [next(), next()]
    }
}

impl<'a> Operands<'a> {
    fn list(&self, count: u32) -> Seq<'a, InitExpr<'a>> {
        match *self {
            Operands::Slice(operands) => operands.into(),
            Operands::File(cursor, form) => Seq::trusted(cursor, count, form),
        }
    }
}

impl<'a> Construct<'a> {
    /// An expression to be written. Operators without a type ignore `type_index`; those with a fixed number of operands
    /// need that many.
    #[must_use]
    pub fn new(op: ConstructOp, type_index: u32, operands: &'a [InitExpr<'a>]) -> Construct<'a> {
        Construct {
            op,
            type_index: if op.is_typed() { type_index } else { 0 },
            operands: Operands::Slice(operands),
            count: u32::try_from(operands.len()).unwrap_or(u32::MAX),
        }
    }

    /// The operands in order.
    #[must_use]
    pub fn operands(&self) -> Seq<'a, InitExpr<'a>> {
        self.operands.list(self.count)
    }
}

impl PartialEq for Construct<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.op, self.type_index) == (other.op, other.type_index)
            && self.operands() == other.operands()
    }
}

impl core::fmt::Debug for Construct<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut debug = f.debug_tuple(self.op.name());
        debug
            .field(&self.type_index)
            .field(&self.operands())
            .finish()
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
    /// Whether the value can have this type: constants and operators on numbers exactly, references by their family,
    /// `global.get` any.
    #[must_use]
    pub fn can_be(&self, ty: ValType) -> bool {
        match self {
            InitExpr::None => false,
            InitExpr::I32(_) => ty == ValType::I32,
            InitExpr::I64(_) => ty == ValType::I64,
            InitExpr::F32(_) => ty == ValType::F32,
            InitExpr::F64(_) => ty == ValType::F64,
            InitExpr::V128(_) => ty == ValType::V128,
            InitExpr::RefNull(_) => ty.reference().is_some_and(|reference| reference.nullable),
            InitExpr::RefFunc(_) => in_hierarchy(ty, Hierarchy::Func),
            InitExpr::GlobalGet(_) => true,
            InitExpr::Binary(binary) => ty == binary.op.ty(),
            InitExpr::I31(_) => in_hierarchy(ty, Hierarchy::Any),
            InitExpr::Construct(new) if new.op == ConstructOp::ExternConvertAny => {
                in_hierarchy(ty, Hierarchy::Extern)
            }
            InitExpr::Construct(_) => in_hierarchy(ty, Hierarchy::Any),
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

    /// Every operator and leaf of an expression that was read, operands of operators apart; or the expression itself.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = InitExpr<'a>> + use<'a> {
        let inner = match self {
            InitExpr::Binary(Binary { operands, .. })
            | InitExpr::Construct(Construct { operands, .. }) => Some(*operands),
            _ => None,
        };
        let (mut cursor, form) = match inner {
            Some(Operands::File(cursor, form)) => (cursor, form),
            _ => (Cursor::empty(), Form::PLAIN),
        };
        let inner = core::iter::from_fn(move || {
            while cursor.left() > 0 {
                match step(&mut cursor, form) {
                    Ok(Step::Leaf(leaf)) => return Some(leaf),
                    Ok(Step::Construct(new, _)) => return Some(InitExpr::Construct(new)),
                    Ok(Step::Binary(_)) | Err(_) => {}
                }
            }
            None
        });
        core::iter::once(*self).chain(inner)
    }
}

/// Whether a type is of this family. Of concrete types only the type list knows; they pass.
fn in_hierarchy(ty: ValType, hierarchy: Hierarchy) -> bool {
    ty.reference().is_some_and(|reference| {
        reference
            .heap
            .hierarchy()
            .is_none_or(|found| found == hierarchy)
    })
}

/// One code with what belongs to it: an operator whose operands follow, or a whole expression.
enum Step<'a> {
    Binary(BinaryOp),
    /// The operator, as yet without operands, and their number.
    Construct(Construct<'a>, u32),
    Leaf(InitExpr<'a>),
}

fn step<'a>(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Step<'a>, ReadError> {
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
        0xD0 if form.objects => InitExpr::RefNull(Some(heap_type(cursor)?)),
        0xD0 => {
            // All ones without garbage collection; the value says nothing else.
            cursor.u32()?;
            InitExpr::RefNull(None)
        }
        0xD2 => InitExpr::RefFunc(cursor.u32()?),
        I31 if form.objects => InitExpr::I31(cursor.u32()?),
        other => match (BinaryOp::from_code(other), ConstructOp::from_code(other)) {
            (Some(op), _) => return Ok(Step::Binary(op)),
            (None, Some(op)) if form.objects => return construct_step(cursor, op),
            _ => return Err(at.error(ReadErrorKind::InitExpr(other))),
        },
    }))
}

/// Type index and number of operands.
fn construct_step<'a>(cursor: &mut Cursor<'a>, op: ConstructOp) -> Result<Step<'a>, ReadError> {
    let type_index = if op.is_typed() { cursor.u32()? } else { 0 };
    let count = match op.count() {
        Some(count) => count,
        None => cursor.u32()?,
    };
    let new = Construct {
        op,
        type_index,
        operands: Operands::Slice(&[]),
        count,
    };
    Ok(Step::Construct(new, count))
}

impl<'a> Item<'a> for InitExpr<'a> {
    const MIN_BYTES: u32 = 4;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        let first = step(cursor, form)?;
        let (number, count) = match &first {
            Step::Leaf(leaf) => return Ok(*leaf),
            Step::Binary(op) => (Some(op.ty()), 2),
            Step::Construct(_, count) => (None, *count),
        };
        let mut start = *cursor;
        skip_operands(cursor, form, number, count)?;
        let operands = Operands::File(start.sub(cursor.offset() - start.offset())?, form);
        Ok(match first {
            Step::Leaf(leaf) => leaf,
            Step::Binary(op) => InitExpr::Binary(Binary { op, operands }),
            Step::Construct(new, _) => InitExpr::Construct(Construct { operands, ..new }),
        })
    }
}

/// One enclosing operator while operands are skipped.
#[derive(Clone, Copy)]
struct Enclosing {
    /// Operands still to come.
    left: u32,
    /// What they must be, for operators on numbers.
    number: Option<ValType>,
}

/// Moves over the operands of an operator.
fn skip_operands<'a>(
    cursor: &mut Cursor<'a>,
    form: Form<'a>,
    number: Option<ValType>,
    count: u32,
) -> Result<(), ReadError> {
    let outer = Enclosing {
        left: count,
        number,
    };
    let mut stack = [outer; INIT_EXPR_DEPTH as usize];
    let mut depth = 1;
    loop {
        // Operators whose operands are complete are left.
        while depth > 0 && stack.get(depth - 1).is_none_or(|top| top.left == 0) {
            depth -= 1;
        }
        let Some(top) = depth.checked_sub(1).and_then(|top| stack.get_mut(top)) else {
            return Ok(());
        };
        top.left -= 1;
        let wanted = top.number;
        let at = *cursor;
        let mismatch = |ty: ValType| at.error(ReadErrorKind::InitExprType(ty.code()));
        let (left, number) = match (step(cursor, form)?, wanted) {
            (Step::Leaf(leaf), Some(ty)) if !leaf.can_be(ty) => return Err(mismatch(ty)),
            (Step::Leaf(InitExpr::None), None) => {
                return Err(at.error(ReadErrorKind::InitExpr(0)));
            }
            (Step::Leaf(_), _) => continue,
            (Step::Binary(op), Some(ty)) if op.ty() != ty => return Err(mismatch(ty)),
            (Step::Binary(op), _) => (2, Some(op.ty())),
            (Step::Construct(..), Some(ty)) => return Err(mismatch(ty)),
            (Step::Construct(_, count), None) => (count, None),
        };
        let slot = stack.get_mut(depth);
        *slot.ok_or(at.error(ReadErrorKind::InitExprDepth))? = Enclosing { left, number };
        depth += 1;
    }
}

#[cfg(feature = "alloc")]
impl InitExpr<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) {
        let (code, operand) = match *self {
            InitExpr::None => (0x00, None),
            InitExpr::I32(bits) => (0x41, Some(bits)),
            InitExpr::F32(bits) => (0x43, Some(bits)),
            InitExpr::GlobalGet(index) => (0x23, Some(index)),
            InitExpr::RefNull(heap) => (0xD0, Some(heap.map_or(u32::MAX, HeapType::word))),
            InitExpr::I31(bits) => (I31, Some(bits)),
            InitExpr::Construct(new) => {
                (new.op.code(), new.op.is_typed().then_some(new.type_index))
            }
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
            InitExpr::Construct(new) => {
                operand.into_iter().for_each(|word| sink.u32(word));
                if new.op.count().is_none() {
                    sink.u32(new.count);
                }
                for operand in new.operands() {
                    operand.encode(sink);
                }
            }
            _ => operand.into_iter().for_each(|word| sink.u32(word)),
        }
    }
}
