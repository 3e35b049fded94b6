//! Marking: from roots to everything reachable, with a stack of fixed size.
//!
//! Objects whose references are still to be followed wait on the stack; a long array waits with the position reached.
//! When the stack is full, an object is marked but not followed, and after the roots are done the whole heap is searched
//! for such objects. So marking needs no memory that could be refused, and no native stack.

use alloc::vec::Vec;

use aot_format::abi::object;

use super::chunk::{self, LARGE};
use super::heap::Heap;
use super::raw;
use super::rtt::Rtt;
use crate::layout::WIDTH;

const WORD: usize = size_of::<usize>();

/// Elements of an array followed before those found first are.
const PORTION: usize = 128;

/// The stack, kept between collections.
pub(super) struct MarkStack {
    entries: Vec<(usize, usize)>,
    capacity: usize,
}

impl MarkStack {
    /// A stack of so many entries.
    pub(super) fn new(capacity: usize) -> MarkStack {
        let mut entries = Vec::new();
        let capacity = match entries.try_reserve_exact(capacity) {
            Ok(()) => capacity,
            Err(_) => 0,
        };
        MarkStack { entries, capacity }
    }
}

/// A collection under way.
pub(crate) struct Marker<'h> {
    heap: &'h Heap,
    stack: &'h mut MarkStack,
    /// Some object was marked but not followed.
    overflow: bool,
    live: usize,
}

impl<'h> Marker<'h> {
    pub(super) fn new(heap: &'h Heap, stack: &'h mut MarkStack) -> Marker<'h> {
        Marker {
            heap,
            stack,
            overflow: false,
            live: 0,
        }
    }

    /// Marks what a root refers to, and everything reachable from there. Words that are no address are skipped: null,
    /// integers of 31 bits, keys of the host.
    pub(crate) fn root(&mut self, word: usize) {
        self.reach(word);
        self.drain();
    }

    /// Marks the references of a root frame chain, the innermost first (spec D.12.3).
    pub(super) fn frames(&mut self, mut frame: usize) {
        use aot_format::abi::frame::Field;
        let at = |frame: usize, field: Field| raw::word(frame + field.offset(WIDTH) as usize);
        while frame != 0 {
            let cells = frame + Field::struct_size(WIDTH) as usize;
            let end = at(frame, Field::Sp);
            let flags = at(frame, Field::FrameRef);
            let mut index = 0;
            while cells + index * 4 + WORD <= end {
                if raw::byte(flags + index) == 0 {
                    index += 1;
                } else {
                    self.root(raw::word(cells + index * 4));
                    index += WORD / 4;
                }
            }
            frame = at(frame, Field::PrevFrame);
        }
    }

    fn reach(&mut self, word: usize) {
        if word == 0 || word & object::FLAGS as usize != 0 {
            return;
        }
        let rtt = Rtt::of(word);
        if rtt.flag() == object::FUNC {
            // Function objects are never freed and refer to nothing.
            return;
        }
        let chunk = self.heap.chunk_of(word);
        if !chunk.mark(word - chunk.0) {
            return;
        }
        self.live += chunk.cell();
        if rtt.traced() > 0 {
            self.push(word, 0);
        }
    }

    fn push(&mut self, object: usize, from: usize) {
        if self.stack.entries.len() < self.stack.capacity {
            self.stack.entries.push((object, from));
        } else {
            self.overflow = true;
        }
    }

    fn drain(&mut self) {
        while let Some((object, from)) = self.stack.entries.pop() {
            self.follow(object, from);
        }
    }

    /// Marks what an object refers to, for arrays a portion of the elements.
    fn follow(&mut self, at: usize, from: usize) {
        let rtt = Rtt::of(at);
        if rtt.flag() != object::ARRAY {
            for index in 0..rtt.traced() {
                self.reach(raw::word(at + rtt.offset(index)));
            }
            return;
        }
        let length = raw::u32_at(at + object::array_length(WIDTH) as usize) >> object::LENGTH_SHIFT;
        let end = (length as usize).min(from + PORTION);
        if end < length as usize {
            self.push(at, end);
        }
        let data = at + object::array_data(WIDTH) as usize;
        for index in from..end {
            self.reach(raw::word(data + index * WORD));
        }
    }

    /// Follows what did not fit the stack; the bytes of live objects.
    pub(super) fn finish(mut self) -> usize {
        while core::mem::take(&mut self.overflow) {
            for (state, chunk) in self.heap.used_chunks() {
                let bytes = self.heap.chunk_bytes();
                let cell = chunk.cell();
                let mut at = chunk::first(bytes);
                while state == LARGE || at + cell <= bytes {
                    if chunk.is_marked(at) && Rtt::of(chunk.0 + at).traced() > 0 {
                        self.follow_all(chunk.0 + at);
                    }
                    if state == LARGE {
                        break;
                    }
                    at += cell;
                }
            }
        }
        self.live
    }

    /// Follows an object to its end, without the stack for its own rest.
    fn follow_all(&mut self, at: usize) {
        let rtt = Rtt::of(at);
        if rtt.flag() != object::ARRAY {
            self.follow(at, 0);
            return self.drain();
        }
        let length = raw::u32_at(at + object::array_length(WIDTH) as usize) >> object::LENGTH_SHIFT;
        let data = at + object::array_data(WIDTH) as usize;
        for index in 0..length as usize {
            self.root(raw::word(data + index * WORD));
        }
    }
}
