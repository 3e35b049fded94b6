//! Open files by number: attributes, flags, position, size, and the list of preopened directories.
//!
//! Reading and writing are in `transfer.rs`, listing directories in `listing.rs`.

use std::num::NonZeroU64;
use std::os::fd::{AsFd, BorrowedFd};

use cap_std::fs::Metadata;
use rustix::fs::{
    Advice, FallocateFlags, OFlags, SeekFrom, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT,
};

use super::Result;
use super::context::WasiCtx;
use super::errno::Errno;
use super::guest::{Edition, Guest};
use super::table::{Descriptor, Node};
use super::types::{FdFlags, Rights, TimeFlags, put_filestat};

/// Tells the host how a part of a file will be used.
pub(crate) fn fd_advise(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> Result {
    let file = ctx.table.at(fd)?.file(Rights::FD_ADVISE, Errno::Badf)?;
    let advice = match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::Inval),
    };
    if i64::try_from(offset).is_err() || i64::try_from(len).is_err() {
        return Err(Errno::Inval);
    }
    Ok(rustix::fs::fadvise(
        file,
        offset,
        NonZeroU64::new(len),
        advice,
    )?)
}

/// Makes sure a part of a file takes no new space when it is written; the file grows to hold it.
pub(crate) fn fd_allocate(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    offset: u64,
    len: u64,
) -> Result {
    let file = ctx.table.at(fd)?.file(Rights::FD_ALLOCATE, Errno::Badf)?;
    let end = offset
        .checked_add(len)
        .filter(|&end| i64::try_from(end).is_ok());
    let end = end.ok_or(Errno::Fbig)?;
    match rustix::fs::fallocate(file, FallocateFlags::empty(), offset, len) {
        // The file system cannot reserve space: the size, at least, is what the caller counts on.
        Err(rustix::io::Errno::OPNOTSUPP) if file.metadata()?.len() < end => {
            Ok(rustix::fs::ftruncate(file, end)?)
        }
        Err(rustix::io::Errno::OPNOTSUPP) => Ok(()),
        other => Ok(other?),
    }
}

/// Closes a descriptor.
pub(crate) fn fd_close(ctx: &mut WasiCtx, _: &mut Guest<'_>, fd: u32) -> Result {
    ctx.table.remove(fd).map(drop)
}

/// Brings a file's content to the disk.
pub(crate) fn fd_datasync(ctx: &mut WasiCtx, _: &mut Guest<'_>, fd: u32) -> Result {
    let descriptor = ctx.table.at(fd)?.require(Rights::FD_DATASYNC)?;
    Ok(rustix::fs::fdatasync(host(descriptor))?)
}

/// Brings a file's content and attributes to the disk.
pub(crate) fn fd_sync(ctx: &mut WasiCtx, _: &mut Guest<'_>, fd: u32) -> Result {
    let descriptor = ctx.table.at(fd)?.require(Rights::FD_SYNC)?;
    Ok(rustix::fs::fsync(host(descriptor))?)
}

/// Writes what a descriptor is and may do (`fdstat`, 24 bytes).
pub(crate) fn fd_fdstat_get(ctx: &mut WasiCtx, guest: &mut Guest<'_>, fd: u32, ptr: u32) -> Result {
    let descriptor = ctx.table.at(fd)?;
    let [low, high] = descriptor.flags.raw().to_le_bytes();
    let head = [descriptor.filetype.code(), 0, low, high, 0, 0, 0, 0];
    let base = descriptor.rights.raw().to_le_bytes();
    let inheriting = descriptor.inheriting.raw().to_le_bytes();
    guest.put(ptr, [head, base, inheriting].as_flattened())
}

