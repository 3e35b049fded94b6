//! Objects of initialiser expressions.

use aot_format::abi::object;
use aot_format::{ConstructOp, Hierarchy, StorageType};

use super::{Rtt, fields, raw, storage_bytes};
use crate::instantiate::evaluate;
use crate::module::Init;
use crate::reference::key_slot;
use crate::store::{InstanceIdx, Store};
use crate::trap::{Trap, TrapId};
use crate::types::{Shape, TypeId};

impl Store {
    /// The value of an operator that makes an object, in the store's form. What it has made so far stays in `temps`.
    pub(crate) fn construct(
        &mut self,
        instance: InstanceIdx,
        op: ConstructOp,
        type_index: u32,
        operands: &[Init],
    ) -> Result<u64, Trap> {
        let first = operands.first().unwrap_or(&Init::Bits([0, 0]));
        Ok(match op {
            ConstructOp::I31 => {
                let value = evaluate(self, instance, first, None)?[0];
                let value = u32::try_from(value & u64::from(u32::MAX)).unwrap_or(0);
                object::i31(value).into()
            }
            ConstructOp::AnyConvertExtern => {
                let slot = evaluate(self, instance, first, Some(Hierarchy::Extern))?[0];
                self.internalize(slot)? as u64
            }
            ConstructOp::ExternConvertAny => {
                let slot = evaluate(self, instance, first, Some(Hierarchy::Any))?[0];
                self.externalize(usize::try_from(slot).unwrap_or(0))
            }
            ConstructOp::Struct | ConstructOp::StructDefault => {
                self.construct_struct(instance, type_index, operands)?
            }
            ConstructOp::Array | ConstructOp::ArrayDefault | ConstructOp::ArrayFixed => {
                self.construct_array(instance, op, type_index, operands)?
            }
        })
    }

    /// `any.convert_extern` of a reference in the store's form.
    pub(crate) fn internalize(&mut self, slot: u64) -> Result<usize, Trap> {
        match crate::reference::slot_key(slot) {
            Some(key) => self.host_object(key),
            None => Ok(usize::try_from(slot).unwrap_or(0)),
        }
    }

    /// `extern.convert_any`: a reference in the store's form.
    pub(crate) fn externalize(&self, word: usize) -> u64 {
        self.host_key(word).map_or(word as u64, key_slot)
    }

    fn declared(&self, instance: InstanceIdx, type_index: u32) -> TypeId {
        let types = &self.instance(instance).types;
        types.get(type_index as usize).copied().unwrap_or(TypeId(0))
    }

    fn construct_struct(
        &mut self,
        instance: InstanceIdx,
        type_index: u32,
        operands: &[Init],
    ) -> Result<u64, Trap> {
        let id = self.declared(instance, type_index);
        let Shape::Struct(shape) = self.types.shape(id).clone() else {
            return Err(Trap::host(
                "an initialiser makes a structure of another type",
            ));
        };
        let mut values = alloc::vec::Vec::with_capacity(operands.len());
        for (init, field) in operands.iter().zip(shape.iter()) {
            values.push(self.held_value(instance, init, field.storage)?);
        }
        let rtt = self.rtt(id);
        let object = self.allocate(rtt, rtt.bytes());
        let object = object.ok_or(Trap::Wasm(TrapId::FailedToCreateStructObj))?;
        self.gc.temps.push(object);
        let places: alloc::vec::Vec<_> = fields(self.gc.packed, &shape).collect();
        for ((at, field), value) in places.into_iter().zip(values) {
            self.store_value(instance, object + at as usize, field.storage, value)?;
        }
        Ok(object as u64)
    }

