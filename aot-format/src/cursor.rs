//! Bounds-checked reader that always knows its absolute offset; the only place that slices input.
//!
//! Integers are little endian. Before reading 16 bits the offset is rounded up to 2, before 32 and 64 bits to 4:
//! the format's alignment rule, counted from the start of the file.
//!
//! Spec: `aot-v6.md` A.2.

use crate::error::{ReadError, ReadErrorKind, What};

/// A position in a file and where reading must stop.
///
/// Invariant: `at <= end <= file.len()`, except that `at` may pass `end` by up to 3 bytes of alignment, after which
/// every read fails.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    file: &'a [u8],
    at: u32,
    end: u32,
}

impl<'a> Cursor<'a> {
    /// At the start of a whole file.
    ///
    /// # Errors
    /// [`ReadErrorKind::FileTooLarge`].
    pub fn new(file: &'a [u8]) -> Result<Cursor<'a>, ReadError> {
        let end = u32::try_from(file.len()).map_err(|_| ReadError {
            kind: ReadErrorKind::FileTooLarge(file.len() as u64),
            offset: 0,
        })?;
        Ok(Cursor { file, at: 0, end })
    }

    /// Of nothing.
    #[must_use]
    pub const fn empty() -> Cursor<'a> {
        Cursor {
            file: &[],
            at: 0,
            end: 0,
        }
    }

    /// Absolute offset of the next byte.
    #[must_use]
    pub const fn offset(&self) -> u32 {
        self.at
    }

    /// Bytes left.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.end.saturating_sub(self.at)
    }

    /// An error at the current offset.
    #[must_use]
    pub const fn error(&self, kind: ReadErrorKind) -> ReadError {
        ReadError {
            kind,
            offset: self.at,
        }
    }

    /// Rounds the offset up to a multiple of `to` (a power of two).
    pub fn align(&mut self, to: u32) {
        // At most 3 bytes past the end; reads check. A file that ends at 2^32 - 1 saturates.
        self.at = self.at.saturating_add(to - 1) & !(to - 1);
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`], without moving.
    pub fn bytes(&mut self, count: u32) -> Result<&'a [u8], ReadError> {
        let truncated = self.error(ReadErrorKind::Truncated {
            needed: count,
            left: self.left(),
        });
        let end = self.at.checked_add(count).ok_or(truncated)?;
        if end > self.end {
            return Err(truncated);
        }
        let bytes = self.file.get(self.at as usize..end as usize);
        let bytes = bytes.ok_or(truncated)?;
        self.at = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let at = self.error(ReadErrorKind::Truncated {
            needed: size::<N>(),
            left: self.left(),
        });
        self.bytes(size::<N>())?.first_chunk().copied().ok_or(at)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`].
    pub fn u8(&mut self) -> Result<u8, ReadError> {
        self.array().map(u8::from_le_bytes)
    }

    /// 16 bits, aligned to 2.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`].
    pub fn u16(&mut self) -> Result<u16, ReadError> {
        self.align(2);
        self.array().map(u16::from_le_bytes)
    }

    /// 32 bits, aligned to 4.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`].
    pub fn u32(&mut self) -> Result<u32, ReadError> {
        self.align(4);
        self.array().map(u32::from_le_bytes)
    }

    /// 64 bits, aligned to 4.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`].
    pub fn u64(&mut self) -> Result<u64, ReadError> {
        self.align(4);
        self.array().map(u64::from_le_bytes)
    }

    /// 128 bits, not aligned.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`].
    pub fn u128(&mut self) -> Result<u128, ReadError> {
        self.array().map(u128::from_le_bytes)
    }

    /// A byte that must be 0 or 1.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`], [`ReadErrorKind::NotBoolean`].
    pub fn bool(&mut self) -> Result<bool, ReadError> {
        let at = *self;
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(at.error(ReadErrorKind::NotBoolean(other.into()))),
        }
    }

    /// A 32-bit count of things that is capped.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`], [`ReadErrorKind::TooMany`].
    pub(crate) fn count(&mut self, what: What, limit: u32) -> Result<u32, ReadError> {
        self.align(4);
        let at = *self;
        let count = self.u32()?;
        if count > limit {
            return Err(at.error(ReadErrorKind::TooMany { what, count, limit }));
        }
        Ok(count)
    }

    /// A string: 16-bit length (with the terminating zero), bytes. Length 0 is the empty string.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`], [`ReadErrorKind::UnterminatedString`], [`ReadErrorKind::NotUtf8`].
    pub fn string(&mut self) -> Result<&'a str, ReadError> {
        self.align(2);
        let start = *self;
        let length = self.u16()?;
        let text = match self.bytes(length.into())? {
            [] => &[],
            [text @ .., 0] => text,
            _ => return Err(start.error(ReadErrorKind::UnterminatedString)),
        };
        core::str::from_utf8(text).map_err(|_| start.error(ReadErrorKind::NotUtf8))
    }

    /// A cursor over the next `count` bytes, which this one skips.
    ///
    /// # Errors
    /// [`ReadErrorKind::Truncated`].
    pub fn sub(&mut self, count: u32) -> Result<Cursor<'a>, ReadError> {
        let (file, at) = (self.file, self.at);
        self.bytes(count)?;
        Ok(Cursor {
            file,
            at,
            end: self.at,
        })
    }

    /// Everything left, as bytes.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.file
            .get(self.at as usize..self.end as usize)
            .unwrap_or_default()
    }
}

impl core::fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Cursor({:#x}..{:#x})", self.at, self.end)
    }
}

/// The size of an array read at once: 16 at most.
#[expect(
    clippy::cast_possible_truncation,
    reason = "arrays of integer size only"
)]
const fn size<const N: usize>() -> u32 {
    const { assert!(N <= 16) };
    N as u32
}
