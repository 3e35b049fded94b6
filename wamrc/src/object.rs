//! Object file bytes to the pieces of a container.
//!
//! LLVM's objects are taken apart completely: constants and code become one image in which every
//! distance is known, so references between them are resolved here. What remains for a loader are
//! calls of runtime functions and references to the few sections that are data. Every remaining
//! relocation is checked against the target's table and the symbols a runtime resolves, so that a
//! file that was written is a file that loads (architecture section 1, decision 5; spec B.14).
//!
//! Constants lie in front of the code, in the same section: the container then needs no relocation
//! for them, on any target.

mod error;
mod relocs;
mod sections;
mod symbols;
#[cfg(test)]
mod tests;

pub use error::{ObjectError, Place};
pub use symbols::CodeOffset;

use crate::wasm::TypeIdx;
use sections::Image;
use std::collections::BTreeMap;
use symbols::Symbols;
use targets::Target;

/// A data section of the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSection {
    /// Name, as relocations refer to it.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A relocation left to the loader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Offset of the field in its section, in bytes.
    pub offset: u64,
    /// Number of the target's relocation row.
    pub number: u32,
    /// A section of the container or a symbol of the runtime.
    pub symbol: String,
    /// Addend, in bytes.
    pub addend: i64,
}

/// The relocations of one section of the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelocationGroup {
    /// `.text` or the name of a data section.
    pub section: String,
    /// The relocations, ascending by offset.
    pub relocations: Vec<Relocation>,
}

/// An object taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Constants, then code. Offsets into it are the container's text offsets.
    pub text: Vec<u8>,
    /// Bytes of constants and padding in front of the code.
    pub constant_bytes: u64,
    /// Alignment the image must be loaded at, in bytes; a power of two.
    pub align: u64,
    /// Entry of each defined function that still exists, by defined index.
    pub functions: BTreeMap<u32, CodeOffset>,
    /// Entry thunks by canonical type.
    pub thunks: BTreeMap<TypeIdx, CodeOffset>,
    /// Names and places of everything in the image that has a name, ascending by place.
    pub names: Vec<(CodeOffset, String)>,
    /// Data sections.
    pub data: Vec<DataSection>,
    /// Relocations left to the loader.
    pub relocations: Vec<RelocationGroup>,
}

/// Takes objects apart and merges them in the order given.
///
/// # Errors
/// `ObjectError` for anything a container or its loader could not express.
pub fn extract(objects: &[Vec<u8>], target: &Target) -> Result<Extracted, ObjectError> {
    let files = objects
        .iter()
        .map(|bytes| sections::open(bytes, target))
        .collect::<Result<Vec<_>, _>>()?;
    let mut image = Image::place(&files)?;
    let symbols = Symbols::read(&files, &image)?;
    let relocations = relocs::resolve(&files, &symbols, &mut image, target)?;
    Ok(Extracted {
        constant_bytes: image.constant_bytes,
        align: image.align,
        functions: symbols.functions(),
        thunks: symbols.thunks(),
        names: symbols.names(),
        text: image.text,
        data: image.data,
        relocations,
    })
}
