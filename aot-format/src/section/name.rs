//! NAME: names of functions, for messages.
//!
//! Only the one subsection stock writes is taken apart: function names. Its size word is a leftover of the wasm file the
//! names come from and says nothing about this encoding; it is kept so that files can be written back unchanged.
//!
//! Spec: `aot-v6.md` A.10.

use crate::cursor::Cursor;
use crate::error::ReadError;
use crate::seq::{Form, Item, Seq};

/// Names of functions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunctionNames<'a> {
    /// Size of the subsection in the wasm file, in bytes.
    pub wasm_bytes: u32,
    /// The names.
    pub names: Seq<'a, FunctionName<'a>>,
}

/// Name of one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionName<'a> {
    /// Index, imports first; not checked.
    pub index: u32,
    /// Name.
    pub name: &'a str,
}

const MAGIC: &[u8; 4] = b"name";
const FUNCTIONS: u32 = 1;

impl<'a> Item<'a> for FunctionName<'a> {
    const MIN_BYTES: u32 = 6;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        Ok(FunctionName {
            index: cursor.u32()?,
            name: cursor.string()?,
        })
    }
}

impl<'a> FunctionNames<'a> {
    /// `None` when the body is anything but one list of function names.
    pub(super) fn decode(mut body: Cursor<'a>) -> Option<FunctionNames<'a>> {
        if body.u32().ok()? != 4 || body.bytes(4).ok()? != MAGIC || body.u32().ok()? != FUNCTIONS {
            return None;
        }
        let wasm_bytes = body.u32().ok()?;
        let count = body.u32().ok()?;
        let names = Seq::read(&mut body, count, Form::PLAIN).ok()?;
        (body.left() == 0).then_some(FunctionNames { wasm_bytes, names })
    }

    #[cfg(feature = "alloc")]
    pub(super) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        sink.u32(4);
        sink.bytes(MAGIC);
        sink.u32(FUNCTIONS);
        sink.u32(self.wasm_bytes);
        sink.u32(self.names.len());
        for function in self.names {
            sink.u32(function.index);
            sink.string(function.name)?;
        }
        Ok(())
    }
}
