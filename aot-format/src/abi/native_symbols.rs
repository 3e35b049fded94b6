//! Every symbol name a stock runtime may resolve, and in which builds.
//!
//! Names with a signature of ours come from [`super::builtins`]; the others are here, so that a file that needs such a
//! build can be refused by saying which. Helper routines of the compiler's library are per architecture and not listed.
//!
//! Spec: `aot-v6.md` B.12.

use super::builtins::{Builtin, When};

/// Builds with static profile-guided optimisation.
pub const STATIC_PGO: &[&str] = &[
    "__llvm_profile_instrument_target",
    "__llvm_profile_instrument_memop",
];

/// Builds with garbage collection.
pub const GARBAGE_COLLECTION: &[&str] = &[
    "aot_array_init_with_data",
    "aot_func_type_is_super_of",
    "wasm_array_obj_copy",
];

/// Builds with stringref.
pub const STRINGREF: &[&str] = &[
    "wasm_stringref_obj_new",
    "wasm_stringview_wtf8_obj_new",
    "wasm_stringview_wtf16_obj_new",
    "wasm_stringview_iter_obj_new",
    "wasm_string_destroy",
    "wasm_string_new_const",
    "wasm_string_new_with_encoding",
    "wasm_string_measure",
    "wasm_string_wtf16_get_length",
    "wasm_string_encode",
    "wasm_string_concat",
    "wasm_string_eq",
    "wasm_string_is_usv_sequence",
    "wasm_string_create_view",
    "wasm_string_advance",
    "wasm_string_slice",
    "wasm_string_get_wtf16_codeunit",
    "wasm_string_next_codepoint",
    "wasm_string_rewind",
    "wasm_string_dump",
];

/// Which builds of stock WAMR resolve this name; `None` for no build.
#[must_use]
pub fn when(name: &str) -> Option<When> {
    if let Some(builtin) = Builtin::from_name(name) {
        return Some(builtin.when());
    }
    let lists = [
        (STATIC_PGO, When::StaticPgo),
        (GARBAGE_COLLECTION, When::GarbageCollection),
        (STRINGREF, When::Stringref),
    ];
    lists
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, when)| *when)
}

/// Whether this project's runtime resolves this name.
#[must_use]
pub fn provided(name: &str) -> bool {
    when(name).is_some_and(When::provided)
}

/// Whether the default build of stock iwasm resolves this name.
#[must_use]
pub fn in_default_build(name: &str) -> bool {
    when(name).is_some_and(When::in_default_build)
}
