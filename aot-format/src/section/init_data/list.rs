//! Lists of value types and of fields inside type definitions, and the reference maps that complete them.
//!
//! A list is one byte per type; types that a byte cannot say (`0x63`, `0x64`) have a reference map behind the list, in
//! order. Reading checks the maps once; iterating takes them one after the other.
//!
//! Spec: `aot-v6.md` A.5.8.

use core::fmt;

use super::types::FieldType;
use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::value::{HeapType, RefType, ValType};

/// Value types in order: in the file, or a slice to be written.
#[derive(Clone, Copy)]
pub struct Types<'a>(Repr<'a>);

#[derive(Clone, Copy)]
enum Repr<'a> {
    Slice(&'a [ValType]),
    /// Invariant: as many maps as codes that need one.
    File(&'a [u8], ReferenceMaps<'a>),
}

/// Fields in order: in the file, or a slice to be written.
#[derive(Clone, Copy)]
pub struct Fields<'a>(FieldRepr<'a>);

#[derive(Clone, Copy)]
enum FieldRepr<'a> {
    Slice(&'a [FieldType]),
    /// Flags and code of each; invariant as [`Repr::File`].
    File(&'a [u8], ReferenceMaps<'a>),
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageType {
    /// Eight bits of an i32.
    I8,
    /// Sixteen bits of an i32.
    I16,
    /// A value.
    Val(ValType),
}

const I8: u8 = 0x78;
const I16: u8 = 0x77;

/// Bytes of a reference map: position, code, nullability, heap type.
const MAP_BYTES: u32 = 8;

/// Heap types of the codes that do not say them.
#[derive(Clone, Copy)]
pub(super) struct ReferenceMaps<'a>(&'a [u8]);

impl StorageType {
    /// The type of the operand that reads or writes it.
    #[must_use]
    pub const fn unpacked(self) -> ValType {
        match self {
            StorageType::I8 | StorageType::I16 => ValType::I32,
            StorageType::Val(ty) => ty,
        }
    }

    #[cfg(feature = "alloc")]
    const fn code(self) -> u8 {
        match self {
            StorageType::I8 => I8,
            StorageType::I16 => I16,
            StorageType::Val(ty) => ty.code(),
        }
    }

    /// The type of a code, with its heap type if it needs one.
    fn of(code: u8, maps: &mut ReferenceMaps<'_>) -> Option<StorageType> {
        Some(match code {
            I8 => StorageType::I8,
            I16 => StorageType::I16,
            _ => StorageType::Val(maps.val_type(code)?),
        })
    }
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageType::I8 => f.write_str("i8"),
            StorageType::I16 => f.write_str("i16"),
            StorageType::Val(ty) => ty.fmt(f),
        }
    }
}

impl<'a> ReferenceMaps<'a> {
    pub(super) const EMPTY: ReferenceMaps<'static> = ReferenceMaps(&[]);

    /// Reads the maps of a list of codes that starts at `list`; the codes are checked as well.
    pub(super) fn read(
        cursor: &mut Cursor<'a>,
        list: Cursor<'a>,
        count: u16,
        codes: impl Iterator<Item = u8>,
        packed: bool,
    ) -> Result<ReferenceMaps<'a>, ReadError> {
        cursor.align(4);
        let start = *cursor;
        let mut left = count;
        for (position, code) in (0_u32..).zip(codes) {
            if !is_long(code) {
                let known =
                    ValType::from_code(code).is_some() || packed && matches!(code, I8 | I16);
                if !known {
                    return Err(list.error(ReadErrorKind::ValType(code)));
                }
                continue;
            }
            let at = *cursor;
            let error = ReadErrorKind::ReferenceMap;
            left = left.checked_sub(1).ok_or(at.error(error))?;
            let found = (cursor.u16()?, cursor.u8()?, cursor.u8()?);
            let nullable = u8::from(code == RefType::NULL);
            let heap = cursor.u32()?;
            if u32::from(found.0) != position || found.1 != code || found.2 != nullable {
                return Err(at.error(error));
            }
            HeapType::from_word(heap).ok_or(at.error(ReadErrorKind::HeapType(heap)))?;
        }
        if left > 0 {
            return Err(start.error(ReadErrorKind::ReferenceMap));
        }
        let mut maps = start;
        maps.bytes(u32::from(count) * MAP_BYTES).map(ReferenceMaps)
    }

    /// The maps of the first codes; the rest stays.
    pub(super) fn split(&mut self, codes: impl Iterator<Item = u8>) -> ReferenceMaps<'a> {
        let count = codes.filter(|code| is_long(*code)).count() * MAP_BYTES as usize;
        let (first, rest) = self.0.split_at_checked(count).unwrap_or((self.0, &[]));
        self.0 = rest;
        ReferenceMaps(first)
    }

    /// The type of the next code of the list.
    fn val_type(&mut self, code: u8) -> Option<ValType> {
        if !is_long(code) {
            return ValType::from_code(code);
        }
        let (map, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        let [.., a, b, c, d] = *map;
        let heap = HeapType::from_word(u32::from_le_bytes([a, b, c, d]))?;
        Some(ValType::Ref(long(code, heap)))
    }
}

fn is_long(code: u8) -> bool {
    matches!(code, RefType::NULL | RefType::NON_NULL)
}

fn long(code: u8, heap: HeapType) -> RefType {
    RefType {
        nullable: code == RefType::NULL,
        heap,
    }
}

