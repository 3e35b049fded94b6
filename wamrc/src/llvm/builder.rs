//! Building the body of one function.
//!
//! A thin layer over inkwell's builder: our words, no names for values. Operands must have the
//! types the instruction wants; that holds because the wasm was validated, and LLVM's verifier
//! checks it again in tests.

#![allow(unsafe_code, reason = "constants are made from bits")]

mod atomic;
mod memory;
mod nan;
mod vector;

use super::alias::attach;
use super::context::{Function, Value};
use super::instruction::{Binary, Cast, FloatCompare, IntCompare};
use super::intrinsics::Intrinsic;
use super::module::Module;
use super::origin;
use super::routine::Operation;
use super::types::{Convention, Signature, Type};
use inkwell::attributes::AttributeLoc;
use inkwell::basic_block::BasicBlock;
use inkwell::builder::{Builder as Inkwell, BuilderError};
use inkwell::types::BasicTypeEnum;
use inkwell::values::{
    AggregateValueEnum, AsValueRef, BasicMetadataValueEnum, BasicValue, BasicValueEnum,
    CallSiteValue, FastMathFlags, FloatValue, FunctionValue, InstructionValue, LLVMTailCallKind,
    Operand, PhiValue, StructValue, ValueKind, VectorValue,
};
use llvm_sys::core::{LLVMConstBitCast, LLVMGetAggregateElement, LLVMIsAConstantFP};

/// A basic block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'c>(BasicBlock<'c>);

/// A value chosen by the block control comes from.
#[derive(Clone, Copy, Debug)]
pub struct Phi<'c>(PhiValue<'c>);

impl<'c> Phi<'c> {
    /// The value.
    #[must_use]
    pub fn value(self) -> Value<'c> {
        Value(self.0.as_basic_value())
    }

    /// Adds the value the phi has when control comes from `block`.
    pub fn add(self, value: Value<'c>, block: Block<'c>) {
        self.0.add_incoming(&[(&value.0, block.0)]);
    }
}

/// Appends instructions to the blocks of one function.
///
/// The entry block is kept apart: it holds slots and values that are loaded once, is open until
/// [`Builder::finish`] and then continues with the first block of the body.
pub struct Builder<'m, 'c> {
    pub(super) module: &'m Module<'c>,
    pub(super) inner: Inkwell<'c>,
    pub(super) function: Function<'c>,
    entry: BasicBlock<'c>,
    body: BasicBlock<'c>,
}

fn built<T>(result: Result<T, BuilderError>) -> T {
    result.expect("invariant: the builder has a position and the operands were type checked")
}

impl<'m, 'c> Builder<'m, 'c> {
    pub(super) fn new(module: &'m Module<'c>, function: Function<'c>) -> Self {
        let context = module.context.inner();
        let inner = context.create_builder();
        let entry = context.append_basic_block(function.value, "entry");
        let body = context.append_basic_block(function.value, "body");
        inner.position_at_end(body);
        let builder = Self {
            module,
            inner,
            function,
            entry,
            body,
        };
        builder.at_line(origin::NONE);
        builder
    }

