//! WASI preview 1: the system interface of command-line programs.
//!
//! [`WasiCtx`] says what a guest may see; [`link`] offers it, under both names the interface has had, to the modules
//! instantiated with an [`Imports`]. Each function is a plain Rust function over the context and the guest's memory
//! (`wasi/*.rs`, grouped as the interface names them); the one list of all of them is below. Nothing in this folder
//! knows how instances or compiled code work, and nothing in it is unsafe.
//!
//! The guest is not trusted: its memory is touched only through `guest.rs`, its paths only through cap-std.
//!
//! ```no_run
//! # use aot_runtime::{Imports, wasi};
//! # fn main() -> Result<(), wasi::BuildError> {
//! let ctx = wasi::WasiCtx::builder()
//!     .args(["program", "argument"])
//!     .inherit_stdio()
//!     .preopen("/srv/data", "data")?
//!     .build()?;
//! let mut imports = Imports::new();
//! wasi::link(&mut imports, ctx);
//! # Ok(()) }
//! ```

mod args;
mod clock;
mod context;
mod errno;
mod fd;
mod guest;
mod listing;
mod open;
mod path;
mod poll;
mod process;
mod random;
mod sock;
mod table;
mod thread;
mod transfer;
mod types;

use std::sync::{Arc, Mutex, PoisonError};

pub use context::{BuildError, Builder, WasiCtx};
pub use errno::Errno;
pub use thread::{Threads, link_threads};

use crate::caller::Caller;
use crate::imports::Imports;
use crate::trap::Trap;
use guest::{Edition, Guest};

/// What the functions return: success, or the number the guest gets.
type Result<T = ()> = core::result::Result<T, Errno>;

/// The module names of the interface.
const EDITIONS: [(&str, Edition); 2] = [
    ("wasi_snapshot_preview1", Edition::Preview1),
    ("wasi_unstable", Edition::Unstable),
];

/// Offers WASI to modules instantiated with `imports`, under `wasi_snapshot_preview1` and `wasi_unstable`. All of
/// them share `ctx`; one call at a time runs in it.
pub fn link(imports: &mut Imports, ctx: WasiCtx) {
    let shared = Shared(Arc::new(Mutex::new(ctx)));
    for (module, edition) in EDITIONS {
        link_functions(imports, module, edition, &shared);
        imports.func(
            module,
            "proc_exit",
            |_: &mut Caller<'_>, code: i32| -> core::result::Result<(), Trap> {
                Err(process::proc_exit(code.cast_unsigned()))
            },
        );
    }
}

/// Functions that may wait for somebody else. They change nothing but the state of files on the host.
const WAITING: &[&str] = &["fd_read", "fd_write", "poll_oneoff", "sched_yield"];

/// A context in use by any number of instances.
#[derive(Clone)]
struct Shared(Arc<Mutex<WasiCtx>>);

