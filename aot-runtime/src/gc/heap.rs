//! The object heap: memory in chunks, cells of equal size in each, one mark bit per cell.
//!
//! A chunk is a power of two in size and aligned to it, so that the chunk of an object is found by masking its address.
//! It begins with a short header and the bitmap. Allocating takes the next cell whose bit is clear; there is no free
//! list and no sweep: after a collection the bits say everything. Objects larger than a part of a chunk get a run of
//! chunks of their own. Objects never move. Nothing here knows what an object is; see `mark` for that.

use alloc::vec::Vec;

use super::chunk::{self, Chunk, FREE, LARGE_REST};
use crate::context::Region;
use crate::platform::{Placement, Platform};

/// Largest cell of a shared chunk, as a part of the chunk.
const CELL_PART: usize = 8;

/// Smallest and greatest chunk, in bytes. A heap takes at most so many chunks that its limit holds 64 of them.
const CHUNKS: (usize, usize) = (1024, 64 * 1024);

/// Least address space asked of the platform at once, where the limit allows.
const SEGMENT: usize = 1024 * 1024;

/// Bytes that are allocated between two collections at least, where the limit allows.
const BUDGET: usize = 4 * 1024 * 1024;

/// Cell sizes: four per doubling, in bytes.
pub(super) const CLASSES: [usize; 28] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024,
    1280, 1536, 1792, 2048, 2560, 3072, 4096, 8192,
];

/// Address space with chunks in it.
struct Segment {
    #[expect(dead_code, reason = "owned for its addresses")]
    region: Region,
    /// Address of the first chunk.
    base: usize,
    /// What each chunk is: [`FREE`], a class, the start of a large object or its continuation.
    states: Vec<u8>,
    /// Chunks from here on have never been used: they are zero.
    fresh: usize,
}

/// Where the next cells of a size come from.
#[derive(Default)]
struct Class {
    /// The chunk in use and the offset of the next cell in it; 0 for none.
    chunk: usize,
    at: usize,
    end: usize,
    /// Chunks with free cells that come after it.
    next: Vec<usize>,
}

/// The heap of a store.
pub(crate) struct Heap {
    platform: &'static dyn Platform,
    /// Most bytes of chunks.
    limit: usize,
    /// Bytes of a chunk.
    chunk_bytes: usize,
    segments: Vec<Segment>,
    classes: [Class; CLASSES.len()],
    /// Bytes of all segments.
    reserved: usize,
    /// Bytes handed out since the last collection, as far as chunks were used up.
    spent: usize,
    /// How many may be before the next.
    budget: usize,
    /// Bytes of objects that the last collection found alive.
    pub(super) live: usize,
}

/// Why there was no cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// It is time for a collection.
    Budget,
    /// The limit is reached, or the platform has no more memory.
    Limit,
}

impl Heap {
    /// An empty heap of at most `limit` bytes.
    pub(super) fn new(platform: &'static dyn Platform, limit: usize) -> Heap {
        let part = (limit / 64).max(1);
        let power = 1 << part.ilog2();
        let chunk_bytes = usize::clamp(power, CHUNKS.0, CHUNKS.1);
        Heap {
            platform,
            limit,
            chunk_bytes,
            segments: Vec::new(),
            classes: core::array::from_fn(|_| Class::default()),
            reserved: 0,
            spent: 0,
            budget: BUDGET.min(limit / 4),
            live: 0,
        }
    }

    /// The chunk of an object.
    pub(super) fn chunk_of(&self, object: usize) -> Chunk {
        Chunk(object & !(self.chunk_bytes - 1))
    }

    /// The class of objects of this size, if they share chunks.
    fn class(&self, bytes: usize) -> Option<usize> {
        let index = match bytes {
            0..=128 => bytes.div_ceil(16).max(1) - 1,
            _ => CLASSES.partition_point(|size| *size < bytes),
        };
        let size = CLASSES.get(index)?;
        (*size <= self.chunk_bytes / CELL_PART).then_some(index)
    }

