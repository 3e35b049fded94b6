//! Every target is consistent in itself, and lookups find what they should.

use std::collections::BTreeSet;

use crate::{ALL, Endian, PtrWidth, by_elf_machine, by_name};

#[test]
fn targets_are_consistent() {
    let mut names = BTreeSet::new();
    for target in ALL {
        assert!(names.insert(target.name), "{} is listed twice", target.name);
        assert!(
            target.relocs.is_sorted_by(|a, b| a.number < b.number),
            "{}: relocation numbers ascend",
            target.name
        );
        assert!(
            target
                .object_relocs
                .is_sorted_by(|a, b| a.number < b.number),
            "{}: relocation numbers ascend",
            target.name
        );
        for row in target.relocs.iter().chain(target.object_relocs) {
            assert_eq!(row.width, target.width, "{}", row.name);
            assert_eq!(row.endian, target.endian, "{}", row.name);
            assert!(row.align.is_power_of_two(), "{}", row.name);
        }
        for row in target.relocs {
            assert_eq!(target.row(row.number), Some(row));
        }
        for row in target.machine.apart {
            let number = row.number;
            assert_eq!(target.object_row(number), Some(row), "{}", row.name);
            assert!(target.row(number).is_some(), "{}", row.name);
        }
        for row in target.object_relocs {
            assert_eq!(target.object_row(row.number), Some(row));
        }
        assert!(target.stock_relocs.is_sorted(), "{}", target.name);
        for number in target.stock_relocs {
            assert!(target.row(*number).is_some(), "{}: {number}", target.name);
        }
        for names in [target.libcalls, target.stock_libcalls] {
            let unique: BTreeSet<_> = names.iter().collect();
            assert_eq!(
                unique.len(),
                names.len(),
                "{}: a routine twice",
                target.name
            );
        }
        let abi = target.abis.first().expect("a default ABI");
        assert_eq!(abi.float_abi, target.float_abi, "{}", target.name);
        assert_eq!(abi.llvm, target.llvm.abi, "{}", target.name);
        assert_eq!(
            abi.triple.unwrap_or(target.llvm.triple),
            target.llvm.triple,
            "{}",
            target.name
        );
        assert!(target.aot_arch.len() < 16 && !target.aot_arch.is_empty());
        assert!(target.stack_align.is_power_of_two() && target.page_bytes.is_power_of_two());
        if let Some(stub) = target.stub {
            assert_eq!(stub.size() % usize::from(stub.align), 0);
        }
    }
}

#[test]
fn lookups() {
    for target in ALL {
        assert_eq!(by_name(target.name).map(|t| t.name), Some(target.name));
        let found = by_elf_machine(
            target.elf_machine,
            target.width,
            target.endian,
            target.aot_arch,
        );
        assert_eq!(found.map(|t| t.name), Some(target.name));
    }
    assert!(by_name("vax").is_none());
    assert!(by_elf_machine(62, PtrWidth::W64, Endian::Little, "vax").is_none());
    assert!(by_elf_machine(62, PtrWidth::W32, Endian::Little, "x86_64").is_none());
    assert!(by_elf_machine(62, PtrWidth::W64, Endian::Big, "x86_64").is_none());
}

