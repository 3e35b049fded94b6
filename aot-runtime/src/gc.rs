//! The collector of a store: objects, their run-time types, roots, and when to collect.
//!
//! Precise, stop-the-world, non-moving. Roots are the root frames of all activations (suspended ones too: frames of an
//! instance are one chain), globals, tables, element segments, handles of the host, values pinned as external keys,
//! pending exceptions, and words in flight. Compiled code knows the layout of objects (`abi::object`), nothing of
//! chunks or marks. Files of this module alone touch objects.
//!
//! Design and costs: `docs/decisions/010-gc.md`.

use alloc::vec::Vec;

use aot_format::abi::object::{self, StructLayout};
use aot_format::{FieldType, Hierarchy, References, Representation, StorageType};

use crate::context::Block;
use crate::layout::WIDTH;
use crate::platform::Platform;
use crate::store::{FuncKind, InstanceIdx, Store, StoreOptions};
use crate::trap::{Trap, TrapId};
use crate::types::{Shape, TypeId};

mod array;
mod chunk;
mod collect;
mod exception;
mod handle;
mod heap;
mod init;
mod mark;
#[expect(unsafe_code, reason = "objects by address; see its contract")]
mod raw;
mod rtt;
#[cfg(all(test, feature = "std"))]
mod tests;

pub use handle::{AnyRef, RefKind};

use handle::Handles;
use heap::Heap;
use mark::MarkStack;
use rtt::{RttBlock, RttInit, Rtts};

pub(crate) use rtt::Rtt;

const WORD: usize = size_of::<usize>();

/// Entries of the mark stack.
const MARK_STACK: usize = if cfg!(feature = "std") { 4096 } else { 128 };

/// How references lie in objects.
const OBJECTS: References = References {
    representation: Representation::Object,
    width: WIDTH,
};

/// What a store needs for garbage collection.
pub(crate) struct Gc {
    heap: Heap,
    stack: MarkStack,
    /// Run-time types by type number, and those of exceptions by tag number.
    rtts: Rtts,
    tags: Rtts,
    host: RttBlock,
    /// Function objects, never freed, and their addresses by store number.
    functions: Vec<Block>,
    objects: Vec<usize>,
    /// Ranges of function indices in function objects: first, and whose.
    bases: Vec<(u32, InstanceIdx)>,
    next_base: u32,
    /// Words in flight.
    pub(crate) temps: Vec<usize>,
    handles: Handles,
    /// Objects that instances with 32-bit references know by a key.
    pins: Vec<usize>,
    /// Collect at every allocation.
    stress: bool,
    collections: u64,
    /// Structures are packed on this machine.
    packed: bool,
}

/// Offset of the store's number in a function object, behind the index.
const FUNC_NUMBER: usize = WORD + 4;
/// Offset of the key in a value of the host.
const HOST_KEY: usize = WORD;

impl Gc {
    /// An empty heap.
    pub(crate) fn new(platform: &'static dyn Platform, options: &StoreOptions) -> Gc {
        let host = RttInit {
            flag: rtt::HOST,
            number: 0,
            bytes: u32::try_from(2 * WORD).unwrap_or(16),
            traced: &[],
            supertypes: &[],
        };
        Gc {
            heap: Heap::new(platform, options.gc_heap_bytes),
            stack: MarkStack::new(MARK_STACK),
            rtts: Rtts::default(),
            tags: Rtts::default(),
            host: RttBlock::new(&host),
            functions: Vec::new(),
            objects: Vec::new(),
            bases: Vec::new(),
            next_base: 0,
            temps: Vec::new(),
            handles: Handles::default(),
            pins: Vec::new(),
            stress: options.gc_stress,
            collections: 0,
            packed: crate::host::packed_objects(),
        }
    }

