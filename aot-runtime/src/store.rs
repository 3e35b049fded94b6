//! The store: everything that instances linked together consist of.
//!
//! Handles (`Func`, `Memory`, …) are numbers into it. A store is used by one
//! thread at a time and may move between calls; what compiled code points at
//! lies in blocks and regions that never move.

use crate::host::{self, share::Arc, system};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::AtomicU32;

use aot_format::abi::instance::Field as InstanceField;
use aot_format::abi::traps;
use aot_format::abi::traps::TrapId;
use aot_format::{Hierarchy, References, ValType};

use crate::caller::Caller;
use crate::closure::HostFunc;
use crate::context::{Block, EnvBlock};
use crate::entry::{self, Activation};
use crate::func::{Func, FuncType};
use crate::gc::Gc;
use crate::global::GlobalEntry;
use crate::layout::WIDTH;
use crate::memory::MemoryEntry;
use crate::module::Module;
#[cfg(feature = "std")]
use crate::platform;
use crate::platform::Platform;
use crate::table::{Mirror, TableEntry};
use crate::tag::TagEntry;
use crate::trap::Trap;
use crate::types::{TypeId, Types};
use crate::value::{NULL_REF, slots_of};

/// Tells stores apart, so that a handle is not used with the wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoreId(u32);

/// An instance's position in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InstanceIdx(pub(crate) u32);

/// What a function is.
#[derive(Clone)]
pub(crate) enum FuncKind {
    /// A closure.
    Host(Arc<HostFunc>),
    /// Compiled code.
    Wasm {
        /// Where it runs.
        instance: InstanceIdx,
        /// Its index there.
        index: u32,
        /// Its address.
        code: usize,
        /// The entry thunk of its type, if the file has one.
        thunk: Option<usize>,
    },
}

/// A function of the store.
pub(crate) struct FuncEntry {
    /// Its type, with the store's type numbers.
    pub(crate) ty: FuncType,
    pub(crate) id: TypeId,
    pub(crate) kind: FuncKind,
}

/// The values of an element segment.
pub(crate) struct Segment {
    #[cfg_attr(
        not(feature = "gc"),
        allow(dead_code, reason = "only the collector asks")
    )]
    pub(crate) family: Hierarchy,
    pub(crate) values: Vec<u64>,
}

/// An instance with everything it points at.
pub(crate) struct InstanceEntry {
    pub(crate) module: Module,
    /// The module instance and its inline area.
    pub(crate) block: Arc<Block>,
    pub(crate) env: EnvBlock,
    /// Arrays behind pointers of the block; kept alive here.
    pub(crate) func_ptrs: Block,
    pub(crate) func_types: Block,
    #[expect(dead_code, reason = "owned for their addresses")]
    pub(crate) arrays: Vec<Block>,
    /// Store numbers of the functions, by local index; `NULL_REF` until asked
    /// for. Foreign ones follow the module's own.
    pub(crate) functions: Vec<u32>,
    /// Local indices of functions that are not the instance's own.
    pub(crate) locals: BTreeMap<u32, u32>,
    /// Most entries `func_ptrs` and `func_types` have room for.
    pub(crate) function_room: usize,
    pub(crate) memories: Vec<u32>,
    pub(crate) tables: Vec<u32>,
    pub(crate) globals: Vec<u32>,
    pub(crate) tags: Vec<u32>,
    /// The exception its code has thrown or let through, until it finds it.
    pub(crate) exception: Option<usize>,
    /// Imported mutable globals that hold references in another form than this
    /// instance's, by number, with the offsets of this instance's cells: copies,
    /// kept up by [`Store::pull_globals`].
    pub(crate) copied_cells: Vec<(u32, usize)>,
    /// What references are.
    pub(crate) references: References,
    /// The store's numbers of the module's types.
    pub(crate) types: Vec<TypeId>,
    /// What is added to its indices in function objects.
    pub(crate) func_base: u32,
    /// Values of element segments, in the store's form; only in files with
    /// garbage collection, and empty once dropped.
    pub(crate) segments: Vec<Segment>,
    pub(crate) dropped_data: Vec<bool>,
    pub(crate) dropped_elems: Vec<bool>,
}

