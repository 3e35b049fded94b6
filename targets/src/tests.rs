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

#[cfg(feature = "triple")]
#[test]
fn triples() {
    use crate::triple::{TripleError, names, parse};
    const CASES: &[(&str, Result<&str, TripleError>)] = &[
        ("x86_64", Ok("x86_64")),
        ("x86_64-unknown-linux-gnu", Ok("x86_64")),
        ("x86_64-pc-linux-gnu", Ok("x86_64")),
        ("x86_64-unknown-none", Ok("x86_64")),
        (
            "x86_64-pc-windows-msvc",
            Err(TripleError::UnsupportedFormat),
        ),
        ("x86_64-apple-darwin", Err(TripleError::UnsupportedFormat)),
        ("riscv64", Ok("riscv64")),
        ("thumbv7em", Ok("thumbv7em")),
        ("aarch64_be", Err(TripleError::UnsupportedMachine)),
        ("armv8.1m.main", Err(TripleError::UnsupportedMachine)),
        ("armv7eb", Err(TripleError::UnsupportedMachine)),
        ("mipseb", Err(TripleError::UnsupportedMachine)),
        ("vax", Err(TripleError::Unknown)),
        ("vax-unknown-linux", Err(TripleError::Unknown)),
        ("thumbv99", Err(TripleError::Unknown)),
        ("", Err(TripleError::Unknown)),
    ];
    for (text, want) in CASES {
        assert_eq!(&parse(text).map(|target| target.name), want, "{text:?}");
    }
    for name in names() {
        assert_eq!(parse(name).map(|target| target.name), Ok(name));
    }
}
