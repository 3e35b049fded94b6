//! Our own section: what a file relies on, which stock files leave unsaid, and what dynamic calls need.
//!
//! It is a raw custom section named `wamrc`, which stock loaders ignore. A file without one is stock's (or was stripped)
//! and is judged by policy. A loader refuses versions and [`Relies`] bits it does not know.
//!
//! Layout, each field aligned as everywhere: `u16` version, `u16` float ABI, `u32` relies, strings CPU, features,
//! compiler; then four lists each a `u32` count and its items: thunks `{u32 type, u64 offset}`, link imports
//! `{u16 kind, u16 0, u32 index, string module, string name}`, memory limits and table limits `{u32 has max, u64 min,
//! u64 max}`. A file that relies on garbage collection has a fifth one: the heap types, a `u32` each, of the globals
//! (imported ones first) whose type code does not say it.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::seq::{Form, Item, Seq};
use crate::value::HeapType;

/// Name of the custom section.
pub const NAME: &str = "wamrc";

/// Version of the record this crate writes, and the only one it reads.
pub const VERSION: u16 = 1;

/// What a file of ours says about itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record<'a> {
    /// What a runtime must provide.
    pub relies: Relies,
    /// How floats are passed.
    pub float_abi: FloatAbi,
    /// CPU the code was compiled for, as LLVM spells it.
    pub cpu: &'a str,
    /// CPU features beyond it, as LLVM spells them.
    pub features: &'a str,
    /// Compiler and its version.
    pub compiler: &'a str,
    /// Entry thunks, by ascending type index.
    pub thunks: Seq<'a, EntryThunk>,
    /// Where imported memories and tables come from (the container only counts them).
    pub link_imports: Seq<'a, LinkImport<'a>>,
    /// Limits of each memory as the module declares them (the container's may be adjusted). Empty without memories.
    pub memory_limits: Seq<'a, DeclaredLimits>,
    /// Limits of each table as the module declares them.
    pub table_limits: Seq<'a, DeclaredLimits>,
}

/// What a runtime must provide: a set of bits. A runtime refuses a file with a bit it does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relies(pub u32);

/// Grammar: `relies! { (/// doc BIT CONSTANT NAME;)* }`. `/// Doc. 0 GUARD_PAGES "guard pages";` becomes
/// `Relies::GUARD_PAGES` with bit 0 and that name in messages.
macro_rules! relies {
    ($($(#[doc = $doc:literal])+ $bit:literal $const:ident $name:literal;)*) => {
        impl Relies {
            $($(#[doc = $doc])+ pub const $const: Relies = Relies(1 << $bit);)*

            /// Every known bit with its name.
            pub const ALL: &'static [(Relies, &'static str)] = &[$((Relies::$const, $name),)*];
        }
    };
}

relies! {
    /// Memory accesses are not checked: 8 GiB must be reserved per memory and faults there be traps.
    0 GUARD_PAGES "guard pages";
    /// Runtime functions that raise a trap do not return.
    1 UNWINDING_TRAPS "unwinding traps";
    /// Functions do not check the native stack: a guard must catch its overflow.
    2 STACK_GUARD "native stack guard";
    /// Imported globals are accessed through the pointers at [`Field::ImportedGlobals`](crate::abi::instance::Field).
    3 IMPORTED_GLOBAL_CELLS "imported global cells";
    /// Calls through shared tables may pass function indices beyond the index space to `aot_call_indirect`.
    4 FOREIGN_FUNCTIONS "foreign functions";
    /// Functions pass each other arguments in the area between
    /// [`WasmStackBottom`](crate::abi::exec_env::Field::WasmStackBottom) and its end.
    5 ARGUMENT_AREA "argument area";
    /// Memories or tables with 64-bit addresses.
    6 MEMORY64 "64-bit memories";
    /// Memories other than the first are used.
    7 MULTI_MEMORY "several memories";
    /// References are objects of a garbage-collected heap, and the instance holds its run-time types.
    8 GARBAGE_COLLECTION "garbage collection";
    /// Memories with pages of one byte.
    9 CUSTOM_PAGE_SIZES "custom page sizes";
    /// Memories that threads share.
    10 THREADS "threads";
    /// Throws or catches exceptions.
    11 EXCEPTIONS "exceptions";
}

impl Relies {
    /// Nothing.
    pub const NONE: Relies = Relies(0);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Relies) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Relies) -> Relies {
        Relies(self.0 | other.0)
    }

    /// The bits without a name.
    #[must_use]
    pub fn unknown(self) -> u32 {
        Relies::ALL
            .iter()
            .fold(self.0, |bits, (known, _)| bits & !known.0)
    }

    /// Names of the known bits set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Relies::ALL
            .iter()
            .filter(move |(bit, _)| self.contains(*bit))
            .map(|(_, name)| *name)
    }
}

impl core::ops::BitOr for Relies {
    type Output = Relies;

    fn bitor(self, other: Relies) -> Relies {
        self.union(other)
    }
}

impl core::ops::BitOrAssign for Relies {
    fn bitor_assign(&mut self, other: Relies) {
        *self = self.union(other);
    }
}

/// How floats are passed to functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum FloatAbi {
    /// In integer registers.
    Soft = 0,
    /// Those of 32 bits in float registers.
    Single = 1,
    /// All in float registers.
    Double = 2,
}

impl FloatAbi {
    /// Name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            FloatAbi::Soft => "soft",
            FloatAbi::Single => "single",
            FloatAbi::Double => "double",
        }
    }
}

