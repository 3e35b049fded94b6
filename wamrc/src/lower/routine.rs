//! Which operations are carried out by functions of the runtime (spec D.15).
//!
//! Stock wamrc's names and groups; which of them a target needs follows from `targets::operation`. Constants are
//! not functions but in the table of the runtime's functions itself (spec A.10).

use crate::error::CompileError;
use crate::llvm::{Binary, Cast, Intrinsic, Operation, Type};
use crate::options::{Intrinsics, Options};
use targets::feature::Set;
use targets::operation::Operations;

/// A function of the runtime for an operation.
struct Routine {
    /// Stock's name of the operation.
    key: &'static str,
    /// The function; of constants what their names in the table begin with.
    symbol: &'static str,
    operation: Operation,
    /// Stock's group; empty for none.
    group: &'static str,
    /// Lists of what machines lack that it is on.
    lacks: &'static [Operations],
}

/// Routines, one a line. Grammar: `routines! { (KEY SYMBOL (OPERATION) GROUP [LACKS…];)* }`; `"i32.div_s" "aot_intrinsic_i32_div_s"
/// (Binary(Binary::SDiv, Type::I32)) "i32.common" [I32Divide];` becomes a `Routine` with these fields.
macro_rules! routines {
    ($($key:literal $symbol:literal ($($operation:tt)*) $group:literal [$($lack:ident)*];)*) => {
        &[$(Routine {
            key: $key,
            symbol: $symbol,
            operation: Operation::$($operation)*,
            group: $group,
            lacks: &[$(Operations::$lack),*],
        }),*]
    };
}

