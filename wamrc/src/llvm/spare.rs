//! A stack slot for emergencies, on machines where LLVM forgets it (Xtensa, LLVM 22).
//!
//! Loads and stores there reach 255 to 1020 bytes above the stack pointer; the address of what lies farther needs a
//! register. Where none is free, one is saved in a slot of the frame that LLVM reserves for it, but only if the frame is
//! larger than two KiB or the function so long (128 KiB) that branches need a register, too. In between it ends the
//! process. So every function that is not tiny says that it is long: by a piece of assembly that LLVM counts by its text,
//! and that assembles to nothing. It stands in the first block, which no branch crosses, and no branch becomes longer for
//! it.

use super::module::Module;
use inkwell::values::{FunctionValue, InstructionValue};

/// Instructions from which on a function is not tiny.
const TINY: usize = 24;

/// Not assembled, but counted as 128 KiB of code.
const LONG: &str = ".if 0\n.space 131072\n.endif";

impl Module<'_> {
    /// Has LLVM reserve the slot, four bytes, in functions that can need it. To be called after all optimisations.
    pub(super) fn reserve_spare_slots(&self) {
        for function in self.inner.get_functions() {
            let first = instructions(function).next();
            if let Some(first) = first.filter(|_| !is_tiny(function)) {
                self.reserve_spare_slot(first);
            }
        }
    }

    fn reserve_spare_slot(&self, first: InstructionValue<'_>) {
        let context = self.context.inner();
        let ty = context.void_type().fn_type(&[], false);
        let text = (LONG.to_owned(), String::new());
        let long = context.create_inline_asm(ty, text.0, text.1, true, false, None, false);
        let builder = context.create_builder();
        builder.position_before(&first);
        builder
            .build_indirect_call(ty, long, &[], "")
            .expect("invariant: the builder has a position");
    }
}

/// Whether all values of a function together are in reach: eight bytes each at most, and a vector is many.
fn is_tiny(function: FunctionValue<'_>) -> bool {
    let vectors = |instruction: InstructionValue<'_>| instruction.get_type().is_vector_type();
    instructions(function).take(TINY).count() < TINY && !instructions(function).any(vectors)
}

fn instructions<'c>(
    function: FunctionValue<'c>,
) -> impl Iterator<Item = InstructionValue<'c>> + use<'c> {
    let blocks = function.get_basic_block_iter();
    blocks.flat_map(|block| block.get_instructions())
}
