//! Arguments and expected results of the suite's scripts.

use aot_runtime::{AnyRef, RefKind, Store, Value};
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};
use wast::{WastArg, WastRet};

/// An argument as the runtime takes it.
pub(crate) fn argument(argument: &WastArg<'_>, store: &mut Store) -> Result<Value, String> {
    let WastArg::Core(core) = argument else {
        return Err(format!("argument {argument:?} is not of a core module"));
    };
    Ok(match core {
        WastArgCore::I32(value) => Value::I32(*value),
        WastArgCore::I64(value) => Value::I64(*value),
        WastArgCore::F32(value) => Value::F32(value.bits),
        WastArgCore::F64(value) => Value::F64(value.bits),
        WastArgCore::V128(bits) => Value::V128(u128::from_le_bytes(bits.to_le_bytes())),
        WastArgCore::RefExtern(key) => Value::ExternRef(Some(*key)),
        WastArgCore::RefHost(key) => {
            let host = AnyRef::host(store, *key).map_err(|trap| trap.to_string())?;
            Value::AnyRef(Some(host))
        }
        WastArgCore::RefNull(HeapType::Abstract { ty, .. }) => match ty {
            AbstractHeapType::Func | AbstractHeapType::NoFunc => Value::FuncRef(None),
            AbstractHeapType::Extern | AbstractHeapType::NoExtern => Value::ExternRef(None),
            AbstractHeapType::Exn | AbstractHeapType::NoExn => Value::ExnRef(None),
            _ => Value::AnyRef(None),
        },
        _ => return Err(format!("argument {core:?} is of no known type")),
    })
}

