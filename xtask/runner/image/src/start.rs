//! From reset to `main`: the stack, the floating-point unit, and what to do about faults.
//!
//! The emulator has put code and variables in place and zeroed the rest. A fault is printed and ends the machine. The
//! symbols `__stack_low`, `__stack_high`, `__memory_low` and `__memory_high` are the linker script's.

use semihosting::{println, process};

#[cfg(target_arch = "arm")]
core::arch::global_asm!(
    ".section .vectors, \"a\"",
    ".word __stack_high",
    ".word _start",
    ".rept 14",
    ".word {fault}",
    ".endr",
    ".section .text._start, \"ax\"",
    ".global _start",
    ".type _start, %function",
    ".thumb_func",
    "_start:",
    // Access to the coprocessors 10 and 11, which are the floating-point unit; nothing where there is none.
    ".if {float}",
    "ldr r0, =0xE000ED88",
    "ldr r1, =0x00F00000",
    "str r1, [r0]",
    "dsb",
    "isb",
    ".endif",
    "bl {main}",
    float = const cfg!(target_abi = "eabihf") as u32,
    fault = sym fault,
    main = sym main,
);

#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
core::arch::global_asm!(
    ".section .text._start, \"ax\"",
    ".global _start",
    "_start:",
    "la sp, __stack_high",
    "la t0, 1f",
    "csrw mtvec, t0",
    "call {main}",
    ".balign 4",
    "1:",
    "call {fault}",
    fault = sym fault,
    main = sym main,
);

extern "C" fn main() -> ! {
    crate::main()
}

extern "C" fn fault() -> ! {
    println!("the processor has met a fault");
    process::exit(3)
}

unsafe extern "C" {
    static mut __stack_low: u8;
    static mut __memory_low: u8;
    static mut __memory_high: u8;
}

/// The lowest address the stack may reach.
pub(crate) fn stack_low() -> usize {
    &raw const __stack_low as usize
}

/// The memory that nothing else uses; to be called once.
pub(crate) fn memory() -> &'static mut [u8] {
    let low = &raw mut __memory_low;
    let length = (&raw const __memory_high as usize) - (low as usize);
    // SAFETY: the linker script keeps this memory free, it is there from the start, and `main` asks once.
    unsafe { core::slice::from_raw_parts_mut(low, length) }
}
