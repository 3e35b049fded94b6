//! Architectures without assembly: entering is a plain call, leaving is a
//! plain return, and stock files (which have no entry thunks) can only be
//! called through typed functions.

use core::ffi::c_void;

/// Whether [`leave`] exists.
pub(crate) const CAN_LEAVE: bool = false;
/// Whether [`invoke`] exists.
pub(crate) const CAN_INVOKE: bool = false;
/// Size of a stub that calls an import with its number; 0: none.
pub(crate) const IMPORT_STUB_BYTES: usize = 0;

/// Calls `body(data)`.
///
/// # Safety
/// `body` must accept `data`.
pub(crate) unsafe fn enter(
    _landing: *mut usize,
    body: extern "C" fn(*mut c_void),
    data: *mut c_void,
) -> u32 {
    body(data);
    0
}

/// Never called: `landing` stays zero here, and `entry` asks before leaving.
///
/// # Safety
/// None; it does not return.
pub(crate) unsafe fn leave(_landing: usize) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Machine arguments and results of a call by the C convention.
pub(crate) struct Machine;

impl Machine {
    /// No machine description here.
    pub(crate) fn new(
        _arguments: &[(aot_format::ValType, [u64; 2])],
        _pointers: &[usize],
        _env: usize,
    ) -> Machine {
        Machine
    }
    /// Never called, see [`CAN_INVOKE`].
    ///
    /// # Safety
    /// None; it does nothing.
    pub(crate) unsafe fn invoke(&mut self, _code: usize) {}
    /// The first result.
    pub(crate) fn result(&self, _ty: aot_format::ValType) -> [u64; 2] {
        [0, 0]
    }
}

/// Writes the stub for import `index`; nothing to write here.
pub(crate) fn write_import_stub(_out: &mut [u8], _index: u32) {}
