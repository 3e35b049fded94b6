//! The validated module as data: index spaces, exports, segments.
//!
//! Imported and defined items share one list per index space, so that every index of the
//! specification is a position in exactly one vector. Follows core spec 2.5 ("Modules").

use super::body::{Body, Uses};
use super::constant::ConstExpr;
use super::index::{
    DataIdx, ElemIdx, FuncIdx, GlobalIdx, MemoryIdx, TableIdx, TagIdx, TypeIdx, WasmOffset,
};

use super::types::{Composite, FieldType, FuncType, SubType};

pub use aot_format::ValType;

/// The two names of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportName<'a> {
    /// Name of the module that is imported from.
    pub module: &'a str,
    /// Name of the item in that module.
    pub name: &'a str,
}

/// Where an item of an index space comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin<'a, T> {
    /// Imported under these names.
    Import(ImportName<'a>),
    /// Defined by the module, with what the definition adds to the type.
    Defined(T),
}

impl<'a, T> Origin<'a, T> {
    /// The import names, if imported.
    #[must_use]
    pub fn import(&self) -> Option<ImportName<'a>> {
        match self {
            Self::Import(name) => Some(*name),
            Self::Defined(_) => None,
        }
    }

    /// The definition, if defined here.
    #[must_use]
    pub fn defined(&self) -> Option<&T> {
        match self {
            Self::Import(_) => None,
            Self::Defined(definition) => Some(definition),
        }
    }
}

/// A function of the function index space.
#[derive(Clone, Debug)]
pub struct Function<'a> {
    /// The type as declared, not canonical (see [`Module::canonical`]).
    pub ty: TypeIdx,
    /// Import names or body.
    pub origin: Origin<'a, Body<'a>>,
}

/// Size limits of a table (entries) or a memory (its pages).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Initial size, or for imports the least size accepted.
    pub min: u64,
    /// Greatest size, if declared.
    pub max: Option<u64>,
}

/// Type of the addresses of a memory or the indices of a table ("address types", core spec 2.3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexType {
    /// 32 bits.
    I32,
    /// 64 bits.
    I64,
}

impl IndexType {
    /// The narrower of two: the type of a length that is copied between them.
    #[must_use]
    pub fn narrower(self, other: Self) -> Self {
        match (self, other) {
            (Self::I64, Self::I64) => Self::I64,
            _ => Self::I32,
        }
    }
}

/// Bytes of a page unless the memory says otherwise.
pub const PAGE_BYTES: u32 = 65536;

/// A table of the table index space.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    /// Element type: a reference type.
    pub element: ValType,
    /// Size in entries.
    pub limits: Limits,
    /// Type of indices.
    pub index: IndexType,
    /// Import names, or the initial value of all elements of a defined table, null if none is given.
    pub origin: Origin<'a, Option<ConstExpr>>,
}

/// A memory of the memory index space.
#[derive(Clone, Debug)]
pub struct Memory<'a> {
    /// Size in pages.
    pub limits: Limits,
    /// Type of addresses.
    pub index: IndexType,
    /// Bytes per page: 1 or [`PAGE_BYTES`].
    pub page_bytes: u32,
    /// Threads can share it.
    pub shared: bool,
    /// Import names, or nothing further for a defined memory.
    pub origin: Origin<'a, ()>,
}

impl Memory<'_> {
    /// The greatest size in pages: as declared, else what addresses reach.
    #[must_use]
    pub fn max_pages(&self) -> u64 {
        let reach = match (self.index, self.page_bytes) {
            (IndexType::I32, 1) => u64::from(u32::MAX),
            (IndexType::I32, _) => 1 << 16,
            (IndexType::I64, 1) => u64::MAX,
            (IndexType::I64, _) => 1 << 48,
        };
        self.limits.max.unwrap_or(reach)
    }
}

/// Type of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalType {
    /// Type of the value.
    pub value: ValType,
    /// Whether `global.set` may change it.
    pub mutable: bool,
}

/// A global of the global index space.
#[derive(Clone, Debug)]
pub struct Global<'a> {
    /// Type of the global.
    pub ty: GlobalType,
    /// Import names or initial value.
    pub origin: Origin<'a, ConstExpr>,
}

impl Global<'_> {
    /// The value, if it is immutable and defined here.
    pub(super) fn value(&self) -> Option<&ConstExpr> {
        self.origin.defined().filter(|_| !self.ty.mutable)
    }
}

/// An exception tag of the tag index space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Function type whose parameters are the payload.
    pub ty: TypeIdx,
    /// Import names, or nothing further for a defined tag.
    pub origin: Origin<'a, ()>,
}

/// What an export denotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function.
    Func(FuncIdx),
    /// A table.
    Table(TableIdx),
    /// A memory.
    Memory(MemoryIdx),
    /// A global.
    Global(GlobalIdx),
    /// An exception tag.
    Tag(TagIdx),
}

/// One export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export<'a> {
    /// Unique name.
    pub name: &'a str,
    /// The exported item.
    pub item: Extern,
}

/// How an element segment is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElemMode {
    /// Copied to a table when the module is instantiated.
    Active {
        /// Destination.
        table: TableIdx,
        /// First entry written.
        offset: ConstExpr,
    },
    /// Copied by `table.init`.
    Passive,
    /// Only declares functions as referenced.
    Declared,
}

/// An element segment.
#[derive(Clone, Debug)]
pub struct ElemSegment {
    /// Type of the values: a reference type.
    pub element: ValType,
    /// How it is used.
    pub mode: ElemMode,
    /// One expression per value.
    pub values: Vec<ConstExpr>,
}

/// How a data segment is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataMode {
    /// Copied to a memory when the module is instantiated.
    Active {
        /// Destination.
        memory: MemoryIdx,
        /// First byte written.
        offset: ConstExpr,
    },
    /// Copied by `memory.init`.
    Passive,
}

