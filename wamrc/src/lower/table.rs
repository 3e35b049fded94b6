//! The table of regular operators, and the visitor that every operator reaches.
//!
//! wasmparser's visitor trait makes the list complete: an operator of an accepted proposal that is
//! neither a row here nor a method below does not compile, nor does a proposal that is neither
//! accepted nor refused. The front end has refused other proposals already; the refusal here keeps an
//! operator that slipped through from being half compiled.

use super::function::FunctionLowering;
use super::memory::Widen;
use super::object::Extend;
use crate::error::CompileError;
use crate::llvm::{Atomic, Binary, Cast, FloatCompare, IntCompare, Intrinsic, Type};
use aot_format::abi::builtins::Builtin;
use wasmparser::{
    BlockType, BrTable, HeapType, Ieee32, Ieee64, MemArg, Ordering, RefType, TryTable, ValType,
    VisitOperator, VisitSimdOperator, for_each_visit_operator,
};

pub(super) type Done = Result<(), CompileError>;

/// Rows of operators without immediates.
///
/// Grammar: `VISIT OPERANDS -> RESULTS ACTION(ARGUMENTS);` where the action is a method. The row
/// `visit_i32_add [I32 I32] -> [I32] binary(Binary::Add);` expands to
/// `fn visit_i32_add(&mut self) -> Done { self.check_row(&[I32, I32], &[I32], |this| this.binary(Binary::Add)) }`.
macro_rules! regular {
    ($($visit:ident [$($operand:ident)*] -> [$($result:ident)*] $action:ident($($argument:expr),*);)*) => {
        $(fn $visit(&mut self) -> Done {
            let (operands, results) = (&[$(Type::$operand),*], &[$(Type::$result),*]);
            self.check_row(operands, results, |this| this.$action($($argument),*))
        })*
    };
}

/// Rows of loads and stores: as `regular!`, with the memory immediate as last argument. The first
/// operand is the address, which has the type of its memory's addresses.
macro_rules! accesses {
    ($($visit:ident [$($operand:ident)*] -> [$($result:ident)*] $action:ident($($argument:expr),*);)*) => {
        $(fn $visit(&mut self, memarg: MemArg) -> Done {
            let (mut operands, results) = ([$(Type::$operand),*], &[$(Type::$result),*]);
            operands[0] = self.address_type(&memarg)?;
            self.check_row(&operands, results, |this| this.$action($($argument,)* &memarg))
        })*
    };
}

pub(super) use {accesses, regular};
/// Rows of operators that a method carries out whole.
///
/// Grammar: `VISIT(IMMEDIATES) ACTION(ARGUMENTS);` where the action is a method. The row
/// `visit_array_set(ty: u32) array_set(ty);` expands to
/// `fn visit_array_set(&mut self, ty: u32) -> Done { self.array_set(ty) }`.
macro_rules! actions {
    ($($visit:ident($($immediate:ident: $ty:ty),*) $action:ident($($argument:expr),*);)*) => {
        $(fn $visit(&mut self $(, $immediate: $ty)*) -> Done {
            self.$action($($argument),*)
        })*
    };
}

/// All operators of all proposals pass here: those of proposals that are not accepted get a method
/// that refuses them by the proposal's name.
macro_rules! refuse_all {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
        $(refuse! { @$proposal $visit ($($($arg: $ty),*)?) })*
    };
}

/// One row per proposal: accepted ones expand to nothing, the others to a refusal.
macro_rules! refuse {
    (@mvp $($operator:tt)*) => {};
    (@sign_extension $($operator:tt)*) => {};
    (@saturating_float_to_int $($operator:tt)*) => {};
    (@bulk_memory $($operator:tt)*) => {};
    (@reference_types $($operator:tt)*) => {};
    (@wide_arithmetic $($operator:tt)*) => {};
    (@tail_call $($operator:tt)*) => {};
    (@threads $($operator:tt)*) => {};
    (@exceptions $($operator:tt)*) => {};
    (@legacy_exceptions $($operator:tt)*) => {};
    (@gc $($operator:tt)*) => {};
    (@custom_descriptors $($operator:tt)*) => { refuse! { "custom descriptors" $($operator)* } };
    (@function_references $($operator:tt)*) => {};
    (@memory_control $($operator:tt)*) => { refuse! { "memory control" $($operator)* } };
    (@shared_everything_threads $($operator:tt)*) => { refuse! { "shared-everything threads" $($operator)* } };
    (@stack_switching $($operator:tt)*) => { refuse! { "stack switching" $($operator)* } };
    (@acquire_release_atomics $($operator:tt)*) => { refuse! { "acquire-release atomics" $($operator)* } };
    ($feature:literal $visit:ident ($($arg:ident: $ty:ty),*)) => {
        fn $visit(&mut self $(, $arg: $ty)*) -> Done {
            let _unused = ($($arg,)*);
            Err(CompileError::Unsupported { feature: $feature, offset: self.offset })
        }
    };
}

impl<'a> VisitOperator<'a> for FunctionLowering<'_, '_, '_, '_> {
    type Output = Done;

    for_each_visit_operator!(refuse_all);

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = Done>> {
        Some(self)
    }

