//! Bodies of the functions compiled code may call.
//!
//! Exhaustive by construction: [`address`] matches every `Builtin` of the ABI;
//! those of builds we do not make (shared heaps) answer
//! `None`, and a file that names one is refused. Bodies are safe functions;
//! `entry::guard` gives them the store and turns their errors into traps.

use aot_format::abi::builtins::Builtin;
use aot_format::abi::traps::{ALREADY_THROWN, TrapId};

use crate::context::{CellsPtr, EnvPtr, InstancePtr, TextPtr};
use crate::entry::guard;
use crate::host::{bytes, libcall, math};
use crate::store::Store;
use crate::trap::Trap;

mod atomic;
mod call;
mod exception;
mod frame;
mod intrinsic;
mod memory;
#[cfg(feature = "gc")]
mod object;
mod table;

#[allow(
    unused_imports,
    reason = "only architectures with import stubs need it"
)]
pub(crate) use call::import_number;
pub(crate) use table::init as init_table;

/// Raises the trap of a number.
extern "C" fn aot_set_exception_with_id(instance: InstancePtr, number: u32) {
    guard(instance, (), |_, _| {
        if number == ALREADY_THROWN {
            return Err(Trap::host("unknown exception"));
        }
        Err(Store::trap_of(number))
    });
}

/// Raises an exception by its text.
extern "C" fn aot_set_exception(instance: InstancePtr, text: TextPtr) {
    guard(instance, (), |_, _| {
        let bytes = text.bytes();
        Err(Trap::host(alloc::string::String::from_utf8_lossy(&bytes)))
    });
}

/// Stands for a wasm address as a native one. We hand wasm addresses on
/// unchanged: imports called directly get the same values as all others and
/// check them against the memory themselves.
extern "C" fn aot_check_app_addr_and_convert(
    _instance: InstancePtr,
    _is_text: u8,
    address: u64,
    _bytes: u64,
    out: CellsPtr,
) -> u8 {
    // Addresses of 32-bit memories fit every pointer.
    out.set_word(usize::try_from(address).unwrap_or(usize::MAX));
    1
}

/// C-API imports do not exist here.
extern "C" fn wasm_runtime_quick_invoke_c_api_native(instance: InstancePtr) -> u8 {
    guard(instance, 0, |_, _| {
        Err(Trap::Wasm(TrapId::CallUnlinkedImportFunc))
    })
}

/// What function pointers of imports lead to.
extern "C" fn unlinked(env: EnvPtr) {
    guard(env, (), |_, _| {
        Err(Trap::Wasm(TrapId::CallUnlinkedImportFunc))
    });
}

/// Address for functions that compiled code must not call directly.
pub(crate) fn unlinked_address() -> usize {
    unlinked as *const () as usize
}

/// The address of a symbol compiled code names.
pub(crate) fn resolve(name: &str) -> Option<usize> {
    match Builtin::from_name(name) {
        Some(builtin) => address(builtin),
        None => libcall::resolve(name),
    }
}

