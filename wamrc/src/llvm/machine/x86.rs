//! Processor and feature names of LLVM's x86 target.
//!
//! LLVM's C interface can print these lists but not return them, and ignores unknown names with a
//! note on standard error. The test `names_are_those_of_llvm` compares the table with what the
//! linked LLVM prints; to update it, copy from there.

use super::NameAndHelp;

/// Processors, ascending.
pub(super) const CPUS: &[&str] = &[
    "alderlake",
    "amdfam10",
    "arrowlake",
    "arrowlake-s",
    "arrowlake_s",
    "athlon",
    "athlon-4",
    "athlon-fx",
    "athlon-mp",
    "athlon-tbird",
    "athlon-xp",
    "athlon64",
    "athlon64-sse3",
    "atom",
    "atom_sse4_2",
    "atom_sse4_2_movbe",
    "barcelona",
    "bdver1",
    "bdver2",
    "bdver3",
    "bdver4",
    "bonnell",
    "broadwell",
    "btver1",
    "btver2",
    "c3",
    "c3-2",
    "cannonlake",
    "cascadelake",
    "clearwaterforest",
    "cooperlake",
    "core-avx-i",
    "core-avx2",
    "core2",
    "core_2_duo_sse4_1",
    "core_2_duo_ssse3",
    "core_2nd_gen_avx",
    "core_3rd_gen_avx",
    "core_4th_gen_avx",
    "core_4th_gen_avx_tsx",
    "core_5th_gen_avx",
    "core_5th_gen_avx_tsx",
    "core_aes_pclmulqdq",
    "core_i7_sse4_2",
    "corei7",
    "corei7-avx",
    "diamondrapids",
    "emeraldrapids",
    "generic",
    "geode",
    "goldmont",
    "goldmont-plus",
    "goldmont_plus",
    "gracemont",
    "grandridge",
    "graniterapids",
    "graniterapids-d",
    "graniterapids_d",
    "haswell",
    "i386",
    "i486",
    "i586",
    "i686",
    "icelake-client",
    "icelake-server",
    "icelake_client",
    "icelake_server",
    "ivybridge",
    "k6",
    "k6-2",
    "k6-3",
    "k8",
    "k8-sse3",
    "knl",
    "knm",
    "lakemont",
    "lunarlake",
    "meteorlake",
    "mic_avx512",
    "nehalem",
    "nocona",
    "novalake",
    "opteron",
    "opteron-sse3",
    "pantherlake",
    "penryn",
    "pentium",
    "pentium-m",
    "pentium-mmx",
    "pentium2",
    "pentium3",
    "pentium3m",
    "pentium4",
    "pentium4m",
    "pentium_4",
    "pentium_4_sse3",
    "pentium_ii",
    "pentium_iii",
    "pentium_iii_no_xmm_regs",
    "pentium_m",
    "pentium_mmx",
    "pentium_pro",
    "pentiumpro",
    "prescott",
    "raptorlake",
    "rocketlake",
    "sandybridge",
    "sapphirerapids",
    "sierraforest",
    "silvermont",
    "skx",
    "skylake",
    "skylake-avx512",
    "skylake_avx512",
    "slm",
    "tigerlake",
    "tremont",
    "westmere",
    "wildcatlake",
    "winchip-c6",
    "winchip2",
    "x86-64",
    "x86-64-v2",
    "x86-64-v3",
    "x86-64-v4",
    "yonah",
    "znver1",
    "znver2",
    "znver3",
    "znver4",
    "znver5",
];

