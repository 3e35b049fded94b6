//! A collection: where the roots of a store are.

use aot_format::Hierarchy;

use super::mark::Marker;
use crate::store::{Segment, Store};
use crate::table::Home;

impl Store {
    /// Collects what nothing refers to any more.
    pub(crate) fn collect(&mut self) {
        let mut stack = core::mem::replace(&mut self.gc.stack, super::MarkStack::new(0));
        self.gc.heap.clear_marks();
        let mut marker = Marker::new(&self.gc.heap, &mut stack);
        self.mark_own(&mut marker);
        self.mark_globals(&mut marker);
        self.mark_tables(&mut marker);
        for instance in &self.instances {
            // Frames of other files are stock's, with no references in them.
            if instance.module.has_record() {
                marker.frames(instance.env.frames());
            }
            marker.root(instance.exception.unwrap_or(0));
            let traced = |segment: &&Segment| segment.family != Hierarchy::Func;
            for segment in instance.segments.iter().filter(traced) {
                let values = segment.values.iter();
                values.for_each(|slot| mark_slot(&mut marker, *slot));
            }
        }
        let live = marker.finish();
        self.gc.heap.live = live;
        self.gc.heap.reclaim();
        self.gc.stack = stack;
        self.gc.collections += 1;
    }

    /// Number of collections so far.
    pub(crate) fn collections(&self) -> u64 {
        self.gc.collections
    }

    /// Bytes of objects that the last collection found alive.
    pub(crate) fn live_bytes(&self) -> usize {
        self.gc.heap.live
    }

    fn mark_own(&self, marker: &mut Marker<'_>) {
        let gc = &self.gc;
        let words = gc.temps.iter().chain(&gc.pins).copied();
        words
            .chain(gc.handles.words())
            .for_each(|word| marker.root(word));
    }

    fn mark_globals(&self, marker: &mut Marker<'_>) {
        for global in &self.globals {
            let Some(family) = self.traced_family(global.ty) else {
                continue;
            };
            let slots = crate::global::read_cell(&global.block, global.offset, global.bytes);
            match global.owner {
                None => mark_slot(marker, slots[0]),
                Some(owner) if self.has_words(owner, family) => mark_slot(marker, slots[0]),
                Some(_) => {}
            }
        }
        for (index, instance) in (0..).zip(&self.instances) {
            for (global, offset) in &instance.copied_cells {
                let family = self.traced_family(self.global(*global).ty);
                let owner = crate::store::InstanceIdx(index);
                if family.is_some_and(|family| self.has_words(owner, family)) {
                    marker.root(instance.block.word(*offset));
                }
            }
        }
    }

    fn mark_tables(&self, marker: &mut Marker<'_>) {
        for table in &self.tables {
            let family = table.family;
            if family == Hierarchy::Func {
                continue;
            }
            if let Home::Host(elements) = &table.home {
                elements.iter().for_each(|slot| mark_slot(marker, *slot));
            }
            for mirror in table.copies() {
                if self.has_words(mirror.instance, family) {
                    let elements = 0..mirror.size(self);
                    elements.for_each(|index| marker.root(mirror.word(self, index)));
                }
            }
        }
    }

    /// The family of a reference type that the collector follows.
    fn traced_family(&self, ty: aot_format::ValType) -> Option<Hierarchy> {
        let family = self.types.hierarchy(ty.reference()?.heap);
        (family != Hierarchy::Func).then_some(family)
    }
}

/// Marks a reference in the store's own form.
fn mark_slot(marker: &mut Marker<'_>, slot: u64) {
    marker.root(usize::try_from(slot).unwrap_or(0));
}
