//! The heap and the collector without compiled code: types are registered by hand, handles are the roots.

use crate::host::share::Arc;
use alloc::vec::Vec;

use aot_format::{FieldType, HeapType, RefType, StorageType, ValType};

use super::{AnyRef, RefKind, WORD, raw};
use crate::func::FuncType;
use crate::platform;
use crate::store::{Store, StoreOptions};
use crate::types::{Shape, TypeDecl, TypeId, Types, canonical};

const ANY: StorageType = StorageType::Val(ValType::ANYREF);

fn store(gc_heap_bytes: usize) -> Store {
    let options = StoreOptions {
        gc_heap_bytes,
        ..StoreOptions::default()
    };
    Store::with_options(platform::hosted().unwrap(), &options)
}

fn field(storage: StorageType) -> FieldType {
    FieldType {
        mutable: true,
        storage,
    }
}

fn alone(shape: Shape) -> TypeDecl {
    TypeDecl {
        shape,
        is_final: true,
        parent: None,
        group: 1,
        same: None,
    }
}

/// Bytes of the cell that a pair takes: it has three words.
const PAIR: usize = 4 * WORD;

/// A cell of two references, and an array of them.
fn pair_and_array(store: &mut Store) -> (TypeId, TypeId) {
    let pair = Shape::Struct(Arc::from([field(ANY), field(ANY)]));
    let array = Shape::Array(field(ANY));
    let ids = store.types.register(&[alone(pair), alone(array)]);
    (ids[0], ids[1])
}

/// A new pair; its parts must be reachable from elsewhere meanwhile.
fn pair(store: &mut Store, ty: TypeId, first: usize, second: usize) -> Option<usize> {
    let rtt = store.rtt(ty);
    let at = store.allocate(rtt, rtt.bytes())?;
    raw::set_word(at + WORD, first);
    raw::set_word(at + 2 * WORD, second);
    Some(at)
}

/// A complete tree; the branches wait in `temps`.
fn tree(store: &mut Store, ty: TypeId, depth: u32) -> Option<usize> {
    if depth == 0 {
        return pair(store, ty, 0, 0);
    }
    let mark = store.gc.temps.len();
    let left = tree(store, ty, depth - 1)?;
    store.gc.temps.push(left);
    let right = tree(store, ty, depth - 1)?;
    store.gc.temps.push(right);
    let at = pair(store, ty, left, right);
    store.gc.temps.truncate(mark);
    at
}

fn nodes(at: usize) -> usize {
    match at {
        0 => 0,
        _ => 1 + nodes(raw::word(at + WORD)) + nodes(raw::word(at + 2 * WORD)),
    }
}

#[test]
fn what_a_handle_reaches_stays_and_the_rest_goes() {
    let mut store = store(64 << 20);
    let (ty, _) = pair_and_array(&mut store);
    let kept = tree(&mut store, ty, 10).unwrap();
    let kept = store.hold(kept).unwrap();
    for _ in 0..200 {
        tree(&mut store, ty, 10).unwrap();
    }
    store.collect_garbage();
    let (collections, live) = store.garbage_statistics();
    assert!(collections > 1);
    let word = kept.word(&store).unwrap();
    assert_eq!(nodes(word), 2047);
    assert_eq!(live, 2047 * PAIR);
    assert_eq!(kept.kind(&store), RefKind::Struct);
    store.end_handles(0);
    assert_eq!(kept.kind(&store), RefKind::Ended);
    store.collect_garbage();
    assert_eq!(store.garbage_statistics().1, 0);
}

#[test]
fn freed_cells_are_used_again_and_zero() {
    let mut store = store(64 << 10);
    let (ty, _) = pair_and_array(&mut store);
    // Far more than the heap holds.
    for _ in 0..100_000 {
        let rtt = store.rtt(ty);
        let at = store.allocate(rtt, rtt.bytes()).unwrap();
        assert_eq!((raw::word(at + WORD), raw::word(at + 2 * WORD)), (0, 0));
        raw::set_word(at + WORD, 1);
        raw::set_word(at + 2 * WORD, 3);
    }
}

