//! Tables.
//!
//! Compiled code reads a table in its own instance, where elements are that
//! instance's function indices. A table that is imported has a copy in every
//! importing instance; the owner's is the truth and every write through the
//! runtime goes to all of them. A table the host made has its truth here.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use aot_format::abi::table::{ELEMS, Field};
use aot_format::{Hierarchy, ValType};

use crate::error::InstantiateError;
use crate::layout::{TableSlot, WIDTH};
use crate::limits::Limits;
use crate::reference::{low, null_slot};
use crate::store::{InstanceIdx, Store, StoreId};
use crate::trap::Trap;
use crate::value::{NULL_REF, Value};

/// Most elements of a table the host makes.
const HOST_ELEMENTS: u32 = 10_000_000;

const WORD: usize = size_of::<usize>();

// Offsets in a table, as constants: reading an element is a hot path.
const ELEM_TYPE: usize = Field::ElemType.offset(WIDTH) as usize;
const IS_TABLE64: usize = Field::IsTable64.offset(WIDTH) as usize;
const CUR_SIZE: usize = Field::CurSize.offset(WIDTH) as usize;
const MAX_SIZE: usize = Field::MaxSize.offset(WIDTH) as usize;

/// A table of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    pub(crate) index: u32,
    pub(crate) store: StoreId,
}

/// The type of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableType {
    /// Type of the elements: a reference type.
    pub element: ValType,
    /// Number of elements.
    pub limits: Limits,
    /// Indices have 64 bits.
    pub table64: bool,
}

impl TableType {
    /// A table with 32-bit indices.
    pub const fn new(element: ValType, min: u64, max: Option<u64>) -> TableType {
        TableType {
            element,
            limits: Limits { min, max },
            table64: false,
        }
    }

    /// The same with 64-bit indices, or not.
    pub const fn with_table64(self, table64: bool) -> TableType {
        TableType { table64, ..self }
    }

    /// Whether a table of this type (the current size as minimum) may be
    /// imported where `wanted` is declared.
    pub fn fits(&self, wanted: &TableType) -> bool {
        self.element == wanted.element
            && self.table64 == wanted.table64
            && self.limits.fits(&wanted.limits)
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.table64 {
            f.write_str("64-bit ")?;
        }
        write!(f, "table of {} {}", self.limits, self.element)
    }
}

/// A copy of a table inside an instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mirror {
    pub(crate) instance: InstanceIdx,
    pub(crate) slot: TableSlot,
}

/// Where the elements are.
pub(crate) enum Home {
    /// Here, in the store's form.
    Host(Vec<u64>),
    /// In the instance that defines it.
    Instance(Mirror),
}

/// A table and its copies.
pub(crate) struct TableEntry {
    /// Its type, with the store's type numbers.
    pub(crate) ty: TableType,
    /// The family of the elements.
    pub(crate) family: Hierarchy,
    pub(crate) home: Home,
    pub(crate) mirrors: Vec<Mirror>,
}

impl TableEntry {
    /// The copies compiled code reads, the owner's first.
    pub(crate) fn copies(&self) -> impl Iterator<Item = Mirror> {
        let own = match &self.home {
            Home::Host(_) => None,
            Home::Instance(mirror) => Some(*mirror),
        };
        own.into_iter().chain(self.mirrors.iter().copied())
    }
}

impl Mirror {
    fn element(self, index: u32) -> usize {
        self.slot.offset + ELEMS as usize + index as usize * WORD
    }

    /// Writes the header and null elements.
    pub(crate) fn init(self, store: &Store, ty: &TableType, size: u32) {
        let block = &store.instance(self.instance).block;
        block.write(self.slot.offset + ELEM_TYPE, &[ty.element.code()]);
        block.write(self.slot.offset + IS_TABLE64, &[u8::from(ty.table64)]);
        block.set_u32(self.slot.offset + CUR_SIZE, size);
        block.set_u32(self.slot.offset + MAX_SIZE, self.slot.room);
        let null = match ty
            .element
            .reference()
            .map(|element| store.types.hierarchy(element.heap))
        {
            Some(family) if store.has_words(self.instance, family) => 0,
            _ => usize::MAX,
        };
        for index in 0..self.slot.room {
            block.set_word(self.element(index), null);
        }
    }

    pub(crate) fn size(self, store: &Store) -> u32 {
        store
            .instance(self.instance)
            .block
            .u32(self.slot.offset + CUR_SIZE)
            .min(self.slot.room)
    }

