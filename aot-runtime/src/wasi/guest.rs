//! The only way into the guest's memory: bounds-checked reads and writes at guest addresses.
//!
//! Addresses, counts and lengths come from the guest and are hostile. Anything outside of the memory is `Fault`,
//! sums are computed without wrapping, and nothing is allocated in proportion to a number the guest merely states:
//! buffers are slices of its own memory, and lists are read only after their bytes are known to exist.
//!
//! Nobody may borrow the bytes of a memory that other threads write. Of such a memory the functions see copies: what
//! they look at is copied once, so that it cannot change while they do, and what they produce is copied back.

use std::cell::OnceCell;
use std::io::{IoSlice, IoSliceMut};

use super::Result;
use super::errno::Errno;
use crate::memory::SharedMemory;

/// Which version of the interface the guest imported; they differ in a few layouts and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// `wasi_snapshot_preview1`.
    Preview1,
    /// `wasi_unstable`, the snapshot before it.
    Unstable,
}

/// Most buffers one read or write may name, as on the host (`IOV_MAX`).
const MAX_BUFFERS: u32 = 1024;

/// Buffers of a write kept on the stack; the C library never names more than two.
const FEW: usize = 8;

/// Copies one call may take of a shared memory; no function looks at more places.
const COPIES: usize = 8;

/// Most bytes one read or write moves to or from a shared memory; the guest learns that it was less than it asked for.
const MOST_COPIED: usize = 1 << 20;

/// A guest during one call: its memory and the edition it speaks.
pub(crate) struct Guest<'a> {
    memory: Memory<'a>,
    edition: Edition,
}

enum Memory<'a> {
    /// The guest waits for the call, so its memory is ours.
    Own(&'a mut [u8]),
    /// Other threads use it meanwhile.
    Shared(Copies),
}

/// A shared memory with what was copied out of it.
struct Copies {
    memory: SharedMemory,
    slots: [OnceCell<Box<[u8]>>; COPIES],
}

impl Copies {
    /// A copy of part of the memory.
    fn take(&self, region: &Region) -> Result<&[u8]> {
        let copy = self.copy(region)?;
        let free = self.slots.iter().find(|slot| slot.get().is_none());
        Ok(free.ok_or(Errno::Nomem)?.get_or_init(|| copy.into()))
    }

    fn copy(&self, region: &Region) -> Result<Vec<u8>> {
        let mut copy = vec![0; region.len];
        let read = self.memory.read(region.start, &mut copy);
        read.map_err(|_| Errno::Fault)?;
        Ok(copy)
    }
}

/// One buffer of a list, inside the memory. Invariant: `start + len` does not exceed the memory's size.
struct Region {
    start: usize,
    len: usize,
}

impl<'a> Guest<'a> {
    pub(crate) fn new(memory: &'a mut [u8], edition: Edition) -> Self {
        let memory = Memory::Own(memory);
        Guest { memory, edition }
    }

