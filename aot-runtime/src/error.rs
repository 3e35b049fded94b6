//! Why a module could not be loaded or instantiated, or an export not found.
//!
//! [`LoadError`] allocates nothing: names from the file are kept in short
//! inline buffers, cut off if need be.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use aot_format::{FloatAbi, ReadError, ValType};
use targets::Endian;
use targets::reloc::RelocError;

use crate::func::FuncType;
use crate::memory::MemoryType;
use crate::table::TableType;
use crate::trap::Trap;

/// Up to `N` bytes of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<const N: usize = 47> {
    bytes: [u8; N],
    len: u8,
}

/// The name of a relocation group or list: short ones.
pub type SectionName = Name<23>;

impl<const N: usize> Name<N> {
    /// The name, cut off at a character if it is too long.
    pub fn new(name: &str) -> Name<N> {
        let mut bytes = [0; N];
        let mut len = name.len().min(bytes.len());
        while !name.is_char_boundary(len) {
            len -= 1;
        }
        if let (Some(target), Some(source)) = (bytes.get_mut(..len), name.as_bytes().get(..len)) {
            target.copy_from_slice(source);
        }
        Name {
            bytes,
            len: u8::try_from(len).unwrap_or(0),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for Name<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Name<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Something a file relies on and a platform may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reliance {
    /// Memory accesses are unchecked: faults in guard pages must become traps.
    GuardPages,
    /// Failing runtime functions must not return.
    UnwindingTraps,
    /// The native stack must end in guard pages.
    StackGuard,
    /// Threads must be able to share memories.
    Threads,
    /// Bits of the record this runtime does not know.
    Unknown(u32),
}

impl fmt::Display for Reliance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reliance::GuardPages => {
                f.write_str("guard pages behind its memories instead of bounds checks in its code")
            }
            Reliance::UnwindingTraps => {
                f.write_str("runtime functions that do not return after a trap")
            }
            Reliance::StackGuard => f.write_str(
                "guard pages below the native stack instead of stack checks in its code",
            ),
            Reliance::Threads => f.write_str("memories that threads share"),
            Reliance::Unknown(bits) => write!(f, "something unknown (bits {bits:#x})"),
        }
    }
}

/// Why a file could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LoadError {
    /// The container is malformed.
    Read(ReadError),
    /// The code is for another machine.
    Architecture {
        /// The file's architecture.
        found: Name,
        /// This machine's.
        expected: Name,
    },
    /// The code is for a machine of the other byte order.
    ByteOrder {
        /// The file's.
        found: Endian,
    },
    /// The code passes floats otherwise than this build's functions.
    FloatAbi {
        /// The file's way.
        found: FloatAbi,
        /// This build's.
        expected: FloatAbi,
    },
    /// The code needs something that the processor does not have.
    Processor(Name),
    /// The code cannot be executed where the file is, for this reason.
    InPlace(&'static str),
    /// The file uses a feature this runtime does not have.
    Feature(Name),
    /// The file relies on something the platform does not give.
    Relies(Reliance),
    /// A stock file does not say whether it needs guard pages, and the
    /// platform has none.
    UnknownChecks,
    /// A relocation names a symbol the runtime does not have.
    Symbol {
        /// The symbol.
        symbol: Name,
        /// The relocation group, or the native symbol list.
        section: SectionName,
    },
    /// A relocation of a number this machine does not have.
    RelocationKind {
        /// The relocation group.
        section: SectionName,
        /// The number.
        kind: u32,
        /// The symbol it refers to.
        symbol: Name,
    },
    /// A relocation could not be applied.
    Relocation {
        /// The relocation group.
        section: SectionName,
        /// The row's name in the psABI.
        row: &'static str,
        /// The symbol it refers to.
        symbol: Name,
        /// What went wrong.
        error: RelocError,
    },
    /// An entry thunk of the record lies outside the code or names no type.
    Thunk {
        /// The type index.
        type_index: u32,
    },
    /// A supertype of another kind, too many supertypes, or a structure that is too large.
    Types,
    /// The record's import or limit lists do not fit the file's.
    Record,
    /// The instance structure would be too large to address.
    InstanceTooLarge,
    /// No memory for the code, or the platform refused to protect it.
    Memory {
        /// Bytes asked for.
        bytes: usize,
    },
}

