//! One function: its locals, operand stack, and the values every part of it needs.
//!
//! Values that stay the same during a call (instance, memory base, array bases) are loaded in the
//! entry block when they are first asked for.

use super::Unit;
use super::control::Frame;
use super::exception::Unwinding;
use super::interface::Signals;
use super::roots::RootFrame;
use crate::error::CompileError;
use crate::llvm::{Access, Block, Builder, Function, Region, Signature, Type, Value};
use crate::plan::FunctionPlan;
use crate::wasm::{Body, FuncType, Hint, LocalIdx, MemoryIdx, WasmOffset};
use aot_format::abi::builtins::{Builtin, Type as HelperType};
use aot_format::abi::traps::TrapId;
use aot_format::abi::{exec_env, instance};
use std::collections::BTreeMap;
use wasmparser::Operator;

/// A local variable: a frame slot that LLVM turns into values.
#[derive(Clone, Copy)]
pub(super) struct Local<'c> {
    pub(super) slot: Value<'c>,
    pub(super) ty: Type,
}

/// Values loaded once in the entry block.
#[derive(Default)]
pub(super) struct EntryValues<'c> {
    instance: Option<Value<'c>>,
    func_ptrs: Option<Value<'c>>,
    func_types: Option<Value<'c>>,
    pub(super) rtts: Option<Value<'c>>,
    pub(super) func_base: Option<Value<'c>>,
    /// Descriptors of memories.
    pub(super) descriptors: BTreeMap<MemoryIdx, Value<'c>>,
    /// Bases of memories that do not move.
    pub(super) bases: BTreeMap<MemoryIdx, Value<'c>>,
    pub(super) aux_stack: Option<(Value<'c>, Value<'c>)>,
    pub(super) global_cells: BTreeMap<u32, Value<'c>>,
}

