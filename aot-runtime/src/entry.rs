//! Crossing into and out of compiled code.
//!
//! Contract: [`enter`] runs compiled code under an [`Activation`]; a trap ends
//! it from any depth by `leave`, which skips frames of compiled code, of
//! [`guard`]ed functions after they have dropped everything, and of the bodies
//! below. None of these owns anything at that point. While compiled code runs,
//! the store is borrowed exclusively by the caller of `enter`; [`guard`] lends
//! that borrow to the runtime's functions one at a time.

use core::cell::{Cell, UnsafeCell};
use core::ffi::c_void;

use aot_format::ValType;
use aot_format::abi::traps::TrapId;

use crate::context::Origin;
use crate::host::arch::native as arch;
use crate::host::call::Machine;
use crate::host::system::{self, Panic};
use crate::store::{InstanceIdx, Left, Store, StoreId};
use crate::trap::Trap;
use crate::value::{WasmResults, WasmType};

/// Native stack a host function may rely on, in bytes.
const HEADROOM: usize = if cfg!(feature = "std") {
    128 * 1024
} else {
    4096
};

/// Native stack compiled code with stack checks must leave to the runtime.
const RESERVE: usize = if cfg!(feature = "std") {
    32 * 1024
} else {
    2048
};

/// An address above the stack's end; 0 if that is not known.
fn above(stack_low: usize, bytes: usize) -> usize {
    match stack_low {
        0 => 0,
        low => low.saturating_add(bytes),
    }
}

/// Why an activation ends early.
enum Pending {
    Trap(Trap),
    Panic(Panic),
}

/// One crossing into compiled code that has not returned yet.
pub(crate) struct Activation {
    /// Stack pointer for `leave`; 0 where leaving is impossible.
    landing: Cell<usize>,
    /// Set while a function of the runtime works for compiled code.
    in_host: Cell<bool>,
    /// The trap of a fault, recorded by the signal handler.
    fault: Cell<Option<TrapId>>,
    pending: UnsafeCell<Option<Pending>>,
    store: *mut Store,
    store_id: StoreId,
    instance: InstanceIdx,
    /// Address below which no host function is started.
    stack_limit: usize,
}

#[allow(dead_code, reason = "only hosts with a fault handler ask")]
impl Activation {
    /// Whether a function of the runtime is working for compiled code.
    pub(crate) fn in_host(&self) -> bool {
        self.in_host.get()
    }

    /// The stack pointer for `leave`.
    pub(crate) fn landing(&self) -> usize {
        self.landing.get()
    }

    /// Records the trap of a fault.
    pub(crate) fn record_fault(&self, id: TrapId) {
        self.fault.set(Some(id));
    }

    /// Whether an address lies in the reservation of one of the store's
    /// linear memories. Called by the fault handler.
    pub(crate) fn owns_memory(&self, address: usize) -> bool {
        // SAFETY: `enter` keeps the store borrowed; the handler asks only when
        // no function of the runtime is using it (`in_host` is clear).
        let store = unsafe { &*self.store };
        store.owns_address(address)
    }

    fn set_pending(&self, pending: Pending) {
        // SAFETY: one thread uses the activation, and no reference is kept.
        let slot = unsafe { &mut *self.pending.get() };
        slot.get_or_insert(pending);
    }
}

/// Runs `body(data)`, which must do nothing but call compiled code of
/// `instance`, and reports how it ended.
fn enter<D>(
    store: &mut Store,
    instance: InstanceIdx,
    body: extern "C" fn(*mut c_void),
    data: &mut D,
) -> Result<(), Trap> {
    let stack_low = system::thread::stack_limit(store.platform());
    let store_id = store.id();
    let store: *mut Store = store;
    let activation = Activation {
        landing: Cell::new(0),
        in_host: Cell::new(false),
        fault: Cell::new(None),
        pending: UnsafeCell::new(None),
        store,
        store_id,
        instance,
        stack_limit: above(stack_low, HEADROOM),
    };
    // SAFETY: the exclusive borrow of the caller, used briefly.
    let outer = unsafe { &mut *store }.begin(instance, &activation, above(stack_low, RESERVE));
    let previous = system::thread::replace(&activation);
    // SAFETY: `body` accepts `data` (both come from this module's callers);
    // skipped frames own nothing (module contract).
    let left = unsafe { arch::enter(activation.landing.as_ptr(), body, (&raw mut *data).cast()) };
    system::thread::replace(previous);
    // SAFETY: compiled code has ended; the caller's borrow is free again.
    let pending = unsafe { &mut *store }.end(store_id, instance, outer);
    match (left, pending) {
        (0, Left::Nothing) => return Ok(()),
        (0, Left::Exception(object)) => {
            // SAFETY: as above.
            let store = unsafe { &mut *store };
            return Err(store.thrown(object));
        }
        _ => {}
    }
    if let Some(id) = activation.fault.get() {
        return Err(Trap::Wasm(id));
    }
    match activation.pending.into_inner() {
        Some(Pending::Trap(trap)) => Err(trap),
        Some(Pending::Panic(panic)) => system::resume(panic),
        None => Err(Trap::Wasm(TrapId::Unreachable)),
    }
}

