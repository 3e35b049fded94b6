//! Where the inline area of an instance puts its memories, globals, tables and extra.
//!
//! Compiler and runtime must agree to the byte, so both ask this builder: globals are packed without alignment, tables
//! follow them unaligned, the extra is aligned to 8. Nothing of it is stored in a file.
//!
//! Spec: `aot-v6.md` C.6.

use targets::PtrWidth;

use super::{extra, instance, memory, table};

/// The area does not fit the 32-bit offsets compiled code uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl core::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("memories, globals and tables of the instance take more than 2 gib")
    }
}

impl core::error::Error for TooLarge {}

/// Offsets may be used as signed 32-bit displacements.
const LIMIT: u64 = 1 << 31;

/// Lays out the inline area step by step: all globals (imported ones first), then all tables, then the extra.
///
/// ```
/// use aot_format::abi::layout::InlineLayout;
/// use targets::PtrWidth;
///
/// let mut globals = InlineLayout::new(PtrWidth::W64, 1).unwrap();
/// assert_eq!(globals.global(4), Ok(464));
/// assert_eq!(globals.global(8), Ok(468));
/// let mut tables = globals.tables();
/// assert_eq!(tables.table(2), Ok(476));
/// let area = tables.finish().unwrap();
/// assert_eq!((area.globals, area.global_bytes, area.tables, area.extra), (464, 12, 476, 520));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct InlineLayout {
    width: PtrWidth,
    globals: u32,
    at: u32,
}

impl InlineLayout {
    /// Starts the layout for so many memories (as the file counts them).
    ///
    /// # Errors
    /// [`TooLarge`].
    pub const fn new(width: PtrWidth, memories: u32) -> Result<InlineLayout, TooLarge> {
        match advance(instance::INLINE_AREA, memories as u64 * memory::SIZE as u64) {
            Ok(at) => Ok(InlineLayout {
                width,
                globals: at,
                at,
            }),
            Err(error) => Err(error),
        }
    }

    /// Offset (from the instance) of the next global, which takes `bytes` bytes.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub const fn global(&mut self, bytes: u32) -> Result<u32, TooLarge> {
        let at = self.at;
        match advance(at, bytes as u64) {
            Ok(next) => {
                self.at = next;
                Ok(at)
            }
            Err(error) => Err(error),
        }
    }

    /// All globals are placed; the tables come next.
    #[must_use]
    pub const fn tables(self) -> TableLayout {
        TableLayout {
            width: self.width,
            globals: self.globals,
            tables: self.at,
            at: self.at,
        }
    }
}

/// The second half of [`InlineLayout`]: tables.
#[derive(Clone, Copy, Debug)]
pub struct TableLayout {
    width: PtrWidth,
    globals: u32,
    tables: u32,
    at: u32,
}

impl TableLayout {
    /// Offset (from the instance) of the next table, with room for `slots` elements.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub const fn table(&mut self, slots: u32) -> Result<u32, TooLarge> {
        let at = self.at;
        match advance(at, table::size(slots, self.width)) {
            Ok(next) => {
                self.at = next;
                Ok(at)
            }
            Err(error) => Err(error),
        }
    }

    /// All tables are placed.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub const fn finish(self) -> Result<InlineArea, TooLarge> {
        let extra = self.at.next_multiple_of(8);
        match advance(extra, extra::SIZE as u64) {
            Ok(end) => Ok(InlineArea {
                globals: self.globals,
                global_bytes: self.tables - self.globals,
                tables: self.tables,
                extra,
                end,
            }),
            Err(error) => Err(error),
        }
    }
}

/// The finished layout: offsets from the module instance, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InlineArea {
    /// Start of the globals.
    pub globals: u32,
    /// Size of the globals (`global_data_size`).
    pub global_bytes: u32,
    /// Start of the tables.
    pub tables: u32,
    /// The instance extra.
    pub extra: u32,
    /// End of the agreed part of the extra: what the instance takes at least.
    pub end: u32,
}

/// Offset of memory `index`'s instance.
///
/// # Errors
/// [`TooLarge`].
pub const fn memory(index: u32) -> Result<u32, TooLarge> {
    advance(instance::INLINE_AREA, index as u64 * memory::SIZE as u64)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "compared with a limit below 2^32"
)]
const fn advance(at: u32, bytes: u64) -> Result<u32, TooLarge> {
    let end = (at as u64).saturating_add(bytes);
    if end > LIMIT {
        Err(TooLarge)
    } else {
        Ok(end as u32)
    }
}
