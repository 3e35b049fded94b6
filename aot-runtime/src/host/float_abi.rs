//! How functions of this build get floats.
//!
//! Rust says it on ARM only. On RISC-V the calling convention is asked itself:
//! a function that returns its first integer register untouched tells whether
//! the float before it took that register.

use aot_format::FloatAbi;

/// How this build passes floats, or takes them to be passed by files.
#[cfg(not(any(target_arch = "riscv32", target_arch = "riscv64")))]
pub(crate) fn float_abi() -> FloatAbi {
    let soft = cfg!(all(target_arch = "arm", not(target_abi = "eabihf")))
        || cfg!(target_arch = "xtensa")
        || cfg!(all(target_arch = "mips", target_os = "none"));
    match soft {
        true => FloatAbi::Soft,
        false => FloatAbi::Double,
    }
}

/// How this build passes floats, or takes them to be passed by files.
#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
pub(crate) fn float_abi() -> FloatAbi {
    use super::arch::native::{first_int_behind_f32, first_int_behind_f64};
    const MARK: usize = 0x5A5A;
    // Neither is zero, so that no half of it can be taken for the mark.
    match (
        first_int_behind_f32(-1.5, MARK) == MARK,
        first_int_behind_f64(-1.5, MARK) == MARK,
    ) {
        (true, true) => FloatAbi::Double,
        (true, false) => FloatAbi::Single,
        _ => FloatAbi::Soft,
    }
}

/// How a file with these ELF flags passes floats, where they say it.
pub(crate) fn of_elf_flags(flags: u32) -> Option<FloatAbi> {
    if !cfg!(any(target_arch = "riscv32", target_arch = "riscv64")) {
        return None;
    }
    // EF_RISCV_FLOAT_ABI
    match flags & 0x6 {
        0 => Some(FloatAbi::Soft),
        2 => Some(FloatAbi::Single),
        4 => Some(FloatAbi::Double),
        _ => None,
    }
}
