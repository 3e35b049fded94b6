//! Values that cross between the host and WebAssembly.
//!
//! Inside the runtime arguments and results travel as *slots*: `u64` words in
//! order, narrow values in the low bits, v128 as two words (low half first).
//! References in slots have the store's own form (see `reference`); crossing
//! into an instance they become what that instance uses. Entry thunks take the
//! same form otherwise.

use aot_format::{HeapType, Hierarchy, ValType};
use targets::Endian;

use crate::func::Func;
use crate::gc::AnyRef;
use crate::host;
use crate::reference::{key_slot, low, slot_key};
use crate::store::Store;

/// The 32-bit pattern of a null reference, in slots and in compiled code.
pub(crate) const NULL_REF: u32 = u32::MAX;

/// One WebAssembly value. Floats are bit patterns, so NaNs survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A vector, lane 0 in the low bits.
    V128(u128),
    /// A function of the store, or null.
    FuncRef(Option<Func>),
    /// A key of the embedder's choice (not `u32::MAX`; below 2^31 where objects of garbage collection are used), or null.
    ExternRef(Option<u32>),
    /// An object as an external reference.
    ExternObject(AnyRef),
    /// An object, an integer of 31 bits or an internalised value of the host, or null.
    AnyRef(Option<AnyRef>),
    /// An exception, or null.
    ExnRef(Option<AnyRef>),
}

impl Value {
    /// The value's type; of references the widest that is nullable.
    pub fn ty(&self) -> ValType {
        match self {
            Value::I32(_) => ValType::I32,
            Value::I64(_) => ValType::I64,
            Value::F32(_) => ValType::F32,
            Value::F64(_) => ValType::F64,
            Value::V128(_) => ValType::V128,
            Value::FuncRef(_) => ValType::FUNCREF,
            Value::ExternRef(_) | Value::ExternObject(_) => ValType::EXTERNREF,
            Value::AnyRef(_) => ValType::ANYREF,
            Value::ExnRef(_) => ValType::EXNREF,
        }
    }

    /// The zero, null or empty value of a type. Of a concrete reference type only a store knows the kind: see
    /// [`Store::zero`].
    pub fn zero(ty: ValType) -> Value {
        match ty {
            ValType::I64 => Value::I64(0),
            ValType::F32 => Value::F32(0),
            ValType::F64 => Value::F64(0),
            ValType::V128 => Value::V128(0),
            ValType::Ref(reference) => {
                Value::null(reference.heap.hierarchy().unwrap_or(Hierarchy::Any))
            }
            ValType::I32 => Value::I32(0),
        }
    }

    fn null(hierarchy: Hierarchy) -> Value {
        match hierarchy {
            Hierarchy::Func => Value::FuncRef(None),
            Hierarchy::Extern => Value::ExternRef(None),
            Hierarchy::Exn => Value::ExnRef(None),
            Hierarchy::Any => Value::AnyRef(None),
        }
    }

    /// The value as a pair of slots; only v128 uses the second.
    #[expect(clippy::cast_sign_loss, reason = "slots carry bit patterns")]
    pub(crate) fn to_slots(self, store: &Store) -> [u64; 2] {
        let word = |object: AnyRef| object.word(store).unwrap_or(0) as u64;
        match self {
            Value::I32(v) => [u64::from(v as u32), 0],
            Value::I64(v) => [v as u64, 0],
            Value::F32(bits) => [u64::from(bits), 0],
            Value::F64(bits) => [bits, 0],
            Value::V128(v) => vector_slots(v),
            Value::FuncRef(f) => [f.map_or(u64::from(NULL_REF), |f| u64::from(f.index)), 0],
            Value::ExternRef(key) => [key.map_or(0, |key| store.external_slot(key)), 0],
            Value::ExternObject(object) => [word(object), 0],
            Value::AnyRef(object) | Value::ExnRef(object) => [object.map_or(0, word), 0],
        }
    }

    /// The value of type `ty` held in `slots`.
    #[expect(
        clippy::cast_possible_wrap,
        clippy::cast_possible_truncation,
        reason = "slots carry bit patterns"
    )]
    pub(crate) fn from_slots(ty: ValType, slots: [u64; 2], store: &mut Store) -> Value {
        let low = slots[0];
        match ty {
            ValType::I64 => Value::I64(low as i64),
            ValType::F32 => Value::F32(low as u32),
            ValType::F64 => Value::F64(low),
            ValType::V128 => Value::V128(vector_of(slots)),
            ValType::I32 => Value::I32(low as i32),
            ValType::Ref(_) => Value::of_reference(ty, low, store),
        }
    }
}