    /// An object of this run-time type if a cell is at hand: no collection, nothing taken from the platform.
    #[inline]
    pub(crate) fn quick(&mut self, rtt: Rtt, bytes: usize) -> Option<usize> {
        if self.stress {
            return None;
        }
        let at = self.heap.quick(bytes)?;
        raw::set_word(at, rtt.address());
        Some(at)
    }

    /// Reserves a range of function indices for an instance of `count` functions.
    pub(crate) fn function_base(&mut self, instance: InstanceIdx, count: u32) -> Option<u32> {
        let base = self.next_base;
        // Functions without a range are counted from the other end.
        self.next_base = base.checked_add(count).filter(|next| *next < 1 << 31)?;
        self.bases.push((base, instance));
        Some(base)
    }
}

/// Places of a structure's fields with their types.
fn fields(packed: bool, fields: &[FieldType]) -> impl Iterator<Item = (u32, FieldType)> {
    let mut layout = StructLayout::new(WIDTH, packed);
    // Module::load has refused structures that are too large.
    fields.iter().map_while(move |field| {
        let at = layout.field(storage_bytes(field.storage))?;
        Some((at, *field))
    })
}

/// Bytes of a field or element.
pub(crate) fn storage_bytes(storage: StorageType) -> u32 {
    match storage {
        StorageType::I8 => 1,
        StorageType::I16 => 2,
        StorageType::Val(ty) => ty.size_in(OBJECTS),
    }
}

impl Store {
    /// An object of this run-time type and size, all zero; `None` when the heap is exhausted.
    pub(crate) fn allocate(&mut self, rtt: Rtt, bytes: usize) -> Option<usize> {
        if self.gc.stress {
            self.collect();
        }
        let found = match self.gc.heap.take(bytes, false) {
            Ok(at) => Some(at),
            Err(_) => {
                self.collect();
                self.gc.heap.take(bytes, true).ok()
            }
        };
        let at = found?;
        raw::set_word(at, rtt.address());
        Some(at)
    }

    /// The run-time type of a type, made if need be.
    pub(crate) fn rtt(&mut self, id: TypeId) -> Rtt {
        if let Some(rtt) = self.gc.rtts.find(id.0) {
            return rtt;
        }
        let above: Vec<TypeId> = self.types.supertypes(id).to_vec();
        let mut supertypes = Vec::with_capacity(above.len());
        // Topmost first, so each finds those above it.
        for id in above {
            let rtt = match self.gc.rtts.find(id.0) {
                Some(rtt) => rtt,
                None => self.make_rtt(id, &supertypes),
            };
            supertypes.push(rtt);
        }
        self.make_rtt(id, &supertypes)
    }

    fn make_rtt(&mut self, id: TypeId, supertypes: &[Rtt]) -> Rtt {
        let shape = self.types.shape(id).clone();
        let mut traced = Vec::new();
        let (flag, bytes) = match &shape {
            Shape::Func(_) => (object::FUNC, 0),
            Shape::Struct(list) => {
                let mut end = u32::try_from(WORD).unwrap_or(8);
                for (at, field) in fields(self.gc.packed, list) {
                    end = at + storage_bytes(field.storage);
                    if self.is_traced(field.storage) {
                        traced.push(at);
                    }
                }
                (object::STRUCT, end)
            }
            Shape::Array(element) => {
                if self.is_traced(element.storage) {
                    traced.push(0);
                }
                (object::ARRAY, storage_bytes(element.storage))
            }
        };
        let init = RttInit {
            flag,
            number: id.0,
            bytes,
            traced: &traced,
            supertypes,
        };
        self.gc.rtts.insert(id.0, &init)
    }

    /// Whether the collector follows a field.
    fn is_traced(&self, storage: StorageType) -> bool {
        let StorageType::Val(ty) = storage else {
            return false;
        };
        let reference = ty.reference();
        reference.is_some_and(|ty| self.types.hierarchy(ty.heap) != Hierarchy::Func)
    }

