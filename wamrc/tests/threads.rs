//! Threads: programs whose instances, each in a store of its own on a thread of its own, share a
//! memory. What they compute does not depend on how they interleave.

use std::io::Read;
use std::process::Command;

use aot_runtime::{
    Imports, Instance, LoadOptions, MemoryType, Module, SharedMemory, Store, Trap, wasi,
};
use wamrc::Options;
use wamrc::options::BoundsCheck;

const MODES: [BoundsCheck; 2] = [BoundsCheck::GuardPages, BoundsCheck::Emit];

fn module(text: &str, bounds_check: BoundsCheck) -> Module {
    let wasm = wat::parse_str(text).expect("the text is right");
    load(&wasm, bounds_check)
}

fn load(wasm: &[u8], bounds_check: BoundsCheck) -> Module {
    let mut options = Options::new(targets::by_name("x86_64").expect("the target exists"));
    options.bounds_check = bounds_check;
    let output = wamrc::compile(wasm, &options).expect("the module compiles");
    Module::load(&output.bytes, &LoadOptions::default()).expect("the file loads")
}

fn memory(pages: u64, max: u64) -> SharedMemory {
    let ty = MemoryType::new(pages, Some(max)).with_shared(true);
    SharedMemory::new(ty).expect("a small memory")
}

/// Calls `name(argument)` of a new instance on this thread.
fn run(module: &Module, memory: &SharedMemory, name: &str, argument: i32) -> Result<i32, Trap> {
    let mut imports = Imports::new();
    imports.shared_memory("env", "memory", memory);
    let mut store = Store::new();
    let instance = Instance::new(&mut store, module, &imports).expect("the imports fit");
    let function = instance.typed::<(i32,), i32>(&store, name);
    function
        .expect("the function")
        .call(&mut store, (argument,))
}

/// A mutex at 0 that sleeps, and a plain counter at 8 that it protects.
const MUTEX: &str = r#"(module (import "env" "memory" (memory 1 4 shared))
  (func $lock (local $state i32)
    (if (i32.eqz (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1))) (then (return)))
    (loop $again
      (if (i32.atomic.rmw.xchg (i32.const 0) (i32.const 2))
        (then
          (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))
          (br $again)))))
  (func $unlock
    (if (i32.eq (i32.atomic.rmw.xchg (i32.const 0) (i32.const 0)) (i32.const 2))
      (then (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
  (func (export "count") (param i32) (result i32)
    (loop $next
      (call $lock)
      (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const 1)))
      (call $unlock)
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $next (local.get 0)))
    (i32.const 0)))"#;

#[test]
fn a_mutex_protects_a_counter() {
    for mode in MODES {
        let module = module(MUTEX, mode);
        let memory = memory(1, 4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| run(&module, &memory, "count", 5000).expect("no trap"));
            }
        });
        assert_eq!(memory.load64(8), Ok(20_000));
    }
}

/// A slot at 0, full when the word at 4 is 1; each side waits for the other.
const QUEUE: &str = r#"(module (import "env" "memory" (memory 1 4 shared))
  (func $await (param $state i32)
    (loop $again
      (if (i32.ne (i32.atomic.load (i32.const 4)) (local.get $state))
        (then
          (drop (memory.atomic.wait32 (i32.const 4) (i32.xor (local.get $state) (i32.const 1)) (i64.const -1)))
          (br $again)))))
  (func $become (param $state i32)
    (i32.atomic.store (i32.const 4) (local.get $state))
    (drop (memory.atomic.notify (i32.const 4) (i32.const -1))))
  (func (export "produce") (param i32) (result i32)
    (loop $next
      (call $await (i32.const 0))
      (i32.store (i32.const 0) (local.get 0))
      (call $become (i32.const 1))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $next (local.get 0)))
    (i32.const 0))
  (func (export "consume") (param i32) (result i32) (local $sum i32)
    (loop $next
      (call $await (i32.const 1))
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 0))))
      (call $become (i32.const 0))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $next (local.get 0)))
    (local.get $sum)))"#;

