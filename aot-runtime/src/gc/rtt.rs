//! Run-time types: what an object's header points at.
//!
//! The part compiled code knows is `abi::object`'s; ours lies in front of it, at negative offsets: which words of an
//! object are traced, its size, and its type's number. Run-time types live as long as the store.

use alloc::vec::Vec;

use aot_format::abi::object::{self, Field};

use super::raw;
use crate::context::Block;
use crate::layout::WIDTH;

const WORD: usize = size_of::<usize>();

/// [`Field::TypeFlag`] of exceptions: ours.
pub(super) const EXCEPTION: u32 = 3;
/// [`Field::TypeFlag`] of values of the host: ours.
pub(super) const HOST: u32 = 4;

// Words in front of the run-time type, counted backwards.
const OFFSETS: usize = 1;
const COUNT: usize = 2;
const BYTES: usize = 3;
const NUMBER: usize = 4;
/// All of them, aligned.
const FRONT: usize = (4 * WORD).next_multiple_of(16);

/// What a run-time type is made of.
pub(super) struct RttInit<'a> {
    /// Kind of object.
    pub(super) flag: u32,
    /// Number of the type or tag in the store.
    pub(super) number: u32,
    /// Bytes of an object, or of an array's element.
    pub(super) bytes: u32,
    /// Offsets of traced words; for arrays one entry if the elements are.
    pub(super) traced: &'a [u32],
    /// Run-time types of the supertypes, the topmost first.
    pub(super) supertypes: &'a [Rtt],
}

/// A run-time type by its address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rtt(usize);

/// The memory of one.
pub(super) struct RttBlock(Block);

impl RttBlock {
    /// Makes a run-time type.
    pub(super) fn new(init: &RttInit<'_>) -> RttBlock {
        let depth = init.supertypes.len();
        let entries = (depth + 1).max(object::DISPLAY_MIN as usize);
        let display = FRONT + object::display(WIDTH) as usize;
        let offsets = display + entries * WORD;
        let block = Block::new(offsets + init.traced.len() * 4);
        let rtt = block.address(FRONT);
        let front = |position: usize| FRONT - position * WORD;
        block.set_word(front(OFFSETS), block.address(offsets));
        block.set_word(front(COUNT), init.traced.len());
        block.set_word(front(BYTES), init.bytes as usize);
        block.set_word(front(NUMBER), init.number as usize);
        let at = |field: Field| FRONT + field.offset(WIDTH) as usize;
        block.set_u32(at(Field::TypeFlag), init.flag);
        block.set_u32(at(Field::InheritDepth), u32::try_from(depth).unwrap_or(0));
        block.set_word(at(Field::DefinedType), rtt);
        let root = init.supertypes.first().map_or(rtt, |root| root.0);
        block.set_word(at(Field::RootType), root);
        let chain = init.supertypes.iter().map(|rtt| rtt.0).chain([rtt]);
        // Values of the host and exceptions are below nothing, not even themselves.
        let chain = chain.filter(|_| init.flag <= object::ARRAY);
        for (index, entry) in chain.enumerate() {
            block.set_word(display + index * WORD, entry);
        }
        for (index, offset) in init.traced.iter().enumerate() {
            block.set_u32(offsets + index * 4, *offset);
        }
        RttBlock(block)
    }

    pub(super) fn rtt(&self) -> Rtt {
        Rtt(self.0.address(FRONT))
    }
}

impl Rtt {
    /// The run-time type of an object.
    pub(crate) fn of(object: usize) -> Rtt {
        Rtt(raw::word(object) & !(object::FLAGS as usize))
    }

    /// The run-time type that compiled code names.
    pub(crate) fn from_word(word: usize) -> Rtt {
        Rtt(word)
    }

    /// Its address.
    pub(crate) fn address(self) -> usize {
        self.0
    }

    pub(super) fn flag(self) -> u32 {
        raw::u32_at(self.0 + Field::TypeFlag.offset(WIDTH) as usize)
    }

    /// Number of traced words (for arrays: 1 if elements are traced).
    pub(super) fn traced(self) -> usize {
        raw::word(self.0 - COUNT * WORD)
    }

    /// The offset of a traced word.
    pub(super) fn offset(self, index: usize) -> usize {
        raw::u32_at(raw::word(self.0 - OFFSETS * WORD) + index * 4) as usize
    }

    /// Bytes of an object, or of an array's element.
    pub(crate) fn bytes(self) -> usize {
        raw::word(self.0 - BYTES * WORD)
    }

    /// Number of the type (or tag) in the store.
    pub(crate) fn number(self) -> u32 {
        u32::try_from(raw::word(self.0 - NUMBER * WORD)).unwrap_or(u32::MAX)
    }

    fn depth(self) -> usize {
        raw::u32_at(self.0 + Field::InheritDepth.offset(WIDTH) as usize) as usize
    }

    /// Whether it is `of` or below it.
    pub(crate) fn is_below(self, of: Rtt) -> bool {
        let depth = of.depth();
        let entry = self.0 + object::display(WIDTH) as usize + depth * WORD;
        self == of || depth <= self.depth() && raw::word(entry) == of.0
    }
}

/// Run-time types that exist, by number.
#[derive(Default)]
pub(super) struct Rtts(pub(super) Vec<Option<RttBlock>>);

impl Rtts {
    pub(super) fn find(&self, number: u32) -> Option<Rtt> {
        let block = self.0.get(number as usize)?.as_ref()?;
        Some(block.rtt())
    }

    pub(super) fn insert(&mut self, number: u32, init: &RttInit<'_>) -> Rtt {
        let position = number as usize;
        if self.0.len() <= position {
            self.0.resize_with(position + 1, || None);
        }
        let block = RttBlock::new(init);
        let rtt = block.rtt();
        if let Some(slot) = self.0.get_mut(position) {
            *slot = Some(block);
        }
        rtt
    }
}
