//! References in the store's own form, and as each instance holds them.
//!
//! In the store (slots of calls, tables of the host, segments) a reference is 64 bits. A function is its number, null
//! all ones in 32 bits. Of the other families null is 0, and everything the collector knows is the word that compiled
//! code of object files uses: an address, or an integer of 31 bits with the lowest bit set. A value of the host behind
//! an external reference is its key, shifted, with the lowest bits `10`, which is neither.
//!
//! An instance of an index file holds functions as indices of its own and externals as keys; one of an object file
//! holds addresses of objects. Whatever crosses between instances goes through here.

use aot_format::{Hierarchy, Representation, ValType};

use crate::store::{InstanceIdx, Store};
use crate::trap::Trap;
use crate::value::NULL_REF;

/// Null of a family.
pub(crate) const fn null_slot(family: Hierarchy) -> u64 {
    match family {
        Hierarchy::Func => NULL_REF as u64,
        _ => 0,
    }
}

/// An external reference to a value of the host.
pub(crate) const fn key_slot(key: u32) -> u64 {
    (key as u64) << 2 | 2
}

/// The key of such a reference.
pub(crate) fn slot_key(slot: u64) -> Option<u32> {
    let key = u32::try_from(slot >> 2).ok();
    key.filter(|_| slot & 3 == 2)
}

/// The low half of a slot.
pub(crate) fn low(slot: u64) -> u32 {
    u32::try_from(slot & u64::from(u32::MAX)).unwrap_or(NULL_REF)
}

impl Store {
    /// The family of a type's references.
    pub(crate) fn family(&self, ty: ValType) -> Option<Hierarchy> {
        let reference = ty.reference()?;
        Some(self.types.hierarchy(reference.heap))
    }

    /// Whether an instance holds references of this family as words of the machine.
    pub(crate) fn has_words(&self, instance: InstanceIdx, family: Hierarchy) -> bool {
        let references = self.instance(instance).references;
        references.representation == Representation::Object || family == Hierarchy::Exn
    }

    /// A reference as an instance holds it. May collect; an object made for it stays in `temps`.
    pub(crate) fn localize(
        &mut self,
        instance: InstanceIdx,
        family: Hierarchy,
        slot: u64,
    ) -> Result<u64, Trap> {
        Ok(match (family, self.has_words(instance, family)) {
            (Hierarchy::Func, false) => self.local_of(instance, low(slot))?.into(),
            (Hierarchy::Func, true) if low(slot) == NULL_REF => 0,
            (Hierarchy::Func, true) => self.func_object(low(slot)) as u64,
            (Hierarchy::Extern, true) => self.internalize(slot)? as u64,
            (Hierarchy::Extern, false) => self.external_key(slot).into(),
            (Hierarchy::Any | Hierarchy::Exn, _) => slot,
        })
    }

    /// A reference that an instance holds, in the store's form.
    pub(crate) fn globalize(&mut self, instance: InstanceIdx, family: Hierarchy, word: u64) -> u64 {
        match (family, self.has_words(instance, family)) {
            (Hierarchy::Func, false) => self.number_of(instance, low(word)).into(),
            (Hierarchy::Func, true) if word == 0 => NULL_REF.into(),
            (Hierarchy::Func, true) => {
                let object = usize::try_from(word).unwrap_or(0);
                self.func_of_object(object).into()
            }
            (Hierarchy::Extern, true) => self.externalize(usize::try_from(word).unwrap_or(0)),
            (Hierarchy::Extern, false) => self.external_slot(low(word)),
            (Hierarchy::Any | Hierarchy::Exn, _) => word,
        }
    }

    /// An external reference as 32 bits: the host's key, or the store's for an object.
    pub(crate) fn external_key(&mut self, slot: u64) -> u32 {
        match slot_key(slot) {
            _ if slot == 0 => NULL_REF,
            Some(key) => key,
            None => self.pin(usize::try_from(slot).unwrap_or(0)),
        }
    }

    /// The external reference of a key.
    pub(crate) fn external_slot(&self, key: u32) -> u64 {
        match self.pinned(key) {
            _ if key == NULL_REF => 0,
            Some(word) => word as u64,
            None => key_slot(key),
        }
    }

    /// Keeps references in slots of these types alive until `temps` is cut back.
    pub(crate) fn hold_slots(&mut self, types: &[ValType], slots: &[u64]) {
        let mut at = 0;
        for &ty in types {
            if self
                .family(ty)
                .is_some_and(|family| family != Hierarchy::Func)
                && let Some(slot) = slots.get(at)
            {
                self.gc.temps.push(usize::try_from(*slot).unwrap_or(0));
            }
            at += crate::value::slots_of(ty);
        }
    }
}
