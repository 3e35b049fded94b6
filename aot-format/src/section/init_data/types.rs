//! Types: functions, and in files with garbage collection structures, arrays, supertypes and recursion groups.
//!
//! Spec: `aot-v6.md` A.5.8 (both encodings).

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::seq::{Form, Item};
use crate::value::ValType;

use super::list::{Fields, ReferenceMaps, StorageType, Types, storage};

/// One type with its place among the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubType<'a> {
    /// No type can have it as its supertype.
    pub is_final: bool,
    /// Its supertype. Invariant (read): an earlier type.
    pub parent: Option<u32>,
    /// Types in its recursion group. Invariant (read): not 0, and they are there.
    pub group_len: u16,
    /// Its position in the group. Invariant (read): one after that of the type before, in the group.
    pub group_index: u16,
    /// What it is.
    pub def: TypeDef<'a>,
}

/// What a type is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TypeDef<'a> {
    /// A function.
    Func(FuncType<'a>),
    /// A structure.
    Struct(Fields<'a>),
    /// An array.
    Array(FieldType),
    /// The same as an earlier type. Invariant (read): an earlier index.
    Same(u32),
}

/// A field of a structure, or the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldType {
    /// Whether it can be set.
    pub mutable: bool,
    /// What it holds.
    pub storage: StorageType,
}

/// One function type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FuncType<'a> {
    /// Parameters.
    pub params: Types<'a>,
    /// Results.
    pub results: Types<'a>,
}

impl<'a> FuncType<'a> {
    /// A type of these lists.
    #[must_use]
    pub const fn new(params: &'a [ValType], results: &'a [ValType]) -> FuncType<'a> {
        FuncType {
            params: Types::new(params),
            results: Types::new(results),
        }
    }

    /// The parameters' types.
    pub fn param_types(&self) -> impl Iterator<Item = ValType> + Clone + use<'a> {
        self.params.iter()
    }

    /// The results' types.
    pub fn result_types(&self) -> impl Iterator<Item = ValType> + Clone + use<'a> {
        self.results.iter()
    }
}

impl<'a> SubType<'a> {
    /// A type alone in its group, final, without a supertype: all that files without garbage collection have.
    #[must_use]
    pub const fn alone(def: TypeDef<'a>) -> SubType<'a> {
        SubType {
            is_final: true,
            parent: None,
            group_len: 1,
            group_index: 0,
            def,
        }
    }

    /// A function type by itself.
    #[must_use]
    pub const fn func(params: &'a [ValType], results: &'a [ValType]) -> SubType<'a> {
        SubType::alone(TypeDef::Func(FuncType::new(params, results)))
    }

    /// The function type it is, if it is one.
    #[must_use]
    pub const fn func_type(&self) -> Option<FuncType<'a>> {
        match self.def {
            TypeDef::Func(func) => Some(func),
            _ => None,
        }
    }

    /// Every value type in it.
    pub(crate) fn val_types(&self) -> impl Iterator<Item = ValType> + use<'a> {
        let (func, fields, element) = match self.def {
            TypeDef::Func(func) => (Some(func), None, None),
            TypeDef::Struct(fields) => (None, Some(fields), None),
            TypeDef::Array(element) => (None, None, Some(element)),
            TypeDef::Same(_) => (None, None, None),
        };
        let func = func
            .into_iter()
            .flat_map(|func| func.param_types().chain(func.result_types()));
        let fields = fields.into_iter().flat_map(|fields| fields.iter());
        let storage = fields.chain(element).map(|field| field.storage.unpacked());
        func.chain(storage)
    }
}

/// Numbers of the kinds of types in the file.
const FUNC: u16 = 0;
const STRUCT: u16 = 1;
const ARRAY: u16 = 2;
/// No supertype.
const NO_PARENT: u32 = u32::MAX;

impl<'a> Item<'a> for SubType<'a> {
    const MIN_BYTES: u32 = 6;

    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let flag = cursor.u16()?;
        if !form.objects {
            if flag != FUNC {
                return Err(at.error(ReadErrorKind::TypeFlag(flag)));
            }
            return Ok(SubType::alone(TypeDef::Func(index_func(cursor)?)));
        }
        if cursor.bool()? {
            cursor.u8()?;
            return Ok(SubType::alone(TypeDef::Same(cursor.u32()?)));
        }
        let is_final = cursor.bool()?;
        let parent = Some(cursor.u32()?).filter(|parent| *parent != NO_PARENT);
        let (group_len, group_index) = (cursor.u16()?, cursor.u16()?);
        let def = match flag {
            FUNC => TypeDef::Func(object_func(cursor)?),
            STRUCT => TypeDef::Struct(structure(cursor)?),
            ARRAY => TypeDef::Array(array(cursor)?),
            _ => return Err(at.error(ReadErrorKind::TypeFlag(flag))),
        };
        Ok(SubType {
            is_final,
            parent,
            group_len,
            group_index,
            def,
        })
    }
}

