//! Object file bytes to the pieces of a container.
//!
//! LLVM's objects are taken apart completely: constants and code become one image in which every
//! distance is known, so references between them are resolved here. What remains for a loader are
//! calls of runtime functions and, on machines that only know absolute addresses, those. Every
//! remaining relocation is checked against the target's table and the symbols a runtime resolves, so
//! that a file that was written is a file that loads (architecture section 1, decision 5; spec B.14).
//!
//! Constants lie in front of the code, in the same section: the container then needs no relocation
//! for them on machines whose code finds them by distance.

mod error;
mod origins;
mod reading;
mod relocs;
mod sections;
mod symbols;
#[cfg(test)]
mod tests;

pub use error::{ObjectError, Place};
pub use symbols::CodeOffset;

use crate::options::Runtime;
use crate::wasm::TypeIdx;
use aot_format::Origin;
use sections::Image;
use std::collections::BTreeMap;
use symbols::Symbols;
use targets::Target;

/// A relocation left to the loader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Offset of the field in the image, in bytes.
    pub offset: u64,
    /// Number of the target's relocation row.
    pub number: u32,
    /// `.text`, which is the start of the image, or a symbol of the runtime.
    pub symbol: String,
    /// Addend, in bytes.
    pub addend: i64,
}

/// An object taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Constants, then code. Offsets into it are the container's text offsets.
    pub text: Vec<u8>,
    /// Bytes of constants and padding in front of the code.
    pub constant_bytes: u64,
    /// What the image must be loaded at a multiple of, in bytes; a power of two. Code that goes by pages
    /// counts on this being exactly the image's offset in its page, as loaders have it.
    pub align: u64,
    /// The object's ELF flags.
    pub flags: u32,
    /// Entry of each defined function that still exists, by defined index.
    pub functions: BTreeMap<u32, CodeOffset>,
    /// Entry thunks by canonical type.
    pub thunks: BTreeMap<TypeIdx, CodeOffset>,
    /// Names and places of everything in the image that has a name, ascending by place.
    pub names: Vec<(CodeOffset, String)>,
    /// Where the numbers for stack checks are.
    pub stack_sizes: Option<CodeOffset>,
    /// Where code begins that was made from another instruction, ascending; empty unless it was asked for.
    pub origins: Vec<Origin>,
    /// Relocations left to the loader, ascending by offset.
    pub relocations: Vec<Relocation>,
}

/// Takes objects apart and merges them in the order given, for loaders of a runtime.
///
/// # Errors
/// `ObjectError` for anything a container or its loader could not express.
pub fn extract(
    objects: &[impl AsRef<[u8]>],
    target: &Target,
    runtime: Runtime,
) -> Result<Extracted, ObjectError> {
    let files = objects
        .iter()
        .map(|bytes| sections::open(bytes.as_ref(), target))
        .collect::<Result<Vec<_>, _>>()?;
    let mut image = Image::place(&files)?;
    let symbols = Symbols::read(&files, &image, target)?;
    let origins = origins::read(&files, &symbols, &image)?;
    let pending = reading::read(&files, &symbols, &image, target)?;
    let relocations = relocs::resolve(pending, &symbols, &mut image, target, runtime)?;
    Ok(Extracted {
        constant_bytes: image.constant_bytes,
        align: image.align,
        functions: symbols.functions(),
        thunks: symbols.thunks(),
        names: symbols.names(),
        stack_sizes: symbols.stack_sizes(),
        origins,
        flags: files.first().map_or(0, sections::flags),
        text: image.text,
        relocations,
    })
}
