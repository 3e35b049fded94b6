//! Where things lie in an instance of a module, on this machine.
//!
//! The arithmetic is `aot_format::abi`'s, which the compiler uses as well.

use alloc::vec::Vec;

use aot_format::abi::extra;
use aot_format::abi::layout::{self, InlineArea, InlineLayout, TooLarge};
use targets::PtrWidth;

/// Pointer width of this build.
pub(crate) const WIDTH: PtrWidth = if size_of::<usize>() == 4 {
    PtrWidth::W32
} else {
    PtrWidth::W64
};

/// A table's place in an instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableSlot {
    /// Offset of its header.
    pub(crate) offset: usize,
    /// Elements there is room for.
    pub(crate) room: u32,
}

/// Offsets in an instance, in bytes.
#[derive(Debug)]
pub(crate) struct ModuleLayout {
    /// Each memory's structure.
    pub(crate) memories: Vec<usize>,
    /// Each global's value, imported ones first.
    pub(crate) globals: Vec<usize>,
    /// Each table.
    pub(crate) tables: Vec<TableSlot>,
    /// The parts.
    pub(crate) area: InlineArea,
}

impl ModuleLayout {
    /// The layout for so many memories, global sizes and table rooms.
    pub(crate) fn new(
        memories: u32,
        globals: impl Iterator<Item = u32>,
        tables: impl Iterator<Item = u32>,
    ) -> Result<ModuleLayout, TooLarge> {
        let mut inline = InlineLayout::new(WIDTH, memories)?;
        let memories = (0..memories)
            .map(|i| layout::memory(i).map(|at| at as usize))
            .collect::<Result<_, _>>()?;
        let globals = globals
            .map(|size| inline.global(size).map(|at| at as usize))
            .collect::<Result<_, _>>()?;
        let mut rest = inline.tables();
        let tables = tables
            .map(|room| {
                rest.table(room).map(|at| TableSlot {
                    offset: at as usize,
                    room,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(ModuleLayout {
            memories,
            globals,
            tables,
            area: rest.finish()?,
        })
    }

    /// Bytes of an instance.
    pub(crate) fn bytes(&self) -> usize {
        self.area.extra as usize + extra::SIZE as usize
    }
}
