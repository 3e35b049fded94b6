//! What a body calls and throws, read from its operators when someone asks.

use super::body::Body;
use super::index::{FuncIdx, TableIdx};
use crate::error::CompileError;
use wasmparser::Operator;

/// A way out of a function's own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Throws an exception.
    Throw,
    /// Calls a function of the index space.
    Direct(FuncIdx),
    /// Calls an element of a table.
    Table(TableIdx),
    /// Calls a reference.
    Reference,
}

/// Whether the caller's frame is gone during a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// It waits.
    Inner,
    /// It is gone.
    Tail,
}

impl Body<'_> {
    /// All calls and throws, in order.
    ///
    /// # Errors
    /// None for a body that has been validated.
    pub fn calls_out(&self) -> Result<Vec<(Call, Position)>, CompileError> {
        let mut operators = self.operators();
        let mut calls = Vec::new();
        while !operators.eof() {
            calls.extend(call(&operators.read()?));
        }
        Ok(calls)
    }
}

fn call(operator: &Operator<'_>) -> Option<(Call, Position)> {
    use Position::{Inner, Tail};
    Some(match *operator {
        Operator::Throw { .. } | Operator::ThrowRef | Operator::Rethrow { .. } => {
            (Call::Throw, Inner)
        }
        Operator::Call { function_index } => (Call::Direct(FuncIdx(function_index)), Inner),
        Operator::ReturnCall { function_index } => (Call::Direct(FuncIdx(function_index)), Tail),
        Operator::CallIndirect { table_index, .. } => (Call::Table(TableIdx(table_index)), Inner),
        Operator::ReturnCallIndirect { table_index, .. } => {
            (Call::Table(TableIdx(table_index)), Tail)
        }
        Operator::CallRef { .. } => (Call::Reference, Inner),
        Operator::ReturnCallRef { .. } => (Call::Reference, Tail),
        _ => return None,
    })
}
