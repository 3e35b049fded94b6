//! Every decision that needs no LLVM: where things lie in an instance, what functions are called,
//! which checks are made, what the file will ask of a runtime.
//!
//! [`plan`] is pure; `lower` and `assemble` only transcribe what it says. Spec: parts C and D.1 of
//! the container's specification.

mod aux;
mod checks;
mod dispatch;
mod escape;
mod exception;
mod layout;
mod partition;
pub mod passing;
mod requirement;
mod roots;
mod shape;
mod symbol;
#[cfg(test)]
mod tests;

pub use aux::AuxStack;
pub use checks::Checks;
pub use dispatch::Targets;
pub use exception::ExceptionPlan;
pub use layout::{AddressCheck, GlobalAccess, GlobalPlan, MemoryAccess, MemoryPlan, TablePlan};
pub use partition::{Partition, Partitions};
pub use passing::{Place, Registers};
pub use requirement::Requirements;
pub use roots::{RootPlan, is_object};
pub use shape::{FieldPlan, Shape, TypePlan};
pub use symbol::{
    check_symbol, function_symbol, internal_symbol, parse_entry_symbol, parse_internal_symbol,
    parse_thunk_symbol, thunk_symbol,
};

use crate::error::CompileError;
use crate::options::{Options, StackCheck};
use crate::wasm::{FuncIdx, Module, TableIdx, TypeIdx};
use aot_format::References;
use std::collections::{BTreeMap, BTreeSet};
use targets::FloatResults;

/// A function defined by the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionPlan {
    /// Index in the function index space.
    pub index: FuncIdx,
    /// Position among the defined functions: the `N` of its symbol.
    pub defined: u32,
    /// Symbol of the entry everyone calls.
    pub symbol: String,
    /// Canonical type.
    pub ty: TypeIdx,
    /// Whether anything but direct calls of this module can reach it: exported, named by an element
    /// segment, a global or `ref.func`, or the start function. Others may be inlined away: the
    /// runtime never asks for their address.
    pub escapes: bool,
    /// The frame that shows its references to the collector, if it needs one.
    pub roots: Option<RootPlan>,
    /// A collection may happen while it runs. Known only if any function has a root frame.
    pub collects: bool,
}

/// An entry thunk: calls any function of one signature with values from an array of 64-bit slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThunkPlan {
    /// Canonical type.
    pub ty: TypeIdx,
    /// Symbol.
    pub symbol: String,
}

/// All decisions for one module.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What references are, and so how large.
    pub references: References,
    /// One per type of the index space.
    pub types: Vec<TypePlan>,
    /// One per memory of the index space. Empty if the module has none, although the container
    /// then lists a dummy memory (which the layout accounts for).
    pub memories: Vec<MemoryPlan>,
    /// One per global of the index space.
    pub globals: Vec<GlobalPlan>,
    /// One per table of the index space.
    pub tables: Vec<TablePlan>,
    /// What the tables that never change hold, for direct dispatch of `call_indirect`.
    pub dispatch: BTreeMap<TableIdx, Vec<Option<FuncIdx>>>,
    /// Where such a table holds only a few small functions of a type: these, by table and type.
    pub targets: BTreeMap<(TableIdx, TypeIdx), Targets>,
    /// One per defined function, in order.
    pub functions: Vec<FunctionPlan>,
    /// Canonical type of each imported function.
    pub imported_types: Vec<TypeIdx>,
    /// Entry thunks, ascending by type.
    pub thunks: Vec<ThunkPlan>,
    /// Checks to emit.
    pub checks: Checks,
    /// The stack that the program keeps in linear memory, as far as it was recognised.
    pub aux_stack: AuxStack,
    /// Byte offset of the extra structure in the module instance.
    pub extra_offset: u32,
    /// Bodies get the base address of memory 0 as their second parameter. Decided for memories
    /// that never move, where the stack is not checked: then callers know the base already.
    pub passes_base: bool,
    /// Bodies are called in the convention of tail calls, not the platform's.
    pub tail_calls: bool,
    /// What bodies then get in registers.
    pub registers: Registers,
    /// What becomes of floats that functions of the ABI return.
    pub float_results: FloatResults,
    /// What the module has to do with exceptions.
    pub exceptions: ExceptionPlan,
    /// What the file asks of a runtime.
    pub requirements: Requirements,
    /// What is compiled together.
    pub partitions: Partitions,
}

impl Plan {
    /// The canonical type of any function of the index space.
    #[must_use]
    pub fn function_type(&self, function: FuncIdx) -> Option<TypeIdx> {
        let position = function.position();
        match self.imported_types.get(position) {
            Some(ty) => Some(*ty),
            None => self.defined(function).map(|function| function.ty),
        }
    }

    /// Whether bodies are called in another way than functions of the ABI, so that an entry stands in
    /// front of those that something outside can reach. Else, with stack checks, wrappers of the
    /// ABI's signature stand in front of all.
    #[must_use]
    pub fn has_entries(&self) -> bool {
        self.checks.stack == StackCheck::GuardPage || self.calls_bodies()
    }