    fn construct_array(
        &mut self,
        instance: InstanceIdx,
        op: ConstructOp,
        type_index: u32,
        operands: &[Init],
    ) -> Result<u64, Trap> {
        let id = self.declared(instance, type_index);
        let Shape::Array(element) = self.types.shape(id).clone() else {
            return Err(Trap::host("an initialiser makes an array of another type"));
        };
        let (values, length) = match (op, operands) {
            (ConstructOp::Array, [value, length]) => (core::slice::from_ref(value), Some(length)),
            (ConstructOp::ArrayDefault, [length]) => (&[][..], Some(length)),
            (_, values) => (values, None),
        };
        let mut slots = alloc::vec::Vec::with_capacity(values.len());
        for value in values {
            slots.push(self.held_value(instance, value, element.storage)?);
        }
        let count = match length {
            Some(length) => evaluate(self, instance, length, None)?[0],
            None => slots.len() as u64,
        };
        let rtt = self.rtt(id);
        let array = u32::try_from(count).ok();
        let array = array.and_then(|count| self.new_array(rtt, count, None));
        let array = array.ok_or(Trap::Wasm(TrapId::FailedToCreateArrayObj))?;
        self.gc.temps.push(array);
        let (data, size) = (
            array + object::array_data(crate::layout::WIDTH) as usize,
            storage_bytes(element.storage) as usize,
        );
        for index in 0..count {
            let position = usize::try_from(index).unwrap_or(usize::MAX);
            let value = slots
                .get(position)
                .or(slots.first().filter(|_| length.is_some()));
            let Some(value) = value else { break };
            self.store_value(instance, data + position * size, element.storage, *value)?;
        }
        Ok(array as u64)
    }

    /// The value of an operand; references stay alive.
    fn held_value(
        &mut self,
        instance: InstanceIdx,
        init: &Init,
        storage: StorageType,
    ) -> Result<[u64; 2], Trap> {
        let family = self.family(storage.unpacked());
        let slots = evaluate(self, instance, init, family)?;
        if family.is_some_and(|family| family != Hierarchy::Func) {
            self.gc.temps.push(usize::try_from(slots[0]).unwrap_or(0));
        }
        Ok(slots)
    }

    /// Writes a value into a field of a new object.
    fn store_value(
        &mut self,
        instance: InstanceIdx,
        at: usize,
        storage: StorageType,
        mut slots: [u64; 2],
    ) -> Result<(), Trap> {
        if let Some(family) = self.family(storage.unpacked()) {
            slots[0] = self.localize(instance, family, slots[0])?;
            raw::set_word(at, usize::try_from(slots[0]).unwrap_or(0));
            return Ok(());
        }
        let bytes = slot_bytes(slots, storage_bytes(storage));
        raw::write(
            at,
            bytes
                .get(..storage_bytes(storage) as usize)
                .unwrap_or_default(),
        );
        Ok(())
    }
}

/// The bytes of a number of this size as memory holds it.
fn slot_bytes(slots: [u64; 2], size: u32) -> [u8; 16] {
    let mut bytes = [0; 16];
    let [first, second] = slots;
    let parts: [&[u8]; 2] = match size {
        16 => [&first.to_ne_bytes(), &second.to_ne_bytes()],
        8 => [&first.to_ne_bytes(), &[]],
        // The low part, wherever this machine has it.
        4 => [
            &u32::try_from(first & 0xFFFF_FFFF)
                .unwrap_or(0)
                .to_ne_bytes(),
            &[],
        ],
        2 => [
            &u16::try_from(first & 0xFFFF).unwrap_or(0).to_ne_bytes(),
            &[],
        ],
        _ => [&u8::try_from(first & 0xFF).unwrap_or(0).to_ne_bytes(), &[]],
    };
    let all = parts.iter().flat_map(|part| part.iter());
    bytes
        .iter_mut()
        .zip(all)
        .for_each(|(byte, value)| *byte = *value);
    bytes
}

impl Store {
    /// Whether a word, which is not null, is of a heap type given by its number in compiled code.
    pub(crate) fn is_of(word: usize, heap: aot_format::HeapType) -> bool {
        use aot_format::HeapType as H;
        if word & 1 != 0 {
            return matches!(heap, H::Any | H::Eq | H::I31 | H::Extern);
        }
        let flag = Rtt::of(word).flag();
        match heap {
            H::Struct => flag == object::STRUCT,
            H::Array => flag == object::ARRAY,
            H::Eq => matches!(flag, object::STRUCT | object::ARRAY),
            H::Func => flag == object::FUNC,
            H::Exn => flag == super::rtt::EXCEPTION,
            H::Any => !matches!(flag, object::FUNC | super::rtt::EXCEPTION),
            H::Extern => flag != object::FUNC,
            _ => false,
        }
    }
}
