//! Helper routines that compilers call for operators the machine lacks: 64-bit
//! division, floats in software, wide atomics.
//!
//! They are the compiler's runtime library's, which every Rust program is linked
//! with, and are called by code under the convention that library has. Which
//! ones a target's code may call is the target's list (`targets`); here is what
//! each machine has to give, by address.

/// Declares routines and lists them. Grammar: `routines! { LIST: NAME*; }`; `INTEGERS: __divdi3;` becomes a declaration
/// of `__divdi3` and `const INTEGERS: &[(&str, Routine)] = &[("__divdi3", __divdi3)]`.
macro_rules! routines {
    ($($(#[$condition:meta])* $list:ident: $($name:ident)*;)*) => {$(
        $(#[$condition])*
        const $list: &[(&str, Routine)] = {
            // Only their addresses are used, so their types do not matter.
            unsafe extern "C" {
                $(fn $name();)*
            }
            &[$((stringify!($name), $name)),*]
        };
    )*};
}

type Routine = unsafe extern "C" fn();

routines! {
    #[cfg(any(
        target_pointer_width = "32",
        target_arch = "riscv64",
    ))]
    INTEGERS: __divdi3 __moddi3 __udivdi3 __umoddi3 __muldi3 __ashldi3 __ashrdi3 __lshrdi3 __multi3;
    #[cfg(all(target_pointer_width = "32", not(target_arch = "x86")))]
    SMALL_INTEGERS: __divsi3 __modsi3 __udivsi3 __umodsi3 __udivmoddi4 __clzsi2;
    #[cfg(target_arch = "riscv32")]
    PRODUCTS: __mulsi3;
    #[cfg(not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64")))]
    FLOATS: __adddf3 __addsf3 __divdf3 __divsf3 __eqdf2 __eqsf2 __fixdfdi __fixdfsi __fixsfdi
        __fixsfsi __fixunsdfdi __fixunsdfsi __fixunssfdi __fixunssfsi __floatdidf __floatdisf __floatsidf __floatsisf
        __floatundidf __floatundisf __floatunsidf __floatunsisf __gedf2 __gesf2 __gtdf2 __gtsf2 __ledf2 __lesf2
        __ltdf2 __ltsf2 __muldf3 __mulsf3 __nedf2 __nesf2 __subdf3 __subsf3 __truncdfsf2 __unorddf2 __unordsf2;
    #[cfg(target_arch = "arm")]
    ARM: __aeabi_d2f __aeabi_d2iz __aeabi_d2lz __aeabi_d2uiz __aeabi_d2ulz __aeabi_dadd __aeabi_dcmpeq __aeabi_dcmpge
        __aeabi_dcmpgt __aeabi_dcmple __aeabi_dcmplt __aeabi_dcmpun __aeabi_ddiv __aeabi_dmul __aeabi_dsub
        __aeabi_f2iz __aeabi_f2lz __aeabi_f2uiz __aeabi_f2ulz __aeabi_fadd __aeabi_fcmpeq __aeabi_fcmpge
        __aeabi_fcmpgt __aeabi_fcmple __aeabi_fcmplt __aeabi_fcmpun __aeabi_fdiv __aeabi_fmul __aeabi_fsub __aeabi_i2d
        __aeabi_i2f __aeabi_idiv __aeabi_idivmod __aeabi_l2d __aeabi_l2f __aeabi_lasr __aeabi_ldivmod __aeabi_llsl
        __aeabi_llsr __aeabi_lmul __aeabi_memclr __aeabi_memclr4 __aeabi_memclr8 __aeabi_memcpy __aeabi_memcpy4
        __aeabi_memcpy8 __aeabi_memmove __aeabi_memmove4 __aeabi_memmove8 __aeabi_memset __aeabi_memset4
        __aeabi_memset8 __aeabi_ui2d __aeabi_ui2f __aeabi_uidiv __aeabi_uidivmod __aeabi_ul2d __aeabi_ul2f
        __aeabi_uldivmod;
}

