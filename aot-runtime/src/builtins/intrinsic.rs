//! The intrinsics of execute-in-place files: operators as function calls.
//!
//! Plain arithmetic; traps (division by zero, unrepresentable conversions)
//! have been ruled out by the code that calls them, so the out-of-range cases
//! here only have to return something.

use aot_format::abi::builtins::Builtin;

use crate::host::math;

/// One function per line: name, parameters, result, value.
macro_rules! intrinsics {
    ($($name:ident($($p:ident: $t:ty),*) -> $r:ty = $value:expr;)*) => {$(
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss,
                clippy::cast_possible_wrap, clippy::cast_lossless,
                reason = "the conversions are the operators")]
        extern "C" fn $name($($p: $t),*) -> $r { $value }
    )*};
}

intrinsics! {
    fabs_f32(x: f32) -> f32 = f32::from_bits(x.to_bits() & 0x7FFF_FFFF);
    fabs_f64(x: f64) -> f64 = f64::from_bits(x.to_bits() & 0x7FFF_FFFF_FFFF_FFFF);
    copysign_f32(x: f32, y: f32) -> f32 = f32::from_bits(x.to_bits() & 0x7FFF_FFFF | y.to_bits() & 0x8000_0000);
    copysign_f64(x: f64, y: f64) -> f64 =
        f64::from_bits(x.to_bits() & 0x7FFF_FFFF_FFFF_FFFF | y.to_bits() & 0x8000_0000_0000_0000);
    fadd_f32(x: f32, y: f32) -> f32 = x + y;
    fadd_f64(x: f64, y: f64) -> f64 = x + y;
    fsub_f32(x: f32, y: f32) -> f32 = x - y;
    fsub_f64(x: f64, y: f64) -> f64 = x - y;
    fmul_f32(x: f32, y: f32) -> f32 = x * y;
    fmul_f64(x: f64, y: f64) -> f64 = x * y;
    fdiv_f32(x: f32, y: f32) -> f32 = x / y;
    fdiv_f64(x: f64, y: f64) -> f64 = x / y;
    fmin_f32(x: f32, y: f32) -> f32 = if x.is_nan() || y.is_nan() { x + y } else if x == y { f32::from_bits(x.to_bits() | y.to_bits()) } else if x < y { x } else { y };
    fmin_f64(x: f64, y: f64) -> f64 = if x.is_nan() || y.is_nan() { x + y } else if x == y { f64::from_bits(x.to_bits() | y.to_bits()) } else if x < y { x } else { y };
    fmax_f32(x: f32, y: f32) -> f32 = if x.is_nan() || y.is_nan() { x + y } else if x == y { f32::from_bits(x.to_bits() & y.to_bits()) } else if x > y { x } else { y };
    fmax_f64(x: f64, y: f64) -> f64 = if x.is_nan() || y.is_nan() { x + y } else if x == y { f64::from_bits(x.to_bits() & y.to_bits()) } else if x > y { x } else { y };
    clz_i32(x: u32) -> u32 = x.leading_zeros();
    clz_i64(x: u64) -> u64 = u64::from(x.leading_zeros());
    ctz_i32(x: u32) -> u32 = x.trailing_zeros();
    ctz_i64(x: u64) -> u64 = u64::from(x.trailing_zeros());
    popcnt_i32(x: u32) -> u32 = x.count_ones();
    popcnt_i64(x: u64) -> u64 = u64::from(x.count_ones());
    i32_to_f32(x: i32) -> f32 = x as f32;
    u32_to_f32(x: u32) -> f32 = x as f32;
    i32_to_f64(x: i32) -> f64 = x as f64;
    u32_to_f64(x: u32) -> f64 = x as f64;
    i64_to_f32(x: i64) -> f32 = x as f32;
    u64_to_f32(x: u64) -> f32 = x as f32;
    i64_to_f64(x: i64) -> f64 = x as f64;
    u64_to_f64(x: u64) -> f64 = x as f64;
    f64_to_f32(x: f64) -> f32 = x as f32;
    f32_to_i32(x: f32) -> i32 = x as i32;
    f32_to_u32(x: f32) -> u32 = x as u32;
    f32_to_i64(x: f32) -> i64 = x as i64;
    f32_to_u64(x: f32) -> u64 = x as u64;
    f64_to_i32(x: f64) -> i32 = x as i32;
    f64_to_u32(x: f64) -> u32 = x as u32;
    f64_to_i64(x: f64) -> i64 = x as i64;
    f64_to_u64(x: f64) -> u64 = x as u64;
    f32_to_f64(x: f32) -> f64 = x as f64;
    f32_cmp(condition: u32, x: f32, y: f32) -> u32 = compare(condition, x.partial_cmp(&y));
    f64_cmp(condition: u32, x: f64, y: f64) -> u32 = compare(condition, x.partial_cmp(&y));
    i64_div_s(x: i64, y: i64) -> i64 = x.checked_div(y).unwrap_or(0);
    i64_div_u(x: u64, y: u64) -> u64 = x.checked_div(y).unwrap_or(0);
    i64_rem_s(x: i64, y: i64) -> i64 = x.checked_rem(y).unwrap_or(0);
    i64_rem_u(x: u64, y: u64) -> u64 = x.checked_rem(y).unwrap_or(0);
    i64_bit_or(x: u64, y: u64) -> u64 = x | y;
    i64_bit_and(x: u64, y: u64) -> u64 = x & y;
    i64_mul(x: u64, y: u64) -> u64 = x.wrapping_mul(y);
    i64_shl(x: u64, y: u64) -> u64 = x.wrapping_shl((y & 63) as u32);
    i64_shr_s(x: i64, y: i64) -> i64 = x.wrapping_shr((y & 63) as u32);
    i64_shr_u(x: u64, y: u64) -> u64 = x.wrapping_shr((y & 63) as u32);
    i32_div_s(x: i32, y: i32) -> i32 = x.checked_div(y).unwrap_or(0);
    i32_div_u(x: u32, y: u32) -> u32 = x.checked_div(y).unwrap_or(0);
    i32_rem_s(x: i32, y: i32) -> i32 = x.checked_rem(y).unwrap_or(0);
    i32_rem_u(x: u32, y: u32) -> u32 = x.checked_rem(y).unwrap_or(0);
}