/// Compares results with what the script expects.
pub(crate) fn compare(
    results: &[Value],
    expected: &[WastRet<'_>],
    store: &Store,
) -> Result<(), String> {
    let fits = results.len() == expected.len()
        && results
            .iter()
            .zip(expected)
            .all(|(value, pattern)| match pattern {
                WastRet::Core(core) => matches(value, core, store),
                _ => false,
            });
    match fits {
        true => Ok(()),
        false => Err(format!("returned {results:x?}, expected {expected:x?}")),
    }
}

fn matches(value: &Value, pattern: &WastRetCore<'_>, store: &Store) -> bool {
    match (value, pattern) {
        (Value::I32(value), WastRetCore::I32(wanted)) => value == wanted,
        (Value::I64(value), WastRetCore::I64(wanted)) => value == wanted,
        (Value::F32(bits), WastRetCore::F32(wanted)) => float32(*bits, wanted),
        (Value::F64(bits), WastRetCore::F64(wanted)) => float64(*bits, wanted),
        (Value::V128(bits), WastRetCore::V128(wanted)) => vector(*bits, wanted),
        (Value::FuncRef(None), WastRetCore::RefNull(wanted)) => {
            null_of(wanted.as_ref(), AbstractHeapType::Func)
        }
        (Value::ExternRef(None), WastRetCore::RefNull(wanted)) => {
            null_of(wanted.as_ref(), AbstractHeapType::Extern)
        }
        (Value::AnyRef(None), WastRetCore::RefNull(wanted)) => {
            wanted.as_ref().is_none_or(is_below_any)
        }
        (Value::ExnRef(None), WastRetCore::RefNull(wanted)) => {
            null_of(wanted.as_ref(), AbstractHeapType::Exn)
        }
        (Value::AnyRef(Some(object)), pattern) => object_matches(object.kind(store), pattern),
        (Value::ExternObject(_), WastRetCore::RefExtern(None)) => true,
        (Value::FuncRef(Some(_)), WastRetCore::RefFunc(_)) => true,
        (Value::ExternRef(Some(key)), WastRetCore::RefExtern(wanted)) => {
            wanted.is_none_or(|wanted| *key == wanted)
        }
        (_, WastRetCore::Either(patterns)) => patterns
            .iter()
            .any(|pattern| matches(value, pattern, store)),
        _ => false,
    }
}

fn object_matches(kind: RefKind, pattern: &WastRetCore<'_>) -> bool {
    match pattern {
        WastRetCore::RefAny => true,
        WastRetCore::RefEq => !matches!(kind, RefKind::Host(_)),
        WastRetCore::RefArray => matches!(kind, RefKind::Array(_)),
        WastRetCore::RefStruct => kind == RefKind::Struct,
        WastRetCore::RefI31 => matches!(kind, RefKind::I31(_)),
        WastRetCore::RefHost(wanted) => kind == RefKind::Host(*wanted),
        _ => false,
    }
}

/// Whether a null of `any` may be wanted so.
fn is_below_any(wanted: &HeapType<'_>) -> bool {
    use AbstractHeapType as A;
    match wanted {
        HeapType::Abstract { ty, .. } => {
            matches!(ty, A::Any | A::Eq | A::I31 | A::Struct | A::Array | A::None)
        }
        _ => true,
    }
}

fn float32(bits: u32, wanted: &NanPattern<F32>) -> bool {
    match wanted {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(wanted) => bits == wanted.bits,
    }
}

fn float64(bits: u64, wanted: &NanPattern<F64>) -> bool {
    match wanted {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(wanted) => bits == wanted.bits,
    }
}

/// Compares lane by lane.
fn vector(bits: u128, wanted: &V128Pattern) -> bool {
    let bytes = bits.to_le_bytes();
    match wanted {
        V128Pattern::I8x16(lanes) => lanes_of(&bytes)
            .zip(lanes)
            .all(|(lane, wanted)| i8::from_le_bytes(lane) == *wanted),
        V128Pattern::I16x8(lanes) => lanes_of(&bytes)
            .zip(lanes)
            .all(|(lane, wanted)| i16::from_le_bytes(lane) == *wanted),
        V128Pattern::I32x4(lanes) => lanes_of(&bytes)
            .zip(lanes)
            .all(|(lane, wanted)| i32::from_le_bytes(lane) == *wanted),
        V128Pattern::I64x2(lanes) => lanes_of(&bytes)
            .zip(lanes)
            .all(|(lane, wanted)| i64::from_le_bytes(lane) == *wanted),
        V128Pattern::F32x4(lanes) => lanes_of(&bytes)
            .zip(lanes)
            .all(|(lane, wanted)| float32(u32::from_le_bytes(lane), wanted)),
        V128Pattern::F64x2(lanes) => lanes_of(&bytes)
            .zip(lanes)
            .all(|(lane, wanted)| float64(u64::from_le_bytes(lane), wanted)),
    }
}

fn lanes_of<const N: usize>(bytes: &[u8; 16]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// Whether the script wants any null, or one of this type.
fn null_of(wanted: Option<&HeapType<'_>>, ty: AbstractHeapType) -> bool {
    use AbstractHeapType as A;
    match wanted {
        None => true,
        Some(HeapType::Abstract { ty: wanted, .. }) => match ty {
            A::Func => matches!(wanted, A::Func | A::NoFunc),
            A::Extern => matches!(wanted, A::Extern | A::NoExtern),
            _ => matches!(wanted, A::Exn | A::NoExn),
        },
        Some(_) => ty == A::Func,
    }
}

#[test]
fn nan_patterns() {
    let store = Store::new();
    let fits = |value: &Value, pattern: &WastRetCore<'_>| matches(value, pattern, &store);
    let canonical = WastRetCore::F32(NanPattern::CanonicalNan);
    assert!(fits(&Value::F32(0xffc0_0000), &canonical));
    assert!(!fits(&Value::F32(0x7fc0_0001), &canonical));
    let arithmetic = WastRetCore::F64(NanPattern::ArithmeticNan);
    assert!(fits(&Value::F64(0xfff8_0000_0000_0001), &arithmetic));
    assert!(!fits(&Value::F64(0x7ff4_0000_0000_0000), &arithmetic));
    assert!(!fits(&Value::F64(0x4008_0000_0000_0000), &arithmetic));
}
