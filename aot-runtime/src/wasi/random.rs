//! Random bytes: `random_get`.

use rustix::rand::{GetRandomFlags, getrandom};

use super::Result;
use super::context::WasiCtx;
use super::guest::Guest;

/// Fills the buffer with bytes from the host's generator.
pub(crate) fn random_get(_: &mut WasiCtx, guest: &mut Guest<'_>, buf: u32, len: u32) -> Result {
    guest.fill(buf, len, |out| {
        let mut filled = 0;
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match getrandom(rest, GetRandomFlags::empty()) {
                // The generator hands out large requests in parts.
                Ok(done) => filled += done,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(filled)
    })?;
    Ok(())
}
