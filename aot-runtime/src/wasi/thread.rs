//! wasi-threads: `thread-spawn` of the module `wasi`.
//!
//! A thread is a new instance of the same module, in a store of its own, on a new thread of the host, that shares the
//! memory and everything the host offers. It begins in the export `wasi_thread_start`. What ends a thread early ends
//! the program, which is the embedder's to do.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::caller::Caller;
use crate::imports::Imports;
use crate::instance::Instance;
use crate::module::Module;
use crate::store::Store;
use crate::trap::Trap;

/// The greatest thread number; the interface keeps higher bits for errors and the C library.
const LAST: i32 = 0x1fff_ffff;

/// What a guest gets that cannot have a thread.
const REFUSED: i32 = -1;

/// How threads are made.
pub struct Threads {
    /// Most threads at a time, the first one not counted.
    pub limit: usize,
    /// Native stack of a thread in bytes.
    pub stack_bytes: usize,
    /// Called on a thread that ended by a trap or by `proc_exit`. Usually ends the process.
    pub ended: Box<dyn Fn(Trap) + Send + Sync>,
}

struct Shared {
    module: Module,
    /// All but `thread-spawn` itself.
    imports: Imports,
    threads: Threads,
    running: Mutex<BTreeSet<i32>>,
}

/// Offers `thread-spawn` to instances of a module made with `imports`. New threads see what `imports` holds now: host
/// functions and shared memories, the one the module imports among them; nothing that belongs to a store.
pub fn link_threads(imports: &mut Imports, module: &Module, threads: Threads) {
    let shared = Arc::new(Shared {
        module: module.clone(),
        imports: imports.without_store(),
        threads,
        running: Mutex::default(),
    });
    offer(imports, shared);
}

fn offer(imports: &mut Imports, shared: Arc<Shared>) {
    imports.func(
        "wasi",
        "thread-spawn",
        move |caller: &mut Caller<'_>, argument: i32| -> Result<i32, Trap> {
            Ok(spawn(caller, &shared, argument).unwrap_or(REFUSED))
        },
    );
}

/// Starts a thread; its number, or `None` if there cannot be one.
fn spawn(caller: &Caller<'_>, shared: &Arc<Shared>, argument: i32) -> Option<i32> {
    let mut imports = shared.imports.clone();
    offer(&mut imports, Arc::clone(shared));
    let mut store = Store::with_platform(caller.store().platform());
    let instance = Instance::new(&mut store, &shared.module, &imports).ok()?;
    let start = instance.typed::<(i32, i32), ()>(&store, "wasi_thread_start");
    let start = start.ok()?;
    let memory = Caller::new(&mut store, instance.index_in_store()).shared_memory()?;
    if !caller.shared_memory()?.same(&memory) {
        return None;
    }
    let number = shared.take_number()?;
    let owner = Arc::clone(shared);
    let thread = std::thread::Builder::new()
        .name(format!("wasi thread {number}"))
        .stack_size(shared.threads.stack_bytes);
    let started = thread.spawn(move || {
        let outcome = start.call(&mut store, (number, argument));
        owner.give_back(number);
        if let Err(trap) = outcome {
            (owner.threads.ended)(trap);
        }
    });
    if started.is_err() {
        shared.give_back(number);
        return None;
    }
    Some(number)
}

impl Shared {
    /// The lowest number no running thread has.
    fn take_number(&self) -> Option<i32> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.len() >= self.threads.limit {
            return None;
        }
        let number = (1..=LAST).find(|number| !running.contains(number))?;
        running.insert(number);
        Some(number)
    }

    fn give_back(&self, number: i32) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&number);
    }
}
