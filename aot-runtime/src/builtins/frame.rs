//! Call-stack frames that files of stock wamrc keep (spec C.14, D.12). Nothing reads them here: they only have to be kept
//! where compiled code looks for them.

use aot_format::abi::traps::TrapId;

use crate::context::EnvPtr;
use crate::entry::guard;
use crate::trap::Trap;

/// Pushes a frame for a function. False leaves an exception.
pub(super) extern "C" fn aot_alloc_frame(env: EnvPtr, function: u32) -> u8 {
    guard(env, 0, |store, instance| {
        let env = &store.instance(instance).env;
        match env.push_frame(function) {
            true => Ok(1),
            false => Err(Trap::Wasm(TrapId::OperandStackOverflow)),
        }
    })
}

/// Pops the innermost frame.
pub(super) extern "C" fn aot_free_frame(env: EnvPtr) {
    guard(env, (), |store, instance| {
        store.instance(instance).env.pop_frame();
        Ok(())
    });
}

/// Times are not taken.
pub(super) extern "C" fn aot_frame_update_profile_info(_env: EnvPtr, _entering: u8) {}
