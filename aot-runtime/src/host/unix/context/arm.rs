//! The interrupted registers on ARM Linux.

/// The address a fault record means.
pub(super) fn address(address: usize) -> usize {
    address
}

/// Makes the interrupted thread continue at `code` with this stack pointer, in
/// the state that bit 0 of `code` says.
pub(super) fn redirect(machine: &mut libc::mcontext_t, code: usize, stack: usize) {
    /// CPSR: Thumb state, and the rest of an interrupted IT block.
    const THUMB: libc::c_ulong = 1 << 5;
    const IF_THEN: libc::c_ulong = 0x0600_FC00;
    #[expect(clippy::cast_possible_truncation, reason = "as wide as a pointer")]
    let word = |value: usize| value as libc::c_ulong;
    machine.arm_pc = word(code & !1);
    machine.arm_sp = word(stack);
    machine.arm_cpsr &= !(THUMB | IF_THEN);
    if code & 1 == 1 {
        machine.arm_cpsr |= THUMB;
    }
}