impl InstanceEntry {
    /// The values of an element segment, in the store's form; a dropped one is empty.
    pub(crate) fn segment_values(&self, segment: u32, dropped: bool) -> &[u64] {
        let segment = self.segments.get(segment as usize).filter(|_| !dropped);
        segment.map_or(&[], |segment| &segment.values)
    }
}

/// Functions, memories, tables, globals and instances that can refer to each
/// other.
pub struct Store {
    id: StoreId,
    platform: &'static dyn Platform,
    /// Activations of compiled code now running on the store.
    active: usize,
    pub(crate) types: Types,
    pub(crate) gc: Gc,
    pub(crate) funcs: Vec<FuncEntry>,
    pub(crate) memories: Vec<MemoryEntry>,
    pub(crate) tables: Vec<TableEntry>,
    pub(crate) globals: Vec<GlobalEntry>,
    pub(crate) tags: Vec<TagEntry>,
    pub(crate) instances: Vec<InstanceEntry>,
}

/// Limits of a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Most bytes of garbage-collected objects; memory for them is taken as it is needed.
    pub gc_heap_bytes: usize,
    /// Collect at every allocation: finds references that compiled code or the runtime has lost sight of.
    pub gc_stress: bool,
}

impl Default for StoreOptions {
    /// With an operating system below 1 GiB (stock's greatest heap), or a quarter of it where addresses have 32 bits;
    /// without 128 KiB (stock's default).
    fn default() -> StoreOptions {
        let hosted = if usize::BITS == 64 { 1 << 30 } else { 1 << 28 };
        StoreOptions {
            gc_heap_bytes: if cfg!(feature = "std") {
                hosted
            } else {
                128 * 1024
            },
            gc_stress: false,
        }
    }
}

/// What an activation puts back when it ends.
pub(crate) struct Outer {
    activation: *const Activation,
    /// The innermost frame.
    frames: usize,
    /// What the segment register was based on.
    segment: Option<usize>,
}

/// What an activation left pending when compiled code returned.
pub(crate) enum Left {
    Nothing,
    /// A trap.
    Trap,
    /// An exception.
    Exception(usize),
}

/// Slots kept on the stack for a call; longer argument lists go to the heap.
const INLINE_SLOTS: usize = 16;

/// Offset of the pending exception in an instance.
const EXCEPTION: usize = InstanceField::CurException.offset(WIDTH) as usize;

impl Store {
    /// An empty store on the hosted platform.
    ///
    /// # Panics
    /// In a build without a platform of its own; use [`Store::with_platform`].
    #[cfg(feature = "std")]
    #[expect(clippy::new_without_default, reason = "a store is a deliberate act")]
    pub fn new() -> Store {
        let platform = platform::hosted();
        assert!(platform.is_some(), "no hosted platform on this machine");
        Store::with_platform(platform.unwrap_or(&platform::Nothing))
    }

    /// An empty store on a platform of the embedder's.
    pub fn with_platform(platform: &'static dyn Platform) -> Store {
        Store::with_options(platform, &StoreOptions::default())
    }

