//! DWARF, as far as it is of interest: line tables.

use gimli::{DebugLine, DebugLineOffset, EndianSlice, RunTimeEndian};

/// Where a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Address.
    pub(crate) address: u64,
    /// The line's number; 0 for none.
    pub(crate) number: u32,
    /// Nothing is said of what comes behind.
    pub(crate) is_end: bool,
}

/// The lines in a section `.debug_line` of one unit, whose addresses have so many bytes.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn lines(bytes: &[u8], address_bytes: usize, little: bool) -> Result<Vec<Line>, String> {
    let endian = match little {
        true => RunTimeEndian::Little,
        false => RunTimeEndian::Big,
    };
    let size = u8::try_from(address_bytes).unwrap_or(8);
    let table = DebugLine::from(EndianSlice::new(bytes, endian));
    let program = table.program(DebugLineOffset(0), size, None, None);
    let mut rows = program.map_err(|error| error.to_string())?.rows();
    let mut lines = Vec::new();
    while let Some((_, row)) = rows.next_row().map_err(|error| error.to_string())? {
        let number = row.line().and_then(|line| u32::try_from(line.get()).ok());
        lines.push(Line {
            address: row.address(),
            number: number.unwrap_or(0),
            is_end: row.end_sequence(),
        });
    }
    Ok(lines)
}
