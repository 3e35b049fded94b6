//! Reading directories: `fd_readdir`.
//!
//! A listing is taken whole when a guest starts to read a directory (cookie 0) and kept with the descriptor; a cookie
//! is a position in it. So entries that come or go meanwhile neither shift nor repeat the others. Names are sorted:
//! the order a program sees does not depend on the host's file system.

use std::collections::BTreeMap;

use cap_std::fs::{Dir, MetadataExt};

use super::Result;
use super::context::WasiCtx;
use super::errno::Errno;
use super::guest::Guest;
use super::table::Node;
use super::types::{FileType, Rights};

/// Bytes of an entry before its name (`dirent`): next cookie, inode, name length, file type.
const HEADER: usize = 24;

/// The entries of a directory at one moment.
pub(crate) struct Listing(Vec<Entry>);

struct Entry {
    name: Vec<u8>,
    inode: u64,
    filetype: FileType,
}

impl Listing {
    /// The entries of `dir`, `.` and `..` first. The parent shows the directory's own inode: what lies above a
    /// preopened directory is none of the guest's business.
    fn take(dir: &Dir) -> Result<Listing> {
        let inode = dir.dir_metadata()?.ino();
        let dots = [&b"."[..], b".."].map(|name| Entry {
            name: name.to_vec(),
            inode,
            filetype: FileType::Directory,
        });
        let mut others = BTreeMap::new();
        for entry in rustix::fs::Dir::read_from(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                others.insert(
                    name.to_vec(),
                    (entry.ino(), FileType::from(entry.file_type())),
                );
            }
        }
        let others = others.into_iter().map(|(name, (inode, filetype))| Entry {
            name,
            inode,
            filetype,
        });
        Ok(Listing(dots.into_iter().chain(others).collect()))
    }
}

impl Entry {
    fn header(&self, next: u64) -> Result<[u8; HEADER]> {
        let len = u32::try_from(self.name.len()).map_err(|_| Errno::Overflow)?;
        let parts = [next.to_le_bytes(), self.inode.to_le_bytes()];
        let mut header = [0; HEADER];
        let bytes = parts
            .into_iter()
            .flatten()
            .chain(len.to_le_bytes())
            .chain([self.filetype.code()]);
        for (slot, byte) in header.iter_mut().zip(bytes) {
            *slot = byte;
        }
        Ok(header)
    }
}

/// Fills the buffer with entries from `cookie` on. The last one is cut off where the buffer ends: a buffer filled to
/// the brim tells the guest that there is more.
pub(crate) fn fd_readdir(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    used_ptr: u32,
) -> Result {
    let descriptor = ctx.table.at_mut(fd)?;
    descriptor.directory(Rights::FD_READDIR)?;
    let Node::Directory(directory) = &mut descriptor.node else {
        return Err(Errno::Notdir);
    };
    guest.check(used_ptr, 4)?;
    guest.check(buf, buf_len)?;
    if cookie == 0 || directory.listing.is_none() {
        directory.listing = Some(Listing::take(&directory.dir)?);
    }
    let entries = directory
        .listing
        .as_ref()
        .map_or(&[][..], |listing| &listing.0);
    // A cookie beyond all addresses is behind every entry, as any other too large.
    let first = usize::try_from(cookie).unwrap_or(usize::MAX);
    let used = guest.fill(buf, buf_len, |out| {
        let mut used = 0;
        for (entry, next) in entries.iter().skip(first).zip(cookie.saturating_add(1)..) {
            used += fill(out, used, &entry.header(next)?);
            used += fill(out, used, &entry.name);
            if used == out.len() {
                break;
            }
        }
        Ok(used)
    })?;
    guest.put_u32(used_ptr, u32::try_from(used).map_err(|_| Errno::Overflow)?)
}

/// Copies as much of `bytes` to `out[at..]` as fits and tells how much that was.
fn fill(out: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    let room = out.get_mut(at..).unwrap_or_default();
    let count = room.len().min(bytes.len());
    for (slot, byte) in room.iter_mut().zip(bytes) {
        *slot = *byte;
    }
    count
}