/// A comparison by the ABI's number of its condition.
fn compare(condition: u32, order: Option<core::cmp::Ordering>) -> u32 {
    let holds = match (condition, order) {
        (6, order) => order.is_none(),
        (1, order) => order.is_none_or(core::cmp::Ordering::is_ne),
        (_, None) => false,
        (0, Some(order)) => order.is_eq(),
        (2, Some(order)) => order.is_lt(),
        (3, Some(order)) => order.is_gt(),
        (4, Some(order)) => order.is_le(),
        (5, Some(order)) => order.is_ge(),
        _ => false,
    };
    u32::from(holds)
}

/// Address of an intrinsic; `None` for anything else.
#[rustfmt::skip]
pub(super) fn address(builtin: Builtin) -> Option<usize> {
    use Builtin as B;
    let body = match builtin {
        B::AotIntrinsicFabsF32 => fabs_f32 as *const (),
        B::AotIntrinsicFabsF64 => fabs_f64 as *const (),
        B::AotIntrinsicFloorF32 => math::floorf as *const (),
        B::AotIntrinsicFloorF64 => math::floor as *const (),
        B::AotIntrinsicCeilF32 => math::ceilf as *const (),
        B::AotIntrinsicCeilF64 => math::ceil as *const (),
        B::AotIntrinsicTruncF32 => math::truncf as *const (),
        B::AotIntrinsicTruncF64 => math::trunc as *const (),
        B::AotIntrinsicRintF32 => math::rintf as *const (),
        B::AotIntrinsicRintF64 => math::rint as *const (),
        B::AotIntrinsicSqrtF32 => math::sqrtf as *const (),
        B::AotIntrinsicSqrtF64 => math::sqrt as *const (),
        B::AotIntrinsicCopysignF32 => copysign_f32 as *const (),
        B::AotIntrinsicCopysignF64 => copysign_f64 as *const (),
        B::AotIntrinsicFaddF32 => fadd_f32 as *const (),
        B::AotIntrinsicFaddF64 => fadd_f64 as *const (),
        B::AotIntrinsicFsubF32 => fsub_f32 as *const (),
        B::AotIntrinsicFsubF64 => fsub_f64 as *const (),
        B::AotIntrinsicFmulF32 => fmul_f32 as *const (),
        B::AotIntrinsicFmulF64 => fmul_f64 as *const (),
        B::AotIntrinsicFdivF32 => fdiv_f32 as *const (),
        B::AotIntrinsicFdivF64 => fdiv_f64 as *const (),
        B::AotIntrinsicFminF32 => fmin_f32 as *const (),
        B::AotIntrinsicFminF64 => fmin_f64 as *const (),
        B::AotIntrinsicFmaxF32 => fmax_f32 as *const (),
        B::AotIntrinsicFmaxF64 => fmax_f64 as *const (),
        B::AotIntrinsicClzI32 => clz_i32 as *const (),
        B::AotIntrinsicClzI64 => clz_i64 as *const (),
        B::AotIntrinsicCtzI32 => ctz_i32 as *const (),
        B::AotIntrinsicCtzI64 => ctz_i64 as *const (),
        B::AotIntrinsicPopcntI32 => popcnt_i32 as *const (),
        B::AotIntrinsicPopcntI64 => popcnt_i64 as *const (),
        B::AotIntrinsicI32ToF32 => i32_to_f32 as *const (),
        B::AotIntrinsicU32ToF32 => u32_to_f32 as *const (),
        B::AotIntrinsicI32ToF64 => i32_to_f64 as *const (),
        B::AotIntrinsicU32ToF64 => u32_to_f64 as *const (),
        B::AotIntrinsicI64ToF32 => i64_to_f32 as *const (),
        B::AotIntrinsicU64ToF32 => u64_to_f32 as *const (),
        B::AotIntrinsicI64ToF64 => i64_to_f64 as *const (),
        B::AotIntrinsicU64ToF64 => u64_to_f64 as *const (),
        B::AotIntrinsicF64ToF32 => f64_to_f32 as *const (),
        B::AotIntrinsicF32ToI32 => f32_to_i32 as *const (),
        B::AotIntrinsicF32ToU32 => f32_to_u32 as *const (),
        B::AotIntrinsicF32ToI64 => f32_to_i64 as *const (),
        B::AotIntrinsicF32ToU64 => f32_to_u64 as *const (),
        B::AotIntrinsicF64ToI32 => f64_to_i32 as *const (),
        B::AotIntrinsicF64ToU32 => f64_to_u32 as *const (),
        B::AotIntrinsicF64ToI64 => f64_to_i64 as *const (),
        B::AotIntrinsicF64ToU64 => f64_to_u64 as *const (),
        B::AotIntrinsicF32ToF64 => f32_to_f64 as *const (),
        B::AotIntrinsicF32Cmp => f32_cmp as *const (),
        B::AotIntrinsicF64Cmp => f64_cmp as *const (),
        B::AotIntrinsicI64DivS => i64_div_s as *const (),
        B::AotIntrinsicI64DivU => i64_div_u as *const (),
        B::AotIntrinsicI64RemS => i64_rem_s as *const (),
        B::AotIntrinsicI64RemU => i64_rem_u as *const (),
        B::AotIntrinsicI64BitOr => i64_bit_or as *const (),
        B::AotIntrinsicI64BitAnd => i64_bit_and as *const (),
        B::AotIntrinsicI64Mul => i64_mul as *const (),
        B::AotIntrinsicI64Shl => i64_shl as *const (),
        B::AotIntrinsicI64ShrS => i64_shr_s as *const (),
        B::AotIntrinsicI64ShrU => i64_shr_u as *const (),
        B::AotIntrinsicI32DivS => i32_div_s as *const (),
        B::AotIntrinsicI32DivU => i32_div_u as *const (),
        B::AotIntrinsicI32RemS => i32_rem_s as *const (),
        B::AotIntrinsicI32RemU => i32_rem_u as *const (),
        _ => return None,
    };
    Some(body as usize)
}