#[test]
fn collecting_at_every_allocation_loses_nothing() {
    let options = StoreOptions {
        gc_stress: true,
        ..StoreOptions::default()
    };
    let mut store = Store::with_options(platform::hosted().unwrap(), &options);
    let (ty, _) = pair_and_array(&mut store);
    let root = tree(&mut store, ty, 7).unwrap();
    assert_eq!(nodes(root), 255);
    assert_eq!(store.garbage_statistics().0, 255);
}

#[test]
fn a_long_list_and_a_wide_array_need_neither_stack_nor_memory_to_mark() {
    let mut store = store(256 << 20);
    let (ty, array) = pair_and_array(&mut store);
    let mut list = 0;
    for _ in 0..200_000 {
        store.gc.temps.push(list);
        // The next is in the first word, so that a value waits behind it every time.
        let value = pair(&mut store, ty, 0, 0).unwrap();
        store.gc.temps.push(value);
        list = pair(&mut store, ty, list, value).unwrap();
        store.gc.temps.clear();
    }
    let list = store.hold(list).unwrap();
    let rtt = store.rtt(array);
    let wide = store.new_array(rtt, 100_000, None).unwrap();
    let wide = store.hold(wide).unwrap();
    for index in 0..100_000 {
        let leaf = tree(&mut store, ty, 1).unwrap();
        let at = wide.word(&store).unwrap() + WORD + 4 + index * WORD;
        raw::set_word(at, leaf);
    }
    store.collect_garbage();
    let live = store.garbage_statistics().1;
    assert!(live >= 700_000 * PAIR, "{live}");
    let mut length = 0;
    let mut at = list.word(&store).unwrap();
    while at != 0 {
        length += 1;
        at = raw::word(at + WORD);
    }
    assert_eq!(length, 200_000);
    assert_eq!(wide.kind(&store), RefKind::Array(100_000));
}

/// Arrays of arrays of pairs overflow the mark stack; everything is found all the same.
#[test]
fn a_full_mark_stack_is_made_up_for() {
    let mut store = store(256 << 20);
    let (ty, array) = pair_and_array(&mut store);
    let rtt = store.rtt(array);
    let outer = store.new_array(rtt, 100, None).unwrap();
    let outer = store.hold(outer).unwrap();
    let data = |array: usize, index: usize| array + WORD + 4 + index * WORD;
    for index in 0..100 {
        let inner = store.new_array(rtt, 1000, None).unwrap();
        raw::set_word(data(outer.word(&store).unwrap(), index), inner);
        for position in 0..1000 {
            let leaf = tree(&mut store, ty, 1).unwrap();
            raw::set_word(data(inner, position), leaf);
        }
    }
    store.gc.stack = super::MarkStack::new(3);
    store.collect_garbage();
    let live = store.garbage_statistics().1;
    assert!(live >= 300_000 * PAIR + 100 * 1000 * WORD, "{live}");
    let first = raw::word(data(outer.word(&store).unwrap(), 99));
    assert_eq!(nodes(raw::word(data(first, 999))), 3);
}

#[test]
fn exhaustion_is_an_answer() {
    for bytes in [4 << 10, 128 << 10, 1 << 20] {
        let mut store = store(bytes);
        let (ty, array) = pair_and_array(&mut store);
        let mut list = 0;
        let mut count = 0;
        while let Some(at) = pair(&mut store, ty, list, 0) {
            list = at;
            store.gc.temps.clear();
            store.gc.temps.push(list);
            count += 1;
        }
        assert!(
            count * PAIR > bytes / 2 && count * PAIR < bytes,
            "{count} in {bytes}"
        );
        let rtt = store.rtt(array);
        assert_eq!(store.new_array(rtt, u32::MAX, None), None);
        assert_eq!(store.new_array(rtt, 1 << 20, None), None);
        store.gc.temps.clear();
        let tenth = u32::try_from(bytes / WORD / 10).unwrap();
        assert!(store.new_array(rtt, tenth, None).is_some());
    }
}