/// Features with LLVM's description, ascending by name.
pub(super) const FEATURES: &[NameAndHelp] = &[
    NameAndHelp {
        name: "16bit-mode",
        help: "16-bit mode (i8086).",
    },
    NameAndHelp {
        name: "32bit-mode",
        help: "32-bit mode (80386).",
    },
    NameAndHelp {
        name: "64bit",
        help: "Support 64-bit instructions.",
    },
    NameAndHelp {
        name: "64bit-mode",
        help: "64-bit mode (x86_64).",
    },
    NameAndHelp {
        name: "adx",
        help: "Support ADX instructions.",
    },
    NameAndHelp {
        name: "aes",
        help: "Enable AES instructions.",
    },
    NameAndHelp {
        name: "allow-light-256-bit",
        help: "Enable generation of 256-bit load/stores even if we prefer 128-bit.",
    },
    NameAndHelp {
        name: "amx-avx512",
        help: "Support AMX-AVX512 instructions.",
    },
    NameAndHelp {
        name: "amx-bf16",
        help: "Support AMX-BF16 instructions.",
    },
    NameAndHelp {
        name: "amx-complex",
        help: "Support AMX-COMPLEX instructions.",
    },
    NameAndHelp {
        name: "amx-fp16",
        help: "Support AMX amx-fp16 instructions.",
    },
    NameAndHelp {
        name: "amx-fp8",
        help: "Support AMX-FP8 instructions.",
    },
    NameAndHelp {
        name: "amx-int8",
        help: "Support AMX-INT8 instructions.",
    },
    NameAndHelp {
        name: "amx-movrs",
        help: "Support AMX-MOVRS instructions.",
    },
    NameAndHelp {
        name: "amx-tf32",
        help: "Support AMX-TF32 instructions.",
    },
    NameAndHelp {
        name: "amx-tile",
        help: "Support AMX-TILE instructions.",
    },
    NameAndHelp {
        name: "avx",
        help: "Enable AVX instructions.",
    },
    NameAndHelp {
        name: "avx10.1",
        help: "Support AVX10.1 instruction.",
    },
    NameAndHelp {
        name: "avx10.1-512",
        help: "Support AVX10.1 instruction.",
    },
    NameAndHelp {
        name: "avx10.2",
        help: "Support AVX10.2 instruction.",
    },
    NameAndHelp {
        name: "avx10.2-512",
        help: "Support AVX10.2 instruction.",
    },
    NameAndHelp {
        name: "avx2",
        help: "Enable AVX2 instructions.",
    },
    NameAndHelp {
        name: "avx512bf16",
        help: "Support bfloat16 floating point.",
    },
    NameAndHelp {
        name: "avx512bitalg",
        help: "Enable AVX-512 Bit Algorithms.",
    },
    NameAndHelp {
        name: "avx512bw",
        help: "Enable AVX-512 Byte and Word Instructions.",
    },
    NameAndHelp {
        name: "avx512cd",
        help: "Enable AVX-512 Conflict Detection Instructions.",
    },
    NameAndHelp {
        name: "avx512dq",
        help: "Enable AVX-512 Doubleword and Quadword Instructions.",
    },
    NameAndHelp {
        name: "avx512f",
        help: "Enable AVX-512 instructions.",
    },
    NameAndHelp {
        name: "avx512fp16",
        help: "Support 16-bit floating point.",
    },
    NameAndHelp {
        name: "avx512ifma",
        help: "Enable AVX-512 Integer Fused Multiple-Add.",
    },
    NameAndHelp {
        name: "avx512vbmi",
        help: "Enable AVX-512 Vector Byte Manipulation Instructions.",
    },
    NameAndHelp {
        name: "avx512vbmi2",
        help: "Enable AVX-512 further Vector Byte Manipulation Instructions.",
    },
    NameAndHelp {
        name: "avx512vl",
        help: "Enable AVX-512 Vector Length eXtensions.",
    },
    NameAndHelp {
        name: "avx512vnni",
        help: "Enable AVX-512 Vector Neural Network Instructions.",
    },
    NameAndHelp {
        name: "avx512vp2intersect",
        help: "Enable AVX-512 vp2intersect.",
    },
    NameAndHelp {
        name: "avx512vpopcntdq",
        help: "Enable AVX-512 Population Count Instructions.",
    },
    NameAndHelp {
        name: "avxifma",
        help: "Enable AVX-IFMA.",
    },
    NameAndHelp {
        name: "avxneconvert",
        help: "Support AVX-NE-CONVERT instructions.",
    },
    NameAndHelp {
        name: "avxvnni",
        help: "Support AVX_VNNI encoding.",
    },
    NameAndHelp {
        name: "avxvnniint16",
        help: "Enable AVX-VNNI-INT16.",
    },
    NameAndHelp {
        name: "avxvnniint8",
        help: "Enable AVX-VNNI-INT8.",
    },
    NameAndHelp {
        name: "bmi",
        help: "Support BMI instructions.",
    },
    NameAndHelp {
        name: "bmi2",
        help: "Support BMI2 instructions.",
    },
    NameAndHelp {
        name: "branch-hint",
        help: "Target has branch hint feature.",
    },
    NameAndHelp {
        name: "branchfusion",
        help: "CMP/TEST can be fused with conditional branches.",
    },
    NameAndHelp {
        name: "ccmp",
        help: "Support conditional cmp & test instructions.",
    },
    NameAndHelp {
        name: "cf",
        help: "Support conditional faulting.",
    },
    NameAndHelp {
        name: "cldemote",
        help: "Enable Cache Line Demote.",
    },
    NameAndHelp {
        name: "clflushopt",
        help: "Flush A Cache Line Optimized.",
    },
    NameAndHelp {
        name: "clwb",
        help: "Cache Line Write Back.",
    },
    NameAndHelp {
        name: "clzero",
        help: "Enable Cache Line Zero.",
    },
    NameAndHelp {
        name: "cmov",
        help: "Enable conditional move instructions.",
    },
    NameAndHelp {
        name: "cmpccxadd",
        help: "Support CMPCCXADD instructions.",
    },
    NameAndHelp {
        name: "crc32",
        help: "Enable SSE 4.2 CRC32 instruction (used when SSE4.2 is supported but function is GPR only).",
    },
    NameAndHelp {
        name: "cx16",
        help: "64-bit with cmpxchg16b (this is true for most x86-64 chips, but not the first AMD chips).",
    },
    NameAndHelp {
        name: "cx8",
        help: "Support CMPXCHG8B instructions.",
    },
    NameAndHelp {
        name: "egpr",
        help: "Support extended general purpose register.",
    },
    NameAndHelp {
        name: "enqcmd",
        help: "Has ENQCMD instructions.",
    },
    NameAndHelp {
        name: "ermsb",
        help: "REP MOVS/STOS are fast.",
    },
    NameAndHelp {
        name: "evex512",
        help: "Support ZMM and 64-bit mask instructions.",
    },
    NameAndHelp {
        name: "f16c",
        help: "Support 16-bit floating point conversion instructions.",
    },
    NameAndHelp {
        name: "false-deps-getmant",
        help: "VGETMANTSS/SD/SH and VGETMANDPS/PD(memory version) has a false dependency on dest register.",
    },
    NameAndHelp {
        name: "false-deps-lzcnt-tzcnt",
        help: "LZCNT/TZCNT have a false dependency on dest register.",
    },
    NameAndHelp {
        name: "false-deps-mulc",
        help: "VF[C]MULCPH/SH has a false dependency on dest register.",
    },
    NameAndHelp {
        name: "false-deps-mullq",
        help: "VPMULLQ has a false dependency on dest register.",
    },
    NameAndHelp {
        name: "false-deps-perm",
        help: "VPERMD/Q/PS/PD has a false dependency on dest register.",
    },
    NameAndHelp {
        name: "false-deps-popcnt",
        help: "POPCNT has a false dependency on dest register.",
    },
    NameAndHelp {
        name: "false-deps-range",
        help: "VRANGEPD/PS/SD/SS has a false dependency on dest register.",
    },
    NameAndHelp {
        name: "fast-11bytenop",
        help: "Target can quickly decode up to 11 byte NOPs.",
    },
    NameAndHelp {
        name: "fast-15bytenop",
        help: "Target can quickly decode up to 15 byte NOPs.",
    },
    NameAndHelp {
        name: "fast-7bytenop",
        help: "Target can quickly decode up to 7 byte NOPs.",
    },
    NameAndHelp {
        name: "fast-bextr",
        help: "Indicates that the BEXTR instruction is implemented as a single uop with good throughput.",
    },
    NameAndHelp {
        name: "fast-dpwssd",
        help: "Prefer vpdpwssd instruction over vpmaddwd+vpaddd instruction sequence.",
    },
    NameAndHelp {
        name: "fast-gather",
        help: "Indicates if gather is reasonably fast (this is true for Skylake client and all AVX-512 CPUs).",
    },
    NameAndHelp {
        name: "fast-hops",
        help: "Prefer horizontal vector math instructions (haddp, phsub, etc.) over normal vector instructions with shuffles.",
    },
    NameAndHelp {
        name: "fast-imm16",
        help: "Prefer a i16 instruction with i16 immediate over extension to i32.",
    },
    NameAndHelp {
        name: "fast-lzcnt",
        help: "LZCNT instructions are as fast as most simple integer ops.",
    },
    NameAndHelp {
        name: "fast-movbe",
        help: "Prefer a movbe over a single-use load + bswap / single-use bswap + store.",
    },
    NameAndHelp {
        name: "fast-scalar-fsqrt",
        help: "Scalar SQRT is fast (disable Newton-Raphson).",
    },
    NameAndHelp {
        name: "fast-scalar-shift-masks",
        help: "Prefer a left/right scalar logical shift pair over a shift+and pair.",
    },
    NameAndHelp {
        name: "fast-shld-rotate",
        help: "SHLD can be used as a faster rotate.",
    },
    NameAndHelp {
        name: "fast-variable-crosslane-shuffle",
        help: "Cross-lane shuffles with variable masks are fast.",
    },
    NameAndHelp {
        name: "fast-variable-perlane-shuffle",
        help: "Per-lane shuffles with variable masks are fast.",
    },
    NameAndHelp {
        name: "fast-vector-fsqrt",
        help: "Vector SQRT is fast (disable Newton-Raphson).",
    },
    NameAndHelp {
        name: "fast-vector-shift-masks",
        help: "Prefer a left/right vector logical shift pair over a shift+and pair.",
    },
    NameAndHelp {
        name: "faster-shift-than-shuffle",
        help: "Shifts are faster (or as fast) as shuffle.",
    },
    NameAndHelp {
        name: "fma",
        help: "Enable three-operand fused multiple-add.",
    },
    NameAndHelp {
        name: "fma4",
        help: "Enable four-operand fused multiple-add.",
    },
    NameAndHelp {
        name: "fsgsbase",
        help: "Support FS/GS Base instructions.",
    },
    NameAndHelp {
        name: "fsrm",
        help: "REP MOVSB of short lengths is faster.",
    },
    NameAndHelp {
        name: "fxsr",
        help: "Support fxsave/fxrestore instructions.",
    },
    NameAndHelp {
        name: "gfni",
        help: "Enable Galois Field Arithmetic Instructions.",
    },
    NameAndHelp {
        name: "harden-sls-ijmp",
        help: "Harden against straight line speculation across indirect JMP instructions..",
    },
    NameAndHelp {
        name: "harden-sls-ret",
        help: "Harden against straight line speculation across RET instructions..",
    },
    NameAndHelp {
        name: "hreset",
        help: "Has hreset instruction.",
    },
    NameAndHelp {
        name: "idivl-to-divb",
        help: "Use 8-bit divide for positive values less than 256.",
    },
    NameAndHelp {
        name: "idivq-to-divl",
        help: "Use 32-bit divide for positive values less than 2^32.",
    },
    NameAndHelp {
        name: "inline-asm-use-gpr32",
        help: "Enable use of GPR32 in inline assembly for APX.",
    },
    NameAndHelp {
        name: "invpcid",
        help: "Invalidate Process-Context Identifier.",
    },
    NameAndHelp {
        name: "kl",
        help: "Support Key Locker kl Instructions.",
    },
    NameAndHelp {
        name: "lea-sp",
        help: "Use LEA for adjusting the stack pointer (this is an optimization for Intel Atom processors).",
    },
    NameAndHelp {
        name: "lea-uses-ag",
        help: "LEA instruction needs inputs at AG stage.",
    },
    NameAndHelp {
        name: "lvi-cfi",
        help: "Prevent indirect calls/branches from using a memory operand, and precede all indirect calls/branches from a register with an LFENCE instruction to serialize control flow. Also decompose RET instructions into a POP+LFENCE+JMP sequence..",
    },
    NameAndHelp {
        name: "lvi-load-hardening",
        help: "Insert LFENCE instructions to prevent data speculatively injected into loads from being used maliciously..",
    },
    NameAndHelp {
        name: "lwp",
        help: "Enable LWP instructions.",
    },
    NameAndHelp {
        name: "lzcnt",
        help: "Support LZCNT instruction.",
    },
    NameAndHelp {
        name: "macrofusion",
        help: "Various instructions can be fused with conditional branches.",
    },
    NameAndHelp {
        name: "mmx",
        help: "Enable MMX instructions.",
    },
    NameAndHelp {
        name: "movbe",
        help: "Support MOVBE instruction.",
    },
    NameAndHelp {
        name: "movdir64b",
        help: "Support movdir64b instruction (direct store 64 bytes).",
    },
    NameAndHelp {
        name: "movdiri",
        help: "Support movdiri instruction (direct store integer).",
    },
    NameAndHelp {
        name: "movrs",
        help: "Enable MOVRS.",
    },
    NameAndHelp {
        name: "mwaitx",
        help: "Enable MONITORX/MWAITX timer functionality.",
    },
    NameAndHelp {
        name: "ndd",
        help: "Support non-destructive destination.",
    },
    NameAndHelp {
        name: "nf",
        help: "Support status flags update suppression.",
    },
    NameAndHelp {
        name: "no-bypass-delay",
        help: "Has no bypass delay when using the 'wrong' domain.",
    },
    NameAndHelp {
        name: "no-bypass-delay-blend",
        help: "Has no bypass delay when using the 'wrong' blend type.",
    },
    NameAndHelp {
        name: "no-bypass-delay-mov",
        help: "Has no bypass delay when using the 'wrong' mov type.",
    },
    NameAndHelp {
        name: "no-bypass-delay-shuffle",
        help: "Has no bypass delay when using the 'wrong' shuffle type.",
    },
    NameAndHelp {
        name: "nopl",
        help: "Enable NOPL instruction (generally pentium pro+).",
    },
    NameAndHelp {
        name: "pad-short-functions",
        help: "Pad short functions (to prevent a stall when returning too early).",
    },
    NameAndHelp {
        name: "pclmul",
        help: "Enable packed carry-less multiplication instructions.",
    },
    NameAndHelp {
        name: "pconfig",
        help: "platform configuration instruction.",
    },
    NameAndHelp {
        name: "pku",
        help: "Enable protection keys.",
    },
    NameAndHelp {
        name: "popcnt",
        help: "Support POPCNT instruction.",
    },
    NameAndHelp {
        name: "ppx",
        help: "Support Push-Pop Acceleration.",
    },
    NameAndHelp {
        name: "prefer-128-bit",
        help: "Prefer 128-bit AVX instructions.",
    },
    NameAndHelp {
        name: "prefer-256-bit",
        help: "Prefer 256-bit AVX instructions.",
    },
    NameAndHelp {
        name: "prefer-legacy-setcc",
        help: "Prefer to emit legacy SetCC..",
    },
    NameAndHelp {
        name: "prefer-mask-registers",
        help: "Prefer AVX512 mask registers over PTEST/MOVMSK.",
    },
    NameAndHelp {
        name: "prefer-movmsk-over-vtest",
        help: "Prefer movmsk over vtest instruction.",
    },
    NameAndHelp {
        name: "prefer-no-gather",
        help: "Prefer no gather instructions.",
    },
    NameAndHelp {
        name: "prefer-no-scatter",
        help: "Prefer no scatter instructions.",
    },
    NameAndHelp {
        name: "prefetchi",
        help: "Prefetch instruction with T0 or T1 Hint.",
    },
    NameAndHelp {
        name: "prfchw",
        help: "Support PRFCHW instructions.",
    },
    NameAndHelp {
        name: "ptwrite",
        help: "Support ptwrite instruction.",
    },
    NameAndHelp {
        name: "push2pop2",
        help: "Support PUSH2/POP2 instructions.",
    },
    NameAndHelp {
        name: "raoint",
        help: "Support RAO-INT instructions.",
    },
    NameAndHelp {
        name: "rdpid",
        help: "Support RDPID instructions.",
    },
    NameAndHelp {
        name: "rdpru",
        help: "Support RDPRU instructions.",
    },
    NameAndHelp {
        name: "rdrnd",
        help: "Support RDRAND instruction.",
    },
    NameAndHelp {
        name: "rdseed",
        help: "Support RDSEED instruction.",
    },
    NameAndHelp {
        name: "retpoline",
        help: "Remove speculation of indirect branches from the generated code, either by avoiding them entirely or lowering them with a speculation blocking construct.",
    },
    NameAndHelp {
        name: "retpoline-external-thunk",
        help: "When lowering an indirect call or branch using a `retpoline`, rely on the specified user provided thunk rather than emitting one ourselves. Only has effect when combined with some other retpoline feature.",
    },
    NameAndHelp {
        name: "retpoline-indirect-branches",
        help: "Remove speculation of indirect branches from the generated code.",
    },
    NameAndHelp {
        name: "retpoline-indirect-calls",
        help: "Remove speculation of indirect calls from the generated code.",
    },
    NameAndHelp {
        name: "rtm",
        help: "Support RTM instructions.",
    },
    NameAndHelp {
        name: "sahf",
        help: "Support LAHF and SAHF instructions in 64-bit mode.",
    },
    NameAndHelp {
        name: "sbb-dep-breaking",
        help: "SBB with same register has no source dependency.",
    },
    NameAndHelp {
        name: "serialize",
        help: "Has serialize instruction.",
    },
    NameAndHelp {
        name: "seses",
        help: "Prevent speculative execution side channel timing attacks by inserting a speculation barrier before memory reads, memory writes, and conditional branches. Implies LVI Control Flow integrity..",
    },
    NameAndHelp {
        name: "sgx",
        help: "Enable Software Guard Extensions.",
    },
    NameAndHelp {
        name: "sha",
        help: "Enable SHA instructions.",
    },
    NameAndHelp {
        name: "sha512",
        help: "Support SHA512 instructions.",
    },
    NameAndHelp {
        name: "shstk",
        help: "Support CET Shadow-Stack instructions.",
    },
    NameAndHelp {
        name: "slow-3ops-lea",
        help: "LEA instruction with 3 ops or certain registers is slow.",
    },
    NameAndHelp {
        name: "slow-incdec",
        help: "INC and DEC instructions are slower than ADD and SUB.",
    },
    NameAndHelp {
        name: "slow-lea",
        help: "LEA instruction with certain arguments is slow.",
    },
    NameAndHelp {
        name: "slow-pmaddwd",
        help: "PMADDWD is slower than PMULLD.",
    },
    NameAndHelp {
        name: "slow-pmulld",
        help: "PMULLD instruction is slow (compared to PMULLW/PMULHW and PMULUDQ).",
    },
    NameAndHelp {
        name: "slow-pmullq",
        help: "PMULLQ instruction is slow.",
    },
    NameAndHelp {
        name: "slow-shld",
        help: "SHLD instruction is slow.",
    },
    NameAndHelp {
        name: "slow-two-mem-ops",
        help: "Two memory operand instructions are slow.",
    },
    NameAndHelp {
        name: "slow-unaligned-mem-16",
        help: "Slow unaligned 16-byte memory access.",
    },
    NameAndHelp {
        name: "slow-unaligned-mem-32",
        help: "Slow unaligned 32-byte memory access.",
    },
    NameAndHelp {
        name: "sm3",
        help: "Support SM3 instructions.",
    },
    NameAndHelp {
        name: "sm4",
        help: "Support SM4 instructions.",
    },
    NameAndHelp {
        name: "soft-float",
        help: "Use software floating point features.",
    },
    NameAndHelp {
        name: "sse",
        help: "Enable SSE instructions.",
    },
    NameAndHelp {
        name: "sse-unaligned-mem",
        help: "Allow unaligned memory operands with SSE instructions (this may require setting a configuration bit in the processor).",
    },
    NameAndHelp {
        name: "sse2",
        help: "Enable SSE2 instructions.",
    },
    NameAndHelp {
        name: "sse3",
        help: "Enable SSE3 instructions.",
    },
    NameAndHelp {
        name: "sse4.1",
        help: "Enable SSE 4.1 instructions.",
    },
    NameAndHelp {
        name: "sse4.2",
        help: "Enable SSE 4.2 instructions.",
    },
    NameAndHelp {
        name: "sse4a",
        help: "Support SSE 4a instructions.",
    },
    NameAndHelp {
        name: "ssse3",
        help: "Enable SSSE3 instructions.",
    },
    NameAndHelp {
        name: "tagged-globals",
        help: "Use an instruction sequence for taking the address of a global that allows a memory tag in the upper address bits..",
    },
    NameAndHelp {
        name: "tbm",
        help: "Enable TBM instructions.",
    },
    NameAndHelp {
        name: "tsxldtrk",
        help: "Support TSXLDTRK instructions.",
    },
    NameAndHelp {
        name: "tuning-fast-imm-vector-shift",
        help: "Vector shifts are fast (2/cycle) as opposed to slow (1/cycle).",
    },
    NameAndHelp {
        name: "uintr",
        help: "Has UINTR Instructions.",
    },
    NameAndHelp {
        name: "use-glm-div-sqrt-costs",
        help: "Use Goldmont specific floating point div/sqrt costs.",
    },
    NameAndHelp {
        name: "use-slm-arith-costs",
        help: "Use Silvermont specific arithmetic costs.",
    },
    NameAndHelp {
        name: "usermsr",
        help: "Support USERMSR instructions.",
    },
    NameAndHelp {
        name: "vaes",
        help: "Promote selected AES instructions to AVX512/AVX registers.",
    },
    NameAndHelp {
        name: "vpclmulqdq",
        help: "Enable vpclmulqdq instructions.",
    },
    NameAndHelp {
        name: "vzeroupper",
        help: "Should insert vzeroupper instructions.",
    },
    NameAndHelp {
        name: "waitpkg",
        help: "Wait and pause enhancements.",
    },
    NameAndHelp {
        name: "wbnoinvd",
        help: "Write Back No Invalidate.",
    },
    NameAndHelp {
        name: "widekl",
        help: "Support Key Locker wide Instructions.",
    },
    NameAndHelp {
        name: "x32",
        help: "64-bit with ILP32 programming model (e.g. x32 ABI).",
    },
    NameAndHelp {
        name: "x87",
        help: "Enable X87 float instructions.",
    },
    NameAndHelp {
        name: "xop",
        help: "Enable XOP instructions.",
    },
    NameAndHelp {
        name: "xsave",
        help: "Support xsave instructions.",
    },
    NameAndHelp {
        name: "xsavec",
        help: "Support xsavec instructions.",
    },
    NameAndHelp {
        name: "xsaveopt",
        help: "Support xsaveopt instructions.",
    },
    NameAndHelp {
        name: "xsaves",
        help: "Support xsaves instructions.",
    },
    NameAndHelp {
        name: "zu",
        help: "Support zero-upper SETcc/IMUL.",
    },
];
