//! Arguments and expected results of the suite's scripts, as the runtime's values.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use aot_runtime::{AnyRef, RefKind, Store, Trap, ValType, Value};

use crate::pack::{Argument, Family, Float, Pattern};

/// An argument as the runtime takes it, for a parameter of this type.
///
/// # Errors
/// No room for the host's value; text that is no number.
pub(crate) fn argument(
    argument: &Argument,
    ty: Option<ValType>,
    store: &mut Store,
) -> Result<Value, Trap> {
    Ok(match argument {
        Argument::Text(text) => {
            let value = number(text, ty);
            value.ok_or_else(|| Trap::host(format!("{text:?} is no number of the type {ty:?}")))?
        }
        Argument::I32(bits) => Value::I32(bits.cast_signed()),
        Argument::I64(bits) => Value::I64(bits.cast_signed()),
        Argument::F32(bits) => Value::F32(*bits),
        Argument::F64(bits) => Value::F64(*bits),
        Argument::V128(bytes) => Value::V128(u128::from_le_bytes(*bytes)),
        Argument::Extern(key) => Value::ExternRef(Some(*key)),
        Argument::Host(key) => Value::AnyRef(Some(AnyRef::host(store, *key)?)),
        Argument::Null(Family::Func) => Value::FuncRef(None),
        Argument::Null(Family::Extern) => Value::ExternRef(None),
        Argument::Null(Family::Any) => Value::AnyRef(None),
        Argument::Null(Family::Exn) => Value::ExnRef(None),
    })
}

fn number(text: &str, ty: Option<ValType>) -> Option<Value> {
    Some(match ty? {
        ValType::I32 => Value::I32(text.parse().ok()?),
        ValType::I64 => Value::I64(text.parse().ok()?),
        ValType::F32 => Value::F32(text.parse::<f32>().ok()?.to_bits()),
        ValType::F64 => Value::F64(text.parse::<f64>().ok()?.to_bits()),
        _ => return None,
    })
}

/// Compares results with what the script expects.
pub(crate) fn compare(
    results: &[Value],
    expected: &[Vec<Pattern>],
    store: &Store,
) -> Result<(), String> {
    let mut pairs = results.iter().zip(expected);
    let fits = results.len() == expected.len()
        && pairs.all(|(value, patterns)| {
            patterns
                .iter()
                .any(|pattern| matches(value, pattern, store))
        });
    match fits {
        true => Ok(()),
        false => Err(format!("expected {expected:x?}, got {results:x?}")),
    }
}

fn matches(value: &Value, pattern: &Pattern, store: &Store) -> bool {
    match (value, pattern) {
        (Value::I32(value), Pattern::I32(bits)) => value.cast_unsigned() == *bits,
        (Value::I64(value), Pattern::I64(bits)) => value.cast_unsigned() == *bits,
        (Value::F32(bits), Pattern::F32(wanted)) => float32(*bits, *wanted),
        (Value::F64(bits), Pattern::F64(wanted)) => float64(*bits, *wanted),
        (Value::V128(bits), Pattern::Bytes(bytes)) => bits.to_le_bytes() == *bytes,
        (Value::V128(bits), Pattern::F32x4(wanted)) => lanes_of(&bits.to_le_bytes())
            .zip(wanted)
            .all(|(lane, wanted)| float32(u32::from_le_bytes(lane), *wanted)),
        (Value::V128(bits), Pattern::F64x2(wanted)) => lanes_of(&bits.to_le_bytes())
            .zip(wanted)
            .all(|(lane, wanted)| float64(u64::from_le_bytes(lane), *wanted)),
        (Value::FuncRef(None), Pattern::Null(families)) => families.contains(&Family::Func),
        (Value::ExternRef(None), Pattern::Null(families)) => families.contains(&Family::Extern),
        (Value::AnyRef(None), Pattern::Null(families)) => families.contains(&Family::Any),
        (Value::ExnRef(None), Pattern::Null(families)) => families.contains(&Family::Exn),
        (Value::AnyRef(Some(object)), pattern) => object_matches(object.kind(store), pattern),
        (Value::ExternObject(_), Pattern::Extern(None)) => true,
        (Value::FuncRef(Some(_)), Pattern::Func) => true,
        (Value::ExternRef(Some(key)), Pattern::Extern(wanted)) => {
            wanted.is_none_or(|wanted| *key == wanted)
        }
        _ => false,
    }
}

fn object_matches(kind: RefKind, pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Any => true,
        Pattern::Eq => !matches!(kind, RefKind::Host(_)),
        Pattern::Array => matches!(kind, RefKind::Array(_)),
        Pattern::Struct => kind == RefKind::Struct,
        Pattern::I31 => matches!(kind, RefKind::I31(_)),
        Pattern::Host(wanted) => kind == RefKind::Host(*wanted),
        _ => false,
    }
}

fn float32(bits: u32, wanted: Float<u32>) -> bool {
    match wanted {
        Float::Canonical => bits & 0x7fff_ffff == 0x7fc0_0000,
        Float::Arithmetic => bits & 0x7fc0_0000 == 0x7fc0_0000,
        Float::Bits(wanted) => bits == wanted,
    }
}

fn float64(bits: u64, wanted: Float<u64>) -> bool {
    match wanted {
        Float::Canonical => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        Float::Arithmetic => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        Float::Bits(wanted) => bits == wanted,
    }
}

fn lanes_of<const N: usize>(bytes: &[u8; 16]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

#[test]
fn nan_patterns() {
    assert!(float32(0xffc0_0000, Float::Canonical));
    assert!(!float32(0x7fc0_0001, Float::Canonical));
    assert!(float64(0xfff8_0000_0000_0001, Float::Arithmetic));
    assert!(!float64(0x7ff4_0000_0000_0000, Float::Arithmetic));
    assert!(!float64(0x4008_0000_0000_0000, Float::Arithmetic));
}
