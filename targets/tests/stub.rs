//! The far-call stub of each target that has one, byte for byte, as llvm-mc 22 (ARC: GNU as 2.40) assembles it.
//!
//! The source is in the comment above each stub in `targets/src/arch/`. Writing into too little room is an error, never a
//! panic.

use targets::reloc::RelocError;
use targets::{ALL, by_name};

/// Targets, the destination, the stub.
const STUBS: &[(&[&str], u64, &str)] = &[
    (
        &["x86_64"],
        0x0102_0304_0506_0708,
        "48b80807060504030201ffe0",
    ),
    (
        &["aarch64"],
        0x0102_0304_0506_0708,
        "5000005800021fd60807060504030201",
    ),
    (&["armv7"], 0x0506_0709, "04f01fe509070605"),
    (
        &["thumbv7m", "thumbv7em", "thumbv7", "thumbv8m.main"],
        0x0506_0709,
        "dff800f009070605",
    ),
    (
        &["thumbv6m"],
        0x0506_0709,
        "01b40248844601bc6047c04609070605",
    ),
    (&["thumbv8m.base"], 0x0506_0709, "40f2097cc0f2065c604700bf"),
    (
        &["riscv64"],
        0x0102_0304_0506_0708,
        "170300000333030167000300130000000807060504030201",
    ),
    (&["mips"], 0x0506_F708, "3c1905072739f7080320000900000000"),
    (&["mipsel"], 0x0506_F708, "0705193c08f739270900200300000000"),
    (
        &["mips64"],
        0x0102_8004_0506_F708,
        "3c190103673980040019cc38673905070019cc386739f7080320000900000000",
    ),
    (
        &["mips64el"],
        0x0102_8004_0506_F708,
        "0301193c0480396738cc19000705396738cc190008f739670900200300000000",
    ),
    (&["arc"], 0x0506_0708, "2020800f06050807"),
];

#[test]
fn stubs() {
    for (names, destination, want) in STUBS {
        for name in *names {
            let target = by_name(name).expect("a target");
            let stub = target.stub.expect("a stub");
            // What was there before does not matter.
            let mut out = [0xAA; 64];
            assert_eq!(stub.write(&mut out, 0x1000, *destination), Ok(()));
            let hex: String = out[..stub.size()]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(&hex, want, "{name}");
            assert!(out[stub.size()..].iter().all(|byte| *byte == 0xAA));
            let short = stub.write(&mut out[..stub.size() - 1], 0x1000, 0);
            assert!(matches!(short, Err(RelocError::OutOfSection { .. })));
        }
    }
}

#[test]
fn every_stub_is_checked() {
    for target in ALL {
        let checked = STUBS.iter().any(|(names, ..)| names.contains(&target.name));
        assert_eq!(checked, target.stub.is_some(), "{}", target.name);
        let goes_through = |row: &targets::reloc::Row| row.via == targets::reloc::Via::Stub;
        let needed = target.relocs.iter().any(goes_through);
        assert_eq!(needed, target.stub.is_some(), "{}", target.name);
    }
}