    fn set_size(self, store: &Store, size: u32) {
        store
            .instance(self.instance)
            .block
            .set_u32(self.slot.offset + CUR_SIZE, size);
    }

    /// The word of an element.
    pub(crate) fn word(self, store: &Store, index: u32) -> usize {
        let block = &store.instance(self.instance).block;
        block.word(self.element(index))
    }

    /// The element as compiled code wrote it: its low 32 bits.
    pub(crate) fn read(self, store: &Store, index: u32) -> Option<u32> {
        if index >= self.size(store) {
            return None;
        }
        u32::try_from(self.word(store, index) & 0xFFFF_FFFF).ok()
    }

    /// Writes an element in the form of the instance: an index or key, or a word.
    fn put(self, store: &Store, index: u32, family: Hierarchy, local: u64) {
        if store.has_words(self.instance, family) {
            let word = usize::try_from(local).unwrap_or(0);
            let block = &store.instance(self.instance).block;
            return block.set_word(self.element(index), word);
        }
        self.write(store, index, low(local));
    }

    /// Writes an element as compiled code would.
    pub(crate) fn write(self, store: &Store, index: u32, local: u32) {
        let word = if local == NULL_REF {
            usize::MAX
        } else {
            local as usize
        };
        store
            .instance(self.instance)
            .block
            .set_word(self.element(index), word);
    }
}

/// Operations on tables by number; elements in the store's form.
impl Store {
    #[expect(
        clippy::indexing_slicing,
        reason = "numbers are positions; tables are never removed"
    )]
    pub(crate) fn table(&self, table: u32) -> &TableEntry {
        &self.tables[table as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "as `table`")]
    pub(crate) fn table_mut(&mut self, table: u32) -> &mut TableEntry {
        &mut self.tables[table as usize]
    }

    /// An instance's own table, if no other instance has a copy of it.
    pub(crate) fn private_table(&self, table: u32, instance: InstanceIdx) -> Option<Mirror> {
        let entry = self.table(table);
        match entry.home {
            Home::Instance(mirror) if mirror.instance == instance && entry.mirrors.is_empty() => {
                Some(mirror)
            }
            _ => None,
        }
    }

    /// Current number of elements.
    pub(crate) fn table_size(&self, table: u32) -> u32 {
        match &self.table(table).home {
            Home::Host(elements) => u32::try_from(elements.len()).unwrap_or(u32::MAX),
            Home::Instance(mirror) => mirror.size(self),
        }
    }

    /// An element, or `None` beyond the end.
    pub(crate) fn table_get(&mut self, table: u32, index: u32) -> Option<u64> {
        let entry = self.table(table);
        let mirror = match &entry.home {
            Home::Host(elements) => return elements.get(index as usize).copied(),
            Home::Instance(mirror) => *mirror,
        };
        let family = entry.family;
        if index >= mirror.size(self) {
            return None;
        }
        let word = mirror.word(self, index) as u64;
        Some(self.globalize(mirror.instance, family, word))
    }

    /// Writes an element to all copies; the index must be inside.
    pub(crate) fn table_set(&mut self, table: u32, index: u32, value: u64) -> Result<(), Trap> {
        let entry = self.table_mut(table);
        let family = entry.family;
        if let Home::Host(elements) = &mut entry.home
            && let Some(element) = elements.get_mut(index as usize)
        {
            *element = value;
        }
        if let (Home::Instance(mirror), true) = (&entry.home, entry.mirrors.is_empty()) {
            let mirror = *mirror;
            let local = self.localize(mirror.instance, family, value)?;
            mirror.put(self, index, family, local);
            return Ok(());
        }
        let copies: Vec<Mirror> = self.table(table).copies().collect();
        for mirror in copies {
            let local = self.localize(mirror.instance, family, value)?;
            mirror.put(self, index, family, local);
        }
        Ok(())
    }

    /// Grows all copies by `delta` elements; the old size, or `None` if one of
    /// them has no room or the limits forbid it.
    pub(crate) fn table_grow(&mut self, table: u32, delta: u32, value: u64) -> Option<u32> {
        let old = self.table_size(table);
        let size = old.checked_add(delta)?;
        let entry = self.table(table);
        let room = entry
            .copies()
            .map(|copy| copy.slot.room)
            .min()
            .unwrap_or(HOST_ELEMENTS);
        let max = entry.ty.limits.max.unwrap_or(u64::MAX);
        if size > room || u64::from(size) > max {
            return None;
        }
        if let Home::Host(elements) = &mut self.table_mut(table).home {
            elements.try_reserve(delta as usize).ok()?;
            elements.resize(size as usize, value);
        }
        let copies: Vec<Mirror> = self.table(table).copies().collect();
        for mirror in copies {
            mirror.set_size(self, size);
        }
        for index in old..size {
            self.table_set(table, index, value).ok()?;
        }
        Some(old)
    }

    /// Copies elements inside one table that no other instance copies, as
    /// compiled code sees them; false if the tables are not of that kind.
    pub(crate) fn table_move(
        &mut self,
        target: u32,
        source: u32,
        to: u32,
        from: u32,
        count: u32,
    ) -> bool {
        let (Home::Instance(target_home), Home::Instance(source_home)) =
            (&self.table(target).home, &self.table(source).home)
        else {
            return false;
        };
        let alone = self.table(target).mirrors.is_empty();
        if !alone || target_home.instance != source_home.instance {
            return false;
        }
        let block = &self.instance(target_home.instance).block;
        block.copy_within(
            source_home.element(from),
            target_home.element(to),
            count as usize * WORD,
        );
        true
    }
}

