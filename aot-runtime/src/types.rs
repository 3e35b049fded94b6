//! The types of a store: one number for equal types of all modules.
//!
//! A recursion group is written as a row of words in which its own types are positions and earlier types are the
//! store's numbers; equal rows are the same group. No type is ever compared with another one by walking them, and no
//! depth of nesting costs native stack. Numbers are never given up.

use crate::host::share::Arc;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use aot_format::{FieldType, HeapType, Hierarchy, RefType, StorageType, ValType};

use crate::func::FuncType;

/// Most supertypes above a type: the limit of web engines.
pub(crate) const SUPERTYPES: usize = 63;

/// A type's number in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) u32);

/// What a type is.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// A function.
    Func(FuncType),
    /// A structure.
    Struct(Arc<[FieldType]>),
    /// An array.
    Array(FieldType),
}

/// A type as a module declares it: concrete types are the module's indices.
#[derive(Debug)]
pub(crate) struct TypeDecl {
    pub(crate) shape: Shape,
    pub(crate) is_final: bool,
    pub(crate) parent: Option<u32>,
    /// Types in its recursion group; 0 for all but the first.
    pub(crate) group: u32,
    /// The earlier type it is, for an entry that is only a name.
    pub(crate) same: Option<u32>,
}

/// A type with the store's numbers in it.
struct Entry {
    shape: Shape,
    /// All supertypes, the topmost first.
    supertypes: Arc<[TypeId]>,
}

/// The types of a store.
#[derive(Default)]
pub(crate) struct Types {
    entries: Vec<Entry>,
    /// First number of each group, by its words.
    groups: BTreeMap<Box<[u32]>, u32>,
}

/// Says that a concrete type is a position in the group.
const OWN: u32 = 1 << 31;

impl Types {
    /// The numbers of a module's types. The declarations have been checked: groups are whole, supertypes earlier and of
    /// the same kind, and no deeper than [`SUPERTYPES`].
    pub(crate) fn register(&mut self, declared: &[TypeDecl]) -> Vec<TypeId> {
        let mut ids: Vec<TypeId> = Vec::with_capacity(declared.len());
        while let Some(first) = declared.get(ids.len()) {
            if let Some(same) = first.same {
                ids.push(ids.get(same as usize).copied().unwrap_or(TypeId(0)));
                continue;
            }
            let end = ids.len() + first.group.max(1) as usize;
            let group = declared.get(ids.len()..end).unwrap_or_default();
            self.group(group, &mut ids);
            if group.is_empty() {
                break;
            }
        }
        ids
    }

    /// The number of a function type that is final and has no supertype; concrete types in it are the store's numbers.
    pub(crate) fn func(&mut self, ty: &FuncType) -> TypeId {
        let mut row = alloc::vec![u32::from(true), 0];
        shape_words(&Shape::Func(ty.clone()), &mut row, &|number| number);
        let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let first = *self.groups.entry(row.into()).or_insert(next);
        if first == next {
            self.entries.push(Entry {
                shape: Shape::Func(ty.clone()),
                supertypes: Arc::default(),
            });
        }
        TypeId(first)
    }

    fn group(&mut self, group: &[TypeDecl], ids: &mut Vec<TypeId>) {
        let start = ids.len();
        let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let mut row = Vec::new();
        {
            let word = |index: u32| match (index as usize).checked_sub(start) {
                Some(own) => OWN | u32::try_from(own).unwrap_or(0),
                None => ids.get(index as usize).map_or(0, |id| id.0),
            };
            for ty in group {
                row.push(u32::from(ty.is_final));
                row.push(ty.parent.map_or(0, |parent| word(parent).wrapping_add(1)));
                shape_words(&ty.shape, &mut row, &word);
            }
        }
        let first = *self.groups.entry(row.into()).or_insert(next);
        ids.extend((first..).take(group.len()).map(TypeId));
        if first != next {
            return;
        }
        for ty in group {
            let shape = ty.shape.map(ids);
            let supertypes = match ty.parent.and_then(|parent| ids.get(parent as usize)) {
                Some(parent) => {
                    let above = self.supertypes(*parent).iter().copied();
                    above.chain([*parent]).collect()
                }
                None => Arc::default(),
            };
            self.entries.push(Entry { shape, supertypes });
        }
    }

