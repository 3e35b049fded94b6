//! Frame sizes for the native stack check (spec C.2.2), known only after code generation.
//!
//! The entry of a function compares the stack pointer minus its number in `.aot_stack_sizes` with
//! the stack's end before it enters the body.

use crate::error::CompileError;
use crate::llvm::StackSize;
use crate::object::Extracted;
use crate::options::StackCheck;
use crate::plan::{Plan, parse_internal_symbol};
use crate::wasm::FuncIdx;
use std::collections::BTreeMap;
use targets::Endian;

/// Section that the code reads the numbers from.
const SECTION: &str = ".aot_stack_sizes";

/// Bytes each call takes besides its arguments: return address and alignment.
const CALL_BYTES: u64 = 32;

/// What is known of the functions' frames.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    /// Frame sizes by symbol, as LLVM reports them.
    pub sizes: Vec<StackSize>,
    /// For each defined function the most bytes that its calls take for arguments.
    pub call_bytes: Vec<u32>,
}

impl Frames {
    /// Writes the numbers into the section.
    pub(super) fn patch(
        &self,
        extracted: &mut Extracted,
        plan: &Plan,
        endian: Endian,
    ) -> Result<(), CompileError> {
        if plan.checks.stack == StackCheck::GuardPage || plan.functions.is_empty() {
            return Ok(());
        }
        let missing = || CompileError::internal(format!("object has no complete {SECTION}"));
        let start = extracted.stack_sizes.ok_or_else(missing)?;
        let start = usize::try_from(start.0).map_err(|_| missing())?;
        let bytes = extracted.text.get_mut(start..).ok_or_else(missing)?;
        let (words, _) = bytes.as_chunks_mut::<4>();
        let words = words.get_mut(..plan.functions.len()).ok_or_else(missing)?;
        let sizes: BTreeMap<u32, u64> = self
            .sizes
            .iter()
            .filter_map(|frame| Some((parse_internal_symbol(&frame.symbol)?, frame.bytes)))
            .collect();
        for (word, defined) in words.iter_mut().zip(0_u32..) {
            // LLVM does not report functions that use no stack.
            let frame = sizes.get(&defined).copied().unwrap_or(0);
            let position = FuncIdx(defined).position();
            let calls = self.call_bytes.get(position).copied().unwrap_or(0);
            let bytes = frame
                .saturating_add(CALL_BYTES)
                .saturating_add(u64::from(calls));
            // What does not fit overflows any stack.
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            endian.write(bytes.into(), word);
        }
        Ok(())
    }
}