/// Text, and what it selects: target, features, ABI.
#[cfg(feature = "triple")]
const TRIPLES: &[(&str, &str, &str, Option<&str>)] = &[
    ("x86_64", "x86_64", "", None),
    ("x86_64-unknown-linux-gnu", "x86_64", "", None),
    ("x86_64-pc-linux-gnu", "x86_64", "", None),
    ("x86_64-unknown-none", "x86_64", "", None),
    ("i686-unknown-linux-gnu", "i386", "", None),
    ("aarch64", "aarch64", "", None),
    ("aarch64v8", "aarch64", "", None),
    ("aarch64v8.2", "aarch64", "+v8.2a", None),
    ("aarch64-unknown-linux-gnu", "aarch64", "", None),
    ("armv7", "armv7", "", None),
    (
        "armv7-unknown-linux-gnueabihf",
        "armv7",
        "",
        Some("gnueabihf"),
    ),
    ("armv7-unknown-linux-gnueabi", "armv7", "", Some("gnueabi")),
    ("armv7a-none-eabi", "armv7", "", Some("eabi")),
    ("armv8a", "armv7", "+armv8-a", None),
    ("thumbv6m-none-eabi", "thumbv6m", "", Some("eabi")),
    ("thumbv7em", "thumbv7em", "", None),
    ("thumbv7em-none-eabihf", "thumbv7em", "", Some("eabihf")),
    ("thumbv8m.main-none-eabi", "thumbv8m.main", "", Some("eabi")),
    ("thumbv7-linux-gnueabihf", "thumbv7", "", Some("gnueabihf")),
    ("riscv64", "riscv64", "", None),
    ("riscv64gc-unknown-linux-gnu", "riscv64", "", None),
    (
        "riscv32imc-unknown-none-elf",
        "riscv32",
        "-a,-zaamo,-zalrsc",
        None,
    ),
    ("riscv32imac-unknown-none-elf", "riscv32", "", None),
    (
        "riscv32gc-unknown-linux-gnu",
        "riscv32",
        "+f,+d",
        Some("ilp32d"),
    ),
    (
        "riscv64imac-unknown-none-elf",
        "riscv64",
        "-f,-d",
        Some("lp64"),
    ),
    ("mipseb", "mips", "", None),
    ("mipsel-unknown-linux-gnu", "mipsel", "", None),
    (
        "mips64el-unknown-linux-gnuabi64",
        "mips64el",
        "",
        Some("n64"),
    ),
    ("xtensa-esp32-none-elf", "xtensa", "", None),
    ("arc", "arc", "", None),
    ("arc-linux-gnu", "arc", "", None),
    ("cortex-m4f", "thumbv7em", "", Some("eabihf")),
    ("cortex-m4", "thumbv7em", "-fpregs", Some("eabi")),
    ("esp32c3", "riscv32", "-a,-zaamo,-zalrsc", Some("ilp32")),
    ("rv64gc", "riscv64", "", Some("lp64d")),
];

#[cfg(feature = "triple")]
#[test]
fn triples() {
    use crate::triple::{names, parse};
    for (text, target, features, abi) in TRIPLES {
        let selection = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(selection.target.name, *target, "{text}");
        assert_eq!(selection.features, *features, "{text}");
        assert_eq!(selection.abi.map(|abi| abi.name), *abi, "{text}");
    }
    for name in names() {
        assert_eq!(parse(name).map(|it| it.target.name), Ok(name));
    }
    for profile in crate::profile::ALL {
        let selection = parse(profile.name).expect("a profile");
        assert_eq!(selection.profile.map(|it| it.cpu), Some(profile.cpu));
        assert_eq!(selection.abi.map(|it| it.name), Some(profile.abi));
    }
}

#[cfg(feature = "triple")]
#[test]
fn refused_triples() {
    use crate::triple::{TripleError, parse};
    const UNSUPPORTED: &[(&str, &str)] = &[
        ("aarch64_be", "big-endian AArch64"),
        ("aarch64_be-unknown-linux-gnu", "big-endian AArch64"),
        ("armv7eb", "big-endian ARM"),
        ("armebv7r-none-eabi", "big-endian ARM"),
        ("armv6m", "Thumb code only"),
        ("arm", "before version 7"),
        ("thumbv4t", "before ARMv6-M"),
        ("armv5te-unknown-linux-gnueabi", "before version 7"),
        ("thumbv8.1m.main", "ARMv8.1-M"),
        ("riscv32eb", "big-endian RISC-V"),
        ("arceb", "big-endian ARC"),
        ("mipsisa32r6-unknown-linux-gnu", "release 6"),
        ("x86_64-unknown-linux-gnux32", "x32"),
        ("s390x-unknown-linux-gnu", "not supported"),
        ("riscv64-unknown-linux-gnueabi", "does not have the ABI"),
    ];
    for (text, reason) in UNSUPPORTED {
        match parse(text) {
            Err(TripleError::Unsupported(found)) => {
                assert!(found.contains(reason), "{text}: {found}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in [
        "vax",
        "vax-unknown-linux",
        "thumbv99",
        "",
        "arcanum-x",
        "cortex-m99",
    ] {
        assert_eq!(parse(text).err(), Some(TripleError::Unknown), "{text:?}");
    }
    for text in ["x86_64-pc-windows-msvc", "x86_64-apple-darwin"] {
        assert_eq!(parse(text).err(), Some(TripleError::UnsupportedFormat));
    }
}

#[test]
fn numbers_are_bytes_in_order() {
    for (endian, bytes) in [
        (Endian::Little, [0x78, 0x56, 0x34]),
        (Endian::Big, [0x34, 0x56, 0x78]),
    ] {
        assert_eq!(endian.number(&bytes), 0x34_5678);
        let mut written = [0; 3];
        endian.write(0xff34_5678, &mut written);
        assert_eq!(written, bytes);
        // More bytes than a number has: the last ones of it stay.
        let mut long = [0xaa; 10];
        endian.write(1, &mut long);
        assert_eq!(long.iter().filter(|byte| **byte == 0xaa).count(), 2);
    }
}
