//! The families: which features matter, what they imply.
//!
//! Implications are LLVM's (`X86.td`, `ARMFeatures.td`, …), as far as both ends are listed. What CPUs have is in
//! `cpu.rs`, which `cargo xtask cpus` writes; Xtensa's are here, since clang has none of their names.

use super::{Family, Feature, cpu};

/// Features, one a line. Grammar: `features! { NAME (IMPLIES)? … }`, both in quotes and `IMPLIES` separated by commas; `"avx"
/// ("sse4.2")` becomes `Feature { name: "avx", implies: "sse4.2" }`.
macro_rules! features {
    ($($name:literal $(($implies:literal))?)*) => {
        &[$(Feature { name: $name, implies: concat!("", $($implies)?) }),*]
    };
}

/// x86, 32 and 64 bits.
pub static X86: Family = Family {
    features: features! {
        "cmov" "cx8" "cx16" ("cx8") "sahf" "fxsr" "mmx" "sse" "sse2" ("sse") "sse3" ("sse2") "ssse3" ("sse3")
        "sse4.1" ("ssse3") "sse4.2" ("sse4.1") "sse4a" ("sse3") "popcnt" "lzcnt" "bmi" "bmi2" "tbm" "movbe" "adx" "crc32"
        "aes" ("sse2") "pclmul" ("sse2") "sha" ("sse2") "gfni" ("sse2") "avx" ("sse4.2") "f16c" ("avx") "fma" ("avx")
        "fma4" ("avx,sse4a") "xop" ("fma4") "avx2" ("avx") "vaes" ("avx2,aes") "vpclmulqdq" ("avx,pclmul")
        "avxvnni" ("avx2") "avxvnniint8" ("avx2") "avxvnniint16" ("avx2") "avxifma" ("avx2") "avxneconvert" ("avx2")
        "avx512f" ("avx2,f16c,fma") "avx512cd" ("avx512f") "avx512bw" ("avx512f") "avx512dq" ("avx512f")
        "avx512vl" ("avx512f") "avx512ifma" ("avx512f") "avx512vbmi" ("avx512bw") "avx512vbmi2" ("avx512bw")
        "avx512vnni" ("avx512f") "avx512bitalg" ("avx512bw") "avx512vpopcntdq" ("avx512f") "avx512bf16" ("avx512bw")
        "avx512fp16" ("avx512bw") "avx512vp2intersect" ("avx512f") "movdiri" "movdir64b" "egpr" "ndd" "ccmp" "nf" "zu"
    },
    cpus: cpu::X86,
};

/// ARM and Thumb.
pub static ARM: Family = Family {
    features: features! {
        "armv4" "armv4t" "armv5t" "armv5te" "armv5tej" "armv6" "armv6k" "armv6kz" "armv6t2" "armv7-a" "armv7-r" "armv7s"
        "armv7k" "armv8-a" "armv8.1-a" "armv8.2-a" "armv8.3-a" "armv8.4-a" "armv8.5-a" "armv9-a" "armv8-r"
        "armv6-m" "armv7-m" "armv7e-m" "armv8-m.base" "armv8-m.main" "armv8.1-m.main"
        "soft-float" "dsp" "hwdiv" "hwdiv-arm" "crc" "aes" ("neon") "sha2" ("neon") "dotprod" ("neon")
        "fpregs" "fpregs64" ("fpregs") "fp64" ("fpregs64") "d32" "fp16" "vfp2sp" ("fpregs") "vfp2" ("vfp2sp,fp64")
        "vfp3d16sp" ("vfp2sp") "vfp3sp" ("vfp3d16sp,d32") "vfp3d16" ("vfp3d16sp,vfp2") "vfp3" ("vfp3d16,vfp3sp")
        "vfp4d16sp" ("vfp3d16sp,fp16") "vfp4sp" ("vfp4d16sp,vfp3sp") "vfp4d16" ("vfp4d16sp,vfp3d16")
        "vfp4" ("vfp4d16,vfp4sp,vfp3") "fp-armv8d16sp" ("vfp4d16sp") "fp-armv8sp" ("fp-armv8d16sp,vfp4sp")
        "fp-armv8d16" ("fp-armv8d16sp,vfp4d16") "fp-armv8" ("fp-armv8d16,fp-armv8sp,vfp4") "fullfp16" ("fp-armv8d16sp")
        "neon" ("vfp3") "mve" ("dsp,fpregs") "mve.fp" ("mve,fp-armv8d16sp,fullfp16") "lob"
    },
    cpus: cpu::ARM,
};

