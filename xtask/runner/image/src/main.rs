//! The spec runner as an image: the loader and a script's modules, and no operating system.
//!
//! Files, command line, output and exit go through semihosting. Memory behind the image is divided by the linker script
//! (`xtask/src/cross/image.rs`): the stack, then one half for objects of Rust, one for code and linear memories.
#![no_std]
#![no_main]

extern crate alloc;

mod heap;
mod start;

use alloc::ffi::CString;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::panic::PanicInfo;

use aot_runtime::StoreOptions;
use aot_runtime::platform::{Arena, Platform};
use semihosting::fs::File;
use semihosting::io::Read as _;
use semihosting::{experimental, println, process};
use spec_runner::{Host, Options, command};

/// Granularity of the memory for code and linear memories.
const PAGE_BYTES: usize = 256;

/// Room for objects of garbage collection.
const GC_HEAP_BYTES: usize = 1 << 20;

/// Longest command line.
const WORDS_BYTES: usize = 1024;

/// Called by `start` with a stack and zeroed variables.
pub(crate) fn main() -> ! {
    let memory = start::memory();
    let (objects, pages) = memory.split_at_mut(memory.len() / 2);
    heap::give(objects);
    let Some(platform) = arena(pages) else {
        println!("there is no memory");
        process::exit(2);
    };
    let words = words();
    let store = StoreOptions {
        gc_heap_bytes: GC_HEAP_BYTES,
        ..StoreOptions::default()
    };
    let options = Options { platform, store };
    let count = command(&words, &options, &mut Emulator);
    process::exit(i32::from(count.failed != 0))
}

#[cfg(target_has_atomic = "8")]
fn arena(pages: &'static mut [u8]) -> Option<&'static dyn Platform> {
    let arena = Arena::new(pages, PAGE_BYTES)?.with_stack_low(start::stack_low());
    Some(alloc::boxed::Box::leak(alloc::boxed::Box::new(arena)))
}

#[cfg(not(target_has_atomic = "8"))]
fn arena(pages: &'static mut [u8]) -> Option<&'static dyn Platform> {
    // SAFETY: there is one processor and no interrupt handler that comes back.
    let arena = unsafe { Arena::new_unlocked(pages, PAGE_BYTES) }?;
    let arena = arena.with_stack_low(start::stack_low());
    Some(alloc::boxed::Box::leak(alloc::boxed::Box::new(arena)))
}

/// The command line behind the image's name.
fn words() -> Vec<String> {
    match experimental::env::args::<WORDS_BYTES>() {
        Ok(words) => words
            .skip(1)
            .filter_map(|word| word.ok().map(String::from))
            .collect(),
        Err(_) => Vec::new(),
    }
}

/// What is around the machine.
struct Emulator;

impl Host for Emulator {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let path = CString::new(path).map_err(|error| error.to_string())?;
        let text = |error: semihosting::io::Error| error.to_string();
        let mut file = File::open(&path).map_err(text)?;
        let length = file.metadata().map_err(text)?.len();
        let mut bytes = alloc::vec![0; usize::try_from(length).unwrap_or(0)];
        file.read_exact(&mut bytes).map_err(text)?;
        Ok(bytes)
    }

    fn print(&mut self, line: fmt::Arguments<'_>) {
        println!("{line}");
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    println!("{info}");
    process::exit(101)
}
