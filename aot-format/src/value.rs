//! Value types, with their codes.
//!
//! Reference types are a heap type with nullability. Most abstract ones have a code of one byte of their own; the others
//! (non-null or concrete) are written as [`RefType::NULL`] or [`RefType::NON_NULL`] with the heap type beside them.
//!
//! Spec: `aot-v6.md` A.5.2 (the codes of the wasm specification); those of exceptions are ours, as wasm has them.

use targets::PtrWidth;

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::seq::{Form, Item};

/// A value type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// Reference.
    Ref(RefType),
}

/// A reference type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefType {
    /// Whether null belongs to it.
    pub nullable: bool,
    /// What is referred to.
    pub heap: HeapType,
}

/// What a reference refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HeapType {
    /// Any function.
    Func,
    /// No function.
    NoFunc,
    /// Anything of the host's.
    Extern,
    /// Nothing of the host's.
    NoExtern,
    /// Anything of wasm's but functions and exceptions.
    Any,
    /// What can be compared.
    Eq,
    /// Integers of 31 bits.
    I31,
    /// Any structure.
    Struct,
    /// Any array.
    Array,
    /// Nothing below `any`.
    None,
    /// Any exception.
    Exn,
    /// No exception.
    NoExn,
    /// The type of this index: of the module in a file, of the store in the runtime.
    Concrete(u32),
}

/// The families of reference types: no value belongs to two of them (but null to all).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hierarchy {
    /// Below `any`.
    Any,
    /// Below `func`.
    Func,
    /// Below `extern`.
    Extern,
    /// Below `exn`.
    Exn,
}

/// How references appear in code, cells, globals and tables of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Representation {
    /// 32-bit function indices and keys; exceptions as addresses.
    Index,
    /// Addresses of objects; the file has the garbage-collection bit.
    Object,
}

/// A representation on a machine: what sizes depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct References {
    /// What references are.
    pub representation: Representation,
    /// The machine's pointers.
    pub width: PtrWidth,
}

/// Grammar: `abstracts! { (VARIANT CODE HEAP "name" "null name";)* }`. The line
/// `Func 0x70 -16 "func" "funcref";` makes `0x70` the code of `(ref null func)`, `-16` its heap type, and gives the names.
macro_rules! abstracts {
    ($($variant:ident $code:literal $heap:literal $name:literal $null:literal;)*) => {
        impl HeapType {
            /// The abstract ones.
            pub const ABSTRACT: &'static [HeapType] = &[$(HeapType::$variant,)*];

            /// The word in the file: an index, or a negative number.
            #[must_use]
            pub const fn word(self) -> u32 {
                match self {
                    $(HeapType::$variant => { let number: i32 = $heap; number.cast_unsigned() })*
                    HeapType::Concrete(index) => index,
                }
            }

            /// The heap type of a word.
            #[must_use]
            pub const fn from_word(word: u32) -> Option<HeapType> {
                match word.cast_signed() {
                    $($heap => Some(HeapType::$variant),)*
                    index if index >= 0 => Some(HeapType::Concrete(word)),
                    _ => None,
                }
            }

            /// Name in wasm text; none for concrete ones.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self { $(HeapType::$variant => Some($name),)* HeapType::Concrete(_) => None }
            }
        }

        impl RefType {
            const fn short(self) -> Option<(u8, &'static str)> {
                match self.heap {
                    _ if !self.nullable => None,
                    $(HeapType::$variant => Some(($code, $null)),)*
                    HeapType::Concrete(_) => None,
                }
            }

            const fn from_short(code: u8) -> Option<RefType> {
                let heap = match code { $($code => HeapType::$variant,)* _ => return None };
                Some(RefType { nullable: true, heap })
            }
        }
    };
}

#[rustfmt::skip]
abstracts! {
    NoExn 0x74 -12 "noexn" "nullexnref";
    NoFunc 0x73 -13 "nofunc" "nullfuncref";
    NoExtern 0x72 -14 "noextern" "nullexternref";
    None 0x71 -15 "none" "nullref";
    Func 0x70 -16 "func" "funcref";
    Extern 0x6F -17 "extern" "externref";
    Any 0x6E -18 "any" "anyref";
    Eq 0x6D -19 "eq" "eqref";
    I31 0x6C -20 "i31" "i31ref";
    Struct 0x6B -21 "struct" "structref";
    Array 0x6A -22 "array" "arrayref";
    Exn 0x69 -23 "exn" "exnref";
}

