//! Arguments of `-f`: numbers as C's `strtoul` and `strtod` read them.
//!
//! Integers are decimal, hexadecimal (`0x`) or octal (`0`), with a sign, and
//! wrap; floats may be decimal, hexadecimal, `inf`, `nan` or `nan:PAYLOAD`.
//! As in stock, an underscore ends the number.

use crate::{ValType, Value};

/// The value of type `ty` that `text` stands for.
pub(super) fn parse(text: &str, ty: ValType) -> Option<Value> {
    let text = text.split('_').next().filter(|text| !text.is_empty())?;
    Some(match ty {
        ValType::I32 => Value::I32(low(integer(text)?).cast_signed()),
        ValType::I64 => Value::I64(integer(text)?.cast_signed()),
        ValType::F32 => Value::F32(float32(text)?),
        ValType::F64 => Value::F64(float64(text)?),
        ValType::V128 => {
            let (first, second) = text.split_once('\\')?;
            Value::V128(u128::from(integer(first)?) | u128::from(integer(second)?) << 64)
        }
        ValType::FUNCREF => null(text).then_some(Value::FuncRef(None))?,
        ValType::EXTERNREF if null(text) => Value::ExternRef(None),
        ValType::EXTERNREF => {
            let key = u32::try_from(integer(text)?)
                .ok()
                .filter(|key| *key != u32::MAX);
            Value::ExternRef(Some(key?))
        }
        ValType::Ref(_) => return None,
    })
}

fn null(text: &str) -> bool {
    text.eq_ignore_ascii_case("null")
}

/// The low half.
fn low(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Splits a sign off.
fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// `strtoul`: saturates where the magnitude does not fit 64 bits.
fn integer(text: &str) -> Option<u64> {
    let (negative, digits) = sign(text);
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, digits.get(2..)?),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits),
        _ => (10, digits),
    };
    let plain = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let magnitude = u64::from_str_radix(plain.then_some(digits)?, radix);
    Some(match magnitude {
        Ok(value) if negative => value.wrapping_neg(),
        Ok(value) => value,
        Err(_) => u64::MAX,
    })
}

/// The payload of `nan:PAYLOAD`, the sign split off already.
fn payload(text: &str) -> Option<u64> {
    let head = text.get(..4)?;
    integer(head.eq_ignore_ascii_case("nan:").then(|| text.get(4..))??)
}

fn float32(text: &str) -> Option<u32> {
    let (negative, rest) = sign(text);
    let bits = if let Some(payload) = payload(rest) {
        0x7F80_0000 | low(payload) & 0x7F_FFFF
    } else if let Some(value) = hexadecimal(rest) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "rounds to the nearest, as strtof"
        )]
        let value = value as f32;
        value.to_bits()
    } else {
        decimal(rest)?.parse::<f32>().ok()?.to_bits()
    };
    Some(bits | u32::from(negative) << 31)
}

fn float64(text: &str) -> Option<u64> {
    let (negative, rest) = sign(text);
    let bits = if let Some(payload) = payload(rest) {
        0x7FF0_0000_0000_0000 | payload & 0xF_FFFF_FFFF_FFFF
    } else if let Some(value) = hexadecimal(rest) {
        value.to_bits()
    } else {
        decimal(rest)?.parse::<f64>().ok()?.to_bits()
    };
    Some(bits | u64::from(negative) << 63)
}

/// The text, unless it has a second sign.
fn decimal(text: &str) -> Option<&str> {
    (!text.starts_with(['-', '+'])).then_some(text)
}

/// A hexadecimal float without sign: `0x1.8p3`.
fn hexadecimal(text: &str) -> Option<f64> {
    let text = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))?;
    let (mantissa, exponent) = text.split_once(['p', 'P']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value = 0.0_f64;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let exponent: i32 = exponent.parse().ok()?;
    let scale = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    (!(whole.is_empty() && fraction.is_empty()))
        .then(|| value * 2.0_f64.powi(exponent.saturating_sub(scale)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_does() {
        let cases = [
            ("42", ValType::I32, Some(Value::I32(42))),
            ("-1", ValType::I32, Some(Value::I32(-1))),
            ("0x2a", ValType::I64, Some(Value::I64(42))),
            ("010", ValType::I32, Some(Value::I32(8))),
            ("4294967295", ValType::I32, Some(Value::I32(-1))),
            (
                "10000000000",
                ValType::I64,
                Some(Value::I64(10_000_000_000)),
            ),
            ("99999999999999999999", ValType::I64, Some(Value::I64(-1))),
            ("7_i32", ValType::I32, Some(Value::I32(7))),
            ("x", ValType::I32, None),
            ("", ValType::I32, None),
            ("0x", ValType::I32, None),
            ("2.5", ValType::F64, Some(Value::F64(2.5_f64.to_bits()))),
            ("1e20", ValType::F32, Some(Value::F32(1e20_f32.to_bits()))),
            (
                "-inf",
                ValType::F64,
                Some(Value::F64(f64::NEG_INFINITY.to_bits())),
            ),
            ("nan", ValType::F32, Some(Value::F32(0x7FC0_0000))),
            ("-nan:0x200000", ValType::F32, Some(Value::F32(0xFFA0_0000))),
            (
                "0x1.8p3",
                ValType::F64,
                Some(Value::F64(12.0_f64.to_bits())),
            ),
            ("--1", ValType::F64, None),
            ("null", ValType::FUNCREF, Some(Value::FuncRef(None))),
            ("1\\2", ValType::V128, Some(Value::V128(1 | 2 << 64))),
        ];
        for (text, ty, want) in cases {
            assert_eq!(parse(text, ty), want, "{text}");
        }
    }
}
