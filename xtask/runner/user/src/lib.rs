//! The spec runner as a static program for Linux machines that Rust's standard library does not know.
//!
//! It asks the kernel to open, read, write and exit, and for nothing else; stack and heap are variables. The first
//! instructions and the system call are assembly, in `start`, because Rust has none for these machines.
#![no_std]

extern crate alloc;

#[path = "../../image/src/heap.rs"]
mod heap;
mod kernel;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::ffi::CStr;
use core::ffi::c_char;
use core::fmt;
use core::panic::PanicInfo;

use aot_runtime::StoreOptions;
use aot_runtime::platform::{Arena, Platform};
use spec_runner::{Host, Options, command};

/// Granularity of the memory for code and linear memories.
const PAGE_BYTES: usize = 4096;

/// Room for objects of Rust.
const HEAP_BYTES: usize = 64 << 20;

/// Room for code and linear memories.
const PAGES_BYTES: usize = 128 << 20;

/// Room for objects of garbage collection.
const GC_HEAP_BYTES: usize = 1 << 20;

/// Memory that is not used before it is given away.
#[repr(C, align(4096))]
struct Room<const BYTES: usize>([u8; BYTES]);

static mut HEAP: Room<HEAP_BYTES> = Room([0; HEAP_BYTES]);
static mut PAGES: Room<PAGES_BYTES> = Room([0; PAGES_BYTES]);

/// Called by `start`, once, on a stack that ends at `stack_low`, with the words the kernel has left on the first stack:
/// their number, and the addresses of the command line's words.
///
/// # Safety
/// Those words must be there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn runner_main(words: *const usize, stack_low: usize) -> ! {
    // SAFETY: this function is called once.
    let heap = unsafe { &mut *(&raw mut HEAP) };
    heap::give(&mut heap.0);
    // SAFETY: as above.
    let pages = unsafe { &mut *(&raw mut PAGES) };
    let Some(platform) = arena(&mut pages.0, stack_low) else {
        kernel::print(format_args!("there is no memory"));
        kernel::exit(2);
    };
    let store = StoreOptions {
        gc_heap_bytes: GC_HEAP_BYTES,
        ..StoreOptions::default()
    };
    let options = Options { platform, store };
    // SAFETY: the caller's promise.
    let words = unsafe { self::words(words) };
    let count = command(&words, &options, &mut Kernel);
    kernel::exit(i32::from(count.failed != 0))
}

fn arena(pages: &'static mut [u8], stack_low: usize) -> Option<&'static dyn Platform> {
    // SAFETY: there is one thread, and no signal handler.
    let arena = unsafe { Arena::new_unlocked(pages, PAGE_BYTES) }?;
    let arena = arena.with_stack_low(stack_low);
    Some(alloc::boxed::Box::leak(alloc::boxed::Box::new(arena)))
}

/// The command line behind the program's name.
///
/// # Safety
/// As [`runner_main`].
unsafe fn words(first: *const usize) -> Vec<String> {
    // SAFETY: the caller's promise.
    let count = unsafe { first.read() };
    let word = |index: usize| {
        // SAFETY: the caller's promise.
        let address = unsafe { first.add(1 + index).read() };
        // SAFETY: as above.
        let word = unsafe { CStr::from_ptr(address as *const c_char) };
        word.to_string_lossy().into_owned()
    };
    (1..count).map(word).collect()
}

/// What is around the program.
struct Kernel;

impl Host for Kernel {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        kernel::read(path).map_err(|error| error.to_string())
    }

    fn print(&mut self, line: fmt::Arguments<'_>) {
        kernel::print(line);
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    kernel::print(format_args!("{info}"));
    kernel::exit(101)
}
