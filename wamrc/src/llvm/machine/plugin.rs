//! LLVM targets that are plugins: finding, loading and registering them.
//!
//! A plugin is a shared library that is linked to the LLVM library this program runs with and exports one function,
//! which adds its target to LLVM's list (`targets::External::register`). It is looked for where an environment variable
//! says; without that, beside the program, and where the project's own build puts it. Loading a library runs its code:
//! none is looked for unless a target is asked for that needs it.

#![allow(unsafe_code, reason = "a function of a plugin is known by its address")]

use crate::llvm::error::LlvmError;
use inkwell::support::{load_library_permanently, search_for_address_of_symbol};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use targets::External;

/// What cargo leaves in the folder of everything it builds.
const CARGO_MARK: &str = "CACHEDIR.TAG";

/// The registering functions that have been called.
static REGISTERED: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// Makes the target of a plugin known to LLVM; what comes after the first success does nothing.
///
/// # Errors
/// [`LlvmError::NoPlugin`] if there is none, [`LlvmError::Plugin`] if it is for another LLVM or another version of this
/// program.
pub(super) fn register(triple: &str, external: &External) -> Result<(), LlvmError> {
    let mut registered = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner);
    if registered.contains(&external.register) {
        return Ok(());
    }
    let path = find(external).ok_or_else(|| LlvmError::NoPlugin {
        triple: triple.to_owned(),
        recipe: external.recipe,
        variable: external.variable,
    })?;
    let unusable = |problem| LlvmError::Plugin {
        path: path.display().to_string(),
        problem,
        recipe: external.recipe,
    };
    if !path.is_file() {
        return Err(unusable("does not exist"));
    }
    load_library_permanently(&path)
        .map_err(|_| unusable("cannot be loaded next to this LLVM library"))?;
    let address = search_for_address_of_symbol(external.register)
        .filter(|address| *address != 0)
        .ok_or_else(|| unusable("is not of this version"))?;
    // SAFETY: the address is that of the symbol `external.register` of a loaded library, which
    // `search_for_address_of_symbol` found; by that name only the plugin's function without parameters and result is
    // exported, and libraries that were loaded permanently stay.
    let register = unsafe { std::mem::transmute::<usize, extern "C" fn()>(address) };
    register();
    registered.push(external.register);
    Ok(())
}

/// Where the plugin is: what the environment says, or where it has been found.
fn find(external: &External) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(external.variable) {
        return Some(PathBuf::from(path));
    }
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?;
    let beside = folder.join(external.plugin);
    if beside.is_file() {
        return Some(beside);
    }
    // Cargo puts programs one folder deep, tests and examples two.
    let built = folder
        .ancestors()
        .skip(1)
        .take(3)
        .find(|above| above.join(CARGO_MARK).is_file())
        .map(|target| target.join(external.folder).join(external.plugin))?;
    built.is_file().then_some(built)
}