    /// The array of run-time types that an instance of these types points at.
    pub(crate) fn rtt_array(&mut self, types: &[TypeId]) -> Block {
        let block = Block::new(types.len() * WORD);
        for (index, id) in types.iter().enumerate() {
            block.set_word(index * WORD, self.rtt(*id).address());
        }
        block
    }

    /// The object of the function with this number.
    pub(crate) fn func_object(&mut self, number: u32) -> usize {
        let position = number as usize;
        if let Some(&known) = self.gc.objects.get(position).filter(|at| **at != 0) {
            return known;
        }
        let id = self.func_entry(number).id;
        let index = self.object_index(number);
        let rtt = self.rtt(id);
        let block = Block::new(2 * WORD.max(8));
        block.set_word(0, rtt.address());
        block.set_u32(object::function_index(WIDTH) as usize, index);
        block.set_u32(FUNC_NUMBER, number);
        let address = block.address(0);
        self.gc.functions.push(block);
        if self.gc.objects.len() <= position {
            self.gc.objects.resize(position + 1, 0);
        }
        if let Some(slot) = self.gc.objects.get_mut(position) {
            *slot = address;
        }
        address
    }

    /// The index of a function in function objects.
    fn object_index(&self, number: u32) -> u32 {
        match self.func_entry(number).kind {
            FuncKind::Wasm {
                instance, index, ..
            } if self.has_words(instance, Hierarchy::Func) => {
                self.instance(instance).func_base.wrapping_add(index)
            }
            // No range of an instance reaches the upper half.
            _ => !number,
        }
    }

    /// The number of the function that an object stands for.
    pub(crate) fn func_of_object(&self, object: usize) -> u32 {
        raw::u32_at(object + FUNC_NUMBER)
    }

    /// The number of the function with this index in function objects.
    pub(crate) fn func_of_index(&mut self, index: u32) -> Option<u32> {
        if index >= self.gc.next_base {
            return Some(!index).filter(|number| (*number as usize) < self.funcs.len());
        }
        let position = self.gc.bases.partition_point(|(base, _)| *base <= index);
        let (base, instance) = *self.gc.bases.get(position.checked_sub(1)?)?;
        Some(self.number_of(instance, index - base)).filter(|number| *number != u32::MAX)
    }

    /// A value of the host as an object.
    pub(crate) fn host_object(&mut self, key: u32) -> Result<usize, Trap> {
        let rtt = self.gc.host.rtt();
        let at = self.allocate(rtt, 2 * WORD);
        let at = at.ok_or(Trap::Wasm(TrapId::FailedToCreateExternrefObj))?;
        // Casts in compiled code tell values of the host by the flag.
        raw::set_word(at, rtt.address() | object::ANYREF_FLAG as usize);
        raw::set_u32(at + HOST_KEY, key);
        self.gc.temps.push(at);
        Ok(at)
    }

    /// The key of a value of the host; `None` for other references.
    pub(crate) fn host_key(&self, word: usize) -> Option<u32> {
        let plain = word == 0 || word & 1 != 0;
        if plain || Rtt::of(word).flag() != rtt::HOST {
            return None;
        }
        Some(raw::u32_at(word + HOST_KEY))
    }

    /// The key by which instances with 32-bit references know an object; it stays alive as long as the store.
    pub(crate) fn pin(&mut self, word: usize) -> u32 {
        let found = self.gc.pins.iter().position(|pin| *pin == word);
        let position = found.unwrap_or_else(|| {
            self.gc.pins.push(word);
            self.gc.pins.len() - 1
        });
        PINNED | u32::try_from(position).unwrap_or(0)
    }

    /// The object of such a key.
    pub(crate) fn pinned(&self, key: u32) -> Option<usize> {
        let position = key.checked_sub(PINNED)?;
        self.gc.pins.get(position as usize).copied()
    }
}

/// Keys from here on are the store's as soon as it pins objects.
const PINNED: u32 = 1 << 31;
