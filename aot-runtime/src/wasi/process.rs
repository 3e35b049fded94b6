//! The process as the guest sees it: `proc_exit`, `proc_raise`, `sched_yield`.

use super::Result;
use super::context::WasiCtx;
use super::errno::Errno;
use super::guest::Guest;
use crate::trap::Trap;

/// The last signal number of the interface (`sys`).
const LAST_SIGNAL: u32 = 30;

/// Signals a process survives by default: none, `chld`, `cont`, `urg`, `winch`.
const IGNORED: [u32; 5] = [0, 16, 17, 22, 27];

/// Ends the program with an exit code.
pub(crate) fn proc_exit(code: u32) -> Trap {
    Trap::Exit(code.cast_signed())
}

/// Acts out the default action of a signal on the guest, never on the host process: a signal that ends a process ends
/// the program with the code shells report for it, 128 + number.
pub(crate) fn proc_raise(
    _: &mut WasiCtx,
    _: &mut Guest<'_>,
    signal: u32,
) -> std::result::Result<Errno, Trap> {
    match signal {
        ignored if IGNORED.contains(&ignored) => Ok(Errno::Success),
        fatal @ 1..=LAST_SIGNAL => Err(proc_exit(128 + fatal)),
        _ => Ok(Errno::Inval),
    }
}

/// Lets other threads of the host run.
pub(crate) fn sched_yield(_: &mut WasiCtx, _: &mut Guest<'_>) -> Result {
    std::thread::yield_now();
    Ok(())
}
