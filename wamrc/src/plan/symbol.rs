//! Symbol names that lowering defines and extraction looks for (spec C.2.1).

use crate::wasm::TypeIdx;

const FUNCTION: &str = "aot_func#";
const INTERNAL: &str = "aot_func_internal#";
const CHECK: &str = "aot_func_check#";
const THUNK: &str = "aot_thunk#";

/// Symbol of the entry of defined function `defined`.
#[must_use]
pub fn function_symbol(defined: u32) -> String {
    format!("{FUNCTION}{defined}")
}

/// Symbol of the body of defined function `defined`, behind its entry.
#[must_use]
pub fn internal_symbol(defined: u32) -> String {
    format!("{INTERNAL}{defined}")
}

/// Symbol of the stack check in front of the body of defined function `defined`, where the entry is
/// another function.
#[must_use]
pub fn check_symbol(defined: u32) -> String {
    format!("{CHECK}{defined}")
}

/// Symbol of the entry thunk for a canonical type.
#[must_use]
pub fn thunk_symbol(ty: TypeIdx) -> String {
    format!("{THUNK}{ty}")
}

/// The defined index in the symbol of an entry.
#[must_use]
pub fn parse_entry_symbol(symbol: &str) -> Option<u32> {
    symbol.strip_prefix(FUNCTION)?.parse().ok()
}

/// The defined index in the symbol of a body.
#[must_use]
pub fn parse_internal_symbol(symbol: &str) -> Option<u32> {
    symbol.strip_prefix(INTERNAL)?.parse().ok()
}

/// The canonical type in the symbol of a thunk.
#[must_use]
pub fn parse_thunk_symbol(symbol: &str) -> Option<TypeIdx> {
    symbol.strip_prefix(THUNK)?.parse().ok().map(TypeIdx)
}
