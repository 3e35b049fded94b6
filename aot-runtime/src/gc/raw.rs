//! Words at addresses: how the collector reads and writes objects, run-time types and frames of compiled code.
//!
//! Contract: an address given here is one of an object or chunk that the heap has handed out, of a run-time type that
//! lives as long as the store, or one that compiled code has put where the ABI says (root frames, argument words); the
//! trust boundary (crate docs) covers the latter. Nothing here keeps a reference: everything is copied in or out, and
//! compiled code waits meanwhile.

/// Reads a pointer-sized word; it need not be aligned (fields are packed).
pub(super) fn word(at: usize) -> usize {
    // SAFETY: see the contract.
    unsafe { core::ptr::with_exposed_provenance::<usize>(at).read_unaligned() }
}

/// Writes a pointer-sized word.
pub(super) fn set_word(at: usize, value: usize) {
    // SAFETY: see the contract.
    unsafe { core::ptr::with_exposed_provenance_mut::<usize>(at).write_unaligned(value) }
}

/// Reads 32 bits.
pub(super) fn u32_at(at: usize) -> u32 {
    // SAFETY: see the contract.
    unsafe { core::ptr::with_exposed_provenance::<u32>(at).read_unaligned() }
}

/// Writes 32 bits.
pub(super) fn set_u32(at: usize, value: u32) {
    // SAFETY: see the contract.
    unsafe { core::ptr::with_exposed_provenance_mut::<u32>(at).write_unaligned(value) }
}

/// Reads a byte.
pub(super) fn byte(at: usize) -> u8 {
    // SAFETY: see the contract.
    unsafe { core::ptr::with_exposed_provenance::<u8>(at).read() }
}

/// Fills `bytes` bytes with zeros.
pub(super) fn zero(at: usize, bytes: usize) {
    // SAFETY: see the contract.
    unsafe { core::ptr::with_exposed_provenance_mut::<u8>(at).write_bytes(0, bytes) }
}

/// Copies bytes out.
#[allow(dead_code, reason = "for the operators of exceptions")]
pub(super) fn read(at: usize, out: &mut [u8]) {
    let from = core::ptr::with_exposed_provenance::<u8>(at);
    // SAFETY: see the contract; `out` is the caller's own.
    unsafe { from.copy_to_nonoverlapping(out.as_mut_ptr(), out.len()) }
}

/// Copies bytes in.
pub(super) fn write(at: usize, bytes: &[u8]) {
    let to = core::ptr::with_exposed_provenance_mut::<u8>(at);
    // SAFETY: see the contract; `bytes` is the caller's own.
    unsafe { to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) }
}

/// Copies bytes between places that do not overlap.
pub(super) fn copy(from: usize, to: usize, bytes: usize) {
    let source = core::ptr::with_exposed_provenance::<u8>(from);
    let target = core::ptr::with_exposed_provenance_mut::<u8>(to);
    // SAFETY: see the contract.
    unsafe { target.copy_from_nonoverlapping(source, bytes) }
}
