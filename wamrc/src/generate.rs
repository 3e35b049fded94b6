//! The partitions of a module to machine code, side by side.
//!
//! Each partition is lowered, optimised and emitted by one thread in an LLVM context of its own; results are put in the
//! order of the partitions, so that the file does not depend on the number of threads. Nothing else is shared but what
//! was decided before.

mod queue;

use crate::cache::{Cache, Entry, KeyMaker};
use crate::error::CompileError;
use crate::llvm::{self, Context, Machine, MachineOptions, StackSize};
use crate::options::{Format, Options, RuntimeCalls};
use crate::plan::{Partition, Plan};
use crate::report::{Clock, Progress, Stage};
use crate::resources::Resources;
use crate::wasm::Module;
use crate::{CpuNames, lower};
use queue::Queue;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use targets::Emission;

/// Native stack of a thread: LLVM recurses over large functions. Only what is used costs memory.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// What all partitions are compiled from.
pub(crate) struct Input<'a> {
    pub(crate) module: &'a Module<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) options: &'a Options,
    pub(crate) cpu: &'a CpuNames,
    pub(crate) cache: Option<&'a Cache>,
}

/// What became of a partition.
pub(crate) struct Part {
    /// The object, or LLVM IR if that was asked for.
    pub(crate) bytes: Vec<u8>,
    /// Frames of its functions.
    pub(crate) stack_sizes: Vec<StackSize>,
    /// See [`lower::Lowered::call_bytes`].
    pub(crate) call_bytes: Vec<u32>,
    /// See [`lower::Lowered::native_symbols`].
    pub(crate) native_symbols: Vec<String>,
    /// Times of its stages.
    pub(crate) clock: Clock,
}

/// Compiles all partitions.
///
/// # Errors
/// That of the first partition that has one, however many there are.
pub(crate) fn generate(
    input: &Input<'_>,
    resources: &Resources,
    announce: &mut dyn FnMut(Progress),
) -> Result<Vec<Part>, CompileError> {
    let partitions = &input.plan.partitions.list;
    let queue = Queue::new(input, resources.memory_limit);
    let threads = resources
        .jobs
        .get()
        .min(partitions.len())
        .min(queue.threads());
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        for number in 0..threads {
            let (sender, queue) = (sender.clone(), &queue);
            let thread = std::thread::Builder::new()
                .name(format!("wamrc {number}"))
                .stack_size(STACK_BYTES);
            let started = thread.spawn_scoped(scope, move || work(input, queue, &sender));
            // Fewer threads do the same work; none does not.
            if let (Err(error), 0) = (started, number) {
                return Err(CompileError::internal(format!("no thread: {error}")));
            }
        }
        drop(sender);
        collect(partitions.len(), &receiver, announce)
    })
}

/// A partition by its position, and what became of it.
type Done = (usize, Result<Part, CompileError>);

/// Puts what the threads send in order.
fn collect(
    total: usize,
    receiver: &Receiver<Done>,
    announce: &mut dyn FnMut(Progress),
) -> Result<Vec<Part>, CompileError> {
    let mut parts: BTreeMap<usize, Result<Part, CompileError>> = BTreeMap::new();
    let mut progress = Progress {
        stage: Stage::Generate,
        done: 0,
        total,
    };
    announce(progress);
    for (position, part) in receiver {
        parts.insert(position, part);
        progress.done = parts.len();
        announce(progress);
    }
    let parts = parts.into_values().collect::<Result<Vec<_>, _>>()?;
    match parts.len() == total {
        true => Ok(parts),
        false => Err(CompileError::internal("a thread ended early")),
    }
}

/// What one thread does.
fn work(input: &Input<'_>, queue: &Queue, sender: &Sender<Done>) {
    let mut machine = None;
    while let Some(position) = queue.take() {
        let part = compile(input, position, &mut machine);
        queue.put_back(position, part.is_err());
        if sender.send((position, part)).is_err() {
            return;
        }
    }
}

/// Compiles a partition on a machine that is set up the first time.
fn compile(
    input: &Input<'_>,
    position: usize,
    machine: &mut Option<Machine>,
) -> Result<Part, CompileError> {
    let partition = input.plan.partitions.list.get(position);
    let partition = partition.ok_or_else(|| CompileError::internal("no such partition"))?;
    let machine = match machine {
        Some(machine) => machine,
        None => machine.insert(Machine::new(&input.machine_options())?),
    };
    input.compile(partition, machine)
}

impl<'a> Input<'a> {
    fn machine_options(&self) -> MachineOptions<'a> {
        MachineOptions {
            target: self.options.target,
            abi: self.options.abi,
            cpu: &self.cpu.name,
            features: &self.cpu.features,
            level: self.options.opt_level,
            in_place: self.options.runtime_calls == RuntimeCalls::Table,
        }
    }

    fn compile(&self, partition: &Partition, machine: &Machine) -> Result<Part, CompileError> {
        let options = self.options;
        let mut clock = Clock::default();
        let context = Context::new();
        let lowered = clock.time(Stage::Lower, || {
            let whole = (self.module, self.plan);
            lower::lower(&context, machine, whole, partition, options, &self.cpu.set)
        })?;
        let entry = self.cached(&lowered.module, &mut clock, |clock| {
            self.emit(&lowered.module, machine, &context, clock)
        })?;
        Ok(Part {
            bytes: entry.object,
            stack_sizes: entry.stack_sizes,
            call_bytes: lowered.call_bytes,
            native_symbols: lowered.native_symbols,
            clock,
        })
    }

    /// The code of a module, from the cache if it is there.
    fn cached(
        &self,
        module: &llvm::Module<'_>,
        clock: &mut Clock,
        emit: impl FnOnce(&mut Clock) -> Result<Entry, CompileError>,
    ) -> Result<Entry, CompileError> {
        let emission = self.options.target.llvm.emission;
        let cache = match (self.options.format, emission) {
            // What other programs make depends on them, too.
            (Format::Aot | Format::Object, Emission::Object) => self.cache,
            _ => None,
        };
        let Some(cache) = cache else {
            return emit(clock);
        };
        let key = clock.time(Stage::Lower, || {
            let machine = self.machine_options().to_string();
            let maker = KeyMaker::new().add(machine.as_bytes());
            maker.add(&module.bitcode()).key()
        });
        if let Some(entry) = cache.get(&key) {
            return Ok(entry);
        }
        let entry = emit(clock)?;
        cache.put(&key, &entry);
        Ok(entry)
    }

    fn emit(
        &self,
        module: &llvm::Module<'_>,
        machine: &Machine,
        context: &Context,
        clock: &mut Clock,
    ) -> Result<Entry, CompileError> {
        let options = self.options;
        if options.format != Format::LlvmIrUnopt {
            clock.time(Stage::Optimise, || {
                module.optimise(machine, options.opt_level)
            })?;
        }
        let object = match options.format {
            Format::LlvmIrUnopt | Format::LlvmIrOpt => module.print().into_bytes(),
            Format::Assembly => {
                let text = clock.time(Stage::Emit, || machine.emit_assembly(module))?;
                text.into_bytes()
            }
            Format::Aot | Format::Object => clock.time(Stage::Emit, || machine.emit(module))?,
        };
        Ok(Entry {
            object,
            stack_sizes: context.take_stack_sizes(),
        })
    }
}
