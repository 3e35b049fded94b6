//! Functions of the runtime in place of instructions, and the table through which code calls them that is
//! executed in place (spec A.10, D.15).
//!
//! The table is found through the first parameter of every function, the execution environment. A slot of
//! it holds the address of a function or a constant; slots are given out here, in order of first use.

use super::alias::Region;
use super::builder::Builder;
use super::context::{Function, Value};
use super::instruction::{Access, Binary, Cast, FloatCompare};
use super::intrinsics::Intrinsic;
use super::module::Module;
use super::types::{Lane, Signature, Type};
use std::cell::RefCell;
use std::collections::HashMap;

/// An operation that a function of the runtime can carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Two operands and a result of one type.
    Binary(Binary, Type),
    /// One operand and a result of one type.
    Unary(Intrinsic, Type),
    /// Comparison of floats; the function gets a number for the predicate first (spec D.15.2).
    Compare(Type),
    /// Conversion from a type to another.
    Cast(Cast, Type, Type),
    /// A constant of a type, which is in the table itself.
    Constant(Type),
}

/// What of the code is routines, and the table.
#[derive(Default)]
pub(super) struct Routines {
    functions: RefCell<HashMap<Operation, &'static str>>,
    table: RefCell<Option<Table>>,
}

struct Table {
    /// Where the execution environment holds the address of the table, in bytes.
    at: u64,
    /// Bytes of a slot.
    slot: u32,
    /// What is in the slots (spec A.10).
    names: Vec<String>,
}

impl Table {
    /// The slot that holds this. A constant of 64 bits takes two slots of 32 bits, from an even one on.
    fn slot_of(&mut self, name: String, bytes: u32) -> u32 {
        if let Some(known) = self.names.iter().position(|known| *known == name) {
            return u32::try_from(known).expect("invariant: fewer slots than symbols of a module");
        }
        let wide = bytes > self.slot;
        if wide && self.names.len() % 2 == 1 {
            self.names.push(padding(&self.names));
        }
        let slot = self.names.len();
        self.names.push(name);
        if wide {
            self.names.push(padding(&self.names));
        }
        u32::try_from(slot).expect("invariant: fewer slots than symbols of a module")
    }
}

/// The name of a slot that stays unused.
fn padding(names: &[String]) -> String {
    format!("__ignore_{}", names.len())
}

impl<'c> Module<'c> {
    /// Code calls the runtime through the table whose address is at this offset of the execution environment.
    pub fn call_through_table(&self, at: u32) {
        let slot = self.size.get_bit_width() / 8;
        *self.routines.table.borrow_mut() = Some(Table {
            at: at.into(),
            slot,
            names: Vec::new(),
        });
    }

    /// Has functions of the runtime carry out operations from now on.
    pub fn use_routines(&self, routines: impl IntoIterator<Item = (Operation, &'static str)>) {
        self.routines.functions.borrow_mut().extend(routines);
    }

    /// What the slots of the table hold, in order; empty if there is no table.
    #[must_use]
    pub fn table(&self) -> Vec<String> {
        let table = self.routines.table.borrow();
        table.as_ref().map_or_else(Vec::new, |it| it.names.clone())
    }

    /// Whether functions of the runtime are called through the table.
    pub(super) fn has_table(&self) -> bool {
        self.routines.table.borrow().is_some()
    }

    /// The slot of a function of the runtime, if there is a table.
    pub(super) fn slot(&self, symbol: &str) -> Option<u32> {
        let mut table = self.routines.table.borrow_mut();
        Some(table.as_mut()?.slot_of(symbol.to_owned(), 0))
    }

    /// The function that carries out an operation, if one is to.
    #[must_use]
    pub fn routine(&self, operation: Operation) -> Option<&'static str> {
        self.routines.functions.borrow().get(&operation).copied()
    }
}

