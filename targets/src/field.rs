//! Where a relocation's value goes inside the bytes: the only file with instruction masks and shifts.
//!
//! A [`Field`] reads and writes its bits and nothing else. All shapes are little endian unless their name says
//! otherwise. What value goes in is `reloc.rs`'s business.

/// A place for a value: how many bytes the loader touches and how bits are spread over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A little-endian 32-bit word.
    Word32,
    /// A little-endian 64-bit word.
    Word64,
}

impl Field {
    /// Bytes touched.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Field::Word32 => 4,
            Field::Word64 => 8,
        }
    }

    /// Significant bits of the stored value, counted from bit 0.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Field::Word32 => 32,
            Field::Word64 => 64,
        }
    }

    /// The value stored now, sign-extended; `None` when `bytes` is shorter than the field.
    #[must_use]
    pub fn read(self, bytes: &[u8]) -> Option<i64> {
        match self {
            Field::Word32 => Some(i64::from(i32::from_le_bytes(*bytes.first_chunk()?))),
            Field::Word64 => Some(i64::from_le_bytes(*bytes.first_chunk()?)),
        }
    }

    /// Stores the low bits of `value`; `None` (and nothing is written) when `bytes` is shorter than the field.
    #[must_use]
    pub fn write(self, bytes: &mut [u8], value: u64) -> Option<()> {
        let value = value.to_le_bytes();
        match self {
            Field::Word32 => *bytes.first_chunk_mut()? = *value.first_chunk::<4>()?,
            Field::Word64 => *bytes.first_chunk_mut()? = value,
        }
        Some(())
    }
}
