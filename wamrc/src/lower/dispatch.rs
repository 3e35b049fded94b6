//! `call_indirect` through a table whose content never changes (`Plan::dispatch`).
//!
//! The functions stand in a constant array next to the code, each with its type: bounds check, type
//! check, call. That is what a C compiler makes of a call through an array of function pointers, plus
//! the two checks. Where only a few small functions have the type, the index is compared instead and
//! each is called directly, so that LLVM can put its body in place of the call.

use super::Unit;
use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Access, Function, IntCompare, Reach, Region, Type, Value};
use crate::plan::Targets;
use crate::wasm::{FuncType, TableIdx, TypeIdx};
use aot_format::abi::traps::TrapId;

/// The tag of an entry without a function; no type has this index.
const NO_FUNCTION: u32 = u32::MAX;
/// Bytes of an entry: distance and tag.
const ENTRY_BYTES: u32 = 8;

impl<'c> Unit<'_, 'c, '_> {
    /// The constant array for a table, made when it is first asked for.
    fn dispatch_table(&self, table: TableIdx) -> Option<Value<'c>> {
        let entries = self.plan.dispatch.get(&table)?;
        let made = self.dispatch.borrow().get(&table).copied();
        made.or_else(|| {
            let symbol = format!("dispatch.{}", table.0);
            let value = self.array(&symbol, entries.len(), || {
                let entries = entries.iter().map(|entry| match entry {
                    None => Some((None, NO_FUNCTION)),
                    Some(function) => {
                        let plan = self.plan.defined(*function)?;
                        Some((Some(self.body(plan)), plan.ty.0))
                    }
                });
                entries.collect()
            })?;
            self.dispatch.borrow_mut().insert(table, value);
            Some(value)
        })
    }

    /// A constant array of functions with their tags: the first partition has those of a module of several.
    pub(super) fn array(
        &self,
        symbol: &str,
        length: usize,
        entries: impl FnOnce() -> Option<Vec<(Option<Function<'c>>, u32)>>,
    ) -> Option<Value<'c>> {
        let reach = match self.plan.partitions.are_several() {
            true => Reach::File,
            false => Reach::Module,
        };
        match self.is_first() {
            true => Some(self.llvm.tagged_functions(symbol, &entries()?, reach)),
            false => Some(self.llvm.declare_tagged_functions(symbol, length)),
        }
    }

    /// Makes the arrays that code of other partitions may ask for.
    pub(super) fn define_arrays(&self) {
        for table in &self.plan.partitions.tables {
            self.dispatch_table(*table);
        }
        if self.plan.calls_bodies() {
            self.body_array();
        }
    }
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// The constant array of a table, if it serves calls of a type: it tells types apart by equality,
    /// which is not enough where there can be subtypes.
    pub(super) fn dispatch_table_of(
        &self,
        table: TableIdx,
        ty: TypeIdx,
    ) -> Result<Option<Value<'c>>, CompileError> {
        let exact = self.type_plan(ty.0)?.is_final;
        Ok(exact.then(|| self.unit.dispatch_table(table)).flatten())
    }

    /// The code of a table element; traps unless it is there, not null and of the type.
    pub(super) fn dispatched(
        &mut self,
        table: Value<'c>,
        size: u32,
        element: Value<'c>,
        ty: TypeIdx,
    ) -> Value<'c> {
        let (place, found) = self.element_tag(table, size, element);
        let wanted = self.b.int(Type::I32, ty.0.into());
        let different = self.b.icmp(IntCompare::Ne, found, wanted);
        let (rare, usual) = (self.b.block("not_of_type"), self.b.block("dispatch"));
        self.b.branch_rarely(different, rare, usual);
        self.b.continue_at(rare);
        self.refuse_tag(found);
        self.b.continue_at(usual);
        self.b.tagged_function(table, place)
    }

    /// Calls whichever of a few functions the element holds; traps if it holds none of them.
    pub(super) fn call_one_of(
        &mut self,
        targets: &Targets,
        (table, size): (Value<'c>, u32),
        element: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Result<Vec<Value<'c>>, CompileError> {
        let (other, done) = (self.b.block("not_of_type"), self.b.block("called"));
        let mut cases = Vec::new();
        let mut blocks = Vec::with_capacity(targets.len());
        for (function, elements) in targets {
            let block = self.b.block("target");
            cases.extend(elements.iter().map(|element| (*element, block)));
            blocks.push((*function, block));
        }
        self.b.switch(element, other, &cases);
        self.b.continue_at(other);
        let (_, found) = self.element_tag(table, size, element);
        self.refuse_tag(found);
        let mut ends = Vec::with_capacity(blocks.len());
        for (function, block) in blocks {
            self.b.continue_at(block);
            let results = self.call_body(function, ty, args)?;
            ends.push((results, self.b.current()));
            self.b.jump(done);
        }
        self.b.move_to_end(done);
        self.b.continue_at(done);
        let phis = ty.results.iter().enumerate().map(|(column, ty)| {
            let phi = self.b.phi(self.unit.machine_type(*ty));
            for (results, end) in &ends {
                if let Some(result) = results.get(column) {
                    phi.add(*result, *end);
                }
            }
            phi.value()
        });
        Ok(phis.collect())
    }

    /// Where an element's entry starts in the table, and its tag; traps unless it is there.
    fn element_tag(
        &mut self,
        table: Value<'c>,
        size: u32,
        element: Value<'c>,
    ) -> (Value<'c>, Value<'c>) {
        let size = self.b.int(Type::I32, size.into());
        let outside = self.b.icmp(IntCompare::Uge, element, size);
        self.trap_if(outside, TrapId::UndefinedElement);
        let place = self.scaled(element, ENTRY_BYTES);
        let entry = self.b.index(table, place);
        let tag_place = self.b.offset(entry, 4);
        let constant = Access::constant(Region::Instance, 4);
        (place, self.b.load(Type::I32, tag_place, constant))
    }

    /// Traps because an element is null or of another type; ends the block.
    fn refuse_tag(&mut self, found: Value<'c>) {
        let none = self.b.int(Type::I32, NO_FUNCTION.into());
        let is_null = self.b.icmp(IntCompare::Eq, found, none);
        self.trap_if(is_null, TrapId::UninitializedElement);
        let mismatch = self.trap_block(TrapId::InvalidFunctionTypeIndex);
        self.b.jump(mismatch);
    }
}
