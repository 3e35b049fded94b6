//! The accepted WebAssembly features, and names for all others.
//!
//! A module is validated with exactly the accepted features. If that fails, [`diagnose`] tells a
//! module that is wrong from one that needs a feature which does not exist here yet: the first
//! failure goes away, or moves to a later offset, when the feature is switched on.

use super::index::WasmOffset;
use crate::error::CompileError;
use wasmparser::{Parser, ValidPayload, Validator, WasmFeatures};

/// WebAssembly 1.0 plus mutable globals, sign extension, saturating conversions, multi-value, bulk
/// memory, reference types, extended constant expressions, fixed-width and relaxed SIMD, wide
/// arithmetic, tail calls, several memories, 64-bit memories and tables, custom page sizes, typed
/// function references, garbage collection, threads and exceptions in both forms.
pub(super) const ACCEPTED: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::WIDE_ARITHMETIC)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::CUSTOM_PAGE_SIZES)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::FUNCTION_REFERENCES)
    .union(WasmFeatures::GC)
    .union(WasmFeatures::GC_TYPES);

/// Features that are refused by name. Where one includes another the smaller comes first.
const REFUSED: &[(WasmFeatures, &str)] = &[
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (
        WasmFeatures::SHARED_EVERYTHING_THREADS,
        "shared-everything threads",
    ),
    (WasmFeatures::CUSTOM_DESCRIPTORS, "custom descriptors"),
    (WasmFeatures::COMPACT_IMPORTS, "compact import sections"),
    (
        WasmFeatures::ACQUIRE_RELEASE_ATOMICS,
        "acquire/release atomics",
    ),
    (
        WasmFeatures::MULTIBYTE_ARRAY_ACCESS,
        "multi-byte array access",
    ),
];

/// Turns the failure of validating with the accepted features into the error to report.
pub(super) fn diagnose(bytes: &[u8], error: &wasmparser::Error) -> CompileError {
    let offset = WasmOffset(error.offset());
    let named = error.missing_wasm_feature().and_then(|missing| {
        let entry = REFUSED
            .iter()
            .find(|(feature, _)| feature.intersects(missing))?;
        Some(entry.1)
    });
    let feature = named.or_else(|| probe(bytes, offset));
    match feature {
        Some(feature) => CompileError::Unsupported { feature, offset },
        None => CompileError::Invalid {
            message: error.message().to_owned(),
            offset,
        },
    }
}

/// Finds the feature that gets validation past `offset`.
fn probe(bytes: &[u8], offset: WasmOffset) -> Option<&'static str> {
    let gets_past = |features| match first_failure(bytes, features) {
        None => true,
        Some(failure) => failure > offset,
    };
    let single = REFUSED
        .iter()
        .find(|(feature, _)| gets_past(ACCEPTED | *feature));
    if let Some((_, name)) = single {
        return Some(name);
    }
    gets_past(WasmFeatures::all()).then_some("a combination of proposals")
}

/// Where validation with the given features fails first.
fn first_failure(bytes: &[u8], features: WasmFeatures) -> Option<WasmOffset> {
    validate_all(bytes, features)
        .err()
        .map(|error| WasmOffset(error.offset()))
}

/// Validates without keeping anything. Functions are checked when they are reached, unlike in
/// `Validator::validate_all`, so that the first failure is the one nearest to the file's start.
fn validate_all(bytes: &[u8], features: WasmFeatures) -> Result<(), wasmparser::Error> {
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let mut validator = Validator::new_with_features(features);
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    for payload in parser.parse_all(bytes) {
        if let ValidPayload::Func(function, body) = validator.payload(&payload?)? {
            let mut function = function.into_validator(allocations);
            function.validate(&body)?;
            allocations = function.into_allocations();
        }
    }
    Ok(())
}

impl From<wasmparser::Error> for CompileError {
    /// For readers that run after validation; `parse` diagnoses before it converts.
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid {
            message: error.message().to_owned(),
            offset: WasmOffset(error.offset()),
        }
    }
}
