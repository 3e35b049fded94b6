//! Tables and element segments.
//!
//! Imported tables are in the same list, first; the field that would count them apart is always 0.
//!
//! Spec: `aot-v6.md` A.5.6, A.5.7.

use super::expr::InitExpr;
use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind, Unsupported, What};
use crate::limits;
use crate::seq::{Form, Item, Seq};
use crate::value::ValType;

/// One table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableType {
    /// Element type code: `0x70` or `0x6F`.
    pub elem: u8,
    /// [`TableType::HAS_MAX`], [`TableType::SHARED`], [`TableType::TABLE64`].
    pub flags: u8,
    /// The module grows it.
    pub possible_grow: bool,
    /// Fourth byte: stock says here whether elements may be null, other loaders skip it.
    pub nullable: u8,
    /// Initial number of elements.
    pub init: u32,
    /// Most elements it can have. Invariant (read): not below the initial number.
    pub max: u32,
}

impl TableType {
    /// Flag: a maximum was declared.
    pub const HAS_MAX: u8 = 1;
    /// Flag: shared.
    pub const SHARED: u8 = 2;
    /// Flag: 64-bit indices.
    pub const TABLE64: u8 = 4;

    /// Slots allocated in the instance. Compiled code has them baked in: compiler and runtime must agree.
    #[must_use]
    pub const fn slots(&self) -> u32 {
        if self.possible_grow {
            self.max
        } else {
            self.init
        }
    }

    /// The maximum to write for a table of `init` elements whose module declares this maximum, or none.
    #[must_use]
    pub const fn growth_limit(init: u32, declared: Option<u32>) -> u32 {
        let twice = init.saturating_mul(2);
        let default = if twice > limits::TABLE_GROWTH {
            twice
        } else {
            limits::TABLE_GROWTH
        };
        match declared {
            Some(max) if max <= init || max < default => max,
            _ => default,
        }
    }
}

impl<'a> Item<'a> for TableType {
    const MIN_BYTES: u32 = 12;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let elem = cursor.u8()?;
        if !ValType::from_index_code(elem).is_some_and(ValType::is_reference) {
            return Err(at.error(ReadErrorKind::ElemType(elem.into())));
        }
        let flags_at = *cursor;
        let table = TableType {
            elem,
            flags: cursor.u8()?,
            possible_grow: cursor.bool()?,
            nullable: cursor.u8()?,
            init: cursor.u32()?,
            max: cursor.u32()?,
        };
        if table.flags & !(Self::HAS_MAX | Self::SHARED | Self::TABLE64) != 0 {
            return Err(flags_at.error(ReadErrorKind::TableFlags(table.flags)));
        }
        let (init, max) = (table.init, table.max);
        if init > max {
            return Err(at.error(ReadErrorKind::Limits { init, max }));
        }
        let (what, count, limit) = (What::TableSlots, table.slots(), limits::TABLE_SLOTS);
        if count > limit {
            return Err(at.error(ReadErrorKind::TooMany { what, count, limit }));
        }
        Ok(table)
    }
}

/// One element segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElemSegment<'a> {
    /// The wasm flag word, 0–7. Invariant (read).
    pub mode: u32,
    /// Element type code; stock writes `0x64` for plain function-index segments.
    pub elem_type: u32,
    /// The table it initialises. Invariant (read): in range when active.
    pub table: u32,
    /// Where. Invariant (read): an integer when active.
    pub offset: InitExpr<'a>,
    /// Reference type details, which loaders without garbage collection skip.
    pub ref_info: RefInfo,
    /// What: `ref.func`, `ref.null` or `global.get`. Invariant (read): function indices in range.
    pub values: Seq<'a, InitExpr<'a>>,
}

/// Reference type of an element segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefInfo {
    /// Type code again.
    pub ref_type: u16,
    /// 1 when nullable (garbage collection only).
    pub nullable: u16,
    /// Heap type (garbage collection only).
    pub heap_type: u32,
}

/// When an element segment is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElemMode {
    /// At instantiation.
    Active,
    /// By `table.init`.
    Passive,
    /// Never.
    Declarative,
}

impl ElemSegment<'_> {
    /// When it is used.
    #[must_use]
    pub const fn usage(&self) -> ElemMode {
        match self.mode & 3 {
            0 | 2 => ElemMode::Active,
            1 => ElemMode::Passive,
            _ => ElemMode::Declarative,
        }
    }
}

impl<'a> Item<'a> for ElemSegment<'a> {
    const MIN_BYTES: u32 = 28;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let mode = cursor.u32()?;
        if mode > 7 {
            return Err(at.error(ReadErrorKind::ElemMode(mode)));
        }
        let elem_type = cursor.u32()?;
        let table = cursor.u32()?;
        let offset_at = *cursor;
        let offset = InitExpr::decode(cursor, Form::PLAIN)?;
        let ref_info = RefInfo {
            ref_type: cursor.u16()?,
            nullable: cursor.u16()?,
            heap_type: cursor.u32()?,
        };
        let count = cursor.u32()?;
        let segment = ElemSegment {
            mode,
            elem_type,
            table,
            offset,
            ref_info,
            values: Seq::read(cursor, count, Form::PLAIN)?,
        };
        if segment.usage() == ElemMode::Active && !offset.can_be_integer() {
            return Err(offset_at.error(ReadErrorKind::InitExprType(0x7F)));
        }
        Ok(segment)
    }
}

/// The count of tables listed apart as imported: always 0.
pub(super) fn refuse_imported(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    cursor.align(4);
    let at = *cursor;
    match cursor.u32()? {
        0 => Ok(()),
        _ => Err(at.error(ReadErrorKind::Unsupported(Unsupported::ImportedTables))),
    }
}

#[cfg(feature = "alloc")]
impl TableType {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) {
        sink.u8(self.elem);
        sink.u8(self.flags);
        sink.u8(self.possible_grow.into());
        sink.u8(self.nullable);
        sink.u32(self.init);
        sink.u32(self.max);
    }
}

#[cfg(feature = "alloc")]
impl ElemSegment<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink) {
        sink.u32(self.mode);
        sink.u32(self.elem_type);
        sink.u32(self.table);
        self.offset.encode(sink);
        sink.u16(self.ref_info.ref_type);
        sink.u16(self.ref_info.nullable);
        sink.u32(self.ref_info.heap_type);
        sink.u32(self.values.len());
        for value in self.values {
            value.encode(sink);
        }
    }
}
