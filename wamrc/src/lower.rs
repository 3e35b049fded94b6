//! WebAssembly functions to LLVM IR.
//!
//! One pass over each body; every choice that needs no LLVM has been made by `plan`, every word of
//! LLVM is behind `llvm`. Operators with a regular stack effect are rows of `lower/table.rs`, the
//! others are in the file named after their section of the core specification. What the code does at
//! run time follows parts C and D of the container's specification.

mod array;
mod atomic;
mod bodies;
mod bulk;
mod call;
mod call_ref;
mod cast;
mod control;
mod convert;
mod dispatch;
mod entry;
mod exception;
mod float;
mod function;
mod global;
mod i31;
mod int;
mod interface;
mod memory;
mod object;
mod reference;
mod roots;
mod routine;
mod simd;
mod stack;
mod structure;
mod table;
mod table_ops;
mod tail_call;
mod thunk;
mod trap;
mod wide;

use crate::error::CompileError;
use crate::llvm::{
    self, Context, Convention, Floats, Function, Machine, Outcome, Signature, Type, Value,
};
use crate::options::{AddressMap, JumpTables, Options, RuntimeCalls, StackCheck};
use crate::plan::{FunctionPlan, Partition, Plan, is_object};
use crate::wasm::{FuncType, Module, TableIdx, ValType};
use aot_format::References;
use aot_format::abi::exec_env;
use bodies::Bodies;
pub use routine::names as intrinsic_names;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use targets::FloatResults;
use targets::feature::Set;

/// A lowered partition and what else is known of its functions.
pub struct Lowered<'c> {
    /// The code, not optimised.
    pub module: llvm::Module<'c>,
    /// For each function of the partition the most stack, in bytes, that its calls take for arguments and
    /// return address (spec C.2.2). Only meaningful with stack checks.
    pub call_bytes: Vec<u32>,
    /// What the table holds through which the runtime is called, slot by slot; empty without one.
    pub native_symbols: Vec<String>,
}

/// Lowers the functions of a partition; the first one comes with what the module has once.
///
/// # Errors
/// `Unsupported` names an operator this compiler has no code for, with its offset; `UnknownIntrinsic` a name
/// in the options. Anything else is a bug.
pub fn lower<'c>(
    context: &'c Context,
    machine: &Machine,
    (module, plan): (&Module<'_>, &Plan),
    partition: &Partition,
    options: &Options,
    features: &Set,
) -> Result<Lowered<'c>, CompileError> {
    let llvm = llvm::Module::new(context, "wamrc", machine);
    if options.runtime_calls == RuntimeCalls::Table {
        let table = exec_env::Field::NativeSymbol;
        llvm.call_through_table(table.offset(options.target.width));
    }
    llvm.use_routines(routine::choose(options, features)?);
    if options.jump_tables == JumpTables::Avoid {
        llvm.avoid_jump_tables();
    }
    if options.address_map == AddressMap::Emit {
        llvm.begin_origins();
    }
    let unit = Unit {
        llvm: &llvm,
        module,
        plan,
        partition,
        options,
        bodies: Bodies::default(),
        dispatch: RefCell::default(),
        by_index: OnceCell::new(),
    };
    unit.define_bodies();
    if plan.has_entries() {
        entry::build_entries(&unit);
    }
    let own = unit.own_functions();
    let codes = match plan.checks.stack {
        StackCheck::GuardPage => own.iter().map(|plan| unit.body(plan)).collect(),
        StackCheck::Emit => stack::define_checked_bodies(&unit),
    };
    let mut call_bytes = Vec::with_capacity(own.len());
    for (function, code) in own.iter().zip(codes) {
        let bytes = lower_function(&unit, function, code)?;
        let ty = module.func_type(function.ty);
        call_bytes.push(bytes.saturating_add(stack::entering_bytes(&unit, ty)));
    }
    for function in unit.copies() {
        lower_function(&unit, function, unit.body(function))?;
    }
    if unit.is_first() {
        build_once(&unit);
    }
    llvm.end_origins();
    Ok(Lowered {
        native_symbols: llvm.table(),
        module: llvm,
        call_bytes,
    })
}

/// Lowers a body; answers the bytes of stack its calls take.
fn lower_function<'c>(
    unit: &Unit<'_, 'c, '_>,
    plan: &FunctionPlan,
    code: Function<'c>,
) -> Result<u32, CompileError> {
    let body = unit.module.body(plan.index);
    let missing = || CompileError::internal(format!("{} has no body", plan.symbol));
    let body = body.ok_or_else(missing)?;
    let ty = unit.module.func_type(plan.ty);
    function::lower_function(unit, plan, code, ty, body)
}

/// What the module has once.
fn build_once(unit: &Unit<'_, '_, '_>) {
    for thunk in &unit.plan.thunks {
        thunk::build_thunk(unit, thunk);
    }
    if unit.plan.partitions.are_several() {
        unit.define_arrays();
    }
}

/// What all functions of a partition share.
struct Unit<'s, 'c, 'w> {
    llvm: &'s llvm::Module<'c>,
    module: &'s Module<'w>,
    plan: &'s Plan,
    partition: &'s Partition,
    options: &'s Options,
    /// The functions that code of this partition calls.
    bodies: Bodies<'c>,
    /// The constant tables `call_indirect` has asked for (`Plan::dispatch`).
    dispatch: RefCell<BTreeMap<TableIdx, Value<'c>>>,
    /// The constant array of bodies by defined index, once asked for.
    by_index: OnceCell<Value<'c>>,
}

impl Unit<'_, '_, '_> {
    /// The integer type as wide as a pointer.
    fn size_type(&self) -> Type {
        match self.options.target.width.bytes() {
            4 => Type::I32,
            _ => Type::I64,
        }
    }

    /// The machine type of a value.
    fn machine_type(&self, ty: ValType) -> Type {
        machine_type(ty, self.plan.references)
    }

    /// 32-bit cells a value takes in an argument array.
    fn cells(&self, ty: ValType) -> u32 {
        ty.cells_in(self.plan.references)
    }

    /// The signature of a compiled function.
    fn signature(&self, ty: &FuncType) -> Signature {
        signature(ty, self.plan)
    }

    /// Bytes of a pointer.
    fn pointer_bytes(&self) -> u32 {
        self.options.target.width.bytes()
    }
}

/// The machine type of a value (spec C.1): references are 32-bit indices or keys, or addresses.
fn machine_type(ty: ValType, references: References) -> Type {
    match ty {
        ValType::Ref(_) if is_object(ty, references) => Type::Ptr,
        ValType::I32 | ValType::Ref(_) => Type::I32,
        ValType::I64 => Type::I64,
        ValType::F32 => Type::F32,
        ValType::F64 => Type::F64,
        ValType::V128 => Type::V128,
    }
}

/// The signature of a compiled function (spec C.1): execution environment, parameters, one pointer
/// per result beyond the first. What such a function returns besides its result is in registers that
/// other callers expect to be overwritten.
fn signature(ty: &FuncType, plan: &Plan) -> Signature {
    let machine_type = |ty: &ValType| machine_type(*ty, plan.references);
    let extra = ty.results.iter().skip(1).map(|_| Type::Ptr);
    let params = ty.params.iter().map(machine_type);
    Signature {
        params: std::iter::once(Type::Ptr)
            .chain(params)
            .chain(extra)
            .collect(),
        result: ty.results.first().map(machine_type),
        convention: Convention::C,
        outcome: Outcome::Plain,
        floats: match plan.float_results {
            FloatResults::Kept => Floats::Once,
            FloatResults::Quieted => Floats::WithBits,
        },
    }
}