/// Address of a function's body; `None` if this build has none.
#[rustfmt::skip]
fn address(builtin: Builtin) -> Option<usize> {
    use Builtin as B;
    let body = match builtin {
        B::AotSetExceptionWithId => aot_set_exception_with_id as *const (),
        B::AotInvokeNative => call::aot_invoke_native as *const (),
        B::AotCallIndirect => call::aot_call_indirect as *const (),
        B::AotEnlargeMemory => memory::aot_enlarge_memory as *const (),
        B::AotSetException => aot_set_exception as *const (),
        B::AotCheckAppAddrAndConvert => aot_check_app_addr_and_convert as *const (),
        B::WasmRuntimeQuickInvokeCApiNative => wasm_runtime_quick_invoke_c_api_native as *const (),
        B::Memset => return Some(bytes::memset_address()),
        B::Memmove | B::Memcpy => return Some(bytes::memmove_address()),
        B::Sqrt => math::sqrt as *const (),
        B::Sqrtf => math::sqrtf as *const (),
        B::Fmin => math::fmin as *const (),
        B::Fminf => math::fminf as *const (),
        B::Fmax => math::fmax as *const (),
        B::Fmaxf => math::fmaxf as *const (),
        B::Ceil => math::ceil as *const (),
        B::Ceilf => math::ceilf as *const (),
        B::Floor => math::floor as *const (),
        B::Floorf => math::floorf as *const (),
        B::Trunc => math::trunc as *const (),
        B::Truncf => math::truncf as *const (),
        B::Rint => math::rint as *const (),
        B::Rintf => math::rintf as *const (),
        B::AotMemoryInit => memory::aot_memory_init as *const (),
        B::AotDataDrop => memory::aot_data_drop as *const (),
        B::WamrcMemoryGrow => memory::wamrc_memory_grow as *const (),
        B::WamrcMemoryInit => memory::wamrc_memory_init as *const (),
        B::AotDropTableSeg => table::aot_drop_table_seg as *const (),
        B::AotTableInit => table::aot_table_init as *const (),
        B::AotTableCopy => table::aot_table_copy as *const (),
        B::AotTableFill => table::aot_table_fill as *const (),
        B::AotTableGrow => table::aot_table_grow as *const (),
        #[cfg(feature = "gc")]
        _ if object::address(builtin).is_some() => return object::address(builtin),
        B::AotRttTypeNew
        | B::WasmStructObjNew
        | B::WasmArrayObjNew
        | B::AotCreateFuncObj
        | B::AotObjIsInstanceOf
        | B::WasmObjIsTypeOf
        | B::WasmExternrefObjToInternalObj
        | B::WasmInternalObjToExternrefObj
        | B::WamrcArrayNewData
        | B::WamrcArrayNewElem
        | B::WamrcArrayInitData
        | B::WamrcArrayInitElem => return None,
        B::WamrcExceptionNew => exception::wamrc_exception_new as *const (),
        B::WamrcExceptionRead => exception::wamrc_exception_read as *const (),
        B::WamrcThrow => exception::wamrc_throw as *const (),
        B::WamrcCatch => exception::wamrc_catch as *const (),
        B::WasmRuntimeAtomicWait => atomic::wasm_runtime_atomic_wait as *const (),
        B::WasmRuntimeAtomicNotify => atomic::wasm_runtime_atomic_notify as *const (),
        B::AotAllocFrame => frame::aot_alloc_frame as *const (),
        B::AotFreeFrame => frame::aot_free_frame as *const (),
        B::AotFrameUpdateProfileInfo => frame::aot_frame_update_profile_info as *const (),
        B::WasmRuntimeCheckAndUpdateLastUsedSharedHeap => return None,
        _ => return intrinsic::address(builtin),
    };
    Some(body as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host;
    use aot_format::abi::builtins::When;

    #[test]
    fn every_symbol_of_the_default_build_has_a_body() {
        for &builtin in Builtin::ALL {
            let name = builtin.name();
            let objects =
                builtin.when() == When::GarbageCollection || name.starts_with("wamrc_array_");
            let wanted = match objects {
                true => cfg!(feature = "gc"),
                false => {
                    let extra = [When::Ours, When::SharedMemory, When::StackFrame]
                        .contains(&builtin.when());
                    builtin.when().in_default_build() || extra
                }
            };
            assert_eq!(resolve(name).is_some(), wanted, "{name}");
        }
        assert_eq!(resolve("memcmp"), None);
    }

    #[test]
    fn helper_routines_of_targets_that_run_here_have_addresses() {
        let here = targets::ALL.iter().filter(|target| {
            let mut machines = host::MACHINES.iter().copied().flatten();
            machines.any(|machine| machine.name == target.name)
                && target.width == crate::layout::WIDTH
                && target.endian == host::ENDIAN
        });
        for target in here {
            for name in target.libcalls.iter().chain(target.stock_libcalls) {
                assert!(resolve(name).is_some(), "{name} of {}", target.name);
            }
        }
    }
}
