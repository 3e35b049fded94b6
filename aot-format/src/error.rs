//! Why a container could not be read or written.
//!
//! Errors are small `Copy` values without text from the file: the position tells where to look. Only [`ReadErrorKind`]'s
//! `Display` and [`WriteErrorKind`]'s hold words.

use core::fmt;

use crate::section::SectionId;

/// The bytes `\0asm`: what comes in place of a container most often.
const WASM_MAGIC: u32 = u32::from_le_bytes(*b"\0asm");

/// Why a file is not a valid container, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong.
    pub kind: ReadErrorKind,
    /// Byte offset in the file of what is wrong.
    pub offset: u32,
}

/// What can be wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// The file has so many bytes; offsets are 32 bits wide.
    FileTooLarge(u64),
    /// So many bytes were needed, so many are left (in the file or the enclosing section).
    Truncated {
        /// Bytes needed.
        needed: u32,
        /// Bytes left.
        left: u32,
    },
    /// The first four bytes are not the magic number.
    Magic(u32),
    /// A version this crate does not read.
    Version(u32),
    /// No section has this number.
    UnknownSection(u32),
    /// A section where another one belongs.
    SectionOrder {
        /// What stands there.
        found: SectionId,
        /// What belongs there.
        expected: SectionId,
    },
    /// The file ends before this section.
    MissingSection(SectionId),
    /// So many bytes of the section are left after its contents.
    TrailingBytes {
        /// The section.
        section: SectionId,
        /// Bytes left.
        left: u32,
    },
    /// Not a word size and byte order.
    BinType(u16),
    /// Neither relocatable nor execute-in-place.
    ExecMode(u16),
    /// `e_version` is not 1.
    ElfVersion(u32),
    /// The architecture name is not terminated, or not printable ASCII.
    ArchName,
    /// A string without its terminating zero.
    UnterminatedString,
    /// A string that is not UTF-8.
    NotUtf8,
    /// More items than this crate accepts.
    TooMany {
        /// Of what.
        what: What,
        /// How many.
        count: u32,
        /// How many are accepted.
        limit: u32,
    },
    /// The file needs a feature this crate does not read.
    Unsupported(Unsupported),
    /// A byte or word that must be 0 or 1.
    NotBoolean(u32),
    /// Not a value type.
    ValType(u8),
    /// Not a kind of type.
    TypeFlag(u16),
    /// Not a heap type.
    HeapType(u32),
    /// Reference maps that do not fit their list.
    ReferenceMap,
    /// A type whose recursion group does not hold together, with its index.
    RecursionGroup(u32),
    /// A supertype that is not an earlier type, with the index.
    Supertype(u32),
    /// Not an operator of initialiser expressions.
    InitExpr(u32),
    /// An initialiser expression nested too deeply.
    InitExprDepth,
    /// An initialiser expression that cannot have the type needed (a code), or none where one is needed.
    InitExprType(u8),
    /// Memory flags that mean nothing, or shared without a maximum.
    MemoryFlags(u32),
    /// Initial size above the maximum, in pages or elements.
    Limits {
        /// Initial size.
        init: u32,
        /// Maximum.
        max: u32,
    },
    /// Table flags that mean nothing.
    TableFlags(u8),
    /// Not a reference type.
    ElemType(u32),
    /// Not an element-segment mode.
    ElemMode(u32),
    /// An index outside its space.
    IndexOutOfRange {
        /// The space.
        space: Space,
        /// The index.
        index: u32,
        /// Number of items there.
        count: u32,
    },
    /// An auxiliary address that does not fit 32 bits.
    AuxValue(u64),
    /// An auxiliary global that is not a defined one.
    AuxGlobal(u32),
    /// A literal area that is not a multiple of 4, or larger than its section.
    LiteralSize(u32),
    /// A function, thunk or relocation outside its bytes.
    OffsetOutOfRange {
        /// The offset.
        offset: u64,
        /// Number of bytes.
        size: u32,
    },
    /// Not a kind of export.
    ExportKind(u8),
    /// An export name given before.
    DuplicateExport,
    /// A symbol offset that is not where the symbol is.
    SymbolOffset {
        /// The offset in the file.
        found: u32,
        /// Where the symbol is.
        expected: u32,
    },
    /// The symbols' size is not what the section says.
    SymbolBytes {
        /// What the section says.
        found: u32,
        /// What they take.
        expected: u32,
    },
    /// A relocation group whose name denotes no section of the file.
    RelocationTarget,
    /// A second section of a kind that must be single.
    DuplicateCustom,
    /// Our record, in a version this crate does not read.
    RecordVersion(u16),
    /// Version of the section of tags.
    TagsVersion(u16),
    /// The address map is of a version this crate does not know.
    AddressMapVersion(u16),
    /// Our record: not a float ABI.
    FloatAbi(u16),
    /// Our record: not a kind of link.
    LinkKind(u16),
    /// Our record: declared limits with the minimum above the maximum.
    DeclaredLimits {
        /// Minimum.
        min: u64,
        /// Maximum.
        max: u64,
    },
}

