//! One chunk of the heap: a header, one mark bit per 16 bytes, cells.

use super::raw;

/// State of a chunk that is not in use.
pub(super) const FREE: u8 = 0xFF;
/// State of the first chunk of a large object.
pub(super) const LARGE: u8 = 0xFE;
/// State of its other chunks.
pub(super) const LARGE_REST: u8 = 0xFD;

/// Bytes that one mark bit stands for, and the alignment of objects.
pub(super) const GRANULE: usize = 16;

/// Bytes of the header: the cell size in the first word.
const HEADER: usize = 16;

/// Offset of the first cell.
pub(super) const fn first(chunk_bytes: usize) -> usize {
    (HEADER + chunk_bytes / GRANULE / 8).next_multiple_of(GRANULE)
}

/// A chunk by its address.
#[derive(Clone, Copy)]
pub(super) struct Chunk(pub(super) usize);

impl Chunk {
    /// Makes it a chunk of cells of this size, none marked.
    pub(super) fn init(self, chunk_bytes: usize, cell: usize) {
        raw::set_word(self.0, cell);
        self.clear(chunk_bytes);
    }

    /// Bytes of a cell.
    pub(super) fn cell(self) -> usize {
        raw::word(self.0)
    }

    /// Unmarks all cells.
    pub(super) fn clear(self, chunk_bytes: usize) {
        raw::zero(self.0 + HEADER, chunk_bytes / GRANULE / 8);
        // How many are marked.
        raw::set_word(self.0 + size_of::<usize>(), 0);
    }

    fn bit(self, offset: usize) -> (usize, u32) {
        let granule = offset / GRANULE;
        (self.0 + HEADER + granule / 32 * 4, 1 << (granule % 32))
    }

    /// Whether the cell at this offset is marked.
    #[inline]
    pub(super) fn is_marked(self, offset: usize) -> bool {
        let (word, bit) = self.bit(offset);
        raw::u32_at(word) & bit != 0
    }

    /// Marks the cell at this offset; false if it was marked.
    #[inline]
    pub(super) fn mark(self, offset: usize) -> bool {
        let (word, bit) = self.bit(offset);
        let bits = raw::u32_at(word);
        if bits & bit != 0 {
            return false;
        }
        raw::set_u32(word, bits | bit);
        let count = self.0 + size_of::<usize>();
        raw::set_word(count, raw::word(count) + 1);
        true
    }

    /// Number of marked cells.
    pub(super) fn marked_cells(self) -> usize {
        raw::word(self.0 + size_of::<usize>())
    }
}