#[rustfmt::skip]
const ROUTINES: &[Routine] = routines! {
//  operation                                    function                         what                                     group          lacking
    "llvm.experimental.constrained.fadd.f32"     "aot_intrinsic_fadd_f32"         (Binary(Binary::FAdd, Type::F32)) "f32.common"   [F32];
    "llvm.experimental.constrained.fsub.f32"     "aot_intrinsic_fsub_f32"         (Binary(Binary::FSub, Type::F32)) "f32.common"   [F32];
    "llvm.experimental.constrained.fmul.f32"     "aot_intrinsic_fmul_f32"         (Binary(Binary::FMul, Type::F32)) "f32.common"   [F32];
    "llvm.experimental.constrained.fdiv.f32"     "aot_intrinsic_fdiv_f32"         (Binary(Binary::FDiv, Type::F32)) "f32.common"   [F32 F32Divide];
    "llvm.fabs.f32"                              "aot_intrinsic_fabs_f32"         (Unary(Intrinsic::Fabs, Type::F32)) "f32.common"   [];
    "llvm.ceil.f32"                              "aot_intrinsic_ceil_f32"         (Unary(Intrinsic::Ceil, Type::F32)) "f32.common"   [F32Round];
    "llvm.floor.f32"                             "aot_intrinsic_floor_f32"        (Unary(Intrinsic::Floor, Type::F32)) "f32.common"   [F32Round];
    "llvm.trunc.f32"                             "aot_intrinsic_trunc_f32"        (Unary(Intrinsic::Trunc, Type::F32)) "f32.common"   [F32Round];
    "llvm.rint.f32"                              "aot_intrinsic_rint_f32"         (Unary(Intrinsic::Rint, Type::F32)) "f32.common"   [F32Round];
    "llvm.sqrt.f32"                              "aot_intrinsic_sqrt_f32"         (Unary(Intrinsic::Sqrt, Type::F32)) "f32.common"   [F32 F32Divide];
    "llvm.copysign.f32"                          "aot_intrinsic_copysign_f32"     (Unary(Intrinsic::Copysign, Type::F32)) ""             [];
    "f32_cmp"                                    "aot_intrinsic_f32_cmp"          (Compare(Type::F32)) "f32.common"   [F32];
    "llvm.experimental.constrained.fadd.f64"     "aot_intrinsic_fadd_f64"         (Binary(Binary::FAdd, Type::F64)) "f64.common"   [F64];
    "llvm.experimental.constrained.fsub.f64"     "aot_intrinsic_fsub_f64"         (Binary(Binary::FSub, Type::F64)) "f64.common"   [F64];
    "llvm.experimental.constrained.fmul.f64"     "aot_intrinsic_fmul_f64"         (Binary(Binary::FMul, Type::F64)) "f64.common"   [F64];
    "llvm.experimental.constrained.fdiv.f64"     "aot_intrinsic_fdiv_f64"         (Binary(Binary::FDiv, Type::F64)) "f64.common"   [F64];
    "llvm.fabs.f64"                              "aot_intrinsic_fabs_f64"         (Unary(Intrinsic::Fabs, Type::F64)) "f64.common"   [];
    "llvm.ceil.f64"                              "aot_intrinsic_ceil_f64"         (Unary(Intrinsic::Ceil, Type::F64)) "f64.common"   [F64Round];
    "llvm.floor.f64"                             "aot_intrinsic_floor_f64"        (Unary(Intrinsic::Floor, Type::F64)) "f64.common"   [F64Round];
    "llvm.trunc.f64"                             "aot_intrinsic_trunc_f64"        (Unary(Intrinsic::Trunc, Type::F64)) "f64.common"   [F64Round];
    "llvm.rint.f64"                              "aot_intrinsic_rint_f64"         (Unary(Intrinsic::Rint, Type::F64)) "f64.common"   [F64Round];
    "llvm.sqrt.f64"                              "aot_intrinsic_sqrt_f64"         (Unary(Intrinsic::Sqrt, Type::F64)) "f64.common"   [F64];
    "llvm.copysign.f64"                          "aot_intrinsic_copysign_f64"     (Unary(Intrinsic::Copysign, Type::F64)) ""             [];
    "f64_cmp"                                    "aot_intrinsic_f64_cmp"          (Compare(Type::F64)) "f64.common"   [F64];
    "llvm.ctlz.i32"                              "aot_intrinsic_clz_i32"          (Unary(Intrinsic::Ctlz, Type::I32)) ""             [Count];
    "llvm.cttz.i32"                              "aot_intrinsic_ctz_i32"          (Unary(Intrinsic::Cttz, Type::I32)) ""             [Count];
    "llvm.ctpop.i32"                             "aot_intrinsic_popcnt_i32"       (Unary(Intrinsic::Ctpop, Type::I32)) ""             [Count];
    "llvm.ctlz.i64"                              "aot_intrinsic_clz_i64"          (Unary(Intrinsic::Ctlz, Type::I64)) ""             [Count];
    "llvm.cttz.i64"                              "aot_intrinsic_ctz_i64"          (Unary(Intrinsic::Cttz, Type::I64)) ""             [Count];
    "llvm.ctpop.i64"                             "aot_intrinsic_popcnt_i64"       (Unary(Intrinsic::Ctpop, Type::I64)) ""             [Count];
    "f32_convert_i32_s"                          "aot_intrinsic_i32_to_f32"       (Cast(Cast::SiToFp, Type::I32, Type::F32)) "f32xi32"      [F32I32];
    "f32_convert_i32_u"                          "aot_intrinsic_u32_to_f32"       (Cast(Cast::UiToFp, Type::I32, Type::F32)) "f32xi32"      [F32I32];
    "i32_trunc_f32_s"                            "aot_intrinsic_f32_to_i32"       (Cast(Cast::FpToSi, Type::F32, Type::I32)) "f32xi32"      [F32I32];
    "i32_trunc_f32_u"                            "aot_intrinsic_f32_to_u32"       (Cast(Cast::FpToUi, Type::F32, Type::I32)) "f32xi32"      [F32I32];
    "f32_convert_i64_s"                          "aot_intrinsic_i64_to_f32"       (Cast(Cast::SiToFp, Type::I64, Type::F32)) "f32xi64"      [F32I64];
    "f32_convert_i64_u"                          "aot_intrinsic_u64_to_f32"       (Cast(Cast::UiToFp, Type::I64, Type::F32)) "f32xi64"      [F32I64];
    "i64_trunc_f32_s"                            "aot_intrinsic_f32_to_i64"       (Cast(Cast::FpToSi, Type::F32, Type::I64)) "f32xi64"      [F32I64];
    "i64_trunc_f32_u"                            "aot_intrinsic_f32_to_u64"       (Cast(Cast::FpToUi, Type::F32, Type::I64)) "f32xi64"      [F32I64];
    "f64_convert_i32_s"                          "aot_intrinsic_i32_to_f64"       (Cast(Cast::SiToFp, Type::I32, Type::F64)) "f64xi32"      [F64I32];
    "f64_convert_i32_u"                          "aot_intrinsic_u32_to_f64"       (Cast(Cast::UiToFp, Type::I32, Type::F64)) "f64xi32"      [F64I32];
    "i32_trunc_f64_s"                            "aot_intrinsic_f64_to_i32"       (Cast(Cast::FpToSi, Type::F64, Type::I32)) "f64xi32"      [F64I32];
    "i32_trunc_f64_u"                            "aot_intrinsic_f64_to_u32"       (Cast(Cast::FpToUi, Type::F64, Type::I32)) "f64xi32"      [F64I32];
    "f64_convert_i64_s"                          "aot_intrinsic_i64_to_f64"       (Cast(Cast::SiToFp, Type::I64, Type::F64)) "f64xi64"      [F64I64];
    "f64_convert_i64_u"                          "aot_intrinsic_u64_to_f64"       (Cast(Cast::UiToFp, Type::I64, Type::F64)) "f64xi64"      [F64I64];
    "i64_trunc_f64_s"                            "aot_intrinsic_f64_to_i64"       (Cast(Cast::FpToSi, Type::F64, Type::I64)) "f64xi64"      [F64I64];
    "i64_trunc_f64_u"                            "aot_intrinsic_f64_to_u64"       (Cast(Cast::FpToUi, Type::F64, Type::I64)) "f64xi64"      [F64I64];
    "f64_promote_f32"                            "aot_intrinsic_f32_to_f64"       (Cast(Cast::FpExt, Type::F32, Type::F64)) ""             [F32F64];
    "f32_demote_f64"                             "aot_intrinsic_f64_to_f32"       (Cast(Cast::FpTrunc, Type::F64, Type::F32)) ""             [F32F64];
    "i32.div_s"                                  "aot_intrinsic_i32_div_s"        (Binary(Binary::SDiv, Type::I32)) "i32.common"   [I32Divide];
    "i32.div_u"                                  "aot_intrinsic_i32_div_u"        (Binary(Binary::UDiv, Type::I32)) "i32.common"   [I32Divide];
    "i32.rem_s"                                  "aot_intrinsic_i32_rem_s"        (Binary(Binary::SRem, Type::I32)) "i32.common"   [I32Divide];
    "i32.rem_u"                                  "aot_intrinsic_i32_rem_u"        (Binary(Binary::URem, Type::I32)) "i32.common"   [I32Divide];
    "i64.div_s"                                  "aot_intrinsic_i64_div_s"        (Binary(Binary::SDiv, Type::I64)) "i64.common"   [I64Divide];
    "i64.div_u"                                  "aot_intrinsic_i64_div_u"        (Binary(Binary::UDiv, Type::I64)) "i64.common"   [I64Divide];
    "i64.rem_s"                                  "aot_intrinsic_i64_rem_s"        (Binary(Binary::SRem, Type::I64)) "i64.common"   [I64Divide];
    "i64.rem_u"                                  "aot_intrinsic_i64_rem_u"        (Binary(Binary::URem, Type::I64)) "i64.common"   [I64Divide];
    "i64.or"                                     "aot_intrinsic_i64_bit_or"       (Binary(Binary::Or, Type::I64)) "i64.common"   [];
    "i64.and"                                    "aot_intrinsic_i64_bit_and"      (Binary(Binary::And, Type::I64)) "i64.common"   [];
    "i64.mul"                                    "aot_intrinsic_i64_mul"          (Binary(Binary::Mul, Type::I64)) "i64.common"   [I64Multiply];
    "i64.shl"                                    "aot_intrinsic_i64_shl"          (Binary(Binary::Shl, Type::I64)) "i64.common"   [I64Shift];
    "i64.shr_s"                                  "aot_intrinsic_i64_shr_s"        (Binary(Binary::AShr, Type::I64)) "i64.common"   [I64Shift];
    "i64.shr_u"                                  "aot_intrinsic_i64_shr_u"        (Binary(Binary::LShr, Type::I64)) "i64.common"   [I64Shift];
    "f32.const"                                  "f32"                            (Constant(Type::F32)) "constop"      [FloatConstants];
    "f64.const"                                  "f64"                            (Constant(Type::F64)) "constop"      [FloatConstants];
    "i32.const"                                  "i32"                            (Constant(Type::I32)) "constop"      [];
    "i64.const"                                  "i64"                            (Constant(Type::I64)) "constop"      [];
};

