//! The table of vector operators: fixed-width and relaxed SIMD (core spec 4.3.2 to 4.3.4, 3.3.3).
//!
//! As in `lower/table.rs` an operator that is neither a row nor a method does not compile. On the operand
//! stack every vector is a [`Type::V128`]; rows name the shape an operator sees it in. What the rows do
//! is in a file per family; how lanes lie in memory and in registers is in `simd/lane.rs`.

mod convert;
mod float;
mod int;
mod lane;
mod memory;
mod relaxed;

use super::function::FunctionLowering;
use super::memory::Widen;
use super::table::{Done, accesses, regular};
use crate::llvm::{Binary, Cast, FloatCompare, IntCompare, Intrinsic, Lane, Type};
use lane::Half;
use wasmparser::{MemArg, V128, VisitSimdOperator};

/// Rows of operators with a lane as immediate: as `regular!`, with the lane as last argument.
macro_rules! lanes {
    ($($visit:ident [$($operand:ident)*] -> [$($result:ident)*] $action:ident($($argument:expr),*);)*) => {
        $(fn $visit(&mut self, lane: u8) -> Done {
            let (operands, results) = (&[$(Type::$operand),*], &[$(Type::$result),*]);
            self.check_row(operands, results, |this| this.$action($($argument,)* lane))
        })*
    };
}

/// Rows of loads and stores of one lane: as `accesses!`, with lane and memory immediate as last
/// arguments.
macro_rules! lane_accesses {
    ($($visit:ident [$($operand:ident)*] -> [$($result:ident)*] $action:ident($($argument:expr),*);)*) => {
        $(fn $visit(&mut self, memarg: MemArg, lane: u8) -> Done {
            let (mut operands, results) = ([$(Type::$operand),*], &[$(Type::$result),*]);
            operands[0] = self.address_type(&memarg)?;
            self.check_row(&operands, results, |this| this.$action($($argument,)* lane, &memarg))
        })*
    };
}

