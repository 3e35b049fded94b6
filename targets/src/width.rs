//! Pointer width and byte order of a target machine.
//!
//! These stand wherever other code would be tempted to ask the host (`usize`, `cfg(target_*)`); the compiler and the
//! container code take them as values.

/// The size of a pointer on the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PtrWidth {
    /// Four bytes.
    W32,
    /// Eight bytes.
    W64,
}

impl PtrWidth {
    /// Size of a pointer in bytes: 4 or 8.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            PtrWidth::W32 => 4,
            PtrWidth::W64 => 8,
        }
    }

    /// Size of a pointer in bits: 32 or 64.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.bytes() * 8
    }

    /// The width whose pointers have `bytes` bytes; `None` for anything but 4 and 8.
    #[must_use]
    pub const fn from_bytes(bytes: usize) -> Option<PtrWidth> {
        match bytes {
            4 => Some(PtrWidth::W32),
            8 => Some(PtrWidth::W64),
            _ => None,
        }
    }
}

/// The byte order of data on the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endian {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}
