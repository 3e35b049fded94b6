//! The far-call stub of each target that has one, byte for byte.
//!
//! (`x86_64`: `mov rax, imm64; jmp rax`.) Writing into too little room is an error, never a panic.

use targets::reloc::RelocError;
use targets::{ALL, Arch};

#[test]
fn stubs() {
    for target in ALL {
        let Some(stub) = target.stub else { continue };
        let want: &[u8] = match target.arch {
            Arch::X86_64 => &[0x48, 0xB8, 8, 7, 6, 5, 4, 3, 2, 1, 0xFF, 0xE0],
            _ => &[],
        };
        // What was there before does not matter.
        let mut out = [0xAA; 64];
        assert_eq!(stub.write(&mut out, 0x1000, 0x0102_0304_0506_0708), Ok(()));
        assert_eq!(&out[..stub.size()], want, "{}", target.name);
        assert!(out[stub.size()..].iter().all(|byte| *byte == 0xAA));
        let short = stub.write(&mut out[..stub.size() - 1], 0x1000, 0);
        assert!(matches!(short, Err(RelocError::OutOfSection { .. })));
    }
}
