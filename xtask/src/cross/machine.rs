//! *The* list of machines the suite is run on: one row each.
//!
//! A row says how the compiler is called, which Rust target the runner is built for and how it is started. Facts about
//! the code that is compiled are not here but in the crate `targets`.

use anyhow::{Context, Result, bail};

use crate::setup::Need;

/// A machine.
#[derive(Debug)]
pub(crate) struct Machine {
    /// What this command calls it.
    pub(crate) name: &'static str,
    /// What it is, in a few words.
    pub(crate) about: &'static str,
    /// The target's name for the compiler.
    pub(crate) target: &'static str,
    /// Options of the compiler that belong to the machine.
    pub(crate) flags: &'static [&'static str],
    /// The target's name for Rust.
    pub(crate) rust: &'static str,
    /// What code of the runner is like: rustc's relocation model.
    pub(crate) relocations: &'static str,
    /// What the runner is: a program, or an image.
    pub(crate) kind: Kind,
    /// What runs it: a command line in front of the runner's; empty if this machine itself does.
    pub(crate) emulator: &'static [&'static str],
    /// Packages.
    pub(crate) needs: &'static [Need],
    /// Parts of names of scripts that cannot run there, each with the reason.
    pub(crate) without: &'static [(&'static str, &'static str)],
}

impl Machine {
    /// Whether it has no operating system.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self.kind, Kind::Bare(_))
    }

    /// Whether memories have guard pages there unless something else is asked for.
    pub(super) fn has_guard_pages(&self) -> bool {
        targets::by_name(self.target).is_some_and(|target| target.guard_pages)
    }
}

/// What a runner is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A Linux program, linked by this C compiler.
    Hosted(&'static str),
    /// A Linux program for a machine that Rust's standard library does not know; the file with its first instructions.
    User(&'static str),
    /// An image for a machine without an operating system.
    Bare(Layout),
}

/// Where an image lies in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// First address of code and constants.
    pub(crate) code: u64,
    /// First address of variables; 0: behind the constants.
    pub(crate) data: u64,
    /// End of the memory that variables, stack and heap share.
    pub(crate) end: u64,
}

/// A Linux machine. Its programs are linked statically and so need no system around them.
const LINUX: Machine = Machine {
    name: "",
    about: "",
    target: "",
    flags: &[],
    rust: "",
    relocations: "static",
    kind: Kind::Hosted("cc"),
    emulator: &[],
    needs: &[],
    without: &[],
};

/// A Cortex-M with 4 MiB of memory for the image and 16 MiB for the rest.
const CORTEX_M: Machine = Machine {
    kind: Kind::Bare(Layout {
        code: 0,
        data: 0x2100_0000,
        end: 0x2200_0000,
    }),
    needs: &[
        Need::program("qemu-system-arm", "qemu-system-arm"),
        Need::program("lld-22", "ld.lld-22"),
    ],
    without: BARE,
    ..LINUX
};

/// What only an operating system offers.
const BARE: &[(&str, &str)] = &[(
    "threads/",
    "threads and shared memories need an operating system",
)];

const QEMU_USER: &str = "qemu-user";

