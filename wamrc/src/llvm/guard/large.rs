//! Loops that LLVM's vectoriser is not to look at.
//!
//! In a function of thousands of blocks (an interpreter's switch) the vectoriser spends seconds on loops it then
//! leaves alone. There only loops of a single block stay candidates.

use std::collections::HashMap;

use super::ir::{Block, Context, Value};

/// Functions with more blocks than this have their larger loops marked.
const MAX_BLOCKS: usize = 512;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Open,
    Done,
}

/// Marks the loops of more than one block of a very large function.
pub(super) fn keep_large_functions_scalar(context: Context, function: Value) {
    let Some(entry) = Block::of_function(function).next() else {
        return;
    };
    if Block::of_function(function).count() <= MAX_BLOCKS {
        return;
    }
    for latch in latches(entry) {
        latch
            .terminator()
            .set_loop_options(context, &[context.not_vectorised()]);
    }
}

/// The blocks that branch back to the start of a loop they are in, other than to themselves: depth first, those with
/// a successor that is still open.
fn latches(entry: Block) -> Vec<Block> {
    let mut state = HashMap::from([(entry, Visit::Open)]);
    let mut path = vec![(entry, entry.successors())];
    let mut found = Vec::new();
    while let Some((block, rest)) = path.last_mut() {
        let block = *block;
        match rest.pop() {
            None => {
                state.insert(block, Visit::Done);
                path.pop();
            }
            Some(next) => match state.get(&next) {
                None => {
                    state.insert(next, Visit::Open);
                    path.push((next, next.successors()));
                }
                Some(Visit::Open) if next != block => found.push(block),
                Some(_) => {}
            },
        }
    }
    found
}