    /// Invariant: numbers are positions handed out by this list.
    #[expect(
        clippy::indexing_slicing,
        reason = "the invariant above; types are never removed"
    )]
    fn entry(&self, id: TypeId) -> &Entry {
        &self.entries[id.0 as usize]
    }

    /// What a type is.
    pub(crate) fn shape(&self, id: TypeId) -> &Shape {
        &self.entry(id).shape
    }

    /// A function type; one without parameters and results for other types.
    pub(crate) fn func_type(&self, id: TypeId) -> FuncType {
        match self.shape(id) {
            Shape::Func(ty) => ty.clone(),
            _ => FuncType::new(&[], &[]),
        }
    }

    /// All supertypes of a type, the topmost first.
    pub(crate) fn supertypes(&self, id: TypeId) -> &[TypeId] {
        &self.entry(id).supertypes
    }

    /// Whether `sub` is `of` or below it.
    pub(crate) fn is_subtype(&self, sub: TypeId, of: TypeId) -> bool {
        sub == of || self.supertypes(sub).get(self.supertypes(of).len()) == Some(&of)
    }

    /// The family of a heap type.
    pub(crate) fn hierarchy(&self, heap: HeapType) -> Hierarchy {
        heap.hierarchy().unwrap_or_else(|| match heap {
            HeapType::Concrete(number) => match self.entries.get(number as usize) {
                Some(Entry {
                    shape: Shape::Func(_),
                    ..
                }) => Hierarchy::Func,
                _ => Hierarchy::Any,
            },
            _ => Hierarchy::Any,
        })
    }

    /// Whether values of `sub` are values of `of`.
    pub(crate) fn matches(&self, sub: ValType, of: ValType) -> bool {
        match (sub, of) {
            (ValType::Ref(sub), ValType::Ref(of)) => self.ref_matches(sub, of),
            _ => sub == of,
        }
    }

    /// Whether references of `sub` are references of `of`.
    pub(crate) fn ref_matches(&self, sub: RefType, of: RefType) -> bool {
        (of.nullable || !sub.nullable) && self.heap_matches(sub.heap, of.heap)
    }

    /// Whether `sub` is `of` or below it.
    pub(crate) fn heap_matches(&self, sub: HeapType, of: HeapType) -> bool {
        use HeapType as H;
        if sub == of {
            return true;
        }
        if self.hierarchy(sub) != self.hierarchy(of) {
            return false;
        }
        match (sub, of) {
            (H::None | H::NoFunc | H::NoExtern | H::NoExn, _) => true,
            (_, H::Any | H::Func | H::Extern | H::Exn) => true,
            (H::I31 | H::Struct | H::Array | H::Concrete(_), H::Eq) => true,
            (H::Concrete(sub), H::Concrete(of)) => self.is_subtype(TypeId(sub), TypeId(of)),
            (H::Concrete(sub), H::Struct) => {
                matches!(self.shape(TypeId(sub)), Shape::Struct(_))
            }
            (H::Concrete(sub), H::Array) => matches!(self.shape(TypeId(sub)), Shape::Array(_)),
            _ => false,
        }
    }
}

/// A value type of a module with the store's numbers.
pub(crate) fn canonical(ty: ValType, ids: &[TypeId]) -> ValType {
    match ty {
        ValType::Ref(RefType {
            nullable,
            heap: HeapType::Concrete(index),
        }) => {
            let heap = HeapType::Concrete(ids.get(index as usize).map_or(0, |id| id.0));
            ValType::Ref(RefType { nullable, heap })
        }
        _ => ty,
    }
}

impl Shape {
    /// The same with the store's numbers.
    fn map(&self, ids: &[TypeId]) -> Shape {
        let field = |field: &FieldType| FieldType {
            mutable: field.mutable,
            storage: match field.storage {
                StorageType::Val(ty) => StorageType::Val(canonical(ty, ids)),
                packed => packed,
            },
        };
        let list = |types: &[ValType]| -> Vec<ValType> {
            types.iter().map(|ty| canonical(*ty, ids)).collect()
        };
        match self {
            Shape::Func(ty) => Shape::Func(FuncType::new(&list(ty.params()), &list(ty.results()))),
            Shape::Struct(fields) => Shape::Struct(fields.iter().map(field).collect()),
            Shape::Array(element) => Shape::Array(field(element)),
        }
    }
}

/// Adds the words of a definition to a row.
fn shape_words(shape: &Shape, row: &mut Vec<u32>, word: &dyn Fn(u32) -> u32) {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    match shape {
        Shape::Func(ty) => {
            row.extend([0, count(ty.params().len()), count(ty.results().len())]);
            for ty in ty.params().iter().chain(ty.results()) {
                val_words(*ty, row, word);
            }
        }
        Shape::Struct(fields) => {
            row.extend([1, count(fields.len())]);
            fields
                .iter()
                .for_each(|field| field_words(field, row, word));
        }
        Shape::Array(element) => {
            row.push(2);
            field_words(element, row, word);
        }
    }
}

fn field_words(field: &FieldType, row: &mut Vec<u32>, word: &dyn Fn(u32) -> u32) {
    row.push(field.mutable.into());
    match field.storage {
        StorageType::I8 => row.push(0x78),
        StorageType::I16 => row.push(0x77),
        StorageType::Val(ty) => val_words(ty, row, word),
    }
}

fn val_words(ty: ValType, row: &mut Vec<u32>, word: &dyn Fn(u32) -> u32) {
    row.push(ty.code().into());
    if let ValType::Ref(reference) = ty {
        row.push(match reference.heap {
            HeapType::Concrete(index) => word(index),
            // Far from any number of a type.
            heap => heap.word() & !OWN,
        });
    }
}
