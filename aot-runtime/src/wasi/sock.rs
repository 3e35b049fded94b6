//! Sockets: `sock_*`. There is no way for a guest to come by a socket except as an inherited stream, and using those
//! is not supported; what remains is to say what is wrong with the descriptor.

#![expect(
    clippy::too_many_arguments,
    reason = "the parameters are the interface's"
)]

use super::Result;
use super::context::WasiCtx;
use super::errno::Errno;
use super::guest::Guest;
use super::types::FileType;

fn refuse(ctx: &WasiCtx, fd: u32) -> Result {
    match ctx.table.at(fd)?.filetype {
        FileType::SocketStream => Err(Errno::Notsup),
        _ => Err(Errno::Notsock),
    }
}

/// Would accept a connection.
pub(crate) fn sock_accept(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    _flags: u32,
    _opened: u32,
) -> Result {
    refuse(ctx, fd)
}

/// Would receive from a socket.
pub(crate) fn sock_recv(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    _list: u32,
    _count: u32,
    _flags: u32,
    _done: u32,
    _out_flags: u32,
) -> Result {
    refuse(ctx, fd)
}

/// Would send on a socket.
pub(crate) fn sock_send(
    ctx: &mut WasiCtx,
    _: &mut Guest<'_>,
    fd: u32,
    _list: u32,
    _count: u32,
    _flags: u32,
    _done: u32,
) -> Result {
    refuse(ctx, fd)
}

/// Would end one or both directions of a socket.
pub(crate) fn sock_shutdown(ctx: &mut WasiCtx, _: &mut Guest<'_>, fd: u32, _how: u32) -> Result {
    refuse(ctx, fd)
}
