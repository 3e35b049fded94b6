//! Exceptions: as values of the host's, and as objects of compiled code.
//!
//! An object consists of a header word, the number of its tag and the payload (`aot_format::abi::exception`); the
//! collector owns it. References in a payload have the store's own form, whichever instance throws.

use crate::host::share::Arc;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use aot_format::{Hierarchy, ValType};

use crate::store::{InstanceIdx, Store};
use crate::tag::Tag;
use crate::trap::Trap;
use crate::value::{Value, slots_of};

/// An exception with its values, as the host throws it and as it reaches the host. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception(Arc<Thrown>);

#[derive(Debug, PartialEq, Eq)]
struct Thrown {
    tag: Tag,
    name: Option<String>,
    values: Vec<Value>,
}

impl Exception {
    /// An exception; `None` if the values do not have the tag's types.
    ///
    /// # Panics
    /// If the tag belongs to another store.
    pub fn new(store: &Store, tag: Tag, values: &[Value]) -> Option<Exception> {
        let ty = tag.ty(store);
        let pairs = values.iter().zip(ty.params());
        let fits = values.len() == ty.params().len()
            && pairs.fold(true, |all, (value, ty)| all && store.fits(*value, *ty));
        fits.then(|| Exception::of(store, tag, values.to_vec()))
    }

    fn of(store: &Store, tag: Tag, values: Vec<Value>) -> Exception {
        let entry = store.tags.get(tag.index as usize);
        let name = entry.and_then(|entry| entry.name.clone());
        Exception(Arc::new(Thrown { tag, name, values }))
    }

    /// Its tag.
    pub fn tag(&self) -> Tag {
        self.0.tag
    }

    /// The values it carries, of the tag's types.
    pub fn values(&self) -> &[Value] {
        &self.0.values
    }
}

impl From<Exception> for Trap {
    fn from(exception: Exception) -> Trap {
        Trap::Exception(exception)
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("uncaught wasm exception")?;
        if let Some(name) = &self.0.name {
            write!(f, " {name}")?;
        }
        for (position, value) in self.0.values.iter().enumerate() {
            f.write_str(if position == 0 { "(" } else { ", " })?;
            match *value {
                Value::I32(v) => write!(f, "i32 {v}")?,
                Value::I64(v) => write!(f, "i64 {v}")?,
                Value::F32(bits) => write!(f, "f32 {}", f32::from_bits(bits))?,
                Value::F64(bits) => write!(f, "f64 {}", f64::from_bits(bits))?,
                Value::V128(bits) => write!(f, "v128 {bits:#034x}")?,
                other => write!(f, "{}", other.ty())?,
            }
        }
        match self.0.values.is_empty() {
            true => Ok(()),
            false => f.write_str(")"),
        }
    }
}

impl Store {
    /// A new object; the slots have the store's form. May collect.
    pub(crate) fn make_exception(&mut self, tag: u32, slots: &[u64]) -> Result<usize, Trap> {
        let ty = self.tag_type(tag);
        let held = self.gc.temps.len();
        self.hold_slots(ty.params(), slots);
        let object = self.new_exception(tag, |store| payload_layout(store, ty.params()));
        self.gc.temps.truncate(held);
        let object = object?;
        for (index, slot) in slots.iter().enumerate() {
            self.set_exception_word(object, index * 8, *slot);
        }
        Ok(object)
    }

    /// The tag and the payload of an object, in the store's form.
    pub(crate) fn exception_slots(&self, object: usize) -> (u32, Vec<u64>) {
        let tag = self.exception_tag(object);
        let slots =
            (0..self.tag_type(tag).slots()).map(|slot| self.exception_word(object, slot * 8));
        (tag, slots.collect())
    }

    /// What the host gets for an object.
    pub(crate) fn thrown(&mut self, object: usize) -> Trap {
        let (tag, slots) = self.exception_slots(object);
        let tag = Tag {
            index: tag,
            store: self.id(),
        };
        let mut rest = slots.iter().copied();
        let mut values = Vec::new();
        for &ty in tag.ty(self).params() {
            let low = rest.next().unwrap_or_default();
            let high = match slots_of(ty) {
                2 => rest.next().unwrap_or_default(),
                _ => 0,
            };
            values.push(Value::from_slots(ty, [low, high], self));
        }
        Trap::Exception(Exception::of(self, tag, values))
    }

    /// Leaves an exception of the host's, or of another instance's, pending in an instance.
    pub(crate) fn leave_exception(
        &mut self,
        instance: InstanceIdx,
        exception: &Exception,
    ) -> Result<(), Trap> {
        let ty = exception.tag().ty(self);
        let mut slots = Vec::new();
        for (value, &ty) in exception.values().iter().zip(ty.params()) {
            slots.extend(value.to_slots(self).into_iter().take(slots_of(ty)));
        }
        let object = self.make_exception(exception.tag().index, &slots)?;
        self.set_pending(instance, object);
        Ok(())
    }

    /// Makes an object the pending exception of an instance whose code looks for it.
    pub(crate) fn set_pending(&mut self, instance: InstanceIdx, object: usize) {
        self.instance_mut(instance).exception = Some(object);
        if !self.instance(instance).module.traps_unwind() {
            self.set_exception(instance);
        }
    }

    /// Takes the pending exception of an instance.
    pub(crate) fn take_pending(&mut self, instance: InstanceIdx) -> Option<usize> {
        let object = self.instance_mut(instance).exception.take()?;
        if !self.instance(instance).module.traps_unwind() {
            self.clear_exception(instance);
        }
        Some(object)
    }

    /// Turns references in a payload from an instance's form into the store's.
    pub(crate) fn globalize_payload(
        &mut self,
        instance: InstanceIdx,
        types: &[ValType],
        slots: &mut [u64],
    ) {
        let mut at = 0;
        for &ty in types {
            if let (Some(family), Some(slot)) = (self.family(ty), slots.get_mut(at)) {
                *slot = self.globalize(instance, family, *slot);
            }
            at += slots_of(ty);
        }
    }

    /// Turns references in a payload from the store's form into an instance's.
    pub(crate) fn localize_payload(
        &mut self,
        instance: InstanceIdx,
        types: &[ValType],
        slots: &mut [u64],
    ) -> Result<(), Trap> {
        let held = self.gc.temps.len();
        self.hold_slots(types, slots);
        let mut at = 0;
        let mut done = Ok(());
        for &ty in types {
            if let (Some(family), Some(slot)) = (self.family(ty), slots.get_mut(at)) {
                match self.localize(instance, family, *slot) {
                    Ok(word) => *slot = word,
                    Err(trap) => done = Err(trap),
                }
            }
            at += slots_of(ty);
        }
        self.gc.temps.truncate(held);
        done
    }
}

/// Bytes of a payload, and where in it references are that the collector follows.
fn payload_layout(store: &Store, types: &[ValType]) -> (u32, Vec<u32>) {
    let mut at = 0;
    let mut traced = Vec::new();
    for &ty in types {
        if store
            .family(ty)
            .is_some_and(|family| family != Hierarchy::Func)
        {
            traced.push(at);
        }
        at += if slots_of(ty) == 2 { 16 } else { 8 };
    }
    (at, traced)
}