    regular! {
        // i32 arithmetic
        visit_i32_add                 [I32 I32]  -> [I32]  binary(Binary::Add);
        visit_i32_sub                 [I32 I32]  -> [I32]  binary(Binary::Sub);
        visit_i32_mul                 [I32 I32]  -> [I32]  binary(Binary::Mul);
        visit_i32_and                 [I32 I32]  -> [I32]  binary(Binary::And);
        visit_i32_or                  [I32 I32]  -> [I32]  binary(Binary::Or);
        visit_i32_xor                 [I32 I32]  -> [I32]  binary(Binary::Xor);
        visit_i32_div_s               [I32 I32]  -> [I32]  divide(Binary::SDiv, Type::I32);
        visit_i32_div_u               [I32 I32]  -> [I32]  divide(Binary::UDiv, Type::I32);
        visit_i32_rem_s               [I32 I32]  -> [I32]  divide(Binary::SRem, Type::I32);
        visit_i32_rem_u               [I32 I32]  -> [I32]  divide(Binary::URem, Type::I32);
        visit_i32_shl                 [I32 I32]  -> [I32]  shift(Binary::Shl, Type::I32);
        visit_i32_shr_s               [I32 I32]  -> [I32]  shift(Binary::AShr, Type::I32);
        visit_i32_shr_u               [I32 I32]  -> [I32]  shift(Binary::LShr, Type::I32);
        visit_i32_rotl                [I32 I32]  -> [I32]  rotate(Intrinsic::Fshl, Type::I32);
        visit_i32_rotr                [I32 I32]  -> [I32]  rotate(Intrinsic::Fshr, Type::I32);
        visit_i32_clz                 [I32]      -> [I32]  count_zeros(Intrinsic::Ctlz, Type::I32);
        visit_i32_ctz                 [I32]      -> [I32]  count_zeros(Intrinsic::Cttz, Type::I32);
        visit_i32_popcnt              [I32]      -> [I32]  unary(Intrinsic::Ctpop, Type::I32);
        visit_i32_extend8_s           [I32]      -> [I32]  extend_low(Type::I8, Type::I32);
        visit_i32_extend16_s          [I32]      -> [I32]  extend_low(Type::I16, Type::I32);

        // i32 comparisons
        visit_i32_eqz                 [I32]      -> [I32]  eqz(Type::I32);
        visit_i32_eq                  [I32 I32]  -> [I32]  compare(IntCompare::Eq);
        visit_i32_ne                  [I32 I32]  -> [I32]  compare(IntCompare::Ne);
        visit_i32_lt_s                [I32 I32]  -> [I32]  compare(IntCompare::Slt);
        visit_i32_lt_u                [I32 I32]  -> [I32]  compare(IntCompare::Ult);
        visit_i32_gt_s                [I32 I32]  -> [I32]  compare(IntCompare::Sgt);
        visit_i32_gt_u                [I32 I32]  -> [I32]  compare(IntCompare::Ugt);
        visit_i32_le_s                [I32 I32]  -> [I32]  compare(IntCompare::Sle);
        visit_i32_le_u                [I32 I32]  -> [I32]  compare(IntCompare::Ule);
        visit_i32_ge_s                [I32 I32]  -> [I32]  compare(IntCompare::Sge);
        visit_i32_ge_u                [I32 I32]  -> [I32]  compare(IntCompare::Uge);

        // i64 arithmetic
        visit_i64_add                 [I64 I64]  -> [I64]  binary(Binary::Add);
        visit_i64_sub                 [I64 I64]  -> [I64]  binary(Binary::Sub);
        visit_i64_mul                 [I64 I64]  -> [I64]  binary(Binary::Mul);
        visit_i64_and                 [I64 I64]  -> [I64]  binary(Binary::And);
        visit_i64_or                  [I64 I64]  -> [I64]  binary(Binary::Or);
        visit_i64_xor                 [I64 I64]  -> [I64]  binary(Binary::Xor);
        visit_i64_div_s               [I64 I64]  -> [I64]  divide(Binary::SDiv, Type::I64);
        visit_i64_div_u               [I64 I64]  -> [I64]  divide(Binary::UDiv, Type::I64);
        visit_i64_rem_s               [I64 I64]  -> [I64]  divide(Binary::SRem, Type::I64);
        visit_i64_rem_u               [I64 I64]  -> [I64]  divide(Binary::URem, Type::I64);
        visit_i64_shl                 [I64 I64]  -> [I64]  shift(Binary::Shl, Type::I64);
        visit_i64_shr_s               [I64 I64]  -> [I64]  shift(Binary::AShr, Type::I64);
        visit_i64_shr_u               [I64 I64]  -> [I64]  shift(Binary::LShr, Type::I64);
        visit_i64_rotl                [I64 I64]  -> [I64]  rotate(Intrinsic::Fshl, Type::I64);
        visit_i64_rotr                [I64 I64]  -> [I64]  rotate(Intrinsic::Fshr, Type::I64);
        visit_i64_clz                 [I64]      -> [I64]  count_zeros(Intrinsic::Ctlz, Type::I64);
        visit_i64_ctz                 [I64]      -> [I64]  count_zeros(Intrinsic::Cttz, Type::I64);
        visit_i64_popcnt              [I64]      -> [I64]  unary(Intrinsic::Ctpop, Type::I64);
        visit_i64_extend8_s           [I64]      -> [I64]  extend_low(Type::I8, Type::I64);
        visit_i64_extend16_s          [I64]      -> [I64]  extend_low(Type::I16, Type::I64);
        visit_i64_extend32_s          [I64]      -> [I64]  extend_low(Type::I32, Type::I64);

        // wide arithmetic
        visit_i64_add128              [I64 I64 I64 I64] -> [I64 I64] wide_binary(Binary::Add);
        visit_i64_sub128              [I64 I64 I64 I64] -> [I64 I64] wide_binary(Binary::Sub);
        visit_i64_mul_wide_s          [I64 I64]  -> [I64 I64] wide_multiply(Cast::SExt);
        visit_i64_mul_wide_u          [I64 I64]  -> [I64 I64] wide_multiply(Cast::ZExt);

        // i64 comparisons
        visit_i64_eqz                 [I64]      -> [I32]  eqz(Type::I64);
        visit_i64_eq                  [I64 I64]  -> [I32]  compare(IntCompare::Eq);
        visit_i64_ne                  [I64 I64]  -> [I32]  compare(IntCompare::Ne);
        visit_i64_lt_s                [I64 I64]  -> [I32]  compare(IntCompare::Slt);
        visit_i64_lt_u                [I64 I64]  -> [I32]  compare(IntCompare::Ult);
        visit_i64_gt_s                [I64 I64]  -> [I32]  compare(IntCompare::Sgt);
        visit_i64_gt_u                [I64 I64]  -> [I32]  compare(IntCompare::Ugt);
        visit_i64_le_s                [I64 I64]  -> [I32]  compare(IntCompare::Sle);
        visit_i64_le_u                [I64 I64]  -> [I32]  compare(IntCompare::Ule);
        visit_i64_ge_s                [I64 I64]  -> [I32]  compare(IntCompare::Sge);
        visit_i64_ge_u                [I64 I64]  -> [I32]  compare(IntCompare::Uge);

        // f32 arithmetic
        visit_f32_add                 [F32 F32]  -> [F32]  float_binary(Binary::FAdd, Type::F32);
        visit_f32_sub                 [F32 F32]  -> [F32]  float_binary(Binary::FSub, Type::F32);
        visit_f32_mul                 [F32 F32]  -> [F32]  float_binary(Binary::FMul, Type::F32);
        visit_f32_div                 [F32 F32]  -> [F32]  float_binary(Binary::FDiv, Type::F32);
        visit_f32_min                 [F32 F32]  -> [F32]  float_extremum(Intrinsic::Minimum, Type::F32);
        visit_f32_max                 [F32 F32]  -> [F32]  float_extremum(Intrinsic::Maximum, Type::F32);
        visit_f32_copysign            [F32 F32]  -> [F32]  copysign(Type::F32);
        visit_f32_neg                 [F32]      -> [F32]  negate();
        visit_f32_abs                 [F32]      -> [F32]  unary(Intrinsic::Fabs, Type::F32);
        visit_f32_ceil                [F32]      -> [F32]  unary(Intrinsic::Ceil, Type::F32);
        visit_f32_floor               [F32]      -> [F32]  unary(Intrinsic::Floor, Type::F32);
        visit_f32_trunc               [F32]      -> [F32]  unary(Intrinsic::Trunc, Type::F32);
        visit_f32_nearest             [F32]      -> [F32]  unary(Intrinsic::Rint, Type::F32);
        visit_f32_sqrt                [F32]      -> [F32]  unary(Intrinsic::Sqrt, Type::F32);

        // f32 comparisons
        visit_f32_eq                  [F32 F32]  -> [I32]  float_compare(FloatCompare::Oeq);
        visit_f32_ne                  [F32 F32]  -> [I32]  float_compare(FloatCompare::Une);
        visit_f32_lt                  [F32 F32]  -> [I32]  float_compare(FloatCompare::Olt);
        visit_f32_gt                  [F32 F32]  -> [I32]  float_compare(FloatCompare::Ogt);
        visit_f32_le                  [F32 F32]  -> [I32]  float_compare(FloatCompare::Ole);
        visit_f32_ge                  [F32 F32]  -> [I32]  float_compare(FloatCompare::Oge);

        // f64 arithmetic
        visit_f64_add                 [F64 F64]  -> [F64]  float_binary(Binary::FAdd, Type::F64);
        visit_f64_sub                 [F64 F64]  -> [F64]  float_binary(Binary::FSub, Type::F64);
        visit_f64_mul                 [F64 F64]  -> [F64]  float_binary(Binary::FMul, Type::F64);
        visit_f64_div                 [F64 F64]  -> [F64]  float_binary(Binary::FDiv, Type::F64);
        visit_f64_min                 [F64 F64]  -> [F64]  float_extremum(Intrinsic::Minimum, Type::F64);
        visit_f64_max                 [F64 F64]  -> [F64]  float_extremum(Intrinsic::Maximum, Type::F64);
        visit_f64_copysign            [F64 F64]  -> [F64]  copysign(Type::F64);
        visit_f64_neg                 [F64]      -> [F64]  negate();
        visit_f64_abs                 [F64]      -> [F64]  unary(Intrinsic::Fabs, Type::F64);
        visit_f64_ceil                [F64]      -> [F64]  unary(Intrinsic::Ceil, Type::F64);
        visit_f64_floor               [F64]      -> [F64]  unary(Intrinsic::Floor, Type::F64);
        visit_f64_trunc               [F64]      -> [F64]  unary(Intrinsic::Trunc, Type::F64);
        visit_f64_nearest             [F64]      -> [F64]  unary(Intrinsic::Rint, Type::F64);
        visit_f64_sqrt                [F64]      -> [F64]  unary(Intrinsic::Sqrt, Type::F64);

        // f64 comparisons
        visit_f64_eq                  [F64 F64]  -> [I32]  float_compare(FloatCompare::Oeq);
        visit_f64_ne                  [F64 F64]  -> [I32]  float_compare(FloatCompare::Une);
        visit_f64_lt                  [F64 F64]  -> [I32]  float_compare(FloatCompare::Olt);
        visit_f64_gt                  [F64 F64]  -> [I32]  float_compare(FloatCompare::Ogt);
        visit_f64_le                  [F64 F64]  -> [I32]  float_compare(FloatCompare::Ole);
        visit_f64_ge                  [F64 F64]  -> [I32]  float_compare(FloatCompare::Oge);

        // conversions
        visit_i32_wrap_i64            [I64]      -> [I32]  convert(Cast::Trunc, Type::I32);
        visit_i64_extend_i32_s        [I32]      -> [I64]  convert(Cast::SExt, Type::I64);
        visit_i64_extend_i32_u        [I32]      -> [I64]  convert(Cast::ZExt, Type::I64);
        visit_i32_trunc_f32_s         [F32]      -> [I32]  truncate(Cast::FpToSi, Type::F32, Type::I32);
        visit_i32_trunc_sat_f32_s     [F32]      -> [I32]  truncate_saturating(Intrinsic::FptosiSat, Type::F32, Type::I32);
        visit_i32_trunc_f32_u         [F32]      -> [I32]  truncate(Cast::FpToUi, Type::F32, Type::I32);
        visit_i32_trunc_sat_f32_u     [F32]      -> [I32]  truncate_saturating(Intrinsic::FptouiSat, Type::F32, Type::I32);
        visit_i32_trunc_f64_s         [F64]      -> [I32]  truncate(Cast::FpToSi, Type::F64, Type::I32);
        visit_i32_trunc_sat_f64_s     [F64]      -> [I32]  truncate_saturating(Intrinsic::FptosiSat, Type::F64, Type::I32);
        visit_i32_trunc_f64_u         [F64]      -> [I32]  truncate(Cast::FpToUi, Type::F64, Type::I32);
        visit_i32_trunc_sat_f64_u     [F64]      -> [I32]  truncate_saturating(Intrinsic::FptouiSat, Type::F64, Type::I32);
        visit_i64_trunc_f32_s         [F32]      -> [I64]  truncate(Cast::FpToSi, Type::F32, Type::I64);
        visit_i64_trunc_sat_f32_s     [F32]      -> [I64]  truncate_saturating(Intrinsic::FptosiSat, Type::F32, Type::I64);
        visit_i64_trunc_f32_u         [F32]      -> [I64]  truncate(Cast::FpToUi, Type::F32, Type::I64);
        visit_i64_trunc_sat_f32_u     [F32]      -> [I64]  truncate_saturating(Intrinsic::FptouiSat, Type::F32, Type::I64);
        visit_i64_trunc_f64_s         [F64]      -> [I64]  truncate(Cast::FpToSi, Type::F64, Type::I64);
        visit_i64_trunc_sat_f64_s     [F64]      -> [I64]  truncate_saturating(Intrinsic::FptosiSat, Type::F64, Type::I64);
        visit_i64_trunc_f64_u         [F64]      -> [I64]  truncate(Cast::FpToUi, Type::F64, Type::I64);
        visit_i64_trunc_sat_f64_u     [F64]      -> [I64]  truncate_saturating(Intrinsic::FptouiSat, Type::F64, Type::I64);
        visit_f32_convert_i32_s       [I32]      -> [F32]  convert(Cast::SiToFp, Type::F32);
        visit_f32_convert_i32_u       [I32]      -> [F32]  convert(Cast::UiToFp, Type::F32);
        visit_f32_convert_i64_s       [I64]      -> [F32]  convert(Cast::SiToFp, Type::F32);
        visit_f32_convert_i64_u       [I64]      -> [F32]  convert(Cast::UiToFp, Type::F32);
        visit_f64_convert_i32_s       [I32]      -> [F64]  convert(Cast::SiToFp, Type::F64);
        visit_f64_convert_i32_u       [I32]      -> [F64]  convert(Cast::UiToFp, Type::F64);
        visit_f64_convert_i64_s       [I64]      -> [F64]  convert(Cast::SiToFp, Type::F64);
        visit_f64_convert_i64_u       [I64]      -> [F64]  convert(Cast::UiToFp, Type::F64);
        visit_f32_demote_f64          [F64]      -> [F32]  demote();
        visit_f64_promote_f32         [F32]      -> [F64]  convert(Cast::FpExt, Type::F64);
        visit_i32_reinterpret_f32     [F32]      -> [I32]  convert(Cast::BitCast, Type::I32);
        visit_i64_reinterpret_f64     [F64]      -> [I64]  convert(Cast::BitCast, Type::I64);
        visit_f32_reinterpret_i32     [I32]      -> [F32]  convert(Cast::BitCast, Type::F32);
        visit_f64_reinterpret_i64     [I64]      -> [F64]  convert(Cast::BitCast, Type::F64);
    }

