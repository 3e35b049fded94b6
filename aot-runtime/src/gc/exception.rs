//! Exceptions as objects: header, the store's number of the tag, and the payload.
//!
//! What the payload holds and how it is thrown is not known here; only which of its words are references.

use super::rtt::{EXCEPTION, Rtt, RttInit};
use aot_format::abi::exception as abi;

use super::raw;
use crate::layout::WIDTH;
use crate::store::Store;
use crate::trap::{Trap, TrapId};

const TAG: usize = abi::tag(WIDTH) as usize;
const PAYLOAD: usize = abi::payload(WIDTH) as usize;

impl Store {
    /// An exception of a tag with a payload of zeros. `layout` is asked when the tag is seen for the first time: bytes of
    /// the payload, and offsets in it of words that are references (null, an i31, or the address of an object; function
    /// references need none).
    pub(crate) fn new_exception(
        &mut self,
        tag: u32,
        layout: impl FnOnce(&Store) -> (u32, alloc::vec::Vec<u32>),
    ) -> Result<usize, Trap> {
        let rtt = match self.gc.tags.find(tag) {
            Some(rtt) => rtt,
            None => {
                let (bytes, mut traced) = layout(self);
                let payload = u32::try_from(PAYLOAD).unwrap_or(16);
                traced.iter_mut().for_each(|offset| *offset += payload);
                let init = RttInit {
                    flag: EXCEPTION,
                    number: tag,
                    bytes: payload + bytes,
                    traced: &traced,
                    supertypes: &[],
                };
                self.gc.tags.insert(tag, &init)
            }
        };
        let object = self.allocate(rtt, rtt.bytes());
        let object = object.ok_or(Trap::Wasm(TrapId::OutOfMemory))?;
        raw::set_u32(object + TAG, tag);
        Ok(object)
    }

    /// The tag's number of an exception.
    pub(crate) fn exception_tag(&self, object: usize) -> u32 {
        Rtt::of(object).number()
    }

    /// Reads 64 bits of an exception's payload.
    pub(crate) fn exception_word(&self, object: usize, offset: usize) -> u64 {
        let mut bytes = [0; 8];
        if PAYLOAD + offset + 8 <= Rtt::of(object).bytes() {
            raw::read(object + PAYLOAD + offset, &mut bytes);
        }
        u64::from_ne_bytes(bytes)
    }

    /// Writes 64 bits of an exception's payload.
    pub(crate) fn set_exception_word(&mut self, object: usize, offset: usize, value: u64) {
        if PAYLOAD + offset + 8 <= Rtt::of(object).bytes() {
            raw::write(object + PAYLOAD + offset, &value.to_ne_bytes());
        }
    }
}