impl<'c> Builder<'_, 'c> {
    /// What is in a slot of the table.
    pub(super) fn slot_value(&self, slot: u32, ty: Type) -> Value<'c> {
        let table = self.module.routines.table.borrow();
        let table = table.as_ref().expect("invariant: slots are of a table");
        let exec_env = self.function.param(0);
        let exec_env =
            exec_env.expect("invariant: the execution environment is the first parameter");
        let pointer = Access::constant(Region::Instance, table.slot);
        let base = self.in_entry(|b| b.load(Type::Ptr, b.offset(exec_env, table.at), pointer));
        let place = self.offset(base, u64::from(slot) * u64::from(table.slot));
        self.load(
            ty,
            place,
            Access::constant(Region::Instance, table.slot.min(4)),
        )
    }

    /// An integer constant of the program's.
    #[must_use]
    pub fn program_int(&self, ty: Type, bits: u64) -> Value<'c> {
        let from_table = self.constant_from_table(ty, bits);
        from_table.unwrap_or_else(|| self.int(ty, bits))
    }

    /// A constant from the table, if it is to come from there.
    pub(super) fn constant_from_table(&self, ty: Type, bits: u64) -> Option<Value<'c>> {
        let prefix = self.module.routine(Operation::Constant(ty))?;
        let (name, bytes) = match ty.bits() {
            32 => (format!("{prefix}#{bits:08X}"), 4),
            _ => (format!("{prefix}#{bits:016X}"), 8),
        };
        let slot = {
            let mut table = self.module.routines.table.borrow_mut();
            table.as_mut()?.slot_of(name, bytes)
        };
        Some(self.slot_value(slot, ty))
    }

    /// The result of an operation if a function of the runtime carries it out. Float predicates come as
    /// their number in front of the operands.
    pub(super) fn by_routine(
        &self,
        operation: Operation,
        args: &[Value<'c>],
        result: Type,
    ) -> Option<Value<'c>> {
        let symbol = self.module.routine(operation)?;
        let params: Vec<_> = args.iter().map(|arg| self.type_of(*arg)).collect();
        let signature = Signature::new(&params, Some(result));
        let callee = self.module.runtime(symbol, &signature, false, true);
        self.call(callee, args)
    }

    /// As [`Builder::by_routine`], of operations whose operands and result have one type; of vectors lane by
    /// lane.
    pub(super) fn uniform(
        &self,
        operation: impl FnOnce(Type) -> Operation,
        args: &[Value<'c>],
    ) -> Option<Value<'c>> {
        if self.module.routines.functions.borrow().is_empty() {
            return None;
        }
        let ty = self.module.types.classify(args.first()?.0.get_type())?;
        let Type::Vector(lane, count) = ty else {
            return self.by_routine(operation(ty), args, ty);
        };
        let operation = operation(lane.scalar());
        // Integers have vector instructions, or none that would become calls.
        if !matches!(lane, Lane::F32 | Lane::F64) || self.module.routine(operation).is_none() {
            return None;
        }
        let mut result = self.poison(ty);
        for position in 0..count {
            let lane_of = |arg: &Value<'c>| self.extract_lane(*arg, position);
            let lanes: Vec<_> = args.iter().map(lane_of).collect();
            let value = self.by_routine(operation, &lanes, lane.scalar())?;
            result = self.insert_lane(result, value, position);
        }
        Some(result)
    }

    /// What an intrinsic computes, if functions of the runtime carry it out.
    pub(super) fn intrinsic_by_routine(
        &self,
        intrinsic: Intrinsic,
        args: &[Value<'c>],
    ) -> Option<Value<'c>> {
        let value = *args.first()?;
        if intrinsic == Intrinsic::Canonicalize {
            let ty = self.scalar(value)?;
            let one = match ty {
                Type::F32 => u64::from(1.0_f32.to_bits()),
                _ => 1.0_f64.to_bits(),
            };
            let operation = Operation::Binary(Binary::FMul, ty);
            self.module.routine(operation)?;
            return self.by_routine(operation, &[value, self.float(ty, one)], ty);
        }
        // Counting zeros has an operand that says what zero means, which the functions know.
        let operands = match intrinsic {
            Intrinsic::Copysign => args,
            _ => args.get(..1)?,
        };
        self.uniform(|ty| Operation::Unary(intrinsic, ty), operands)
    }

    /// Calls a function of the C library, which returns its first argument.
    pub(super) fn library(&self, symbol: &str, args: &[Value<'c>]) {
        let params: Vec<_> = args.iter().map(|arg| self.type_of(*arg)).collect();
        let signature = Signature::new(&params, Some(Type::Ptr));
        let callee = self.module.runtime(symbol, &signature, false, true);
        let _destination = self.call(callee, args);
    }

    /// A comparison of floats by the runtime; a `Bool`.
    pub(super) fn compare_by_routine(
        &self,
        op: FloatCompare,
        lhs: Value<'c>,
        rhs: Value<'c>,
    ) -> Option<Value<'c>> {
        let operation = Operation::Compare(self.scalar(lhs)?);
        self.module.routine(operation)?;
        let (number, holds) = match op {
            FloatCompare::Oeq => (0, true),
            FloatCompare::Une => (1, true),
            FloatCompare::Olt => (2, true),
            FloatCompare::Ogt => (3, true),
            FloatCompare::Ole => (4, true),
            FloatCompare::Oge => (5, true),
            FloatCompare::Uno => (6, true),
            FloatCompare::Ord => (6, false),
        };
        let number = self.int(Type::I32, number);
        let answer = self.by_routine(operation, &[number, lhs, rhs], Type::I32)?;
        let zero = self.int(Type::I32, 0);
        let compare = match holds {
            true => super::instruction::IntCompare::Ne,
            false => super::instruction::IntCompare::Eq,
        };
        Some(self.icmp(compare, answer, zero))
    }

    /// The type of a value that is not a vector.
    pub(super) fn scalar(&self, value: Value<'c>) -> Option<Type> {
        let ty = self.module.types.classify(value.0.get_type())?;
        (!matches!(ty, Type::Vector(..))).then_some(ty)
    }

    /// The address of a function of the runtime, from the table.
    pub(super) fn slot_address(&self, function: Function<'c>) -> Option<Value<'c>> {
        function.slot.map(|slot| self.slot_value(slot, Type::Ptr))
    }
}
