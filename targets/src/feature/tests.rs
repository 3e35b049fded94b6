//! Families are consistent in themselves; combinations that cannot be right are refused with the reason.

use std::format;
use std::string::ToString;
use std::vec::Vec;

use super::{
    AARCH64, ARC, ARM, Combination, Family, MIPS, RISCV, Required, Set, X86, XTENSA, check,
};
use crate::{ALL, by_name, profile};

const FAMILIES: &[&Family] = &[&X86, &ARM, &AARCH64, &RISCV, &MIPS, &XTENSA, &ARC];

#[test]
fn families_are_consistent() {
    for family in FAMILIES {
        assert!(family.features.len() <= 128);
        let known = |name: &str| family.features.iter().any(|it| it.name == name);
        for feature in family.features {
            for name in super::names(feature.implies) {
                assert!(known(name), "{} implies {name}", feature.name);
            }
        }
        assert!(family.cpus.is_sorted_by(|a, b| a.0 < b.0));
        for (cpu, features) in family.cpus {
            for name in super::names(features) {
                assert!(known(name), "{cpu} has {name}");
            }
        }
    }
}

#[test]
fn targets_and_profiles_are_right() {
    for target in ALL {
        let set = check(target, None, target.llvm.cpu, "");
        assert!(set.is_ok(), "{}: {:?}", target.name, set.err());
        let known = |name: &str| target.family.features.iter().any(|it| it.name == name);
        let lists = [target.generic, target.universal];
        let mut listed = lists.into_iter().flat_map(super::names);
        assert!(listed.all(known), "{}", target.name);
        for (name, _) in target.forbids {
            assert!(known(name), "{} forbids {name}", target.name);
        }
        for name in target.abis.iter().flat_map(|abi| abi.requires) {
            assert!(known(name), "an ABI of {} requires {name}", target.name);
        }
    }
    for profile in profile::ALL {
        assert!(by_name(profile.name).is_none(), "{}", profile.name);
        let target = profile.target;
        let abi = target.abis.iter().find(|abi| abi.name == profile.abi);
        let abi = abi.unwrap_or_else(|| panic!("{}: an ABI", profile.name));
        let set = check(target, Some(abi), profile.cpu, profile.features);
        assert!(set.is_ok(), "{}: {:?}", profile.name, set.err());
        let cpu = profile.cpu == "generic" || target.family.cpu(profile.cpu).is_some();
        assert!(cpu, "{}: a CPU", profile.name);
    }
}