/// Groups of groups.
const UNIONS: &[(&str, &[&str])] = &[
    ("fp.common", &["f32.common", "f64.common"]),
    ("fpxint", &["f32xi32", "f64xi32", "f32xi64", "f64xi64"]),
];

/// Names of stock's that change nothing: these operations are made of comparisons here.
const WITHOUT_EFFECT: &[&str] = &[
    "llvm.minnum.f32",
    "llvm.minnum.f64",
    "llvm.maxnum.f32",
    "llvm.maxnum.f64",
];

impl Routine {
    /// Whether a name the user gave includes it.
    fn is_in(&self, name: &str) -> bool {
        let union = UNIONS.iter().find(|(union, _)| *union == name);
        name == "all"
            || name == self.key
            || name == self.group
            || union.is_some_and(|(_, groups)| groups.contains(&self.group))
    }

    /// Whether a machine lacks the operation.
    fn is_lacking(&self, options: &Options, features: &Set) -> bool {
        let mut rows = options
            .target
            .lacks
            .iter()
            .filter(|lack| lack.holds(features));
        rows.any(|lack| lack.operations.iter().any(|it| self.lacks.contains(it)))
    }
}

/// The operations that functions carry out, with their symbols, for a machine with these features.
///
/// # Errors
/// `UnknownIntrinsic` for a name that is neither a group nor an operation.
pub(super) fn choose(
    options: &Options,
    features: &Set,
) -> Result<Vec<(Operation, &'static str)>, CompileError> {
    let chosen: Vec<&Routine> = match &options.intrinsics {
        Intrinsics::Llvm => Vec::new(),
        Intrinsics::OfTarget => ROUTINES
            .iter()
            .filter(|routine| routine.is_lacking(options, features))
            .collect(),
        Intrinsics::Listed(names) => {
            for name in names {
                let known = ROUTINES.iter().any(|routine| routine.is_in(name));
                if name.is_empty() || !known && !WITHOUT_EFFECT.contains(&name.as_str()) {
                    return Err(CompileError::UnknownIntrinsic { name: name.clone() });
                }
            }
            let listed = |routine: &&Routine| names.iter().any(|name| routine.is_in(name));
            ROUTINES.iter().filter(listed).collect()
        }
    };
    let chosen = chosen.into_iter();
    Ok(chosen.map(|it| (it.operation, it.symbol)).collect())
}

/// The names a user may give, groups first.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names = vec!["all"];
    names.extend(UNIONS.iter().map(|(name, _)| *name));
    for routine in ROUTINES {
        if !routine.group.is_empty() && !names.contains(&routine.group) {
            names.push(routine.group);
        }
    }
    names.extend(ROUTINES.iter().map(|routine| routine.key));
    names
}

#[cfg(test)]
mod tests;