/// Codes that say all, without garbage collection.
fn index_func<'a>(cursor: &mut Cursor<'a>) -> Result<FuncType<'a>, ReadError> {
    let (params, results) = (cursor.u16()?, cursor.u16()?);
    let mut list = |count: u16| {
        let at = *cursor;
        let codes = cursor.bytes(count.into())?;
        let unknown = |code: &&u8| ValType::from_index_code(**code).is_none();
        match codes.iter().find(unknown) {
            Some(code) => Err(at.error(ReadErrorKind::ValType(*code))),
            None => Ok(Types::read(codes, ReferenceMaps::EMPTY)),
        }
    };
    Ok(FuncType {
        params: list(params)?,
        results: list(results)?,
    })
}

fn object_func<'a>(cursor: &mut Cursor<'a>) -> Result<FuncType<'a>, ReadError> {
    let (params, results, maps) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
    let at = *cursor;
    let (params, results) = (cursor.bytes(params.into())?, cursor.bytes(results.into())?);
    let codes = params.iter().chain(results).copied();
    let mut maps = ReferenceMaps::read(cursor, at, maps, codes, false)?;
    let first = Types::read(params, maps.split(params.iter().copied()));
    Ok(FuncType {
        params: first,
        results: Types::read(results, maps),
    })
}

fn structure<'a>(cursor: &mut Cursor<'a>) -> Result<Fields<'a>, ReadError> {
    let (fields, maps) = (cursor.u16()?, cursor.u16()?);
    let at = *cursor;
    let pairs = cursor.bytes(u32::from(fields) * 2)?;
    for flags in pairs.iter().step_by(2) {
        if *flags > 1 {
            return Err(at.error(ReadErrorKind::NotBoolean((*flags).into())));
        }
    }
    let codes = pairs.iter().skip(1).step_by(2).copied();
    let maps = ReferenceMaps::read(cursor, at, maps, codes, true)?;
    Ok(Fields::read(pairs, maps))
}

fn array(cursor: &mut Cursor<'_>) -> Result<FieldType, ReadError> {
    let at = *cursor;
    let mutable = match cursor.u16()? {
        0 => false,
        1 => true,
        other => return Err(at.error(ReadErrorKind::NotBoolean(other.into()))),
    };
    let storage = storage(cursor)?;
    Ok(FieldType { mutable, storage })
}

#[cfg(feature = "alloc")]
impl SubType<'_> {
    pub(crate) fn encode(
        &self,
        sink: &mut crate::sink::Sink,
        objects: bool,
    ) -> Result<(), crate::WriteError> {
        sink.align(4);
        if !objects {
            return match (self.func_type(), *self == SubType::alone(self.def)) {
                (Some(func), true) => func.encode_index(sink),
                _ => Err(crate::WriteError::NeedsObjects),
            };
        }
        if let TypeDef::Same(earlier) = self.def {
            sink.u16(FUNC);
            sink.u8(1);
            sink.u8(0);
            sink.u32(earlier);
            return Ok(());
        }
        sink.u16(match self.def {
            TypeDef::Struct(_) => STRUCT,
            TypeDef::Array(_) => ARRAY,
            _ => FUNC,
        });
        sink.u8(0);
        sink.u8(self.is_final.into());
        sink.u32(self.parent.unwrap_or(NO_PARENT));
        sink.u16(self.group_len);
        sink.u16(self.group_index);
        match self.def {
            TypeDef::Func(func) => func.encode_object(sink),
            TypeDef::Struct(fields) => fields.encode(sink),
            TypeDef::Array(element) => {
                sink.u16(element.mutable.into());
                element.storage.encode(sink);
                Ok(())
            }
            TypeDef::Same(_) => Ok(()),
        }
    }
}

#[cfg(feature = "alloc")]
impl FuncType<'_> {
    fn counts(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        for list in [&self.params, &self.results] {
            sink.u16(arity(list.len())?);
        }
        Ok(())
    }

    fn encode_index(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        sink.u16(FUNC);
        self.counts(sink)?;
        for ty in self.params.iter().chain(self.results.iter()) {
            sink.u8(ty.code());
        }
        Ok(())
    }

    fn encode_object(&self, sink: &mut crate::sink::Sink) -> Result<(), crate::WriteError> {
        self.counts(sink)?;
        let types = || self.params.iter().chain(self.results.iter());
        sink.u16(arity(super::list::maps_of(types()).count())?);
        for ty in types() {
            sink.u8(ty.code());
        }
        super::list::encode_maps(types(), sink)
    }
}

#[cfg(feature = "alloc")]
pub(super) fn arity(count: usize) -> Result<u16, crate::WriteError> {
    u16::try_from(count).map_err(|_| crate::WriteError::TypeArity(count))
}
