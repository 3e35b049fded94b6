//! The stack that C-like programs keep in linear memory, recognised as stock wamrc does.
//!
//! Exports are walked in order: defined immutable i32 constants named `__heap_base` and
//! `__data_end` fix the area, and the first mutable i32 global that starts inside it is the stack
//! pointer (spec A.5.11). The runtime uses the values to place its own heap and thread stacks.

use crate::wasm::{ConstExpr, Extern, Global, GlobalIdx, Module, ValType};

/// What was recognised. All `None` and zero if the module has no such exports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuxStack {
    /// Global holding the end of static data.
    pub data_end_global: Option<GlobalIdx>,
    /// Address behind static data, rounded up to 16.
    pub data_end: u32,
    /// Global holding the start of the heap.
    pub heap_base_global: Option<GlobalIdx>,
    /// Address of the start of the heap.
    pub heap_base: u32,
    /// Global holding the stack pointer; the heap base global if none was found.
    pub stack_top_global: Option<GlobalIdx>,
    /// Initial stack pointer: the highest address of the stack.
    pub stack_bottom: u32,
    /// Bytes of stack; 0 if no stack pointer was found.
    pub stack_size: u32,
}

impl AuxStack {
    /// The stack pointer, if one was recognised.
    #[must_use]
    pub fn checked_global(&self) -> Option<GlobalIdx> {
        self.stack_top_global
            .filter(|global| Some(*global) != self.heap_base_global)
    }
}

/// Looks for the program's stack.
pub(super) fn recognise(module: &Module<'_>) -> AuxStack {
    let mut heap_base = None;
    let mut data_end = None;
    for export in &module.exports {
        let Extern::Global(index) = export.item else {
            continue;
        };
        let Some(value) = constant(module, index, false) else {
            continue;
        };
        match export.name {
            "__heap_base" => heap_base = Some((index, value)),
            "__data_end" => data_end = Some((index, value.checked_next_multiple_of(16))),
            _ => continue,
        }
        if let (Some(heap_base), Some((data_end_global, Some(data_end)))) = (heap_base, data_end)
            && data_end <= heap_base.1
        {
            return with_stack_pointer(module, heap_base, (data_end_global, data_end));
        }
    }
    AuxStack::default()
}

fn with_stack_pointer(
    module: &Module<'_>,
    (heap_base_global, heap_base): (GlobalIdx, u32),
    (data_end_global, data_end): (GlobalIdx, u32),
) -> AuxStack {
    let found = (0..module.globals.len())
        .map(GlobalIdx::from_position)
        .find_map(|index| {
            let value = constant(module, index, true)?;
            (value <= heap_base).then_some((index, value))
        });
    let area = AuxStack {
        data_end_global: Some(data_end_global),
        data_end,
        heap_base_global: Some(heap_base_global),
        heap_base,
        ..AuxStack::default()
    };
    match found {
        Some((index, value)) => AuxStack {
            stack_top_global: Some(index),
            stack_bottom: value,
            stack_size: if value > data_end {
                value - data_end
            } else {
                value
            },
            ..area
        },
        None => AuxStack {
            stack_top_global: Some(heap_base_global),
            ..area
        },
    }
}

/// The initial value of a defined i32 global with a constant initializer.
fn constant(module: &Module<'_>, index: GlobalIdx, mutable: bool) -> Option<u32> {
    let Global { ty, origin } = module.globals.get(index.position())?;
    if ty.value != ValType::I32 || ty.mutable != mutable {
        return None;
    }
    match origin.defined()? {
        ConstExpr::I32(value) => Some(value.cast_unsigned()),
        _ => None,
    }
}
