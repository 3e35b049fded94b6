//! The interrupted registers on AArch64 Linux.

/// The address a fault record means: without a tag in its top byte.
pub(super) fn address(address: usize) -> usize {
    address & (usize::MAX >> 8)
}

/// Makes the interrupted thread continue at `code` with this stack pointer.
pub(super) fn redirect(machine: &mut libc::mcontext_t, code: usize, stack: usize) {
    /// The kind of the branch before, which a guarded page would check.
    const BRANCH_TYPE: u64 = 0b11 << 10;
    machine.pc = code as u64;
    machine.sp = stack as u64;
    machine.pstate &= !BRANCH_TYPE;
}
