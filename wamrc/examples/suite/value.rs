//! Arguments and expected results of a script, as a pack has them.

use spec_runner::pack::{Argument, Family, Float, Pattern};
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};
use wast::{WastArg, WastRet};

/// An argument.
pub(crate) fn argument(argument: &WastArg<'_>) -> Result<Argument, String> {
    let WastArg::Core(core) = argument else {
        return Err(format!("argument {argument:?} is not of a core module"));
    };
    Ok(match core {
        WastArgCore::I32(value) => Argument::I32(value.cast_unsigned()),
        WastArgCore::I64(value) => Argument::I64(value.cast_unsigned()),
        WastArgCore::F32(value) => Argument::F32(value.bits),
        WastArgCore::F64(value) => Argument::F64(value.bits),
        WastArgCore::V128(bits) => Argument::V128(bits.to_le_bytes()),
        WastArgCore::RefExtern(key) => Argument::Extern(*key),
        WastArgCore::RefHost(key) => Argument::Host(*key),
        WastArgCore::RefNull(HeapType::Abstract { ty, .. }) => Argument::Null(family(*ty)),
        WastArgCore::RefNull(_) => return Err(format!("argument {core:?} is of no known type")),
    })
}

/// What a result may be: one of these.
pub(crate) fn patterns(result: &WastRet<'_>) -> Result<Vec<Pattern>, String> {
    match result {
        WastRet::Core(WastRetCore::Either(list)) => list.iter().map(pattern).collect(),
        WastRet::Core(core) => Ok(vec![pattern(core)?]),
        _ => Err(format!("result {result:?} is not of a core module")),
    }
}

fn pattern(core: &WastRetCore<'_>) -> Result<Pattern, String> {
    Ok(match core {
        WastRetCore::I32(value) => Pattern::I32(value.cast_unsigned()),
        WastRetCore::I64(value) => Pattern::I64(value.cast_unsigned()),
        WastRetCore::F32(wanted) => Pattern::F32(float(wanted, bits32)),
        WastRetCore::F64(wanted) => Pattern::F64(float(wanted, bits64)),
        WastRetCore::V128(wanted) => vector(wanted),
        WastRetCore::RefNull(wanted) => Pattern::Null(null(wanted.as_ref())),
        WastRetCore::RefExtern(key) => Pattern::Extern(*key),
        WastRetCore::RefHost(key) => Pattern::Host(*key),
        WastRetCore::RefFunc(_) => Pattern::Func,
        WastRetCore::RefAny => Pattern::Any,
        WastRetCore::RefEq => Pattern::Eq,
        WastRetCore::RefArray => Pattern::Array,
        WastRetCore::RefStruct => Pattern::Struct,
        WastRetCore::RefI31 => Pattern::I31,
        _ => return Err(format!("result {core:?} is of no known type")),
    })
}

/// The families of the nulls that a script may mean.
fn null(wanted: Option<&HeapType<'_>>) -> Vec<Family> {
    match wanted {
        None => vec![Family::Func, Family::Extern, Family::Any, Family::Exn],
        Some(HeapType::Abstract { ty, .. }) => vec![family(*ty)],
        Some(_) => vec![Family::Func, Family::Any],
    }
}

fn family(ty: AbstractHeapType) -> Family {
    match ty {
        AbstractHeapType::Func | AbstractHeapType::NoFunc => Family::Func,
        AbstractHeapType::Extern | AbstractHeapType::NoExtern => Family::Extern,
        AbstractHeapType::Exn | AbstractHeapType::NoExn => Family::Exn,
        _ => Family::Any,
    }
}

fn float<T, Bits>(wanted: &NanPattern<T>, bits: fn(&T) -> Bits) -> Float<Bits> {
    match wanted {
        NanPattern::CanonicalNan => Float::Canonical,
        NanPattern::ArithmeticNan => Float::Arithmetic,
        NanPattern::Value(value) => Float::Bits(bits(value)),
    }
}

fn bits32(value: &F32) -> u32 {
    value.bits
}

fn bits64(value: &F64) -> u64 {
    value.bits
}

fn vector(wanted: &V128Pattern) -> Pattern {
    match wanted {
        V128Pattern::I8x16(lanes) => bytes(lanes.map(i8::to_le_bytes)),
        V128Pattern::I16x8(lanes) => bytes(lanes.map(i16::to_le_bytes)),
        V128Pattern::I32x4(lanes) => bytes(lanes.map(i32::to_le_bytes)),
        V128Pattern::I64x2(lanes) => bytes(lanes.map(i64::to_le_bytes)),
        V128Pattern::F32x4(lanes) => {
            Pattern::F32x4(std::array::from_fn(|lane| float(&lanes[lane], bits32)))
        }
        V128Pattern::F64x2(lanes) => {
            Pattern::F64x2(std::array::from_fn(|lane| float(&lanes[lane], bits64)))
        }
    }
}

fn bytes<const N: usize, const LANES: usize>(lanes: [[u8; N]; LANES]) -> Pattern {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(lanes.as_flattened());
    Pattern::Bytes(bytes)
}