impl VisitSimdOperator<'_> for FunctionLowering<'_, '_, '_, '_> {
    regular! {
        // bits
        visit_v128_not                       [V128]              -> [V128] vector_not();
        visit_v128_and                       [V128 V128]         -> [V128] lane_binary(Binary::And, Type::V128);
        visit_v128_andnot                    [V128 V128]         -> [V128] vector_and_not();
        visit_v128_or                        [V128 V128]         -> [V128] lane_binary(Binary::Or, Type::V128);
        visit_v128_xor                       [V128 V128]         -> [V128] lane_binary(Binary::Xor, Type::V128);
        visit_v128_bitselect                 [V128 V128 V128]    -> [V128] bitselect();
        visit_v128_any_true                  [V128]              -> [I32]  any_true();

        // splats and swizzle
        visit_i8x16_swizzle                  [V128 V128]         -> [V128] swizzle();
        visit_i8x16_splat                    [I32]               -> [V128] splat(Type::I8X16);
        visit_i16x8_splat                    [I32]               -> [V128] splat(Type::I16X8);
        visit_i32x4_splat                    [I32]               -> [V128] splat(Type::I32X4);
        visit_i64x2_splat                    [I64]               -> [V128] splat(Type::I64X2);
        visit_f32x4_splat                    [F32]               -> [V128] splat(Type::F32X4);
        visit_f64x2_splat                    [F64]               -> [V128] splat(Type::F64X2);

        // i8x16
        visit_i8x16_eq                       [V128 V128]         -> [V128] lane_compare(IntCompare::Eq, Type::I8X16);
        visit_i8x16_ne                       [V128 V128]         -> [V128] lane_compare(IntCompare::Ne, Type::I8X16);
        visit_i8x16_lt_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Slt, Type::I8X16);
        visit_i8x16_lt_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ult, Type::I8X16);
        visit_i8x16_gt_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sgt, Type::I8X16);
        visit_i8x16_gt_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ugt, Type::I8X16);
        visit_i8x16_le_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sle, Type::I8X16);
        visit_i8x16_le_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ule, Type::I8X16);
        visit_i8x16_ge_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sge, Type::I8X16);
        visit_i8x16_ge_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Uge, Type::I8X16);
        visit_i8x16_abs                      [V128]              -> [V128] lane_abs(Type::I8X16);
        visit_i8x16_neg                      [V128]              -> [V128] lane_negate(Type::I8X16);
        visit_i8x16_popcnt                   [V128]              -> [V128] lane_unary(Intrinsic::Ctpop, Type::I8X16);
        visit_i8x16_all_true                 [V128]              -> [I32]  all_true(Type::I8X16);
        visit_i8x16_bitmask                  [V128]              -> [I32]  bitmask(Type::I8X16);
        visit_i8x16_shl                      [V128 I32]          -> [V128] lane_shift(Binary::Shl, Type::I8X16);
        visit_i8x16_shr_s                    [V128 I32]          -> [V128] lane_shift(Binary::AShr, Type::I8X16);
        visit_i8x16_shr_u                    [V128 I32]          -> [V128] lane_shift(Binary::LShr, Type::I8X16);
        visit_i8x16_add                      [V128 V128]         -> [V128] lane_binary(Binary::Add, Type::I8X16);
        visit_i8x16_sub                      [V128 V128]         -> [V128] lane_binary(Binary::Sub, Type::I8X16);
        visit_i8x16_add_sat_s                [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::SaddSat, Type::I8X16);
        visit_i8x16_add_sat_u                [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::UaddSat, Type::I8X16);
        visit_i8x16_sub_sat_s                [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::SsubSat, Type::I8X16);
        visit_i8x16_sub_sat_u                [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::UsubSat, Type::I8X16);
        visit_i8x16_min_s                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Smin, Type::I8X16);
        visit_i8x16_min_u                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Umin, Type::I8X16);
        visit_i8x16_max_s                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Smax, Type::I8X16);
        visit_i8x16_max_u                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Umax, Type::I8X16);
        visit_i8x16_avgr_u                   [V128 V128]         -> [V128] lane_average(Type::I8X16);

        // i16x8
        visit_i16x8_eq                       [V128 V128]         -> [V128] lane_compare(IntCompare::Eq, Type::I16X8);
        visit_i16x8_ne                       [V128 V128]         -> [V128] lane_compare(IntCompare::Ne, Type::I16X8);
        visit_i16x8_lt_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Slt, Type::I16X8);
        visit_i16x8_lt_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ult, Type::I16X8);
        visit_i16x8_gt_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sgt, Type::I16X8);
        visit_i16x8_gt_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ugt, Type::I16X8);
        visit_i16x8_le_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sle, Type::I16X8);
        visit_i16x8_le_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ule, Type::I16X8);
        visit_i16x8_ge_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sge, Type::I16X8);
        visit_i16x8_ge_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Uge, Type::I16X8);
        visit_i16x8_abs                      [V128]              -> [V128] lane_abs(Type::I16X8);
        visit_i16x8_neg                      [V128]              -> [V128] lane_negate(Type::I16X8);
        visit_i16x8_all_true                 [V128]              -> [I32]  all_true(Type::I16X8);
        visit_i16x8_bitmask                  [V128]              -> [I32]  bitmask(Type::I16X8);
        visit_i16x8_shl                      [V128 I32]          -> [V128] lane_shift(Binary::Shl, Type::I16X8);
        visit_i16x8_shr_s                    [V128 I32]          -> [V128] lane_shift(Binary::AShr, Type::I16X8);
        visit_i16x8_shr_u                    [V128 I32]          -> [V128] lane_shift(Binary::LShr, Type::I16X8);
        visit_i16x8_add                      [V128 V128]         -> [V128] lane_binary(Binary::Add, Type::I16X8);
        visit_i16x8_sub                      [V128 V128]         -> [V128] lane_binary(Binary::Sub, Type::I16X8);
        visit_i16x8_add_sat_s                [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::SaddSat, Type::I16X8);
        visit_i16x8_add_sat_u                [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::UaddSat, Type::I16X8);
        visit_i16x8_sub_sat_s                [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::SsubSat, Type::I16X8);
        visit_i16x8_sub_sat_u                [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::UsubSat, Type::I16X8);
        visit_i16x8_mul                      [V128 V128]         -> [V128] lane_binary(Binary::Mul, Type::I16X8);
        visit_i16x8_min_s                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Smin, Type::I16X8);
        visit_i16x8_min_u                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Umin, Type::I16X8);
        visit_i16x8_max_s                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Smax, Type::I16X8);
        visit_i16x8_max_u                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Umax, Type::I16X8);
        visit_i16x8_avgr_u                   [V128 V128]         -> [V128] lane_average(Type::I16X8);
        visit_i16x8_q15mulr_sat_s            [V128 V128]         -> [V128] q15_multiply_saturating();

        // i32x4
        visit_i32x4_eq                       [V128 V128]         -> [V128] lane_compare(IntCompare::Eq, Type::I32X4);
        visit_i32x4_ne                       [V128 V128]         -> [V128] lane_compare(IntCompare::Ne, Type::I32X4);
        visit_i32x4_lt_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Slt, Type::I32X4);
        visit_i32x4_lt_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ult, Type::I32X4);
        visit_i32x4_gt_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sgt, Type::I32X4);
        visit_i32x4_gt_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ugt, Type::I32X4);
        visit_i32x4_le_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sle, Type::I32X4);
        visit_i32x4_le_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Ule, Type::I32X4);
        visit_i32x4_ge_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sge, Type::I32X4);
        visit_i32x4_ge_u                     [V128 V128]         -> [V128] lane_compare(IntCompare::Uge, Type::I32X4);
        visit_i32x4_abs                      [V128]              -> [V128] lane_abs(Type::I32X4);
        visit_i32x4_neg                      [V128]              -> [V128] lane_negate(Type::I32X4);
        visit_i32x4_all_true                 [V128]              -> [I32]  all_true(Type::I32X4);
        visit_i32x4_bitmask                  [V128]              -> [I32]  bitmask(Type::I32X4);
        visit_i32x4_shl                      [V128 I32]          -> [V128] lane_shift(Binary::Shl, Type::I32X4);
        visit_i32x4_shr_s                    [V128 I32]          -> [V128] lane_shift(Binary::AShr, Type::I32X4);
        visit_i32x4_shr_u                    [V128 I32]          -> [V128] lane_shift(Binary::LShr, Type::I32X4);
        visit_i32x4_add                      [V128 V128]         -> [V128] lane_binary(Binary::Add, Type::I32X4);
        visit_i32x4_sub                      [V128 V128]         -> [V128] lane_binary(Binary::Sub, Type::I32X4);
        visit_i32x4_mul                      [V128 V128]         -> [V128] lane_binary(Binary::Mul, Type::I32X4);
        visit_i32x4_min_s                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Smin, Type::I32X4);
        visit_i32x4_min_u                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Umin, Type::I32X4);
        visit_i32x4_max_s                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Smax, Type::I32X4);
        visit_i32x4_max_u                    [V128 V128]         -> [V128] lane_intrinsic(Intrinsic::Umax, Type::I32X4);
        visit_i32x4_dot_i16x8_s              [V128 V128]         -> [V128] dot();

        // i64x2
        visit_i64x2_eq                       [V128 V128]         -> [V128] lane_compare(IntCompare::Eq, Type::I64X2);
        visit_i64x2_ne                       [V128 V128]         -> [V128] lane_compare(IntCompare::Ne, Type::I64X2);
        visit_i64x2_lt_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Slt, Type::I64X2);
        visit_i64x2_gt_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sgt, Type::I64X2);
        visit_i64x2_le_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sle, Type::I64X2);
        visit_i64x2_ge_s                     [V128 V128]         -> [V128] lane_compare(IntCompare::Sge, Type::I64X2);
        visit_i64x2_abs                      [V128]              -> [V128] lane_abs(Type::I64X2);
        visit_i64x2_neg                      [V128]              -> [V128] lane_negate(Type::I64X2);
        visit_i64x2_all_true                 [V128]              -> [I32]  all_true(Type::I64X2);
        visit_i64x2_bitmask                  [V128]              -> [I32]  bitmask(Type::I64X2);
        visit_i64x2_shl                      [V128 I32]          -> [V128] lane_shift(Binary::Shl, Type::I64X2);
        visit_i64x2_shr_s                    [V128 I32]          -> [V128] lane_shift(Binary::AShr, Type::I64X2);
        visit_i64x2_shr_u                    [V128 I32]          -> [V128] lane_shift(Binary::LShr, Type::I64X2);
        visit_i64x2_add                      [V128 V128]         -> [V128] lane_binary(Binary::Add, Type::I64X2);
        visit_i64x2_sub                      [V128 V128]         -> [V128] lane_binary(Binary::Sub, Type::I64X2);
        visit_i64x2_mul                      [V128 V128]         -> [V128] lane_binary(Binary::Mul, Type::I64X2);

        // other widths
        visit_i16x8_extend_low_i8x16_s       [V128]              -> [V128] lane_extend(Half::Low, Widen::Signed, Type::I8X16);
        visit_i16x8_extend_high_i8x16_s      [V128]              -> [V128] lane_extend(Half::High, Widen::Signed, Type::I8X16);
        visit_i16x8_extend_low_i8x16_u       [V128]              -> [V128] lane_extend(Half::Low, Widen::Unsigned, Type::I8X16);
        visit_i16x8_extend_high_i8x16_u      [V128]              -> [V128] lane_extend(Half::High, Widen::Unsigned, Type::I8X16);
        visit_i16x8_extmul_low_i8x16_s       [V128 V128]         -> [V128] extended_multiply(Half::Low, Widen::Signed, Type::I8X16);
        visit_i16x8_extmul_high_i8x16_s      [V128 V128]         -> [V128] extended_multiply(Half::High, Widen::Signed, Type::I8X16);
        visit_i16x8_extmul_low_i8x16_u       [V128 V128]         -> [V128] extended_multiply(Half::Low, Widen::Unsigned, Type::I8X16);
        visit_i16x8_extmul_high_i8x16_u      [V128 V128]         -> [V128] extended_multiply(Half::High, Widen::Unsigned, Type::I8X16);
        visit_i16x8_extadd_pairwise_i8x16_s  [V128]              -> [V128] pairwise_add(Binary::AShr, Type::I16X8);
        visit_i16x8_extadd_pairwise_i8x16_u  [V128]              -> [V128] pairwise_add(Binary::LShr, Type::I16X8);
        visit_i32x4_extend_low_i16x8_s       [V128]              -> [V128] lane_extend(Half::Low, Widen::Signed, Type::I16X8);
        visit_i32x4_extend_high_i16x8_s      [V128]              -> [V128] lane_extend(Half::High, Widen::Signed, Type::I16X8);
        visit_i32x4_extend_low_i16x8_u       [V128]              -> [V128] lane_extend(Half::Low, Widen::Unsigned, Type::I16X8);
        visit_i32x4_extend_high_i16x8_u      [V128]              -> [V128] lane_extend(Half::High, Widen::Unsigned, Type::I16X8);
        visit_i32x4_extmul_low_i16x8_s       [V128 V128]         -> [V128] extended_multiply(Half::Low, Widen::Signed, Type::I16X8);
        visit_i32x4_extmul_high_i16x8_s      [V128 V128]         -> [V128] extended_multiply(Half::High, Widen::Signed, Type::I16X8);
        visit_i32x4_extmul_low_i16x8_u       [V128 V128]         -> [V128] extended_multiply(Half::Low, Widen::Unsigned, Type::I16X8);
        visit_i32x4_extmul_high_i16x8_u      [V128 V128]         -> [V128] extended_multiply(Half::High, Widen::Unsigned, Type::I16X8);
        visit_i32x4_extadd_pairwise_i16x8_s  [V128]              -> [V128] pairwise_add(Binary::AShr, Type::I32X4);
        visit_i32x4_extadd_pairwise_i16x8_u  [V128]              -> [V128] pairwise_add(Binary::LShr, Type::I32X4);
        visit_i64x2_extend_low_i32x4_s       [V128]              -> [V128] lane_extend(Half::Low, Widen::Signed, Type::I32X4);
        visit_i64x2_extend_high_i32x4_s      [V128]              -> [V128] lane_extend(Half::High, Widen::Signed, Type::I32X4);
        visit_i64x2_extend_low_i32x4_u       [V128]              -> [V128] lane_extend(Half::Low, Widen::Unsigned, Type::I32X4);
        visit_i64x2_extend_high_i32x4_u      [V128]              -> [V128] lane_extend(Half::High, Widen::Unsigned, Type::I32X4);
        visit_i64x2_extmul_low_i32x4_s       [V128 V128]         -> [V128] extended_multiply(Half::Low, Widen::Signed, Type::I32X4);
        visit_i64x2_extmul_high_i32x4_s      [V128 V128]         -> [V128] extended_multiply(Half::High, Widen::Signed, Type::I32X4);
        visit_i64x2_extmul_low_i32x4_u       [V128 V128]         -> [V128] extended_multiply(Half::Low, Widen::Unsigned, Type::I32X4);
        visit_i64x2_extmul_high_i32x4_u      [V128 V128]         -> [V128] extended_multiply(Half::High, Widen::Unsigned, Type::I32X4);
        visit_i8x16_narrow_i16x8_s           [V128 V128]         -> [V128] narrow(Widen::Signed, Type::I16X8);
        visit_i8x16_narrow_i16x8_u           [V128 V128]         -> [V128] narrow(Widen::Unsigned, Type::I16X8);
        visit_i16x8_narrow_i32x4_s           [V128 V128]         -> [V128] narrow(Widen::Signed, Type::I32X4);
        visit_i16x8_narrow_i32x4_u           [V128 V128]         -> [V128] narrow(Widen::Unsigned, Type::I32X4);

        // f32x4
        visit_f32x4_eq                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Oeq, Type::F32X4);
        visit_f32x4_ne                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Une, Type::F32X4);
        visit_f32x4_lt                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Olt, Type::F32X4);
        visit_f32x4_gt                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Ogt, Type::F32X4);
        visit_f32x4_le                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Ole, Type::F32X4);
        visit_f32x4_ge                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Oge, Type::F32X4);
        visit_f32x4_ceil                     [V128]              -> [V128] lane_unary(Intrinsic::Ceil, Type::F32X4);
        visit_f32x4_floor                    [V128]              -> [V128] lane_unary(Intrinsic::Floor, Type::F32X4);
        visit_f32x4_trunc                    [V128]              -> [V128] lane_unary(Intrinsic::Trunc, Type::F32X4);
        visit_f32x4_nearest                  [V128]              -> [V128] lane_unary(Intrinsic::Rint, Type::F32X4);
        visit_f32x4_abs                      [V128]              -> [V128] lane_unary(Intrinsic::Fabs, Type::F32X4);
        visit_f32x4_sqrt                     [V128]              -> [V128] lane_unary(Intrinsic::Sqrt, Type::F32X4);
        visit_f32x4_neg                      [V128]              -> [V128] lane_float_negate(Type::F32X4);
        visit_f32x4_add                      [V128 V128]         -> [V128] lane_float_binary(Binary::FAdd, Type::F32X4);
        visit_f32x4_sub                      [V128 V128]         -> [V128] lane_float_binary(Binary::FSub, Type::F32X4);
        visit_f32x4_mul                      [V128 V128]         -> [V128] lane_float_binary(Binary::FMul, Type::F32X4);
        visit_f32x4_div                      [V128 V128]         -> [V128] lane_float_binary(Binary::FDiv, Type::F32X4);
        visit_f32x4_min                      [V128 V128]         -> [V128] lane_extremum(FloatCompare::Olt, Type::F32X4);
        visit_f32x4_max                      [V128 V128]         -> [V128] lane_extremum(FloatCompare::Ogt, Type::F32X4);
        visit_f32x4_pmin                     [V128 V128]         -> [V128] pseudo_extremum(FloatCompare::Olt, Type::F32X4);
        visit_f32x4_pmax                     [V128 V128]         -> [V128] pseudo_extremum(FloatCompare::Ogt, Type::F32X4);

        // f64x2
        visit_f64x2_eq                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Oeq, Type::F64X2);
        visit_f64x2_ne                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Une, Type::F64X2);
        visit_f64x2_lt                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Olt, Type::F64X2);
        visit_f64x2_gt                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Ogt, Type::F64X2);
        visit_f64x2_le                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Ole, Type::F64X2);
        visit_f64x2_ge                       [V128 V128]         -> [V128] lane_float_compare(FloatCompare::Oge, Type::F64X2);
        visit_f64x2_ceil                     [V128]              -> [V128] lane_unary(Intrinsic::Ceil, Type::F64X2);
        visit_f64x2_floor                    [V128]              -> [V128] lane_unary(Intrinsic::Floor, Type::F64X2);
        visit_f64x2_trunc                    [V128]              -> [V128] lane_unary(Intrinsic::Trunc, Type::F64X2);
        visit_f64x2_nearest                  [V128]              -> [V128] lane_unary(Intrinsic::Rint, Type::F64X2);
        visit_f64x2_abs                      [V128]              -> [V128] lane_unary(Intrinsic::Fabs, Type::F64X2);
        visit_f64x2_sqrt                     [V128]              -> [V128] lane_unary(Intrinsic::Sqrt, Type::F64X2);
        visit_f64x2_neg                      [V128]              -> [V128] lane_float_negate(Type::F64X2);
        visit_f64x2_add                      [V128 V128]         -> [V128] lane_float_binary(Binary::FAdd, Type::F64X2);
        visit_f64x2_sub                      [V128 V128]         -> [V128] lane_float_binary(Binary::FSub, Type::F64X2);
        visit_f64x2_mul                      [V128 V128]         -> [V128] lane_float_binary(Binary::FMul, Type::F64X2);
        visit_f64x2_div                      [V128 V128]         -> [V128] lane_float_binary(Binary::FDiv, Type::F64X2);
        visit_f64x2_min                      [V128 V128]         -> [V128] lane_extremum(FloatCompare::Olt, Type::F64X2);
        visit_f64x2_max                      [V128 V128]         -> [V128] lane_extremum(FloatCompare::Ogt, Type::F64X2);
        visit_f64x2_pmin                     [V128 V128]         -> [V128] pseudo_extremum(FloatCompare::Olt, Type::F64X2);
        visit_f64x2_pmax                     [V128 V128]         -> [V128] pseudo_extremum(FloatCompare::Ogt, Type::F64X2);

        // conversions
        visit_i32x4_trunc_sat_f32x4_s        [V128]              -> [V128] lane_truncate(Cast::FpToSi, Type::F32X4);
        visit_i32x4_trunc_sat_f64x2_s_zero   [V128]              -> [V128] lane_truncate(Cast::FpToSi, Type::F64X2);
        visit_f32x4_convert_i32x4_s          [V128]              -> [V128] lane_convert(Cast::SiToFp);
        visit_f64x2_convert_low_i32x4_s      [V128]              -> [V128] convert_low(Cast::SiToFp, Type::I32X4);
        visit_i32x4_trunc_sat_f32x4_u        [V128]              -> [V128] lane_truncate(Cast::FpToUi, Type::F32X4);
        visit_i32x4_trunc_sat_f64x2_u_zero   [V128]              -> [V128] lane_truncate(Cast::FpToUi, Type::F64X2);
        visit_f32x4_convert_i32x4_u          [V128]              -> [V128] lane_convert(Cast::UiToFp);
        visit_f64x2_convert_low_i32x4_u      [V128]              -> [V128] convert_low(Cast::UiToFp, Type::I32X4);
        visit_f32x4_demote_f64x2_zero        [V128]              -> [V128] demote_zero();
        visit_f64x2_promote_low_f32x4        [V128]              -> [V128] convert_low(Cast::FpExt, Type::F32X4);

        // relaxed: what is done where the proposal leaves a choice is in docs/decisions/007-relaxed-simd.md
        visit_i8x16_relaxed_swizzle          [V128 V128]         -> [V128] swizzle();
        visit_i32x4_relaxed_trunc_f32x4_s    [V128]              -> [V128] lane_truncate(Cast::FpToSi, Type::F32X4);
        visit_i32x4_relaxed_trunc_f64x2_s_zero [V128]            -> [V128] lane_truncate(Cast::FpToSi, Type::F64X2);
        visit_i32x4_relaxed_trunc_f32x4_u    [V128]              -> [V128] lane_truncate(Cast::FpToUi, Type::F32X4);
        visit_i32x4_relaxed_trunc_f64x2_u_zero [V128]            -> [V128] lane_truncate(Cast::FpToUi, Type::F64X2);
        visit_f32x4_relaxed_madd             [V128 V128 V128]    -> [V128] multiply_add(Binary::FAdd, Type::F32X4);
        visit_f32x4_relaxed_nmadd            [V128 V128 V128]    -> [V128] multiply_add(Binary::FSub, Type::F32X4);
        visit_f32x4_relaxed_min              [V128 V128]         -> [V128] pseudo_extremum(FloatCompare::Olt, Type::F32X4);
        visit_f32x4_relaxed_max              [V128 V128]         -> [V128] pseudo_extremum(FloatCompare::Ogt, Type::F32X4);
        visit_f64x2_relaxed_madd             [V128 V128 V128]    -> [V128] multiply_add(Binary::FAdd, Type::F64X2);
        visit_f64x2_relaxed_nmadd            [V128 V128 V128]    -> [V128] multiply_add(Binary::FSub, Type::F64X2);
        visit_f64x2_relaxed_min              [V128 V128]         -> [V128] pseudo_extremum(FloatCompare::Olt, Type::F64X2);
        visit_f64x2_relaxed_max              [V128 V128]         -> [V128] pseudo_extremum(FloatCompare::Ogt, Type::F64X2);
        visit_i8x16_relaxed_laneselect       [V128 V128 V128]    -> [V128] bitselect();
        visit_i16x8_relaxed_laneselect       [V128 V128 V128]    -> [V128] bitselect();
        visit_i32x4_relaxed_laneselect       [V128 V128 V128]    -> [V128] bitselect();
        visit_i64x2_relaxed_laneselect       [V128 V128 V128]    -> [V128] bitselect();
        visit_i16x8_relaxed_q15mulr_s        [V128 V128]         -> [V128] q15_multiply();
        visit_i16x8_relaxed_dot_i8x16_i7x16_s [V128 V128]        -> [V128] relaxed_dot();
        visit_i32x4_relaxed_dot_i8x16_i7x16_add_s [V128 V128 V128] -> [V128] relaxed_dot_add();
    }

    lanes! {
        visit_i8x16_extract_lane_s           [V128]              -> [I32]  extract_lane(Widen::Signed, Type::I8X16);
        visit_i8x16_extract_lane_u           [V128]              -> [I32]  extract_lane(Widen::Unsigned, Type::I8X16);
        visit_i8x16_replace_lane             [V128 I32]          -> [V128] replace_lane(Type::I8X16);
        visit_i16x8_extract_lane_s           [V128]              -> [I32]  extract_lane(Widen::Signed, Type::I16X8);
        visit_i16x8_extract_lane_u           [V128]              -> [I32]  extract_lane(Widen::Unsigned, Type::I16X8);
        visit_i16x8_replace_lane             [V128 I32]          -> [V128] replace_lane(Type::I16X8);
        visit_i32x4_extract_lane             [V128]              -> [I32]  extract_lane(Widen::Whole, Type::I32X4);
        visit_i32x4_replace_lane             [V128 I32]          -> [V128] replace_lane(Type::I32X4);
        visit_i64x2_extract_lane             [V128]              -> [I64]  extract_lane(Widen::Whole, Type::I64X2);
        visit_i64x2_replace_lane             [V128 I64]          -> [V128] replace_lane(Type::I64X2);
        visit_f32x4_extract_lane             [V128]              -> [F32]  extract_lane(Widen::Whole, Type::F32X4);
        visit_f32x4_replace_lane             [V128 F32]          -> [V128] replace_lane(Type::F32X4);
        visit_f64x2_extract_lane             [V128]              -> [F64]  extract_lane(Widen::Whole, Type::F64X2);
        visit_f64x2_replace_lane             [V128 F64]          -> [V128] replace_lane(Type::F64X2);
    }

    accesses! {
        visit_v128_load                      [I32]               -> [V128] vector_load();
        visit_v128_load8x8_s                 [I32]               -> [V128] load_extend(Lane::I8, Widen::Signed);
        visit_v128_load8x8_u                 [I32]               -> [V128] load_extend(Lane::I8, Widen::Unsigned);
        visit_v128_load16x4_s                [I32]               -> [V128] load_extend(Lane::I16, Widen::Signed);
        visit_v128_load16x4_u                [I32]               -> [V128] load_extend(Lane::I16, Widen::Unsigned);
        visit_v128_load32x2_s                [I32]               -> [V128] load_extend(Lane::I32, Widen::Signed);
        visit_v128_load32x2_u                [I32]               -> [V128] load_extend(Lane::I32, Widen::Unsigned);
        visit_v128_load8_splat               [I32]               -> [V128] load_splat(Type::I8X16);
        visit_v128_load16_splat              [I32]               -> [V128] load_splat(Type::I16X8);
        visit_v128_load32_splat              [I32]               -> [V128] load_splat(Type::I32X4);
        visit_v128_load64_splat              [I32]               -> [V128] load_splat(Type::I64X2);
        visit_v128_load32_zero               [I32]               -> [V128] load_zero(Type::I32X4);
        visit_v128_load64_zero               [I32]               -> [V128] load_zero(Type::I64X2);
        visit_v128_store                     [I32 V128]          -> []     vector_store();
    }

    lane_accesses! {
        visit_v128_load8_lane                [I32 V128]          -> [V128] load_lane(Type::I8X16);
        visit_v128_load16_lane               [I32 V128]          -> [V128] load_lane(Type::I16X8);
        visit_v128_load32_lane               [I32 V128]          -> [V128] load_lane(Type::I32X4);
        visit_v128_load64_lane               [I32 V128]          -> [V128] load_lane(Type::I64X2);
        visit_v128_store8_lane               [I32 V128]          -> []     store_lane(Type::I8X16);
        visit_v128_store16_lane              [I32 V128]          -> []     store_lane(Type::I16X8);
        visit_v128_store32_lane              [I32 V128]          -> []     store_lane(Type::I32X4);
        visit_v128_store64_lane              [I32 V128]          -> []     store_lane(Type::I64X2);
    }

    fn visit_v128_const(&mut self, value: V128) -> Done {
        let value = self.vector_constant(value.i128().cast_unsigned());
        self.push(value);
        Ok(())
    }

    fn visit_i8x16_shuffle(&mut self, lanes: [u8; 16]) -> Done {
        self.shuffle(lanes)
    }
}
