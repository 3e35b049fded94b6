//! Tests and casts of references (core spec 3.3.2; spec D.13.3).
//!
//! Whether an object is of a defined type is a comparison of run-time types: with its own if the type is
//! final, else with the entry of its list of supertypes at the type's depth. A stock runtime keeps no
//! such list; there the answer is asked for.

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Access, Binary, Block, Cast, IntCompare, Region, Type, Value};
use crate::plan::{Shape, TypePlan};
use aot_format::abi::builtins::Builtin;
use aot_format::abi::object;
use aot_format::abi::traps::TrapId;
use aot_format::{HeapType, RefType};

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn ref_test(
        &mut self,
        heap: wasmparser::HeapType,
        nullable: bool,
    ) -> Result<(), CompileError> {
        let (_, answer) = self.pop_and_test(heap, nullable)?;
        self.push_bool(answer);
        Ok(())
    }

    pub(super) fn ref_cast(
        &mut self,
        heap: wasmparser::HeapType,
        nullable: bool,
    ) -> Result<(), CompileError> {
        let (value, answer) = self.pop_and_test(heap, nullable)?;
        let failed = self.negated(answer);
        self.trap_if(failed, TrapId::CastFailure);
        self.push(value);
        Ok(())
    }

    /// A reference, and whether it is of a type (a `Bool`).
    fn pop_and_test(
        &mut self,
        heap: wasmparser::HeapType,
        nullable: bool,
    ) -> Result<(Value<'c>, Value<'c>), CompileError> {
        let heap = self.heap_type(heap)?;
        let value = self.pop()?;
        let answer = self.is_of(value, RefType { nullable, heap })?;
        Ok((value, answer))
    }

    /// The opposite of a `Bool`.
    pub(super) fn negated(&mut self, value: Value<'c>) -> Value<'c> {
        let no = self.b.int(Type::Bool, 0);
        self.b.icmp(IntCompare::Eq, value, no)
    }

    /// Whether a reference is of a type that belongs to the same family, as a `Bool`.
    pub(super) fn is_of(
        &mut self,
        value: Value<'c>,
        ty: RefType,
    ) -> Result<Value<'c>, CompileError> {
        let null = self.is_null(value);
        let (yes, no) = (self.b.int(Type::Bool, 1), self.b.int(Type::Bool, 0));
        match ty.heap {
            HeapType::Any | HeapType::Func | HeapType::Extern | HeapType::Exn => {
                return Ok(if ty.nullable { yes } else { self.negated(null) });
            }
            HeapType::None | HeapType::NoFunc | HeapType::NoExtern | HeapType::NoExn => {
                return Ok(if ty.nullable { null } else { no });
            }
            _ => {}
        }
        let mut answer = Answer {
            done: self.b.block("tested"),
            sources: Vec::new(),
        };
        let object = self.b.block("object");
        answer
            .sources
            .push((self.b.int(Type::Bool, ty.nullable.into()), self.b.current()));
        self.b.branch(null, answer.done, object);
        self.b.continue_at(object);
        let found = self.is_instance(value, ty.heap, &mut answer)?;
        answer.sources.push((found, self.b.current()));
        self.b.jump(answer.done);
        self.b.continue_at(answer.done);
        Ok(self.answer(&answer))
    }

    fn answer(&mut self, answer: &Answer<'c>) -> Value<'c> {
        let phi = self.b.phi(Type::Bool);
        for (value, source) in &answer.sources {
            phi.add(*value, *source);
        }
        phi.value()
    }

    /// Whether a reference that is not null is of a type that is neither the greatest nor the least of
    /// its family. Leaves early by adding to `answer`.
    fn is_instance(
        &mut self,
        value: Value<'c>,
        heap: HeapType,
        answer: &mut Answer<'c>,
    ) -> Result<Value<'c>, CompileError> {
        if let HeapType::Concrete(index) = heap {
            let plan = self.type_plan(index)?.clone();
            if plan.shape != Shape::Func {
                self.answer_if_i31(value, false, answer);
            }
            return self.has_type(value, &plan);
        }
        if heap == HeapType::I31 {
            return Ok(self.is_i31(value));
        }
        self.answer_if_i31(value, heap == HeapType::Eq, answer);
        let header = self.header(value);
        let bits = self.bits(header);
        let host = self.masked(bits, object::ANYREF_FLAG.into());
        let zero = self.b.zero(self.unit.size_type());
        let internal = self.b.icmp(IntCompare::Eq, host, zero);
        let own = self.b.block("");
        let no = self.b.int(Type::Bool, 0);
        answer.sources.push((no, self.b.current()));
        self.b.branch(internal, own, answer.done);
        self.b.continue_at(own);
        let rtt = self.without_flags(bits);
        let offset = object::Field::TypeFlag.offset(self.unit.options.target.width);
        let address = self.b.offset(rtt, offset.into());
        let access = Access::constant(Region::Instance, 4);
        let flag = self.b.load(Type::I32, address, access);
        let wanted = match heap {
            HeapType::Struct => object::STRUCT,
            HeapType::Array => object::ARRAY,
            // Either: the numbers of the two are neighbours.
            _ => {
                let least = self.b.int(Type::I32, object::STRUCT.into());
                let position = self.b.binary(Binary::Sub, flag, least);
                let kinds = self.b.int(Type::I32, 2);
                return Ok(self.b.icmp(IntCompare::Ult, position, kinds));
            }
        };
        let wanted = self.b.int(Type::I32, wanted.into());
        Ok(self.b.icmp(IntCompare::Eq, flag, wanted))
    }

    fn is_i31(&mut self, value: Value<'c>) -> Value<'c> {
        let bits = self.bits(value);
        let low = self.masked(bits, 1);
        let zero = self.b.zero(self.unit.size_type());
        self.differs(low, zero)
    }

    fn answer_if_i31(&mut self, value: Value<'c>, holds: bool, answer: &mut Answer<'c>) {
        let small = self.is_i31(value);
        let holds = self.b.int(Type::Bool, holds.into());
        answer.sources.push((holds, self.b.current()));
        let object = self.b.block("");
        self.b.branch(small, answer.done, object);
        self.b.continue_at(object);
    }

    fn masked(&mut self, bits: Value<'c>, mask: u64) -> Value<'c> {
        let mask = self.b.int(self.unit.size_type(), mask);
        self.b.binary(Binary::And, bits, mask)
    }

    /// The run-time type in a header.
    fn without_flags(&mut self, header: Value<'c>) -> Value<'c> {
        let all = match self.unit.size_type() {
            Type::I32 => u64::from(u32::MAX),
            _ => u64::MAX,
        };
        let bits = self.masked(header, all & !u64::from(object::FLAGS));
        self.b.cast(Cast::IntToPtr, bits, Type::Ptr)
    }

    /// Whether an object (not null, not an i31) is of a defined type, as a `Bool`.
    pub(super) fn has_type(
        &mut self,
        value: Value<'c>,
        plan: &TypePlan,
    ) -> Result<Value<'c>, CompileError> {
        if plan.is_final {
            let wanted = self.rtt(plan.canonical)?;
            let header = self.header(value);
            return Ok(self.b.icmp(IntCompare::Eq, header, wanted));
        }
        let foreign = self.is_foreign_runtime();
        let (ask, known) = (self.b.block("ask_type"), self.b.block("known_type"));
        let mut answer = Answer {
            done: self.b.block("typed"),
            sources: Vec::new(),
        };
        self.b.branch_rarely(foreign, ask, known);
        self.b.continue_at(ask);
        let instance = self.instance();
        let index = self.b.int(Type::I32, plan.canonical.0.into());
        let found = self.helper(Builtin::AotObjIsInstanceOf, &[instance, value, index]);
        let found = found.ok_or_else(|| self.internal("no answer"))?;
        let failed = self.is_false(found);
        let found = self.negated(failed);
        answer.sources.push((found, self.b.current()));
        self.b.jump(answer.done);
        self.b.continue_at(known);
        let found = self.has_supertype(value, plan, &mut answer);
        answer.sources.push((found, self.b.current()));
        self.b.jump(answer.done);
        self.b.continue_at(answer.done);
        Ok(self.answer(&answer))
    }

    /// Compares with the object's list of supertypes.
    fn has_supertype(
        &mut self,
        value: Value<'c>,
        plan: &TypePlan,
        answer: &mut Answer<'c>,
    ) -> Value<'c> {
        let width = self.unit.options.target.width;
        let header = self.header(value);
        let bits = self.bits(header);
        let rtt = self.without_flags(bits);
        let pointer = self.unit.pointer_bytes();
        if plan.depth >= object::DISPLAY_MIN {
            let offset = object::Field::InheritDepth.offset(width);
            let address = self.b.offset(rtt, offset.into());
            let access = Access::constant(Region::Instance, 4);
            let depth = self.b.load(Type::I32, address, access);
            let needed = self.b.int(Type::I32, plan.depth.into());
            let short = self.b.icmp(IntCompare::Ult, depth, needed);
            let no = self.b.int(Type::Bool, 0);
            answer.sources.push((no, self.b.current()));
            let long = self.b.block("");
            self.b.branch(short, answer.done, long);
            self.b.continue_at(long);
        }
        let offset = object::display(width) + plan.depth * pointer;
        let address = self.b.offset(rtt, offset.into());
        let access = Access::constant(Region::Instance, pointer);
        let found = self.b.load(Type::Ptr, address, access);
        let wanted = self.known_rtt(plan.canonical);
        self.b.icmp(IntCompare::Eq, found, wanted)
    }
}

/// Control that meets with an answer.
struct Answer<'c> {
    done: Block<'c>,
    /// The answer (a `Bool`) from each block.
    sources: Vec<(Value<'c>, Block<'c>)>,
}