impl Value {
    /// A reference in the store's form.
    fn of_reference(ty: ValType, slot: u64, store: &mut Store) -> Value {
        let family = store.family(ty).unwrap_or(Hierarchy::Any);
        let mut held = |slot: u64| {
            let word = usize::try_from(slot).ok().filter(|word| *word != 0);
            word.and_then(|word| store.hold(word))
        };
        match (family, slot_key(slot)) {
            (Hierarchy::Func, _) => Value::FuncRef(Func::from_number(low(slot), store.id())),
            (Hierarchy::Extern, Some(key)) => Value::ExternRef(Some(key)),
            (Hierarchy::Extern, None) => match held(slot) {
                Some(object) => Value::ExternObject(object),
                None => Value::ExternRef(None),
            },
            (Hierarchy::Any, _) => Value::AnyRef(held(slot)),
            (Hierarchy::Exn, _) => Value::ExnRef(held(slot)),
        }
    }
}

impl Store {
    /// The zero, null or empty value of a type of this store.
    pub fn zero(&self, ty: ValType) -> Value {
        match ty.reference() {
            Some(reference) => Value::null(self.types.hierarchy(reference.heap)),
            None => Value::zero(ty),
        }
    }

    /// Whether a value belongs to a type of this store.
    ///
    /// # Panics
    /// If it is a handle of another store.
    pub fn fits(&self, value: Value, ty: ValType) -> bool {
        let Some(reference) = ty.reference() else {
            return value.ty() == ty;
        };
        let family = self.types.hierarchy(reference.heap);
        let null = |wanted| reference.nullable && family == wanted;
        let heap = match value {
            Value::FuncRef(None) => return null(Hierarchy::Func),
            Value::ExternRef(None) => return null(Hierarchy::Extern),
            Value::AnyRef(None) => return null(Hierarchy::Any),
            Value::ExnRef(None) => return null(Hierarchy::Exn),
            Value::FuncRef(Some(func)) => HeapType::Concrete(self.func(func).id.0),
            Value::ExternRef(Some(_)) => HeapType::Extern,
            Value::ExternObject(object) => match object.heap_type(self) {
                Some(_) => HeapType::Extern,
                None => return false,
            },
            Value::AnyRef(Some(object)) | Value::ExnRef(Some(object)) => {
                match object.heap_type(self) {
                    Some(heap) => heap,
                    None => return false,
                }
            }
            _ => return false,
        };
        self.types.heap_matches(heap, reference.heap)
    }
}

/// A vector as compiled code holds it in memory: a 128-bit integer in the machine's byte order, so that
/// the low half comes first on little-endian machines only.
#[expect(clippy::cast_possible_truncation, reason = "each half is meant")]
pub(crate) fn vector_slots(bits: u128) -> [u64; 2] {
    let (low, high) = (bits as u64, (bits >> 64) as u64);
    match host::ENDIAN {
        Endian::Little => [low, high],
        Endian::Big => [high, low],
    }
}

/// The opposite of [`vector_slots`].
fn vector_of([first, second]: [u64; 2]) -> u128 {
    let (low, high) = match host::ENDIAN {
        Endian::Little => (first, second),
        Endian::Big => (second, first),
    };
    u128::from(low) | u128::from(high) << 64
}

/// Number of slots a value of this type takes.
pub(crate) fn slots_of(ty: ValType) -> usize {
    if ty == ValType::V128 { 2 } else { 1 }
}

/// Rust types that are WebAssembly values, for closures and typed calls.
///
/// `u32` and `u64` are accepted for `i32` and `i64`; references are
/// `Option<Func>` and [`ExternRef`].
pub trait WasmType: Sized + Copy + 'static {
    /// The WebAssembly type.
    const TYPE: ValType;
    /// How compiled code passes it: an integer or a float of the same width.
    #[doc(hidden)]
    type Abi: Copy + Default + 'static;
    /// The value as slots.
    #[doc(hidden)]
    fn to_slot(self) -> u64;
    /// The value in a slot of this store.
    #[doc(hidden)]
    fn from_slot(slot: u64, store: &mut Store) -> Self;
    /// The machine value of a slot.
    #[doc(hidden)]
    fn abi_of(slot: u64) -> Self::Abi;
    /// The slot of a machine value.
    #[doc(hidden)]
    fn slot_of(abi: Self::Abi) -> u64;
}