/// Code that calls any function of one type with arguments in memory:
/// `void thunk(exec_env, function, values)`, `values` being 64-bit slots, 8-aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryThunk {
    /// The function type. Invariant (read): in range.
    pub type_index: u32,
    /// Where in the code. Invariant (read): inside it.
    pub text_offset: u64,
}

/// Where an imported memory or table comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkImport<'a> {
    /// What it is.
    pub kind: LinkKind,
    /// Its index. Invariant (read): in range.
    pub index: u32,
    /// Module it comes from.
    pub module: &'a str,
    /// Name there.
    pub name: &'a str,
}

/// Kinds of [`LinkImport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum LinkKind {
    /// A table.
    Table = 1,
    /// A memory.
    Memory = 2,
}

impl LinkKind {
    /// Name in wasm text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            LinkKind::Table => "table",
            LinkKind::Memory => "memory",
        }
    }
}

/// Limits as a module declares them, in pages or elements. Invariant (read): the minimum is not above the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredLimits {
    /// Minimum.
    pub min: u64,
    /// Maximum, if there is one.
    pub max: Option<u64>,
}

impl<'a> Record<'a> {
    /// Reads the contents of a raw section named [`NAME`], and the heap types of globals.
    pub(crate) fn decode(
        cursor: &mut Cursor<'a>,
    ) -> Result<(Record<'a>, Seq<'a, HeapType>), ReadError> {
        let at = *cursor;
        let version = cursor.u16()?;
        if version != VERSION {
            return Err(at.error(ReadErrorKind::RecordVersion(version)));
        }
        let at = *cursor;
        let float_abi = match cursor.u16()? {
            0 => FloatAbi::Soft,
            1 => FloatAbi::Single,
            2 => FloatAbi::Double,
            other => return Err(at.error(ReadErrorKind::FloatAbi(other))),
        };
        let relies = Relies(cursor.u32()?);
        let (cpu, features, compiler) = (cursor.string()?, cursor.string()?, cursor.string()?);
        let record = Record {
            relies,
            float_abi,
            cpu,
            features,
            compiler,
            thunks: list(cursor)?,
            link_imports: list(cursor)?,
            memory_limits: list(cursor)?,
            table_limits: list(cursor)?,
        };
        let heap_types = if relies.contains(Relies::GARBAGE_COLLECTION) {
            list(cursor)?
        } else {
            Seq::EMPTY
        };
        Ok((record, heap_types))
    }
}

fn list<'a, T: Item<'a>>(cursor: &mut Cursor<'a>) -> Result<Seq<'a, T>, ReadError> {
    let count = cursor.u32()?;
    Seq::read(cursor, count, Form::PLAIN)
}

impl<'a> Item<'a> for EntryThunk {
    const MIN_BYTES: u32 = 12;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        Ok(EntryThunk {
            type_index: cursor.u32()?,
            text_offset: cursor.u64()?,
        })
    }
}

impl<'a> Item<'a> for LinkImport<'a> {
    const MIN_BYTES: u32 = 12;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let kind = match cursor.u16()? {
            1 => LinkKind::Table,
            2 => LinkKind::Memory,
            other => return Err(at.error(ReadErrorKind::LinkKind(other))),
        };
        Ok(LinkImport {
            kind,
            index: cursor.u32()?,
            module: cursor.string()?,
            name: cursor.string()?,
        })
    }
}

impl<'a> Item<'a> for DeclaredLimits {
    const MIN_BYTES: u32 = 20;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.align(4);
        let at = *cursor;
        let has_max = cursor.u32()?;
        let (min, max) = (cursor.u64()?, cursor.u64()?);
        match has_max {
            0 => Ok(DeclaredLimits { min, max: None }),
            1 if min > max => Err(at.error(ReadErrorKind::DeclaredLimits { min, max })),
            1 => Ok(DeclaredLimits {
                min,
                max: Some(max),
            }),
            other => Err(at.error(ReadErrorKind::NotBoolean(other))),
        }
    }
}

#[cfg(feature = "alloc")]
impl Record<'_> {
    pub(crate) fn encode(
        &self,
        heap_types: impl Iterator<Item = HeapType> + Clone,
        sink: &mut crate::sink::Sink,
    ) -> Result<(), crate::WriteError> {
        sink.u16(VERSION);
        sink.u16(self.float_abi as u16);
        sink.u32(self.relies.0);
        sink.string(self.cpu)?;
        sink.string(self.features)?;
        sink.string(self.compiler)?;
        sink.u32(self.thunks.len());
        for thunk in self.thunks {
            sink.u32(thunk.type_index);
            sink.u64(thunk.text_offset);
        }
        sink.u32(self.link_imports.len());
        for import in self.link_imports {
            sink.align(4);
            sink.u16(import.kind as u16);
            sink.u32(import.index);
            sink.string(import.module)?;
            sink.string(import.name)?;
        }
        for limits in [self.memory_limits, self.table_limits] {
            sink.u32(limits.len());
            for limit in limits {
                sink.u32(limit.max.is_some().into());
                sink.u64(limit.min);
                sink.u64(limit.max.unwrap_or(0));
            }
        }
        if self.relies.contains(Relies::GARBAGE_COLLECTION) {
            sink.count(heap_types.clone().count())?;
            heap_types.for_each(|heap| sink.u32(heap.word()));
        }
        Ok(())
    }
}