/// Features of the format this crate refuses to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// Memories listed as imported (no stock tool writes them).
    ImportedMemories,
    /// Tables listed as imported (no stock tool writes them).
    ImportedTables,
}

/// Things that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Slots of a table.
    TableSlots,
    /// Exports.
    Exports,
    /// Object data sections.
    ObjectData,
    /// Relocation groups.
    RelocationGroups,
    /// Declared limits of our record: more than memories or tables.
    DeclaredLimits,
}

/// Index spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Exception tags.
    Tag,
    /// Function types.
    Type,
    /// Functions, imported first.
    Function,
    /// Tables.
    Table,
    /// Memories.
    Memory,
    /// Globals, imported first.
    Global,
    /// Symbols of the relocation section.
    Symbol,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:#x}", self.kind, self.offset)
    }
}

impl core::error::Error for ReadError {}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ReadErrorKind as K;
        match *self {
            K::FileTooLarge(size) => write!(f, "file of {size} bytes is larger than 4 gib"),
            K::Truncated { needed, left } => write!(f, "{needed} bytes needed, {left} left"),
            K::Magic(WASM_MAGIC) => {
                f.write_str("a wasm module, not an aot file: compile it with wamrc first")
            }
            K::Magic(found) => write!(f, "not an aot file: magic {found:#010x}"),
            K::Version(found) => write!(f, "aot version {found}, supported are 5 and 6"),
            K::UnknownSection(id) => write!(f, "unknown section {id}"),
            K::SectionOrder { found, expected } => {
                write!(f, "section {found} where {expected} belongs")
            }
            K::MissingSection(id) => write!(f, "section {id} is missing"),
            K::TrailingBytes { section, left } => {
                write!(f, "{left} bytes left over in section {section}")
            }
            K::TooMany { what, count, limit } => {
                write!(f, "{count} {what}, supported are {limit}")
            }
            K::Unsupported(what) => write!(f, "{what} not supported"),
            K::Limits { init, max } => write!(f, "initial size {init} above maximum {max}"),
            K::IndexOutOfRange {
                space,
                index,
                count,
            } => write!(f, "{space} index {index} out of {count}"),
            K::OffsetOutOfRange { offset, size } => {
                write!(f, "offset {offset:#x} outside {size:#x} bytes")
            }
            K::SymbolOffset { found, expected } => {
                write!(f, "symbol offset {found:#x} instead of {expected:#x}")
            }
            K::SymbolBytes { found, expected } => {
                write!(f, "symbols take {expected} bytes, not {found}")
            }
            K::DeclaredLimits { min, max } => {
                write!(f, "declared minimum {min} above maximum {max}")
            }
            _ => self.fmt_value(f),
        }
    }
}

