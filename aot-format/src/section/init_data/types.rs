//! Function types.
//!
//! Spec: `aot-v6.md` A.5.8 (the encoding of files without garbage collection).

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind, Unsupported};
use crate::seq::{Form, Item};
use crate::value::ValType;

/// One function type: codes of value types. Invariant (read): each code is a [`ValType`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FuncType<'a> {
    /// Parameters.
    pub params: &'a [u8],
    /// Results.
    pub results: &'a [u8],
}

impl<'a> FuncType<'a> {
    /// The parameters' types.
    pub fn param_types(&self) -> impl Iterator<Item = ValType> + Clone + use<'a> {
        val_types(self.params)
    }

    /// The results' types.
    pub fn result_types(&self) -> impl Iterator<Item = ValType> + Clone + use<'a> {
        val_types(self.results)
    }

    /// Cells of 32 bits the parameters take in argument arrays.
    #[must_use]
    pub fn param_cells(&self) -> u32 {
        self.param_types().map(ValType::cells).sum()
    }

    /// Cells of 32 bits the results take in argument arrays.
    #[must_use]
    pub fn result_cells(&self) -> u32 {
        self.result_types().map(ValType::cells).sum()
    }
}

/// Types of a list of codes; codes that are no type (impossible in what was read) are skipped.
fn val_types(codes: &[u8]) -> impl Iterator<Item = ValType> + Clone {
    codes
        .iter()
        .filter_map(|code| ValType::from_index_code(*code))
}

impl<'a> Item<'a> for FuncType<'a> {
    const MIN_BYTES: u32 = 6;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        if cursor.u16()? != 0 {
            let kind = ReadErrorKind::Unsupported(Unsupported::GarbageCollection);
            return Err(at.error(kind));
        }
        let params = cursor.u16()?;
        let results = cursor.u16()?;
        Ok(FuncType {
            params: codes(cursor, params)?,
            results: codes(cursor, results)?,
        })
    }
}

fn codes<'a>(cursor: &mut Cursor<'a>, count: u16) -> Result<&'a [u8], ReadError> {
    let at = *cursor;
    let codes = cursor.bytes(count.into())?;
    match codes
        .iter()
        .find(|code| ValType::from_index_code(**code).is_none())
    {
        Some(code) => Err(at.error(ReadErrorKind::ValType(*code))),
        None => Ok(codes),
    }
}

#[cfg(feature = "alloc")]
impl FuncType<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        sink.align(4);
        sink.u16(0);
        for codes in [self.params, self.results] {
            let count = u16::try_from(codes.len());
            sink.u16(count.map_err(|_| crate::WriteError::TypeArity(codes.len()))?);
        }
        sink.bytes(self.params);
        sink.bytes(self.results);
        Ok(())
    }
}
