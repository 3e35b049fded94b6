//! Globals, imported and defined.
//!
//! Spec: `aot-v6.md` A.5.9.

use super::expr::InitExpr;
use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::seq::{Form, Item};
use crate::value::ValType;

/// An imported global.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportGlobal<'a> {
    /// Its type.
    pub ty: ValType,
    /// Whether it can be set.
    pub mutable: bool,
    /// Module it comes from.
    pub module: &'a str,
    /// Name there.
    pub name: &'a str,
}

/// A defined global.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Global<'a> {
    /// Its type.
    pub ty: ValType,
    /// Whether it can be set.
    pub mutable: bool,
    /// Its first value. Invariant (read): constants have the global's type, `global.get` names an earlier global
    /// (whose type is not checked), function indices are in range.
    pub init: InitExpr<'a>,
}

impl<'a> Item<'a> for ImportGlobal<'a> {
    const MIN_BYTES: u32 = 6;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(2);
        Ok(ImportGlobal {
            ty: ValType::decode(cursor)?,
            mutable: cursor.bool()?,
            module: cursor.string()?,
            name: cursor.string()?,
        })
    }
}

impl<'a> Item<'a> for Global<'a> {
    const MIN_BYTES: u32 = 8;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let ty = ValType::decode(cursor)?;
        let mutable = cursor.bool()?;
        cursor.align(4);
        let at = *cursor;
        let init = InitExpr::decode(cursor, Form::PLAIN)?;
        if !init.can_be(ty) {
            return Err(at.error(ReadErrorKind::InitExprType(ty.code())));
        }
        Ok(Global { ty, mutable, init })
    }
}

#[cfg(feature = "alloc")]
impl ImportGlobal<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        sink.align(2);
        sink.u8(self.ty.code());
        sink.u8(self.mutable.into());
        sink.string(self.module)?;
        sink.string(self.name)
    }
}

#[cfg(feature = "alloc")]
impl Global<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) {
        sink.align(4);
        sink.u8(self.ty.code());
        sink.u8(self.mutable.into());
        self.init.encode(sink);
    }
}
