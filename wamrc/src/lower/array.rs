//! Arrays (core spec 3.3.5; spec D.13.3).
//!
//! Access, `array.fill` and `array.copy` are inline, with ranges checked in 64 bits (stock's wrap, and
//! skip the check for long or empty ranges). What needs a segment is the runtime's business.

use super::function::FunctionLowering;
use super::object::Extend;
use crate::error::CompileError;
use crate::llvm::{Access, Binary, Cast, IntCompare, Region, Type, Value};
use crate::plan::{FieldPlan, Shape};
use crate::wasm::StorageType;
use aot_format::abi::builtins::Builtin;
use aot_format::abi::object;
use aot_format::abi::traps::TrapId;

/// Access to the 16 bytes that hand an element's value to the runtime.
const VALUE: Access = Access {
    align: 8,
    region: Region::Argument,
    constant: false,
};

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    fn element(&self, ty: u32) -> Result<FieldPlan, CompileError> {
        match self.type_plan(ty)?.shape {
            Shape::Array(element) => Ok(element),
            _ => Err(self.internal("not an array type")),
        }
    }

    pub(super) fn array_new(&mut self, ty: u32) -> Result<(), CompileError> {
        let element = self.element(ty)?;
        self.safepoint();
        let [value, length] = self.pop_array()?;
        let room = self.b.words(2);
        let value = match element.storage {
            // The runtime reads an i32.
            StorageType::I8 | StorageType::I16 => value,
            StorageType::Val(_) => self.packed(element.storage, value),
        };
        self.b.store(value, room, VALUE);
        let array = self.new_array(ty, length, room)?;
        self.push(array);
        Ok(())
    }

    pub(super) fn array_new_default(&mut self, ty: u32) -> Result<(), CompileError> {
        self.safepoint();
        let length = self.pop()?;
        let zero = self.b.zero(Type::Ptr);
        let array = self.new_array(ty, length, zero)?;
        self.push(array);
        Ok(())
    }

    pub(super) fn array_new_fixed(&mut self, ty: u32, count: u32) -> Result<(), CompileError> {
        let element = self.element(ty)?;
        self.safepoint();
        let (length, zero) = (self.b.int(Type::I32, count.into()), self.b.zero(Type::Ptr));
        let array = self.new_array(ty, length, zero)?;
        let values = self.pop_many(usize::try_from(count).unwrap_or(usize::MAX))?;
        let mut offset = u64::from(element.offset);
        for value in values {
            let address = self.b.offset(array, offset);
            self.write_field(address, &element, value);
            offset += u64::from(element.bytes);
        }
        self.push(array);
        Ok(())
    }

    fn new_array(
        &mut self,
        ty: u32,
        length: Value<'c>,
        value: Value<'c>,
    ) -> Result<Value<'c>, CompileError> {
        let canonical = self.type_plan(ty)?.canonical;
        let rtt = self.rtt(canonical)?;
        let args = [self.exec_env, rtt, length, value];
        let array = self.helper(Builtin::WasmArrayObjNew, &args);
        let array = array.ok_or_else(|| self.internal("no answer"))?;
        self.trap_if_null(array, TrapId::FailedToCreateArrayObj);
        Ok(array)
    }

    /// `array.new_data` and `array.new_elem`.
    pub(super) fn array_new_segment(
        &mut self,
        helper: Builtin,
        ty: u32,
        segment: u32,
    ) -> Result<(), CompileError> {
        let canonical = self.type_plan(ty)?.canonical;
        self.safepoint();
        let [offset, length] = self.pop_array()?;
        let rtt = self.rtt(canonical)?;
        let segment = self.b.int(Type::I32, segment.into());
        let array = self.helper(helper, &[self.exec_env, rtt, segment, offset, length]);
        self.leave_if_exception();
        let array = array.ok_or_else(|| self.internal("no answer"))?;
        self.push(array);
        Ok(())
    }

    /// `array.init_data` and `array.init_elem`.
    pub(super) fn array_init_segment(
        &mut self,
        helper: Builtin,
        segment: u32,
    ) -> Result<(), CompileError> {
        let [array, index, offset, length] = self.pop_array()?;
        self.trap_if_null(array, TrapId::NullArrayObj);
        let segment = self.b.int(Type::I32, segment.into());
        let instance = self.instance();
        let args = [instance, array, index, segment, offset, length];
        self.helper(helper, &args);
        self.leave_if_exception();
        Ok(())
    }

    /// The length of an array that is not null.
    fn length(&mut self, array: Value<'c>) -> Value<'c> {
        let offset = object::array_length(self.unit.options.target.width);
        let address = self.b.offset(array, offset.into());
        let word = self
            .b
            .load(Type::I32, address, Access::new(Region::Object, 4));
        let shift = self.b.int(Type::I32, object::LENGTH_SHIFT.into());
        self.b.binary(Binary::LShr, word, shift)
    }

    pub(super) fn array_len(&mut self) -> Result<(), CompileError> {
        let array = self.pop()?;
        self.trap_if_null(array, TrapId::NullArrayObj);
        let length = self.length(array);
        self.push(length);
        Ok(())
    }

    pub(super) fn array_get(&mut self, ty: u32, extend: Extend) -> Result<(), CompileError> {
        let element = self.element(ty)?;
        let [array, index] = self.pop_array()?;
        let address = self.checked_element_address(array, index, &element);
        let value = self.read_field(address, &element, extend);
        self.push(value);
        Ok(())
    }

    pub(super) fn array_set(&mut self, ty: u32) -> Result<(), CompileError> {
        let element = self.element(ty)?;
        let [array, index, value] = self.pop_array()?;
        let address = self.checked_element_address(array, index, &element);
        self.write_field(address, &element, value);
        Ok(())
    }

    fn checked_element_address(
        &mut self,
        array: Value<'c>,
        index: Value<'c>,
        element: &FieldPlan,
    ) -> Value<'c> {
        self.trap_if_null(array, TrapId::NullArrayObj);
        let length = self.length(array);
        let outside = self.b.icmp(IntCompare::Uge, index, length);
        self.trap_if(outside, TrapId::ArrayIdxOob);
        self.array_place(array, index, element)
    }

    /// The address of an element that is there, or of the end.
    fn array_place(
        &mut self,
        array: Value<'c>,
        index: Value<'c>,
        element: &FieldPlan,
    ) -> Value<'c> {
        let first = self.b.offset(array, element.offset.into());
        let distance = self.scaled(index, element.bytes);
        self.b.index(first, distance)
    }

    /// The address of a range of an array, after checking it.
    fn array_range(
        &mut self,
        array: Value<'c>,
        start: Value<'c>,
        count: Value<'c>,
        element: &FieldPlan,
    ) -> Value<'c> {
        let length = self.length(array);
        let wide = |value| self.b.cast(Cast::ZExt, value, Type::I64);
        let end = self.b.binary(Binary::Add, wide(start), wide(count));
        let outside = self.b.icmp(IntCompare::Ugt, end, wide(length));
        self.trap_if(outside, TrapId::ArrayIdxOob);
        self.array_place(array, start, element)
    }

    pub(super) fn array_copy(&mut self, to: u32, from: u32) -> Result<(), CompileError> {
        let (to, from) = (self.element(to)?, self.element(from)?);
        let [target, target_start, source, source_start, count] = self.pop_array()?;
        self.trap_if_null(target, TrapId::NullArrayObj);
        self.trap_if_null(source, TrapId::NullArrayObj);
        let target = self.array_range(target, target_start, count, &to);
        let source = self.array_range(source, source_start, count, &from);
        // Validation has seen to it that both have elements of one size.
        let bytes = self.scaled(count, to.bytes);
        self.b.memmove(target, source, bytes);
        Ok(())
    }

    pub(super) fn array_fill(&mut self, ty: u32) -> Result<(), CompileError> {
        let element = self.element(ty)?;
        let [array, start, value, count] = self.pop_array()?;
        self.trap_if_null(array, TrapId::NullArrayObj);
        let first = self.array_range(array, start, count, &element);
        let bytes = self.scaled(count, element.bytes);
        if element.storage == StorageType::I8 {
            let byte = self.b.cast(Cast::Trunc, value, Type::I8);
            self.b.memset(first, byte, bytes);
            return Ok(());
        }
        let value = self.packed(element.storage, value);
        self.fill_elements(first, bytes, value, &element);
        Ok(())
    }

    /// Writes a value to every element of a range of so many bytes.
    fn fill_elements(
        &mut self,
        first: Value<'c>,
        bytes: Value<'c>,
        value: Value<'c>,
        element: &FieldPlan,
    ) {
        let size = self.unit.size_type();
        let zero = self.b.zero(size);
        let before = self.b.current();
        let (header, done) = (self.b.block("fill"), self.b.block("filled"));
        let empty = self.b.icmp(IntCompare::Eq, bytes, zero);
        self.b.branch(empty, done, header);
        self.b.continue_at(header);
        let position = self.b.phi(size);
        position.add(zero, before);
        let address = self.b.index(first, position.value());
        let access = Access::new(Region::Object, element.align);
        self.b.store(value, address, access);
        let step = self.b.int(size, element.bytes.into());
        let next = self.b.binary(Binary::Add, position.value(), step);
        position.add(next, header);
        let last = self.b.icmp(IntCompare::Eq, next, bytes);
        self.b.branch(last, done, header);
        self.b.continue_at(done);
    }
}
