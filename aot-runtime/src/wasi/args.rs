//! Arguments and environment: `args_*`, `environ_*`.

use super::Result;
use super::context::WasiCtx;
use super::errno::Errno;
use super::guest::Guest;

/// Writes the number of arguments and the bytes they take, NULs included.
pub(crate) fn args_sizes_get(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    count: u32,
    size: u32,
) -> Result {
    put_sizes(guest, &ctx.args, count, size)
}

/// Writes the arguments to `buf` and the address of each to `pointers`.
pub(crate) fn args_get(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    pointers: u32,
    buf: u32,
) -> Result {
    put_strings(guest, &ctx.args, pointers, buf)
}

/// Writes the number of variables and the bytes they take, NULs included.
pub(crate) fn environ_sizes_get(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    count: u32,
    size: u32,
) -> Result {
    put_sizes(guest, &ctx.env, count, size)
}

/// Writes the environment to `buf` and the address of each variable to `pointers`.
pub(crate) fn environ_get(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    pointers: u32,
    buf: u32,
) -> Result {
    put_strings(guest, &ctx.env, pointers, buf)
}

fn put_sizes(guest: &mut Guest<'_>, strings: &[Vec<u8>], count_ptr: u32, size_ptr: u32) -> Result {
    let bytes: usize = strings.iter().map(|text| text.len() + 1).sum();
    let size = u32::try_from(bytes).map_err(|_| Errno::Overflow)?;
    let count = u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?;
    guest.put_u32(count_ptr, count)?;
    guest.put_u32(size_ptr, size)
}

fn put_strings(guest: &mut Guest<'_>, strings: &[Vec<u8>], pointers: u32, buf: u32) -> Result {
    let (mut slot, mut at) = (Some(pointers), Some(buf));
    for text in strings {
        let (pointer, ptr) = slot.zip(at).ok_or(Errno::Fault)?;
        let len = u32::try_from(text.len()).map_err(|_| Errno::Overflow)?;
        let end = ptr.checked_add(len).ok_or(Errno::Fault)?;
        guest.put_u32(pointer, ptr)?;
        guest.put(ptr, text)?;
        guest.put(end, &[0])?;
        slot = pointer.checked_add(4);
        at = end.checked_add(1);
    }
    Ok(())
}