/// Runs a function of the runtime on behalf of compiled code: checks that
/// there is native stack for it, lends it the store, and turns its failure
/// into a trap of the running call. Returns `failed` only where compiled code
/// cannot be left, which then finds the trap set, or looks for exceptions.
pub(crate) fn guard<R>(
    origin: impl Origin,
    failed: R,
    work: impl FnOnce(&mut Store, InstanceIdx) -> Result<R, Trap>,
) -> R {
    let Some(activation) = origin.activation() else {
        return failed;
    };
    let pending = match attempt(activation, work) {
        Ok(Some(result)) => return result,
        Ok(None) => return failed,
        Err(pending) => pending,
    };
    raise(activation, pending);
    failed
}

/// Work that only the store's own structures are needed for, without the costs of [`guard`]: it must own nothing, call
/// nothing that may end the activation, and be done in little stack. `None` if it says so or there is no stack for it.
#[cfg(feature = "gc")]
#[inline]
pub(crate) fn quick<R>(
    origin: impl Origin,
    work: impl FnOnce(&mut Store) -> Option<R>,
) -> Option<R> {
    let activation = origin.activation()?;
    let marker = 0_u8;
    if (&raw const marker as usize) < activation.stack_limit {
        return None;
    }
    // SAFETY: compiled code waits for us, so the borrow `enter` holds is ours.
    let store = unsafe { &mut *activation.store };
    if store.id() != activation.store_id {
        return None;
    }
    work(store)
}

/// The part of [`guard`] that owns things; everything is dropped on return.
/// `None`: an exception is pending that compiled code will look for.
fn attempt<R>(
    activation: &Activation,
    work: impl FnOnce(&mut Store, InstanceIdx) -> Result<R, Trap>,
) -> Result<Option<R>, Pending> {
    let marker = 0_u8;
    if (&raw const marker as usize) < activation.stack_limit {
        return Err(Pending::Trap(Trap::Wasm(TrapId::NativeStackOverflow)));
    }
    activation.in_host.set(true);
    // SAFETY: compiled code waits for us, so the borrow `enter` holds is ours.
    let store = unsafe { &mut *activation.store };
    let outcome = if store.id() == activation.store_id {
        store.push_globals(activation.instance);
        let outcome = system::catch(|| store.settle(|store| work(store, activation.instance)));
        if store.id() == activation.store_id {
            store.pull_globals(activation.instance);
        }
        outcome
    } else {
        Ok(Err(Trap::host("the store was exchanged during a call")))
    };
    match outcome {
        Ok(Ok(result)) => {
            activation.in_host.set(false);
            Ok(Some(result))
        }
        Ok(Err(Trap::Exception(exception)))
            if store.id() == activation.store_id
                && store
                    .instance(activation.instance)
                    .module
                    .handles_exceptions() =>
        {
            let left = store.leave_exception(activation.instance, &exception);
            left.map_err(Pending::Trap)?;
            activation.in_host.set(false);
            Ok(None)
        }
        Ok(Err(trap)) => Err(Pending::Trap(trap)),
        Err(panic) => Err(Pending::Panic(panic)),
    }
}

/// Ends the activation; returns only where it cannot be left.
fn raise(activation: &Activation, pending: Pending) {
    activation.set_pending(pending);
    if arch::CAN_LEAVE {
        // SAFETY: `activation` belongs to an `enter` still running on this
        // thread; frames in between own nothing (module contract).
        unsafe { arch::leave(activation.landing.get()) }
    }
    // SAFETY: as in `attempt`.
    let store = unsafe { &mut *activation.store };
    store.set_exception(activation.instance);
    activation.in_host.set(false);
}

/// What a call by entry thunk needs.
struct ThunkCall {
    thunk: usize,
    env: usize,
    code: usize,
    slots: *mut u64,
}

