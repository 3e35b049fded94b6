//! Relocation and machine numbers agree with the constants of the crate `object`, an independent transcription of the ABIs.
//!
//! Each architecture lists the constants of its rows; a row that is not listed here fails the test.

use object::elf;
use targets::{ALL, Arch};

/// Grammar: `constants! { (NAME)* }`: pairs of a constant's name and value.
macro_rules! constants {
    ($($name:ident)*) => { &[$((stringify!($name), elf::$name.0)),*] };
}

#[test]
fn numbers_are_those_of_the_psabi() {
    for target in ALL {
        let (machine, names): (_, &[(&str, u32)]) = match target.arch {
            Arch::X86_64 => (
                elf::EM_X86_64,
                constants! {
                    R_X86_64_64 R_X86_64_PC32 R_X86_64_PLT32 R_X86_64_GOTPCREL R_X86_64_32 R_X86_64_32S
                    R_X86_64_PC64 R_X86_64_GOTPCRELX R_X86_64_REX_GOTPCRELX
                },
            ),
            Arch::X86_32 => (elf::EM_386, &[]),
            Arch::Aarch64 => (elf::EM_AARCH64, &[]),
            Arch::Arm | Arch::Thumb => (elf::EM_ARM, &[]),
            Arch::Riscv => (elf::EM_RISCV, &[]),
            Arch::Xtensa => (elf::EM_XTENSA, &[]),
            Arch::Mips => (elf::EM_MIPS, &[]),
            Arch::Arc => (elf::EM_ARC_COMPACT2, &[]),
        };
        assert_eq!(target.elf_machine, machine.0, "{}", target.name);
        for row in target.relocs {
            let known = names.iter().find(|(name, _)| *name == row.name);
            assert_eq!(
                known.map(|(_, number)| *number),
                Some(row.number),
                "{}",
                row.name
            );
        }
    }
}