    /// Whether functions that are known by their index are called without their entries, because
    /// bodies are called in another way.
    #[must_use]
    pub fn calls_bodies(&self) -> bool {
        self.tail_calls || self.exceptions.any_signals()
    }

    /// The plan of a defined function, or nothing for an import.
    #[must_use]
    pub fn defined(&self, function: FuncIdx) -> Option<&FunctionPlan> {
        let position = function.position().checked_sub(self.imported_types.len())?;
        self.functions.get(position)
    }

    /// Bytes of WebAssembly code in each partition, copies included.
    #[must_use]
    pub fn partition_bytes(&self, module: &Module<'_>) -> Vec<u64> {
        let bodies: Vec<u64> = module
            .defined_functions()
            .map(|(_, _, body)| body.size.into())
            .collect();
        let size = |defined: u32| {
            bodies
                .get(FuncIdx(defined).position())
                .copied()
                .unwrap_or(0)
        };
        let partitions = self.partitions.list.iter();
        partitions
            .map(|it| {
                it.functions
                    .clone()
                    .chain(it.copies.iter().copied())
                    .map(size)
                    .sum()
            })
            .collect()
    }

    /// Number of imported functions.
    #[must_use]
    pub fn import_count(&self) -> u32 {
        FuncIdx::from_position(self.imported_types.len()).0
    }

    /// Number of defined functions.
    #[must_use]
    pub fn defined_count(&self) -> u32 {
        FuncIdx::from_position(self.functions.len()).0
    }
}

/// Decides everything for a module.
///
/// # Errors
/// `Limit` if the module's globals and tables do not fit the instance's 32-bit layout or a type
/// index of an import does not fit the container.
pub fn plan(module: &Module<'_>, options: &Options) -> Result<Plan, CompileError> {
    let references = shape::references(module, options);
    let layout = layout::lay_out(module, references, options)?;
    let aux_stack = aux::recognise(module);
    let escaping = escape::escaping_functions(module);
    let imported_types = imported_types(module)?;
    let root_plans = roots::plan_frames(module, references)?;
    let functions: Vec<FunctionPlan> = module
        .defined_functions()
        .zip(0_u32..)
        .map(|((index, ty, _), defined)| FunctionPlan {
            index,
            defined,
            symbol: function_symbol(defined),
            ty: module.canonical_type(ty),
            escapes: escaping.contains(&index),
            roots: root_plans.frames.get(&index).copied(),
            collects: root_plans.collecting.contains(&index),
        })
        .collect();
    let thunk_types: BTreeSet<TypeIdx> = functions
        .iter()
        .filter(|function| function.escapes)
        .map(|function| function.ty)
        .collect();
    let thunks = thunk_types
        .into_iter()
        .map(|ty| ThunkPlan {
            ty,
            symbol: thunk_symbol(ty),
        })
        .collect();
    let checks = Checks::new(options, &aux_stack);
    let fixed_memory = layout.memories.first().is_some_and(|m| !m.base_moves);
    let passes_base = fixed_memory && checks.stack == StackCheck::GuardPage;
    let dispatch = dispatch::constant_tables(module, &layout.tables);
    let tail_calls = module.uses.tail_calls;
    let exceptions = exception::plan_exceptions(module, &layout.tables, &escaping, &checks)?;
    let simd = module.uses.simd.is_some();
    let form = passing::form(options.target, simd, exceptions.any_signals());
    let registers = Registers::new(options.target, options.float_abi(), form);
    let area = match tail_calls {
        true => passing::area_bytes(module, passes_base, &registers)?,
        false => 0,
    };
    let requirements = Requirements {
        argument_area: area > 0,
        exceptions: exceptions.used,
        ..Requirements::new(module, references, &layout, &checks)
    };
    let mut plan = Plan {
        references,
        types: shape::plan_types(module, references, options)?,
        memories: layout.memories,
        globals: layout.globals,
        targets: dispatch::small_targets(module, &dispatch),
        dispatch,
        tables: layout.tables,
        functions,
        imported_types,
        thunks,
        checks,
        aux_stack,
        extra_offset: layout.extra_offset,
        passes_base,
        tail_calls,
        float_results: options.target.float_results,
        registers,
        exceptions,
        requirements,
        partitions: Partitions::default(),
    };
    plan.partitions = partition::divide(module, &plan, options)?;
    Ok(plan)
}

/// Canonical types of the imported functions; the container has 16 bits for each (A.5.10).
fn imported_types(module: &Module<'_>) -> Result<Vec<TypeIdx>, CompileError> {
    let imported = FuncIdx(module.imported_functions).position();
    let types = module.functions.iter().take(imported).map(|function| {
        let ty = module.canonical_type(function.ty);
        if ty.0 > u32::from(u16::MAX) {
            return Err(CompileError::Limit {
                what: "type index of an imported function",
                value: u64::from(ty.0),
                limit: u64::from(u16::MAX),
                offset: None,
            });
        }
        Ok(ty)
    });
    types.collect()
}