extern "C" fn thunk_body(data: *mut c_void) {
    type Thunk = extern "C" fn(usize, usize, *mut u64);
    // SAFETY: `call_thunk` passes a `ThunkCall`.
    let call = unsafe { &*data.cast::<ThunkCall>() };
    // SAFETY: the address comes from the record's thunk list, placed by `Module::load`.
    let thunk = unsafe { core::mem::transmute::<usize, Thunk>(call.thunk) };
    thunk(call.env, call.code, call.slots);
}

/// Calls a compiled function through an entry thunk; arguments and results in
/// `slots`, references in the instance's own numbers.
pub(crate) fn call_thunk(
    store: &mut Store,
    instance: InstanceIdx,
    thunk: usize,
    code: usize,
    slots: &mut [u64],
) -> Result<(), Trap> {
    let env = store.env_address(instance);
    let mut call = ThunkCall {
        thunk,
        env,
        code,
        slots: slots.as_mut_ptr(),
    };
    enter(store, instance, thunk_body, &mut call)
}

struct MachineCall {
    machine: Machine,
    code: usize,
}

extern "C" fn machine_body(data: *mut c_void) {
    // SAFETY: `call_machine` passes a `MachineCall`.
    let call = unsafe { &mut *data.cast::<MachineCall>() };
    // SAFETY: the arguments were classified by the function's own type.
    unsafe { call.machine.invoke(call.code) };
}

/// Calls a compiled function without a thunk: `arguments` by type, results
/// come back by type.
pub(crate) fn call_machine(
    store: &mut Store,
    instance: InstanceIdx,
    code: usize,
    arguments: &[(ValType, [u64; 2])],
    results: &mut [(ValType, [u64; 2])],
) -> Result<(), Trap> {
    if !arch::CAN_INVOKE {
        return Err(Trap::host(
            "the file has no entry thunk for this function, and this machine needs one",
        ));
    }
    let env = store.env_address(instance);
    let (first, extra) = match results.split_first_mut() {
        Some((first, extra)) => (Some(first), extra),
        None => (None, Default::default()),
    };
    let pointers: alloc::vec::Vec<usize> = extra
        .iter_mut()
        .map(|(_, words)| words.as_mut_ptr() as usize)
        .collect();
    let mut call = MachineCall {
        machine: Machine::new(arguments, &pointers, env, first.as_ref().map(|(ty, _)| *ty)),
        code,
    };
    enter(store, instance, machine_body, &mut call)?;
    if let Some((ty, words)) = first {
        *words = call.machine.result(*ty);
    }
    Ok(())
}

/// Where a typed function's code is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypedCode {
    instance: InstanceIdx,
    code: usize,
}

impl TypedCode {
    /// The code of a function whose type has been compared.
    pub(crate) fn new(instance: InstanceIdx, code: usize) -> TypedCode {
        TypedCode { instance, code }
    }
}

struct TypedCall<P, R: TypedResults> {
    code: usize,
    env: usize,
    params: P,
    results: R::Raw,
}

extern "C" fn typed_body<P: TypedParams, R: TypedResults>(data: *mut c_void) {
    // SAFETY: `call_typed` passes a `TypedCall<P, R>`.
    let call = unsafe { &mut *data.cast::<TypedCall<P, R>>() };
    // SAFETY: `Func::typed` compared the function's type with `P` and `R`.
    call.results = unsafe { R::invoke(call.params, call.code, call.env) };
}

/// Calls a compiled function directly.
pub(crate) fn call_typed<P: TypedParams, R: TypedResults>(
    store: &mut Store,
    target: TypedCode,
    params: P,
) -> Result<R, Trap> {
    let env = store.env_address(target.instance);
    let mut call = TypedCall::<P, R> {
        code: target.code,
        env,
        params,
        results: R::Raw::default(),
    };
    enter(store, target.instance, typed_body::<P, R>, &mut call)?;
    Ok(R::from_raw(call.results, store))
}

/// Parameters of a typed call: a tuple of up to ten values.
pub trait TypedParams: Copy {
    /// The WebAssembly types in order.
    fn types() -> &'static [ValType];
    /// Writes the values into the first slots.
    #[doc(hidden)]
    fn write(self, slots: &mut [u64]);
    /// Calls `code` with a first result of type `R` and up to three pointers
    /// to further ones (as many as `extra` has).
    ///
    /// # Safety
    /// `code` must be a compiled function of these parameters and results.
    #[doc(hidden)]
    unsafe fn invoke<R>(self, code: usize, env: usize, extra: &[*mut c_void]) -> R;
}

