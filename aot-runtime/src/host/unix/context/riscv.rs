//! The interrupted registers on RISC-V Linux.

/// The address a fault record means.
pub(super) fn address(address: usize) -> usize {
    address
}

/// Makes the interrupted thread continue at `code` with this stack pointer.
pub(super) fn redirect(machine: &mut libc::mcontext_t, code: usize, stack: usize) {
    let [pc, _ra, sp, ..] = &mut machine.__gregs;
    *pc = code as libc::c_ulong;
    *sp = stack as libc::c_ulong;
}
