//! Functions: types, handles, and calls from the host.
//!
//! [`Func`] takes values whose types are checked at each call, [`TypedFunc`]
//! checks once and then is a plain machine call. How control enters compiled
//! code is `entry`'s business.

use crate::host::share::Arc;
use core::marker::PhantomData;

use aot_format::{HeapType, RefType, ValType};

use crate::closure::IntoHostFunc;
use crate::entry::{self, TypedCode, TypedParams, TypedResults};
use crate::host::arch::native as arch;
use crate::store::{FuncKind, Store, StoreId};
use crate::trap::Trap;
use crate::value::{NULL_REF, Value, slots_of};

/// The type of a function: parameters and results in order. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FuncType {
    types: Arc<[ValType]>,
    params: usize,
}

impl FuncType {
    /// A type from parameter and result types.
    pub fn new(params: &[ValType], results: &[ValType]) -> FuncType {
        FuncType {
            types: params.iter().chain(results).copied().collect(),
            params: params.len(),
        }
    }

    /// The parameter types.
    pub fn params(&self) -> &[ValType] {
        self.types.get(..self.params).unwrap_or_default()
    }

    /// The result types.
    pub fn results(&self) -> &[ValType] {
        self.types.get(self.params..).unwrap_or_default()
    }

    /// Slots needed to hold the parameters, and then the results.
    pub(crate) fn slots(&self) -> usize {
        let count = |types: &[ValType]| types.iter().map(|&ty| slots_of(ty)).sum::<usize>();
        count(self.params()).max(count(self.results()))
    }

    /// Whether references cross with this type.
    pub(crate) fn has_references(&self) -> bool {
        self.types.iter().any(|ty| ty.is_reference())
    }

    /// Whether compiled functions of this type return a float by the C convention.
    fn returns_float(&self) -> bool {
        let first = self.results().first();
        matches!(first, Some(ValType::F32 | ValType::F64))
    }
}

impl core::fmt::Display for FuncType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let list = |f: &mut core::fmt::Formatter<'_>, types: &[ValType]| {
            f.write_str("(")?;
            for (i, ty) in types.iter().enumerate() {
                let gap = if i == 0 { "" } else { " " };
                write!(f, "{gap}{ty}")?;
            }
            f.write_str(")")
        };
        list(f, self.params())?;
        f.write_str(" -> ")?;
        list(f, self.results())
    }
}

/// A function of a store: of an instance, or the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Func {
    /// The store's number of the function.
    pub(crate) index: u32,
    /// The store it belongs to.
    pub(crate) store: StoreId,
}

impl Func {
    /// Adds a host function to the store.
    pub fn wrap<Marker>(store: &mut Store, function: impl IntoHostFunc<Marker>) -> Func {
        store.add_host_func(function.into_host_func())
    }

    /// The function with this number, or none for the null pattern.
    pub(crate) fn from_number(number: u32, store: StoreId) -> Option<Func> {
        (number != NULL_REF).then_some(Func {
            index: number,
            store,
        })
    }

    /// The function's type.
    ///
    /// # Panics
    /// If the handle belongs to another store.
    pub fn ty(&self, store: &Store) -> FuncType {
        store.func(*self).ty.clone()
    }

    /// The type of references to it: the store's own type, for signatures of host functions.
    ///
    /// # Panics
    /// If the handle belongs to another store.
    pub fn ref_type(&self, store: &Store, nullable: bool) -> ValType {
        let heap = HeapType::Concrete(store.func(*self).id.0);
        ValType::Ref(RefType { nullable, heap })
    }

    /// Calls the function. `results` must have the length of the type's
    /// results and is overwritten.
    ///
    /// # Errors
    /// The trap; or [`Trap::Host`] when the arguments do not fit the type.
    ///
    /// # Panics
    /// If the handle belongs to another store, or a host function panics.
    pub fn call(
        &self,
        store: &mut Store,
        params: &[Value],
        results: &mut [Value],
    ) -> Result<(), Trap> {
        let ty = self.ty(store);
        let fits = params.len() == ty.params().len()
            && results.len() == ty.results().len()
            && params
                .iter()
                .zip(ty.params())
                .all(|(value, &want)| store.fits(*value, want));
        if !fits {
            return Err(Trap::host("arguments do not match the function's type"));
        }
        Store::with_slots(ty.slots(), |slots| {
            let words = params.iter().flat_map(|value| {
                let width = slots_of(value.ty());
                value.to_slots(store).into_iter().take(width)
            });
            for (slot, word) in slots.iter_mut().zip(words) {
                *slot = word;
            }
            store.call(self.index, None, slots)?;
            let mut rest = slots.iter().copied();
            for (result, &ty) in results.iter_mut().zip(ty.results()) {
                let low = rest.next().unwrap_or_default();
                let high = if slots_of(ty) == 2 {
                    rest.next().unwrap_or_default()
                } else {
                    0
                };
                *result = Value::from_slots(ty, [low, high], store);
            }
            Ok(())
        })
    }

    /// The function with its type checked once; `None` if `P` and `R` are not
    /// its type.
    pub fn typed<P: TypedParams, R: TypedResults>(&self, store: &Store) -> Option<TypedFunc<P, R>> {
        let entry = store.func(*self);
        if entry.ty.params() != P::types() || entry.ty.results() != R::types() {
            return None;
        }
        let code = match &entry.kind {
            _ if entry.ty.has_references() => None,
            _ if entry.ty.returns_float() && !arch::KEEPS_FLOATS => None,
            FuncKind::Wasm { instance, code, .. } => Some(TypedCode::new(*instance, *code)),
            FuncKind::Host(_) => None,
        };
        Some(TypedFunc {
            func: *self,
            code,
            marker: PhantomData,
        })
    }
}

/// A function whose Rust signature is known: `TypedFunc<(i32, i64), f32>`.
#[derive(Debug)]
pub struct TypedFunc<P, R> {
    func: Func,
    code: Option<TypedCode>,
    marker: PhantomData<fn(P) -> R>,
}

impl<P, R> Clone for TypedFunc<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for TypedFunc<P, R> {}

impl<P: TypedParams, R: TypedResults> TypedFunc<P, R> {
    /// Calls the function.
    ///
    /// # Errors
    /// The trap that ended the call.
    ///
    /// # Panics
    /// If the handle belongs to another store, or a host function panics.
    pub fn call(&self, store: &mut Store, params: P) -> Result<R, Trap> {
        store.check(self.func.store);
        if let Some(code) = self.code {
            return entry::call_typed(store, code, params);
        }
        let mut slots = [0_u64; 24];
        params.write(&mut slots);
        store.call(self.func.index, None, &mut slots)?;
        Ok(R::read(&slots, store))
    }

    /// The untyped handle.
    pub fn func(&self) -> Func {
        self.func
    }
}
