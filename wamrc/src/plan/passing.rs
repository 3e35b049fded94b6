//! How functions of one module pass each other arguments.
//!
//! Modules with tail calls use a convention whose tail calls never move the stack, which holds only as
//! long as every argument is in a register: what does not fit goes through the argument area of the
//! execution environment, where the callee reads it before it does anything else.

use crate::error::CompileError;
use crate::wasm::{FuncType, Module, ValType};
use aot_format::abi::exec_env::ARGUMENT_AREA;
use targets::Target;

#[cfg(test)]
mod tests;

/// An argument of a body, in order: the execution environment and perhaps the base of memory 0, the
/// parameters, a pointer for each result beyond the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A pointer.
    Pointer,
    /// A value.
    Value(ValType),
}

/// Where an argument travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As an argument of the machine call.
    Call,
    /// At a byte offset in the argument area, a multiple of 8.
    Area(u32),
}

/// The arguments of bodies of a type.
#[must_use]
pub fn arguments(ty: &FuncType, passes_base: bool) -> Vec<Argument> {
    let leading = 1 + usize::from(passes_base);
    let params = ty.params.iter().map(|ty| Argument::Value(*ty));
    let extra = ty.results.iter().skip(1).map(|_| Argument::Pointer);
    let leading = std::iter::repeat_n(Argument::Pointer, leading);
    leading.chain(params).chain(extra).collect()
}

/// Where each of these arguments travels so that no tail call needs stack; and the bytes used of the
/// area.
#[must_use]
pub fn places(arguments: &[Argument], target: &Target) -> (Vec<Place>, u32) {
    let pointer = target.width.bytes();
    let mut ints = u32::from(target.tail_calls.ints);
    let mut floats = u32::from(target.tail_calls.floats);
    let mut area = 0_u32;
    let place = |argument: &Argument| {
        let (bytes, registers) = match argument {
            Argument::Pointer => (pointer, &mut ints),
            Argument::Value(ty @ (ValType::F32 | ValType::F64 | ValType::V128)) => {
                (ty.size(), &mut floats)
            }
            Argument::Value(ty) => (ty.size(), &mut ints),
        };
        let count = match argument {
            Argument::Value(ValType::I64) => bytes.div_ceil(pointer),
            _ => 1,
        };
        if target.tail_calls.even_pairs && count == 2 {
            *registers -= *registers % 2;
        }
        if let Some(left) = registers.checked_sub(count) {
            *registers = left;
            return Place::Call;
        }
        let offset = area;
        area = area.saturating_add(bytes.next_multiple_of(8));
        Place::Area(offset)
    };
    (arguments.iter().map(place).collect(), area)
}

/// The bytes of the argument area that the functions of a module use.
///
/// # Errors
/// `Limit` if a function has more arguments than there is room for.
pub(super) fn area_bytes(
    module: &Module<'_>,
    passes_base: bool,
    target: &Target,
) -> Result<u32, CompileError> {
    let mut most = 0;
    for (_, ty, body) in module.defined_functions() {
        let arguments = arguments(module.func_type(ty), passes_base);
        let (_, bytes) = places(&arguments, target);
        if bytes > ARGUMENT_AREA {
            return Err(CompileError::Limit {
                what: "bytes of arguments of a function of a module with tail calls",
                value: u64::from(bytes),
                limit: u64::from(ARGUMENT_AREA),
                offset: Some(body.offset),
            });
        }
        most = most.max(bytes);
    }
    Ok(most)
}