/// A function being lowered.
pub(super) struct FunctionLowering<'u, 's, 'c, 'w> {
    pub(super) unit: &'u Unit<'s, 'c, 'w>,
    pub(super) b: Builder<'s, 'c>,
    pub(super) exec_env: Value<'c>,
    pub(super) locals: Vec<Local<'c>>,
    /// Result types.
    pub(super) results: Vec<Type>,
    /// Whether it returns the flag of exceptions.
    pub(super) signals: Signals,
    /// Exceptions that are caught must be kept: some are thrown again.
    pub(super) rethrows: bool,
    /// Pointers to the storage of the results beyond the first.
    pub(super) result_pointers: Vec<Value<'c>>,
    pub(super) stack: Vec<Value<'c>>,
    pub(super) frames: Vec<Frame<'c>>,
    /// Whether control can reach the current position. Invariant: operators are lowered only then.
    pub(super) reachable: bool,
    /// Blocks opened since control became unreachable.
    skipped: u32,
    pub(super) entry: EntryValues<'c>,
    pub(super) traps: Vec<(TrapId, Block<'c>)>,
    pub(super) leave: Option<Block<'c>>,
    /// Exceptions on their way to a handler of this function.
    pub(super) unwinding: Unwinding<'c>,
    /// Array for arguments and results of calls, and its size in 64-bit words.
    arguments: Option<(Value<'c>, u32)>,
    /// Where the collector finds this function's references, if it needs to.
    pub(super) roots: Option<RootFrame<'c>>,
    /// See [`super::Lowered::call_bytes`].
    pub(super) call_bytes: u32,
    /// Position of the operator being lowered.
    pub(super) offset: WasmOffset,
    /// What that operator usually does, if it is a conditional branch.
    pub(super) hint: Option<Hint>,
}

/// Lowers a body; answers the bytes of stack its calls take.
pub(super) fn lower_function<'c>(
    unit: &Unit<'_, 'c, '_>,
    plan: &FunctionPlan,
    function: Function<'c>,
    ty: &FuncType,
    body: &Body<'_>,
) -> Result<u32, CompileError> {
    let b = unit.llvm.builder(function);
    let missing = || CompileError::internal(format!("{} has too few parameters", plan.symbol));
    let exec_env = function.param(0).ok_or_else(missing)?;
    let mut lowering = FunctionLowering {
        unit,
        b,
        exec_env,
        locals: Vec::new(),
        results: ty.results.iter().map(|&ty| unit.machine_type(ty)).collect(),
        signals: Signals::of(plan, unit.plan),
        rethrows: body.rethrows,
        result_pointers: Vec::new(),
        stack: Vec::new(),
        frames: Vec::new(),
        reachable: true,
        skipped: 0,
        entry: EntryValues::default(),
        traps: Vec::new(),
        leave: None,
        unwinding: Unwinding::default(),
        arguments: None,
        roots: None,
        call_bytes: 0,
        offset: body.offset,
        hint: None,
    };
    lowering
        .declare_locals(function, ty, body)
        .ok_or_else(missing)?;
    if let Some(roots) = plan.roots {
        lowering.link_roots(plan.index, roots)?;
    }
    lowering.push_function_frame();
    lowering.lower_operators(body)?;
    lowering.b.finish();
    Ok(lowering.call_bytes)
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    fn declare_locals(
        &mut self,
        function: Function<'c>,
        ty: &FuncType,
        body: &Body<'_>,
    ) -> Option<()> {
        let interface = self.interface(ty, Signals::No);
        let args = interface.receive(self.unit, &self.b, function)?;
        let mut args = args.into_iter().skip(1);
        if self.unit.plan.passes_base {
            self.entry.bases.insert(MemoryIdx(0), args.next()?);
        }
        for param in &ty.params {
            self.declare_local(self.unit.machine_type(*param), args.next()?);
        }
        self.result_pointers.extend(args);
        for run in &body.locals {
            let ty = self.unit.machine_type(run.ty);
            let initial = if run.ty.is_reference() && ty != Type::Ptr {
                self.b.int(Type::I32, super::reference::NULL)
            } else {
                self.b.zero(ty)
            };
            for _ in 0..run.count {
                self.declare_local(ty, initial);
            }
        }
        Some(())
    }

    fn declare_local(&mut self, ty: Type, initial: Value<'c>) {
        let slot = self.b.slot(ty);
        self.b.write(slot, initial);
        self.locals.push(Local { slot, ty });
    }

    fn lower_operators(&mut self, body: &Body<'_>) -> Result<(), CompileError> {
        let mut operators = body.operators();
        while !operators.eof() {
            self.offset = WasmOffset(operators.original_position());
            self.b.at(self.offset.0);
            self.hint = body.hint(self.offset);
            if self.reachable {
                operators.visit_operator(self)??;
            } else {
                let operator = operators.read()?;
                self.skip(&operator)?;
            }
        }
        Ok(())
    }

    /// Follows the block structure of code that is never executed.
    fn skip(&mut self, operator: &Operator<'_>) -> Result<(), CompileError> {
        match operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Try { .. }
            | Operator::TryTable { .. } => {
                self.skipped += 1;
            }
            Operator::Else if self.skipped == 0 => self.start_else()?,
            Operator::End if self.skipped == 0 => self.end_block()?,
            Operator::Catch { tag_index } if self.skipped == 0 => {
                self.start_catch(Some(*tag_index))?;
            }
            Operator::CatchAll if self.skipped == 0 => self.start_catch(None)?,
            Operator::Delegate { relative_depth } if self.skipped == 0 => {
                self.end_with_delegate(*relative_depth)?;
            }
            Operator::End | Operator::Delegate { .. } => self.skipped -= 1,
            _ => {}
        }
        Ok(())
    }

    // Operand stack. Validation has counted the operands, so an empty stack is a bug.

    pub(super) fn push(&mut self, value: Value<'c>) {
        self.stack.push(value);
    }

