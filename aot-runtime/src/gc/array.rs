//! Arrays: making them, and filling them from segments.

use aot_format::abi::object;
use targets::Endian;

use super::{Rtt, raw};
use crate::host;
use crate::layout::WIDTH;
use crate::store::{InstanceIdx, Store};
use crate::trap::{Trap, TrapId};

const DATA: usize = object::array_data(WIDTH) as usize;
const LENGTH: usize = object::array_length(WIDTH) as usize;

/// Number of elements.
pub(super) fn length(array: usize) -> u32 {
    raw::u32_at(array + LENGTH) >> object::LENGTH_SHIFT
}

/// Bytes of an array; `None` if it is too long.
fn bytes(rtt: Rtt, length: u32) -> Option<usize> {
    if length > object::MAX_ARRAY_LENGTH {
        return None;
    }
    rtt.bytes().checked_mul(length as usize)?.checked_add(DATA)
}

/// Sets the length of a new array, and its elements to the first bytes of `value`.
fn fill(array: usize, rtt: Rtt, length: u32, value: Option<&[u8; 16]>) {
    let element = rtt.bytes();
    let word = object::length_word(length, u32::try_from(element).unwrap_or(0));
    raw::set_u32(array + LENGTH, word);
    let Some(value) = value.and_then(|value| value.get(..element)) else {
        return;
    };
    if value.iter().all(|byte| *byte == 0) || length == 0 {
        return;
    }
    let (data, total) = (array + DATA, element * length as usize);
    raw::write(data, value);
    let mut done = element;
    while done < total {
        let part = done.min(total - done);
        raw::copy(data, data + done, part);
        done += part;
    }
}

/// Writes elements of so many bytes from a data segment, which is little endian
/// on every machine.
fn write_elements(at: usize, data: &[u8], element: usize) {
    if host::ENDIAN == Endian::Little || element == 1 {
        return raw::write(at, data);
    }
    for (index, value) in data.chunks_exact(element.max(1)).enumerate() {
        let mut bytes = [0; 16];
        let Some(bytes) = bytes.get_mut(..value.len()) else {
            return;
        };
        bytes.copy_from_slice(value);
        bytes.reverse();
        raw::write(at + index * element, bytes);
    }
}

impl super::Gc {
    /// An array if a cell is at hand (see [`super::Gc::quick`]).
    pub(crate) fn quick_array(
        &mut self,
        rtt: Rtt,
        length: u32,
        value: Option<&[u8; 16]>,
    ) -> Option<usize> {
        let array = self.quick(rtt, bytes(rtt, length)?)?;
        fill(array, rtt, length, value);
        Some(array)
    }
}

impl Store {
    /// An array with all elements the same; `None` when it is too long or the heap exhausted.
    pub(crate) fn new_array(
        &mut self,
        rtt: Rtt,
        length: u32,
        value: Option<&[u8; 16]>,
    ) -> Option<usize> {
        let array = self.allocate(rtt, bytes(rtt, length)?)?;
        fill(array, rtt, length, value);
        Some(array)
    }

    /// `array.new_data`.
    pub(crate) fn array_new_data(
        &mut self,
        instance: InstanceIdx,
        rtt: Rtt,
        segment: (u32, u32),
        length: u32,
    ) -> Result<usize, Trap> {
        let total = rtt.bytes() as u64 * u64::from(length);
        // The range first: a huge array of nothing is out of bounds, not out of memory.
        self.data_range(instance, segment, total)?;
        let array = self.new_array(rtt, length, None);
        let array = array.ok_or(Trap::Wasm(TrapId::FailedToCreateArrayObj))?;
        let data = self.data_range(instance, segment, total)?;
        write_elements(array + DATA, data, rtt.bytes());
        Ok(array)
    }

    /// `array.init_data`.
    pub(crate) fn array_init_data(
        &mut self,
        instance: InstanceIdx,
        (array, index): (usize, u32),
        segment: (u32, u32),
        count: u32,
    ) -> Result<(), Trap> {
        check(array, index, count)?;
        let element = Rtt::of(array).bytes();
        let data = self.data_range(instance, segment, element as u64 * u64::from(count))?;
        write_elements(array + DATA + element * index as usize, data, element);
        Ok(())
    }

