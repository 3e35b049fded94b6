//! Helper routines LLVM calls where a machine has no instruction, besides those every runtime resolves (`memcpy`, `floor`
//! and so on, spec B.12).
//!
//! The groups were found by compiling every operation wasm code is made of, scalars, vectors and atomics, with LLVM 22 at
//! levels 0 and 2 for each target and for its smallest and largest machines, and reading the undefined symbols. Names and
//! signatures are those of libgcc and compiler-rt, and of the ARM run-time ABI (`__aeabi_`). What wamrc does not ask LLVM for
//! is not here: `llvm.minimum` where floats are computed in software, `llvm.fma`, 128-bit shifts.

/// The names of all groups in one list. `N` is their number, checked when the list is made.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a wrong index is a compile error"
)]
pub(crate) const fn joined<const N: usize>(groups: &[&[&'static str]]) -> [&'static str; N] {
    let mut names = [""; N];
    let (mut count, mut group) = (0, 0);
    while group < groups.len() {
        let mut member = 0;
        while member < groups[group].len() {
            names[count] = groups[group][member];
            member += 1;
            count += 1;
        }
        group += 1;
    }
    assert!(count == N, "as many names as promised");
    names
}

/// Arithmetic, comparisons and conversions of floats.
#[rustfmt::skip]
pub(crate) const FLOAT: &[&str] = &[
    "__adddf3", "__addsf3", "__divdf3", "__divsf3", "__eqdf2", "__eqsf2", "__extendsfdf2", "__fixdfdi",
    "__fixdfsi", "__fixsfdi", "__fixsfsi", "__fixunsdfdi", "__fixunsdfsi", "__fixunssfdi", "__fixunssfsi",
    "__floatdidf", "__floatdisf", "__floatsidf", "__floatsisf", "__floatundidf", "__floatundisf",
    "__floatunsidf", "__floatunsisf", "__gedf2", "__gesf2", "__gtdf2", "__gtsf2", "__ledf2", "__lesf2",
    "__ltdf2", "__ltsf2", "__muldf3", "__mulsf3", "__nedf2", "__nesf2", "__subdf3", "__subsf3", "__truncdfsf2",
    "__unorddf2", "__unordsf2",
];

/// Division of 64-bit integers.
#[rustfmt::skip]
pub(crate) const DIVIDE64: &[&str] = &[
    "__divdi3", "__moddi3", "__udivdi3", "__umoddi3",
];

/// Division of 32-bit integers.
#[rustfmt::skip]
pub(crate) const DIVIDE32: &[&str] = &[
    "__divsi3", "__modsi3", "__udivsi3", "__umodsi3",
];

/// Multiplication.
#[rustfmt::skip]
pub(crate) const MULTIPLY: &[&str] = &[
    "__muldi3", "__mulsi3",
];

/// Atomic accesses of eight bytes.
#[rustfmt::skip]
pub(crate) const ATOMIC8: &[&str] = &[
    "__atomic_compare_exchange_8", "__atomic_exchange_8", "__atomic_fetch_add_8", "__atomic_fetch_and_8",
    "__atomic_fetch_or_8", "__atomic_fetch_sub_8", "__atomic_fetch_xor_8", "__atomic_load_8",
    "__atomic_store_8",
];

/// Atomic accesses of up to four bytes.
#[rustfmt::skip]
pub(crate) const ATOMIC: &[&str] = &[
    "__atomic_compare_exchange_1", "__atomic_compare_exchange_2", "__atomic_compare_exchange_4",
    "__atomic_exchange_1", "__atomic_exchange_2", "__atomic_exchange_4", "__atomic_fetch_add_1",
    "__atomic_fetch_add_2", "__atomic_fetch_add_4", "__atomic_fetch_and_1", "__atomic_fetch_and_2",
    "__atomic_fetch_and_4", "__atomic_fetch_or_1", "__atomic_fetch_or_2", "__atomic_fetch_or_4",
    "__atomic_fetch_sub_1", "__atomic_fetch_sub_2", "__atomic_fetch_sub_4", "__atomic_fetch_xor_1",
    "__atomic_fetch_xor_2", "__atomic_fetch_xor_4", "__atomic_load_1", "__atomic_load_2", "__atomic_load_4",
    "__atomic_store_1", "__atomic_store_2", "__atomic_store_4",
];

/// Full memory fence.
#[rustfmt::skip]
pub(crate) const FENCE: &[&str] = &[
    "__sync_synchronize",
];

/// Shifts and counts of 64-bit integers, of machines with little more than an adder.
#[rustfmt::skip]
pub(crate) const SHIFT64: &[&str] = &[
    "__ashldi3", "__ashrdi3", "__clzdi2", "__clzsi2", "__ctzdi2", "__ctzsi2", "__lshrdi3", "__popcountdi2",
    "__popcountsi2",
];

/// ARM: arithmetic, comparisons and conversions of floats.
#[rustfmt::skip]
pub(crate) const AEABI_FLOAT: &[&str] = &[
    "__aeabi_d2f", "__aeabi_d2iz", "__aeabi_d2lz", "__aeabi_d2uiz", "__aeabi_d2ulz", "__aeabi_dadd",
    "__aeabi_dcmpeq", "__aeabi_dcmpge", "__aeabi_dcmpgt", "__aeabi_dcmple", "__aeabi_dcmplt", "__aeabi_dcmpun",
    "__aeabi_ddiv", "__aeabi_dmul", "__aeabi_dsub", "__aeabi_f2d", "__aeabi_f2iz", "__aeabi_f2lz",
    "__aeabi_f2uiz", "__aeabi_f2ulz", "__aeabi_fadd", "__aeabi_fcmpeq", "__aeabi_fcmpge", "__aeabi_fcmpgt",
    "__aeabi_fcmple", "__aeabi_fcmplt", "__aeabi_fcmpun", "__aeabi_fdiv", "__aeabi_fmul", "__aeabi_fsub",
    "__aeabi_i2d", "__aeabi_i2f", "__aeabi_l2d", "__aeabi_l2f", "__aeabi_ui2d", "__aeabi_ui2f", "__aeabi_ul2d",
    "__aeabi_ul2f",
];

/// ARM: division of 64-bit integers, quotient and remainder at once.
#[rustfmt::skip]
pub(crate) const AEABI_DIVIDE64: &[&str] = &[
    "__aeabi_ldivmod", "__aeabi_uldivmod",
];

/// ARM: division of 32-bit integers.
#[rustfmt::skip]
pub(crate) const AEABI_DIVIDE32: &[&str] = &[
    "__aeabi_idiv", "__aeabi_idivmod", "__aeabi_uidiv", "__aeabi_uidivmod",
];

/// ARM without Thumb-2: shifts and multiplication of 64-bit integers, leading zeros.
#[rustfmt::skip]
pub(crate) const AEABI_SHIFT: &[&str] = &[
    "__aeabi_lasr", "__aeabi_llsl", "__aeabi_llsr", "__aeabi_lmul", "__clzsi2",
];

/// What a stock runtime of x86-32 resolves (spec B.13).
#[rustfmt::skip]
pub(crate) const STOCK_X86_32: &[&str] = &[
    "__divdi3", "__moddi3", "__udivdi3", "__umoddi3",
];

/// What a stock runtime of ARM resolves (spec B.13).
#[rustfmt::skip]
pub(crate) const STOCK_ARM: &[&str] = &[
    "__adddf3", "__addsf3", "__aeabi_d2f", "__aeabi_d2iz", "__aeabi_d2lz", "__aeabi_d2uiz", "__aeabi_d2ulz",
    "__aeabi_dadd", "__aeabi_dcmpeq", "__aeabi_dcmpge", "__aeabi_dcmpgt", "__aeabi_dcmple", "__aeabi_dcmplt",
    "__aeabi_dcmpun", "__aeabi_ddiv", "__aeabi_dmul", "__aeabi_dsub", "__aeabi_f2d", "__aeabi_f2iz",
    "__aeabi_f2lz", "__aeabi_f2ulz", "__aeabi_fadd", "__aeabi_fcmpeq", "__aeabi_fcmpge", "__aeabi_fcmpgt",
    "__aeabi_fcmple", "__aeabi_fcmplt", "__aeabi_fcmpun", "__aeabi_fdiv", "__aeabi_fmul", "__aeabi_fsub",
    "__aeabi_i2d", "__aeabi_i2f", "__aeabi_idiv", "__aeabi_idivmod", "__aeabi_l2d", "__aeabi_l2f",
    "__aeabi_ldivmod", "__aeabi_memclr", "__aeabi_memcpy", "__aeabi_memmove", "__aeabi_memset", "__aeabi_ui2d",
    "__aeabi_ui2f", "__aeabi_uidiv", "__aeabi_uidivmod", "__aeabi_ul2d", "__aeabi_ul2f", "__aeabi_uldivmod",
    "__clzsi2", "__divdf3", "__divdi3", "__divsf3", "__divsi3", "__eqdf2", "__eqsf2", "__extendsfdf2",
    "__fixdfdi", "__fixdfsi", "__fixsfdi", "__fixsfsi", "__fixunsdfdi", "__fixunsdfsi", "__fixunssfdi",
    "__floatdidf", "__floatdisf", "__floatsidf", "__floatsisf", "__floatundidf", "__floatundisf",
    "__floatunsidf", "__floatunsisf", "__gedf2", "__gesf2", "__gtdf2", "__gtsf2", "__ledf2", "__lesf2",
    "__ltdf2", "__ltsf2", "__moddi3", "__modsi3", "__muldf3", "__mulsf3", "__nedf2", "__nesf2", "__subdf3",
    "__subsf3", "__truncdfsf2", "__udivdi3", "__udivmoddi4", "__udivsi3", "__umoddi3", "__umodsi3",
    "__unorddf2", "__unordsf2",
];

/// What a stock runtime of ARMv6-M resolves (spec B.13).
#[rustfmt::skip]
pub(crate) const STOCK_THUMB_V6M: &[&str] = &[
    "__aeabi_d2f", "__aeabi_d2iz", "__aeabi_d2lz", "__aeabi_d2uiz", "__aeabi_d2ulz", "__aeabi_dadd",
    "__aeabi_dcmpeq", "__aeabi_dcmpge", "__aeabi_dcmpgt", "__aeabi_dcmple", "__aeabi_dcmplt", "__aeabi_dcmpun",
    "__aeabi_ddiv", "__aeabi_dmul", "__aeabi_dsub", "__aeabi_f2d", "__aeabi_f2iz", "__aeabi_f2lz",
    "__aeabi_f2ulz", "__aeabi_fadd", "__aeabi_fcmpeq", "__aeabi_fcmpge", "__aeabi_fcmpgt", "__aeabi_fcmple",
    "__aeabi_fcmplt", "__aeabi_fcmpun", "__aeabi_fdiv", "__aeabi_fmul", "__aeabi_fsub", "__aeabi_i2d",
    "__aeabi_i2f", "__aeabi_idiv", "__aeabi_idivmod", "__aeabi_l2d", "__aeabi_l2f", "__aeabi_ldivmod",
    "__aeabi_llsl", "__aeabi_llsr", "__aeabi_lmul", "__aeabi_memclr", "__aeabi_memcpy", "__aeabi_memmove",
    "__aeabi_memset", "__aeabi_ui2d", "__aeabi_ui2f", "__aeabi_uidiv", "__aeabi_uidivmod", "__aeabi_ul2d",
    "__aeabi_ul2f", "__aeabi_uldivmod", "__ashldi3", "__clzsi2", "__divdi3", "__divsi3", "__eqdf2", "__eqsf2",
    "__fixdfdi", "__fixsfdi", "__fixunsdfdi", "__fixunsdfsi", "__fixunssfdi", "__floatdidf", "__floatdisf",
    "__floatundidf", "__floatundisf", "__gedf2", "__gesf2", "__gtdf2", "__gtsf2", "__ledf2", "__lesf2",
    "__lshrdi3", "__ltdf2", "__ltsf2", "__moddi3", "__modsi3", "__muldi3", "__nedf2", "__nesf2", "__udivdi3",
    "__udivmoddi4", "__udivsi3", "__umoddi3", "__umodsi3",
];

/// What a stock runtime of the other Thumb machines resolves (spec B.13).
#[rustfmt::skip]
pub(crate) const STOCK_THUMB: &[&str] = &[
    "__adddf3", "__addsf3", "__aeabi_d2f", "__aeabi_d2iz", "__aeabi_d2lz", "__aeabi_d2uiz", "__aeabi_d2ulz",
    "__aeabi_dadd", "__aeabi_dcmpeq", "__aeabi_dcmpge", "__aeabi_dcmpgt", "__aeabi_dcmple", "__aeabi_dcmplt",
    "__aeabi_dcmpun", "__aeabi_ddiv", "__aeabi_dmul", "__aeabi_dsub", "__aeabi_f2d", "__aeabi_f2iz",
    "__aeabi_f2lz", "__aeabi_f2ulz", "__aeabi_fadd", "__aeabi_fcmpeq", "__aeabi_fcmpge", "__aeabi_fcmpgt",
    "__aeabi_fcmple", "__aeabi_fcmplt", "__aeabi_fcmpun", "__aeabi_fdiv", "__aeabi_fmul", "__aeabi_fsub",
    "__aeabi_i2d", "__aeabi_i2f", "__aeabi_idiv", "__aeabi_idivmod", "__aeabi_l2d", "__aeabi_l2f",
    "__aeabi_ldivmod", "__aeabi_llsl", "__aeabi_llsr", "__aeabi_lmul", "__aeabi_memclr", "__aeabi_memcpy",
    "__aeabi_memmove", "__aeabi_memset", "__aeabi_ui2d", "__aeabi_ui2f", "__aeabi_uidiv", "__aeabi_uidivmod",
    "__aeabi_ul2d", "__aeabi_ul2f", "__aeabi_uldivmod", "__ashldi3", "__clzsi2", "__divdf3", "__divdi3",
    "__divsi3", "__eqdf2", "__eqsf2", "__extendsfdf2", "__fixdfdi", "__fixdfsi", "__fixsfdi", "__fixunsdfdi",
    "__fixunsdfsi", "__fixunssfdi", "__floatdidf", "__floatdisf", "__floatsidf", "__floatsisf", "__floatundidf",
    "__floatundisf", "__floatunsidf", "__floatunsisf", "__gedf2", "__gesf2", "__gtdf2", "__gtsf2", "__ledf2",
    "__lesf2", "__lshrdi3", "__ltdf2", "__ltsf2", "__moddi3", "__modsi3", "__muldf3", "__muldi3", "__mulsf3",
    "__nedf2", "__nesf2", "__subdf3", "__subsf3", "__truncdfsf2", "__udivdi3", "__udivmoddi4", "__udivsi3",
    "__umoddi3", "__umodsi3", "__unorddf2", "__unordsf2",
];

/// What stock runtimes of RISC-V resolve, each those its own instruction set lacks (spec B.13).
#[rustfmt::skip]
pub(crate) const STOCK_RISCV: &[&str] = &[
    "__adddf3", "__addsf3", "__atomic_compare_exchange_4", "__atomic_store_4", "__divdf3", "__divdi3",
    "__divsf3", "__divsi3", "__eqdf2", "__eqsf2", "__extendsfdf2", "__fixdfdi", "__fixdfsi", "__fixsfdi",
    "__fixunsdfdi", "__fixunsdfsi", "__fixunssfdi", "__fixunssfsi", "__floatdidf", "__floatdisf", "__floatsidf",
    "__floatundidf", "__floatundisf", "__floatunsidf", "__gedf2", "__gesf2", "__gtdf2", "__gtsf2", "__ledf2",
    "__lesf2", "__ltdf2", "__moddi3", "__modsi3", "__muldf3", "__muldi3", "__mulsf3", "__mulsi3", "__nedf2",
    "__negdf2", "__negsf2", "__nesf2", "__subdf3", "__subsf3", "__truncdfsf2", "__udivdi3", "__udivsi3",
    "__umoddi3", "__umodsi3", "__unorddf2", "__unordsf2",
];

/// What a stock runtime of Xtensa resolves (spec B.13).
#[rustfmt::skip]
pub(crate) const STOCK_XTENSA: &[&str] = &[
    "__adddf3", "__divdf3", "__divdi3", "__divsf3", "__eqdf2", "__extendsfdf2", "__fixdfdi", "__fixdfsi",
    "__fixsfdi", "__fixunsdfdi", "__fixunsdfsi", "__fixunssfdi", "__floatdidf", "__floatdisf", "__floatsidf",
    "__floatundidf", "__floatundisf", "__floatunsidf", "__gedf2", "__gtdf2", "__ledf2", "__ltdf2", "__moddi3",
    "__modsi3", "__muldf3", "__muldi3", "__mulsi3", "__nedf2", "__subdf3", "__truncdfsf2", "__udivdi3",
    "__umoddi3", "__unorddf2",
];

/// What a stock runtime of ARC built by GCC resolves (spec B.13).
#[rustfmt::skip]
pub(crate) const STOCK_ARC: &[&str] = &[
    "__adddf3", "__addsf3", "__divdf3", "__divdi3", "__divsf3", "__divsi3", "__eqdf2", "__eqsf2",
    "__extendsfdf2", "__fixdfdi", "__fixdfsi", "__fixunsdfsi", "__fixunssfsi", "__floatdidf", "__floatdisf",
    "__floatsidf", "__floatsisf", "__floatunsisf", "__gedf2", "__gesf2", "__gtdf2", "__ld_r13_to_r15",
    "__ld_r13_to_r16", "__ld_r13_to_r17", "__ld_r13_to_r18", "__ld_r13_to_r19", "__ld_r13_to_r20",
    "__ld_r13_to_r21", "__ld_r13_to_r22", "__ld_r13_to_r23", "__ld_r13_to_r24", "__ld_r13_to_r25", "__ledf2",
    "__lesf2", "__ltdf2", "__ltsf2", "__muldf3", "__mulsf3", "__nedf2", "__nesf2", "__st_r13_to_r15",
    "__st_r13_to_r16", "__st_r13_to_r17", "__st_r13_to_r18", "__st_r13_to_r19", "__st_r13_to_r20",
    "__st_r13_to_r21", "__st_r13_to_r22", "__st_r13_to_r23", "__st_r13_to_r24", "__st_r13_to_r25", "__subdf3",
    "__subsf3", "__truncdfsf2", "__unorddf2", "__unordsf2",
];