    /// The function being built.
    #[must_use]
    pub fn function(&self) -> Function<'c> {
        self.function
    }

    /// Ends the entry block. To be called once, last.
    pub fn finish(&self) {
        self.inner.position_at_end(self.entry);
        built(self.inner.build_unconditional_branch(self.body));
    }

    // Blocks and control flow.

    /// Adds a block at the end of the function.
    #[must_use]
    pub fn block(&self, name: &str) -> Block<'c> {
        Block(
            self.module
                .context
                .inner()
                .append_basic_block(self.function.value, name),
        )
    }

    /// Moves a block to the end of the function, for readable output.
    pub fn move_to_end(&self, block: Block<'c>) {
        if let Some(last) = self.function.value.get_last_basic_block()
            && last != block.0
        {
            // Both blocks are in the function, which is all that LLVM asks for.
            let _ = block.0.move_after(last);
        }
    }

    /// The block being appended to.
    #[must_use]
    pub fn current(&self) -> Block<'c> {
        Block(
            self.inner
                .get_insert_block()
                .expect("invariant: positioned in new"),
        )
    }

    /// Continues at the end of `block`.
    pub fn continue_at(&self, block: Block<'c>) {
        self.inner.position_at_end(block.0);
    }

    /// Builds something at the end of the entry block, then continues where it was.
    pub fn in_entry<R>(&self, build: impl FnOnce(&Self) -> R) -> R {
        let current = self.current();
        self.inner.position_at_end(self.entry);
        let result = build(self);
        self.continue_at(current);
        result
    }

    /// Ends the block with a jump.
    pub fn jump(&self, target: Block<'c>) {
        built(self.inner.build_unconditional_branch(target.0));
    }

    /// Ends the block with a two-way branch on a `Bool`.
    pub fn branch(&self, condition: Value<'c>, then: Block<'c>, otherwise: Block<'c>) {
        let condition = condition.0.into_int_value();
        built(
            self.inner
                .build_conditional_branch(condition, then.0, otherwise.0),
        );
    }

    /// As [`Builder::branch`], telling LLVM that `rare` is hardly ever taken.
    pub fn branch_rarely(&self, condition: Value<'c>, rare: Block<'c>, otherwise: Block<'c>) {
        let condition = condition.0.into_int_value();
        let branch = built(
            self.inner
                .build_conditional_branch(condition, rare.0, otherwise.0),
        );
        attach(branch, self.module.unlikely, self.module.prof);
    }

    /// As [`Builder::branch`], telling LLVM that `rare` is hardly ever taken.
    pub fn branch_mostly(&self, condition: Value<'c>, usual: Block<'c>, rare: Block<'c>) {
        let condition = condition.0.into_int_value();
        let branch = built(
            self.inner
                .build_conditional_branch(condition, usual.0, rare.0),
        );
        attach(branch, self.module.likely, self.module.prof);
    }

    /// As [`Builder::branch`], with the author's word on the usual value of the condition.
    pub fn branch_hinted(
        &self,
        condition: Value<'c>,
        then: Block<'c>,
        otherwise: Block<'c>,
        usually: bool,
    ) {
        let condition = condition.0.into_int_value();
        let branch = built(
            self.inner
                .build_conditional_branch(condition, then.0, otherwise.0),
        );
        let weights = match usually {
            true => self.module.hinted,
            false => self.module.hinted_against,
        };
        attach(branch, weights, self.module.prof);
    }

    /// Ends the block with a multi-way branch on an `I32`.
    pub fn switch(&self, value: Value<'c>, default: Block<'c>, cases: &[(u32, Block<'c>)]) {
        let word = self.module.context.inner().i32_type();
        let cases: Vec<_> = cases
            .iter()
            .map(|(key, block)| (word.const_int((*key).into(), false), block.0))
            .collect();
        built(
            self.inner
                .build_switch(value.0.into_int_value(), default.0, &cases),
        );
    }

    /// Ends the block with a return.
    pub fn ret(&self, value: Option<Value<'c>>) {
        self.ret_together(value, None);
    }

    /// Ends the block with a return of a result and its flag.
    pub fn ret_flagged(&self, value: Option<Value<'c>>, flag: Value<'c>) {
        self.ret_together(value, Some(flag));
    }

    fn ret_together(&self, value: Option<Value<'c>>, flag: Option<Value<'c>>) {
        let bits = value.zip(self.function.bits);
        let bits = bits.map(|(value, ty)| self.cast(Cast::BitCast, value, ty));
        let parts: Vec<_> = [value, bits, flag].into_iter().flatten().collect();
        let together = match *parts {
            [] => return self.ret_answer(None),
            [one] => return self.ret_answer(Some(one)),
            _ => {
                let types: Vec<_> = parts.iter().map(|part| self.type_of(*part)).collect();
                self.module.types.together(&types).get_undef()
            }
        };
        let together = (0..).zip(parts).fold(
            AggregateValueEnum::StructValue(together),
            |together, (index, part)| {
                built(self.inner.build_insert_value(together, part.0, index, ""))
            },
        );
        built(
            self.inner
                .build_return(Some(&together.as_basic_value_enum())),
        );
    }

    /// Returns what a call came to, as it is.
    fn ret_answer(&self, answer: Option<Value<'c>>) {
        match answer {
            Some(answer) => built(self.inner.build_return(Some(&answer.0))),
            None => built(self.inner.build_return(None)),
        };
    }

    /// The result and the flag in what a call of a function of
    /// [`Outcome::Flagged`](crate::llvm::Outcome) came to.
    #[must_use]
    pub fn split_flagged(&self, answer: Value<'c>) -> (Option<Value<'c>>, Value<'c>) {
        let BasicValueEnum::StructValue(together) = answer.0 else {
            return (None, answer);
        };
        let parts = self.parts(together);
        match *parts {
            [_, bits, flag] => (Some(self.float_of_bits(bits)), flag),
            [result, flag] => (Some(result), flag),
            _ => (None, answer),
        }
    }

    /// What a call came to: a float that came back with its bits is made of these.
    fn answer(&self, call: CallSiteValue<'c>) -> Option<Value<'c>> {
        let answer = answer_of(call)?;
        let BasicValueEnum::StructValue(together) = answer.0 else {
            return Some(answer);
        };
        // Flags stay beside the result for `split_flagged`.
        let last = together.get_type().get_field_types().pop();
        let flagged = last.and_then(|ty| self.module.types.classify(ty)) == Some(Type::Bool);
        if flagged {
            return Some(answer);
        }
        let bits = self.parts(together).pop()?;
        Some(self.float_of_bits(bits))
    }

    fn parts(&self, together: StructValue<'c>) -> Vec<Value<'c>> {
        let count = together.get_type().count_fields();
        let part = |index| built(self.inner.build_extract_value(together, index, ""));
        (0..count).map(|index| Value(part(index))).collect()
    }

    fn float_of_bits(&self, bits: Value<'c>) -> Value<'c> {
        let float = match self.type_of(bits) {
            Type::I32 => Type::F32,
            _ => Type::F64,
        };
        self.cast(Cast::BitCast, bits, float)
    }

    /// Ends the block where control cannot come.
    pub fn unreachable(&self) {
        built(self.inner.build_unreachable());
    }

    /// A phi in the current block, which must not contain anything but phis yet.
    #[must_use]
    pub fn phi(&self, ty: Type) -> Phi<'c> {
        Phi(built(self.inner.build_phi(self.basic(ty), "")))
    }

    // Constants and what is known of values.

    /// An integer constant; bits above the type's width must be zero.
    #[must_use]
    pub fn int(&self, ty: Type, value: u64) -> Value<'c> {
        let int = self
            .module
            .types
            .int(ty)
            .expect("invariant: callers name integer types");
        Value(int.const_int(value, false).into())
    }

    /// A float constant from its bits, signalling NaNs included.
    #[must_use]
    pub fn float(&self, ty: Type, bits: u64) -> Value<'c> {
        let from_table = self.constant_from_table(ty, bits);
        from_table.unwrap_or_else(|| self.float_constant(ty, bits))
    }

    /// As [`Builder::float`], a constant in LLVM's sense, too.
    pub(super) fn float_constant(&self, ty: Type, bits: u64) -> Value<'c> {
        let of_bits = if ty == Type::F32 {
            Type::I32
        } else {
            Type::I64
        };
        let int = self.int(of_bits, bits);
        let to = inkwell::types::AsTypeRef::as_type_ref(&self.basic(ty));
        // SAFETY: `int` is a constant and the types have the same number of bits by the line above.
        let constant = unsafe { LLVMConstBitCast(int.0.as_value_ref(), to) };
        // SAFETY: LLVMConstBitCast returned a constant of the float type.
        Value(unsafe { BasicValueEnum::new(constant) })
    }

    /// The all-zero value of a type: 0, +0.0 or the null pointer.
    #[must_use]
    pub fn zero(&self, ty: Type) -> Value<'c> {
        Value(self.basic(ty).const_zero())
    }

    /// The type of a value.
    #[must_use]
    pub fn type_of(&self, value: Value<'c>) -> Type {
        self.module
            .types
            .classify(value.0.get_type())
            .expect("invariant: only types of `Type` are ever built")
    }

    /// The value, zero-extended, if it is an integer constant.
    #[must_use]
    pub fn constant_int(&self, value: Value<'c>) -> Option<u64> {
        match value.0 {
            BasicValueEnum::IntValue(int) => int.get_zero_extended_constant(),
            _ => None,
        }
    }

    /// The value if it is a float constant that is not a NaN, or such a constant in all lanes.
    #[must_use]
    pub fn constant_float(&self, value: Value<'c>) -> Option<f64> {
        match value.0 {
            BasicValueEnum::VectorValue(vector) => {
                let lanes = 0..vector.get_type().get_size();
                let mut lanes = lanes.map(|lane| self.constant_float(constant_lane(vector, lane)?));
                let first = lanes.next()??;
                let same = |lane: Option<f64>| lane.map(f64::to_bits) == Some(first.to_bits());
                lanes.all(same).then_some(first)
            }
            BasicValueEnum::FloatValue(float) if is_number(float) => float
                .get_constant()
                .map(|(value, _lossy)| value)
                .filter(|value| !value.is_nan()),
            _ => None,
        }
    }

    /// The operand of a value that is directly the result of the given conversion.
    #[must_use]
    pub fn operand_of(&self, value: Value<'c>, cast: Cast) -> Option<Value<'c>> {
        let instruction = instruction_of(value)?;
        if instruction.get_opcode() != cast.opcode() {
            return None;
        }
        match instruction.get_operand(0) {
            // Masks of few lanes are integers that have no `Type`.
            Some(Operand::Value(operand)) => {
                let known = self.module.types.classify(operand.get_type());
                known.map(|_| Value(operand))
            }
            _ => None,
        }
    }

    // Arithmetic.

    /// Two operands of one type.
    #[must_use]
    pub fn binary(&self, op: Binary, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        if let Some(value) = self.uniform(|ty| Operation::Binary(op, ty), &[lhs, rhs]) {
            return value;
        }
        let result = built(self.inner.build_binop(op.opcode(), lhs.0, rhs.0, ""));
        self.standard_nan(Value(result))
    }

    /// Negation of a float: flips the sign bit and nothing else.
    #[must_use]
    pub fn fneg(&self, value: Value<'c>) -> Value<'c> {
        match value.0 {
            BasicValueEnum::VectorValue(vector) => {
                Value(built(self.inner.build_float_neg(vector, "")).into())
            }
            other => Value(built(self.inner.build_float_neg(other.into_float_value(), "")).into()),
        }
    }

    /// Comparison of integers, pointers or integer lanes; the result is a `Bool`, or one per lane.
    #[must_use]
    pub fn icmp(&self, op: IntCompare, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        if let BasicValueEnum::PointerValue(lhs) = lhs.0 {
            let rhs = rhs.0.into_pointer_value();
            let result = self.inner.build_int_compare(op.predicate(), lhs, rhs, "");
            return Value(built(result).into());
        }
        if let BasicValueEnum::VectorValue(lhs) = lhs.0 {
            let rhs = rhs.0.into_vector_value();
            return Value(built(self.inner.build_int_compare(op.predicate(), lhs, rhs, "")).into());
        }
        let (lhs, rhs) = (lhs.0.into_int_value(), rhs.0.into_int_value());
        Value(built(self.inner.build_int_compare(op.predicate(), lhs, rhs, "")).into())
    }

    /// Float comparison; the result is a `Bool`, or one per lane.
    #[must_use]
    pub fn fcmp(&self, op: FloatCompare, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        if let Some(value) = self.compare_by_routine(op, lhs, rhs) {
            return value;
        }
        if let BasicValueEnum::VectorValue(lhs) = lhs.0 {
            let (op, rhs) = (op.predicate(), rhs.0.into_vector_value());
            return Value(built(self.inner.build_float_compare(op, lhs, rhs, "")).into());
        }
        let (lhs, rhs) = (lhs.0.into_float_value(), rhs.0.into_float_value());
        Value(built(self.inner.build_float_compare(op.predicate(), lhs, rhs, "")).into())
    }

    /// Conversion; the identity if the value has the type already.
    #[must_use]
    pub fn cast(&self, op: Cast, value: Value<'c>, to: Type) -> Value<'c> {
        if let Some(from) = self.scalar(value)
            && let Some(value) = self.by_routine(Operation::Cast(op, from, to), &[value], to)
        {
            return value;
        }
        let to = self.basic(to);
        if value.0.get_type() == to {
            return value;
        }
        let value = Value(built(self.inner.build_cast(op.opcode(), value.0, to, "")));
        match op {
            Cast::FpExt | Cast::FpTrunc => self.standard_nan(value),
            _ => value,
        }
    }

    /// `then` if the `Bool` is set, else `otherwise`; no control flow. A vector of `Bool` selects lane by
    /// lane.
    #[must_use]
    pub fn select(&self, condition: Value<'c>, then: Value<'c>, otherwise: Value<'c>) -> Value<'c> {
        let (then, otherwise) = (then.0, otherwise.0);
        Value(built(match condition.0 {
            BasicValueEnum::VectorValue(lanes) => {
                self.inner.build_select(lanes, then, otherwise, "")
            }
            scalar => {
                let condition = scalar.into_int_value();
                self.inner.build_select(condition, then, otherwise, "")
            }
        }))
    }

    /// Call of an intrinsic that returns a value. `overload` as in LLVM's mangled name.
    #[must_use]
    pub fn intrinsic(
        &self,
        intrinsic: Intrinsic,
        overload: &[Type],
        args: &[Value<'c>],
    ) -> Value<'c> {
        if let Some(value) = self.intrinsic_by_routine(intrinsic, args) {
            return value;
        }
        match *args {
            [operand] if intrinsic.rounds() => {
                let operand = self.quieted_for_rounding(operand);
                let value = self.plain_intrinsic(intrinsic, overload, &[operand]);
                self.standard_nan(value)
            }
            _ if intrinsic == Intrinsic::Sqrt => {
                self.standard_nan_of_root(self.plain_intrinsic(intrinsic, overload, args))
            }
            _ if intrinsic.computes_float() => {
                self.standard_nan(self.plain_intrinsic(intrinsic, overload, args))
            }
            _ => self.plain_intrinsic(intrinsic, overload, args),
        }
    }

    fn plain_intrinsic(
        &self,
        intrinsic: Intrinsic,
        overload: &[Type],
        args: &[Value<'c>],
    ) -> Value<'c> {
        let callee = self.module.intrinsic(intrinsic, overload);
        self.call(callee, args)
            .expect("invariant: only memmove and memset return nothing")
    }

    /// As [`Builder::intrinsic`], for operands known not to be NaN where the result is used.
    #[must_use]
    pub fn intrinsic_without_nan(
        &self,
        intrinsic: Intrinsic,
        overload: &[Type],
        args: &[Value<'c>],
    ) -> Value<'c> {
        let value = self.plain_intrinsic(intrinsic, overload, args);
        if let Some(call) = instruction_of(value) {
            call.set_fast_math_flags(FastMathFlags::NoNaNs)
                .expect("invariant: a call that returns a float takes the flags");
        }
        value
    }

    /// `memmove`: `length` bytes from `source` to `destination`, both in linear memory.
    pub fn memmove(&self, destination: Value<'c>, source: Value<'c>, length: Value<'c>) {
        if self.module.has_table() {
            return self.library("memmove", &[destination, source, length]);
        }
        let overload = [Type::Ptr, Type::Ptr, self.type_of(length)];
        let callee = self.module.intrinsic(Intrinsic::Memmove, &overload);
        let volatile = self.int(Type::Bool, 0);
        let _nothing = self.call(callee, &[destination, source, length, volatile]);
    }

    /// `memset`: `length` bytes of `byte` (`I8`) from `destination` on, in linear memory.
    pub fn memset(&self, destination: Value<'c>, byte: Value<'c>, length: Value<'c>) {
        if self.module.has_table() {
            let byte = self.cast(Cast::ZExt, byte, Type::I32);
            return self.library("memset", &[destination, byte, length]);
        }
        let overload = [Type::Ptr, self.type_of(length)];
        let callee = self.module.intrinsic(Intrinsic::Memset, &overload);
        let volatile = self.int(Type::Bool, 0);
        let _nothing = self.call(callee, &[destination, byte, length, volatile]);
    }

    // Calls.

    /// The address of a function.
    #[must_use]
    pub fn address_of(&self, function: Function<'c>) -> Value<'c> {
        Value(function.value.as_global_value().as_pointer_value().into())
    }

    /// Direct call; `None` if the function returns nothing.
    pub fn call(&self, callee: Function<'c>, args: &[Value<'c>]) -> Option<Value<'c>> {
        self.answer(self.direct(callee, args))
    }

    /// Direct call in tail position that reuses the caller's frame, then return of its result.
    /// Caller and callee must have the same result and convention, and the same parameters if that is
    /// [`Convention::C`]. No argument may point into the frame.
    pub fn tail_call(&self, callee: Function<'c>, args: &[Value<'c>]) {
        self.return_call(self.direct(callee, args));
    }

    /// Direct call in tail position, then return of its result. LLVM may reuse the caller's frame.
    pub fn last_call(&self, callee: Function<'c>, args: &[Value<'c>]) {
        let call = self.direct(callee, args);
        call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindTail);
        self.ret_answer(answer_of(call));
    }

    /// Call through a pointer.
    pub fn call_pointer(
        &self,
        signature: &Signature,
        callee: Value<'c>,
        args: &[Value<'c>],
    ) -> Option<Value<'c>> {
        self.answer(self.indirect(signature, callee, args))
    }

    /// As [`Builder::tail_call`], through a pointer.
    pub fn tail_call_pointer(&self, signature: &Signature, callee: Value<'c>, args: &[Value<'c>]) {
        self.return_call(self.indirect(signature, callee, args));
    }

    fn direct(&self, callee: Function<'c>, args: &[Value<'c>]) -> CallSiteValue<'c> {
        let args: Vec<BasicMetadataValueEnum<'c>> = args.iter().map(|arg| arg.0.into()).collect();
        let call = match self.slot_address(callee) {
            Some(address) => {
                let address = address.0.into_pointer_value();
                let ty = callee.value.get_type();
                let call = built(self.inner.build_indirect_call(ty, address, &args, ""));
                describe_as(call, callee.value);
                call
            }
            None => built(self.inner.build_direct_call(callee.value, &args, "")),
        };
        call.set_call_convention(callee.value.get_call_conventions());
        keep_frame(call);
        call
    }

    fn indirect(
        &self,
        signature: &Signature,
        callee: Value<'c>,
        args: &[Value<'c>],
    ) -> CallSiteValue<'c> {
        let args: Vec<BasicMetadataValueEnum<'c>> = args.iter().map(|arg| arg.0.into()).collect();
        let ty = self.module.types.function(signature);
        let callee = callee.0.into_pointer_value();
        let call = built(self.inner.build_indirect_call(ty, callee, &args, ""));
        call.set_call_convention(signature.convention.number());
        keep_frame(call);
        call
    }

    fn return_call(&self, call: CallSiteValue<'c>) {
        call.set_tail_call_kind(match is_sibling(call) {
            true => LLVMTailCallKind::LLVMTailCallKindTail,
            false => LLVMTailCallKind::LLVMTailCallKindMustTail,
        });
        self.ret_answer(answer_of(call));
    }

    fn basic(&self, ty: Type) -> BasicTypeEnum<'c> {
        self.module.types.basic(ty)
    }
}

