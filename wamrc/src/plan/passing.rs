//! How functions of one module pass each other arguments.
//!
//! Modules with tail calls use a convention whose tail calls never move the stack, which holds only as
//! long as every argument is in a register: what does not fit goes through the argument area of the
//! execution environment, where the callee reads it before it does anything else.
//!
//! On machines whose calls cannot become jumps a function that ends with a call leaves the arguments in
//! the area, says there whom to call, and returns; its caller makes the call.

use crate::error::CompileError;
use crate::wasm::{FuncType, Module, ValType};
use aot_format::abi::exec_env::ARGUMENT_AREA;
use targets::{FloatAbi, TailCalls, TailForm, Target};

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

/// How functions of a module with tail calls are called.
///
/// Where LLVM could not make a jump of a call whatever the convention, because the result is returned in
/// memory of the caller's, all functions are called as on machines without such jumps.
#[must_use]
pub fn form(target: &Target, simd: bool, signals: bool) -> TailForm {
    let TailCalls { form, vectors, .. } = target.tail_calls;
    let in_memory = simd && !vectors || signals && form == TailForm::Sibling;
    if in_memory { TailForm::Absent } else { form }
}

/// What bodies get in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// How calls become jumps.
    pub form: TailForm,
    /// Bytes of a pointer and of an integer register.
    pointer: u32,
    ints: u32,
    floats: u32,
    /// Bytes of the widest float or vector that a float register takes; 0 without such.
    widest: u32,
    even_pairs: bool,
    /// Where arguments in the area begin.
    area: u32,
}

/// Where the argument area holds the function to go on with, on machines whose calls cannot become
/// jumps: a pointer, null while there is none.
pub const PENDING: u32 = 0;

impl Registers {
    /// What tail calls of the target leave for arguments.
    #[must_use]
    pub fn new(target: &Target, float_abi: FloatAbi, form: TailForm) -> Self {
        let TailCalls {
            form: _,
            ints,
            floats,
            even_pairs,
            vectors,
        } = target.tail_calls;
        let pointer = target.width.bytes();
        let widest = match float_abi {
            FloatAbi::Soft => 0,
            FloatAbi::Single => 4,
            FloatAbi::Double if vectors => 16,
            FloatAbi::Double => 8,
        };
        let (ints, floats, area) = match form {
            // The execution environment only: callers go on with functions of any type.
            TailForm::Absent => (1, 0, PENDING + 8),
            TailForm::Guaranteed | TailForm::Sibling => (ints, floats, 0),
        };
        Self {
            form,
            pointer,
            ints: ints.into(),
            floats: floats.into(),
            widest,
            even_pairs,
            area,
        }
    }
}

/// Where each of these arguments travels so that no tail call needs stack; and the bytes used of the
/// area.
#[must_use]
pub fn places(arguments: &[Argument], registers: &Registers) -> (Vec<Place>, u32) {
    let Registers {
        form: _,
        pointer,
        mut ints,
        mut floats,
        widest,
        even_pairs,
        mut area,
    } = *registers;
    let place = |argument: &Argument| {
        let (bytes, left) = match argument {
            Argument::Pointer => (pointer, &mut ints),
            Argument::Value(ty @ (ValType::F32 | ValType::F64 | ValType::V128)) => {
                (ty.size(), &mut floats)
            }
            Argument::Value(ty) => (ty.size(), &mut ints),
        };
        let (count, fits) = match argument {
            Argument::Value(ValType::I64) => (bytes.div_ceil(pointer), true),
            Argument::Value(ValType::F32 | ValType::F64 | ValType::V128) => (1, bytes <= widest),
            _ => (1, true),
        };
        if even_pairs && count == 2 {
            *left -= *left % 2;
        }
        if let (Some(rest), true) = (left.checked_sub(count), fits) {
            *left = rest;
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
    registers: &Registers,
) -> Result<u32, CompileError> {
    let mut most = 0;
    for (_, ty, body) in module.defined_functions() {
        let arguments = arguments(module.func_type(ty), passes_base);
        let (_, bytes) = places(&arguments, registers);
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
