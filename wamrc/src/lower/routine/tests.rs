//! What is chosen, by target and by name.

use super::{ROUTINES, choose, names};
use crate::error::CompileError;
use crate::options::{Intrinsics, Options};
use aot_format::abi::builtins::Builtin;
use std::collections::BTreeSet;
use targets::feature::Set;

fn chosen(target: &str, features: &str, intrinsics: Intrinsics) -> Vec<&'static str> {
    let target = targets::by_name(target).unwrap();
    let mut options = Options::new(target);
    options.intrinsics = intrinsics;
    let set = Set::of(target, target.llvm.cpu, features);
    let chosen = choose(&options, &set).unwrap();
    chosen.into_iter().map(|(_, symbol)| symbol).collect()
}

#[test]
fn the_runtime_has_every_routine() {
    for routine in ROUTINES {
        let constant = routine.key.ends_with(".const");
        assert!(
            constant || Builtin::from_name(routine.symbol).is_some(),
            "{}",
            routine.symbol
        );
    }
    let keys: BTreeSet<_> = ROUTINES.iter().map(|routine| routine.key).collect();
    assert_eq!(keys.len(), ROUTINES.len());
}

#[test]
fn targets_need_what_they_lack() {
    let of_target = |target, features| chosen(target, features, Intrinsics::OfTarget);
    assert_eq!(of_target("aarch64", ""), [""; 0]);
    assert_eq!(of_target("x86_64", "+sse4.1"), [""; 0]);
    assert_eq!(of_target("x86_64", "").len(), 8, "rounding");
    let soft = of_target("thumbv7em", "");
    assert!(soft.contains(&"aot_intrinsic_fadd_f32") && soft.contains(&"aot_intrinsic_f64_cmp"));
    assert!(!soft.contains(&"aot_intrinsic_i32_div_s") && !soft.contains(&"aot_intrinsic_i64_mul"));
    let hard = of_target("thumbv7em", "+vfp4d16sp");
    assert!(!hard.contains(&"aot_intrinsic_fadd_f32") && hard.contains(&"aot_intrinsic_floor_f32"));
    assert!(hard.contains(&"aot_intrinsic_fadd_f64") && hard.contains(&"aot_intrinsic_i64_to_f32"));
    assert!(of_target("thumbv6m", "").contains(&"aot_intrinsic_i64_shl"));
}

#[test]
fn groups_are_stocks() {
    let listed = |name: &str| chosen("x86_64", "", Intrinsics::Listed(vec![name.to_owned()]));
    assert_eq!(listed("i32.common").len(), 4);
    assert_eq!(listed("i64.common").len(), 10);
    assert_eq!(listed("fp.common").len(), 2 * listed("f32.common").len());
    assert_eq!(listed("fpxint").len(), 16);
    assert_eq!(listed("constop"), ["f32", "f64", "i32", "i64"]);
    assert_eq!(listed("f64_promote_f32"), ["aot_intrinsic_f32_to_f64"]);
    assert_eq!(listed("all").len(), ROUTINES.len());
    assert!(listed("llvm.minnum.f32").is_empty());
    assert!(names().contains(&"fpxint") && names().contains(&"i64.shr_u"));
    let mut options = Options::new(&targets::X86_64);
    options.intrinsics = Intrinsics::Listed(vec!["f16.common".to_owned()]);
    let error = choose(&options, &Set::new(&targets::feature::X86)).unwrap_err();
    assert_eq!(
        error,
        CompileError::UnknownIntrinsic {
            name: "f16.common".to_owned()
        }
    );
}