    /// An empty store on a platform of the embedder's, with limits of its own.
    pub fn with_options(platform: &'static dyn Platform, options: &StoreOptions) -> Store {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Store {
            id: StoreId(host::share::next(&NEXT)),
            platform,
            active: 0,
            types: Types::default(),
            gc: Gc::new(platform, options),
            funcs: Vec::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            instances: Vec::new(),
        }
    }

    /// The store's identity.
    pub(crate) fn id(&self) -> StoreId {
        self.id
    }

    /// Where the store's memories come from.
    pub(crate) fn platform(&self) -> &'static dyn Platform {
        self.platform
    }

    /// # Panics
    /// If a handle belongs to another store.
    pub(crate) fn check(&self, store: StoreId) {
        assert!(store == self.id, "the handle belongs to another store");
    }

    /// # Panics
    /// If the handle belongs to another store.
    pub(crate) fn func(&self, func: Func) -> &FuncEntry {
        self.check(func.store);
        self.func_entry(func.index)
    }

    /// Invariant: function numbers are positions handed out by [`Store::add_func`].
    #[expect(
        clippy::indexing_slicing,
        reason = "the invariant above; functions are never removed"
    )]
    pub(crate) fn func_entry(&self, number: u32) -> &FuncEntry {
        &self.funcs[number as usize]
    }

    /// Invariant: instance indices are positions of instances of this store.
    #[expect(
        clippy::indexing_slicing,
        reason = "the invariant above; instances are never removed"
    )]
    pub(crate) fn instance(&self, index: InstanceIdx) -> &InstanceEntry {
        &self.instances[index.0 as usize]
    }

    /// See [`Store::instance`].
    #[expect(clippy::indexing_slicing, reason = "as `instance`")]
    pub(crate) fn instance_mut(&mut self, index: InstanceIdx) -> &mut InstanceEntry {
        &mut self.instances[index.0 as usize]
    }

    /// Adds a function and returns its number.
    pub(crate) fn add_func(&mut self, entry: FuncEntry) -> u32 {
        self.funcs.push(entry);
        // 2^32 entries would take more memory than the ABI's indices allow for.
        u32::try_from(self.funcs.len() - 1).unwrap_or(NULL_REF)
    }

    /// Adds a host function.
    pub(crate) fn add_host_func(&mut self, function: HostFunc) -> Func {
        // A copy of its own: stores on several threads do not share a counter.
        let ty = FuncType::new(function.ty().params(), function.ty().results());
        let id = self.types.func(&ty);
        let index = self.add_func(FuncEntry {
            ty,
            id,
            kind: FuncKind::Host(Arc::new(function)),
        });
        Func {
            index,
            store: self.id,
        }
    }

    /// The store's number of a memory of an instance.
    pub(crate) fn memory_number(&self, instance: InstanceIdx, memory: u32) -> Option<u32> {
        let memories = &self.instance(instance).memories;
        memories.get(memory as usize).copied()
    }

    /// Whether an address lies in the reservation of a linear memory. Called
    /// by the fault handler: no allocation, no locks.
    #[allow(dead_code, reason = "only hosts with a fault handler ask")]
    pub(crate) fn owns_address(&self, address: usize) -> bool {
        self.memories
            .iter()
            .any(|memory| memory.offset_of(address).is_some())
    }

    /// The store's number of a function an instance knows by `local`; null
    /// for null and for anything that is no index.
    pub(crate) fn number_of(&mut self, instance: InstanceIdx, local: u32) -> u32 {
        let entry = self.instance(instance);
        match entry.functions.get(local as usize) {
            None => NULL_REF,
            Some(&NULL_REF) => self.name_function(instance, local),
            Some(&number) => number,
        }
    }

    /// Gives an instance's own function its number.
    fn name_function(&mut self, instance: InstanceIdx, local: u32) -> u32 {
        let module = self.instance(instance).module.clone();
        let Some((ty, code, thunk)) = module.defined_function(local) else {
            return NULL_REF;
        };
        let kind = FuncKind::Wasm {
            instance,
            index: local,
            code,
            thunk,
        };
        let types = &self.instance(instance).types;
        let id = types.get(ty as usize).copied().unwrap_or(TypeId(0));
        let number = self.add_func(FuncEntry {
            ty: self.types.func_type(id),
            id,
            kind,
        });
        if let Some(slot) = self
            .instance_mut(instance)
            .functions
            .get_mut(local as usize)
        {
            *slot = number;
        }
        number
    }

    /// The index by which an instance knows the function with this number.
    /// A function it has not seen gets the next foreign index.
    pub(crate) fn local_of(&mut self, instance: InstanceIdx, number: u32) -> Result<u32, Trap> {
        if number == NULL_REF {
            return Ok(NULL_REF);
        }
        if let FuncKind::Wasm {
            instance: home,
            index,
            ..
        } = self.func_entry(number).kind
            && home == instance
        {
            return Ok(index);
        }
        if let Some(&local) = self.instance(instance).locals.get(&number) {
            return Ok(local);
        }
        let id = self.func_entry(number).id;
        let entry = self.instance_mut(instance);
        let position = entry.functions.len();
        let local = u32::try_from(position).unwrap_or(NULL_REF);
        if position >= entry.function_room || local == NULL_REF {
            return Err(Trap::host("too many functions of other instances"));
        }
        let type_index = entry.types.iter().position(|known| *known == id);
        let type_index = type_index.and_then(|index| u32::try_from(index).ok());
        let type_index = type_index.unwrap_or(NULL_REF);
        entry.func_types.set_u32(position * 4, type_index);
        entry.func_ptrs.set_word(
            position * size_of::<usize>(),
            crate::builtins::unlinked_address(),
        );
        entry.functions.push(number);
        entry.locals.insert(number, local);
        Ok(local)
    }

    /// Calls the function with this number; arguments and results in `slots`,
    /// references as store numbers. `caller` is the instance that makes the call.
    pub(crate) fn call(
        &mut self,
        number: u32,
        caller: Option<InstanceIdx>,
        slots: &mut [u64],
    ) -> Result<(), Trap> {
        match &self.func_entry(number).kind {
            FuncKind::Host(function) => {
                let function = Arc::clone(function);
                let handles = self.handles();
                let done = function.call(&mut Caller::new(self, caller), slots);
                self.end_handles(handles);
                done
            }
            &FuncKind::Wasm {
                instance,
                code,
                thunk,
                ..
            } => {
                let references = self.func_entry(number).ty.has_references();
                if references {
                    self.localize_arguments(number, instance, slots)?;
                }
                match thunk {
                    Some(thunk) => entry::call_thunk(self, instance, thunk, code, slots)?,
                    None => self.call_machine(number, instance, code, slots)?,
                }
                if references {
                    self.globalize_results(number, instance, slots);
                }
                Ok(())
            }
        }
    }

    /// Replaces the references among the arguments of a call by what the
    /// instance knows them by.
    fn localize_arguments(
        &mut self,
        number: u32,
        instance: InstanceIdx,
        slots: &mut [u64],
    ) -> Result<(), Trap> {
        let ty = self.func_entry(number).ty.clone();
        let mark = self.gc.temps.len();
        self.hold_slots(ty.params(), slots);
        let mut at = 0;
        for &ty in ty.params() {
            if let Some(family) = self.family(ty)
                && let Some(slot) = slots.get_mut(at)
            {
                match self.localize(instance, family, *slot) {
                    Ok(local) => *slot = local,
                    Err(trap) => {
                        self.gc.temps.truncate(mark);
                        return Err(trap);
                    }
                }
            }
            at += slots_of(ty);
        }
        // From here on compiled code looks after them.
        self.gc.temps.truncate(mark);
        Ok(())
    }

    /// The opposite for results, which needs no memory.
    fn globalize_results(&mut self, number: u32, instance: InstanceIdx, slots: &mut [u64]) {
        let ty = self.func_entry(number).ty.clone();
        let mut at = 0;
        for &ty in ty.results() {
            if let Some(family) = self.family(ty)
                && let Some(slot) = slots.get_mut(at)
            {
                *slot = self.globalize(instance, family, *slot);
            }
            at += slots_of(ty);
        }
    }

    /// Runs something that may make objects for references on their way, and lets go of these.
    pub(crate) fn settle<R>(&mut self, work: impl FnOnce(&mut Store) -> R) -> R {
        let mark = self.gc.temps.len();
        let result = work(self);
        self.gc.temps.truncate(mark);
        result
    }

    /// Runs `work`; handles to objects made in it end with it.
    pub fn scope<R>(&mut self, work: impl FnOnce(&mut Store) -> R) -> R {
        let handles = self.handles();
        let result = work(self);
        self.end_handles(handles);
        result
    }

    /// Collects garbage now.
    pub fn collect_garbage(&mut self) {
        self.collect();
    }

    /// Number of collections so far, and the bytes of objects that the last one found alive.
    pub fn garbage_statistics(&self) -> (u64, usize) {
        (self.collections(), self.live_bytes())
    }

    /// Calls a function whose file has no entry thunks.
    fn call_machine(
        &mut self,
        number: u32,
        instance: InstanceIdx,
        code: usize,
        slots: &mut [u64],
    ) -> Result<(), Trap> {
        let ty = self.func_entry(number).ty.clone();
        let mut words = slots.iter().copied();
        let mut take = |&ty: &ValType| {
            let low = words.next().unwrap_or_default();
            let high = if slots_of(ty) == 2 {
                words.next().unwrap_or_default()
            } else {
                0
            };
            (ty, [low, high])
        };
        let arguments: Vec<_> = ty.params().iter().map(&mut take).collect();
        let mut results: Vec<_> = ty.results().iter().map(|&ty| (ty, [0, 0])).collect();
        entry::call_machine(self, instance, code, &arguments, &mut results)?;
        let mut slots = slots.iter_mut();
        for (ty, words) in results {
            // Narrow results leave garbage in the rest of a register.
            let low = if ty.size_in(self.instance(instance).references) == 4 {
                words[0] & u64::from(u32::MAX)
            } else {
                words[0]
            };
            for word in [low, words[1]].into_iter().take(slots_of(ty)) {
                if let Some(slot) = slots.next() {
                    *slot = word;
                }
            }
        }
        Ok(())
    }

    /// An instance's own copy of a table.
    pub(crate) fn instance_table(&self, instance: InstanceIdx, table: u32) -> Option<Mirror> {
        let slot = self
            .instance(instance)
            .module
            .layout()
            .tables
            .get(table as usize)?;
        Some(Mirror {
            instance,
            slot: *slot,
        })
    }

    /// Runs `work` with `count` zeroed slots.
    pub(crate) fn with_slots<R>(count: usize, work: impl FnOnce(&mut [u64]) -> R) -> R {
        let mut inline = [0_u64; INLINE_SLOTS];
        match inline.get_mut(..count) {
            Some(slots) => work(slots),
            None => work(&mut vec![0; count]),
        }
    }

    /// The execution environment of an instance.
    pub(crate) fn env_address(&self, instance: InstanceIdx) -> usize {
        self.instance(instance).env.address()
    }

    /// An activation begins: returns the instance's previous one.
    pub(crate) fn begin(
        &mut self,
        instance: InstanceIdx,
        activation: *const Activation,
        stack_boundary: usize,
    ) -> Outer {
        self.active += 1;
        self.pull_globals(instance);
        let env = &self.instance(instance).env;
        Outer {
            segment: self.segment_base(instance).map(system::segment::replace),
            frames: env.frames(),
            activation: env.activate(activation, stack_boundary),
        }
    }

    /// Where memory 0 begins, for code that may reach it by the segment register: that of other compilers.
    fn segment_base(&self, instance: InstanceIdx) -> Option<usize> {
        let entry = self.instance(instance);
        if !system::segment::EXISTS || entry.module.has_record() {
            return None;
        }
        let memory = self.memories.get(*entry.memories.first()? as usize)?;
        Some(memory.base())
    }

    /// An activation has ended: puts the previous one back, and says what was
    /// left pending (which clears it).
    pub(crate) fn end(&mut self, id: StoreId, instance: InstanceIdx, outer: Outer) -> Left {
        outer.segment.map(system::segment::replace);
        if id != self.id {
            // The store was exchanged while it ran; the other one stays as it is.
            return Left::Nothing;
        }
        self.active -= 1;
        self.push_globals(instance);
        let entry = self.instance(instance);
        entry.env.activate(outer.activation, 0);
        // A trap does not unlink the root frames it leaves.
        entry.env.set_frames(outer.frames);
        let raised = entry.block.read::<1>(EXCEPTION) != [0];
        if raised {
            entry.block.write(EXCEPTION, &[0]);
        }
        match self.instance_mut(instance).exception.take() {
            Some(object) => Left::Exception(object),
            None if raised => Left::Trap,
            None => Left::Nothing,
        }
    }

    /// Marks an exception as pending, where compiled code has to look for it.
    pub(crate) fn set_exception(&mut self, instance: InstanceIdx) {
        self.instance(instance)
            .block
            .write(EXCEPTION, traps::PREFIX.as_bytes());
    }

    /// Marks nothing as pending.
    pub(crate) fn clear_exception(&mut self, instance: InstanceIdx) {
        self.instance(instance).block.write(EXCEPTION, &[0]);
    }

    /// The trap of a number from compiled code.
    pub(crate) fn trap_of(number: u32) -> Trap {
        Trap::Wasm(TrapId::from_number(number).unwrap_or(TrapId::Unreachable))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.active > 0 {
            // A host function put another store in this one's place and drops
            // this one while its code still runs: what the code uses must stay.
            core::mem::forget(core::mem::take(&mut self.instances));
            core::mem::forget(core::mem::take(&mut self.memories));
            core::mem::forget(core::mem::take(&mut self.globals));
            let empty = Gc::new(self.platform, &StoreOptions::default());
            core::mem::forget(core::mem::replace(&mut self.gc, empty));
        }
    }
}
