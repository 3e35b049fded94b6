//! Where memories, globals and tables lie in a module instance, and how code reaches them.
//!
//! The offsets follow from the counts and types alone, so that a loader arrives at the same ones
//! (spec C.6 to C.8). The structures themselves are in `aot_format::abi`.

use super::Checks;
use crate::error::CompileError;
use crate::options::{BoundsCheck, Options};
use crate::wasm::{
    ConstExpr, ElemMode, Extern, FuncIdx, IndexType, Memory, MemoryIdx, Module, Origin, Table,
    TableIdx, ValType,
};
use aot_format::abi::layout::{self, InlineLayout, TooLarge};
use aot_format::{References, TableType};

/// How code finds a memory's descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryAccess {
    /// At a fixed byte offset in the module instance.
    Inline(u32),
    /// Through the instance's array of memory pointers: imported and shared memories.
    Pointer,
}

/// What an access at an address that is not a constant is checked for (decision 009).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressCheck {
    /// Nothing: all that 32 bits of address and 32 bits of offset reach is reserved.
    Reserved,
    /// That the address has 32 bits: then the same is reserved.
    HighBits,
    /// That the address is below the size: what follows the memory is reserved as far as usual
    /// offsets reach.
    Start,
    /// That the whole access lies below the size.
    Whole,
}

/// A memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// Index of the memory.
    pub index: MemoryIdx,
    /// How to find the descriptor.
    pub access: MemoryAccess,
    /// Type of addresses.
    pub address: IndexType,
    /// Bytes per page.
    pub page_bytes: u32,
    /// Pages it has at least at any time.
    pub min_pages: u64,
    /// Pages it can have at most.
    pub max_pages: u64,
    /// Threads can share it: its size can change between any two operators, its base never does.
    pub shared: bool,
    /// What accesses are checked for.
    pub check: AddressCheck,
    /// The size can change while code of this module runs: the module grows it, or others can.
    pub size_changes: bool,
    /// The base address can change with the size; never with guard pages or of a shared memory.
    pub base_moves: bool,
}

impl MemoryPlan {
    /// Bytes it has at least at any time; saturates, for sizes that no machine can address.
    #[must_use]
    pub fn min_bytes(&self) -> u64 {
        self.min_pages.saturating_mul(self.page_bytes.into())
    }

    /// Whether stock runtimes do with it what the code expects (see `MemoryType::OURS`).
    #[must_use]
    pub fn fits_stock(&self, checks: &Checks) -> bool {
        let guarded = self.address == IndexType::I64 && checks.traps_unwind();
        self.index == MemoryIdx(0) && self.page_bytes > 1 && !guarded
    }

    /// Whether the runtime function of the container's specification can grow it: that takes 32 bits
    /// of pages and means memory 0. It answers no size, and that of a shared memory can change between
    /// a look at it and the call.
    #[must_use]
    pub fn fits_stock_grow(&self) -> bool {
        let first = self.index == MemoryIdx(0) && !self.shared;
        first && (self.page_bytes > 1 || self.address == IndexType::I32)
    }
}

/// How code finds a global's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalAccess {
    /// At a fixed byte offset in the module instance.
    Inline(u32),
    /// Through the pointer with this position in the instance's array of imported globals: mutable
    /// imported globals.
    ImportedCell(u32),
}

/// A global.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalPlan {
    /// Type of the value.
    pub ty: ValType,
    /// Whether it can change.
    pub mutable: bool,
    /// Where the value is.
    pub access: GlobalAccess,
    /// Alignment in bytes that the address is known to have.
    pub align: u32,
    /// Byte offset of the inline copy within the module instance. Also set for imported cells,
    /// where the copy is not kept up to date.
    pub inline_offset: u32,
    /// The value, if it is a constant for all instances.
    pub constant: Option<ConstExpr>,
}

/// A table. Its inline copy is read directly, imported or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TablePlan {
    /// Byte offset of the table's structure in the module instance.
    pub offset: u32,
    /// Element type: a reference type.
    pub element: ValType,
    /// Type of indices.
    pub index: IndexType,
    /// Entries there is room for.
    pub slots: u32,
    /// Initial number of entries.
    pub min: u32,
    /// Greatest number of entries written to the container (spec A.5.6).
    pub max: u32,
    /// `table.grow` is applied to it, or others can grow it: `slots` equals `max`.
    pub may_grow: bool,
    /// The number of entries, if it never changes.
    pub fixed_size: Option<u32>,
    /// Imported or exported: others have copies, so writes go through the runtime.
    pub shared: bool,
    /// It can hold functions that are not defined here: `call_indirect` must hand those to the
    /// runtime.
    pub holds_foreign: bool,
}

/// The layout of a module's instances.
pub(super) struct Layout {
    pub(super) memories: Vec<MemoryPlan>,
    pub(super) globals: Vec<GlobalPlan>,
    pub(super) tables: Vec<TablePlan>,
    pub(super) extra_offset: u32,
}

/// Bytes that 32-bit addresses reach.
const REACH: u64 = 1 << 32;

