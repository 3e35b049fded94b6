//! INIT_DATA: everything instantiation needs besides code, in a fixed order of parts.
//!
//! memories and data segments → tables and element segments → types → imported globals → globals → imported functions →
//! counters → object data sections. Each part starts at a multiple of 4.
//!
//! Spec: `aot-v6.md` A.5.1.

use crate::cursor::Cursor;
use crate::error::{ReadError, What};
use crate::limits;
use crate::seq::{Form, Seq};

pub mod construct;
pub mod counters;
pub mod data;
pub mod expr;
pub mod global;
pub mod import;
pub mod list;
pub mod memory;
pub mod object_data;
pub mod table;
pub mod types;

use counters::AuxInfo;
use data::DataSegment;
use global::{Global, ImportGlobal};
use import::ImportFunc;
use memory::MemoryType;
use object_data::ObjectData;
use table::{ElemSegment, TableType};
use types::SubType;

/// The parts of the section as lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InitData<'a> {
    pub(crate) memories: Seq<'a, MemoryType>,
    pub(crate) data: Seq<'a, DataSegment<'a>>,
    pub(crate) tables: Seq<'a, TableType<'a>>,
    pub(crate) elems: Seq<'a, ElemSegment<'a>>,
    pub(crate) types: Seq<'a, SubType<'a>>,
    pub(crate) import_globals: Seq<'a, ImportGlobal<'a>>,
    pub(crate) globals: Seq<'a, Global<'a>>,
    pub(crate) import_funcs: Seq<'a, ImportFunc<'a>>,
    pub(crate) aux: AuxInfo,
    /// Offset of the counters in the file.
    pub(crate) aux_at: u32,
    pub(crate) object_data: Seq<'a, ObjectData<'a>>,
}

pub(crate) fn decode<'a>(
    cursor: &mut Cursor<'a>,
    objects: bool,
) -> Result<InitData<'a>, ReadError> {
    memory::refuse_imported(cursor)?;
    let memories = list(cursor, objects)?;
    let data = list(cursor, objects)?;
    table::refuse_imported(cursor)?;
    let tables = list(cursor, objects)?;
    let elems = list(cursor, objects)?;
    let types = list(cursor, objects)?;
    let import_globals = list(cursor, objects)?;
    let globals = list(cursor, objects)?;
    let import_funcs = list(cursor, objects)?;
    cursor.align(4);
    let aux_at = cursor.offset();
    let aux = counters::decode(cursor)?;
    let count = cursor.count(What::ObjectData, limits::OBJECT_DATA)?;
    let object_data = Seq::read(cursor, count, Form::PLAIN)?;
    Ok(InitData {
        memories,
        data,
        tables,
        elems,
        types,
        import_globals,
        globals,
        import_funcs,
        aux,
        aux_at,
        object_data,
    })
}

/// A 32-bit count, then so many items.
fn list<'a, T: crate::seq::Item<'a>>(
    cursor: &mut Cursor<'a>,
    objects: bool,
) -> Result<Seq<'a, T>, ReadError> {
    let count = cursor.u32()?;
    Seq::read(cursor, count, Form::of(objects))
}