impl From<ReadError> for LoadError {
    fn from(error: ReadError) -> LoadError {
        LoadError::Read(error)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Read(error) => write!(f, "{error}"),
            LoadError::Architecture { found, expected } => {
                write!(f, "the file is for {found}, this machine is {expected}")
            }
            LoadError::ByteOrder { found: Endian::Big } => {
                f.write_str("the file is for big-endian machines, this one is little-endian")
            }
            LoadError::ByteOrder { found: Endian::Little } => {
                f.write_str("the file is for little-endian machines, this one is big-endian")
            }
            LoadError::FloatAbi { found, expected } => write!(
                f,
                "the file is compiled for the {}-float abi, this runtime for the {}-float one",
                found.name(),
                expected.name()
            ),
            LoadError::Processor(name) => {
                write!(f, "the file needs the processor feature {name}, which this machine does not have")
            }
            LoadError::InPlace(reason) => {
                write!(f, "the code cannot stay where it is: the file {reason}")
            }
            LoadError::Feature(name) => write!(f, "the file uses {name}, which this runtime does not support"),
            LoadError::Relies(what) => write!(f, "the file relies on {what}, which this platform does not have"),
            LoadError::UnknownChecks => f.write_str(
                "the file does not say whether it relies on guard pages, which this platform does not have",
            ),
            LoadError::Symbol { symbol, section } => write!(f, "unknown symbol {symbol} in {section}"),
            LoadError::RelocationKind { section, kind, symbol } => {
                write!(f, "unknown relocation {kind} against {symbol} in {section}")
            }
            LoadError::Relocation { section, row, symbol, error } => {
                write!(f, "relocation {row} against {symbol} in {section}: {error}")
            }
            LoadError::Thunk { type_index } => write!(f, "bad entry thunk for type {type_index}"),
            LoadError::Types => f.write_str("a type has an impossible supertype or too many of them, or is too large"),
            LoadError::Record => f.write_str("the wamrc record does not fit the file"),
            LoadError::InstanceTooLarge => f.write_str("an instance would take more than 2 gib"),
            LoadError::Memory { bytes } => write!(f, "no executable memory of {bytes} bytes"),
        }
    }
}

impl core::error::Error for LoadError {}

/// The type of an import or of what was given for it.
#[derive(Clone, Debug, PartialEq)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A memory.
    Memory(MemoryType),
    /// A table.
    Table(TableType),
    /// An exception tag with its values as parameters.
    Tag(FuncType),
    /// A global and whether it is mutable.
    Global(ValType, bool),
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExternType::Func(ty) => write!(f, "function {ty}"),
            ExternType::Memory(ty) => write!(f, "{ty}"),
            ExternType::Table(ty) => write!(f, "{ty}"),
            ExternType::Tag(ty) => write!(f, "tag {ty}"),
            ExternType::Global(ty, true) => write!(f, "mutable global {ty}"),
            ExternType::Global(ty, false) => write!(f, "global {ty}"),
        }
    }
}

/// Why a module could not be instantiated.
#[derive(Clone, Debug, PartialEq)]
pub enum InstantiateError {
    /// Nothing of this name was given.
    UnknownImport {
        /// Module name.
        module: String,
        /// Name.
        name: String,
        /// What is needed.
        wanted: Box<ExternType>,
    },
    /// What was given is of another type.
    ImportType {
        /// Module name.
        module: String,
        /// Name.
        name: String,
        /// What was given.
        found: Box<ExternType>,
        /// What is needed.
        wanted: Box<ExternType>,
    },
    /// No memory for a linear memory of so many pages.
    OutOfMemory {
        /// Pages.
        pages: u64,
    },
    /// There can be no memory of this type.
    MemoryType(MemoryType),
    /// A table has more elements than there is room for in the instance.
    TableTooLarge {
        /// Elements it has.
        size: u32,
        /// Elements there is room for.
        room: u32,
    },
    /// The functions of all instances of the store are too many.
    TooManyFunctions,
    /// The module relies on something the store's platform does not give.
    Platform,
    /// A segment did not fit, or the start function trapped. The instance
    /// exists as far as others have its functions.
    Trap(Trap),
}

impl From<Trap> for InstantiateError {
    fn from(trap: Trap) -> InstantiateError {
        InstantiateError::Trap(trap)
    }
}

impl fmt::Display for InstantiateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstantiateError::UnknownImport {
                module,
                name,
                wanted,
            } => {
                write!(f, "unknown import {module}.{name}: {wanted} needed")
            }
            InstantiateError::ImportType {
                module,
                name,
                found,
                wanted,
            } => {
                write!(
                    f,
                    "incompatible import type of {module}.{name}: {found} given, {wanted} needed"
                )
            }
            InstantiateError::MemoryType(ty) => write!(f, "there is no {ty}"),
            InstantiateError::OutOfMemory { pages } => write!(f, "no memory for {pages} pages"),
            InstantiateError::TableTooLarge { size, room } => {
                write!(f, "table of {size} elements where there is room for {room}")
            }
            InstantiateError::TooManyFunctions => {
                f.write_str("more functions in the store than can be referred to")
            }
            InstantiateError::Platform => f.write_str(
                "the module was loaded for a platform with other abilities than the store's",
            ),
            InstantiateError::Trap(trap) => write!(f, "{trap}"),
        }
    }
}

impl core::error::Error for InstantiateError {}

/// Why an export could not be used.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportError {
    /// There is no function of this name.
    Missing {
        /// The name.
        name: String,
    },
    /// The function has another type.
    Type {
        /// The name.
        name: String,
        /// Its type.
        found: FuncType,
        /// The type asked for.
        wanted: FuncType,
    },
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::Missing { name } => write!(f, "no exported function {name}"),
            ExportError::Type {
                name,
                found,
                wanted,
            } => {
                write!(f, "exported function {name} has type {found}, not {wanted}")
            }
        }
    }
}

impl core::error::Error for ExportError {}
