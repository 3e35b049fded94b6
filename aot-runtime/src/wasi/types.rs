//! The values of WASI preview 1 that cross the border as numbers: flags, rights, file types, file attributes.
//!
//! Layouts follow the preview 1 interface description; `wasi_unstable` (its snapshot 0) differs in the file
//! attributes and in the numbering of seek origins, which is why encoding asks for the edition.

use cap_std::fs::{FileTypeExt, Metadata, MetadataExt};

use super::Result;
use super::errno::Errno;
use super::guest::{Edition, Guest};

/// Grammar: `bits! { Name: integer "meaning" { CONSTANT = bit number, … } }`. Expands to a newtype over the
/// integer with one constant per bit, e.g. `Lookup::SYMLINK_FOLLOW` = `Lookup(1 << 0)`, and the set operations.
macro_rules! bits {
    ($name:ident: $int:ty, $meaning:literal { $($constant:ident = $bit:literal,)* }) => {
        #[doc = $meaning]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name($int);

        // Each list is the interface's, whole; which of its bits the code happens to name is beside the point.
        #[expect(dead_code, reason = "the list mirrors the interface description")]
        impl $name {
            $(pub(crate) const $constant: $name = $name(1 << $bit);)*
            pub(crate) const NONE: $name = $name(0);
            pub(crate) const ALL: $name = $name(0 $(| 1 << $bit)*);

            /// The set from the guest's number; bits the interface does not define are `Inval`.
            pub(crate) fn exact(raw: u32) -> Result<$name> {
                let set = <$int>::try_from(raw).map_err(|_| Errno::Inval)?;
                if set & !Self::ALL.0 == 0 { Ok($name(set)) } else { Err(Errno::Inval) }
            }

            pub(crate) const fn raw(self) -> $int {
                self.0
            }

            pub(crate) const fn contains(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }

            pub(crate) const fn with(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }

            pub(crate) const fn without(self, other: $name) -> $name {
                $name(self.0 & !other.0)
            }

            pub(crate) const fn and(self, other: $name) -> $name {
                $name(self.0 & other.0)
            }
        }
    };
}

bits! { FdFlags: u16, "State of an open file (`fdflags`)." {
    APPEND = 0,
    DSYNC = 1,
    NONBLOCK = 2,
    RSYNC = 3,
    SYNC = 4,
} }

bits! { OpenFlags: u16, "How `path_open` opens (`oflags`)." {
    CREAT = 0,
    DIRECTORY = 1,
    EXCL = 2,
    TRUNC = 3,
} }

bits! { Lookup: u32, "How a path is resolved (`lookupflags`)." {
    SYMLINK_FOLLOW = 0,
} }

bits! { TimeFlags: u16, "Which times to set (`fstflags`)." {
    ATIM = 0,
    ATIM_NOW = 1,
    MTIM = 2,
    MTIM_NOW = 3,
} }

bits! { Rights: u64, "What a descriptor may be used for (`rights`)." {
    FD_DATASYNC = 0,
    FD_READ = 1,
    FD_SEEK = 2,
    FD_FDSTAT_SET_FLAGS = 3,
    FD_SYNC = 4,
    FD_TELL = 5,
    FD_WRITE = 6,
    FD_ADVISE = 7,
    FD_ALLOCATE = 8,
    PATH_CREATE_DIRECTORY = 9,
    PATH_CREATE_FILE = 10,
    PATH_LINK_SOURCE = 11,
    PATH_LINK_TARGET = 12,
    PATH_OPEN = 13,
    FD_READDIR = 14,
    PATH_READLINK = 15,
    PATH_RENAME_SOURCE = 16,
    PATH_RENAME_TARGET = 17,
    PATH_FILESTAT_GET = 18,
    PATH_FILESTAT_SET_SIZE = 19,
    PATH_FILESTAT_SET_TIMES = 20,
    FD_FILESTAT_GET = 21,
    FD_FILESTAT_SET_SIZE = 22,
    FD_FILESTAT_SET_TIMES = 23,
    PATH_SYMLINK = 24,
    PATH_REMOVE_DIRECTORY = 25,
    PATH_UNLINK_FILE = 26,
    POLL_FD_READWRITE = 27,
    SOCK_SHUTDOWN = 28,
    SOCK_ACCEPT = 29,
} }

impl Rights {
    /// What can be asked of a file's position.
    pub(crate) const POSITION: Rights = Rights::FD_SEEK.with(Rights::FD_TELL);

    /// What changes a file's content.
    pub(crate) const CHANGE: Rights = Rights::FD_WRITE
        .with(Rights::FD_ALLOCATE)
        .with(Rights::FD_FILESTAT_SET_SIZE);