/// Every machine.
pub(crate) const MACHINES: &[Machine] = &[
    Machine {
        name: "x86_64",
        about: "x86-64 Linux, this machine",
        target: "x86_64",
        rust: "x86_64-unknown-linux-gnu",
        ..LINUX
    },
    Machine {
        name: "i386",
        about: "x86-32 Linux, this machine",
        target: "i386",
        rust: "i686-unknown-linux-gnu",
        kind: Kind::Hosted("i686-linux-gnu-gcc"),
        needs: &[
            Need::program("gcc-i686-linux-gnu", "i686-linux-gnu-gcc"),
            Need::c_library("libc6-dev-i386-cross", "i686-linux-gnu-gcc"),
        ],
        ..LINUX
    },
    Machine {
        name: "aarch64",
        about: "AArch64 Linux",
        target: "aarch64",
        rust: "aarch64-unknown-linux-gnu",
        kind: Kind::Hosted("aarch64-linux-gnu-gcc"),
        emulator: &["qemu-aarch64"],
        needs: &[
            Need::program(QEMU_USER, "qemu-aarch64"),
            Need::program("gcc-aarch64-linux-gnu", "aarch64-linux-gnu-gcc"),
            Need::c_library("libc6-dev-arm64-cross", "aarch64-linux-gnu-gcc"),
        ],
        ..LINUX
    },
    Machine {
        name: "armv7",
        about: "ARMv7-A Linux, A32, hard-float ABI",
        target: "armv7",
        rust: "armv7-unknown-linux-gnueabihf",
        kind: Kind::Hosted("arm-linux-gnueabihf-gcc"),
        emulator: &["qemu-arm"],
        needs: ARM_LINUX,
        ..LINUX
    },
    Machine {
        name: "thumbv7",
        about: "ARMv7-A Linux, T32, hard-float ABI",
        target: "thumbv7",
        rust: "armv7-unknown-linux-gnueabihf",
        kind: Kind::Hosted("arm-linux-gnueabihf-gcc"),
        emulator: &["qemu-arm"],
        needs: ARM_LINUX,
        ..LINUX
    },
    Machine {
        name: "riscv64",
        about: "RV64GC Linux",
        target: "riscv64",
        rust: "riscv64gc-unknown-linux-gnu",
        kind: Kind::Hosted("riscv64-linux-gnu-gcc"),
        emulator: &["qemu-riscv64"],
        needs: &[
            Need::program(QEMU_USER, "qemu-riscv64"),
            Need::program("gcc-riscv64-linux-gnu", "riscv64-linux-gnu-gcc"),
            Need::c_library("libc6-dev-riscv64-cross", "riscv64-linux-gnu-gcc"),
        ],
        ..LINUX
    },
    Machine {
        name: "mipsel",
        about: "MIPS32 r2 Linux, little-endian, o32",
        target: "mipsel",
        rust: "mipsel-unknown-linux-gnu",
        kind: Kind::Hosted("mipsel-linux-gnu-gcc"),
        emulator: &["qemu-mipsel"],
        needs: &[
            Need::program(QEMU_USER, "qemu-mipsel"),
            Need::program("gcc-mipsel-linux-gnu", "mipsel-linux-gnu-gcc"),
            Need::c_library("libc6-dev-mipsel-cross", "mipsel-linux-gnu-gcc"),
        ],
        ..LINUX
    },
    Machine {
        name: "mips",
        about: "MIPS32 r2 Linux, big-endian, o32",
        target: "mips",
        rust: "mips-unknown-linux-gnu",
        kind: Kind::Hosted("mips-linux-gnu-gcc"),
        emulator: &["qemu-mips"],
        needs: &[
            Need::program(QEMU_USER, "qemu-mips"),
            Need::program("gcc-mips-linux-gnu", "mips-linux-gnu-gcc"),
            Need::c_library("libc6-dev-mips-cross", "mips-linux-gnu-gcc"),
        ],
        ..LINUX
    },
    Machine {
        name: "mips64el",
        about: "MIPS64 r2 Linux, little-endian, n64",
        target: "mips64el",
        rust: "mips64el-unknown-linux-gnuabi64",
        relocations: MIPS64_RELOCATIONS,
        kind: Kind::Hosted("mips64el-linux-gnuabi64-gcc"),
        emulator: &["qemu-mips64el"],
        needs: &[
            Need::program(QEMU_USER, "qemu-mips64el"),
            Need::program("gcc-mips64el-linux-gnuabi64", "mips64el-linux-gnuabi64-gcc"),
            Need::c_library("libc6-dev-mips64el-cross", "mips64el-linux-gnuabi64-gcc"),
        ],
        ..LINUX
    },
    Machine {
        name: "mips64",
        about: "MIPS64 r2 Linux, big-endian, n64",
        target: "mips64",
        rust: "mips64-unknown-linux-gnuabi64",
        relocations: MIPS64_RELOCATIONS,
        kind: Kind::Hosted("mips64-linux-gnuabi64-gcc"),
        emulator: &["qemu-mips64"],
        needs: &[
            Need::program(QEMU_USER, "qemu-mips64"),
            Need::program("gcc-mips64-linux-gnuabi64", "mips64-linux-gnuabi64-gcc"),
            Need::c_library("libc6-dev-mips64-cross", "mips64-linux-gnuabi64-gcc"),
        ],
        ..LINUX
    },
    Machine {
        name: "thumbv6m",
        about: "Cortex-M0, no operating system",
        target: "thumbv6m",
        rust: "thumbv6m-none-eabi",
        kind: Kind::Bare(Layout {
            code: 0,
            data: 0x2000_0000,
            end: 0x3000_0000,
        }),
        // The microbit is the only board with this core; its chip is built with more memory than the real one has.
        emulator: &[
            "qemu-system-arm",
            "-M",
            "microbit",
            "-global",
            "nrf51-soc.flash-size=16777216",
            "-global",
            "nrf51-soc.sram-size=268435456",
        ],
        ..CORTEX_M
    },
    Machine {
        name: "thumbv7m",
        about: "Cortex-M3, no operating system",
        target: "thumbv7m",
        rust: "thumbv7m-none-eabi",
        emulator: &["qemu-system-arm", "-M", "mps2-an385"],
        ..CORTEX_M
    },
    Machine {
        name: "thumbv7em",
        about: "Cortex-M4, soft-float ABI, no operating system",
        target: "thumbv7em",
        rust: "thumbv7em-none-eabi",
        emulator: &["qemu-system-arm", "-M", "mps2-an386"],
        ..CORTEX_M
    },
    Machine {
        name: "thumbv7em-hf",
        about: "Cortex-M4F, hard-float ABI, no operating system",
        target: "thumbv7em",
        flags: &["--target-abi=eabihf", "--cpu=cortex-m4"],
        rust: "thumbv7em-none-eabihf",
        emulator: &["qemu-system-arm", "-M", "mps2-an386"],
        ..CORTEX_M
    },
    Machine {
        name: "thumbv8m.base",
        about: "ARMv8-M baseline on a Cortex-M33, no operating system",
        target: "thumbv8m.base",
        rust: "thumbv8m.base-none-eabi",
        ..CORTEX_M33
    },
    Machine {
        name: "thumbv8m.main",
        about: "Cortex-M33, soft-float ABI, no operating system",
        target: "thumbv8m.main",
        rust: "thumbv8m.main-none-eabi",
        ..CORTEX_M33
    },
    Machine {
        name: "riscv32",
        about: "RV32IMAC, no operating system",
        target: "riscv32",
        rust: "riscv32imac-unknown-none-elf",
        kind: Kind::Bare(Layout {
            code: 0x8000_0000,
            data: 0,
            end: 0x9000_0000,
        }),
        emulator: &[
            "qemu-system-riscv32",
            "-M",
            "virt",
            "-bios",
            "none",
            "-m",
            "256M",
        ],
        needs: &[
            Need::program("qemu-system-misc", "qemu-system-riscv32"),
            Need::program("lld-22", "ld.lld-22"),
        ],
        without: BARE,
        ..LINUX
    },
    Machine {
        name: "xtensa",
        about: "Xtensa with register windows, Linux",
        target: "xtensa",
        rust: "xtensa",
        kind: Kind::User("xtensa.s"),
        ..XTENSA
    },
    Machine {
        name: "xtensa-call0",
        about: "Xtensa without register windows, Linux",
        target: "xtensa-call0",
        rust: "xtensa-call0",
        kind: Kind::User("xtensa-call0.s"),
        ..XTENSA
    },
];

