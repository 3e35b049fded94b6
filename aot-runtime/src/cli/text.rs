//! Values as stock prints them: integers in hex, floats as C's `%.7g`.

use crate::Value;

/// A value with its type, e.g. `0x2a:i32` or `2.5:f64`.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::I32(v) => format!("{v:#x}:i32"),
        Value::I64(v) => format!("{v:#x}:i64"),
        Value::F32(bits) => format!("{}:f32", float(f32::from_bits(*bits).into())),
        Value::F64(bits) => format!("{}:f64", float(f64::from_bits(*bits))),
        Value::V128(bits) => format!(
            "<{:#018x} {:#018x}>:v128",
            bits & u128::from(u64::MAX),
            bits >> 64
        ),
        Value::FuncRef(None) => "func:ref.null".into(),
        Value::FuncRef(Some(_)) => "ref.func".into(),
        Value::ExternRef(None) => "extern:ref.null".into(),
        Value::ExternRef(Some(key)) => format!("{key:#x}:ref.extern"),
        Value::ExternObject(_) => "ref.extern".into(),
        Value::AnyRef(None) => "any:ref.null".into(),
        Value::AnyRef(Some(_)) => "ref.any".into(),
        Value::ExnRef(None) => "exn:ref.null".into(),
        Value::ExnRef(Some(_)) => "ref.exn".into(),
    }
}

/// Significant digits.
const DIGITS: i32 = 7;

/// C's `%.7g`.
fn float(x: f64) -> String {
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x.is_nan() {
        return format!("{sign}nan");
    }
    if x.is_infinite() {
        return format!("{sign}inf");
    }
    let scientific = format!("{x:.6e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..DIGITS).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim(mantissa), exponent.unsigned_abs());
    }
    let decimals = usize::try_from(DIGITS - 1 - exponent).unwrap_or(0);
    trim(&format!("{x:.decimals$}")).into()
}

/// The number without zeros at the end of its fraction.
fn trim(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_printed_as_c_does() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (2.5, "2.5"),
            (5.0, "5"),
            (3.143_999_9, "3.144"),
            (1e20, "1e+20"),
            (123_456.789, "123456.8"),
            (9_999_999.5, "1e+07"),
            (0.000_123_456_78, "0.0001234568"),
            (0.000_012_345_678, "1.234568e-05"),
            (f64::INFINITY, "inf"),
            (-f64::NAN, "-nan"),
            (f64::MIN_POSITIVE, "2.225074e-308"),
        ];
        for (x, want) in cases {
            assert_eq!(float(x), want);
        }
    }

    #[test]
    fn values_carry_their_types() {
        assert_eq!(value(&Value::I32(-1)), "0xffffffff:i32");
        assert_eq!(value(&Value::I64(0)), "0x0:i64");
        assert_eq!(value(&Value::F32(1.25_f32.to_bits())), "1.25:f32");
        assert_eq!(
            value(&Value::V128(1)),
            "<0x0000000000000001 0x0000000000000000>:v128"
        );
        assert_eq!(value(&Value::ExternRef(None)), "extern:ref.null");
    }
}
