//! Everything that depends on the operating system or the instruction set.
//!
//! The only place with `cfg(target_*)`. Contract: `enter`/`leave` cross frames
//! of `entry` and of compiled code only, none of which owns anything; `thread`
//! describes the running thread; `math` and `bytes` name C library routines.

use crate::platform::Platform;

pub(crate) mod arena;
pub(crate) mod bytes;
pub(crate) mod call;
pub(crate) mod feature;
pub(crate) mod float_abi;
pub(crate) mod libcall;
pub(crate) mod math;
pub(crate) mod pages;
pub(crate) mod share;
#[cfg(feature = "std")]
pub(crate) mod shared;
#[cfg(all(target_has_atomic = "8", not(target_has_atomic = "64")))]
mod wide;

#[cfg(all(feature = "std", unix))]
pub(crate) mod unix;
#[cfg(all(feature = "std", unix))]
pub(crate) use unix as system;

#[cfg(not(all(feature = "std", unix)))]
pub(crate) mod bare;
#[cfg(not(all(feature = "std", unix)))]
pub(crate) use bare as system;

/// Instruction-set specific code. Windows and Apple's systems have calling
/// conventions of their own, which nothing here knows.
pub(crate) mod arch {
    #[cfg(any(
        windows,
        target_vendor = "apple",
        not(any(
            target_arch = "x86_64",
            target_arch = "x86",
            target_arch = "aarch64",
            target_arch = "arm",
            target_arch = "riscv32",
            target_arch = "riscv64",
        ))
    ))]
    #[path = "none.rs"]
    pub(crate) mod native;

    #[cfg(not(any(windows, target_vendor = "apple")))]
    #[cfg(target_arch = "x86_64")]
    #[path = "x86_64.rs"]
    pub(crate) mod native;

    #[cfg(not(any(windows, target_vendor = "apple")))]
    #[cfg(target_arch = "x86")]
    #[path = "x86_32.rs"]
    pub(crate) mod native;

    #[cfg(not(any(windows, target_vendor = "apple")))]
    #[cfg(target_arch = "aarch64")]
    #[path = "aarch64.rs"]
    pub(crate) mod native;

    #[cfg(not(any(windows, target_vendor = "apple")))]
    #[cfg(target_arch = "arm")]
    #[path = "arm.rs"]
    pub(crate) mod native;

    #[cfg(not(any(windows, target_vendor = "apple")))]
    #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
    #[path = "riscv.rs"]
    pub(crate) mod native;
}

/// The machines whose files this build can run, but for byte order and pointer width.
pub(crate) const MACHINES: &[&[&targets::Machine]] = {
    use targets::machine as list;
    if cfg!(target_arch = "x86_64") {
        &[list::X86_64]
    } else if cfg!(target_arch = "x86") {
        &[list::X86_32]
    } else if cfg!(target_arch = "aarch64") {
        &[list::AARCH64]
    } else if cfg!(target_arch = "arm") {
        &[list::THUMB, list::ARM]
    } else if cfg!(any(target_arch = "riscv32", target_arch = "riscv64")) {
        &[list::RISCV]
    } else if cfg!(any(target_arch = "mips", target_arch = "mips64")) {
        &[list::MIPS]
    } else if cfg!(target_arch = "xtensa") {
        &[list::XTENSA]
    } else {
        &[]
    }
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
} else if cfg!(target_arch = "mips") {
    "mips"
} else if cfg!(target_arch = "mips64") {
    "mips64"
} else if cfg!(target_arch = "xtensa") {
    "xtensa"
} else {
    "another architecture"
};

/// Whether code of one of [`MACHINES`] can run here at all. ARM processors run both of
/// their instruction sets, except the small ones, which have only Thumb, and the
/// smallest, which have only the first version of it.
pub(crate) fn runs(machine: &targets::Machine) -> bool {
    if !cfg!(all(target_arch = "arm", target_os = "none")) {
        return true;
    }
    // No other sign of the profile is left in a build: M profiles have no
    // 64-bit atomics, ARMv6-M none at all, and their functions' addresses are odd.
    let thumb = (runs as *const () as usize) & 1 == 1;
    let small = thumb && !cfg!(target_has_atomic = "64");
    let smallest = small && !cfg!(target_has_atomic = "32");
    let first = |name: &str| {
        ["thumbv4", "thumbv5", "thumbv6"]
            .iter()
            .any(|v| name.starts_with(v))
    };
    match () {
        () if smallest => first(machine.aot_arch),
        () if small => machine.arch == targets::Arch::Thumb,
        () => true,
    }
}

/// The platform of a hosted build; `None` in a build without `std`, or where
/// none is written yet.
pub fn hosted() -> Option<&'static dyn Platform> {
    system::platform()
}
