//! CUSTOM: sections a loader may ignore, told apart by a sub type.
//!
//! Ours is a raw section named `wamrc`; see [`super::wamrc`].
//!
//! Spec: `aot-v6.md` A.10.

use super::name::FunctionNames;
use super::{SectionId, finish, native_symbol, read_frame};
use crate::cursor::Cursor;
use crate::error::ReadError;
use crate::seq::{Form, Item, Seq};

/// One custom section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CustomSection<'a> {
    /// Name and any contents.
    Raw {
        /// Name.
        name: &'a str,
        /// Contents.
        bytes: &'a [u8],
    },
    /// What the native symbol table holds (execute-in-place files), last entry first.
    NativeSymbols(Seq<'a, &'a str>),
    /// Names of functions.
    FunctionNames(FunctionNames<'a>),
    /// A sub type this crate does not take apart.
    Unknown {
        /// The sub type.
        sub_type: u32,
        /// The body behind it.
        bytes: &'a [u8],
    },
}

const RAW: u32 = 0;
const NATIVE_SYMBOL: u32 = 1;
const NAME: u32 = 3;

impl<'a> Item<'a> for CustomSection<'a> {
    const MIN_BYTES: u32 = 12;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        let mut body = read_frame(cursor, SectionId::Custom)?;
        let sub_type = body.u32()?;
        Ok(match sub_type {
            RAW => CustomSection::Raw {
                name: body.string()?,
                bytes: body.rest(),
            },
            NATIVE_SYMBOL => {
                let symbols = native_symbol::decode(&mut body)?;
                finish(&body, SectionId::Custom)?;
                CustomSection::NativeSymbols(symbols)
            }
            NAME => match FunctionNames::decode(body) {
                Some(names) => CustomSection::FunctionNames(names),
                // Names are for people: a section in another shape is kept, not refused.
                None => CustomSection::Unknown {
                    sub_type,
                    bytes: body.rest(),
                },
            },
            _ => CustomSection::Unknown {
                sub_type,
                bytes: body.rest(),
            },
        })
    }
}

/// Sub type and name of a raw section.
#[cfg(feature = "alloc")]
pub(crate) fn encode_raw_name(
    name: &str,
    sink: &mut crate::sink::Sink,
) -> Result<(), crate::WriteError> {
    sink.u32(RAW);
    sink.string(name)
}

#[cfg(feature = "alloc")]
impl CustomSection<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        match self {
            CustomSection::Raw { name, bytes } => {
                encode_raw_name(name, sink)?;
                sink.bytes(bytes);
            }
            CustomSection::NativeSymbols(symbols) => {
                sink.u32(NATIVE_SYMBOL);
                native_symbol::encode(*symbols, sink)?;
            }
            CustomSection::FunctionNames(names) => {
                sink.u32(NAME);
                names.encode(sink)?;
            }
            CustomSection::Unknown { sub_type, bytes } => {
                sink.u32(*sub_type);
                sink.bytes(bytes);
            }
        }
        Ok(())
    }
}
