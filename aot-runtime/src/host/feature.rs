//! What this machine's processor can do, to judge the features a file was
//! compiled for.
//!
//! Features have LLVM's names. On x86 below an operating system the processor is
//! asked; elsewhere what this build was compiled for counts, and what is not
//! known is left to the embedder's platform.

/// Whether the processor has a feature; `None` if nothing here knows.
#[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
pub(crate) fn has(name: &str) -> Option<bool> {
    /// LLVM's name and Rust's. `"sse4.2" "sse4.2";` becomes an arm of the match.
    macro_rules! known {
        ($($llvm:literal $rust:tt;)*) => {
            match name {
                $($llvm => Some(std::arch::is_x86_feature_detected!($rust)),)*
                _ => None,
            }
        };
    }
    known! {
        "aes" "aes";
        "pclmul" "pclmulqdq";
        "rdrnd" "rdrand";
        "rdseed" "rdseed";
        "sse3" "sse3";
        "ssse3" "ssse3";
        "sse4.1" "sse4.1";
        "sse4.2" "sse4.2";
        "sse4a" "sse4a";
        "sha" "sha";
        "avx" "avx";
        "avx2" "avx2";
        "avx512f" "avx512f";
        "avx512bw" "avx512bw";
        "avx512cd" "avx512cd";
        "avx512dq" "avx512dq";
        "avx512vl" "avx512vl";
        "avx512ifma" "avx512ifma";
        "avx512vbmi" "avx512vbmi";
        "avx512vbmi2" "avx512vbmi2";
        "avx512vnni" "avx512vnni";
        "avx512bitalg" "avx512bitalg";
        "avx512vpopcntdq" "avx512vpopcntdq";
        "gfni" "gfni";
        "vaes" "vaes";
        "vpclmulqdq" "vpclmulqdq";
        "f16c" "f16c";
        "fma" "fma";
        "bmi" "bmi1";
        "bmi2" "bmi2";
        "lzcnt" "lzcnt";
        "movbe" "movbe";
        "popcnt" "popcnt";
        "adx" "adx";
        "cx16" "cmpxchg16b";
        "tbm" "tbm";
    }
}

/// Whether the processor has a feature; `None` if nothing here knows.
#[cfg(all(feature = "std", target_arch = "aarch64"))]
pub(crate) fn has(name: &str) -> Option<bool> {
    /// LLVM's name and Rust's. `"crc" "crc";` becomes an arm of the match.
    macro_rules! known {
        ($($llvm:literal $rust:tt;)*) => {
            match name {
                $($llvm => Some(std::arch::is_aarch64_feature_detected!($rust)),)*
                _ => None,
            }
        };
    }
    known! {
        "aes" "aes";
        "bf16" "bf16";
        "bti" "bti";
        "crc" "crc";
        "dotprod" "dotprod";
        "fhm" "fhm";
        "fp16fml" "fhm";
        "fullfp16" "fp16";
        "i8mm" "i8mm";
        "jsconv" "jsconv";
        "lse" "lse";
        "neon" "neon";
        "pauth" "paca";
        "rcpc" "rcpc";
        "rdm" "rdm";
        "sha2" "sha2";
        "sha3" "sha3";
        "sm4" "sm4";
        "sve" "sve";
        "sve2" "sve2";
    }
}

/// Whether the processor has a feature; `None` if nothing here knows.
#[cfg(not(all(
    feature = "std",
    any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")
)))]
pub(crate) fn has(name: &str) -> Option<bool> {
    match name {
        "m" if cfg!(any(target_arch = "riscv32", target_arch = "riscv64")) => {
            cfg!(target_feature = "m").then_some(true)
        }
        _ => None,
    }
}