#[test]
fn a_producer_feeds_a_consumer() {
    for mode in MODES {
        let module = module(QUEUE, mode);
        let memory = memory(1, 4);
        let sum = std::thread::scope(|scope| {
            let consumer = scope.spawn(|| run(&module, &memory, "consume", 2000));
            run(&module, &memory, "produce", 2000).expect("no trap");
            consumer.join().expect("no panic")
        });
        assert_eq!(sum, Ok(2000 * 2001 / 2));
    }
}

/// One thread grows page by page and says how far it is; the other reads the last byte of each.
const GROW: &str = r#"(module (import "env" "memory" (memory 1 100 shared))
  (func (export "grow") (param i32) (result i32)
    (loop $next
      (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (return (i32.const -1))))
      (i32.atomic.store (i32.const 0) (memory.size))
      (br_if $next (i32.lt_u (memory.size) (local.get 0))))
    (memory.size))
  (func (export "follow") (param i32) (result i32) (local $size i32)
    (loop $next
      (local.set $size (i32.atomic.load (i32.const 0)))
      (if (local.get $size)
        (then
          (i32.store (i32.sub (i32.mul (local.get $size) (i32.const 65536)) (i32.const 4)) (i32.const 7))
          (if (i32.gt_u (local.get $size) (memory.size)) (then (return (i32.const -1))))))
      (br_if $next (i32.lt_u (local.get $size) (local.get 0))))
    (memory.size)))"#;

#[test]
fn growth_is_seen_by_all() {
    for mode in MODES {
        let module = module(GROW, mode);
        let memory = memory(1, 100);
        let followed = std::thread::scope(|scope| {
            let follower = scope.spawn(|| run(&module, &memory, "follow", 100));
            assert_eq!(run(&module, &memory, "grow", 100), Ok(100));
            follower.join().expect("no panic")
        });
        assert_eq!((followed, memory.size()), (Ok(100), 100));
        assert_eq!((memory.grow(1), memory.grow(u64::MAX)), (None, None));
        let mut byte = [0; 4];
        memory.read(100 * 65536 - 4, &mut byte).expect("in bounds");
        assert_eq!(byte, [7, 0, 0, 0]);
        assert!(memory.read(100 * 65536 - 3, &mut byte).is_err());
    }
}

/// Threads made by the guest itself: each adds its argument, prints a dot, and wakes the first.
const SPAWN: &str = r#"(module
  (import "env" "memory" (memory 1 4 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 64) "." "\00\00\00" "\40\00\00\00" "\01\00\00\00")
  (func (export "wasi_thread_start") (param $tid i32) (param $argument i32)
    (drop (call $write (i32.const 1) (i32.const 68) (i32.const 1)
      (i32.add (i32.const 1024) (i32.shl (local.get $tid) (i32.const 3)))))
    (drop (i32.atomic.rmw.add (i32.const 0) (local.get $argument)))
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const -1))))
  (func (export "main") (param $count i32) (result i32) (local $done i32) (local $left i32)
    (local.set $left (local.get $count))
    (loop $next
      (if (i32.le_s (call $spawn (local.get $left)) (i32.const 0)) (then (return (i32.const -1))))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (loop $wait
      (local.set $done (i32.atomic.load (i32.const 4)))
      (drop (memory.atomic.wait32 (i32.const 4) (local.get $done) (i64.const 50000000)))
      (br_if $wait (i32.ne (i32.atomic.load (i32.const 4)) (local.get $count))))
    (i32.atomic.load (i32.const 0))))"#;