const ALL: &[&[(&str, Routine)]] = &[
    #[cfg(any(target_pointer_width = "32", target_arch = "riscv64"))]
    INTEGERS,
    #[cfg(all(target_pointer_width = "32", not(target_arch = "x86")))]
    SMALL_INTEGERS,
    #[cfg(target_arch = "riscv32")]
    PRODUCTS,
    #[cfg(not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64")))]
    FLOATS,
    #[cfg(target_arch = "arm")]
    ARM,
];

/// The address of a routine; `None` if this machine's code has no use for it.
pub(crate) fn resolve(name: &str) -> Option<usize> {
    let mut all = ALL.iter().copied().flatten();
    let found = all.find(|(known, _)| *known == name);
    let address = found.map(|(_, routine)| *routine as usize);
    address
        .or_else(|| promotion(name))
        .or_else(|| product(name))
        .or_else(|| atomic(name))
}

/// The routines that make an f64 of an f32: the library's keep a signalling NaN as it is, WebAssembly wants it quiet.
#[cfg(not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64")))]
fn promotion(name: &str) -> Option<usize> {
    extern "C" fn promote(value: f32) -> f64 {
        f64::from(quiet(value))
    }
    #[cfg(target_arch = "arm")]
    extern "aapcs" fn promote_in_integers(value: f32) -> f64 {
        f64::from(quiet(value))
    }
    let routine = match name {
        "__extendsfdf2" => promote as *const (),
        #[cfg(target_arch = "arm")]
        "__aeabi_f2d" => promote_in_integers as *const (),
        _ => return None,
    };
    Some(routine as usize)
}

/// The machine has an instruction for it, which does it right.
#[cfg(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64"))]
fn promotion(_name: &str) -> Option<usize> {
    None
}

/// Multiplication for processors without, where the library has none.
#[cfg(target_arch = "xtensa")]
fn product(name: &str) -> Option<usize> {
    extern "C" fn multiply(mut a: u32, mut b: u32) -> u32 {
        let mut sum = 0_u32;
        while b != 0 {
            sum = sum.wrapping_add(a & 0_u32.wrapping_sub(b & 1));
            a <<= 1;
            b >>= 1;
        }
        sum
    }
    (name == "__mulsi3").then_some(multiply as *const () as usize)
}

/// The library has it, or nobody needs it.
#[cfg(not(target_arch = "xtensa"))]
fn product(_name: &str) -> Option<usize> {
    None
}

/// The same number, or a quiet NaN with the rest of its payload.
#[cfg(any(
    test,
    not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64"))
))]
fn quiet(value: f32) -> f32 {
    match value.is_nan() {
        true => f32::from_bits(value.to_bits() | 0x0040_0000),
        false => value,
    }
}

/// Atomic operations of 64 bits on machines without.
#[cfg(all(target_has_atomic = "8", not(target_has_atomic = "64")))]
fn atomic(name: &str) -> Option<usize> {
    use super::wide;
    let routine = match name {
        "__atomic_load_8" => wide::load as *const (),
        "__atomic_store_8" => wide::store as *const (),
        "__atomic_exchange_8" => wide::exchange as *const (),
        "__atomic_compare_exchange_8" => wide::compare_exchange as *const (),
        "__atomic_fetch_add_8" => wide::fetch_add as *const (),
        "__atomic_fetch_sub_8" => wide::fetch_sub as *const (),
        "__atomic_fetch_and_8" => wide::fetch_and as *const (),
        "__atomic_fetch_or_8" => wide::fetch_or as *const (),
        "__atomic_fetch_xor_8" => wide::fetch_xor as *const (),
        _ => return None,
    };
    Some(routine as usize)
}

/// Atomic operations of 64 bits: the machine has them, or no lock either.
#[cfg(not(all(target_has_atomic = "8", not(target_has_atomic = "64"))))]
fn atomic(_name: &str) -> Option<usize> {
    None
}

#[test]
fn signalling_nans_become_quiet() {
    assert_eq!(quiet(f32::from_bits(0x7FA0_0001)).to_bits(), 0x7FE0_0001);
    assert_eq!(quiet(f32::from_bits(0xFFC0_0000)).to_bits(), 0xFFC0_0000);
    assert_eq!(quiet(f32::NEG_INFINITY), f32::NEG_INFINITY);
}
