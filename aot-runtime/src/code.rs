//! Executable memory: text and object data in one mapping, written first,
//! executable later, never both.
//!
//! Contract: [`Code<Writable>`] is plain memory; [`Code::seal`] gives every
//! part its final access before any address of it is called. Nothing here
//! interprets the bytes. (No unsafe of its own: `context::Region` does it.)

use core::marker::PhantomData;

use alloc::vec::Vec;

use crate::context::Region;
use crate::error::LoadError;
use crate::platform::{Access, Placement, Platform};

/// Code that can be written.
pub(crate) struct Writable;
/// Code that can be executed.
pub(crate) struct Executable;

/// One part of the mapping.
#[derive(Clone, Copy, Debug)]
struct Part {
    offset: usize,
    bytes: usize,
    access: Access,
}

/// Position of a part, in the order parts were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartIdx(usize);

/// The parts a mapping will have: sizes and final access.
pub(crate) struct Plan {
    page_bytes: usize,
    parts: Vec<Part>,
    bytes: usize,
}

impl Plan {
    /// No parts yet.
    pub(crate) fn new(platform: &dyn Platform) -> Plan {
        Plan {
            page_bytes: platform.page_bytes(),
            parts: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds a part on pages of its own.
    pub(crate) fn add(&mut self, bytes: usize, access: Access) -> Result<PartIdx, LoadError> {
        let end = self
            .bytes
            .checked_add(bytes)
            .and_then(|end| end.checked_next_multiple_of(self.page_bytes));
        let offset = core::mem::replace(&mut self.bytes, end.ok_or(LoadError::Memory { bytes })?);
        self.parts.push(Part {
            offset,
            bytes,
            access,
        });
        Ok(PartIdx(self.parts.len() - 1))
    }

    /// Reserves the mapping, writable.
    pub(crate) fn reserve(
        self,
        platform: &'static dyn Platform,
        placement: Placement,
    ) -> Result<Code<Writable>, LoadError> {
        let failed = LoadError::Memory { bytes: self.bytes };
        let mut region = Region::reserve(platform, self.bytes, placement).ok_or(failed)?;
        if !region.commit(self.bytes) {
            return Err(failed);
        }
        Ok(Code {
            region,
            parts: self.parts,
            state: PhantomData,
        })
    }
}

/// A mapping in one of its two states.
pub(crate) struct Code<State> {
    region: Region,
    parts: Vec<Part>,
    state: PhantomData<State>,
}

impl<State> Code<State> {
    fn part(&self, part: PartIdx) -> Part {
        self.parts.get(part.0).copied().unwrap_or(Part {
            offset: 0,
            bytes: 0,
            access: Access::None,
        })
    }

    /// Run-time address of a part.
    pub(crate) fn address(&self, part: PartIdx) -> usize {
        self.region.address() + self.part(part).offset
    }
}

impl Code<Writable> {
    /// A part's bytes.
    pub(crate) fn bytes_mut(&mut self, part: PartIdx) -> &mut [u8] {
        let Part { offset, bytes, .. } = self.part(part);
        self.region
            .slice_mut(offset + bytes)
            .get_mut(offset..)
            .unwrap_or_default()
    }

    /// Gives every part its final access and makes the code fetchable.
    pub(crate) fn seal(self) -> Result<Code<Executable>, LoadError> {
        self.region.sync_code(self.region.reserved());
        for part in &self.parts {
            let failed = LoadError::Memory { bytes: part.bytes };
            let page_bytes = self.region.platform().page_bytes();
            let bytes = part
                .bytes
                .checked_next_multiple_of(page_bytes)
                .ok_or(failed)?;
            if part.access != Access::ReadWrite
                && !self.region.protect(part.offset, bytes, part.access)
            {
                return Err(failed);
            }
        }
        Ok(Code {
            region: self.region,
            parts: self.parts,
            state: PhantomData,
        })
    }
}
