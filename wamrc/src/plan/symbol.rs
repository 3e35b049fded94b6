//! Symbol names that lowering defines and extraction looks for (spec C.2.1).

use crate::wasm::TypeIdx;

const FUNCTION: &str = "aot_func#";
const INTERNAL: &str = "aot_func_internal#";
const THUNK: &str = "aot_thunk#";

/// Symbol of the entry of defined function `defined`.
#[must_use]
pub fn function_symbol(defined: u32) -> String {
    format!("{FUNCTION}{defined}")
}

/// Symbol of the body of defined function `defined` where the entry is a wrapper that checks the
/// native stack.
#[must_use]
pub fn internal_symbol(defined: u32) -> String {
    format!("{INTERNAL}{defined}")
}

/// Symbol of the entry thunk for a canonical type.
#[must_use]
pub fn thunk_symbol(ty: TypeIdx) -> String {
    format!("{THUNK}{ty}")
}

/// The defined index of a function entry or body symbol.
#[must_use]
pub fn parse_function_symbol(symbol: &str) -> Option<u32> {
    let digits = symbol
        .strip_prefix(FUNCTION)
        .or_else(|| symbol.strip_prefix(INTERNAL))?;
    digits.parse().ok()
}