    accesses! {
        visit_i32_load                [I32]      -> [I32]  load(Type::I32, Widen::Whole, Type::I32);
        visit_i64_load                [I32]      -> [I64]  load(Type::I64, Widen::Whole, Type::I64);
        visit_f32_load                [I32]      -> [F32]  load(Type::F32, Widen::Whole, Type::F32);
        visit_f64_load                [I32]      -> [F64]  load(Type::F64, Widen::Whole, Type::F64);
        visit_i32_load8_s             [I32]      -> [I32]  load(Type::I8, Widen::Signed, Type::I32);
        visit_i32_load8_u             [I32]      -> [I32]  load(Type::I8, Widen::Unsigned, Type::I32);
        visit_i32_load16_s            [I32]      -> [I32]  load(Type::I16, Widen::Signed, Type::I32);
        visit_i32_load16_u            [I32]      -> [I32]  load(Type::I16, Widen::Unsigned, Type::I32);
        visit_i64_load8_s             [I32]      -> [I64]  load(Type::I8, Widen::Signed, Type::I64);
        visit_i64_load8_u             [I32]      -> [I64]  load(Type::I8, Widen::Unsigned, Type::I64);
        visit_i64_load16_s            [I32]      -> [I64]  load(Type::I16, Widen::Signed, Type::I64);
        visit_i64_load16_u            [I32]      -> [I64]  load(Type::I16, Widen::Unsigned, Type::I64);
        visit_i64_load32_s            [I32]      -> [I64]  load(Type::I32, Widen::Signed, Type::I64);
        visit_i64_load32_u            [I32]      -> [I64]  load(Type::I32, Widen::Unsigned, Type::I64);
        visit_i32_store               [I32 I32]  -> []     store(Type::I32);
        visit_i64_store               [I32 I64]  -> []     store(Type::I64);
        visit_f32_store               [I32 F32]  -> []     store(Type::F32);
        visit_f64_store               [I32 F64]  -> []     store(Type::F64);
        visit_i32_store8              [I32 I32]  -> []     store(Type::I8);
        visit_i32_store16             [I32 I32]  -> []     store(Type::I16);
        visit_i64_store8              [I32 I64]  -> []     store(Type::I8);
        visit_i64_store16             [I32 I64]  -> []     store(Type::I16);
        visit_i64_store32             [I32 I64]  -> []     store(Type::I32);

        // atomic accesses
        visit_i32_atomic_load               [I32]         -> [I32] atomic_load(Type::I32, Type::I32);
        visit_i32_atomic_load8_u            [I32]         -> [I32] atomic_load(Type::I8, Type::I32);
        visit_i32_atomic_load16_u           [I32]         -> [I32] atomic_load(Type::I16, Type::I32);
        visit_i32_atomic_store              [I32 I32]     -> []    atomic_store(Type::I32);
        visit_i32_atomic_store8             [I32 I32]     -> []    atomic_store(Type::I8);
        visit_i32_atomic_store16            [I32 I32]     -> []    atomic_store(Type::I16);
        visit_i32_atomic_rmw_add            [I32 I32]     -> [I32] atomic_update(Atomic::Add, Type::I32, Type::I32);
        visit_i32_atomic_rmw8_add_u         [I32 I32]     -> [I32] atomic_update(Atomic::Add, Type::I8, Type::I32);
        visit_i32_atomic_rmw16_add_u        [I32 I32]     -> [I32] atomic_update(Atomic::Add, Type::I16, Type::I32);
        visit_i32_atomic_rmw_sub            [I32 I32]     -> [I32] atomic_update(Atomic::Sub, Type::I32, Type::I32);
        visit_i32_atomic_rmw8_sub_u         [I32 I32]     -> [I32] atomic_update(Atomic::Sub, Type::I8, Type::I32);
        visit_i32_atomic_rmw16_sub_u        [I32 I32]     -> [I32] atomic_update(Atomic::Sub, Type::I16, Type::I32);
        visit_i32_atomic_rmw_and            [I32 I32]     -> [I32] atomic_update(Atomic::And, Type::I32, Type::I32);
        visit_i32_atomic_rmw8_and_u         [I32 I32]     -> [I32] atomic_update(Atomic::And, Type::I8, Type::I32);
        visit_i32_atomic_rmw16_and_u        [I32 I32]     -> [I32] atomic_update(Atomic::And, Type::I16, Type::I32);
        visit_i32_atomic_rmw_or             [I32 I32]     -> [I32] atomic_update(Atomic::Or, Type::I32, Type::I32);
        visit_i32_atomic_rmw8_or_u          [I32 I32]     -> [I32] atomic_update(Atomic::Or, Type::I8, Type::I32);
        visit_i32_atomic_rmw16_or_u         [I32 I32]     -> [I32] atomic_update(Atomic::Or, Type::I16, Type::I32);
        visit_i32_atomic_rmw_xor            [I32 I32]     -> [I32] atomic_update(Atomic::Xor, Type::I32, Type::I32);
        visit_i32_atomic_rmw8_xor_u         [I32 I32]     -> [I32] atomic_update(Atomic::Xor, Type::I8, Type::I32);
        visit_i32_atomic_rmw16_xor_u        [I32 I32]     -> [I32] atomic_update(Atomic::Xor, Type::I16, Type::I32);
        visit_i32_atomic_rmw_xchg           [I32 I32]     -> [I32] atomic_update(Atomic::Xchg, Type::I32, Type::I32);
        visit_i32_atomic_rmw8_xchg_u        [I32 I32]     -> [I32] atomic_update(Atomic::Xchg, Type::I8, Type::I32);
        visit_i32_atomic_rmw16_xchg_u       [I32 I32]     -> [I32] atomic_update(Atomic::Xchg, Type::I16, Type::I32);
        visit_i32_atomic_rmw_cmpxchg        [I32 I32 I32] -> [I32] atomic_exchange(Type::I32, Type::I32);
        visit_i32_atomic_rmw8_cmpxchg_u     [I32 I32 I32] -> [I32] atomic_exchange(Type::I8, Type::I32);
        visit_i32_atomic_rmw16_cmpxchg_u    [I32 I32 I32] -> [I32] atomic_exchange(Type::I16, Type::I32);
        visit_i64_atomic_load               [I32]         -> [I64] atomic_load(Type::I64, Type::I64);
        visit_i64_atomic_load8_u            [I32]         -> [I64] atomic_load(Type::I8, Type::I64);
        visit_i64_atomic_load16_u           [I32]         -> [I64] atomic_load(Type::I16, Type::I64);
        visit_i64_atomic_load32_u           [I32]         -> [I64] atomic_load(Type::I32, Type::I64);
        visit_i64_atomic_store              [I32 I64]     -> []    atomic_store(Type::I64);
        visit_i64_atomic_store8             [I32 I64]     -> []    atomic_store(Type::I8);
        visit_i64_atomic_store16            [I32 I64]     -> []    atomic_store(Type::I16);
        visit_i64_atomic_store32            [I32 I64]     -> []    atomic_store(Type::I32);
        visit_i64_atomic_rmw_add            [I32 I64]     -> [I64] atomic_update(Atomic::Add, Type::I64, Type::I64);
        visit_i64_atomic_rmw8_add_u         [I32 I64]     -> [I64] atomic_update(Atomic::Add, Type::I8, Type::I64);
        visit_i64_atomic_rmw16_add_u        [I32 I64]     -> [I64] atomic_update(Atomic::Add, Type::I16, Type::I64);
        visit_i64_atomic_rmw32_add_u        [I32 I64]     -> [I64] atomic_update(Atomic::Add, Type::I32, Type::I64);
        visit_i64_atomic_rmw_sub            [I32 I64]     -> [I64] atomic_update(Atomic::Sub, Type::I64, Type::I64);
        visit_i64_atomic_rmw8_sub_u         [I32 I64]     -> [I64] atomic_update(Atomic::Sub, Type::I8, Type::I64);
        visit_i64_atomic_rmw16_sub_u        [I32 I64]     -> [I64] atomic_update(Atomic::Sub, Type::I16, Type::I64);
        visit_i64_atomic_rmw32_sub_u        [I32 I64]     -> [I64] atomic_update(Atomic::Sub, Type::I32, Type::I64);
        visit_i64_atomic_rmw_and            [I32 I64]     -> [I64] atomic_update(Atomic::And, Type::I64, Type::I64);
        visit_i64_atomic_rmw8_and_u         [I32 I64]     -> [I64] atomic_update(Atomic::And, Type::I8, Type::I64);
        visit_i64_atomic_rmw16_and_u        [I32 I64]     -> [I64] atomic_update(Atomic::And, Type::I16, Type::I64);
        visit_i64_atomic_rmw32_and_u        [I32 I64]     -> [I64] atomic_update(Atomic::And, Type::I32, Type::I64);
        visit_i64_atomic_rmw_or             [I32 I64]     -> [I64] atomic_update(Atomic::Or, Type::I64, Type::I64);
        visit_i64_atomic_rmw8_or_u          [I32 I64]     -> [I64] atomic_update(Atomic::Or, Type::I8, Type::I64);
        visit_i64_atomic_rmw16_or_u         [I32 I64]     -> [I64] atomic_update(Atomic::Or, Type::I16, Type::I64);
        visit_i64_atomic_rmw32_or_u         [I32 I64]     -> [I64] atomic_update(Atomic::Or, Type::I32, Type::I64);
        visit_i64_atomic_rmw_xor            [I32 I64]     -> [I64] atomic_update(Atomic::Xor, Type::I64, Type::I64);
        visit_i64_atomic_rmw8_xor_u         [I32 I64]     -> [I64] atomic_update(Atomic::Xor, Type::I8, Type::I64);
        visit_i64_atomic_rmw16_xor_u        [I32 I64]     -> [I64] atomic_update(Atomic::Xor, Type::I16, Type::I64);
        visit_i64_atomic_rmw32_xor_u        [I32 I64]     -> [I64] atomic_update(Atomic::Xor, Type::I32, Type::I64);
        visit_i64_atomic_rmw_xchg           [I32 I64]     -> [I64] atomic_update(Atomic::Xchg, Type::I64, Type::I64);
        visit_i64_atomic_rmw8_xchg_u        [I32 I64]     -> [I64] atomic_update(Atomic::Xchg, Type::I8, Type::I64);
        visit_i64_atomic_rmw16_xchg_u       [I32 I64]     -> [I64] atomic_update(Atomic::Xchg, Type::I16, Type::I64);
        visit_i64_atomic_rmw32_xchg_u       [I32 I64]     -> [I64] atomic_update(Atomic::Xchg, Type::I32, Type::I64);
        visit_i64_atomic_rmw_cmpxchg        [I32 I64 I64] -> [I64] atomic_exchange(Type::I64, Type::I64);
        visit_i64_atomic_rmw8_cmpxchg_u     [I32 I64 I64] -> [I64] atomic_exchange(Type::I8, Type::I64);
        visit_i64_atomic_rmw16_cmpxchg_u    [I32 I64 I64] -> [I64] atomic_exchange(Type::I16, Type::I64);
        visit_i64_atomic_rmw32_cmpxchg_u    [I32 I64 I64] -> [I64] atomic_exchange(Type::I32, Type::I64);
        visit_memory_atomic_notify          [I32 I32]     -> [I32] atomic_notify();
        visit_memory_atomic_wait32          [I32 I32 I64] -> [I32] atomic_wait(Type::I32);
        visit_memory_atomic_wait64          [I32 I64 I64] -> [I32] atomic_wait(Type::I64);
    }

