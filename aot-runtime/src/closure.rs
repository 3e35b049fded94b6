//! Host functions: Rust closures that WebAssembly can call.
//!
//! A closure takes `&mut Caller<'_>` and up to sixteen values and returns
//! results, or `Result` of results and [`Trap`]. Nothing here knows how
//! compiled code passes arguments; that is `entry`.

use crate::host::share::{Arc, Body};
use alloc::vec::Vec;

use aot_format::ValType;

use crate::caller::Caller;
use crate::func::FuncType;
use crate::store::Store;
use crate::trap::Trap;
use crate::value::{Value, WasmResults, WasmType, slots_of};

/// A host function that is not yet part of a store.
#[derive(Clone)]
pub struct HostFunc {
    ty: FuncType,
    body: Arc<Body>,
}

impl HostFunc {
    /// A function whose type is only known at run time. The closure gets the
    /// arguments and writes every result; results start as zeros of the
    /// declared types.
    pub fn untyped<F>(ty: FuncType, body: F) -> HostFunc
    where
        F: Fn(&mut Caller<'_>, &[Value], &mut [Value]) -> Result<(), Trap> + Send + Sync + 'static,
    {
        let signature = ty.clone();
        let body = move |caller: &mut Caller<'_>, slots: &mut [u64]| {
            let params = read_values(signature.params(), slots, caller);
            let mut results: Vec<Value> = signature
                .results()
                .iter()
                .map(|&ty| Value::zero(ty))
                .collect();
            body(caller, &params, &mut results)?;
            write_values(caller.store(), &signature, &results, slots)
        };
        HostFunc {
            ty,
            body: Arc::new(body),
        }
    }

    /// The function's type.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }

    /// Calls the body with arguments in `slots`.
    pub(crate) fn call(&self, caller: &mut Caller<'_>, slots: &mut [u64]) -> Result<(), Trap> {
        (self.body)(caller, slots)
    }
}

/// The values of these types in consecutive slots.
fn read_values(types: &[ValType], slots: &[u64], caller: &mut Caller<'_>) -> Vec<Value> {
    let mut rest = slots;
    types
        .iter()
        .map(|&ty| {
            let pair = [
                rest.first().copied().unwrap_or_default(),
                rest.get(1).copied().unwrap_or_default(),
            ];
            rest = rest.get(slots_of(ty)..).unwrap_or_default();
            Value::from_slots(ty, pair, caller.store_mut())
        })
        .collect()
}

/// Writes results, refusing any of another type than declared.
fn write_values(
    store: &Store,
    ty: &FuncType,
    results: &[Value],
    slots: &mut [u64],
) -> Result<(), Trap> {
    let mut at = 0;
    for (value, &want) in results.iter().zip(ty.results()) {
        if !store.fits(*value, want) {
            return Err(Trap::host(
                "host function returned a value of another type than declared",
            ));
        }
        let width = slots_of(want);
        if let Some(target) = slots.get_mut(at..at + width) {
            for (slot, word) in target.iter_mut().zip(value.to_slots(store)) {
                *slot = word;
            }
        }
        at += width;
    }
    Ok(())
}

/// What a closure may return: results, or a `Result` of them and [`Trap`].
pub trait HostResult {
    /// The values on success.
    type Values: WasmResults;
    /// The result as a `Result`.
    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Values, Trap>;
}

impl<T: WasmResults> HostResult for T {
    type Values = T;
    fn into_result(self) -> Result<T, Trap> {
        Ok(self)
    }
}

impl<T: WasmResults> HostResult for Result<T, Trap> {
    type Values = T;
    fn into_result(self) -> Result<T, Trap> {
        self
    }
}

/// Closures that can become host functions. `Marker` only keeps the
/// implementations for different numbers of parameters apart.
pub trait IntoHostFunc<Marker> {
    /// The function with its type worked out from the closure's.
    fn into_host_func(self) -> HostFunc;
}

impl IntoHostFunc<HostFunc> for HostFunc {
    fn into_host_func(self) -> HostFunc {
        self
    }
}

/// One implementation per number of parameters.
macro_rules! closures {
    ($(($($T:ident)*))*) => {$(
        #[allow(non_snake_case, unused_variables, unused_mut, reason = "one pattern serves every arity, also none")]
        impl<Fun, Res, $($T),*> IntoHostFunc<(Res, $($T,)*)> for Fun
        where
            Fun: Fn(&mut Caller<'_>, $($T),*) -> Res + Send + Sync + 'static,
            Res: HostResult,
            $($T: WasmType,)*
        {
            fn into_host_func(self) -> HostFunc {
                let body = move |caller: &mut Caller<'_>, slots: &mut [u64]| {
                    let mut arguments = slots.iter().copied();
                    $(let $T = $T::from_slot(arguments.next().unwrap_or_default(), caller.store_mut());)*
                    let results = self(caller, $($T),*).into_result()?;
                    results.write(slots);
                    Ok(())
                };
                let params: &[ValType] = &[$($T::TYPE),*];
                HostFunc { ty: FuncType::new(params, Res::Values::types()), body: Arc::new(body) }
            }
        }
    )*};
}

closures! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
    (A B C D E F G H I J K L M) (A B C D E F G H I J K L M N) (A B C D E F G H I J K L M N O)
    (A B C D E F G H I J K L M N O P)
}
