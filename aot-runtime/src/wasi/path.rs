//! Files by path: everything that starts at an open directory and names something below it.
//!
//! The sandbox is cap-std: resolution never leaves the directory, by `..`, absolute paths or symbolic links, whoever
//! made them. What it refuses arrives here as an error without a host number and becomes `Notcapable` (`errno.rs`).
//! This file adds what the interface asks for on top: rights, flags, and the choice between a link and its target.
//! Opening is in `open.rs`.

#![expect(
    clippy::too_many_arguments,
    reason = "the parameters are the interface's"
)]

use cap_fs_ext::{DirExt, SystemTimeSpec};
use cap_std::time::{Duration, SystemClock, SystemTime};

use super::Result;
use super::context::WasiCtx;
use super::errno::Errno;
use super::fd::NewTime;
use super::guest::Guest;
use super::table::Directory;
use super::types::{Lookup, Rights, put_filestat};

/// The directory `fd` and the path at `ptr`, for an operation that needs `rights`.
fn at<'a>(
    ctx: &'a WasiCtx,
    guest: &'a Guest<'_>,
    fd: u32,
    rights: Rights,
    ptr: u32,
    len: u32,
) -> Result<(&'a Directory, &'a str)> {
    let directory = ctx.table.at(fd)?.directory(rights)?;
    Ok((directory, guest.path(ptr, len)?))
}

/// Makes a directory.
pub(crate) fn path_create_directory(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result {
    let (directory, path) = at(ctx, guest, fd, Rights::PATH_CREATE_DIRECTORY, path, len)?;
    Ok(directory.dir.create_dir(path)?)
}

/// Writes the attributes of a file or, unless asked to follow it, of a link.
pub(crate) fn path_filestat_get(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    ptr: u32,
) -> Result {
    let (directory, path) = at(ctx, guest, fd, Rights::PATH_FILESTAT_GET, path, len)?;
    let follow = Lookup::exact(lookup)?.contains(Lookup::SYMLINK_FOLLOW);
    let attributes = match follow {
        true => directory.dir.metadata(path)?,
        false => directory.dir.symlink_metadata(path)?,
    };
    put_filestat(guest, ptr, &attributes)
}

/// Sets access and modification time of a file or, unless asked to follow it, of a link.
pub(crate) fn path_filestat_set_times(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> Result {
    let (directory, path) = at(ctx, guest, fd, Rights::PATH_FILESTAT_SET_TIMES, path, len)?;
    let follow = Lookup::exact(lookup)?.contains(Lookup::SYMLINK_FOLLOW);
    let (accessed, modified) = NewTime::pair(flags, accessed, modified)?;
    let (accessed, modified) = (time_spec(accessed), time_spec(modified));
    match follow {
        true => Ok(directory.dir.set_times(path, accessed, modified)?),
        false => Ok(directory.dir.set_symlink_times(path, accessed, modified)?),
    }
}

fn time_spec(time: NewTime) -> Option<SystemTimeSpec> {
    match time {
        NewTime::Keep => None,
        NewTime::Now => Some(SystemTimeSpec::SymbolicNow),
        NewTime::At(nanos) => {
            let time: SystemTime = SystemClock::UNIX_EPOCH + Duration::from_nanos(nanos);
            Some(SystemTimeSpec::Absolute(time))
        }
    }
}

/// Gives a file another name, in the same or another directory.
pub(crate) fn path_link(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    old_fd: u32,
    lookup: u32,
    old_path: u32,
    old_len: u32,
    new_fd: u32,
    new_path: u32,
    new_len: u32,
) -> Result {
    let (old, old_path) = at(
        ctx,
        guest,
        old_fd,
        Rights::PATH_LINK_SOURCE,
        old_path,
        old_len,
    )?;
    let (new, new_path) = at(
        ctx,
        guest,
        new_fd,
        Rights::PATH_LINK_TARGET,
        new_path,
        new_len,
    )?;
    if Lookup::exact(lookup)?.contains(Lookup::SYMLINK_FOLLOW) {
        // Linking never follows the last component, so name what it leads to; the result is resolved in the
        // sandbox again, should the file system have changed in between.
        let target = old.dir.canonicalize(old_path)?;
        return Ok(old.dir.hard_link(target, &new.dir, new_path)?);
    }
    Ok(old.dir.hard_link(old_path, &new.dir, new_path)?)
}

/// Writes the target of a link, as much of it as fits, and its length.
pub(crate) fn path_readlink(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    path: u32,
    len: u32,
    buf: u32,
    buf_len: u32,
    used_ptr: u32,
) -> Result {
    let (directory, path) = at(ctx, guest, fd, Rights::PATH_READLINK, path, len)?;
    let target = directory.dir.read_link(path)?;
    let target = target.as_os_str().as_encoded_bytes();
    let used = guest.fill(buf, buf_len, |out| {
        for (slot, byte) in out.iter_mut().zip(target) {
            *slot = *byte;
        }
        Ok(target.len().min(out.len()))
    })?;
    guest.put_u32(used_ptr, u32::try_from(used).map_err(|_| Errno::Overflow)?)
}

/// Removes an empty directory.
pub(crate) fn path_remove_directory(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result {
    let (directory, path) = at(ctx, guest, fd, Rights::PATH_REMOVE_DIRECTORY, path, len)?;
    // The sandbox takes `name/` for `name/.`, which no host removes; to hosts it is `name`, if that is a directory.
    let bare = match path.trim_end_matches('/') {
        "" => path,
        bare => bare,
    };
    Ok(directory.dir.remove_dir(bare)?)
}

/// Moves a file or directory to another name, replacing what was there.
pub(crate) fn path_rename(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    old_fd: u32,
    old_path: u32,
    old_len: u32,
    new_fd: u32,
    new_path: u32,
    new_len: u32,
) -> Result {
    let (old, old_path) = at(
        ctx,
        guest,
        old_fd,
        Rights::PATH_RENAME_SOURCE,
        old_path,
        old_len,
    )?;
    let (new, new_path) = at(
        ctx,
        guest,
        new_fd,
        Rights::PATH_RENAME_TARGET,
        new_path,
        new_len,
    )?;
    Ok(old.dir.rename(old_path, &new.dir, new_path)?)
}

/// Makes a link that leads to `target`, which must be relative; where it leads is judged when it is followed.
pub(crate) fn path_symlink(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    target: u32,
    target_len: u32,
    fd: u32,
    path: u32,
    len: u32,
) -> Result {
    let (directory, path) = at(ctx, guest, fd, Rights::PATH_SYMLINK, path, len)?;
    let target = guest.path(target, target_len)?;
    Ok(directory.dir.symlink(target, path)?)
}

/// Removes a file or a link.
pub(crate) fn path_unlink_file(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result {
    let (directory, path) = at(ctx, guest, fd, Rights::PATH_UNLINK_FILE, path, len)?;
    Ok(directory.dir.remove_file(path)?)
}
