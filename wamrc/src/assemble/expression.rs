//! Constant expressions in the container's form.
//!
//! The container's binary expressions borrow their operands. They need a home that outlives them:
//! [`Pairs`] is a list of such homes, as many as the module has operations, filled in order.

use crate::error::CompileError;
use crate::wasm::{ConstBinary, ConstExpr, DataMode, ElemMode, Module};
use aot_format::{Binary, BinaryOp, InitExpr};
use std::cell::{Cell, OnceCell};

/// Room for the operands of one operation.
pub(super) type Room<'a> = OnceCell<[InitExpr<'a>; 2]>;

/// Homes for the operands of all operations of a module.
pub(super) struct Pairs<'a> {
    rooms: &'a [Room<'a>],
    next: Cell<usize>,
}

/// Makes as many homes as the module needs.
pub(super) fn cells<'a>(module: &Module<'_>) -> Vec<Room<'a>> {
    let globals = module
        .globals
        .iter()
        .filter_map(|global| global.origin.defined());
    let elements = module
        .elements
        .iter()
        .filter_map(|segment| match &segment.mode {
            ElemMode::Active { offset, .. } => Some(offset),
            _ => None,
        });
    let data = module
        .data
        .iter()
        .filter_map(|segment| match &segment.mode {
            DataMode::Active { offset, .. } => Some(offset),
            DataMode::Passive => None,
        });
    let count: usize = globals.chain(elements).chain(data).map(operations).sum();
    std::iter::repeat_with(OnceCell::new).take(count).collect()
}

/// Operations of an expression. Its depth is bounded by `MAX_CONST_DEPTH`.
fn operations(expression: &ConstExpr) -> usize {
    match expression {
        ConstExpr::Binary { left, right, .. } => 1 + operations(left) + operations(right),
        _ => 0,
    }
}

impl<'a> Pairs<'a> {
    pub(super) fn new(rooms: &'a [Room<'a>]) -> Self {
        Self {
            rooms,
            next: Cell::new(0),
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
            ConstExpr::RefNull => InitExpr::RefNull(None),
            ConstExpr::RefFunc(function) => InitExpr::RefFunc(function.0),
            ConstExpr::Binary {
                operation,
                left,
                right,
            } => {
                let operands = [self.convert(left)?, self.convert(right)?];
                let position = self.next.get();
                self.next.set(position + 1);
                let room = self.rooms.get(position).ok_or_else(no_room)?;
                let operands = room.get_or_init(|| operands);
                InitExpr::Binary(Binary::new(binary(*operation), operands))
            }
        })
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
