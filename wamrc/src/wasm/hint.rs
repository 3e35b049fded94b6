//! Branch hints: the custom section `metadata.code.branch_hint` (branch hinting proposal).
//!
//! For each function the section lists conditional branches, by their offset from the start of the body,
//! with the direction they usually take. It says nothing about what the code means: a section that cannot
//! be read, or that follows the code, is ignored, as is a hint for anything but a conditional branch.

use super::index::{FuncIdx, WasmOffset};
use std::collections::BTreeMap;
use wasmparser::{CustomSectionReader, KnownCustom};

/// What a conditional branch usually does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Its condition holds.
    Taken,
    /// Its condition does not hold.
    NotTaken,
}

/// Hints by function, each list in ascending order of the offset from the start of the body.
pub(super) type Hints = BTreeMap<FuncIdx, Vec<(u32, Hint)>>;

/// Reads the section; `None` for any other and for a malformed one.
pub(super) fn read_hints(section: &CustomSectionReader<'_>) -> Option<Hints> {
    let KnownCustom::BranchHints(functions) = section.as_known() else {
        return None;
    };
    let mut all = Hints::new();
    for function in functions {
        let function = function.ok()?;
        let index = FuncIdx(function.func);
        if all.keys().next_back().is_some_and(|last| *last >= index) {
            return None;
        }
        let mut hints: Vec<(u32, Hint)> = Vec::new();
        for hint in function.hints {
            let hint = hint.ok()?;
            if hints
                .last()
                .is_some_and(|(last, _)| *last >= hint.func_offset)
            {
                return None;
            }
            let direction = match hint.taken {
                true => Hint::Taken,
                false => Hint::NotTaken,
            };
            hints.push((hint.func_offset, direction));
        }
        all.insert(index, hints);
    }
    Some(all)
}

/// The hints of a function whose body starts at `start`, by the offset in the file.
pub(super) fn place_hints(hints: Vec<(u32, Hint)>, start: u64) -> Vec<(WasmOffset, Hint)> {
    let placed = |(offset, hint)| (WasmOffset(start + u64::from(offset)), hint);
    hints.into_iter().map(placed).collect()
}
