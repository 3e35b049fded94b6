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
use crate::value::{HeapType, RefType};

/// One table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TableType<'a> {
    /// Element type.
    pub elem: RefType,
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
    /// First value of the elements; none stands for null. Only files with garbage collection have one.
    pub value: InitExpr<'a>,
}

impl TableType<'_> {
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

impl<'a> Item<'a> for TableType<'a> {
    const MIN_BYTES: u32 = 12;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let code = cursor.u8()?;
        let elem = element(code, form).ok_or(at.error(ReadErrorKind::ElemType(code.into())))?;
        let flags_at = *cursor;
        let mut table = TableType {
            elem,
            flags: cursor.u8()?,
            possible_grow: cursor.bool()?,
            nullable: cursor.u8()?,
            init: cursor.u32()?,
            max: cursor.u32()?,
            value: InitExpr::None,
        };
        if elem.heap == HeapType::UNKNOWN {
            table.elem.heap = super::list::heap_type(cursor)?;
            if table.nullable != u8::from(elem.nullable) {
                return Err(at.error(ReadErrorKind::ReferenceMap));
            }
        }
        if form.objects {
            cursor.align(4);
            let value_at = *cursor;
            table.value = InitExpr::decode(cursor, form)?;
            let fits = table.value.can_be(ValType::Ref(table.elem));
            if table.value != InitExpr::None && !fits {
                return Err(value_at.error(ReadErrorKind::InitExprType(code)));
            }
        }
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

/// The element type of a code; its heap type is unknown if it stands elsewhere.
fn element(code: u8, form: Form<'_>) -> Option<RefType> {
    match code {
        RefType::NULL | RefType::NON_NULL if form.objects => Some(RefType {
            nullable: code == RefType::NULL,
            heap: HeapType::UNKNOWN,
        }),
        _ if form.objects => ValType::from_code(code)?.reference(),
        _ => ValType::from_index_code(code)?.reference(),
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

impl RefInfo {
    /// What files with garbage collection say of elements of this type.
    #[must_use]
    pub fn of(elem: RefType) -> RefInfo {
        RefInfo {
            ref_type: elem.code().into(),
            nullable: elem.nullable.into(),
            heap_type: elem.heap.word(),
        }
    }
}

impl ElemSegment<'_> {
    /// The type of the elements: files without garbage collection know plain functions and externals.
    #[must_use]
    pub fn element(&self) -> RefType {
        let code = u8::try_from(self.elem_type).unwrap_or(0);
        let long = matches!(code, RefType::NULL | RefType::NON_NULL);
        let heap = HeapType::from_word(self.ref_info.heap_type).filter(|_| long);
        match (ValType::from_code(code).and_then(ValType::reference), heap) {
            (Some(reference), _) => reference,
            (None, Some(heap)) if u16::from(code) == self.ref_info.ref_type => RefType {
                nullable: code == RefType::NULL,
                heap,
            },
            _ => RefType::FUNC,
        }
    }

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

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let mode = cursor.u32()?;
        if mode > 7 {
            return Err(at.error(ReadErrorKind::ElemMode(mode)));
        }
        let elem_type = cursor.u32()?;
        let table = cursor.u32()?;
        let offset_at = *cursor;
        let offset = InitExpr::decode(cursor, form)?;
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
            values: Seq::read(cursor, count, form)?,
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
impl TableType<'_> {
    pub(crate) fn encode(&self, sink: &mut crate::sink::Sink, objects: bool) {
        let code = self.elem.code();
        sink.align(4);
        sink.u8(code);
        sink.u8(self.flags);
        sink.u8(self.possible_grow.into());
        sink.u8(self.nullable);
        sink.u32(self.init);
        sink.u32(self.max);
        if matches!(code, RefType::NULL | RefType::NON_NULL) {
            sink.u32(self.elem.heap.word());
        }
        if objects {
            self.value.encode(sink);
        }
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
