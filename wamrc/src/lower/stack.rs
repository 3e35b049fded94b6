//! Native stack checks: a wrapper per function that compares the stack pointer with the boundary
//! before it enters the body (spec C.2.2).
//!
//! How much stack a body takes is known only after code generation; the wrapper reads it from the
//! array `.aot_stack_sizes`, which `assemble` fills in.

use super::Unit;
use super::interface::{Interface, Signals};
use crate::llvm::{
    Access, Binary, Convention, Function, FunctionKind, IntCompare, Region, Signature, Type, Value,
};
use crate::plan::{FunctionPlan, internal_symbol};
use crate::wasm::{FuncType, ValType};
use aot_format::References;
use aot_format::abi::builtins::Builtin;
use aot_format::abi::exec_env::Field as ExecEnv;
use aot_format::abi::traps::TrapId;
use targets::TailForm;

/// Section and variable of the sizes, one 32-bit word per defined function, at first all ones.
const SECTION: &str = ".aot_stack_sizes";
const VARIABLE: &str = "aot_stack_sizes";

/// More than any wrapper's own frame: a few saved registers and a word.
const WRAPPER_BYTES: u32 = 96;

/// The functions that hold the bodies, behind the wrappers that `Unit::bodies` are.
pub(super) fn define_checked_bodies<'c>(unit: &Unit<'_, 'c, '_>) -> Vec<Function<'c>> {
    let initial = vec![u32::MAX; unit.plan.functions.len()];
    let sizes = match unit.is_first() {
        true => unit.llvm.words(VARIABLE, SECTION, &initial),
        false => unit.llvm.declare_words(VARIABLE),
    };
    let functions = unit.own_functions().iter();
    functions
        .map(|plan| {
            let ty = unit.module.func_type(plan.ty);
            let signals = Signals::of(plan, unit.plan);
            let interface = Interface::new(ty, signals, unit.plan);
            let signature = interface.signature;
            let symbol = internal_symbol(plan.defined);
            let body = unit
                .llvm
                .define(&symbol, &signature, FunctionKind::CheckedBody);
            build_wrapper(unit, plan, (unit.body(plan), body), (ty, &signature), sizes);
            body
        })
        .collect()
}

fn build_wrapper<'c>(
    unit: &Unit<'_, 'c, '_>,
    plan: &FunctionPlan,
    (entry, body): (Function<'c>, Function<'c>),
    (ty, signature): (&FuncType, &Signature),
    sizes: Value<'c>,
) {
    let b = unit.llvm.builder(entry);
    let args: Vec<_> = (0_u32..)
        .map_while(|position| entry.param(position))
        .collect();
    let exec_env = args[0];
    let width = unit.options.target.width;
    let size_type = unit.size_type();
    let field = |field: ExecEnv, ty| {
        let address = b.offset(exec_env, field.offset(width).into());
        let align = unit.pointer_bytes();
        b.load(ty, address, Access::constant(Region::Instance, align))
    };
    let here = b.slot(Type::I32);
    let here = b.address(here, size_type);
    let boundary = field(ExecEnv::NativeStackBoundary, size_type);
    let size = b.offset(sizes, u64::from(plan.defined) * 4);
    let size = b.load(Type::I32, size, Access::new(Region::Instance, 4));
    let size = b.cast(crate::llvm::Cast::ZExt, size, size_type);
    // Both comparisons, so that a size larger than the address does not wrap around.
    let after = b.binary(Binary::Sub, here, size);
    let wraps = b.icmp(IntCompare::Ult, here, size);
    let below = b.icmp(IntCompare::Ult, after, boundary);
    let overflow = b.binary(Binary::Or, wraps, below);
    let (bad, good) = (b.block("trap"), b.block("enter"));
    b.branch_rarely(overflow, bad, good);
    b.continue_at(good);
    match jumps(unit, ty, signature.convention) {
        true => b.tail_call(body, &args),
        false => b.last_call(body, &args),
    }
    b.continue_at(bad);
    let instance = field(ExecEnv::ModuleInst, Type::Ptr);
    let unwinds = unit.plan.checks.traps_unwind();
    let builtin = Builtin::AotSetExceptionWithId;
    let raise = Signature::new(&[Type::Ptr, Type::I32], None);
    let raise = unit.llvm.runtime(builtin.name(), &raise, true, !unwinds);
    let id = b.int(Type::I32, u64::from(TrapId::NativeStackOverflow as u32));
    b.call(raise, &[instance, id]);
    if unwinds {
        b.unreachable();
    } else {
        b.ret(signature.result.map(|ty| b.zero(ty)));
    }
    b.finish();
}

/// Whether a wrapper of this type is certain to leave no frame behind when it enters its body. It is not
/// where vectors are handed over in memory.
fn jumps(unit: &Unit<'_, '_, '_>, ty: &FuncType, convention: Convention) -> bool {
    let tail_calls = unit.options.target.tail_calls;
    let mut types = ty.params.iter().chain(&ty.results);
    let in_memory = !tail_calls.vectors && types.any(|ty| *ty == ValType::V128);
    convention == Convention::Sibling || tail_calls.form == TailForm::Guaranteed && !in_memory
}

/// Stack in bytes that entering a body of this type may take besides the body's frame.
pub(super) fn entering_bytes(unit: &Unit<'_, '_, '_>, ty: &FuncType) -> u32 {
    match jumps(unit, ty, Convention::C) {
        true => 0,
        false => call_bytes(ty, unit.plan.references).saturating_add(WRAPPER_BYTES),
    }
}

/// Stack in bytes that a call of this type takes for arguments and return address, by the rule of
/// spec C.2.2.
pub(super) fn call_bytes(ty: &FuncType, references: References) -> u32 {
    let pointer = references.width.bytes();
    let mut bytes = pointer;
    for param in &ty.params {
        let size = param.size_in(references).max(pointer);
        bytes = bytes.next_multiple_of(size) + size;
    }
    let extra = ty
        .results
        .iter()
        .skip(1)
        .fold(0, |bytes, _| bytes + pointer);
    bytes + extra + pointer + 16
}