/// Sets the flags of an open file. How writes reach the disk is settled when a file is opened and cannot be changed.
pub(crate) fn fd_fdstat_set_flags(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    flags: u32,
) -> Result {
    let descriptor = ctx.table.at_mut(fd)?;
    let flags = FdFlags::exact(flags)?;
    let file = descriptor.file(Rights::FD_FDSTAT_SET_FLAGS, Errno::Badf)?;
    let fixed = FdFlags::DSYNC.with(FdFlags::RSYNC).with(FdFlags::SYNC);
    if flags.and(fixed) != descriptor.flags.and(fixed) {
        return Err(Errno::Inval);
    }
    if let Node::File(_) = descriptor.node {
        let mut host = rustix::fs::fcntl_getfl(file)?;
        host.set(OFlags::APPEND, flags.contains(FdFlags::APPEND));
        host.set(OFlags::NONBLOCK, flags.contains(FdFlags::NONBLOCK));
        rustix::fs::fcntl_setfl(file, host)?;
    }
    descriptor.flags = flags;
    Ok(())
}

/// Gives up rights of a descriptor; none can be gained.
pub(crate) fn fd_fdstat_set_rights(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    base: u64,
    inheriting: u64,
) -> Result {
    let descriptor = ctx.table.at_mut(fd)?;
    let (base, inheriting) = (Rights::known(base), Rights::known(inheriting));
    if !descriptor.rights.contains(base) || !descriptor.inheriting.contains(inheriting) {
        return Err(Errno::Notcapable);
    }
    descriptor.rights = base;
    descriptor.inheriting = inheriting;
    Ok(())
}

/// Writes the attributes of an open file.
pub(crate) fn fd_filestat_get(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    ptr: u32,
) -> Result {
    let descriptor = ctx.table.at(fd)?.require(Rights::FD_FILESTAT_GET)?;
    let attributes = match &descriptor.node {
        Node::Directory(directory) => directory.dir.dir_metadata()?,
        Node::File(file) | Node::Stream(file) => Metadata::from_just_metadata(file.metadata()?),
    };
    put_filestat(guest, ptr, &attributes)
}

/// Cuts or extends a file to `size` bytes.
pub(crate) fn fd_filestat_set_size(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    size: u64,
) -> Result {
    let file = ctx
        .table
        .at(fd)?
        .file(Rights::FD_FILESTAT_SET_SIZE, Errno::Badf)?;
    Ok(rustix::fs::ftruncate(file, size)?)
}

/// A time to set on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewTime {
    Keep,
    Now,
    /// Nanoseconds since 1970.
    At(u64),
}

impl NewTime {
    /// Access and modification time from the guest's flags and numbers; `Inval` for "now" and a time at once.
    pub(crate) fn pair(flags: u32, accessed: u64, modified: u64) -> Result<(NewTime, NewTime)> {
        let flags = TimeFlags::exact(flags)?;
        let choose = |at: TimeFlags, now: TimeFlags, time: u64| match (
            flags.contains(at),
            flags.contains(now),
        ) {
            (true, true) => Err(Errno::Inval),
            (true, false) => Ok(NewTime::At(time)),
            (false, true) => Ok(NewTime::Now),
            (false, false) => Ok(NewTime::Keep),
        };
        let accessed = choose(TimeFlags::ATIM, TimeFlags::ATIM_NOW, accessed)?;
        let modified = choose(TimeFlags::MTIM, TimeFlags::MTIM_NOW, modified)?;
        Ok((accessed, modified))
    }

    fn timespec(self) -> Result<Timespec> {
        let (seconds, nanos) = match self {
            NewTime::Keep => (0, UTIME_OMIT),
            NewTime::Now => (0, UTIME_NOW),
            NewTime::At(time) => {
                let nanos = (time % 1_000_000_000).try_into();
                (time / 1_000_000_000, nanos.map_err(|_| Errno::Overflow)?)
            }
        };
        let tv_sec = seconds.try_into().map_err(|_| Errno::Overflow)?;
        Ok(Timespec {
            tv_sec,
            tv_nsec: nanos,
        })
    }
}

