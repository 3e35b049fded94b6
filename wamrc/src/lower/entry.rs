//! Entries: functions of the ABI (spec C.1) in front of the bodies.
//!
//! Functions of one module call each other's bodies, which LLVM may inline and whose parameters it may
//! drop; a body gets the memory base from its caller, who has it in a register. Only functions that
//! something outside can reach have an entry, which finds the base and goes on to the body.

use super::Unit;
use super::interface::{Interface, Signals};
use super::tail_call::{call_and_go_on, clear_pending};
use crate::llvm::{Access, Builder, Function, FunctionKind, Region, Type, Value};
use crate::plan::{FunctionPlan, MemoryAccess};
use crate::wasm::FuncType;
use aot_format::abi::{exec_env, instance, memory};

/// Builds the entries.
pub(super) fn build_entries(unit: &Unit<'_, '_, '_>) {
    for plan in unit.own_functions() {
        if plan.escapes {
            let ty = unit.module.func_type(plan.ty);
            build_entry(unit, plan, unit.body(plan), ty);
        }
    }
}

fn build_entry<'c>(
    unit: &Unit<'_, 'c, '_>,
    plan: &FunctionPlan,
    body: Function<'c>,
    ty: &FuncType,
) {
    let signature = unit.signature(ty);
    let entry = unit
        .llvm
        .define(&plan.symbol, &signature, FunctionKind::Entry);
    let b = unit.llvm.builder(entry);
    let mut args: Vec<_> = (0_u32..)
        .map_while(|position| entry.param(position))
        .collect();
    let exec_env = args[0];
    if unit.plan.passes_base {
        let base = load_base(unit, &b, exec_env);
        args.insert(1, base);
    }
    let signals = Signals::of(plan, unit.plan);
    let interface = Interface::new(ty, signals, unit.plan);
    let args = interface.pass(unit, &b, &args);
    let answer = match unit.bounces() {
        true => {
            clear_pending(unit, &b, exec_env);
            call_and_go_on(unit, &b, &interface.signature, exec_env, b.address_of(body))
        }
        false => b.call(body, &args),
    };
    // Whoever calls entries asks the runtime for exceptions.
    let result = match (signals, answer) {
        (Signals::Yes, Some(answer)) => b.split_flagged(answer).0,
        _ => answer,
    };
    b.ret(result);
    b.finish();
}

/// The base address of memory 0, found through the execution environment.
fn load_base<'c>(unit: &Unit<'_, 'c, '_>, b: &Builder<'_, 'c>, exec_env: Value<'c>) -> Value<'c> {
    let width = unit.options.target.width;
    let pointer = |object, offset: u32, align| {
        let address = b.offset(object, offset.into());
        b.load(
            Type::Ptr,
            address,
            Access::constant(Region::Instance, align),
        )
    };
    let bytes = unit.pointer_bytes();
    let field = exec_env::Field::ModuleInst.offset(width);
    let instance = pointer(exec_env, field, bytes);
    let descriptor = match unit.plan.memories.first().map(|memory| memory.access) {
        Some(MemoryAccess::Inline(offset)) => b.offset(instance, offset.into()),
        _ => {
            let field = instance::Field::Memories.offset(width);
            let memories = pointer(instance, field, 8);
            pointer(memories, 0, bytes)
        }
    };
    pointer(descriptor, memory::Field::MemoryData.offset(width), 8)
}