/// Lays out an instance.
pub(super) fn lay_out(
    module: &Module<'_>,
    references: References,
    options: &Options,
) -> Result<Layout, CompileError> {
    // The container never lists zero memories (A.5.4).
    let memory_count = MemoryIdx::from_position(module.memories.len()).0.max(1);
    let mut placed = InlineLayout::new(options.target.width, memory_count).map_err(too_large)?;
    let globals = lay_out_globals(module, references, &mut placed)?;
    let mut placed = placed.tables();
    let mut tables = Vec::with_capacity(module.tables.len());
    for (position, table) in module.tables.iter().enumerate() {
        let mut plan = plan_table(module, TableIdx::from_position(position), table);
        plan.offset = placed.table(plan.slots).map_err(too_large)?;
        tables.push(plan);
    }
    let extra_offset = placed.finish().map_err(too_large)?.extra;
    Ok(Layout {
        memories: plan_memories(module, options)?,
        globals,
        tables,
        extra_offset,
    })
}

fn too_large(_: TooLarge) -> CompileError {
    CompileError::Layout
}

fn plan_memories(module: &Module<'_>, options: &Options) -> Result<Vec<MemoryPlan>, CompileError> {
    let plans = module.memories.iter().zip(0_u32..).map(|(memory, index)| {
        let imported = memory.origin.import().is_some();
        let access = if imported || memory.shared {
            MemoryAccess::Pointer
        } else {
            MemoryAccess::Inline(layout::memory(index).map_err(too_large)?)
        };
        let index = MemoryIdx(index);
        let max_pages = memory.max_pages();
        let grown = module.uses.memory_grow.contains(&index);
        let others = imported || module.is_exported(Extern::Memory(index));
        let size_changes = memory.limits.min < max_pages && (others || grown) || imported;
        Ok(MemoryPlan {
            index,
            access,
            address: memory.index,
            page_bytes: memory.page_bytes,
            shared: memory.shared,
            min_pages: memory.limits.min,
            max_pages,
            check: address_check(memory, options.bounds_check),
            size_changes,
            base_moves: size_changes && !memory.shared && options.bounds_check == BoundsCheck::Emit,
        })
    });
    plans.collect()
}

/// Guard pages stop accesses at page granularity, and within what is reserved ahead.
fn address_check(memory: &Memory<'_>, bounds: BoundsCheck) -> AddressCheck {
    let most = memory.max_pages().saturating_mul(memory.page_bytes.into());
    match (bounds, memory.page_bytes, memory.index) {
        (BoundsCheck::Emit, ..) | (_, 1, _) => AddressCheck::Whole,
        (BoundsCheck::GuardPages, _, IndexType::I32) => AddressCheck::Reserved,
        (BoundsCheck::GuardPages, _, IndexType::I64) if most <= REACH => AddressCheck::HighBits,
        (BoundsCheck::GuardPages, _, IndexType::I64) => AddressCheck::Start,
    }
}

fn lay_out_globals(
    module: &Module<'_>,
    references: References,
    placed: &mut InlineLayout,
) -> Result<Vec<GlobalPlan>, CompileError> {
    let mut imported = 0;
    let mut plans = Vec::with_capacity(module.globals.len());
    for global in &module.globals {
        let size = global.ty.value.size_in(references);
        let inline_offset = placed.global(size).map_err(too_large)?;
        let mut access = GlobalAccess::Inline(inline_offset);
        if global.origin.import().is_some() {
            if global.ty.mutable {
                access = GlobalAccess::ImportedCell(imported);
            }
            imported += 1;
        }
        let align = match access {
            GlobalAccess::Inline(offset) => 1 << offset.trailing_zeros().min(3),
            // Cells are values of other instances, packed like ours.
            GlobalAccess::ImportedCell(_) => 4,
        };
        plans.push(GlobalPlan {
            ty: global.ty.value,
            mutable: global.ty.mutable,
            access,
            align,
            inline_offset,
            constant: constant_value(global),
        });
    }
    Ok(plans)
}

/// The value of an immutable global that is the same in every instance.
fn constant_value(global: &crate::wasm::Global<'_>) -> Option<ConstExpr> {
    let value = global.origin.defined()?;
    let constant = !matches!(value, ConstExpr::GlobalGet(_) | ConstExpr::Binary { .. });
    (constant && !global.ty.mutable).then(|| value.clone())
}

/// Plans a table, all but its place.
fn plan_table(module: &Module<'_>, index: TableIdx, table: &Table<'_>) -> TablePlan {
    // Larger tables are refused when the container is made.
    let min = narrow(table.limits.min);
    let imported = table.origin.import().is_some();
    let shared = imported || module.is_exported(Extern::Table(index));
    let max = TableType::growth_limit(min, table.limits.max.map(narrow));
    let may_grow = max > min && (shared || module.uses.table_grow.contains(&index));
    let size_changes = may_grow || imported;
    TablePlan {
        offset: 0,
        element: table.element,
        index: table.index,
        slots: if may_grow { max } else { min },
        min,
        max,
        may_grow,
        fixed_size: (!size_changes).then_some(min),
        shared,
        holds_foreign: shared || may_hold_foreign(module, index),
    }
}

fn narrow(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Whether a private table can come to hold a function that this module does not define.
fn may_hold_foreign(module: &Module<'_>, index: TableIdx) -> bool {
    // What operators write could have come from anywhere.
    if module.uses.table_write.contains(&index) {
        return true;
    }
    let imported = FuncIdx(module.imported_functions);
    let initial = module.tables.get(index.position());
    if initial.is_some_and(|table| matches!(table.origin, Origin::Defined(Some(_)))) {
        return true;
    }
    module.elements.iter().any(|segment| {
        let here = matches!(&segment.mode, ElemMode::Active { table, .. } if *table == index);
        here && segment.values.iter().any(|value| match value {
            ConstExpr::RefFunc(function) => *function < imported,
            ConstExpr::RefNull(_) => false,
            _ => true,
        })
    })
}