#[test]
fn large_objects_come_and_go() {
    let mut store = store(16 << 20);
    let (_, array) = pair_and_array(&mut store);
    let rtt = store.rtt(array);
    for round in 0..100 {
        let length = 1000 + round * 7919 % 300_000;
        let at = store.new_array(rtt, length, None).unwrap();
        let last = at + WORD + 4 + (length as usize - 1) * WORD;
        assert_eq!(raw::word(last), 0);
        raw::set_word(last, 1);
    }
}

#[test]
fn host_values_and_integers_keep_their_values() {
    let mut store = store(1 << 20);
    let host = AnyRef::host(&mut store, 77).unwrap();
    assert_eq!(host.kind(&store), RefKind::Host(77));
    for value in [0, 1, -1, 0x3FFF_FFFF, -0x4000_0000] {
        assert_eq!(AnyRef::i31(&store, value).kind(&store), RefKind::I31(value));
    }
    let inner = store.scope(|store| AnyRef::host(store, 5).unwrap());
    assert_eq!(inner.kind(&store), RefKind::Ended);
    assert_eq!(host.kind(&store), RefKind::Host(77));
}

/// A chain of structures, each below the one before, in groups of one.
fn chain(length: u32) -> Vec<TypeDecl> {
    let declare = |index: u32| TypeDecl {
        shape: Shape::Struct(Arc::from([field(ANY)])),
        is_final: false,
        parent: index.checked_sub(1),
        group: 1,
        same: None,
    };
    (0..length).map(declare).collect()
}

#[test]
fn equal_groups_are_one_and_others_are_not() {
    let mut types = Types::default();
    let own = |index| {
        let ty = RefType::nullable(HeapType::Concrete(index));
        Shape::Struct(Arc::from([field(StorageType::Val(ValType::Ref(ty)))]))
    };
    let group = |first: u32| {
        let mut pair = [alone(own(first + 1)), alone(own(first))];
        pair[0].group = 2;
        pair[1].group = 0;
        pair
    };
    let [a, b] = group(0);
    let [c, d] = group(2);
    let ids = types.register(&[a, b, c, d]);
    assert_eq!((ids[0], ids[1]), (ids[2], ids[3]));
    assert_ne!(ids[0], ids[1]);
    // The same alone, referring to itself, is another type.
    let again = types.register(&[alone(own(0))]);
    assert!(!ids.contains(&again[0]));
    let func = FuncType::new(&[ValType::I32], &[]);
    let declared = types.register(&[alone(Shape::Func(func.clone()))]);
    assert_eq!(declared[0], types.func(&func));
}

#[test]
fn subtypes_are_found_at_any_depth() {
    let mut store = store(1 << 20);
    let ids = store.types.register(&chain(64));
    for (depth, id) in ids.iter().enumerate() {
        assert_eq!(store.types.supertypes(*id).len(), depth);
    }
    let (top, bottom) = (ids[0], ids[63]);
    assert!(store.types.is_subtype(bottom, top) && !store.types.is_subtype(top, bottom));
    let (high, low) = (store.rtt(top), store.rtt(bottom));
    assert!(low.is_below(high) && !high.is_below(low) && low.is_below(low));
    let ty = |id: TypeId| HeapType::Concrete(id.0);
    assert!(store.types.heap_matches(ty(bottom), HeapType::Eq));
    assert!(store.types.heap_matches(HeapType::None, ty(bottom)));
    assert!(!store.types.heap_matches(HeapType::NoFunc, ty(bottom)));
    assert!(!store.types.heap_matches(ty(bottom), HeapType::Array));
}

/// Nesting costs neither native stack nor more than linear time.
#[test]
fn a_huge_group_of_nested_types() {
    let mut types = Types::default();
    let count = 60_000;
    let mut group: Vec<TypeDecl> = (0..count)
        .map(|index| {
            let next = RefType::nullable(HeapType::Concrete((index + 1) % count));
            let mut ty = alone(Shape::Array(field(StorageType::Val(ValType::Ref(next)))));
            ty.group = 0;
            ty
        })
        .collect();
    group[0].group = count;
    let first = types.register(&group);
    let again = types.register(&group);
    assert_eq!(first, again);
    let ty = ValType::Ref(RefType::nullable(HeapType::Concrete(7)));
    assert_eq!(canonical(ty, &first), canonical(ty, &again));
}
