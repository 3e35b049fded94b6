//! Which sections of an object matter, and where they go.
//!
//! Everything that is executed or only read becomes one image: constants first, by falling
//! alignment, then code in the order hot code wants (`.text`, `.text.unlikely.`, `.text.hot.`, as
//! in spec A.6). Unwind tables, notes and debug information are dropped.

use super::ObjectError;
use object::read::elf::FileHeader as _;
use object::{File, FileFlags, Object as _, ObjectSection as _, SectionIndex, SectionKind};
use std::collections::BTreeMap;
use targets::Target;

/// Section that the code reads frame sizes from. Stock has it as a section of the container (spec C.2.2);
/// among the constants it needs no relocation.
const STACK_SIZES: &str = ".aot_stack_sizes";

/// Alignment that loaders can give the image: the container pads up to it, and they map text at
/// page boundaries.
const MAX_ALIGN: u64 = 4096;

/// Position of an object in the list that is merged, and of a section in it.
type SectionKey = (usize, usize);

/// Reads an object's headers and checks that it is for the target.
pub(super) fn open<'a>(bytes: &'a [u8], target: &Target) -> Result<File<'a>, ObjectError> {
    let file = File::parse(bytes).map_err(unreadable)?;
    let found = match &file {
        File::Elf32(elf) => elf.elf_header().e_machine(elf.endian()).0,
        File::Elf64(elf) => elf.elf_header().e_machine(elf.endian()).0,
        _ => {
            return Err(ObjectError::Unreadable {
                message: "not an ELF file".to_owned(),
            });
        }
    };
    if found != target.elf_machine {
        return Err(ObjectError::Machine {
            found,
            expected: target.elf_machine,
        });
    }
    Ok(file)
}

/// The flags in the ELF header.
pub(super) fn flags(file: &File<'_>) -> u32 {
    match file.flags() {
        FileFlags::Elf { e_flags, .. } => e_flags.0,
        _ => 0,
    }
}

pub(super) fn unreadable(error: object::Error) -> ObjectError {
    ObjectError::Unreadable {
        message: error.to_string(),
    }
}

/// The merged sections.
pub(super) struct Image {
    /// Constants and code.
    pub(super) text: Vec<u8>,
    /// Bytes in front of the code.
    pub(super) constant_bytes: u64,
    /// Alignment of the image.
    pub(super) align: u64,
    homes: BTreeMap<SectionKey, u64>,
}

/// A section on its way into the image.
struct Piece<'a> {
    key: SectionKey,
    rank: u32,
    align: u64,
    bytes: &'a [u8],
}

impl Image {
    /// Decides the place of every section that is kept, and copies it there.
    pub(super) fn place(files: &[File<'_>]) -> Result<Self, ObjectError> {
        let mut image = Self {
            text: Vec::new(),
            constant_bytes: 0,
            align: 4,
            homes: BTreeMap::new(),
        };
        let mut constants = Vec::new();
        let mut code = Vec::new();
        for (position, file) in files.iter().enumerate() {
            for section in file.sections() {
                let name = section.name().map_err(unreadable)?;
                let Some(part) = classify(name, section.kind(), section.size())? else {
                    continue;
                };
                let piece = Piece {
                    key: (position, section.index().0),
                    rank: rank(name),
                    align: alignment(name, section.align())?,
                    bytes: section.data().map_err(unreadable)?,
                };
                match part {
                    Part::Constant => constants.push(piece),
                    Part::Code => code.push(piece),
                }
            }
        }
        // Both sorts are stable: what ties keeps the order of the objects.
        constants.sort_by_key(|piece| std::cmp::Reverse(piece.align));
        code.sort_by_key(|piece| piece.rank);
        constants.iter().for_each(|piece| image.push_text(piece));
        let code_align = code.iter().map(|piece| piece.align).max().unwrap_or(4);
        pad(&mut image.text, code_align);
        image.constant_bytes = image.text.len() as u64;
        code.iter().for_each(|piece| image.push_text(piece));
        Ok(image)
    }

    /// Offset of a section in the image; `None` for dropped ones.
    pub(super) fn home(&self, object: usize, section: SectionIndex) -> Option<u64> {
        self.homes.get(&(object, section.0)).copied()
    }

    fn push_text(&mut self, piece: &Piece<'_>) {
        pad(&mut self.text, piece.align);
        self.align = self.align.max(piece.align);
        self.homes.insert(piece.key, self.text.len() as u64);
        self.text.extend_from_slice(piece.bytes);
    }
}

/// Appends zeros up to a multiple of `align`, a power of two.
fn pad(bytes: &mut Vec<u8>, align: u64) {
    let align = usize::try_from(align).unwrap_or(1);
    bytes.resize(bytes.len().next_multiple_of(align), 0);
}

/// What a section is to a container.
enum Part {
    Constant,
    Code,
}

/// Beginnings of the names of sections that only unwinding needs.
const UNWIND: [&str; 2] = [".eh_frame", ".ARM.ex"];

fn classify(name: &str, kind: SectionKind, size: u64) -> Result<Option<Part>, ObjectError> {
    let part = match kind {
        _ if size == 0 || UNWIND.iter().any(|prefix| name.starts_with(prefix)) => None,
        SectionKind::Text => Some(Part::Code),
        SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => Some(Part::Constant),
        // Pointers that are constant once they are relocated.
        SectionKind::Data if name.starts_with(".data.rel.ro") => Some(Part::Constant),
        SectionKind::Data if name == STACK_SIZES => Some(Part::Constant),
        SectionKind::Note
        | SectionKind::Metadata
        | SectionKind::Other
        | SectionKind::OtherString => None,
        // Unwind tables, attributes and options of the machine have section types of their own.
        SectionKind::Unknown if name.starts_with('.') => None,
        _ => {
            let section = name.to_owned();
            return Err(ObjectError::Section { section, size });
        }
    };
    Ok(part)
}

fn alignment(name: &str, align: u64) -> Result<u64, ObjectError> {
    let align = align.max(1);
    if align > MAX_ALIGN || !align.is_power_of_two() {
        return Err(ObjectError::Alignment {
            section: name.to_owned(),
            align,
            limit: MAX_ALIGN,
        });
    }
    Ok(align)
}

fn rank(name: &str) -> u32 {
    match name {
        ".text.unlikely." => 1,
        ".text.hot." => 2,
        _ => 0,
    }
}
