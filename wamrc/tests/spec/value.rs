//! Arguments and expected results of the suite's scripts.

use aot_runtime::Value;
use wast::core::{AbstractHeapType, HeapType, NanPattern, WastArgCore, WastRetCore};
use wast::{WastArg, WastRet};

/// An argument as the runtime takes it.
pub(crate) fn argument(argument: &WastArg<'_>) -> Result<Value, String> {
    let WastArg::Core(core) = argument else {
        return Err(format!("argument {argument:?} is not of a core module"));
    };
    Ok(match core {
        WastArgCore::I32(value) => Value::I32(*value),
        WastArgCore::I64(value) => Value::I64(*value),
        WastArgCore::F32(value) => Value::F32(value.bits),
        WastArgCore::F64(value) => Value::F64(value.bits),
        WastArgCore::RefExtern(key) => Value::ExternRef(Some(*key)),
        WastArgCore::RefNull(HeapType::Abstract { ty, .. }) => match ty {
            AbstractHeapType::Func => Value::FuncRef(None),
            AbstractHeapType::Extern => Value::ExternRef(None),
            _ => return Err(format!("argument {core:?} is of no known type")),
        },
        _ => return Err(format!("argument {core:?} is of no known type")),
    })
}

/// Compares results with what the script expects.
pub(crate) fn compare(results: &[Value], expected: &[WastRet<'_>]) -> Result<(), String> {
    let fits = results.len() == expected.len()
        && results
            .iter()
            .zip(expected)
            .all(|(value, pattern)| match pattern {
                WastRet::Core(core) => matches(value, core),
                _ => false,
            });
    match fits {
        true => Ok(()),
        false => Err(format!("returned {results:x?}, expected {expected:x?}")),
    }
}

fn matches(value: &Value, pattern: &WastRetCore<'_>) -> bool {
    match (value, pattern) {
        (Value::I32(value), WastRetCore::I32(wanted)) => value == wanted,
        (Value::I64(value), WastRetCore::I64(wanted)) => value == wanted,
        (Value::F32(bits), WastRetCore::F32(wanted)) => match wanted {
            NanPattern::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
            NanPattern::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
            NanPattern::Value(wanted) => *bits == wanted.bits,
        },
        (Value::F64(bits), WastRetCore::F64(wanted)) => match wanted {
            NanPattern::CanonicalNan => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
            NanPattern::ArithmeticNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
            NanPattern::Value(wanted) => *bits == wanted.bits,
        },
        (Value::FuncRef(None), WastRetCore::RefNull(wanted)) => {
            null_of(wanted.as_ref(), AbstractHeapType::Func)
        }
        (Value::ExternRef(None), WastRetCore::RefNull(wanted)) => {
            null_of(wanted.as_ref(), AbstractHeapType::Extern)
        }
        (Value::FuncRef(Some(_)), WastRetCore::RefFunc(_)) => true,
        (Value::ExternRef(Some(key)), WastRetCore::RefExtern(wanted)) => {
            wanted.is_none_or(|wanted| *key == wanted)
        }
        (_, WastRetCore::Either(patterns)) => {
            patterns.iter().any(|pattern| matches(value, pattern))
        }
        _ => false,
    }
}

/// Whether the script wants any null, or one of this type.
fn null_of(wanted: Option<&HeapType<'_>>, ty: AbstractHeapType) -> bool {
    match wanted {
        None => true,
        Some(HeapType::Abstract { ty: wanted, .. }) => *wanted == ty,
        Some(_) => false,
    }
}

#[test]
fn nan_patterns() {
    let canonical = WastRetCore::F32(NanPattern::CanonicalNan);
    assert!(matches(&Value::F32(0xffc0_0000), &canonical));
    assert!(!matches(&Value::F32(0x7fc0_0001), &canonical));
    let arithmetic = WastRetCore::F64(NanPattern::ArithmeticNan);
    assert!(matches(&Value::F64(0xfff8_0000_0000_0001), &arithmetic));
    assert!(!matches(&Value::F64(0x7ff4_0000_0000_0000), &arithmetic));
    assert!(!matches(&Value::F64(0x4008_0000_0000_0000), &arithmetic));
}
