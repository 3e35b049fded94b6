//! Options of the compiler, in the words that `wamrc` has for them, as far as the suite can do with them.

use wamrc::Options;
use wamrc::options::{BoundsCheck, Cpu, OptLevel, Partitioning, StackCheck};

/// Applies one word of a command line.
///
/// # Errors
/// The word is none of the options that are understood here.
pub(crate) fn apply(word: &str, options: &mut Options) -> Result<(), String> {
    match word.split_once('=') {
        Some(("--opt-level", "0")) => options.opt_level = OptLevel::O0,
        Some(("--opt-level", "1")) => options.opt_level = OptLevel::O1,
        Some(("--opt-level", "2")) => options.opt_level = OptLevel::O2,
        Some(("--opt-level", "3")) => options.opt_level = OptLevel::O3,
        Some(("--bounds-checks", "0")) => options.bounds_check = BoundsCheck::GuardPages,
        Some(("--bounds-checks", "1")) => options.bounds_check = BoundsCheck::Emit,
        Some(("--stack-bounds-checks", "0")) => options.stack_check = StackCheck::GuardPage,
        Some(("--stack-bounds-checks", "1")) => options.stack_check = StackCheck::Emit,
        Some(("--part-size", bytes)) => {
            let bytes = bytes.parse().map_err(|error| format!("{word}: {error}"))?;
            options.partitioning = Partitioning::Parts(bytes);
        }
        Some(("--target-abi", name)) => {
            let abi = options.target.abis.iter().find(|abi| abi.name == name);
            let unknown = || format!("{} has no ABI {name}", options.target.name);
            options.abi = Some(abi.ok_or_else(unknown)?);
        }
        Some(("--cpu", name)) => options.cpu = Cpu::Named(name.to_owned()),
        Some(("--cpu-features", list)) => list.clone_into(&mut options.cpu_features),
        _ => {
            return Err(format!(
                "the suite takes --opt-level=N, --bounds-checks=N, --stack-bounds-checks=N, --part-size=N, \
                 --target-abi=NAME, --cpu=NAME and --cpu-features=LIST, not {word}"
            ));
        }
    }
    Ok(())
}