/// AArch64.
pub static AARCH64: Family = Family {
    features: features! {
        "fp-armv8" "neon" ("fp-armv8") "crc" "lse" "rdm" ("neon") "rcpc" "rcpc-immo" ("rcpc") "jsconv" ("fp-armv8")
        "complxnum" ("neon") "fullfp16" ("fp-armv8") "fp16fml" ("fullfp16") "dotprod" ("neon") "bf16" ("neon")
        "i8mm" ("neon") "aes" ("neon") "sha2" ("neon") "sha3" ("sha2") "sm4" ("neon") "pauth" "bti" "flagm" "altnzcv"
        "fptoint" "lse2" "lse128" ("lse") "mops" "cssc" "sb" "hbc" "rand" "sve" ("fullfp16") "sve2" ("sve") "sve2p1" ("sve2")
        "sme" ("bf16,fullfp16") "sme2" ("sme") "faminmax" ("neon") "fp8" ("neon") "lut" ("neon")
    },
    cpus: cpu::AARCH64,
};

/// RISC-V, 32 and 64 bits.
pub static RISCV: Family = Family {
    features: features! {
        "e" "m" ("zmmul") "zmmul" "a" ("zaamo,zalrsc") "zaamo" "zalrsc" "zacas" ("zaamo") "zabha" ("zaamo") "zawrs"
        "f" ("zicsr") "d" ("f") "q" ("d") "zicsr" "zifencei" "zfh" ("zfhmin") "zfhmin" ("f") "zfa" ("f") "zfbfmin" ("f")
        "zfinx" ("zicsr") "zdinx" ("zfinx")
        "c" ("zca") "zca" "zcb" ("zca") "zcd" ("d,zca") "zcf" ("f,zca") "zcmp" ("zca") "zcmt" ("zca,zicsr")
        "zba" "zbb" "zbc" "zbs" "zbkb" "zbkc" "zbkx" "zicond" "zicbop" "zihintpause" "zihintntl" "zimop" "zcmop" ("zca")
        "v" ("zve64d") "zve64d" ("zve64f,d") "zve64f" ("zve64x,zve32f") "zve64x" ("zve32x") "zve32f" ("zve32x,f")
        "zve32x" ("zicsr") "zvfh" ("zvfhmin,zfhmin") "zvfhmin" ("zve32f") "zvbb" ("zvkb") "zvkb" ("zve32x")
        "zvl64b" "zvl128b" ("zvl64b") "zvl256b" ("zvl128b") "zvl512b" ("zvl256b")
        "xtheadba" "xtheadbb" "xtheadbs" "xtheadcondmov" "xtheadmac" "xtheadmemidx" "xventanacondops" "relax"
    },
    cpus: cpu::RISCV,
};

/// MIPS, 32 and 64 bits.
pub static MIPS: Family = Family {
    features: features! {
        "mips1" "mips2" ("mips1") "mips3" ("mips2") "mips4" ("mips3") "mips5" ("mips4") "mips32" ("mips2")
        "mips32r2" ("mips32") "mips32r3" ("mips32r2") "mips32r5" ("mips32r3") "mips32r6" ("mips32r5")
        "mips64" ("mips5,mips32") "mips64r2" ("mips64,mips32r2") "mips64r3" ("mips64r2,mips32r3")
        "mips64r5" ("mips64r3,mips32r5") "mips64r6" ("mips64r5,mips32r6") "p5600" ("mips32r5") "i6400" ("mips64r6,msa")
        "i6500" ("mips64r6,msa") "cnmips" ("mips64r2") "cnmipsp" ("cnmips")
        "fp64" "fpxx" "nooddspreg" "msa" ("fp64") "dsp" "dspr2" ("dsp") "dspr3" ("dspr2") "nan2008" "soft-float"
        "single-float" "micromips" "mips16" "crc" "ginv" "virt" "eva" "mt"
    },
    cpus: cpu::MIPS,
};

/// Xtensa: every option a core may be configured with and code may use.
pub static XTENSA: Family = Family {
    features: features! {
        "bool" "clamps" "density" "dfpaccel" ("fp") "div32" "extendedl32r" "fp" "loop" "mac16" "minmax" "mul16"
        "mul32" "mul32high" ("mul32") "nsa" "s32c1i" "sext" "threadptr" "windowed"
    },
    cpus: &[
        (
            "esp32",
            "bool,clamps,density,dfpaccel,div32,fp,loop,mac16,minmax,mul16,mul32,mul32high,nsa,s32c1i,sext,threadptr,\
             windowed",
        ),
        ("esp8266", "density,extendedl32r,mul16,mul32,nsa"),
        ("generic", ""),
    ],
};

/// ARC: LLVM's target knows one machine.
pub static ARC: Family = Family {
    features: &[],
    cpus: &[("generic", "")],
};
