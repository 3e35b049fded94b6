//! The segment register GS of x86-64, relative to which files of stock wamrc may reach memory 0 (spec D.18).
//!
//! Contract: nothing else on this thread uses the register (psABI: the C library has FS); who replaces the base puts the
//! one before back.

/// Whether there is such a register.
pub(crate) const EXISTS: bool = true;

// `asm/prctl.h`.
const ARCH_SET_GS: libc::c_long = 0x1001;
const ARCH_GET_GS: libc::c_long = 0x1004;

/// Sets the register's base, and returns the one before.
pub(crate) fn replace(base: usize) -> usize {
    let mut before = 0_usize;
    // SAFETY: the kernel writes one word to `before`.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_GET_GS, &raw mut before) };
    // SAFETY: nothing but code of these files uses the register (module contract).
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_SET_GS, base) };
    before
}