    pub(super) fn pop(&mut self) -> Result<Value<'c>, CompileError> {
        self.stack
            .pop()
            .ok_or_else(|| self.internal("operand stack is empty"))
    }

    /// The topmost operands, lowest first.
    pub(super) fn pop_array<const N: usize>(&mut self) -> Result<[Value<'c>; N], CompileError> {
        let popped = self.stack.last_chunk::<N>().copied();
        let values = popped.ok_or_else(|| self.internal("operand stack is too low"))?;
        self.stack.truncate(self.stack.len() - N);
        Ok(values)
    }

    /// The topmost operands, lowest first.
    pub(super) fn pop_many(&mut self, count: usize) -> Result<Vec<Value<'c>>, CompileError> {
        match self.stack.len().checked_sub(count) {
            Some(height) => Ok(self.stack.split_off(height)),
            None => Err(self.internal("operand stack is too low")),
        }
    }

    /// The error for a broken promise of validation or plan.
    pub(super) fn internal(&self, what: &str) -> CompileError {
        CompileError::internal(format!("{what} at wasm offset {}", self.offset))
    }

    pub(super) fn local(&self, index: u32) -> Result<Local<'c>, CompileError> {
        let position = LocalIdx(index).position();
        self.locals
            .get(position)
            .copied()
            .ok_or_else(|| self.internal("unknown local"))
    }

    // Values every part needs.

    /// Pointer to the module instance.
    pub(super) fn instance(&mut self) -> Value<'c> {
        if let Some(known) = self.entry.instance {
            return known;
        }
        let value = self.exec_env_field(exec_env::Field::ModuleInst, Type::Ptr);
        self.entry.instance = Some(value);
        value
    }

    /// A field of the execution environment that does not change during a call, loaded in the entry
    /// block.
    pub(super) fn exec_env_field(&mut self, field: exec_env::Field, ty: Type) -> Value<'c> {
        let offset = field.offset(self.unit.options.target.width);
        let align = self.unit.pointer_bytes();
        let exec_env = self.exec_env;
        self.b.in_entry(|b| {
            let address = b.offset(exec_env, offset.into());
            b.load(ty, address, Access::constant(Region::Instance, align))
        })
    }

    /// A pointer field of the module instance that never changes, loaded in the entry block.
    pub(super) fn instance_pointer(&mut self, field: instance::Field) -> Value<'c> {
        let instance = self.instance();
        let offset = field.offset(self.unit.options.target.width);
        self.b.in_entry(|b| {
            let address = b.offset(instance, offset.into());
            b.load(Type::Ptr, address, Access::constant(Region::Instance, 8))
        })
    }

    /// The array of code addresses by function index.
    pub(super) fn func_ptrs(&mut self) -> Value<'c> {
        if let Some(known) = self.entry.func_ptrs {
            return known;
        }
        let value = self.instance_pointer(instance::Field::FuncPtrs);
        self.entry.func_ptrs = Some(value);
        value
    }

    /// The array of canonical type indices by function index.
    pub(super) fn func_types(&mut self) -> Value<'c> {
        if let Some(known) = self.entry.func_types {
            return known;
        }
        let value = self.instance_pointer(instance::Field::FuncTypeIndexes);
        self.entry.func_types = Some(value);
        value
    }

    /// An array of at least so many 32-bit cells for the arguments and results of one call.
    pub(super) fn argument_array(&mut self, cells: u32) -> Value<'c> {
        let words = cells.div_ceil(2).max(1);
        match self.arguments {
            Some((array, size)) if size >= words => array,
            known => {
                let array = self.b.words(words);
                if let Some((small, _)) = known {
                    self.b.replace_words(small, array);
                }
                self.arguments = Some((array, words));
                array
            }
        }
    }

    /// Calls a function of the runtime.
    pub(super) fn helper(&mut self, builtin: Builtin, args: &[Value<'c>]) -> Option<Value<'c>> {
        let size = self.unit.size_type();
        let params = builtin
            .params()
            .iter()
            .filter_map(|&ty| helper_type(ty, size))
            .collect::<Vec<_>>();
        let result = helper_type(builtin.result(), size);
        let signature = Signature::new(&params, result);
        let raises = builtin == Builtin::AotSetExceptionWithId;
        let rare = raises
            || matches!(
                builtin,
                Builtin::WamrcExceptionNew | Builtin::WamrcThrow | Builtin::WamrcCatch
            );
        let returns = !(raises && self.unit.plan.checks.traps_unwind());
        let callee = self
            .unit
            .llvm
            .runtime(builtin.name(), &signature, rare, returns);
        self.b.call(callee, args)
    }
}

fn helper_type(ty: HelperType, size: Type) -> Option<Type> {
    match ty {
        HelperType::Void => None,
        HelperType::Instance | HelperType::ExecEnv | HelperType::Pointer => Some(Type::Ptr),
        HelperType::Bool => Some(Type::I8),
        HelperType::I32 => Some(Type::I32),
        HelperType::I64 => Some(Type::I64),
        HelperType::Size => Some(size),
        HelperType::F32 => Some(Type::F32),
        HelperType::F64 => Some(Type::F64),
    }
}