/// Reads a code, and nullability and heap type behind it if it needs them (elements of arrays).
pub(super) fn storage(cursor: &mut Cursor<'_>) -> Result<StorageType, ReadError> {
    let at = *cursor;
    let code = cursor.u8()?;
    if !is_long(code) {
        let ty = StorageType::of(code, &mut ReferenceMaps(&[]));
        return ty.ok_or(at.error(ReadErrorKind::ValType(code)));
    }
    let nullable = cursor.bool()?;
    let heap = heap_type(cursor)?;
    if nullable != (code == RefType::NULL) {
        return Err(at.error(ReadErrorKind::ReferenceMap));
    }
    Ok(StorageType::Val(ValType::Ref(long(code, heap))))
}

/// Reads a heap type.
pub(super) fn heap_type(cursor: &mut Cursor<'_>) -> Result<HeapType, ReadError> {
    cursor.align(4);
    let at = *cursor;
    let word = cursor.u32()?;
    HeapType::from_word(word).ok_or(at.error(ReadErrorKind::HeapType(word)))
}

impl<'a> Types<'a> {
    /// Types to be written.
    #[must_use]
    pub const fn new(types: &'a [ValType]) -> Types<'a> {
        Types(Repr::Slice(types))
    }

    pub(super) const fn read(codes: &'a [u8], maps: ReferenceMaps<'a>) -> Types<'a> {
        Types(Repr::File(codes, maps))
    }

    /// Number of types.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self.0 {
            Repr::Slice(types) => types.len(),
            Repr::File(codes, _) => codes.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The types in order.
    pub fn iter(&self) -> impl Iterator<Item = ValType> + Clone + use<'a> {
        let (types, codes, mut maps): (&[ValType], &[u8], _) = match self.0 {
            Repr::Slice(types) => (types, &[], ReferenceMaps(&[])),
            Repr::File(codes, maps) => (&[], codes, maps),
        };
        let read = codes.iter().map_while(move |code| maps.val_type(*code));
        types.iter().copied().chain(read)
    }
}

impl<'a> Fields<'a> {
    /// Fields to be written.
    #[must_use]
    pub const fn new(fields: &'a [FieldType]) -> Fields<'a> {
        Fields(FieldRepr::Slice(fields))
    }

    pub(super) const fn read(pairs: &'a [u8], maps: ReferenceMaps<'a>) -> Fields<'a> {
        Fields(FieldRepr::File(pairs, maps))
    }

    /// Number of fields.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self.0 {
            FieldRepr::Slice(fields) => fields.len(),
            FieldRepr::File(pairs, _) => pairs.len() / 2,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = FieldType> + Clone + use<'a> {
        let (fields, pairs, mut maps): (&[FieldType], &[u8], _) = match self.0 {
            FieldRepr::Slice(fields) => (fields, &[], ReferenceMaps(&[])),
            FieldRepr::File(pairs, maps) => (&[], pairs, maps),
        };
        let read = pairs.chunks_exact(2).map_while(move |pair| match *pair {
            [flags, code] => Some(FieldType {
                mutable: flags == 1,
                storage: StorageType::of(code, &mut maps)?,
            }),
            _ => None,
        });
        fields.iter().copied().chain(read)
    }
}

impl<'a> From<&'a [ValType]> for Types<'a> {
    fn from(types: &'a [ValType]) -> Self {
        Types::new(types)
    }
}

impl<'a> From<&'a [FieldType]> for Fields<'a> {
    fn from(fields: &'a [FieldType]) -> Self {
        Fields::new(fields)
    }
}

impl PartialEq for Types<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl PartialEq for Fields<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Types<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Position and type of each that needs a map.
#[cfg(feature = "alloc")]
pub(super) fn maps_of(
    types: impl Iterator<Item = ValType>,
) -> impl Iterator<Item = (usize, RefType)> {
    let references = types.enumerate();
    references.filter_map(|(position, ty)| match ty.reference() {
        Some(reference) if is_long(reference.code()) => Some((position, reference)),
        _ => None,
    })
}

#[cfg(feature = "alloc")]
pub(super) fn encode_maps(
    types: impl Iterator<Item = ValType>,
    sink: &mut crate::sink::Sink,
) -> Result<(), crate::WriteError> {
    sink.align(4);
    for (position, reference) in maps_of(types) {
        sink.u16(super::types::arity(position)?);
        sink.u8(reference.code());
        sink.u8(reference.nullable.into());
        sink.u32(reference.heap.word());
    }
    Ok(())
}

#[cfg(feature = "alloc")]
impl Fields<'_> {
    pub(super) fn encode(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        let types = || self.iter().map(|field| field.storage.unpacked());
        sink.u16(super::types::arity(self.len())?);
        sink.u16(super::types::arity(maps_of(types()).count())?);
        for field in self.iter() {
            sink.u8(field.mutable.into());
            sink.u8(field.storage.code());
        }
        encode_maps(types(), sink)
    }
}

#[cfg(feature = "alloc")]
impl StorageType {
    /// Writes the code, with nullability and heap type if it needs them.
    pub(super) fn encode(self, sink: &mut crate::sink::Sink) {
        sink.u8(self.code());
        if let StorageType::Val(ValType::Ref(reference)) = self
            && is_long(reference.code())
        {
            sink.u8(reference.nullable.into());
            sink.align(4);
            sink.u32(reference.heap.word());
        }
    }
}