/// Static code of LLVM for 64-bit MIPS has addresses of 32 bits, and programs are linked above them.
const MIPS64_RELOCATIONS: &str = "pic";

const ARM_LINUX: &[Need] = &[
    Need::program(QEMU_USER, "qemu-arm"),
    Need::program("gcc-arm-linux-gnueabihf", "arm-linux-gnueabihf-gcc"),
    Need::c_library("libc6-dev-armhf-cross", "arm-linux-gnueabihf-gcc"),
];

/// A core with the common options, which runs both kinds of code.
const XTENSA: Machine = Machine {
    emulator: &["qemu-xtensa", "-cpu", "dc233c"],
    needs: &[
        Need::program(QEMU_USER, "qemu-xtensa"),
        Need::program("binutils-xtensa-lx106", "xtensa-lx106-elf-ld"),
        Need::program("llvm-22", "llc-22"),
    ],
    without: &[(
        "threads/",
        "threads and shared memories need Rust's standard library",
    )],
    ..LINUX
};

/// The secure side of a Cortex-M33 board.
const CORTEX_M33: Machine = Machine {
    kind: Kind::Bare(Layout {
        code: 0x1000_0000,
        data: 0x8000_0000,
        end: 0x8100_0000,
    }),
    emulator: &["qemu-system-arm", "-M", "mps2-an505"],
    ..CORTEX_M
};

/// What CI runs on every machine: scripts that between them use every part of a back end (integers, floats, memory,
/// calls of every kind, tables, vectors, objects, exceptions, 64-bit addresses).
pub(crate) const SLICE: &[&str] = &[
    "wasm-v2/br_table.wast",
    "wasm-v2/bulk.wast",
    "wasm-v2/call_indirect.wast",
    "wasm-v2/conversions.wast",
    "wasm-v2/endianness.wast",
    "wasm-v2/f32.wast",
    "wasm-v2/f64.wast",
    "wasm-v2/fac.wast",
    "wasm-v2/float_exprs.wast",
    "wasm-v2/func.wast",
    "wasm-v2/i32.wast",
    "wasm-v2/i64.wast",
    "wasm-v2/linking.wast",
    "wasm-v2/memory_trap.wast",
    "wasm-v2/traps.wast",
    "wasm-v3/return_call_indirect.wast",
    "exceptions/",
    "gc/array.wast",
    "gc/ref_test.wast",
    "gc/struct.wast",
    "memory64/memory_trap64.wast",
    "simd/simd_const.wast",
    "simd/simd_conversions.wast",
    "simd/simd_lane.wast",
];

/// The machine of this name.
pub(crate) fn by_name(name: &str) -> Result<&'static Machine> {
    let found = MACHINES.iter().find(|machine| machine.name == name);
    found.with_context(|| {
        let names: Vec<&str> = MACHINES.iter().map(|machine| machine.name).collect();
        format!("no machine {name:?}; there are: {}", names.join(", "))
    })
}

/// The Linux machine of this name, and the C compiler that links for it.
pub(crate) fn hosted(name: &str) -> Result<(&'static Machine, &'static str)> {
    let machine = by_name(name)?;
    match machine.kind {
        Kind::Hosted(linker) => Ok((machine, linker)),
        Kind::User(_) => bail!("Rust has no standard library for {name}"),
        Kind::Bare(_) => bail!("{name} has no operating system"),
    }
}