impl HeapType {
    /// What a file of stock's does not say (A.5.9).
    pub const UNKNOWN: HeapType = HeapType::Concrete(i32::MAX.cast_unsigned());

    /// The family; `None` for a concrete type, which belongs where its definition says.
    #[must_use]
    pub const fn hierarchy(self) -> Option<Hierarchy> {
        Some(match self {
            HeapType::Func | HeapType::NoFunc => Hierarchy::Func,
            HeapType::Extern | HeapType::NoExtern => Hierarchy::Extern,
            HeapType::Exn | HeapType::NoExn => Hierarchy::Exn,
            HeapType::Concrete(_) => return None,
            _ => Hierarchy::Any,
        })
    }
}

impl<'a> Item<'a> for HeapType {
    const MIN_BYTES: u32 = 4;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let word = cursor.u32()?;
        HeapType::from_word(word).ok_or(at.error(ReadErrorKind::HeapType(word)))
    }
}

impl core::fmt::Display for HeapType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match (self.name(), self) {
            (Some(name), _) => f.write_str(name),
            (None, HeapType::Concrete(index)) => write!(f, "{index}"),
            (None, _) => Ok(()),
        }
    }
}

impl RefType {
    /// Code of a nullable reference whose heap type stands beside it.
    pub const NULL: u8 = 0x63;
    /// Code of a non-null reference, whose heap type stands beside it.
    pub const NON_NULL: u8 = 0x64;
    /// `funcref`.
    pub const FUNC: RefType = RefType::nullable(HeapType::Func);
    /// `externref`.
    pub const EXTERN: RefType = RefType::nullable(HeapType::Extern);
    /// `anyref`.
    pub const ANY: RefType = RefType::nullable(HeapType::Any);
    /// `exnref`.
    pub const EXN: RefType = RefType::nullable(HeapType::Exn);

    /// `(ref null heap)`.
    #[must_use]
    pub const fn nullable(heap: HeapType) -> RefType {
        RefType {
            nullable: true,
            heap,
        }
    }

    /// `(ref heap)`.
    #[must_use]
    pub const fn non_null(heap: HeapType) -> RefType {
        RefType {
            nullable: false,
            heap,
        }
    }

    /// The code in the file: one byte that says all, or [`RefType::NULL`] or [`RefType::NON_NULL`].
    #[must_use]
    pub const fn code(self) -> u8 {
        match self.short() {
            Some((code, _)) => code,
            None if self.nullable => RefType::NULL,
            None => RefType::NON_NULL,
        }
    }

    /// Whether files without the garbage-collection bit can have it: `funcref`, `externref`, `exnref`.
    #[must_use]
    pub const fn is_index(self) -> bool {
        self.nullable && matches!(self.heap, HeapType::Func | HeapType::Extern | HeapType::Exn)
    }
}

impl core::fmt::Display for RefType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.short() {
            Some((_, name)) => f.write_str(name),
            None if self.nullable => write!(f, "(ref null {})", self.heap),
            None => write!(f, "(ref {})", self.heap),
        }
    }
}