    fn visit_atomic_fence(&mut self, _order: Ordering) -> Done {
        // The proposal knows one order; others belong to a proposal that is refused.
        self.b.fence();
        Ok(())
    }

    fn visit_nop(&mut self) -> Done {
        Ok(())
    }

    fn visit_unreachable(&mut self) -> Done {
        self.raise_unreachable();
        Ok(())
    }

    fn visit_block(&mut self, ty: BlockType) -> Done {
        self.start_block(ty)
    }

    fn visit_loop(&mut self, ty: BlockType) -> Done {
        self.start_loop(ty)
    }

    fn visit_if(&mut self, ty: BlockType) -> Done {
        self.start_if(ty)
    }

    fn visit_else(&mut self) -> Done {
        self.start_else()
    }

    fn visit_end(&mut self) -> Done {
        self.end_block()
    }

    fn visit_br(&mut self, depth: u32) -> Done {
        self.branch(depth)
    }

    fn visit_br_if(&mut self, depth: u32) -> Done {
        self.branch_if(depth)
    }

    fn visit_br_table(&mut self, table: BrTable<'a>) -> Done {
        self.branch_table(&table)
    }

    fn visit_return(&mut self) -> Done {
        self.branch_out()
    }

    fn visit_call(&mut self, function: u32) -> Done {
        self.call(function)
    }

