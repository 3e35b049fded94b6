//! Bytes in and out of files: `fd_read`, `fd_pread`, `fd_write`, `fd_pwrite`.
//!
//! Data goes straight between the host's file and the guest's memory, one system call per call of the guest, with
//! nothing buffered in between: what a guest wrote is visible at once and survives its traps.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{preadv, pwritev, readv, writev};

use super::Result;
use super::context::WasiCtx;
use super::errno::Errno;
use super::guest::Guest;
use super::table::{Descriptor, Node};
use super::types::{FdFlags, Rights};

/// Reads at the file's position and writes the number of bytes read to `done`.
pub(crate) fn fd_read(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    list: u32,
    count: u32,
    done: u32,
) -> Result {
    let (descriptor, file) = source(ctx, guest, fd, done)?;
    let total = guest.scatter(list, count, |slices, _| {
        ready(descriptor, file, PollFlags::IN)?;
        read(file, slices)
    })?;
    put_total(guest, done, total)
}

/// Reads at `offset`, leaving the position alone.
pub(crate) fn fd_pread(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    list: u32,
    count: u32,
    offset: u64,
    done: u32,
) -> Result {
    let (_, file) = source(ctx, guest, fd, done)?;
    let total = guest.scatter(list, count, |slices, before| {
        let offset = offset.checked_add(before).ok_or(Errno::Inval)?;
        read_at(file, slices, offset)
    })?;
    put_total(guest, done, total)
}

/// Writes at the file's position, or its end if it is open for appending, and the number of bytes written to `done`.
pub(crate) fn fd_write(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    list: u32,
    count: u32,
    done: u32,
) -> Result {
    let (descriptor, file) = sink(ctx, guest, fd, done)?;
    let total = guest.gather(list, count, |slices| {
        ready(descriptor, file, PollFlags::OUT)?;
        write(file, slices)
    })?;
    put_total(guest, done, total)
}

/// Writes at `offset`, leaving the position alone.
pub(crate) fn fd_pwrite(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    fd: u32,
    list: u32,
    count: u32,
    offset: u64,
    done: u32,
) -> Result {
    let (_, file) = sink(ctx, guest, fd, done)?;
    let total = guest.gather(list, count, |slices| write_at(file, slices, offset))?;
    put_total(guest, done, total)
}

type Open<'a> = (&'a Descriptor, &'a File);

/// The file to read from, once there is room for the number of bytes read at `done`.
fn source<'a>(ctx: &'a WasiCtx, guest: &Guest<'_>, fd: u32, done: u32) -> Result<Open<'a>> {
    open(ctx, guest, fd, done, (Rights::FD_READ, Errno::Isdir))
}

/// The file to write to, once there is room for the number of bytes written at `done`.
fn sink<'a>(ctx: &'a WasiCtx, guest: &Guest<'_>, fd: u32, done: u32) -> Result<Open<'a>> {
    open(ctx, guest, fd, done, (Rights::FD_WRITE, Errno::Badf))
}

fn open<'a>(
    ctx: &'a WasiCtx,
    guest: &Guest<'_>,
    fd: u32,
    done: u32,
    (rights, otherwise): (Rights, Errno),
) -> Result<Open<'a>> {
    let descriptor = ctx.table.at(fd)?;
    let file = descriptor.file(rights, otherwise)?;
    guest.check(done, 4)?;
    Ok((descriptor, file))
}

fn put_total(guest: &mut Guest<'_>, ptr: u32, total: usize) -> Result {
    guest.put_u32(ptr, u32::try_from(total).map_err(|_| Errno::Overflow)?)
}

/// `Again` if a stream the guest made non-blocking would block. Files opened by the guest carry the flag themselves.
fn ready(descriptor: &Descriptor, file: &File, wanted: PollFlags) -> Result {
    let blocking = !descriptor.flags.contains(FdFlags::NONBLOCK);
    if blocking || !matches!(descriptor.node, Node::Stream(_)) {
        return Ok(());
    }
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    match poll(&mut [PollFd::new(file, wanted)], Some(&at_once))? {
        0 => Err(Errno::Again),
        _ => Ok(()),
    }
}

// One buffer, the common case by far, spares the host the list. A signal to the host process is not the guest's
// affair, so an interrupted call is made again.

fn read(file: &File, slices: &mut [IoSliceMut<'_>]) -> Result<usize> {
    again(|| match &mut *slices {
        [one] => rustix::io::read(file, &mut **one),
        many => readv(file, many),
    })
}

fn read_at(file: &File, slices: &mut [IoSliceMut<'_>], offset: u64) -> Result<usize> {
    let _valid = i64::try_from(offset).map_err(|_| Errno::Inval)?;
    again(|| match &mut *slices {
        [one] => rustix::io::pread(file, &mut **one, offset),
        many => preadv(file, many, offset),
    })
}

fn write(file: &File, slices: &[IoSlice<'_>]) -> Result<usize> {
    again(|| match slices {
        [one] => rustix::io::write(file, one),
        many => writev(file, many),
    })
}

fn write_at(file: &File, slices: &[IoSlice<'_>], offset: u64) -> Result<usize> {
    let _valid = i64::try_from(offset).map_err(|_| Errno::Inval)?;
    again(|| match slices {
        [one] => rustix::io::pwrite(file, one, offset),
        many => pwritev(file, many, offset),
    })
}

fn again(mut call: impl FnMut() -> rustix::io::Result<usize>) -> Result<usize> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            other => return Ok(other?),
        }
    }
}
