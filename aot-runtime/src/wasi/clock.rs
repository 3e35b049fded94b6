//! Clocks: `clock_res_get`, `clock_time_get`.

use rustix::time::{ClockId, Timespec, clock_getres, clock_gettime};

use super::Result;
use super::context::WasiCtx;
use super::errno::Errno;
use super::guest::Guest;

/// The host's clock for the guest's number.
pub(crate) fn host(id: u32) -> Result<ClockId> {
    match id {
        0 => Ok(ClockId::Realtime),
        1 => Ok(ClockId::Monotonic),
        2 => Ok(ClockId::ProcessCPUTime),
        3 => Ok(ClockId::ThreadCPUTime),
        _ => Err(Errno::Inval),
    }
}

/// Nanoseconds on a clock; `Overflow` before 1970 and after 2554.
pub(crate) fn now(clock: ClockId) -> Result<u64> {
    to_nanoseconds(clock_gettime(clock))
}

/// Writes the resolution of a clock in nanoseconds.
pub(crate) fn clock_res_get(_: &mut WasiCtx, guest: &mut Guest<'_>, id: u32, ptr: u32) -> Result {
    let resolution = to_nanoseconds(clock_getres(host(id)?))?;
    guest.put_u64(ptr, resolution)
}

/// Writes the time on a clock in nanoseconds. The precision asked for is always met: host clocks are read anew.
pub(crate) fn clock_time_get(
    _: &mut WasiCtx,
    guest: &mut Guest<'_>,
    id: u32,
    _precision: u64,
    ptr: u32,
) -> Result {
    let time = now(host(id)?)?;
    guest.put_u64(ptr, time)
}

fn to_nanoseconds(time: Timespec) -> Result<u64> {
    let seconds = u64::try_from(time.tv_sec).ok();
    let nanos = u64::try_from(time.tv_nsec).ok();
    let whole = seconds.and_then(|seconds| seconds.checked_mul(1_000_000_000));
    whole
        .zip(nanos)
        .and_then(|(whole, nanos)| whole.checked_add(nanos))
        .ok_or(Errno::Overflow)
}
