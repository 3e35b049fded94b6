//! Relocation and machine numbers agree with the constants of the crate `object`, an independent transcription of the ABIs.
//!
//! Each architecture lists the constants of its rows; a row that is not listed here fails the test.

use object::elf;
use targets::{ALL, Arch};

/// Grammar: `constants! { (NAME (= CONSTANT)?)* }`: pairs of a row's name and the value of the constant, which may have an
/// older name.
macro_rules! constants {
    ($($name:ident $(= $constant:ident)?)*) => { &[$((stringify!($name), value!($name $($constant)?))),*] };
}

/// Grammar: `value! { NAME CONSTANT? }`: the value of the constant, or else of the one called as the row.
macro_rules! value {
    ($name:ident) => {
        elf::$name.0
    };
    ($name:ident $constant:ident) => {
        elf::$constant.0
    };
}

type Constants = (u16, &'static [(&'static str, u32)]);

const X86_64: Constants = (
    elf::EM_X86_64.0,
    constants! {
        R_X86_64_64 R_X86_64_PC32 R_X86_64_PLT32 R_X86_64_GOTPCREL R_X86_64_32 R_X86_64_32S
        R_X86_64_PC64 R_X86_64_GOTPCRELX R_X86_64_REX_GOTPCRELX
    },
);
const X86_32: Constants = (
    elf::EM_386.0,
    constants! { R_386_32 R_386_PC32 R_386_PLT32 },
);
const AARCH64: Constants = (
    elf::EM_AARCH64.0,
    constants! {
        R_AARCH64_ABS64 R_AARCH64_MOVW_UABS_G0 R_AARCH64_MOVW_UABS_G0_NC R_AARCH64_MOVW_UABS_G1
        R_AARCH64_MOVW_UABS_G1_NC R_AARCH64_MOVW_UABS_G2 R_AARCH64_MOVW_UABS_G2_NC R_AARCH64_MOVW_UABS_G3
        R_AARCH64_ADR_PREL_PG_HI21 R_AARCH64_ADR_PREL_PG_HI21_NC R_AARCH64_ADD_ABS_LO12_NC
        R_AARCH64_LDST8_ABS_LO12_NC R_AARCH64_JUMP26 R_AARCH64_CALL26 R_AARCH64_LDST16_ABS_LO12_NC
        R_AARCH64_LDST32_ABS_LO12_NC R_AARCH64_LDST64_ABS_LO12_NC R_AARCH64_LDST128_ABS_LO12_NC
        R_AARCH64_PREL64 R_AARCH64_PREL32 R_AARCH64_PREL16 R_AARCH64_LD_PREL_LO19 R_AARCH64_ADR_PREL_LO21
        R_AARCH64_TSTBR14 R_AARCH64_CONDBR19
    },
);
/// The crate has the older names of some.
const ARM: Constants = (
    elf::EM_ARM.0,
    constants! {
        R_ARM_ABS32 R_ARM_CALL R_ARM_JUMP24 R_ARM_MOVW_ABS_NC R_ARM_MOVT_ABS R_ARM_REL32 R_ARM_PREL31
        R_ARM_MOVW_PREL_NC R_ARM_MOVT_PREL R_ARM_THM_CALL = R_ARM_THM_PC22 R_ARM_THM_JUMP24
        R_ARM_THM_MOVW_ABS_NC R_ARM_THM_MOVT_ABS R_ARM_THM_MOVW_PREL_NC R_ARM_THM_MOVT_PREL
        R_ARM_THM_JUMP19 R_ARM_THM_JUMP11 = R_ARM_THM_PC11 R_ARM_THM_JUMP8 = R_ARM_THM_PC9
    },
);
const RISCV: Constants = (
    elf::EM_RISCV.0,
    constants! {
        R_RISCV_32 R_RISCV_64 R_RISCV_CALL R_RISCV_CALL_PLT R_RISCV_PCREL_HI20 R_RISCV_PCREL_LO12_I
        R_RISCV_PCREL_LO12_S R_RISCV_HI20 R_RISCV_LO12_I R_RISCV_LO12_S R_RISCV_BRANCH R_RISCV_JAL
        R_RISCV_ADD32 R_RISCV_ADD64 R_RISCV_SUB32 R_RISCV_SUB64 R_RISCV_RVC_BRANCH R_RISCV_RVC_JUMP
        R_RISCV_32_PCREL
    },
);
const XTENSA: Constants = (
    elf::EM_XTENSA.0,
    constants! { R_XTENSA_32 R_XTENSA_SLOT0_OP },
);
const MIPS: Constants = (
    elf::EM_MIPS.0,
    constants! {
        R_MIPS_32 R_MIPS_26 R_MIPS_HI16 R_MIPS_LO16 R_MIPS_64 R_MIPS_HIGHER R_MIPS_HIGHEST R_MIPS_PC16
    },
);
/// Relocations the crate has no constants for: the numbers `readelf` knows.
const OTHERS: &[(&str, u32)] = &[("R_MIPS_PC32", 248)];
/// The crate has no relocations of ARC; these are the numbers GNU as writes for the vectors.
const ARC: Constants = (
    elf::EM_ARC_COMPACT2.0,
    &[
        ("R_ARC_32", 4),
        ("R_ARC_S21H_PCREL", 14),
        ("R_ARC_S21W_PCREL", 15),
        ("R_ARC_S25H_PCREL", 16),
        ("R_ARC_S25W_PCREL", 17),
        ("R_ARC_32_ME", 27),
    ],
);

#[test]
fn numbers_are_those_of_the_psabi() {
    for target in ALL {
        let (machine, names) = match target.arch {
            Arch::X86_64 => X86_64,
            Arch::X86_32 => X86_32,
            Arch::Aarch64 => AARCH64,
            Arch::Arm | Arch::Thumb => ARM,
            Arch::Riscv => RISCV,
            Arch::Xtensa => XTENSA,
            Arch::Mips => MIPS,
            Arch::Arc => ARC,
        };
        assert_eq!(target.elf_machine, machine, "{}", target.name);
        for row in target.relocs.iter().chain(target.object_relocs) {
            let known = names
                .iter()
                .chain(OTHERS)
                .find(|(name, _)| *name == row.name);
            assert_eq!(
                known.map(|(_, number)| *number),
                Some(row.number),
                "{}",
                row.name
            );
        }
    }
}