    /// A zeroed cell from the chunk in use: the usual case, without anything else.
    #[inline]
    pub(crate) fn quick(&mut self, bytes: usize) -> Option<usize> {
        let index = self.class(bytes)?;
        let (class, size) = (self.classes.get_mut(index)?, *CLASSES.get(index)?);
        while class.at + size <= class.end {
            let at = class.at;
            class.at += size;
            if !Chunk(class.chunk).is_marked(at) {
                super::raw::zero(class.chunk + at, size);
                return Some(class.chunk + at);
            }
        }
        None
    }

    /// A zeroed cell. With `forced` the budget does not count.
    pub(super) fn take(&mut self, bytes: usize, forced: bool) -> Result<usize, Full> {
        let Some(index) = self.class(bytes) else {
            return self.take_large(bytes, forced);
        };
        loop {
            if let Some(at) = self.quick(bytes) {
                return Ok(at);
            }
            self.next_chunk(index, forced)?;
        }
    }

    /// Puts another chunk of a class into use.
    fn next_chunk(&mut self, index: usize, forced: bool) -> Result<(), Full> {
        let size = CLASSES.get(index).copied().unwrap_or(1);
        let spent = self.spent.saturating_add(self.chunk_bytes);
        if !forced && spent > self.budget {
            return Err(Full::Budget);
        }
        let waiting = self
            .classes
            .get_mut(index)
            .and_then(|class| class.next.pop());
        let chunk = match waiting {
            Some(chunk) => {
                self.spent += self.chunk_bytes - Chunk(chunk).marked_cells() * size;
                chunk
            }
            None => {
                self.spent = spent;
                let state = u8::try_from(index).unwrap_or(FREE);
                let (chunk, _) = self.chunks(1, state).ok_or(Full::Limit)?;
                Chunk(chunk).init(self.chunk_bytes, size);
                chunk
            }
        };
        if let Some(class) = self.classes.get_mut(index) {
            class.chunk = chunk;
            class.at = chunk::first(self.chunk_bytes);
            class.end = self.chunk_bytes;
        }
        Ok(())
    }

    /// A zeroed run of chunks for one object.
    fn take_large(&mut self, bytes: usize, forced: bool) -> Result<usize, Full> {
        let first = chunk::first(self.chunk_bytes);
        let total = bytes.checked_add(first).ok_or(Full::Limit)?;
        let count = total.div_ceil(self.chunk_bytes);
        let spent = self.spent.saturating_add(total);
        if !forced && spent > self.budget {
            return Err(Full::Budget);
        }
        let (at, fresh) = self.chunks(count, chunk::LARGE).ok_or(Full::Limit)?;
        self.spent = spent;
        Chunk(at).init(self.chunk_bytes, count * self.chunk_bytes - first);
        if !fresh {
            super::raw::zero(at + first, bytes);
        }
        Ok(at + first)
    }

    /// Takes a run of free chunks; also says whether they are fresh. `None`: the limit is reached.
    fn chunks(&mut self, count: usize, state: u8) -> Option<(usize, bool)> {
        let bytes = self.chunk_bytes;
        for segment in self.segments.iter_mut().rev() {
            if let Some(first) = segment.find(count) {
                return Some(segment.occupy(first, count, state, bytes));
            }
        }
        self.grow(count)?;
        let segment = self.segments.last_mut()?;
        let first = segment.find(count)?;
        Some(segment.occupy(first, count, state, bytes))
    }