impl ValType {
    /// `funcref`.
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNC);
    /// `externref`.
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERN);
    /// `anyref`.
    pub const ANYREF: ValType = ValType::Ref(RefType::ANY);
    /// `exnref`.
    pub const EXNREF: ValType = ValType::Ref(RefType::EXN);

    /// Every one that files of all kinds can have, in the order of the codes.
    pub const ALL: &'static [ValType] = &[
        ValType::I32,
        ValType::I64,
        ValType::F32,
        ValType::F64,
        ValType::V128,
        ValType::FUNCREF,
        ValType::EXTERNREF,
    ];

    /// The code in the file (see [`RefType::code`]).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            ValType::I32 => 0x7F,
            ValType::I64 => 0x7E,
            ValType::F32 => 0x7D,
            ValType::F64 => 0x7C,
            ValType::V128 => 0x7B,
            ValType::Ref(reference) => reference.code(),
        }
    }

    /// The type of this code, if the code says all.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<ValType> {
        Some(match code {
            0x7F => ValType::I32,
            0x7E => ValType::I64,
            0x7D => ValType::F32,
            0x7C => ValType::F64,
            0x7B => ValType::V128,
            _ => match RefType::from_short(code) {
                Some(reference) => ValType::Ref(reference),
                None => return None,
            },
        })
    }

    /// The type of this code in a file without the garbage-collection bit.
    #[must_use]
    pub const fn from_index_code(code: u8) -> Option<ValType> {
        match ValType::from_code(code) {
            Some(ValType::Ref(reference)) if !reference.is_index() => None,
            ty => ty,
        }
    }

    /// Bytes a value takes in the packed globals, where references are indices (exceptions are counted as addresses
    /// of 64 bits); [`ValType::size_in`] knows all representations.
    #[must_use]
    pub const fn size(self) -> u32 {
        self.size_in(References {
            representation: Representation::Index,
            width: PtrWidth::W64,
        })
    }

    /// Bytes a value takes in the packed globals.
    #[must_use]
    pub const fn size_in(self, references: References) -> u32 {
        match self {
            ValType::I32 | ValType::F32 => 4,
            ValType::I64 | ValType::F64 => 8,
            ValType::V128 => 16,
            ValType::Ref(reference) => references.size(reference),
        }
    }

    /// Cells of 32 bits a value takes in argument arrays, where [`ValType::size`] holds.
    #[must_use]
    pub const fn cells(self) -> u32 {
        self.size() / 4
    }

    /// Cells of 32 bits a value takes in argument arrays.
    #[must_use]
    pub const fn cells_in(self, references: References) -> u32 {
        self.size_in(references) / 4
    }

    /// Whether the code leaves the heap type unsaid.
    pub(crate) fn has_long_code(self) -> bool {
        matches!(self.code(), RefType::NULL | RefType::NON_NULL)
    }

    /// The type with its heap type, if it is unknown so far, from a list.
    pub(crate) fn complete(self, heap_types: &mut impl Iterator<Item = HeapType>) -> ValType {
        match self {
            ValType::Ref(reference) if self.has_long_code() => ValType::Ref(RefType {
                heap: heap_types.next().unwrap_or(reference.heap),
                ..reference
            }),
            other => other,
        }
    }

    /// Whether it is a reference type.
    #[must_use]
    pub const fn is_reference(self) -> bool {
        self.reference().is_some()
    }

    /// The reference type it is.
    #[must_use]
    pub const fn reference(self) -> Option<RefType> {
        match self {
            ValType::Ref(reference) => Some(reference),
            _ => None,
        }
    }

    /// A code alone. The heap type of a long one stands elsewhere: it comes out as [`HeapType::UNKNOWN`].
    pub(crate) fn decode(cursor: &mut Cursor<'_>, form: Form<'_>) -> Result<ValType, ReadError> {
        let at = *cursor;
        let code = cursor.u8()?;
        let ty = match code {
            RefType::NULL | RefType::NON_NULL if form.objects => Some(ValType::Ref(RefType {
                nullable: code == RefType::NULL,
                heap: HeapType::UNKNOWN,
            })),
            _ if form.objects => ValType::from_code(code),
            _ => ValType::from_index_code(code),
        };
        ty.ok_or(at.error(ReadErrorKind::ValType(code)))
    }
}

impl References {
    /// Bytes of a reference.
    #[must_use]
    pub const fn size(self, reference: RefType) -> u32 {
        match (self.representation, reference.heap) {
            (Representation::Index, HeapType::Exn | HeapType::NoExn)
            | (Representation::Object, _) => self.width.bytes(),
            (Representation::Index, _) => 4,
        }
    }
}

impl core::fmt::Display for ValType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            ValType::I32 => "i32",
            ValType::I64 => "i64",
            ValType::F32 => "f32",
            ValType::F64 => "f64",
            ValType::V128 => "v128",
            ValType::Ref(reference) => return reference.fmt(f),
        })
    }
}
