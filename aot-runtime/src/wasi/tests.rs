//! The functions as a guest meets them: called by name with numbers, over a memory and a directory of the host.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of the tests are small, or meant to lose bits"
)]

mod escape;
mod file;
mod hostile;
mod path;
mod poll;
mod process;
mod readdir;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Edition, Errno, Guest, ROWS, WasiCtx};
use crate::trap::Trap;

/// Where calls of the tests let functions write their answers.
const OUT: u32 = 0x100;

/// Where a list of buffers goes, and the buffers.
const LIST: u32 = 0x800;
const DATA: u32 = 0x1_0000;

/// The preopened directory.
const ROOT: u32 = 3;

const FOLLOW: i64 = 1;

const CREAT: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCL: u32 = 4;
const TRUNC: u32 = 8;

const APPEND: u32 = 1;
const NONBLOCK: u32 = 4;

const READ: u64 = 1 << 1;
const WRITE: u64 = 1 << 6;
const EVERYTHING: u64 = u64::MAX;

/// A directory of the host that disappears with the test: `root` inside is what the guest gets, `secret` beside it what
/// it must not reach.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("wasi-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(path.join("root")).unwrap();
        std::fs::write(path.join("secret"), "secret").unwrap();
        Scratch(path.canonicalize().unwrap())
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _best_effort = std::fs::remove_dir_all(&self.0);
    }
}

/// A guest without code.
struct Machine {
    ctx: WasiCtx,
    memory: Vec<u8>,
    edition: Edition,
    scratch: Scratch,
    /// Where the next text goes.
    top: u32,
}

impl Machine {
    /// A guest with one preopened directory and nothing else.
    fn new() -> Machine {
        let scratch = Scratch::new();
        let ctx = WasiCtx::builder()
            .preopen(scratch.root(), "files")
            .unwrap()
            .build()
            .unwrap();
        Machine::with(ctx, scratch)
    }

    fn with(ctx: WasiCtx, scratch: Scratch) -> Machine {
        let memory = vec![0; 0x2_0000];
        Machine {
            ctx,
            memory,
            edition: Edition::Preview1,
            scratch,
            top: 0x1000,
        }
    }

    /// Calls a function by name.
    fn outcome(&mut self, name: &str, args: &[i64]) -> Result<Errno, Trap> {
        let row = ROWS
            .iter()
            .find(|row| row.name == name)
            .expect("the function exists");
        let mut rest = args.iter();
        let mut next = || *rest.next().expect("an argument for every parameter");
        let outcome = (row.call)(
            &mut self.ctx,
            &mut Guest::new(&mut self.memory, self.edition),
            &mut next,
        );
        assert_eq!(rest.next(), None, "{name} has fewer parameters");
        self.top = 0x1000;
        outcome
    }

    /// Calls a function by name; the program goes on.
    fn call(&mut self, name: &str, args: &[i64]) -> Errno {
        self.outcome(name, args).expect("the call returns")
    }

    /// Puts a text into memory; its address and length.
    fn text(&mut self, text: &str) -> [i64; 2] {
        let at = self.top;
        self.memory[at as usize..][..text.len()].copy_from_slice(text.as_bytes());
        self.top += text.len() as u32;
        [at.into(), text.len() as i64]
    }

    /// Calls a function of the form `(fd, path, …)`.
    fn path_call(&mut self, name: &str, path: &str, rest: &[i64]) -> Errno {
        let [ptr, len] = self.text(path);
        let args = [&[i64::from(ROOT), ptr, len], rest].concat();
        self.call(name, &args)
    }

    /// Calls a function of the form `(fd, lookup, path, …)`.
    fn lookup_call(&mut self, name: &str, lookup: i64, path: &str, rest: &[i64]) -> Errno {
        let [ptr, len] = self.text(path);
        let args = [&[i64::from(ROOT), lookup, ptr, len], rest].concat();
        self.call(name, &args)
    }

    fn u8_at(&self, ptr: u32) -> u8 {
        self.memory[ptr as usize]
    }

    fn u32_at(&self, ptr: u32) -> u32 {
        u32::from_le_bytes(*self.memory[ptr as usize..].first_chunk().unwrap())
    }

    fn u64_at(&self, ptr: u32) -> u64 {
        u64::from_le_bytes(*self.memory[ptr as usize..].first_chunk().unwrap())
    }

    fn put_u32(&mut self, ptr: u32, value: u32) {
        self.memory[ptr as usize..][..4].copy_from_slice(&value.to_le_bytes());
    }

    /// Opens a path below the preopened directory without following a link at its end.
    fn open(&mut self, path: &str, open: u32, base: u64, flags: u32) -> Result<u32, Errno> {
        self.open_with(0, path, open, base, flags)
    }

    fn open_with(
        &mut self,
        lookup: i64,
        path: &str,
        open: u32,
        base: u64,
        flags: u32,
    ) -> Result<u32, Errno> {
        let inheriting = EVERYTHING.cast_signed();
        let rest = [
            open.into(),
            base.cast_signed(),
            inheriting,
            flags.into(),
            OUT.into(),
        ];
        match self.lookup_call("path_open", lookup, path, &rest) {
            Errno::Success => Ok(self.u32_at(OUT)),
            errno => Err(errno),
        }
    }

    /// One buffer at `DATA` as a list; its address and count.
    fn list(&mut self, len: u32) -> [i64; 2] {
        self.put_u32(LIST, DATA);
        self.put_u32(LIST + 4, len);
        [LIST.into(), 1]
    }

    fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<u32, Errno> {
        self.memory[DATA as usize..][..bytes.len()].copy_from_slice(bytes);
        let [list, count] = self.list(bytes.len() as u32);
        match self.call("fd_write", &[fd.into(), list, count, OUT.into()]) {
            Errno::Success => Ok(self.u32_at(OUT)),
            errno => Err(errno),
        }
    }

    fn read(&mut self, fd: u32, len: u32) -> Result<String, Errno> {
        let [list, count] = self.list(len);
        match self.call("fd_read", &[fd.into(), list, count, OUT.into()]) {
            Errno::Success => Ok(self.data(self.u32_at(OUT))),
            errno => Err(errno),
        }
    }

    /// What the last read left at `DATA`.
    fn data(&self, len: u32) -> String {
        String::from_utf8(self.memory[DATA as usize..][..len as usize].to_vec()).unwrap()
    }

    /// A file of the host inside the preopened directory.
    fn host(&self, path: impl AsRef<Path>) -> PathBuf {
        self.scratch.root().join(path)
    }

    fn content(&self, path: &str) -> String {
        std::fs::read_to_string(self.host(path)).unwrap()
    }
}

#[test]
fn the_list_holds_every_function_of_the_interface() {
    let mut names: Vec<_> = ROWS.iter().map(|row| row.name).collect();
    names.push("proc_exit");
    names.sort_unstable();
    names.dedup();
    // The 45 of the original interface and `sock_accept`.
    assert_eq!(names.len(), 46);
    let families = [
        "args_", "clock_", "environ_", "fd_", "path_", "poll_", "proc_", "random_", "sched_",
        "sock_",
    ];
    let sizes = families.map(|family| names.iter().filter(|name| name.starts_with(family)).count());
    assert_eq!(sizes, [2, 2, 2, 21, 10, 1, 2, 1, 1, 4]);
}
