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

impl Endian {
    /// The number that bytes hold; of more than eight, the eight that count least.
    #[must_use]
    pub fn number(self, bytes: &[u8]) -> u64 {
        let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, digit),
            Self::Big => bytes.iter().fold(0, digit),
        }
    }

    /// Writes a number, as much of it as there is place for, up to eight bytes.
    pub fn write(self, number: u64, bytes: &mut [u8]) {
        let digits = number.to_le_bytes().into_iter();
        let assign = |(to, from): (&mut u8, u8)| *to = from;
        match self {
            Self::Little => bytes.iter_mut().zip(digits).for_each(assign),
            Self::Big => bytes.iter_mut().rev().zip(digits).for_each(assign),
        }
    }
}