impl Table {
    /// A table of the host's with as many null elements as the type says at least.
    ///
    /// # Errors
    /// [`InstantiateError::TableTooLarge`], or an element type that is no reference.
    pub fn new(store: &mut Store, ty: TableType) -> Result<Table, InstantiateError> {
        let Limits { min, max } = ty.limits;
        let size = u32::try_from(min).unwrap_or(u32::MAX);
        if !ty.element.is_reference() || size > HOST_ELEMENTS || max.is_some_and(|max| max < min) {
            return Err(InstantiateError::TableTooLarge {
                size,
                room: HOST_ELEMENTS,
            });
        }
        let family = store.family(ty.element).unwrap_or(Hierarchy::Any);
        let home = Home::Host(vec![null_slot(family); size as usize]);
        Ok(Table::add(
            store,
            TableEntry {
                ty,
                family,
                home,
                mirrors: Vec::new(),
            },
        ))
    }

    pub(crate) fn add(store: &mut Store, entry: TableEntry) -> Table {
        store.tables.push(entry);
        let index = u32::try_from(store.tables.len() - 1).unwrap_or(u32::MAX);
        Table {
            index,
            store: store.id(),
        }
    }

    /// The type; its minimum is the current size.
    ///
    /// # Panics
    /// If the handle belongs to another store (so do all methods here).
    pub fn ty(&self, store: &Store) -> TableType {
        store.check(self.store);
        let ty = store.table(self.index).ty;
        let limits = Limits {
            min: store.table_size(self.index).into(),
            max: ty.limits.max,
        };
        TableType { limits, ..ty }
    }

    /// The type of the elements.
    pub fn element(&self, store: &Store) -> ValType {
        store.check(self.store);
        store.table(self.index).ty.element
    }

    /// The number of elements.
    pub fn size(&self, store: &Store) -> u32 {
        store.check(self.store);
        store.table_size(self.index)
    }

    /// An element; `None` beyond the end.
    pub fn get(&self, store: &mut Store, index: u32) -> Option<Value> {
        let element = self.element(store);
        let word = store.table_get(self.index, index)?;
        Some(Value::from_slots(element, [word, 0], store))
    }

    /// Sets an element.
    ///
    /// # Errors
    /// [`Trap`] beyond the end or for a value of another type.
    pub fn set(&self, store: &mut Store, index: u32, value: Value) -> Result<(), Trap> {
        let word = self.word(store, value)?;
        if index >= store.table_size(self.index) {
            return Err(Trap::Wasm(crate::trap::TrapId::OutOfBoundsTableAccess));
        }
        store.settle(|store| store.table_set(self.index, index, word))
    }

    /// Grows by `delta` elements of this value and returns the old size;
    /// `None` if refused.
    ///
    /// # Errors
    /// [`Trap`] for a value of another type.
    pub fn grow(&self, store: &mut Store, delta: u32, value: Value) -> Result<Option<u32>, Trap> {
        let word = self.word(store, value)?;
        store.settle(|store| Ok(store.table_grow(self.index, delta, word)))
    }

    /// A reference as the table keeps it.
    fn word(self, store: &Store, value: Value) -> Result<u64, Trap> {
        if !store.fits(value, self.element(store)) {
            return Err(Trap::host("the value's type is not the table's"));
        }
        Ok(value.to_slots(store)[0])
    }
}