/// Results of a typed call: `()`, one value, or a tuple of up to four.
pub trait TypedResults: WasmResults {
    /// The machine values.
    #[doc(hidden)]
    type Raw: Copy + Default;
    /// Calls `code`.
    ///
    /// # Safety
    /// `code` must be a compiled function of these parameters and results.
    #[doc(hidden)]
    unsafe fn invoke<P: TypedParams>(params: P, code: usize, env: usize) -> Self::Raw;
    /// The values of machine values.
    #[doc(hidden)]
    fn from_raw(raw: Self::Raw, store: &mut Store) -> Self;
}

/// Parameter tuples: one line per arity.
macro_rules! typed_params {
    ($(($($T:ident)*))*) => {$(
        #[allow(non_snake_case, unused_variables, unused_mut, reason = "one pattern serves every arity, also none")]
        impl<$($T: WasmType),*> TypedParams for ($($T,)*) {
            fn types() -> &'static [ValType] {
                const { &[$($T::TYPE),*] }
            }
            fn write(self, slots: &mut [u64]) {
                let ($($T,)*) = self;
                let mut slots = slots.iter_mut();
                $( if let Some(slot) = slots.next() { *slot = $T.to_slot(); } )*
            }
            unsafe fn invoke<Res>(self, code: usize, env: usize, extra: &[*mut c_void]) -> Res {
                let ($($T,)*) = self;
                $(let $T = <$T as WasmType>::abi_of($T.to_slot());)*
                match *extra {
                    [] => {
                        // SAFETY: the caller vouches for the signature.
                        let f = unsafe { core::mem::transmute::<usize, extern "C" fn(usize $(, $T::Abi)*) -> Res>(code) };
                        f(env $(, $T)*)
                    }
                    [a] => {
                        // SAFETY: as above.
                        let f = unsafe { core::mem::transmute::<usize, extern "C" fn(usize $(, $T::Abi)*, *mut c_void) -> Res>(code) };
                        f(env $(, $T)*, a)
                    }
                    [a, b] => {
                        // SAFETY: as above.
                        let f = unsafe { core::mem::transmute::<usize, extern "C" fn(usize $(, $T::Abi)*, *mut c_void, *mut c_void) -> Res>(code) };
                        f(env $(, $T)*, a, b)
                    }
                    [a, b, c, ..] => {
                        // SAFETY: as above.
                        let f = unsafe { core::mem::transmute::<usize, extern "C" fn(usize $(, $T::Abi)*, *mut c_void, *mut c_void, *mut c_void) -> Res>(code) };
                        f(env $(, $T)*, a, b, c)
                    }
                }
            }
        }
    )*};
}

typed_params! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J)
}

impl TypedResults for () {
    type Raw = ();
    unsafe fn invoke<P: TypedParams>(params: P, code: usize, env: usize) {
        // SAFETY: the caller's promise.
        unsafe { params.invoke::<()>(code, env, &[]) }
    }
    fn from_raw((): (), _store: &mut Store) {}
}

impl<T: WasmType> TypedResults for T {
    type Raw = T::Abi;
    unsafe fn invoke<P: TypedParams>(params: P, code: usize, env: usize) -> T::Abi {
        // SAFETY: the caller's promise.
        unsafe { params.invoke::<T::Abi>(code, env, &[]) }
    }
    fn from_raw(raw: T::Abi, store: &mut Store) -> T {
        T::from_slot(T::slot_of(raw), store)
    }
}

/// Result tuples: the first value is returned, the others come by pointer.
macro_rules! typed_results {
    ($(($First:ident $($T:ident)*))*) => {$(
        #[allow(non_snake_case, reason = "one name serves type and value")]
        impl<$First: WasmType $(, $T: WasmType)*> TypedResults for ($First, $($T,)*) {
            type Raw = ($First::Abi, $($T::Abi,)*);
            unsafe fn invoke<P: TypedParams>(params: P, code: usize, env: usize) -> Self::Raw {
                $(let mut $T = <$T as WasmType>::Abi::default();)*
                let extra: &[*mut c_void] = &[$((&raw mut $T).cast()),*];
                // SAFETY: the caller's promise; the pointers outlive the call.
                let $First = unsafe { params.invoke::<$First::Abi>(code, env, extra) };
                ($First, $($T,)*)
            }
            fn from_raw(raw: Self::Raw, store: &mut Store) -> Self {
                let ($First, $($T,)*) = raw;
                ($First::from_slot($First::slot_of($First), store), $($T::from_slot($T::slot_of($T), store),)*)
            }
        }
    )*};
}

typed_results! { (A) (A B) (A B C) (A B C D) }