    /// A guest whose memory other threads use.
    pub(crate) fn shared(memory: SharedMemory, edition: Edition) -> Guest<'static> {
        let slots = Default::default();
        let memory = Memory::Shared(Copies { memory, slots });
        Guest { memory, edition }
    }

    pub(crate) fn edition(&self) -> Edition {
        self.edition
    }

    /// `len` bytes at `ptr`.
    pub(crate) fn bytes(&self, ptr: u32, len: u32) -> Result<&[u8]> {
        let region = self.region(ptr, len)?;
        match &self.memory {
            Memory::Own(memory) => {
                let bytes = memory.get(region.start..region.start + region.len);
                bytes.ok_or(Errno::Fault)
            }
            Memory::Shared(copies) => copies.take(&region),
        }
    }

    /// Checks that there are `len` bytes at `ptr`.
    pub(crate) fn check(&self, ptr: u32, len: u32) -> Result {
        self.region(ptr, len).map(|_| ())
    }

    /// Lets `write` fill the start of a buffer; it tells how much it filled.
    pub(crate) fn fill(
        &mut self,
        ptr: u32,
        len: u32,
        write: impl FnOnce(&mut [u8]) -> Result<usize>,
    ) -> Result<usize> {
        let region = self.region(ptr, len)?;
        match &mut self.memory {
            Memory::Own(memory) => {
                let bytes = memory.get_mut(region.start..region.start + region.len);
                write(bytes.ok_or(Errno::Fault)?)
            }
            Memory::Shared(copies) => {
                let mut bytes = vec![0; region.len];
                let used = write(&mut bytes)?;
                let filled = bytes.get(..used).ok_or(Errno::Fault)?;
                let written = copies.memory.write(region.start, filled);
                written.map_err(|_| Errno::Fault)?;
                Ok(used)
            }
        }
    }

    /// Copies `bytes` to `ptr`.
    pub(crate) fn put(&mut self, ptr: u32, bytes: &[u8]) -> Result {
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
        self.fill(ptr, len, |out| {
            out.copy_from_slice(bytes);
            Ok(out.len())
        })?;
        Ok(())
    }

    pub(crate) fn put_u32(&mut self, ptr: u32, value: u32) -> Result {
        self.put(ptr, &value.to_le_bytes())
    }

    pub(crate) fn put_u64(&mut self, ptr: u32, value: u64) -> Result {
        self.put(ptr, &value.to_le_bytes())
    }

    /// A path: UTF-8 without NUL, as the interface demands.
    pub(crate) fn path(&self, ptr: u32, len: u32) -> Result<&str> {
        let path = std::str::from_utf8(self.bytes(ptr, len)?).map_err(|_| Errno::Ilseq)?;
        if path.contains('\0') {
            Err(Errno::Inval)
        } else {
            Ok(path)
        }
    }

    fn region(&self, ptr: u32, len: u32) -> Result<Region> {
        let start = usize::try_from(ptr).map_err(|_| Errno::Fault)?;
        let len = usize::try_from(len).map_err(|_| Errno::Fault)?;
        let end = start.checked_add(len).ok_or(Errno::Fault)?;
        let size = match &self.memory {
            Memory::Own(memory) => memory.len(),
            Memory::Shared(copies) => copies.memory.bytes(),
        };
        if end > size {
            Err(Errno::Fault)
        } else {
            Ok(Region { start, len })
        }
    }

    /// The list of `count` buffers (address and length, 4 bytes each) at `list`. Empty buffers are dropped: their
    /// address means nothing.
    fn regions(&self, list: u32, count: u32) -> Result<impl Iterator<Item = Result<Region>>> {
        if count > MAX_BUFFERS {
            return Err(Errno::Inval);
        }
        let (entries, _) = self.bytes(list, count * 8)?.as_chunks::<8>();
        let split = |&[a, b, c, d, e, f, g, h]: &[u8; 8]| {
            (
                u32::from_le_bytes([a, b, c, d]),
                u32::from_le_bytes([e, f, g, h]),
            )
        };
        let filled = entries.iter().map(split).filter(|&(_, len)| len != 0);
        Ok(filled.map(|(ptr, len)| self.region(ptr, len)))
    }

    /// Calls `write` with the buffers of a write, in order, straight from the guest's memory.
    pub(crate) fn gather<R>(
        &self,
        list: u32,
        count: u32,
        write: impl FnOnce(&[IoSlice<'_>]) -> Result<R>,
    ) -> Result<R> {
        let memory = match &self.memory {
            Memory::Own(memory) => memory,
            Memory::Shared(copies) => {
                let regions = self.regions(list, count)?.collect::<Result<Vec<_>>>()?;
                let (all, _) = limited(&regions);
                let copied = all.iter().map(|region| copies.copy(region));
                let bytes = copied.collect::<Result<Vec<_>>>()?;
                let slices: Vec<_> = bytes.iter().map(|bytes| IoSlice::new(bytes)).collect();
                return write(&slices);
            }
        };
        let slices = self.regions(list, count)?.map(|region| {
            let region = region?;
            let bytes = memory.get(region.start..region.start + region.len);
            bytes.map(IoSlice::new).ok_or(Errno::Fault)
        });
        if usize::try_from(count).is_ok_and(|count| count <= FEW) {
            let mut few = [IoSlice::new(&[]); FEW];
            let mut used = 0;
            for (slot, slice) in few.iter_mut().zip(slices) {
                *slot = slice?;
                used += 1;
            }
            return write(few.get(..used).unwrap_or_default());
        }
        write(&slices.collect::<Result<Vec<_>>>()?)
    }

    /// Calls `read` with the buffers of a read, in order, straight in the guest's memory. Buffers may come in any
    /// order; where they overlap, `read` is called once per buffer until one is not filled, and the sum is returned.
    pub(crate) fn scatter(
        &mut self,
        list: u32,
        count: u32,
        mut read: impl FnMut(&mut [IoSliceMut<'_>], u64) -> Result<usize>,
    ) -> Result<usize> {
        let regions = self.regions(list, count)?.collect::<Result<Vec<_>>>()?;
        let memory = match &mut self.memory {
            Memory::Own(memory) => &mut **memory,
            Memory::Shared(copies) => return copies.scatter(&regions, read),
        };
        if let Some(mut slices) = disjoint(memory, &regions) {
            return read(&mut slices, 0);
        }
        let mut total = 0;
        for region in regions {
            let bytes = memory.get_mut(region.start..region.start + region.len);
            let mut slice = [IoSliceMut::new(bytes.ok_or(Errno::Fault)?)];
            let done = match read(
                &mut slice,
                u64::try_from(total).map_err(|_| Errno::Overflow)?,
            ) {
                // What was read before is the answer; the error will show again on the next call.
                Err(_) if total > 0 => return Ok(total),
                other => other?,
            };
            total += done;
            if done < region.len {
                break;
            }
        }
        Ok(total)
    }
}

impl Copies {
    /// Reads into one buffer and hands its bytes out to the regions in order.
    fn scatter(
        &self,
        regions: &[Region],
        mut read: impl FnMut(&mut [IoSliceMut<'_>], u64) -> Result<usize>,
    ) -> Result<usize> {
        let (regions, total) = limited(regions);
        let mut bytes = vec![0; total];
        let done = read(&mut [IoSliceMut::new(&mut bytes)], 0)?;
        let mut rest = bytes.get(..done).ok_or(Errno::Fault)?;
        for region in regions {
            let (part, others) = rest.split_at(region.len.min(rest.len()));
            let written = self.memory.write(region.start, part);
            written.map_err(|_| Errno::Fault)?;
            rest = others;
        }
        Ok(done)
    }
}

/// The first regions, as many bytes as are copied at once, and how many those are.
fn limited(regions: &[Region]) -> (Vec<Region>, usize) {
    let mut total = 0;
    let cut = regions.iter().map(|region| {
        let len = region.len.min(MOST_COPIED - total);
        total += len;
        Region { len, ..*region }
    });
    let regions = cut.collect();
    (regions, total)
}

/// The regions as slices, in the given order, or `None` when two of them overlap.
fn disjoint<'m>(memory: &'m mut [u8], regions: &[Region]) -> Option<Vec<IoSliceMut<'m>>> {
    let mut order: Vec<usize> = (0..regions.len()).collect();
    order.sort_unstable_by_key(|&index| regions.get(index).map(|region| region.start));
    let mut found: Vec<(usize, IoSliceMut<'m>)> = Vec::with_capacity(order.len());
    let mut rest = memory;
    let mut consumed = 0;
    for index in order {
        let region = regions.get(index)?;
        let gap = region.start.checked_sub(consumed)?;
        let (_, tail) = rest.split_at_mut_checked(gap)?;
        let (slice, tail) = tail.split_at_mut_checked(region.len)?;
        found.push((index, IoSliceMut::new(slice)));
        consumed = region.start + region.len;
        rest = tail;
    }
    found.sort_unstable_by_key(|&(index, _)| index);
    Some(found.into_iter().map(|(_, slice)| slice).collect())
}

#[cfg(test)]
mod tests;