    fn visit_call_indirect(&mut self, ty: u32, table: u32) -> Done {
        self.call_indirect(ty, table)
    }

    fn visit_return_call(&mut self, function: u32) -> Done {
        self.return_call(function)
    }

    fn visit_return_call_indirect(&mut self, ty: u32, table: u32) -> Done {
        self.return_call_indirect(ty, table)
    }

    fn visit_try_table(&mut self, table: TryTable) -> Done {
        self.start_try_table(&table)
    }

    fn visit_throw(&mut self, tag: u32) -> Done {
        self.throw(tag)
    }

    fn visit_throw_ref(&mut self) -> Done {
        self.throw_ref()
    }

    fn visit_try(&mut self, ty: BlockType) -> Done {
        self.start_try(ty)
    }

    fn visit_catch(&mut self, tag: u32) -> Done {
        self.start_catch(Some(tag))
    }

    fn visit_catch_all(&mut self) -> Done {
        self.start_catch(None)
    }

    fn visit_rethrow(&mut self, depth: u32) -> Done {
        self.rethrow(depth)
    }

    fn visit_delegate(&mut self, depth: u32) -> Done {
        self.end_with_delegate(depth)
    }

    fn visit_drop(&mut self) -> Done {
        self.drop_value()
    }

    fn visit_select(&mut self) -> Done {
        self.select()
    }

