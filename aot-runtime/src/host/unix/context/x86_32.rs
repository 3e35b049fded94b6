//! The interrupted registers on x86-32 Linux.

/// The address a fault record means.
pub(super) fn address(address: usize) -> usize {
    address
}

/// Makes the interrupted thread continue at `code` with this stack pointer.
pub(super) fn redirect(machine: &mut libc::mcontext_t, code: usize, stack: usize) {
    for (register, value) in [(libc::REG_EIP, code), (libc::REG_ESP, stack)] {
        let slot = usize::try_from(register).ok();
        if let Some(slot) = slot.and_then(|at| machine.gregs.get_mut(at)) {
            *slot = value.cast_signed() as libc::greg_t;
        }
    }
}
