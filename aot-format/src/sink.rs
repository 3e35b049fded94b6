//! Byte writer with the format's alignment and back-patched section sizes (feature `alloc`).
//!
//! The counterpart of [`crate::cursor`]: offsets count from the start of the file, padding is zero.
//!
//! Spec: `aot-v6.md` A.2.

use alloc::vec::Vec;

use targets::PtrWidth;

use crate::error::WriteError;
use crate::limits::STRING_BYTES;
use crate::section::SectionId;

/// A file being written.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    bytes: Vec<u8>,
}

impl Sink {
    /// What was written.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn align(&mut self, to: usize) {
        let size = self.bytes.len().next_multiple_of(to);
        self.bytes.resize(size, 0);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.align(2);
        self.bytes(&value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.align(4);
        self.bytes(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.align(4);
        self.bytes(&value.to_le_bytes());
    }

    /// A number of items or bytes.
    pub(crate) fn count(&mut self, count: usize) -> Result<(), WriteError> {
        self.u32(u32::try_from(count).map_err(|_| WriteError::TooMany(count))?);
        Ok(())
    }

    /// An unsigned number of pointer size.
    pub(crate) fn word(&mut self, value: u64, width: PtrWidth) -> Result<(), WriteError> {
        match width {
            PtrWidth::W32 => {
                self.u32(u32::try_from(value).map_err(|_| WriteError::TooWide(value))?);
            }
            PtrWidth::W64 => self.u64(value),
        }
        Ok(())
    }

    /// A signed number of pointer size.
    pub(crate) fn signed_word(&mut self, value: i64, width: PtrWidth) -> Result<(), WriteError> {
        match width {
            PtrWidth::W32 => {
                let narrow = i32::try_from(value);
                let wide = WriteError::TooWide(value.cast_unsigned());
                self.u32(narrow.map_err(|_| wide)?.cast_unsigned());
            }
            PtrWidth::W64 => self.u64(value.cast_unsigned()),
        }
        Ok(())
    }

    /// Length and bytes with the terminating zero.
    pub(crate) fn string(&mut self, text: &str) -> Result<(), WriteError> {
        let size = self.string_bytes(text)?;
        // Not above STRING_BYTES, which fits.
        self.u16(u16::try_from(size).unwrap_or(u16::MAX));
        self.bytes(text.as_bytes());
        self.u8(0);
        Ok(())
    }

    /// Bytes of a string with its terminating zero, without the length.
    pub(crate) fn string_bytes(&self, text: &str) -> Result<u32, WriteError> {
        let size = text.len() + 1;
        match u32::try_from(size) {
            Ok(bytes) if size <= STRING_BYTES => Ok(bytes),
            _ => Err(WriteError::StringTooLong(text.len())),
        }
    }

    /// A section: frame, and the body that `body` writes.
    pub(crate) fn section(
        &mut self,
        id: SectionId,
        body: impl FnOnce(&mut Sink) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        self.u32(id as u32);
        self.u32(0);
        let start = self.bytes.len();
        body(self)?;
        let size = self.bytes.len() - start;
        let encoded = u32::try_from(size).map_err(|_| WriteError::TooMany(size))?;
        let field = self.bytes.get_mut(start - 4..start);
        if let Some(field) = field {
            field.copy_from_slice(&encoded.to_le_bytes());
        }
        Ok(())
    }
}