    fn visit_typed_select(&mut self, _ty: ValType) -> Done {
        self.select()
    }

    fn visit_typed_select_multi(&mut self, _types: Vec<ValType>) -> Done {
        // The binary format allows it, validation does not.
        Err(self.internal("select of several values"))
    }

    fn visit_local_get(&mut self, index: u32) -> Done {
        let local = self.local(index)?;
        let value = self.b.read(local.ty, local.slot);
        self.push(value);
        Ok(())
    }

    fn visit_local_set(&mut self, index: u32) -> Done {
        let value = self.pop()?;
        self.write_local(index, value)
    }

    fn visit_local_tee(&mut self, index: u32) -> Done {
        let value = self.pop()?;
        self.push(value);
        self.write_local(index, value)
    }

    fn visit_global_get(&mut self, index: u32) -> Done {
        self.global_get(index)
    }

    fn visit_global_set(&mut self, index: u32) -> Done {
        self.global_set(index)
    }

    fn visit_i32_const(&mut self, value: i32) -> Done {
        let value = self.b.program_int(Type::I32, value.cast_unsigned().into());
        self.push(value);
        Ok(())
    }

    fn visit_i64_const(&mut self, value: i64) -> Done {
        let value = self.b.program_int(Type::I64, value.cast_unsigned());
        self.push(value);
        Ok(())
    }

