//! Globals, imported and defined.
//!
//! A type whose code does not say its heap type takes it from a list in our record; a file of stock's leaves it
//! [unknown](crate::HeapType::UNKNOWN).
//!
//! Spec: `aot-v6.md` A.5.9.

use super::expr::InitExpr;
use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::seq::{Form, Item, Seq};
use crate::value::{HeapType, ValType};

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

/// A list of globals with their heap types.
#[derive(Clone, Copy, Debug)]
pub struct Globals<'a, T: Item<'a>> {
    globals: Seq<'a, T>,
    heap_types: Seq<'a, HeapType>,
    /// Heap types that belong to globals before the list.
    skipped: u32,
}

/// Something with a global's type.
pub trait Typed {
    /// The type.
    fn ty(&self) -> ValType;
    /// The same with this type.
    #[must_use]
    fn with_type(self, ty: ValType) -> Self;
}

impl Typed for ImportGlobal<'_> {
    fn ty(&self) -> ValType {
        self.ty
    }

    fn with_type(self, ty: ValType) -> Self {
        ImportGlobal { ty, ..self }
    }
}

impl Typed for Global<'_> {
    fn ty(&self) -> ValType {
        self.ty
    }

    fn with_type(self, ty: ValType) -> Self {
        Global { ty, ..self }
    }
}

impl<'a, T: Item<'a> + Typed + 'a> Globals<'a, T> {
    pub(crate) const fn new(
        globals: Seq<'a, T>,
        heap_types: Seq<'a, HeapType>,
        skipped: u32,
    ) -> Globals<'a, T> {
        Globals {
            globals,
            heap_types,
            skipped,
        }
    }

    /// Number of globals.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.globals.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.globals.is_empty()
    }

    /// The globals in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + use<'a, T> {
        self.located().map(|(_, global)| global)
    }

    /// The globals with their offsets in the file.
    pub(crate) fn located(&self) -> impl Iterator<Item = (u32, T)> + use<'a, T> {
        let mut heap_types = self.heap_types.iter().skip(self.skipped as usize);
        self.globals.located().map(move |(at, global)| {
            let ty = global.ty().complete(&mut heap_types);
            (at, global.with_type(ty))
        })
    }
}

impl<'a> Item<'a> for ImportGlobal<'a> {
    const MIN_BYTES: u32 = 6;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(2);
        Ok(ImportGlobal {
            ty: ValType::decode(cursor, form)?,
            mutable: cursor.bool()?,
            module: cursor.string()?,
            name: cursor.string()?,
        })
    }
}

impl<'a> Item<'a> for Global<'a> {
    const MIN_BYTES: u32 = 8;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let ty = ValType::decode(cursor, form)?;
        let mutable = cursor.bool()?;
        cursor.align(4);
        let at = *cursor;
        let init = InitExpr::decode(cursor, form)?;
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
