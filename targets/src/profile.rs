//! Named ready-made targets: a machine people know by name, as a target with CPU, features and ABI.
//!
//! A profile adds nothing a user could not say with `--target`, `--cpu`, `--cpu-features` and `--target-abi`.

use crate::{
    AARCH64, ARC, ARMV7, I386, MIPS, MIPS64, MIPS64EL, MIPSEL, RISCV32, RISCV64, THUMBV6M,
    THUMBV7EM, THUMBV7M, THUMBV8M_BASE, THUMBV8M_MAIN, Target, X86_64, XTENSA, XTENSA_CALL0,
};

/// A ready-made target.
#[derive(Debug)]
pub struct Profile {
    /// Name as `--target` takes it; no target has it.
    pub name: &'static str,
    /// The target it is of.
    pub target: &'static Target,
    /// The CPU, as LLVM calls it.
    pub cpu: &'static str,
    /// Features besides the CPU's, as LLVM spells them.
    pub features: &'static str,
    /// The ABI, as the target calls it.
    pub abi: &'static str,
    /// What it is for.
    pub about: &'static str,
}

/// The profile of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Profile> {
    ALL.iter().find(|profile| profile.name == name)
}

/// Profiles, one a line. Grammar: `profiles! { (NAME TARGET CPU FEATURES ABI ABOUT;)* }`, all but the target in quotes.
macro_rules! profiles {
    ($($name:literal $target:ident $cpu:literal $features:literal $abi:literal $about:literal;)*) => {
        &[$(Profile {
            name: $name,
            target: &$target,
            cpu: $cpu,
            features: $features,
            abi: $abi,
            about: $about,
        }),*]
    };
}

/// Every profile, by architecture.
#[rustfmt::skip]
pub static ALL: &[Profile] = profiles! {
//  name             target         CPU              features                  ABI          what for
    "x86-64-v2"      X86_64         "x86-64-v2"      ""                        "gnu"        "x86-64 since about 2009: SSE4.2, POPCNT";
    "x86-64-v3"      X86_64         "x86-64-v3"      ""                        "gnu"        "x86-64 since about 2013: AVX2, FMA, BMI";
    "x86-64-v4"      X86_64         "x86-64-v4"      ""                        "gnu"        "x86-64 servers with AVX-512";
    "pentium4"       I386           "pentium4"       "+sse2"                   "gnu"        "32-bit x86 with SSE2";
    "cortex-a53"     AARCH64        "cortex-a53"     ""                        "gnu"        "Armv8.0-A: Raspberry Pi 3 and the like";
    "cortex-a55"     AARCH64        "cortex-a55"     ""                        "gnu"        "Armv8.2-A";
    "cortex-a72"     AARCH64        "cortex-a72"     ""                        "gnu"        "Armv8.0-A: Raspberry Pi 4";
    "cortex-a76"     AARCH64        "cortex-a76"     ""                        "gnu"        "Armv8.2-A: Raspberry Pi 5";
    "neoverse-n1"    AARCH64        "neoverse-n1"    ""                        "gnu"        "Armv8.2-A servers";
    "cortex-a7"      ARMV7          "cortex-a7"      ""                        "gnueabihf"  "ARMv7-A with VFPv4: Raspberry Pi 2";
    "cortex-a8"      ARMV7          "cortex-a8"      ""                        "gnueabihf"  "ARMv7-A with VFPv3";
    "cortex-a9"      ARMV7          "cortex-a9"      ""                        "gnueabihf"  "ARMv7-A with VFPv3";
    "cortex-m0"      THUMBV6M       "cortex-m0"      ""                        "eabi"       "ARMv6-M";
    "cortex-m0plus"  THUMBV6M       "cortex-m0plus"  ""                        "eabi"       "ARMv6-M: RP2040";
    "cortex-m3"      THUMBV7M       "cortex-m3"      ""                        "eabi"       "ARMv7-M";
    "cortex-m4"      THUMBV7EM      "cortex-m4"      "-fpregs"                 "eabi"       "ARMv7E-M without float registers";
    "cortex-m4f"     THUMBV7EM      "cortex-m4"      ""                        "eabihf"     "ARMv7E-M with single-precision floats";
    "cortex-m7"      THUMBV7EM      "cortex-m7"      ""                        "eabihf"     "ARMv7E-M with double-precision floats";
    "cortex-m23"     THUMBV8M_BASE  "cortex-m23"     ""                        "eabi"       "ARMv8-M baseline";
    "cortex-m33"     THUMBV8M_MAIN  "cortex-m33"     "-fpregs"                 "eabi"       "ARMv8-M mainline without float registers";
    "cortex-m33f"    THUMBV8M_MAIN  "cortex-m33"     ""                        "eabihf"     "ARMv8-M mainline with single-precision floats: RP2350";
    "rv32imc"        RISCV32        "generic-rv32"   "-a,-zaamo,-zalrsc"       "ilp32"      "RISC-V microcontrollers without atomics";
    "rv32imac"       RISCV32        "generic-rv32"   ""                        "ilp32"      "RISC-V microcontrollers";
    "rv32imafc"      RISCV32        "generic-rv32"   "+f"                      "ilp32f"     "RISC-V microcontrollers with single-precision floats";
    "rv32gc"         RISCV32        "generic-rv32"   "+f,+d"                   "ilp32d"     "32-bit RISC-V with double-precision floats";
    "esp32c3"        RISCV32        "generic-rv32"   "-a,-zaamo,-zalrsc"       "ilp32"      "Espressif ESP32-C2 and -C3";
    "esp32c6"        RISCV32        "generic-rv32"   ""                        "ilp32"      "Espressif ESP32-C6 and -H2";
    "rv64imac"       RISCV64        "generic-rv64"   "-f,-d"                   "lp64"       "64-bit RISC-V without floats";
    "rv64gc"         RISCV64        "generic-rv64"   ""                        "lp64d"      "64-bit RISC-V under Linux";
    "esp32"          XTENSA         "esp32"          ""                        "gnu"        "Espressif ESP32";
    "esp32s2"        XTENSA         "generic"        "+mul32high,+clamps"      "gnu"        "Espressif ESP32-S2";
    "esp8266"        XTENSA_CALL0   "esp8266"        ""                        "gnu"        "Espressif ESP8266";
    "mips32r2"       MIPS           "mips32r2"       ""                        "o32"        "big-endian MIPS";
    "mips32r2el"     MIPSEL         "mips32r2"       ""                        "o32"        "little-endian MIPS";
    "mips32r2-soft"  MIPS           "mips32r2"       "+soft-float"             "o32-soft"   "big-endian MIPS without float registers: routers";
    "mips32r2el-soft" MIPSEL        "mips32r2"       "+soft-float"             "o32-soft"   "little-endian MIPS without float registers: routers";
    "mips64r2"       MIPS64         "mips64r2"       ""                        "n64"        "big-endian 64-bit MIPS";
    "mips64r2el"     MIPS64EL       "mips64r2"       ""                        "n64"        "little-endian 64-bit MIPS";
    "archs"          ARC            "generic"        ""                        "gnu"        "ARC HS";
};
