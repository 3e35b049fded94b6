//! Constant expressions in the container's form.
//!
//! The container's expressions borrow their operands. These need a home that outlives them:
//! [`Pairs`] is a list of such homes, as many as the module has operations, filled in order.

use crate::error::CompileError;
use crate::wasm::{ConstBinary, ConstExpr, DataMode, ElemMode, Module, TypeIdx};
use aot_format::{Binary, BinaryOp, Construct, ConstructOp, InitExpr, References, Representation};
use std::cell::{Cell, OnceCell};

/// Room for the operands of one operation.
pub(super) type Room<'a> = OnceCell<Vec<InitExpr<'a>>>;

/// Homes for the operands of all operations of a module.
pub(super) struct Pairs<'a> {
    rooms: &'a [Room<'a>],
    next: Cell<usize>,
    representation: Representation,
}

/// Makes as many homes as the module needs.
pub(super) fn cells<'a>(module: &Module<'_>) -> Vec<Room<'a>> {
    let globals = module.globals.iter();
    let globals = globals.filter_map(|global| global.origin.defined());
    let tables = module.tables.iter();
    let tables = tables.filter_map(|table| table.origin.defined()?.as_ref());
    let offsets = module.elements.iter();
    let offsets = offsets.filter_map(|segment| match &segment.mode {
        ElemMode::Active { offset, .. } => Some(offset),
        _ => None,
    });
    let values = module.elements.iter().flat_map(|segment| &segment.values);
    let data = module.data.iter();
    let data = data.filter_map(|segment| match &segment.mode {
        DataMode::Active { offset, .. } => Some(offset),
        DataMode::Passive => None,
    });
    let all = globals
        .chain(tables)
        .chain(offsets)
        .chain(values)
        .chain(data);
    let count: usize = all.map(operations).sum();
    std::iter::repeat_with(OnceCell::new).take(count).collect()
}

/// Operations of an expression that have operands. Its depth is bounded by `MAX_CONST_DEPTH`.
fn operations(expression: &ConstExpr) -> usize {
    let operands = expression.operands();
    usize::from(!operands.is_empty()) + operands.into_iter().map(operations).sum::<usize>()
}

impl<'a> Pairs<'a> {
    pub(super) fn new(rooms: &'a [Room<'a>], references: References) -> Self {
        Self {
            rooms,
            next: Cell::new(0),
            representation: references.representation,
        }
    }

    /// Converts an expression. Each expression of the module may be converted once.
    pub(super) fn convert(&self, expression: &ConstExpr) -> Result<InitExpr<'a>, CompileError> {
        Ok(match expression {
            ConstExpr::I32(value) => InitExpr::I32(value.cast_unsigned()),
            ConstExpr::I64(value) => InitExpr::I64(value.cast_unsigned()),
            ConstExpr::F32(bits) => InitExpr::F32(*bits),
            ConstExpr::F64(bits) => InitExpr::F64(*bits),
            ConstExpr::V128(bits) => InitExpr::V128(*bits),
            ConstExpr::GlobalGet(global) => InitExpr::GlobalGet(global.0),
            ConstExpr::RefNull(heap) => {
                let objects = self.representation == Representation::Object;
                InitExpr::RefNull(objects.then_some(*heap))
            }
            ConstExpr::RefFunc(function) => InitExpr::RefFunc(function.0),
            ConstExpr::I31(value) => match &**value {
                ConstExpr::I32(value) => InitExpr::I31(value.cast_unsigned()),
                _ => self.construct(ConstructOp::I31, None, expression)?,
            },
            ConstExpr::Struct(ty, _) => {
                self.construct(ConstructOp::Struct, Some(*ty), expression)?
            }
            ConstExpr::StructDefault(ty) => {
                self.construct(ConstructOp::StructDefault, Some(*ty), expression)?
            }
            ConstExpr::Array { ty, .. } => {
                self.construct(ConstructOp::Array, Some(*ty), expression)?
            }
            ConstExpr::ArrayDefault(ty, _) => {
                self.construct(ConstructOp::ArrayDefault, Some(*ty), expression)?
            }
            ConstExpr::ArrayFixed(ty, _) => {
                self.construct(ConstructOp::ArrayFixed, Some(*ty), expression)?
            }
            ConstExpr::AnyConvertExtern(_) => {
                self.construct(ConstructOp::AnyConvertExtern, None, expression)?
            }
            ConstExpr::ExternConvertAny(_) => {
                self.construct(ConstructOp::ExternConvertAny, None, expression)?
            }
            ConstExpr::Binary { operation, .. } => {
                let operands = self.operands(expression)?.first_chunk();
                let operands = operands.ok_or_else(no_room)?;
                InitExpr::Binary(Binary::new(binary(*operation), operands))
            }
        })
    }

    fn construct(
        &self,
        op: ConstructOp,
        ty: Option<TypeIdx>,
        expression: &ConstExpr,
    ) -> Result<InitExpr<'a>, CompileError> {
        let operands = self.operands(expression)?;
        let ty = ty.map_or(0, |ty| ty.0);
        Ok(InitExpr::Construct(Construct::new(op, ty, operands)))
    }

    /// The operands of an operation, in a home of their own.
    fn operands(&self, expression: &ConstExpr) -> Result<&'a [InitExpr<'a>], CompileError> {
        let operands = expression.operands();
        if operands.is_empty() {
            return Ok(&[]);
        }
        let operands = operands.into_iter().map(|operand| self.convert(operand));
        let operands = operands.collect::<Result<Vec<_>, _>>()?;
        let position = self.next.get();
        self.next.set(position + 1);
        let room = self.rooms.get(position).ok_or_else(no_room)?;
        Ok(room.get_or_init(|| operands))
    }
}

fn no_room() -> CompileError {
    CompileError::internal("more operations in constant expressions than were counted")
}

fn binary(operation: ConstBinary) -> BinaryOp {
    match operation {
        ConstBinary::I32Add => BinaryOp::I32Add,
        ConstBinary::I32Sub => BinaryOp::I32Sub,
        ConstBinary::I32Mul => BinaryOp::I32Mul,
        ConstBinary::I64Add => BinaryOp::I64Add,
        ConstBinary::I64Sub => BinaryOp::I64Sub,
        ConstBinary::I64Mul => BinaryOp::I64Mul,
    }
}