#[test]
fn a_guest_makes_threads() {
    for mode in MODES {
        for (limit, expected) in [(8, Ok(36)), (0, Ok(-1))] {
            let module = module(SPAWN, mode);
            let (mut reader, writer) = std::io::pipe().expect("a pipe");
            let context = wasi::WasiCtx::builder().stdout(writer).build();
            let mut imports = Imports::new();
            wasi::link(&mut imports, context.expect("a context"));
            imports.shared_memory("env", "memory", &memory(1, 4));
            let threads = wasi::Threads {
                limit,
                stack_bytes: 1 << 20,
                ended: Box::new(|trap| panic!("{trap}")),
            };
            wasi::link_threads(&mut imports, &module, threads);
            let mut store = Store::new();
            let instance = Instance::new(&mut store, &module, &imports).expect("the imports fit");
            let main = instance.typed::<(i32,), i32>(&store, "main").expect("main");
            assert_eq!(main.call(&mut store, (8,)), expected);
            if limit > 0 {
                let mut dots = [0; 8];
                reader.read_exact(&mut dots).expect("eight dots");
                assert_eq!(&dots, b"........");
            }
        }
    }
}

/// C with clang's atomics; no C library with threads is needed.
#[test]
fn a_program_in_c_uses_threads() {
    let folder = std::env::temp_dir().join(format!("wamrc-threads-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/threads/primes.c");
    let wasm = folder.join("threads.wasm");
    let built = Command::new("clang-22")
        .args([
            "--target=wasm32",
            "-O2",
            "-nostdlib",
            "-matomics",
            "-mbulk-memory",
        ])
        .args(["-Wl,--shared-memory,--import-memory,--max-memory=1048576,--no-entry"])
        .args(["-Wl,--export=wasi_thread_start,--export=count", "-o"])
        .args([wasm.as_os_str(), source.as_ref()])
        .status();
    assert!(built.expect("clang-22 runs").success());
    let bytes = std::fs::read(&wasm).expect("the program");
    std::fs::remove_dir_all(&folder).expect("the folder");
    for mode in MODES {
        let module = load(&bytes, mode);
        let mut imports = Imports::new();
        for (from, name, ty) in module.shared_memory_imports() {
            let memory = SharedMemory::new(ty).expect("a small memory");
            imports.shared_memory(from, name, &memory);
        }
        let threads = wasi::Threads {
            limit: 4,
            stack_bytes: 1 << 20,
            ended: Box::new(|trap| panic!("{trap}")),
        };
        wasi::link_threads(&mut imports, &module, threads);
        let mut store = Store::new();
        let instance = Instance::new(&mut store, &module, &imports).expect("the imports fit");
        let count = instance
            .typed::<(i32,), i32>(&store, "count")
            .expect("count");
        // 4 threads take primes below 20000 from one queue.
        assert_eq!(count.call(&mut store, (20_000,)), Ok(2262));
    }
}

#[test]
fn what_ends_a_thread_early_is_told() {
    let text = r#"(module
      (import "env" "memory" (memory 1 1 shared))
      (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (func (export "wasi_thread_start") (param i32 i32)
        (if (local.get 1) (then (call $exit (local.get 1))))
        (unreachable))
      (func (export "main") (param i32) (result i32) (call $spawn (local.get 0))))"#;
    let module = module(text, BoundsCheck::GuardPages);
    for (argument, expected) in [
        (7, Trap::Exit(7)),
        (0, Trap::Wasm(aot_runtime::TrapId::Unreachable)),
    ] {
        let (sender, receiver) = std::sync::mpsc::channel();
        let context = wasi::WasiCtx::builder().build().expect("a context");
        let mut imports = Imports::new();
        wasi::link(&mut imports, context);
        imports.shared_memory("env", "memory", &memory(1, 1));
        let threads = wasi::Threads {
            limit: 1,
            stack_bytes: 1 << 20,
            ended: Box::new(move |trap| sender.send(trap).expect("somebody listens")),
        };
        wasi::link_threads(&mut imports, &module, threads);
        let mut store = Store::new();
        let instance = Instance::new(&mut store, &module, &imports).expect("the imports fit");
        let main = instance.typed::<(i32,), i32>(&store, "main").expect("main");
        assert_eq!(main.call(&mut store, (argument,)), Ok(1));
        assert_eq!(receiver.recv(), Ok(expected));
    }
}