/// An external reference: a key of the embedder's choice, or null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExternRef(pub Option<u32>);

/// One line per type: Rust type, WebAssembly type, machine type, and the four
/// conversions (to slot, from slot, slot to machine value and back).
macro_rules! wasm_types {
    ($($rust:ty, $wasm:ident, $abi:ty,
       |$v:ident| $to:expr, |$s:ident, $id:ident| $from:expr, |$x:ident| $abi_of:expr, |$y:ident| $slot_of:expr;)*) => {$(
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap,
                clippy::unnecessary_cast, clippy::cast_lossless, unused_variables,
                reason = "slots carry bit patterns; one pattern serves every width")]
        impl WasmType for $rust {
            const TYPE: ValType = ValType::$wasm;
            type Abi = $abi;
            fn to_slot(self) -> u64 { let $v = self; $to }
            fn from_slot($s: u64, $id: &mut Store) -> Self { $from }
            fn abi_of($x: u64) -> $abi { $abi_of }
            fn slot_of($y: $abi) -> u64 { $slot_of }
        }
    )*};
}

wasm_types! {
    i32, I32, i32, |v| u64::from(v as u32), |s, id| s as i32, |x| x as i32, |y| u64::from(y as u32);
    u32, I32, u32, |v| u64::from(v), |s, id| s as u32, |x| x as u32, |y| u64::from(y);
    i64, I64, i64, |v| v as u64, |s, id| s as i64, |x| x as i64, |y| y as u64;
    u64, I64, u64, |v| v, |s, id| s, |x| x, |y| y;
    f32, F32, f32, |v| u64::from(v.to_bits()), |s, id| f32::from_bits(s as u32), |x| f32::from_bits(x as u32), |y| u64::from(y.to_bits());
    f64, F64, f64, |v| v.to_bits(), |s, id| f64::from_bits(s), |x| f64::from_bits(x), |y| y.to_bits();
    Option<Func>, FUNCREF, u32, |v| v.map_or(u64::from(NULL_REF), |f| u64::from(f.index)), |s, id| Func::from_number(low(s), id.id()), |x| x as u32, |y| u64::from(y);
    ExternRef, EXTERNREF, u32, |v| v.0.map_or(0, key_slot), |s, id| ExternRef(Some(id.external_key(s)).filter(|key| *key != NULL_REF)), |x| x as u32, |y| u64::from(y);
}

/// Results of a host function or a typed call: `()`, one value, or a tuple.
pub trait WasmResults: Sized {
    /// The WebAssembly types in order.
    fn types() -> &'static [ValType];
    /// Writes the results into the first slots.
    #[doc(hidden)]
    fn write(self, slots: &mut [u64]);
    /// Reads the results from the first slots.
    #[doc(hidden)]
    fn read(slots: &[u64], store: &mut Store) -> Self;
}

impl<T: WasmType> WasmResults for T {
    fn types() -> &'static [ValType] {
        const { &[T::TYPE] }
    }
    fn write(self, slots: &mut [u64]) {
        if let Some(slot) = slots.first_mut() {
            *slot = self.to_slot();
        }
    }
    fn read(slots: &[u64], store: &mut Store) -> Self {
        T::from_slot(slots.first().copied().unwrap_or_default(), store)
    }
}

/// Tuples of values as results: one line per arity.
macro_rules! result_tuples {
    ($(($($T:ident)*))*) => {$(
        #[allow(non_snake_case, unused_variables, unused_mut, reason = "one pattern serves every arity, also none")]
        #[allow(clippy::unused_unit, reason = "as above")]
        impl<$($T: WasmType),*> WasmResults for ($($T,)*) {
            fn types() -> &'static [ValType] {
                const { &[$($T::TYPE),*] }
            }
            fn write(self, slots: &mut [u64]) {
                let ($($T,)*) = self;
                let mut slots = slots.iter_mut();
                $( if let Some(slot) = slots.next() { *slot = $T.to_slot(); } )*
            }
            fn read(slots: &[u64], store: &mut Store) -> Self {
                let mut slots = slots.iter().copied();
                ($($T::from_slot(slots.next().unwrap_or_default(), store),)*)
            }
        }
    )*};
}

result_tuples! { () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