    /// The rights that decide over data; the others a new descriptor has wherever its directory passes them on,
    /// because libraries written since rights were deprecated no longer ask for them.
    pub(crate) const DATA: Rights = Rights::CHANGE.with(Rights::FD_READ);

    /// All rights that mean something for a regular file.
    pub(crate) const FILE: Rights = Rights::DATA
        .with(Rights::POSITION)
        .with(Rights::FD_DATASYNC)
        .with(Rights::FD_SYNC)
        .with(Rights::FD_FDSTAT_SET_FLAGS)
        .with(Rights::FD_ADVISE)
        .with(Rights::FD_FILESTAT_GET)
        .with(Rights::FD_FILESTAT_SET_TIMES)
        .with(Rights::POLL_FD_READWRITE);

    /// All rights that mean something for a directory.
    pub(crate) const DIRECTORY: Rights = Rights::ALL
        .without(Rights::DATA)
        .without(Rights::POSITION)
        .without(Rights::FD_ADVISE)
        .without(Rights::SOCK_SHUTDOWN)
        .without(Rights::SOCK_ACCEPT);

    /// The set from the guest's number. Rights the interface does not define are dropped: asking for "all bits"
    /// is how many programs ask for everything there is.
    pub(crate) fn known(raw: u64) -> Rights {
        Rights(raw & Rights::ALL.0)
    }
}

/// Kind of a file (`filetype`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FileType {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketStream = 6,
    SymbolicLink = 7,
}

impl FileType {
    /// The number as the guest sees it.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

impl From<cap_std::fs::FileType> for FileType {
    fn from(host: cap_std::fs::FileType) -> FileType {
        match host {
            kind if kind.is_file() => FileType::RegularFile,
            kind if kind.is_dir() => FileType::Directory,
            kind if kind.is_symlink() => FileType::SymbolicLink,
            kind if kind.is_char_device() => FileType::CharacterDevice,
            kind if kind.is_block_device() => FileType::BlockDevice,
            kind if kind.is_socket() => FileType::SocketStream,
            // Pipes included: the interface has no number for them.
            _ => FileType::Unknown,
        }
    }
}

impl From<rustix::fs::FileType> for FileType {
    fn from(host: rustix::fs::FileType) -> FileType {
        match host {
            rustix::fs::FileType::RegularFile => FileType::RegularFile,
            rustix::fs::FileType::Directory => FileType::Directory,
            rustix::fs::FileType::Symlink => FileType::SymbolicLink,
            rustix::fs::FileType::CharacterDevice => FileType::CharacterDevice,
            rustix::fs::FileType::BlockDevice => FileType::BlockDevice,
            rustix::fs::FileType::Socket => FileType::SocketStream,
            rustix::fs::FileType::Fifo | rustix::fs::FileType::Unknown => FileType::Unknown,
        }
    }
}

/// Writes the attributes of a file (`filestat`) at `ptr`: 64 bytes, or 56 for `wasi_unstable`, whose link count is
/// 32 bits wide and sits before the alignment gap.
pub(crate) fn put_filestat(guest: &mut Guest<'_>, ptr: u32, file: &Metadata) -> Result {
    let filetype = [FileType::from(file.file_type()).code(), 0, 0, 0];
    let times = [
        nanoseconds(file.atime(), file.atime_nsec()),
        nanoseconds(file.mtime(), file.mtime_nsec()),
        nanoseconds(file.ctime(), file.ctime_nsec()),
    ];
    let mut bytes = Vec::with_capacity(64);
    bytes.extend(file.dev().to_le_bytes());
    bytes.extend(file.ino().to_le_bytes());
    bytes.extend(filetype);
    match guest.edition() {
        Edition::Unstable => {
            bytes.extend(
                u32::try_from(file.nlink())
                    .unwrap_or(u32::MAX)
                    .to_le_bytes(),
            );
        }
        Edition::Preview1 => {
            bytes.extend([0; 4]);
            bytes.extend(file.nlink().to_le_bytes());
        }
    }
    bytes.extend(file.size().to_le_bytes());
    bytes.extend(times.into_iter().flat_map(u64::to_le_bytes));
    guest.put(ptr, &bytes)
}

/// A host time as nanoseconds since 1970; times before it, and after the year 2554, become the nearest one there is.
pub(crate) fn nanoseconds(seconds: i64, nanos: i64) -> u64 {
    match (u64::try_from(seconds), u64::try_from(nanos)) {
        (Ok(seconds), Ok(nanos)) => seconds.saturating_mul(1_000_000_000).saturating_add(nanos),
        _ => 0,
    }
}
