//! The list of sections: number, name, order; and the frame around each.
//!
//! A frame is two 32-bit words, number and size, then the body. The first six sections must all be there, in this
//! order; custom sections follow. One file below `section/` per section: struct, decode, encode.
//!
//! Spec: `aot-v6.md` A.3.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};

pub mod address_map;
pub mod custom;
pub mod export;
pub mod function;
pub mod init_data;
pub mod name;
pub mod native_symbol;
pub mod relocation;
pub mod tags;
pub mod target_info;
pub mod text;
pub mod wamrc;

/// Grammar: `sections! { (NUMBER VARIANT NAME;)* }`, in file order. `0 TargetInfo "target info";` becomes
/// `SectionId::TargetInfo = 0` with that name.
macro_rules! sections {
    ($($number:literal $variant:ident $name:literal;)*) => {
        /// A kind of section.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum SectionId { $(#[doc = $name] $variant = $number,)* }

        impl SectionId {
            /// Every kind, in file order; only the last may be absent or repeated.
            pub const ALL: &'static [SectionId] = &[$(SectionId::$variant,)*];

            /// Name for people.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(SectionId::$variant => $name,)* }
            }

            /// The section of this number.
            #[must_use]
            pub const fn from_number(number: u32) -> Option<SectionId> {
                match number { $($number => Some(SectionId::$variant),)* _ => None }
            }
        }
    };
}

sections! {
    0   TargetInfo "target info";
    1   InitData   "init data";
    2   Text       "text";
    3   Function   "function";
    4   Export     "export";
    5   Relocation "relocation";
    100 Custom     "custom";
}

impl core::fmt::Display for SectionId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads one frame, which must be of the kind `expected`, and returns its body.
pub(crate) fn read_frame<'a>(
    cursor: &mut Cursor<'a>,
    expected: SectionId,
) -> Result<Cursor<'a>, ReadError> {
    cursor.align(4);
    let at = *cursor;
    if at.left() == 0 {
        return Err(at.error(ReadErrorKind::MissingSection(expected)));
    }
    let number = cursor.u32()?;
    let found = SectionId::from_number(number);
    let found = found.ok_or(at.error(ReadErrorKind::UnknownSection(number)))?;
    if found != expected {
        return Err(at.error(ReadErrorKind::SectionOrder { found, expected }));
    }
    let size = cursor.u32()?;
    cursor.sub(size)
}

/// A section's body must be used up.
pub(crate) fn finish(cursor: &Cursor<'_>, section: SectionId) -> Result<(), ReadError> {
    match cursor.left() {
        0 => Ok(()),
        left => Err(cursor.error(ReadErrorKind::TrailingBytes { section, left })),
    }
}