/// Sets access and modification time of an open file.
pub(crate) fn fd_filestat_set_times(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> Result {
    let descriptor = ctx.table.at(fd)?.require(Rights::FD_FILESTAT_SET_TIMES)?;
    let (accessed, modified) = NewTime::pair(flags, accessed, modified)?;
    let times = Timestamps {
        last_access: accessed.timespec()?,
        last_modification: modified.timespec()?,
    };
    Ok(rustix::fs::futimens(host(descriptor), &times)?)
}

/// Writes that a descriptor is a preopened directory and the length of its name (`prestat`, 8 bytes).
pub(crate) fn fd_prestat_get(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    ptr: u32,
) -> Result {
    let name = preopen_name(ctx, fd)?;
    let len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
    guest.put(ptr, [[0; 4], len.to_le_bytes()].as_flattened())
}

/// Writes the name of a preopened directory, without a NUL.
pub(crate) fn fd_prestat_dir_name(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    buf: u32,
    len: u32,
) -> Result {
    let name = preopen_name(ctx, fd)?.as_bytes();
    guest.fill(buf, len, |out| {
        let out = out.get_mut(..name.len()).ok_or(Errno::Nametoolong)?;
        out.copy_from_slice(name);
        Ok(name.len())
    })?;
    Ok(())
}

fn preopen_name(ctx: &WasiCtx, fd: u32) -> Result<&str> {
    match &ctx.table.at(fd)?.node {
        Node::Directory(directory) => directory.preopen.as_deref().ok_or(Errno::Badf),
        Node::File(_) | Node::Stream(_) => Err(Errno::Badf),
    }
}

/// Moves a descriptor onto another number.
pub(crate) fn fd_renumber(ctx: &mut WasiCtx, _: &mut Guest<'_>, from: u32, to: u32) -> Result {
    ctx.table.renumber(from, to)
}

/// Where an offset counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whence {
    Start,
    Current,
    End,
}

impl Whence {
    fn of(edition: Edition, raw: u32) -> Result<Whence> {
        match (edition, raw) {
            (Edition::Preview1, 0) | (Edition::Unstable, 2) => Ok(Whence::Start),
            (Edition::Preview1, 1) | (Edition::Unstable, 0) => Ok(Whence::Current),
            (Edition::Preview1, 2) | (Edition::Unstable, 1) => Ok(Whence::End),
            _ => Err(Errno::Inval),
        }
    }
}

/// Moves the position of a file and writes where it is now.
pub(crate) fn fd_seek(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    offset: i64,
    whence: u32,
    ptr: u32,
) -> Result {
    let descriptor = ctx.table.at(fd)?;
    let whence = Whence::of(guest.edition(), whence)?;
    let needed = match (whence, offset) {
        (Whence::Current, 0) => Rights::FD_TELL,
        _ => Rights::FD_SEEK,
    };
    guest.check(ptr, 8)?;
    let target = match whence {
        Whence::Start => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Inval)?),
        Whence::Current => SeekFrom::Current(offset),
        Whence::End => SeekFrom::End(offset),
    };
    let position = seek(descriptor, needed, target)?;
    guest.put_u64(ptr, position)
}

/// Writes the position of a file.
pub(crate) fn fd_tell(ctx: &mut WasiCtx, guest: &mut Guest<'_>, fd: u32, ptr: u32) -> Result {
    let position = seek(ctx.table.at(fd)?, Rights::FD_TELL, SeekFrom::Current(0))?;
    guest.put_u64(ptr, position)
}

fn seek(descriptor: &Descriptor, needed: Rights, target: SeekFrom) -> Result<u64> {
    match (descriptor.file(needed, Errno::Badf), &descriptor.node) {
        // A stream lacks the right because it has no position.
        (Err(Errno::Notcapable), Node::Stream(_)) => Err(Errno::Spipe),
        (file, _) => Ok(rustix::fs::seek(file?, target)?),
    }
}

/// The host's descriptor, for operations that mean the same on files and directories.
fn host(descriptor: &Descriptor) -> BorrowedFd<'_> {
    match &descriptor.node {
        Node::Directory(directory) => directory.dir.as_fd(),
        Node::File(file) | Node::Stream(file) => file.as_fd(),
    }
}