    fn visit_f32_const(&mut self, value: Ieee32) -> Done {
        let value = self.b.float(Type::F32, value.bits().into());
        self.push(value);
        Ok(())
    }

    fn visit_f64_const(&mut self, value: Ieee64) -> Done {
        let value = self.b.float(Type::F64, value.bits());
        self.push(value);
        Ok(())
    }

    fn visit_memory_size(&mut self, memory: u32) -> Done {
        self.memory_size_pages(memory)
    }

    fn visit_memory_grow(&mut self, memory: u32) -> Done {
        self.memory_grow(memory)
    }

    fn visit_memory_init(&mut self, segment: u32, memory: u32) -> Done {
        self.memory_init(segment, memory)
    }

    fn visit_data_drop(&mut self, segment: u32) -> Done {
        self.data_drop(segment);
        Ok(())
    }

    fn visit_memory_copy(&mut self, to: u32, from: u32) -> Done {
        self.memory_copy(to, from)
    }

    fn visit_memory_fill(&mut self, memory: u32) -> Done {
        self.memory_fill(memory)
    }

    fn visit_table_init(&mut self, segment: u32, table: u32) -> Done {
        self.table_init(segment, table)
    }

    fn visit_elem_drop(&mut self, segment: u32) -> Done {
        self.elem_drop(segment);
        Ok(())
    }