/// Gives a call through a pointer what is known of the function.
fn describe_as(call: CallSiteValue<'_>, function: FunctionValue<'_>) {
    let params = (0..function.count_params()).map(AttributeLoc::Param);
    for place in [AttributeLoc::Function, AttributeLoc::Return]
        .into_iter()
        .chain(params)
    {
        for attribute in function.attributes(place) {
            call.add_attribute(place, attribute);
        }
    }
}

fn is_sibling(call: CallSiteValue<'_>) -> bool {
    call.get_call_convention() == Convention::Sibling.number()
}

/// Keeps LLVM from making a jump of a call that is not asked to be one: in other conventions an attribute
/// of the caller does.
fn keep_frame(call: CallSiteValue<'_>) {
    if is_sibling(call) {
        call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindNoTail);
    }
}

fn answer_of(call: CallSiteValue<'_>) -> Option<Value<'_>> {
    match call.try_as_basic_value() {
        ValueKind::Basic(value) => Some(Value(value)),
        ValueKind::Instruction(_) => None,
    }
}

/// A lane of a vector that is made of constants.
fn constant_lane(vector: VectorValue<'_>, lane: u32) -> Option<Value<'_>> {
    if !vector.is_const() {
        return None;
    }
    // SAFETY: the value is a constant by the test above, of vector type; null for what has no lanes yet.
    let constant = unsafe { LLVMGetAggregateElement(vector.as_value_ref(), lane) };
    if constant.is_null() {
        return None;
    }
    // SAFETY: LLVM returned a constant of the lanes' type.
    let constant = unsafe { BasicValueEnum::new(constant) };
    let known = match constant {
        BasicValueEnum::IntValue(int) => int.is_constant_int(),
        BasicValueEnum::FloatValue(float) => float.is_const() && !float.is_undef(),
        _ => false,
    };
    known.then_some(Value(constant))
}

/// The instruction that produced a value, if it is not a parameter or a constant.
fn instruction_of<'c>(value: Value<'c>) -> Option<InstructionValue<'c>> {
    value.0.as_instruction_value()
}

/// Whether a float is a constant with a value. Behind a trap that is certain LLVM may have none to give,
/// and the bits of an address are a constant without a known value.
fn is_number(float: FloatValue<'_>) -> bool {
    // SAFETY: the reference is to a live value, which inkwell's type guarantees.
    !unsafe { LLVMIsAConstantFP(float.as_value_ref()) }.is_null()
}
