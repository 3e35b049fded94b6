//! `call_indirect` through a table whose content never changes (`Plan::dispatch`).
//!
//! The functions stand in a constant array next to the code, each with its type: bounds check, type
//! check, call. That is what a C compiler makes of a call through an array of function pointers, plus
//! the two checks.

use super::Unit;
use super::function::FunctionLowering;
use crate::llvm::{Access, IntCompare, Intrinsic, Region, Type, Value};
use crate::wasm::{TableIdx, TypeIdx};
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
            let entries: Option<Vec<_>> = entries
                .iter()
                .map(|entry| match entry {
                    None => Some((None, NO_FUNCTION)),
                    Some(function) => {
                        let plan = self.plan.defined(*function)?;
                        let entry = self.bodies.get(usize::try_from(plan.defined).ok()?)?;
                        Some((Some(*entry), plan.ty.0))
                    }
                })
                .collect();
            let value = self
                .llvm
                .tagged_functions(&format!("dispatch.{}", table.0), &entries?);
            self.dispatch.borrow_mut().insert(table, value);
            Some(value)
        })
    }
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn dispatch_table(&self, table: TableIdx) -> Option<Value<'c>> {
        self.unit.dispatch_table(table)
    }

    /// The code of a table element; traps unless it is there, not null and of the type.
    pub(super) fn dispatched(
        &mut self,
        table: Value<'c>,
        size: u32,
        element: Value<'c>,
        ty: TypeIdx,
    ) -> Value<'c> {
        let size = self.b.int(Type::I32, size.into());
        let outside = self.b.icmp(IntCompare::Uge, element, size);
        self.trap_if(outside, TrapId::UndefinedElement);
        let place = self.scaled(element, ENTRY_BYTES);
        let entry = self.b.index(table, place);
        let tag_place = self.b.offset(entry, 4);
        let constant = Access::constant(Region::Instance, 4);
        let found = self.b.load(Type::I32, tag_place, constant);
        let wanted = self.b.int(Type::I32, ty.0.into());
        let different = self.b.icmp(IntCompare::Ne, found, wanted);
        let (rare, usual) = (self.b.block("not_of_type"), self.b.block("dispatch"));
        self.b.branch_rarely(different, rare, usual);
        self.b.continue_at(rare);
        let none = self.b.int(Type::I32, NO_FUNCTION.into());
        let is_null = self.b.icmp(IntCompare::Eq, found, none);
        self.trap_if(is_null, TrapId::UninitializedElement);
        let mismatch = self.trap_block(TrapId::InvalidFunctionTypeIndex);
        self.b.jump(mismatch);
        self.b.continue_at(usual);
        let size = self.unit.size_type();
        self.b
            .intrinsic(Intrinsic::LoadRelative, &[size], &[table, place])
    }
}