    fn visit_table_copy(&mut self, to: u32, from: u32) -> Done {
        self.table_copy(to, from)
    }

    fn visit_table_fill(&mut self, table: u32) -> Done {
        self.table_fill(table)
    }

    fn visit_table_get(&mut self, table: u32) -> Done {
        self.table_get(table)
    }

    fn visit_table_set(&mut self, table: u32) -> Done {
        self.table_set(table)
    }

    fn visit_table_grow(&mut self, table: u32) -> Done {
        self.table_grow(table)
    }

    fn visit_table_size(&mut self, table: u32) -> Done {
        self.table_size(table)
    }

    fn visit_ref_null(&mut self, ty: HeapType) -> Done {
        self.ref_null(ty)
    }

    fn visit_ref_is_null(&mut self) -> Done {
        self.ref_is_null()
    }

    fn visit_ref_func(&mut self, function: u32) -> Done {
        self.ref_func(function)
    }

    actions! {
        visit_ref_as_non_null()                    ref_as_non_null();
        visit_br_on_null(depth: u32)               branch_on_null(depth);
        visit_br_on_non_null(depth: u32)           branch_on_non_null(depth);
        visit_call_ref(ty: u32)                    call_ref(ty);
        visit_return_call_ref(ty: u32)             return_call_ref(ty);
        visit_ref_eq()                             ref_eq();
        visit_ref_i31()                            ref_i31();
        visit_i31_get_s()                          i31_get(Extend::Signed);
        visit_i31_get_u()                          i31_get(Extend::Unsigned);
        visit_any_convert_extern()                 any_convert_extern();
        visit_extern_convert_any()                 extern_convert_any();
        visit_ref_test_non_null(ty: HeapType)      ref_test(ty, false);
        visit_ref_test_nullable(ty: HeapType)      ref_test(ty, true);
        visit_ref_cast_non_null(ty: HeapType)      ref_cast(ty, false);
        visit_ref_cast_nullable(ty: HeapType)      ref_cast(ty, true);
        visit_struct_new(ty: u32)                  struct_new(ty);
        visit_struct_new_default(ty: u32)          struct_new_default(ty);
        visit_struct_get(ty: u32, field: u32)      struct_get(ty, field, Extend::None);
        visit_struct_get_s(ty: u32, field: u32)    struct_get(ty, field, Extend::Signed);
        visit_struct_get_u(ty: u32, field: u32)    struct_get(ty, field, Extend::Unsigned);
        visit_struct_set(ty: u32, field: u32)      struct_set(ty, field);
        visit_array_new(ty: u32)                   array_new(ty);
        visit_array_new_default(ty: u32)           array_new_default(ty);
        visit_array_new_fixed(ty: u32, count: u32) array_new_fixed(ty, count);
        visit_array_new_data(ty: u32, from: u32)   array_new_segment(Builtin::WamrcArrayNewData, ty, from);
        visit_array_new_elem(ty: u32, from: u32)   array_new_segment(Builtin::WamrcArrayNewElem, ty, from);
        visit_array_init_data(_ty: u32, from: u32) array_init_segment(Builtin::WamrcArrayInitData, from);
        visit_array_init_elem(_ty: u32, from: u32) array_init_segment(Builtin::WamrcArrayInitElem, from);
        visit_array_get(ty: u32)                   array_get(ty, Extend::None);
        visit_array_get_s(ty: u32)                 array_get(ty, Extend::Signed);
        visit_array_get_u(ty: u32)                 array_get(ty, Extend::Unsigned);
        visit_array_set(ty: u32)                   array_set(ty);
        visit_array_len()                          array_len();
        visit_array_fill(ty: u32)                  array_fill(ty);
        visit_array_copy(to: u32, from: u32)       array_copy(to, from);
    }

    fn visit_br_on_cast(&mut self, depth: u32, _from: RefType, to: RefType) -> Done {
        self.branch_on_cast(depth, to, true)
    }

    fn visit_br_on_cast_fail(&mut self, depth: u32, _from: RefType, to: RefType) -> Done {
        self.branch_on_cast(depth, to, false)
    }
}

impl FunctionLowering<'_, '_, '_, '_> {
    /// Does what a row says and, in debug builds, checks that operands and results have the types of
    /// the row.
    pub(super) fn check_row(
        &mut self,
        operands: &[Type],
        results: &[Type],
        action: impl FnOnce(&mut Self) -> Done,
    ) -> Done {
        debug_assert!(self.on_top(operands), "operands at {}", self.offset);
        action(self)?;
        debug_assert!(self.on_top(results), "results at {}", self.offset);
        Ok(())
    }

    /// Whether the topmost values have these types.
    fn on_top(&self, types: &[Type]) -> bool {
        let start = self.stack.len().checked_sub(types.len());
        let values = start.and_then(|start| self.stack.get(start..));
        values.is_some_and(|values| {
            let pairs = values.iter().zip(types);
            pairs.fold(true, |same, (value, ty)| {
                same && self.b.type_of(*value) == *ty
            })
        })
    }
}
