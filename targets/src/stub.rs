//! Far-call stubs: a few bytes of code that jump to any address, placed near the code that calls them.
//!
//! A stub is bytes plus relocations to patch them, applied by [`reloc::apply`], so that far calls need no second
//! encoder. Stock WAMR calls the array of stubs the PLT.

use crate::reloc::{self, RelocError, Row};

/// A stub template.
#[derive(Debug)]
pub struct Stub {
    /// The code with its address fields zero. Invariant: the length is a multiple of `align`.
    pub bytes: &'static [u8],
    /// Alignment of a stub in bytes.
    pub align: u8,
    /// What to patch; the symbol is the jump's destination.
    pub patches: &'static [Patch],
}

/// One relocation inside a stub.
#[derive(Debug)]
pub struct Patch {
    /// Where in the stub, in bytes.
    pub offset: u64,
    /// What to do there.
    pub row: &'static Row,
    /// The addend.
    pub addend: i64,
}

impl Stub {
    /// Size of one stub in bytes.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Writes the stub at the start of `out`, which lies at run-time address `place`, jumping to `destination`.
    ///
    /// # Errors
    /// [`RelocError`] when `out` is shorter than a stub, or the destination cannot be encoded.
    pub fn write(&self, out: &mut [u8], place: u64, destination: u64) -> Result<(), RelocError> {
        let short = RelocError::OutOfSection {
            offset: 0,
            size: u32::try_from(self.size()).unwrap_or(u32::MAX),
            section: out.len() as u64,
        };
        let out = out.get_mut(..self.size()).ok_or(short)?;
        out.copy_from_slice(self.bytes);
        for patch in self.patches {
            let at = place.wrapping_add(patch.offset);
            reloc::apply(patch.row, out, patch.offset, at, destination, patch.addend)?;
        }
        Ok(())
    }
}
