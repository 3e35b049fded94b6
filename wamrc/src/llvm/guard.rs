//! Loop guards: what lets LLVM vectorise loops over a 32-bit linear memory.
//!
//! wasm addresses are 32-bit sums that may wrap, and every access has the same base pointer, so LLVM can prove
//! neither that neighbouring elements are neighbours nor that two arrays are apart. For innermost loops with regular
//! addresses a run-time guard proves both, in front of a copy of the loop with 64-bit addresses and alias scopes; the
//! original stays for when it fails (`docs/decisions/`, "loop guards"). Runs between two LLVM pipelines, on loops in
//! rotated, simplified, LCSSA form; changes speed only.

mod affine;
mod analysis;
mod ir;
mod large;
mod near;
mod reroll;
mod rewrite;
mod rolled;
#[cfg(test)]
mod tests;

use super::module::Module;

/// Guards the innermost loops of every function; returns how many loops got a guard.
pub(super) fn guard_loops(module: &Module<'_>) -> usize {
    guard_module(ir::Module(module.inner.as_mut_ptr()))
}

fn guard_module(module: ir::Module) -> usize {
    let mut guarded = 0;
    for function in module.functions() {
        large::keep_large_functions_scalar(module.context(), function);
        let found: Vec<_> = ir::Block::of_function(function)
            .filter_map(analysis::analyse)
            .collect();
        guarded += found.len();
        for candidate in &found {
            rewrite::rewrite(module, candidate);
        }
    }
    guarded
}