impl Shared {
    /// Runs one function for the guest that called; its answer is the error number.
    fn call<A: Answer>(
        &self,
        caller: &mut Caller<'_>,
        edition: Edition,
        name: &str,
        function: impl FnOnce(&mut WasiCtx, &mut Guest<'_>) -> A,
    ) -> core::result::Result<i32, Trap> {
        // The functions leave the context whole at every step, so one that panicked did it no harm.
        let mut ctx = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(memory) = caller.shared_memory() {
            let mut guest = Guest::shared(memory, edition);
            let answer = if WAITING.contains(&name) {
                // Other threads go on while this one waits.
                let mut files = ctx.for_waiting();
                drop(ctx);
                function(&mut files, &mut guest).answer()
            } else {
                function(&mut ctx, &mut guest).answer()
            };
            return answer.map(|errno| errno.code().into());
        }
        // A guest without memory has no valid address.
        let mut guest = Guest::new(caller.memory().unwrap_or_default(), edition);
        function(&mut ctx, &mut guest)
            .answer()
            .map(|errno| errno.code().into())
    }
}

/// What a function may return.
trait Answer {
    /// The error number for the guest, or what ends the program.
    fn answer(self) -> core::result::Result<Errno, Trap>;
}

impl Answer for Result {
    fn answer(self) -> core::result::Result<Errno, Trap> {
        Ok(self.err().unwrap_or(Errno::Success))
    }
}

impl Answer for core::result::Result<Errno, Trap> {
    fn answer(self) -> core::result::Result<Errno, Trap> {
        self
    }
}

/// A parameter type and the WebAssembly type that carries it.
trait Parameter {
    type Wasm;
    fn from_wasm(value: Self::Wasm) -> Self;
}

impl Parameter for u32 {
    type Wasm = i32;
    fn from_wasm(value: i32) -> u32 {
        value.cast_unsigned()
    }
}

impl Parameter for u64 {
    type Wasm = i64;
    fn from_wasm(value: i64) -> u64 {
        value.cast_unsigned()
    }
}

impl Parameter for i64 {
    type Wasm = i64;
    fn from_wasm(value: i64) -> i64 {
        value
    }
}

/// One function for tests that call all of them: its name, and the function over any numbers.
#[cfg(test)]
struct Row {
    name: &'static str,
    call: fn(&mut WasiCtx, &mut Guest<'_>, Numbers<'_>) -> core::result::Result<Errno, Trap>,
}

/// Where a [`Row`] takes its arguments from.
#[cfg(test)]
type Numbers<'a> = &'a mut dyn FnMut() -> i64;

/// Grammar: `name(parameter: type, …) = path::of::function;` where the types are those of [`Parameter`]. Expands to
/// `link_functions`, which turns each line into `imports.func(module, "name", |caller, parameter: i32, …| …)`, and for
/// tests to `ROWS`.
macro_rules! functions {
    ($($name:ident($($parameter:ident: $type:ty),*) = $function:path;)*) => {
        fn link_functions(imports: &mut Imports, module: &str, edition: Edition, shared: &Shared) {
            $({
                let shared = shared.clone();
                imports.func(
                    module,
                    stringify!($name),
                    move |caller: &mut Caller<'_>, $($parameter: <$type as Parameter>::Wasm),*|
                        -> core::result::Result<i32, Trap> {
                        shared.call(caller, edition, stringify!($name), |ctx, guest| {
                            $function(ctx, guest, $(<$type as Parameter>::from_wasm($parameter)),*)
                        })
                    },
                );
            })*
        }

        #[cfg(test)]
        const ROWS: &[Row] = &[$(Row {
            name: stringify!($name),
            call: |ctx, guest, _next| {
                $(let $parameter: $type = <$type>::from_le_bytes(
                    *_next().to_le_bytes().first_chunk().expect("eight bytes hold every parameter"),
                );)*
                $function(ctx, guest, $($parameter),*).answer()
            },
        },)*];
    };
}

// All functions of the interface but `proc_exit`, which returns nothing. `sock_accept` came to preview 1 late and was
// never in `wasi_unstable`, where offering it does no harm.
functions! {
    args_get(pointers: u32, buf: u32) = args::args_get;
    args_sizes_get(count: u32, size: u32) = args::args_sizes_get;
    environ_get(pointers: u32, buf: u32) = args::environ_get;
    environ_sizes_get(count: u32, size: u32) = args::environ_sizes_get;
    clock_res_get(id: u32, ptr: u32) = clock::clock_res_get;
    clock_time_get(id: u32, precision: u64, ptr: u32) = clock::clock_time_get;
    fd_advise(fd: u32, offset: u64, len: u64, advice: u32) = fd::fd_advise;
    fd_allocate(fd: u32, offset: u64, len: u64) = fd::fd_allocate;
    fd_close(fd: u32) = fd::fd_close;
    fd_datasync(fd: u32) = fd::fd_datasync;
    fd_fdstat_get(fd: u32, ptr: u32) = fd::fd_fdstat_get;
    fd_fdstat_set_flags(fd: u32, flags: u32) = fd::fd_fdstat_set_flags;
    fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64) = fd::fd_fdstat_set_rights;
    fd_filestat_get(fd: u32, ptr: u32) = fd::fd_filestat_get;
    fd_filestat_set_size(fd: u32, size: u64) = fd::fd_filestat_set_size;
    fd_filestat_set_times(fd: u32, accessed: u64, modified: u64, flags: u32) = fd::fd_filestat_set_times;
    fd_pread(fd: u32, list: u32, count: u32, offset: u64, done: u32) = transfer::fd_pread;
    fd_prestat_get(fd: u32, ptr: u32) = fd::fd_prestat_get;
    fd_prestat_dir_name(fd: u32, buf: u32, len: u32) = fd::fd_prestat_dir_name;
    fd_pwrite(fd: u32, list: u32, count: u32, offset: u64, done: u32) = transfer::fd_pwrite;
    fd_read(fd: u32, list: u32, count: u32, done: u32) = transfer::fd_read;
    fd_readdir(fd: u32, buf: u32, len: u32, cookie: u64, used: u32) = listing::fd_readdir;
    fd_renumber(from: u32, to: u32) = fd::fd_renumber;
    fd_seek(fd: u32, offset: i64, whence: u32, ptr: u32) = fd::fd_seek;
    fd_sync(fd: u32) = fd::fd_sync;
    fd_tell(fd: u32, ptr: u32) = fd::fd_tell;
    fd_write(fd: u32, list: u32, count: u32, done: u32) = transfer::fd_write;
    path_create_directory(fd: u32, path: u32, len: u32) = path::path_create_directory;
    path_filestat_get(fd: u32, lookup: u32, path: u32, len: u32, ptr: u32) = path::path_filestat_get;
    path_filestat_set_times(
        fd: u32, lookup: u32, path: u32, len: u32, accessed: u64, modified: u64, flags: u32
    ) = path::path_filestat_set_times;
    path_link(
        old_fd: u32, lookup: u32, old: u32, old_len: u32, new_fd: u32, new: u32, new_len: u32
    ) = path::path_link;
    path_open(
        fd: u32, lookup: u32, path: u32, len: u32, open: u32, base: u64, inheriting: u64, flags: u32, ptr: u32
    ) = open::path_open;
    path_readlink(fd: u32, path: u32, len: u32, buf: u32, buf_len: u32, used: u32) = path::path_readlink;
    path_remove_directory(fd: u32, path: u32, len: u32) = path::path_remove_directory;
    path_rename(
        old_fd: u32, old: u32, old_len: u32, new_fd: u32, new: u32, new_len: u32
    ) = path::path_rename;
    path_symlink(target: u32, target_len: u32, fd: u32, path: u32, len: u32) = path::path_symlink;
    path_unlink_file(fd: u32, path: u32, len: u32) = path::path_unlink_file;
    poll_oneoff(subscriptions: u32, events: u32, count: u32, fired: u32) = poll::poll_oneoff;
    proc_raise(signal: u32) = process::proc_raise;
    random_get(buf: u32, len: u32) = random::random_get;
    sched_yield() = process::sched_yield;
    sock_accept(fd: u32, flags: u32, opened: u32) = sock::sock_accept;
    sock_recv(fd: u32, list: u32, count: u32, flags: u32, done: u32, out_flags: u32) = sock::sock_recv;
    sock_send(fd: u32, list: u32, count: u32, flags: u32, done: u32) = sock::sock_send;
    sock_shutdown(fd: u32, how: u32) = sock::sock_shutdown;
}

#[cfg(test)]
mod tests;