#[test]
fn combinations() {
    /// Target, ABI, CPU, features; the feature that is in the way.
    const CASES: &[(&str, &str, &str, &str, Option<&str>)] = &[
        ("armv7", "gnueabihf", "generic", "", None),
        ("armv7", "gnueabihf", "cortex-a9", "", None),
        ("armv7", "gnueabihf", "generic", "-fpregs", Some("vfp2sp")),
        ("armv7", "gnueabi", "generic", "-fpregs", None),
        ("armv7", "gnueabihf", "arm926ej-s", "", Some("vfp2sp")),
        ("armv7", "gnueabihf", "cortex-m4", "", Some("armv7e-m")),
        ("thumbv6m", "eabi", "cortex-m0plus", "", None),
        (
            "thumbv6m",
            "eabi",
            "cortex-m0",
            "+vfp4d16sp",
            Some("fpregs"),
        ),
        ("thumbv6m", "eabi", "cortex-m3", "", Some("armv7-m")),
        ("thumbv6m", "eabi", "cortex-m0", "+hwdiv", Some("hwdiv")),
        ("thumbv7m", "eabi", "cortex-m3", "+dsp", Some("dsp")),
        ("thumbv7m", "eabi", "cortex-a9", "", Some("armv7-a")),
        ("thumbv7em", "eabi", "generic", "", None),
        ("thumbv7em", "eabihf", "generic", "", Some("vfp2sp")),
        ("thumbv7em", "eabihf", "cortex-m4", "", None),
        ("thumbv7em", "eabihf", "generic", "+vfp4d16sp", None),
        (
            "thumbv7em",
            "eabihf",
            "cortex-m4",
            "-fpregs",
            Some("vfp2sp"),
        ),
        ("thumbv8m.main", "eabihf", "cortex-m33", "", None),
        (
            "thumbv8m.base",
            "eabi",
            "cortex-m33",
            "",
            Some("armv8-m.main"),
        ),
        ("thumbv7", "gnueabihf", "cortex-m7", "", Some("armv7e-m")),
        ("riscv32", "ilp32", "generic-rv32", "", None),
        ("riscv32", "ilp32d", "generic-rv32", "", Some("d")),
        ("riscv32", "ilp32f", "generic-rv32", "", Some("f")),
        ("riscv32", "ilp32d", "generic-rv32", "+d", None),
        ("riscv32", "ilp32", "generic-rv32", "+e", Some("e")),
        ("riscv64", "lp64d", "generic-rv64", "-d", Some("d")),
        ("riscv64", "lp64d", "generic-rv64", "-f", Some("d")),
        ("riscv64", "lp64", "generic-rv64", "-f", None),
        ("i386", "gnu", "pentium4", "", None),
        ("i386", "gnu", "pentium4", "-sse2", Some("sse2")),
        ("i386", "gnu", "i686", "", Some("sse2")),
        ("x86_64", "gnu", "x86-64", "-sse2", Some("sse2")),
        ("x86_64", "gnu", "x86-64-v3", "", None),
        ("x86_64", "gnu", "a CPU of tomorrow", "", None),
        ("mips", "gnu", "mips32r6", "", Some("mips32r6")),
        ("mips", "o32-soft", "mips32r2", "", Some("soft-float")),
        ("mips", "o32-soft", "mips32r2", "+soft-float", None),
        ("mips", "gnu", "mips32r2", "+micromips", Some("micromips")),
        ("xtensa", "gnu", "esp8266", "", Some("windowed")),
        ("xtensa-call0", "gnu", "esp32", "", Some("windowed")),
        ("aarch64", "gnu", "generic", "-fp-armv8", Some("fp-armv8")),
    ];
    for (target, abi, cpu, features, want) in CASES {
        let target = by_name(target).unwrap();
        let abi = target.abis.iter().find(|it| it.name == *abi).unwrap();
        let result = check(target, Some(abi), cpu, features);
        let found = result.err().map(|error| match error {
            Combination::Abi { needs, .. } => needs,
            Combination::Feature { feature, .. } => feature,
        });
        assert_eq!(
            found, *want,
            "{} {} {cpu} {features}",
            target.name, abi.name
        );
    }
}

#[test]
fn what_files_require() {
    const CASES: &[(&str, &str, &str, &str)] = &[
        ("x86_64", "x86-64", "", ""),
        ("x86_64", "x86-64", "+avx", "+avx"),
        (
            "x86_64",
            "x86-64-v2",
            "",
            "+cx16,+sahf,+sse4.2,+popcnt,+crc32",
        ),
        ("aarch64", "generic", "", ""),
        ("aarch64", "generic", "+lse", "+lse"),
        ("riscv32", "generic-rv32", "", "+m,+a,+c"),
        ("riscv32", "generic-rv32", "-a", "+m,+zaamo,+zalrsc,+c"),
        ("riscv32", "generic-rv32", "-a,-zaamo,-zalrsc", "+m,+c"),
        ("thumbv6m", "cortex-m0", "", "+armv6-m"),
    ];
    for (target, cpu, features, want) in CASES {
        let target = by_name(target).unwrap();
        let set = Set::of(target, cpu, features);
        let required: Vec<_> = set.required(target).collect();
        let text = Required(set, target).to_string();
        assert_eq!(text.matches('+').count(), required.len());
        assert_eq!(text, *want, "{} {cpu} {features}: {set}", target.name);
    }
}

#[test]
fn messages() {
    let abi = Combination::Abi {
        abi: "eabihf",
        needs: "vfp2sp",
        profile: Some("cortex-m4f"),
    };
    let feature = Combination::Feature {
        target: "thumbv6m",
        feature: "hwdiv",
        reason: "ARMv6-M has no division",
    };
    assert_eq!(
        format!("{abi}\n{feature}"),
        "abi eabihf needs the feature vfp2sp, which neither the cpu nor the features given have; \
         target cortex-m4f has both\n\
         target thumbv6m cannot have the feature hwdiv: ARMv6-M has no division"
    );
}
