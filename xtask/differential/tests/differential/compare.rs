//! What counts as the same in both engines.

use aot_runtime::{Trap, TrapId, Value};
use wasmtime::Trap as Other;

use super::oracle::{End, Seen};

/// Compares bit for bit; any NaN equals any other, references by being null.
pub(crate) fn same_values(ours: &[Value], theirs: &[Seen]) -> Result<(), String> {
    let same = ours.len() == theirs.len()
        && ours.iter().zip(theirs).all(|pair| match pair {
            (Value::I32(a), Seen::I32(b)) => a == b,
            (Value::I64(a), Seen::I64(b)) => a == b,
            (Value::F32(a), Seen::F32(b)) => {
                a == b || f32::from_bits(*a).is_nan() && f32::from_bits(*b).is_nan()
            }
            (Value::F64(a), Seen::F64(b)) => {
                a == b || f64::from_bits(*a).is_nan() && f64::from_bits(*b).is_nan()
            }
            (Value::V128(a), Seen::V128(b)) => a == b,
            (Value::FuncRef(a), Seen::Ref { null }) => a.is_none() == *null,
            (Value::ExternRef(a), Seen::Ref { null }) => a.is_none() == *null,
            (Value::ExternObject(_), Seen::Ref { null }) => !null,
            (Value::AnyRef(a) | Value::ExnRef(a), Seen::Ref { null }) => a.is_none() == *null,
            _ => false,
        });
    match same {
        true => Ok(()),
        false => Err(format!("ours {ours:x?}, theirs {theirs:x?}")),
    }
}

/// Compares how a call ended that did not return.
pub(crate) fn same_end(ours: &Trap, theirs: &End) -> Result<(), String> {
    let same = match (ours, theirs) {
        (Trap::Wasm(id), End::Trap(trap)) => kinds(*trap).contains(id),
        (Trap::Exception(_), End::Exception) => true,
        _ => false,
    };
    match same {
        true => Ok(()),
        false => Err(format!("ended by {ours:?}, theirs {theirs:?}")),
    }
}

/// Our traps for one of theirs.
fn kinds(trap: Other) -> &'static [TrapId] {
    match trap {
        Other::UnreachableCodeReached => &[TrapId::Unreachable],
        Other::MemoryOutOfBounds => &[TrapId::OutOfBoundsMemoryAccess],
        Other::TableOutOfBounds => &[TrapId::UndefinedElement, TrapId::OutOfBoundsTableAccess],
        Other::IndirectCallToNull => &[TrapId::UninitializedElement],
        Other::IntegerDivisionByZero => &[TrapId::IntegerDivideByZero],
        Other::IntegerOverflow => &[TrapId::IntegerOverflow],
        Other::BadConversionToInteger => &[TrapId::InvalidConversionToInteger],
        Other::StackOverflow => &[TrapId::NativeStackOverflow],
        Other::BadSignature => &[TrapId::InvalidFunctionTypeIndex],
        Other::HeapMisaligned => &[TrapId::UnalignedAtomic],
        Other::NullReference => &[
            TrapId::NullReference,
            TrapId::NullFuncObj,
            TrapId::NullStructObj,
            TrapId::NullArrayObj,
            TrapId::NullI31Obj,
        ],
        Other::ArrayOutOfBounds => &[TrapId::ArrayIdxOob],
        Other::CastFailure => &[TrapId::CastFailure],
        Other::AllocationTooLarge => &[
            TrapId::FailedToCreateArrayObj,
            TrapId::FailedToCreateStructObj,
        ],
        _ => &[],
    }
}

/// Compares the bytes of a memory.
pub(crate) fn same_memory(ours: &[u8], theirs: &[u8]) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    let first = ours.iter().zip(theirs).position(|(a, b)| a != b);
    Err(format!(
        "memory differs: {} and {} bytes, first at {first:?}",
        ours.len(),
        theirs.len()
    ))
}

/// Compares the number of elements of a table.
pub(crate) fn same_size(ours: u64, theirs: u64) -> Result<(), String> {
    match ours == theirs {
        true => Ok(()),
        false => Err(format!("{ours} elements, theirs {theirs}")),
    }
}
