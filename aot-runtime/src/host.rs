//! Everything that depends on the operating system or the instruction set.
//!
//! The only place with `cfg(target_*)`. Contract: `enter`/`leave` cross frames
//! of `entry` and of compiled code only, none of which owns anything; `thread`
//! describes the running thread; `math` and `bytes` name C library routines.

use crate::platform::Platform;

pub(crate) mod bytes;
pub(crate) mod math;
pub(crate) mod pages;
#[cfg(feature = "std")]
pub(crate) mod shared;

#[cfg(all(feature = "std", unix, target_arch = "x86_64"))]
pub(crate) mod unix;
#[cfg(all(feature = "std", unix, target_arch = "x86_64"))]
pub(crate) use unix as system;

#[cfg(not(all(feature = "std", unix, target_arch = "x86_64")))]
pub(crate) mod bare;
#[cfg(not(all(feature = "std", unix, target_arch = "x86_64")))]
pub(crate) use bare as system;

/// Instruction-set specific code.
pub(crate) mod arch {
    #[cfg(all(feature = "std", unix, target_arch = "x86_64"))]
    pub(crate) mod x86_64;
    #[cfg(all(feature = "std", unix, target_arch = "x86_64"))]
    pub(crate) use x86_64 as native;

    #[cfg(not(all(feature = "std", unix, target_arch = "x86_64")))]
    pub(crate) mod none;
    #[cfg(not(all(feature = "std", unix, target_arch = "x86_64")))]
    pub(crate) use none as native;
}

/// ELF machine number, pointer width and byte order of this build, as a
/// container's target information gives them.
pub(crate) const MACHINE: u16 = if cfg!(target_arch = "x86_64") {
    62
} else if cfg!(target_arch = "x86") {
    3
} else if cfg!(target_arch = "aarch64") {
    183
} else if cfg!(target_arch = "arm") {
    40
} else if cfg!(any(target_arch = "riscv32", target_arch = "riscv64")) {
    243
} else if cfg!(any(target_arch = "mips", target_arch = "mips64")) {
    8
} else if cfg!(target_arch = "xtensa") {
    94
} else {
    0
};

/// Whether structures of the object heap are packed on this machine.
#[cfg(feature = "gc")]
pub(crate) const fn packed_objects() -> bool {
    cfg!(any(target_arch = "x86_64", target_arch = "x86"))
}

/// This machine's byte order.
pub(crate) const ENDIAN: targets::Endian = if cfg!(target_endian = "big") {
    targets::Endian::Big
} else {
    targets::Endian::Little
};

/// This machine's architecture, for messages.
pub(crate) const ARCHITECTURE: &str = if cfg!(target_arch = "x86_64") {
    "x86_64"
} else if cfg!(target_arch = "x86") {
    "i386"
} else if cfg!(target_arch = "aarch64") {
    "aarch64"
} else if cfg!(target_arch = "arm") {
    "arm"
} else if cfg!(target_arch = "riscv32") {
    "riscv32"
} else if cfg!(target_arch = "riscv64") {
    "riscv64"
} else {
    "another architecture"
};

/// The platform of a hosted build; `None` in a build without `std`, or where
/// none is written yet.
pub fn hosted() -> Option<&'static dyn Platform> {
    system::platform()
}
