//! Memory that compiled code reads and writes: blocks for the ABI structures,
//! regions for linear memories and code, and the pointers that compiled code
//! hands to the runtime's functions.
//!
//! Contract: a [`Block`] or [`Region`] is only ever accessed by copies in and
//! out or by slices whose borrow excludes compiled code running on the store,
//! never by long-lived references; every access is checked against its size.
//! The pointer types at the end have no public constructor: values of them are
//! arguments from compiled code, which the trust boundary (crate docs) covers.

use alloc::alloc::{alloc_zeroed, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::NonNull;
#[cfg(feature = "std")]
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use aot_format::abi::exec_env::{ARGV_CELLS, ExecEnv};
use aot_format::abi::frame::Frame;
use aot_format::abi::instance::ModuleInstance;

use crate::entry::Activation;
use crate::platform::{Access, Placement, Platform};
use crate::store::InstanceIdx;

/// A zeroed heap allocation shared with compiled code.
pub(crate) struct Block {
    base: NonNull<u8>,
    bytes: usize,
}

// SAFETY: the block owns its allocation; access goes through `&Block` of a
// store, which one thread uses at a time.
unsafe impl Send for Block {}
// SAFETY: shared references only copy bytes out, and compiled code, the only
// other writer, runs under an exclusive borrow of the store. The structures of
// shared memories are written by `publish_…` alone once code can see them.
unsafe impl Sync for Block {}

impl Block {
    /// Alignment of every block: what vectors and structures need.
    const ALIGN: usize = 16;

    /// A block of zeros; at least one byte long.
    pub(crate) fn new(bytes: usize) -> Block {
        let bytes = bytes.max(1);
        let Ok(layout) = Layout::from_size_align(bytes, Block::ALIGN) else {
            handle_alloc_error(Layout::new::<[u64; 2]>())
        };
        // SAFETY: the size is not zero.
        let base = unsafe { alloc_zeroed(layout) };
        let Some(base) = NonNull::new(base) else {
            handle_alloc_error(layout)
        };
        Block { base, bytes }
    }

    /// Address of the byte at `offset`, for compiled code to use.
    pub(crate) fn address(&self, offset: usize) -> usize {
        self.base.as_ptr() as usize + offset.min(self.bytes)
    }

    fn at(&self, offset: usize, bytes: usize) -> Option<*mut u8> {
        let end = offset.checked_add(bytes)?;
        // SAFETY: `offset` is at most `end`, checked against the allocation.
        (end <= self.bytes).then(|| unsafe { self.base.as_ptr().add(offset) })
    }

    /// Copies `N` bytes out; zeros if they are not all inside.
    pub(crate) fn read<const N: usize>(&self, offset: usize) -> [u8; N] {
        let mut out = [0; N];
        if let Some(at) = self.at(offset, N) {
            // SAFETY: `at` checked the range; `out` has `N` bytes.
            unsafe { at.copy_to_nonoverlapping(out.as_mut_ptr(), N) };
        }
        out
    }

    /// Copies bytes in; nothing if they do not all fit.
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) {
        if let Some(at) = self.at(offset, bytes.len()) {
            // SAFETY: `at` checked the range, which no reference covers.
            unsafe { at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        }
    }

    /// Moves bytes inside the block, as `memmove`; nothing if out of range.
    pub(crate) fn copy_within(&self, source: usize, target: usize, bytes: usize) {
        if let (Some(source), Some(target)) = (self.at(source, bytes), self.at(target, bytes)) {
            // SAFETY: `at` checked both ranges.
            unsafe { source.copy_to(target, bytes) };
        }
    }

    /// The 32-bit word at `offset`.
    pub(crate) fn u32(&self, offset: usize) -> u32 {
        u32::from_ne_bytes(self.read(offset))
    }

    /// Sets the 32-bit word at `offset`.
    pub(crate) fn set_u32(&self, offset: usize, value: u32) {
        self.write(offset, &value.to_ne_bytes());
    }

    /// Sets the 64-bit word at `offset`.
    pub(crate) fn set_u64(&self, offset: usize, value: u64) {
        self.write(offset, &value.to_ne_bytes());
    }

    /// Sets the aligned 32-bit word at `offset` for compiled code on other
    /// threads, too.
    #[cfg(feature = "std")]
    pub(crate) fn publish_u32(&self, offset: usize, value: u32) {
        if let Some(at) = self.at(offset, 4).filter(|_| offset.is_multiple_of(4)) {
            // SAFETY: `at` checked the range; blocks are aligned to 16 bytes.
            let word = unsafe { AtomicU32::from_ptr(at.cast()) };
            word.store(value, Ordering::SeqCst);
        }
    }

    /// As [`Block::publish_u32`], for a number of 64 bits that is not above the
    /// greatest address: on a 32-bit machine its upper half is zero for ever.
    #[cfg(feature = "std")]
    pub(crate) fn publish_u64(&self, offset: usize, value: u64) {
        let low = match u64::from_ne_bytes([1, 0, 0, 0, 0, 0, 0, 0]) {
            1 => 0,
            _ => 8 - size_of::<usize>(),
        };
        let word = usize::try_from(value).unwrap_or(usize::MAX);
        self.publish_word(offset + low, word);
    }

    /// As [`Block::publish_u32`], for the size of a pointer.
    #[cfg(feature = "std")]
    pub(crate) fn publish_word(&self, offset: usize, value: usize) {
        let aligned = offset.is_multiple_of(size_of::<usize>());
        if let Some(at) = self.at(offset, size_of::<usize>()).filter(|_| aligned) {
            // SAFETY: as above.
            let word = unsafe { AtomicUsize::from_ptr(at.cast()) };
            word.store(value, Ordering::SeqCst);
        }
    }

    /// The pointer-sized word at `offset`.
    pub(crate) fn word(&self, offset: usize) -> usize {
        usize::from_ne_bytes(self.read(offset))
    }

    /// Sets the pointer-sized word at `offset`.
    pub(crate) fn set_word(&self, offset: usize, value: usize) {
        self.write(offset, &value.to_ne_bytes());
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Ok(layout) = Layout::from_size_align(self.bytes, Block::ALIGN) {
            // SAFETY: allocated in `new` with this very layout.
            unsafe { dealloc(self.base.as_ptr(), layout) };
        }
    }
}

/// Address space from the platform, accessible up to a mark.
pub(crate) struct Region {
    base: NonNull<u8>,
    reserved: usize,
    accessible: usize,
    platform: &'static dyn Platform,
}

// SAFETY: the region owns its reservation; see `Block`.
unsafe impl Send for Region {}
// SAFETY: see `Block`.
unsafe impl Sync for Region {}

impl Region {
    /// Reserves `bytes`, rounded up to pages, nothing accessible.
    pub(crate) fn reserve(
        platform: &'static dyn Platform,
        bytes: usize,
        placement: Placement,
    ) -> Option<Region> {
        let reserved = bytes
            .max(1)
            .checked_next_multiple_of(platform.page_bytes())?;
        let base = platform.reserve(reserved, placement)?;
        Some(Region {
            base,
            reserved,
            accessible: 0,
            platform,
        })
    }

    /// Address of the first byte.
    pub(crate) fn address(&self) -> usize {
        self.base.as_ptr() as usize
    }

    /// Where the address space comes from.
    pub(crate) fn platform(&self) -> &'static dyn Platform {
        self.platform
    }

    /// Reserved bytes.
    pub(crate) fn reserved(&self) -> usize {
        self.reserved
    }

    /// Makes the first `bytes` readable and writable; false if refused. What
    /// was accessible stays so.
    pub(crate) fn commit(&mut self, bytes: usize) -> bool {
        let Some(end) = bytes.checked_next_multiple_of(self.platform.page_bytes()) else {
            return false;
        };
        if end <= self.accessible {
            return true;
        }
        if end > self.reserved
            || !self.protect(self.accessible, end - self.accessible, Access::ReadWrite)
        {
            return false;
        }
        self.accessible = end;
        true
    }

    /// Sets the access of whole pages; false if refused or out of range.
    pub(crate) fn protect(&self, offset: usize, bytes: usize, access: Access) -> bool {
        match offset.checked_add(bytes) {
            Some(end) if end <= self.reserved => {
                // SAFETY: `offset` is inside the reservation.
                let at = unsafe { self.base.add(offset) };
                self.platform.protect(at, bytes, access)
            }
            _ => false,
        }
    }

    /// Makes code in the first `bytes` visible to instruction fetch.
    pub(crate) fn sync_code(&self, bytes: usize) {
        self.platform.sync_code(self.base, bytes.min(self.reserved));
    }

    /// The first `bytes`, as far as accessible.
    pub(crate) fn slice(&self, bytes: usize) -> &[u8] {
        // SAFETY: `commit` made this prefix readable; it is initialised (the
        // platform hands out zeros), and compiled code, the only other writer,
        // runs under an exclusive borrow of the store that owns the region.
        unsafe { core::slice::from_raw_parts(self.base.as_ptr(), bytes.min(self.accessible)) }
    }

    /// The first `bytes`, as far as accessible, to write.
    pub(crate) fn slice_mut(&mut self, bytes: usize) -> &mut [u8] {
        // SAFETY: as `slice`; writable as well, and `self` is exclusive.
        unsafe { core::slice::from_raw_parts_mut(self.base.as_ptr(), bytes.min(self.accessible)) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        self.platform.release(self.base, self.reserved);
    }
}

/// The execution environment: the part compiled code knows, then ours.
#[repr(C)]
pub(crate) struct Env {
    abi: ExecEnv,
    /// The innermost activation of this instance, or null.
    activation: *const Activation,
    instance: InstanceIdx,
    cells: [u32; ARGV_CELLS as usize],
}

/// An [`Env`] on the heap, at an address that never changes.
pub(crate) struct EnvBlock(NonNull<Env>);

// SAFETY: owned; see `Block`.
unsafe impl Send for EnvBlock {}
// SAFETY: see `Block`.
unsafe impl Sync for EnvBlock {}

/// What an environment starts with.
pub(crate) struct EnvInit {
    /// The instance's structure.
    pub(crate) module_inst: usize,
    /// Lowest value of the guest's stack pointer.
    pub(crate) aux_stack_boundary: usize,
    /// Its first value.
    pub(crate) aux_stack_bottom: usize,
    /// Table of addresses of an execute-in-place file, or 0.
    pub(crate) native_symbol: usize,
    /// Area for frames: start and end.
    pub(crate) frames: (usize, usize),
    /// The innermost frame, or 0.
    pub(crate) frame: usize,
    /// Array of the addresses of exception tags.
    pub(crate) tags: usize,
}

impl EnvBlock {
    /// An environment for an instance.
    pub(crate) fn new(instance: InstanceIdx, init: &EnvInit) -> EnvBlock {
        let pointer = |address: usize| core::ptr::with_exposed_provenance_mut::<u8>(address);
        let abi = ExecEnv {
            next: pointer(0),
            cur_frame: pointer(init.frame),
            module_inst: pointer(init.module_inst),
            argv_buf: pointer(0),
            native_stack_boundary: 0,
            suspend_flags: 0,
            aux_stack_boundary: init.aux_stack_boundary,
            aux_stack_bottom: init.aux_stack_bottom,
            native_symbol: pointer(init.native_symbol),
            native_stack_top_min: usize::MAX,
            wasm_stack_top_boundary: pointer(init.frames.1),
            wasm_stack_top: pointer(init.frames.0),
            wasm_stack_bottom: pointer(init.frames.0),
            tags: pointer(init.tags),
        };
        let env = Env {
            abi,
            activation: core::ptr::null(),
            instance,
            cells: [0; ARGV_CELLS as usize],
        };
        let block = EnvBlock(NonNull::from(alloc::boxed::Box::leak(
            alloc::boxed::Box::new(env),
        )));
        let at = block.0.as_ptr();
        // SAFETY: just allocated and not shared yet.
        let cells = unsafe { &raw mut (*at).cells };
        // SAFETY: as above.
        unsafe { (*at).abi.argv_buf = cells.cast() };
        block
    }

    /// The address compiled code gets.
    pub(crate) fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// Makes the frame behind the innermost one, which compiled code has, the innermost; whether there is room for it
    /// and, as in compiled code, for one more.
    pub(crate) fn push_frame(&self, function: u32) -> bool {
        let bytes = size_of::<Frame>();
        let at = self.0.as_ptr();
        // SAFETY: as `activate`.
        let frame = unsafe { (*at).abi.cur_frame };
        // SAFETY: as `activate`.
        let end = unsafe { (*at).abi.wasm_stack_top_boundary };
        if frame.is_null() || (end as usize).saturating_sub(frame as usize) < 2 * bytes {
            return false;
        }
        let next = frame.wrapping_add(bytes).cast::<Frame>();
        // SAFETY: the area reaches to `end` at least; frames in it are a whole number of words from its start.
        unsafe { (*next).prev_frame = frame };
        // SAFETY: as above.
        unsafe { (*next).func_index = function as usize };
        self.set_frames(next as usize);
        true
    }

    /// Makes the frame before the innermost one the innermost.
    pub(crate) fn pop_frame(&self) {
        let at = self.0.as_ptr();
        // SAFETY: as `activate`.
        let frame = unsafe { (*at).abi.cur_frame };
        if let Some(frame) = NonNull::new(frame.cast::<Frame>()) {
            // SAFETY: compiled code and `push_frame` keep whole frames there.
            self.set_frames(unsafe { (*frame.as_ptr()).prev_frame } as usize);
        }
    }

    /// The innermost frame, or 0.
    pub(crate) fn frames(&self) -> usize {
        let at = self.0.as_ptr();
        // SAFETY: as `activate`.
        unsafe { (*at).abi.cur_frame as usize }
    }

    /// Makes this the innermost frame.
    pub(crate) fn set_frames(&self, frame: usize) {
        let at = self.0.as_ptr();
        let frame = core::ptr::with_exposed_provenance_mut(frame);
        // SAFETY: as `activate`.
        unsafe { (*at).abi.cur_frame = frame };
    }

    /// Makes `activation` the innermost one and returns the one before; sets
    /// the lowest stack address compiled code may use.
    pub(crate) fn activate(
        &self,
        activation: *const Activation,
        stack_boundary: usize,
    ) -> *const Activation {
        let at = self.0.as_ptr();
        // SAFETY: allocated in `new`, freed in `drop`; no reference to it exists.
        unsafe { (*at).abi.native_stack_boundary = stack_boundary };
        // SAFETY: as above.
        let slot = unsafe { &mut (*at).activation };
        core::mem::replace(slot, activation)
    }
}

impl Drop for EnvBlock {
    fn drop(&mut self) {
        // SAFETY: leaked from a box in `new`, and dropped once.
        drop(unsafe { alloc::boxed::Box::from_raw(self.0.as_ptr()) });
    }
}

/// The execution environment, as compiled code passes it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct EnvPtr(NonNull<Env>);

/// The module instance, as compiled code passes it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct InstancePtr(NonNull<ModuleInstance>);

/// Argument cells, as compiled code passes them.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct CellsPtr(NonNull<u32>);

/// A value of 16 bytes, or none, as compiled code passes it.
#[cfg(feature = "gc")]
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct ValuePtr(Option<NonNull<[u8; 16]>>);

#[cfg(feature = "gc")]
impl ValuePtr {
    /// The bytes.
    pub(crate) fn get(self) -> Option<[u8; 16]> {
        // SAFETY: compiled code passes null or room for 16 bytes.
        self.0.map(|at| unsafe { at.read_unaligned() })
    }
}

#[cfg(feature = "gc")]
impl InstancePtr {
    /// The run-time type of a type index, as a word; `None` in files without garbage collection.
    pub(crate) fn rtt(self, index: u32) -> Option<usize> {
        // SAFETY: compiled code passes the instance it runs for.
        let array = unsafe { (*self.0.as_ptr()).rtts.value };
        if array.is_null() {
            return None;
        }
        // SAFETY: one entry per type; the compiler knows their number.
        let at = unsafe { array.cast::<usize>().add(index as usize) };
        // SAFETY: as above.
        Some(unsafe { at.read() })
    }
}

/// A NUL-terminated text, as compiled code passes it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct TextPtr(NonNull<u8>);

/// Compiled code's word for where a call comes from.
pub(crate) trait Origin: Copy {
    /// The innermost activation of the instance; `None` outside any call.
    fn activation<'a>(self) -> Option<&'a Activation>;
}

impl Origin for EnvPtr {
    fn activation<'a>(self) -> Option<&'a Activation> {
        // SAFETY: compiled code passes the environment it was entered with,
        // which lives as long as its instance.
        let activation = unsafe { (*self.0.as_ptr()).activation };
        // SAFETY: null, or an activation on the stack of the `entry::enter`
        // that compiled code is running under.
        unsafe { activation.as_ref() }
    }
}

impl Origin for InstancePtr {
    fn activation<'a>(self) -> Option<&'a Activation> {
        // SAFETY: compiled code passes the instance it runs for; the field was
        // set by `instantiate` to the instance's environment.
        let env = unsafe { (*self.0.as_ptr()).cur_exec_env.value };
        EnvPtr(NonNull::new(env.cast())?).activation()
    }
}

impl CellsPtr {
    /// The first `count` cells.
    pub(crate) fn get<'a>(self, count: usize) -> &'a [u32] {
        // SAFETY: compiled code passes at least the cells it counts (`argc`),
        // and waits for the call, so nothing writes them meanwhile.
        unsafe { core::slice::from_raw_parts(self.0.as_ptr(), count) }
    }

    /// The `index`th 64-bit slot.
    pub(crate) fn slot(self, index: usize) -> u64 {
        // SAFETY: compiled code passes a slot for each value of the tag it names.
        let at = unsafe { self.0.as_ptr().cast::<u64>().add(index) };
        // SAFETY: as above.
        unsafe { at.read_unaligned() }
    }

    /// Writes the `index`th 64-bit slot.
    pub(crate) fn set_slot(self, index: usize, slot: u64) {
        // SAFETY: compiled code gives room for the values of the exception's tag.
        let at = unsafe { self.0.as_ptr().cast::<u64>().add(index) };
        // SAFETY: as above.
        unsafe { at.write_unaligned(slot) };
    }

    /// Writes the `index`th cell.
    pub(crate) fn set(self, index: usize, cell: u32) {
        // SAFETY: the ABI gives room for the results (contract of
        // `aot_invoke_native` and `aot_call_indirect`).
        let at = unsafe { self.0.as_ptr().add(index) };
        // SAFETY: as above.
        unsafe { at.write_unaligned(cell) };
    }

    /// Writes a result through the `index`th pointer behind `params` cells.
    pub(crate) fn set_extra(self, params: usize, index: usize, cells: &[u32]) {
        // SAFETY: our own files put one pointer per further result there.
        let at = unsafe { self.0.as_ptr().add(params) };
        // SAFETY: as above.
        let at = unsafe { at.cast::<*mut u32>().add(index) };
        // SAFETY: as above; pointers there need no alignment.
        let target = unsafe { at.read_unaligned() };
        // SAFETY: the pointer leads to storage for a value of the result's type.
        unsafe {
            target
                .cast::<u8>()
                .copy_from(cells.as_ptr().cast(), size_of_val(cells))
        };
    }

    /// Writes a pointer-sized word at the start.
    pub(crate) fn set_word(self, word: usize) {
        // SAFETY: the ABI gives room for one pointer (`aot_check_app_addr_and_convert`).
        unsafe { self.0.as_ptr().cast::<usize>().write_unaligned(word) };
    }
}

impl TextPtr {
    /// The text, at most 127 bytes of it.
    pub(crate) fn bytes(self) -> alloc::vec::Vec<u8> {
        // SAFETY: compiled code passes a NUL-terminated text.
        unsafe { core::ffi::CStr::from_ptr(self.0.as_ptr().cast()) }
            .to_bytes()
            .iter()
            .copied()
            .take(127)
            .collect()
    }
}
