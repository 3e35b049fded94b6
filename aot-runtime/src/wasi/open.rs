//! Opening files and directories by path: `path_open`.
//!
//! What a descriptor may do is what was asked for, what its directory passes on, and what its kind of file allows,
//! all three; see [`Rights::DATA`] for the rights nobody needs to ask for.

#![expect(
    clippy::too_many_arguments,
    reason = "the parameters are the interface's"
)]

use std::sync::Arc;

use std::fs::File;

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, Metadata, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;

use super::Result;
use super::context::{WasiCtx, seekable};
use super::errno::Errno;
use super::guest::Guest;
use super::table::{Descriptor, Directory, Node};
use super::types::{FdFlags, FileType, Lookup, OpenFlags, Rights};

/// What the guest asked for.
struct Request {
    follow: bool,
    open: OpenFlags,
    flags: FdFlags,
    base: Rights,
    inheriting: Rights,
}

/// Opens a path below the directory `fd` and writes the new descriptor's number.
pub(crate) fn path_open(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    open: u32,
    base: u64,
    inheriting: u64,
    flags: u32,
    ptr: u32,
) -> Result {
    let parent = ctx.table.at(fd)?;
    let request = Request {
        follow: Lookup::exact(lookup)?.contains(Lookup::SYMLINK_FOLLOW),
        open: OpenFlags::exact(open)?,
        flags: FdFlags::exact(flags)?,
        base: Rights::known(base),
        inheriting: Rights::known(inheriting),
    };
    let directory = parent.directory(request.needed()?)?;
    if !parent.inheriting.contains(request.base.and(Rights::DATA)) {
        return Err(Errno::Notcapable);
    }
    let path = guest.path(path, len)?;
    guest.check(ptr, 4)?;
    let file = directory
        .dir
        .open_with(path, &request.options())?
        .into_std();
    let descriptor = request.descriptor(file, parent.inheriting)?;
    let opened = ctx.table.insert(descriptor)?;
    guest.put_u32(ptr, opened)
}

impl Request {
    /// The rights the directory must have.
    fn needed(&self) -> Result<Rights> {
        let makes_or_cuts = OpenFlags::CREAT
            .with(OpenFlags::EXCL)
            .with(OpenFlags::TRUNC);
        if self.open.contains(OpenFlags::DIRECTORY)
            && self.open.and(makes_or_cuts) != OpenFlags::NONE
        {
            return Err(Errno::Inval);
        }
        let mut needed = Rights::PATH_OPEN;
        if self.open.contains(OpenFlags::CREAT) {
            needed = needed.with(Rights::PATH_CREATE_FILE);
        }
        if self.open.contains(OpenFlags::TRUNC) {
            needed = needed.with(Rights::PATH_FILESTAT_SET_SIZE);
        }
        Ok(needed)
    }

    /// The same in the host's terms.
    fn options(&self) -> OpenOptions {
        let directory = self.open.contains(OpenFlags::DIRECTORY);
        let write = !directory && self.base.and(Rights::CHANGE) != Rights::NONE;
        // Without any right to the data a file can still be asked for its attributes; hosts want one mode at least.
        let read = !write || self.base.contains(Rights::FD_READ);
        let follow = if self.follow {
            FollowSymlinks::Yes
        } else {
            FollowSymlinks::No
        };
        let mut options = OpenOptions::new();
        options.read(read).write(write).follow(follow);
        let mut custom = OFlags::empty();
        custom.set(OFlags::DIRECTORY, directory);
        custom.set(OFlags::APPEND, self.flags.contains(FdFlags::APPEND));
        custom.set(OFlags::NONBLOCK, self.flags.contains(FdFlags::NONBLOCK));
        custom.set(OFlags::DSYNC, self.flags.contains(FdFlags::DSYNC));
        let whole = FdFlags::SYNC.with(FdFlags::RSYNC);
        custom.set(OFlags::SYNC, self.flags.and(whole) != FdFlags::NONE);
        let (create, truncate) = (
            self.open.contains(OpenFlags::CREAT),
            self.open.contains(OpenFlags::TRUNC),
        );
        let fresh = create && self.open.contains(OpenFlags::EXCL);
        if write {
            options.create(create).create_new(fresh).truncate(truncate);
        } else {
            // The host allows to create a file one only reads; the options, like those of std, do not.
            custom.set(OFlags::CREATE, create);
            custom.set(OFlags::EXCL, fresh);
            custom.set(OFlags::TRUNC, truncate);
        }
        options.custom_flags(custom.bits().cast_signed());
        options
    }

    /// The descriptor for the opened `file`, with no more than its directory passes on.
    fn descriptor(&self, file: File, passed_on: Rights) -> Result<Descriptor> {
        let filetype = FileType::from(Metadata::from_just_metadata(file.metadata()?).file_type());
        let granted = |asked: Rights| passed_on.and(Rights::ALL.without(Rights::DATA).with(asked));
        let (node, flags, rights, inheriting) = match filetype {
            FileType::Directory => {
                let dir = Dir::from_std_file(file);
                let node = Node::Directory(Directory {
                    dir,
                    preopen: None,
                    listing: None,
                });
                let rights = granted(self.base).and(Rights::DIRECTORY);
                (node, FdFlags::NONE, rights, granted(self.inheriting))
            }
            _ => {
                let mut rights = granted(self.base).and(Rights::FILE);
                if filetype == FileType::CharacterDevice && !seekable(&file) {
                    rights = rights.without(Rights::POSITION);
                }
                (Node::File(Arc::new(file)), self.flags, rights, Rights::NONE)
            }
        };
        Ok(Descriptor {
            node,
            filetype,
            flags,
            rights,
            inheriting,
        })
    }
}
