//! Code that is executed where the file is: nothing in it may have to be changed by a loader (spec A.6, D.15).

use crate::error::CompileError;
use crate::object::{Extracted, Relocation};
use crate::options::Runtime;
use crate::plan::{parse_entry_symbol, parse_internal_symbol};
use crate::wasm::{FuncIdx, Module};
use aot_format::NativeSymbol;
use aot_format::abi::native_symbols;

const ABSOLUTE: &str = "an absolute address, which the code of this target uses for its own parts";
const LIBRARY: &str = "which llvm calls directly in place of instructions the cpu does not have; \
    --disable-llvm-intrinsics or --enable-builtin-intrinsics=GROUP has operations call the runtime through the table";
const RUNTIME: &str = "a function of the runtime that is not called through the table";

/// Checks that nothing is left to a loader, and that the runtime has what the table holds.
///
/// # Errors
/// [`CompileError::InPlace`] names the first function with a relocation, and why it has one;
/// [`CompileError::StockTable`] a function that the runtime lacks.
pub(crate) fn check(
    module: &Module<'_>,
    extracted: &Extracted,
    table: &[String],
    runtime: Runtime,
) -> Result<(), CompileError> {
    let missing = |symbol: &&String| match NativeSymbol::parse(symbol) {
        NativeSymbol::Address(name) => !native_symbols::in_default_build(name),
        _ => false,
    };
    if runtime == Runtime::Stock
        && let Some(symbol) = table.iter().find(missing).cloned()
    {
        return Err(CompileError::StockTable { symbol });
    }
    let Some(relocation) = extracted.relocations.first() else {
        return Ok(());
    };
    let symbol = relocation.symbol.clone();
    Err(CompileError::InPlace {
        function: function(module, extracted, relocation),
        cause: match symbol.as_str() {
            ".text" => ABSOLUTE,
            name if native_symbols::provided(name) && name.starts_with("aot_") => RUNTIME,
            _ => LIBRARY,
        },
        symbol,
    })
}

/// The function that contains a relocation, as a user knows it.
fn function(module: &Module<'_>, extracted: &Extracted, relocation: &Relocation) -> String {
    let before = extracted.names.iter().rev();
    let mut before = before.filter(|(at, _)| at.0 <= relocation.offset);
    let Some((_, symbol)) = before.next() else {
        return "(none: constants)".to_owned();
    };
    let defined = parse_internal_symbol(symbol).or_else(|| parse_entry_symbol(symbol));
    let Some(defined) = defined else {
        return symbol.clone();
    };
    let index = FuncIdx(defined.saturating_add(module.imported_functions));
    let known = module
        .function_names
        .iter()
        .find(|(known, _)| *known == index);
    match known {
        Some((_, name)) => format!("{} {name:?}", index.0),
        None => index.0.to_string(),
    }
}