    /// Asks the platform for room for so many chunks at least.
    fn grow(&mut self, count: usize) -> Option<()> {
        let needed = count.checked_mul(self.chunk_bytes)?;
        let left = self.limit.checked_sub(self.reserved)?;
        let wanted = SEGMENT.max(self.reserved / 2).min(left).max(needed);
        let bytes = wanted / self.chunk_bytes * self.chunk_bytes;
        if bytes > left || bytes == 0 {
            return None;
        }
        // Room to align the first chunk.
        let slack = self.chunk_bytes.saturating_sub(self.platform.page_bytes());
        let mut region = Region::reserve(self.platform, bytes.checked_add(slack)?, Placement::Any)?;
        if !region.commit(bytes + slack) {
            return None;
        }
        let base = region.address().next_multiple_of(self.chunk_bytes);
        self.reserved += bytes;
        self.segments.push(Segment {
            region,
            base,
            states: alloc::vec![FREE; bytes / self.chunk_bytes],
            fresh: 0,
        });
        Some(())
    }

    /// Every chunk that begins with a header, with its state.
    pub(super) fn used_chunks(&self) -> impl Iterator<Item = (u8, Chunk)> {
        let bytes = self.chunk_bytes;
        self.segments.iter().flat_map(move |segment| {
            let chunks = segment.states.iter().enumerate();
            chunks
                .filter(|(_, state)| !matches!(**state, FREE | LARGE_REST))
                .map(move |(index, state)| (*state, Chunk(segment.base + index * bytes)))
        })
    }

    /// Bytes of a chunk.
    pub(super) fn chunk_bytes(&self) -> usize {
        self.chunk_bytes
    }

    /// A collection begins: nothing is marked.
    pub(super) fn clear_marks(&mut self) {
        let bytes = self.chunk_bytes;
        self.used_chunks().for_each(|(_, chunk)| chunk.clear(bytes));
        self.live = 0;
    }

    /// A collection has ended: chunks without marked objects are free, the others are used from their start.
    pub(super) fn reclaim(&mut self) {
        let bytes = self.chunk_bytes;
        for class in &mut self.classes {
            (class.chunk, class.at, class.end) = (0, 0, 0);
            class.next.clear();
        }
        for segment in &mut self.segments {
            let mut free_rest = false;
            for (index, state) in segment.states.iter_mut().enumerate() {
                let at = segment.base + index * bytes;
                match *state {
                    FREE => {}
                    LARGE_REST if free_rest => *state = FREE,
                    LARGE_REST => {}
                    _ => {
                        let marked = Chunk(at).marked_cells();
                        free_rest = marked == 0;
                        if free_rest {
                            *state = FREE;
                        } else if let Some(class) = self.classes.get_mut(usize::from(*state)) {
                            class.next.push(at);
                        }
                    }
                }
            }
        }
        self.release();
        self.spent = 0;
        let room = self.limit.saturating_sub(self.live);
        self.budget = self.live.max(BUDGET).min((room / 2).max(self.chunk_bytes));
    }

    /// Gives segments that are all free back, but the first.
    fn release(&mut self) {
        let mut position = 0;
        let (bytes, reserved) = (self.chunk_bytes, &mut self.reserved);
        self.segments.retain(|segment| {
            position += 1;
            let keep = position == 1 || segment.states.iter().any(|state| *state != FREE);
            if !keep {
                *reserved -= segment.states.len() * bytes;
            }
            keep
        });
    }
}

impl Segment {
    /// The first of so many free chunks in a row.
    fn find(&self, count: usize) -> Option<usize> {
        let mut run = 0;
        let free = self.states.iter().position(|state| {
            run = if *state == FREE { run + 1 } else { 0 };
            run == count
        });
        free.map(|last| last + 1 - count)
    }

    /// Marks a run as used; its address, and whether it was never used before.
    fn occupy(&mut self, first: usize, count: usize, state: u8, bytes: usize) -> (usize, bool) {
        let run = self.states.get_mut(first..first + count);
        for (index, slot) in run.unwrap_or_default().iter_mut().enumerate() {
            *slot = if index == 0 { state } else { LARGE_REST };
        }
        let fresh = first >= self.fresh;
        self.fresh = self.fresh.max(first + count);
        (self.base + first * bytes, fresh)
    }
}
