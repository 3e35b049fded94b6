//! Which run-time checks the code makes (spec D.1, D.8, C.10.1).

use super::aux::AuxStack;
use crate::options::{AuxStackCheck, BoundsCheck, Options, StackCheck};
use crate::wasm::GlobalIdx;

/// The checks of one module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Bounds of linear memory. With `GuardPages` the code also relies on traps that do not return
    /// (spec C.10.1); with `Emit` it tests for an exception after each call.
    pub bounds: BoundsCheck,
    /// Native stack.
    pub stack: StackCheck,
    /// The global whose writes are compared with the bounds of the program's stack.
    pub aux_stack_global: Option<GlobalIdx>,
}

impl Checks {
    /// Derives the checks from the options and what is known of the program's stack.
    #[must_use]
    pub fn new(options: &Options, aux_stack: &AuxStack) -> Self {
        let aux_stack_global = match options.aux_stack_check {
            AuxStackCheck::Emit => aux_stack.checked_global(),
            AuxStackCheck::Omit => None,
        };
        Self {
            bounds: options.bounds_check,
            stack: options.stack_check,
            aux_stack_global,
        }
    }

    /// Whether a trap raised in a callee or helper unwinds past the caller, so that code after a
    /// raised trap is unreachable and calls need no test.
    #[must_use]
    pub fn traps_unwind(&self) -> bool {
        self.bounds == BoundsCheck::GuardPages
    }
}
