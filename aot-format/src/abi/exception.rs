//! Exceptions as compiled code sees them: a header word that belongs to the runtime, the tag, the payload.
//!
//! The tag is the runtime's number of it, 32 bits. The payload is an array of 64-bit slots as entry thunks take them, in
//! the tag's order. References have the runtime's own form: below `any` and `exn` it is that of object files, for the
//! others code asks [`WamrcExceptionRead`](super::builtins::Builtin::WamrcExceptionRead) for its own.

use targets::PtrWidth;

/// Offset of the tag's number.
#[must_use]
pub const fn tag(width: PtrWidth) -> u32 {
    width.bytes()
}

/// Offset of the payload.
#[must_use]
pub const fn payload(width: PtrWidth) -> u32 {
    (2 * width.bytes()).next_multiple_of(8)
}