    /// `array.new_elem`.
    pub(crate) fn array_new_elem(
        &mut self,
        instance: InstanceIdx,
        rtt: Rtt,
        segment: (u32, u32),
        length: u32,
    ) -> Result<usize, Trap> {
        self.elem_range(instance, segment, length)?;
        let array = self.new_array(rtt, length, None);
        let array = array.ok_or(Trap::Wasm(TrapId::FailedToCreateArrayObj))?;
        self.copy_elems(instance, (array, 0), segment, length)?;
        Ok(array)
    }

    /// `array.init_elem`.
    pub(crate) fn array_init_elem(
        &mut self,
        instance: InstanceIdx,
        (array, index): (usize, u32),
        segment: (u32, u32),
        count: u32,
    ) -> Result<(), Trap> {
        check(array, index, count)?;
        self.elem_range(instance, segment, count)?;
        self.copy_elems(instance, (array, index), segment, count)
    }

    /// Copies values of a segment, which [`Self::elem_range`] has found to be there, into an array, which
    /// stays alive meanwhile.
    fn copy_elems(
        &mut self,
        instance: InstanceIdx,
        target: (usize, u32),
        segment: (u32, u32),
        count: u32,
    ) -> Result<(), Trap> {
        let mark = self.gc.temps.len();
        self.gc.temps.push(target.0);
        let done = self.copy_held(instance, target, segment, count);
        self.gc.temps.truncate(mark);
        done
    }

    fn copy_held(
        &mut self,
        instance: InstanceIdx,
        (array, index): (usize, u32),
        (segment, offset): (u32, u32),
        count: u32,
    ) -> Result<(), Trap> {
        for position in 0..count as usize {
            let segments = &self.instance(instance).segments;
            let Some(segment) = segments.get(segment as usize) else {
                return Ok(());
            };
            let family = segment.family;
            let slot = segment.values.get(offset as usize + position);
            let slot = slot.copied().unwrap_or_default();
            let word = self.localize(instance, family, slot)?;
            let at = array + DATA + (index as usize + position) * super::WORD;
            raw::set_word(at, usize::try_from(word).unwrap_or(0));
        }
        Ok(())
    }

    /// Checks that a segment, dropped ones being empty, has so many values from an offset.
    fn elem_range(
        &self,
        instance: InstanceIdx,
        (segment, offset): (u32, u32),
        count: u32,
    ) -> Result<(), Trap> {
        let entry = self.instance(instance);
        let dropped = entry.dropped_elems.get(segment as usize).copied();
        let values = entry.segment_values(segment, dropped.unwrap_or(true));
        match u64::from(offset) + u64::from(count) <= values.len() as u64 {
            true => Ok(()),
            false => Err(Trap::Wasm(TrapId::OutOfBoundsTableAccess)),
        }
    }

    /// Bytes of a data segment, dropped ones being empty.
    fn data_range(
        &self,
        instance: InstanceIdx,
        (segment, offset): (u32, u32),
        bytes: u64,
    ) -> Result<&[u8], Trap> {
        let entry = self.instance(instance);
        let dropped = entry.dropped_data.get(segment as usize).copied();
        let data = match dropped {
            Some(false) => entry.module.data(segment).unwrap_or_default(),
            _ => &[],
        };
        let rest = data.get(offset as usize..);
        let range = usize::try_from(bytes)
            .ok()
            .and_then(|bytes| rest?.get(..bytes));
        range.ok_or(Trap::Wasm(TrapId::OutOfBoundsMemoryAccess))
    }
}

/// Checks that an array has so many elements from an index.
fn check(array: usize, index: u32, count: u32) -> Result<(), Trap> {
    match u64::from(index) + u64::from(count) <= u64::from(length(array)) {
        true => Ok(()),
        false => Err(Trap::Wasm(TrapId::ArrayIdxOob)),
    }
}