impl ReadErrorKind {
    /// The kinds with one value or none.
    fn fmt_value(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ReadErrorKind as K;
        match self {
            K::BinType(code) => write!(f, "unknown binary type {code}"),
            K::ExecMode(code) => write!(f, "unknown execution mode {code}"),
            K::ElfVersion(code) => write!(f, "e_version {code} instead of 1"),
            K::ArchName => f.write_str("malformed architecture name"),
            K::UnterminatedString => f.write_str("string without terminating zero"),
            K::NotUtf8 => f.write_str("string is not utf-8"),
            K::NotBoolean(value) => write!(f, "flag is {value} instead of 0 or 1"),
            K::ValType(code) => write!(f, "unknown value type {code:#04x}"),
            K::InitExpr(code) => write!(f, "unknown initialiser operator {code:#x}"),
            K::TypeFlag(flag) => write!(f, "unknown kind of type {flag}"),
            K::HeapType(word) => write!(f, "unknown heap type {}", word.cast_signed()),
            K::ReferenceMap => f.write_str("reference maps do not fit their types"),
            K::RecursionGroup(index) => write!(f, "recursion group of type {index} is torn"),
            K::Supertype(index) => write!(f, "supertype {index} is not an earlier type"),
            K::InitExprDepth => write!(
                f,
                "initialiser nested deeper than {}",
                crate::limits::INIT_EXPR_DEPTH
            ),
            K::InitExprType(code) => write!(f, "initialiser is not of type {code:#04x}"),
            K::MemoryFlags(flags) => write!(f, "bad memory flags {flags:#x}"),
            K::TableFlags(flags) => write!(f, "bad table flags {flags:#x}"),
            K::ElemType(code) => write!(f, "unknown element type {code:#04x}"),
            K::ElemMode(mode) => write!(f, "unknown element segment mode {mode}"),
            K::AuxValue(value) => write!(f, "auxiliary address {value:#x} above 4 gib"),
            K::AuxGlobal(index) => write!(f, "auxiliary global {index} is not a defined global"),
            K::LiteralSize(size) => write!(f, "bad literal size {size}"),
            K::ExportKind(kind) => write!(f, "unknown export kind {kind}"),
            K::DuplicateExport => f.write_str("duplicate export name"),
            K::RelocationTarget => f.write_str("relocation group for a section that is not there"),
            K::DuplicateCustom => f.write_str("second custom section of a kind that is single"),
            K::RecordVersion(version) => write!(f, "wamrc record of version {version}"),
            K::TagsVersion(version) => write!(f, "tags of version {version}"),
            K::AddressMapVersion(version) => write!(f, "an address map of version {version}"),
            K::FloatAbi(code) => write!(f, "unknown float abi {code}"),
            K::LinkKind(code) => write!(f, "unknown link kind {code}"),
            _ => f.write_str("malformed file"),
        }
    }
}

/// Words of an enum whose variants are things.
macro_rules! words {
    ($type:ident: $($variant:ident $word:literal,)*) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($type::$variant => $word,)* })
            }
        }
    };
}

words! { Unsupported:
    ImportedMemories "memories listed as imported are",
    ImportedTables "tables listed as imported are",
}

words! { What:
    TableSlots "table slots",
    Exports "exports",
    ObjectData "object data sections",
    RelocationGroups "relocation groups",
    DeclaredLimits "declared limits",
}

words! { Space:
    Tag "tag",
    Type "type",
    Function "function",
    Table "table",
    Memory "memory",
    Global "global",
    Symbol "symbol",
}

/// Why an [`Artifact`](crate::Artifact) cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// A version this crate does not write.
    Version(u32),
    /// A string longer than the format carries, in bytes.
    StringTooLong(usize),
    /// More items than the format's count field (or a section's size field) holds.
    TooMany(usize),
    /// The function counter and the number of function entries differ.
    FunctionCount {
        /// The counter.
        counter: u32,
        /// The entries.
        entries: usize,
    },
    /// A type index of an imported function above 65535: the field has 16 bits.
    ImportType(u32),
    /// Something only files with garbage collection can have.
    NeedsObjects,
    /// A type with more than 65535 parameters, results or fields.
    TypeArity(usize),
    /// A value that does not fit the 32-bit field of this target.
    TooWide(u64),
    /// What was written does not read back: the artifact breaks a rule of the format.
    Invalid(ReadError),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Version(version) => {
                write!(f, "aot version {version}, supported are 5 and 6")
            }
            WriteError::StringTooLong(bytes) => write!(
                f,
                "string of {bytes} bytes, the format carries {}",
                crate::limits::STRING_BYTES - 1
            ),
            WriteError::TooMany(count) => write!(f, "{count} items, the format counts 32 bits"),
            WriteError::FunctionCount { counter, entries } => {
                write!(f, "function counter {counter} with {entries} entries")
            }
            WriteError::ImportType(index) => write!(
                f,
                "type index {index} of an imported function, the format carries 65535"
            ),
            WriteError::TypeArity(count) => {
                write!(
                    f,
                    "{count} parameters, results or fields, the format carries 65535"
                )
            }
            WriteError::NeedsObjects => {
                f.write_str("a type that only files with garbage collection can have")
            }
            WriteError::TooWide(value) => write!(f, "value {value:#x} does not fit 32 bits"),
            WriteError::Invalid(error) => write!(f, "written file does not read back: {error}"),
        }
    }
}

impl core::error::Error for WriteError {}
