//! Random bytes: `random_get`.

use rustix::rand::{GetRandomFlags, getrandom};

use super::Result;
use super::context::WasiCtx;
use super::guest::Guest;

/// Fills the buffer with bytes from the host's generator.
pub(crate) fn random_get(_: &mut WasiCtx, guest: &mut Guest<'_>, buf: u32, len: u32) -> Result {
    let mut rest = guest.bytes_mut(buf, len)?;
    while !rest.is_empty() {
        match getrandom(&mut *rest, GetRandomFlags::empty()) {
            // The generator hands out large requests in parts.
            Ok(done) => rest = rest.get_mut(done..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