/// A data segment.
#[derive(Clone, Debug)]
pub struct DataSegment<'a> {
    /// How it is used.
    pub mode: DataMode,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// A custom section of the wasm file.
#[derive(Clone, Copy, Debug)]
pub struct CustomSection<'a> {
    /// Name; not necessarily unique.
    pub name: &'a str,
    /// Content after the name.
    pub bytes: &'a [u8],
    /// Where the content starts in the file.
    pub offset: WasmOffset,
}

/// A parsed and validated module.
///
/// Invariant: `parse` is the only constructor, so indices in here are in range, types agree and
/// only accepted features occur. Later stages rely on that.
#[derive(Clone, Debug)]
pub struct Module<'a> {
    /// The whole file.
    pub bytes: &'a [u8],
    /// Type index space.
    pub types: Vec<SubType>,
    /// For each type the smallest index of an equal type (spec C.8.3: this is what
    /// `call_indirect` compares).
    pub canonical: Vec<TypeIdx>,
    /// Function index space.
    pub functions: Vec<Function<'a>>,
    /// How many of `functions` are imports; they come first.
    pub imported_functions: u32,
    /// Table index space.
    pub tables: Vec<Table<'a>>,
    /// Memory index space.
    pub memories: Vec<Memory<'a>>,
    /// Global index space.
    pub globals: Vec<Global<'a>>,
    /// Tag index space.
    pub tags: Vec<Tag<'a>>,
    /// Exports in file order.
    pub exports: Vec<Export<'a>>,
    /// Start function.
    pub start: Option<FuncIdx>,
    /// Element segments.
    pub elements: Vec<ElemSegment>,
    /// Data segments.
    pub data: Vec<DataSegment<'a>>,
    /// Custom sections in file order.
    pub custom: Vec<CustomSection<'a>>,
    /// Function names of the name section, ascending; empty if there is none or it is malformed.
    pub function_names: Vec<(FuncIdx, &'a str)>,
    /// Module name of the name section.
    pub name: Option<&'a str>,
    /// What the bodies of all functions do that matters for the layout.
    pub uses: Uses,
}

impl<'a> Module<'a> {
    /// The smallest index of a type that is equal to `ty`.
    #[must_use]
    pub fn canonical_type(&self, ty: TypeIdx) -> TypeIdx {
        self.canonical.get(ty.position()).copied().unwrap_or(ty)
    }

    /// The function type at an index of this module; an empty type for an index that is none, which
    /// validation excludes.
    #[must_use]
    pub fn func_type(&self, ty: TypeIdx) -> &FuncType {
        static EMPTY: FuncType = FuncType {
            params: Vec::new(),
            results: Vec::new(),
        };
        match self.composite(ty) {
            Some(Composite::Func(ty)) => ty,
            _ => &EMPTY,
        }
    }

    /// The fields of the structure type at an index; none for an index that is none, which validation
    /// excludes.
    #[must_use]
    pub fn struct_fields(&self, ty: TypeIdx) -> &[FieldType] {
        match self.composite(ty) {
            Some(Composite::Struct(fields)) => fields,
            _ => &[],
        }
    }

    /// The elements of the array type at an index.
    #[must_use]
    pub fn array_element(&self, ty: TypeIdx) -> Option<FieldType> {
        match self.composite(ty)? {
            Composite::Array(element) => Some(*element),
            _ => None,
        }
    }

    fn composite(&self, ty: TypeIdx) -> Option<&Composite> {
        self.types.get(ty.position()).map(|ty| &ty.composite)
    }

    /// Number of supertypes of a type. Validation bounds it by 63.
    #[must_use]
    pub fn type_depth(&self, ty: TypeIdx) -> u32 {
        let supertype = |ty: &TypeIdx| self.types.get(ty.position())?.supertype;
        // A declared supertype has a smaller index, so this ends.
        std::iter::successors(supertype(&ty), supertype).fold(0, |depth, _| depth + 1)
    }

    /// The body of a function; none if it is imported.
    #[must_use]
    pub fn body(&self, function: FuncIdx) -> Option<&Body<'a>> {
        self.functions.get(function.position())?.origin.defined()
    }

    /// The functions defined here with their index and body, in order.
    pub fn defined_functions(&self) -> impl Iterator<Item = (FuncIdx, TypeIdx, &Body<'a>)> {
        self.functions
            .iter()
            .enumerate()
            .filter_map(|(position, function)| {
                let body = function.origin.defined()?;
                Some((FuncIdx::from_position(position), function.ty, body))
            })
    }

    /// Number of functions defined here.
    #[must_use]
    pub fn defined_count(&self) -> u32 {
        FuncIdx::from_position(self.functions.len())
            .0
            .saturating_sub(self.imported_functions)
    }

    /// The name of a function from the name section.
    #[must_use]
    pub fn function_name(&self, function: FuncIdx) -> Option<&'a str> {
        let found = self
            .function_names
            .binary_search_by_key(&function, |entry| entry.0)
            .ok()?;
        self.function_names.get(found).map(|entry| entry.1)
    }

    /// Whether an export denotes the given item.
    #[must_use]
    pub fn is_exported(&self, item: Extern) -> bool {
        self.exports.iter().any(|export| export.item == item)
    }

    /// The data segment at an index.
    #[must_use]
    pub fn data_segment(&self, index: DataIdx) -> Option<&DataSegment<'a>> {
        self.data.get(index.position())
    }

    /// The element segment at an index.
    #[must_use]
    pub fn elem_segment(&self, index: ElemIdx) -> Option<&ElemSegment> {
        self.elements.get(index.position())
    }
}
