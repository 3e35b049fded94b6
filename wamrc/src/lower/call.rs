//! Calls (core spec 3.3.8; spec C.1, C.8.4, C.10).
//!
//! Three ways: a machine call of a function of this module; the runtime's helper with an argument
//! array, for imports; and through a table, which is a machine call after three checks, or the helper
//! for elements whose function is not defined here.

use super::function::FunctionLowering;
use super::interface::Signals;
use crate::error::CompileError;
use crate::llvm::{Access, Binary, Block, Cast, Function, IntCompare, Region, Type, Value};
use crate::plan::TablePlan;
use crate::wasm::{FuncIdx, FuncType, TableIdx, TypeIdx};
use aot_format::abi::builtins::Builtin;
use aot_format::abi::table;
use aot_format::abi::traps::TrapId;

/// Access to a cell of an argument array: cells are 32 bits wide and hold wider values unaligned.
const CELL: Access = Access {
    align: 4,
    region: Region::Argument,
    constant: false,
};

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn call(&mut self, index: u32) -> Result<(), CompileError> {
        let module = self.unit.module;
        let function = FuncIdx(index);
        let declared = module.functions.get(function.position());
        let declared = declared.ok_or_else(|| self.internal("unknown function"))?;
        let ty = module.func_type(declared.ty);
        if self
            .unit
            .plan
            .defined(function)
            .is_none_or(|plan| plan.collects)
        {
            self.safepoint();
        }
        let args = self.pop_many(ty.params.len())?;
        self.note_call(ty);
        if declared.origin.import().is_some() {
            let index = self.b.int(Type::I32, index.into());
            let results = self.call_import(index, ty, &args);
            self.stack.extend(results);
            return Ok(());
        }
        let results = self.call_body(function, ty, &args)?;
        self.stack.extend(results);
        Ok(())
    }

    /// Calls a function of this module.
    pub(super) fn call_body(
        &mut self,
        function: FuncIdx,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Result<Vec<Value<'c>>, CompileError> {
        let body = self.body_of(function)?;
        let plan = self.unit.plan.defined(function);
        let places = self.result_places(ty);
        let args = self.own_args(ty, args, &places)?;
        let signals = plan.map_or(Signals::No, |plan| Signals::of(plan, self.unit.plan));
        let answer = match self.unit.bounces() {
            true => {
                let signature = self.interface(ty, signals).signature;
                self.go_on(&signature, self.b.address_of(body))
            }
            false => self.b.call(body, &args),
        };
        let first = self.take_answer(answer, signals);
        Ok(self.machine_results(ty, first, &places))
    }

    /// Where a machine call leaves the results beyond the first.
    fn result_places(&mut self, ty: &FuncType) -> Vec<Value<'c>> {
        let mut places = Vec::new();
        let extra: u32 = ty
            .results
            .iter()
            .skip(1)
            .map(|ty| self.unit.cells(*ty))
            .sum();
        if extra > 0 {
            let array = self.argument_array(extra);
            let mut cell = 0;
            for ty in ty.results.iter().skip(1) {
                places.push(self.b.offset(array, u64::from(cell) * 4));
                cell += self.unit.cells(*ty);
            }
        }
        places
    }

    fn machine_results(
        &mut self,
        ty: &FuncType,
        first: Option<Value<'c>>,
        places: &[Value<'c>],
    ) -> Vec<Value<'c>> {
        let extra = ty.results.iter().skip(1).zip(places);
        let extra = extra.map(|(ty, place)| self.b.load(self.unit.machine_type(*ty), *place, CELL));
        first.into_iter().chain(extra).collect()
    }

    /// Calls a function that is not defined here by its index.
    pub(super) fn call_import(
        &mut self,
        index: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Vec<Value<'c>> {
        // Parameters, then a pointer per result beyond the first, then the storage for those,
        // aligned to 8. The first result comes back in place of the parameters.
        let params = ty.param_cells(self.unit.plan.references);
        let pointer_cells = self.unit.pointer_bytes() / 4;
        let extra = ty.results.iter().skip(1);
        let pointers = pointer_cells * extra.clone().fold(0, |count, _| count + 1);
        let storage = (params + pointers).next_multiple_of(2);
        let first_cells = ty.results.first().map_or(0, |ty| self.unit.cells(*ty));
        let storage = storage.max(first_cells);
        let total = storage + extra.clone().map(|ty| self.unit.cells(*ty)).sum::<u32>();
        let array = self.argument_array(total);
        self.store_args(array, ty, args);
        let mut pointer = params;
        let mut place = storage;
        for ty in extra.clone() {
            let value = self.cell(array, place);
            let slot = self.cell(array, pointer);
            self.b.store(value, slot, CELL);
            pointer += pointer_cells;
            place += self.unit.cells(*ty);
        }
        let argc = self.b.int(Type::I32, params.into());
        let answer = self.helper(
            Builtin::AotInvokeNative,
            &[self.exec_env, index, argc, array],
        );
        self.leave_if_call_failed(answer);
        let mut results = Vec::with_capacity(ty.results.len());
        if let Some(first) = ty.results.first() {
            results.push(self.b.load(self.unit.machine_type(*first), array, CELL));
        }
        let mut place = storage;
        for ty in extra {
            let address = self.cell(array, place);
            results.push(self.b.load(self.unit.machine_type(*ty), address, CELL));
            place += self.unit.cells(*ty);
        }
        results
    }

    /// The body of a function of this module.
    pub(super) fn body_of(&self, function: FuncIdx) -> Result<Function<'c>, CompileError> {
        let plan = self.unit.plan.defined(function);
        let plan = plan.ok_or_else(|| self.internal("unknown function"))?;
        Ok(self.unit.body(plan))
    }

    fn cell(&mut self, array: Value<'c>, cell: u32) -> Value<'c> {
        self.b.offset(array, u64::from(cell) * 4)
    }

    /// Writes parameters to consecutive cells.
    fn store_args(&mut self, array: Value<'c>, ty: &FuncType, args: &[Value<'c>]) {
        let mut cell = 0;
        for (ty, value) in ty.params.iter().zip(args) {
            let address = self.cell(array, cell);
            self.b.store(*value, address, CELL);
            cell += self.unit.cells(*ty);
        }
    }

    pub(super) fn call_indirect(&mut self, ty: u32, table: u32) -> Result<(), CompileError> {
        let module = self.unit.module;
        let ty = module.canonical_type(TypeIdx(ty));
        let func_type = module.func_type(ty);
        let plan = self.table(table)?;
        let (element, args) = self.pop_element(&plan, func_type)?;
        let targets = self.unit.plan.targets.get(&(TableIdx(table), ty));
        if let Some(table) = self.dispatch_table_of(TableIdx(table), ty)? {
            if let Some(targets) = targets {
                let table = (table, plan.min);
                let results = self.call_one_of(targets, table, element, func_type, &args)?;
                self.stack.extend(results);
                return Ok(());
            }
            let callee = self.dispatched(table, plan.min, element, ty);
            let results = self.call_body_pointer(callee, func_type, &args)?;
            self.stack.extend(results);
            return Ok(());
        }
        if self.objects() {
            let function = self.checked_function(&plan, element, ty)?;
            let results = self.call_function_object(function, func_type, &args)?;
            self.stack.extend(results);
            return Ok(());
        }
        let function = self.checked_element(&plan, element, ty);
        if !plan.holds_foreign {
            let results = self.call_by_index(function, func_type, &args)?;
            self.stack.extend(results);
            return Ok(());
        }
        let results = self.native_or_foreign(function, func_type, &args, |this| {
            this.call_element(TableIdx(table), element, func_type, &args)
        })?;
        self.stack.extend(results);
        Ok(())
    }

    /// The table element that a call goes through, and the arguments.
    pub(super) fn pop_element(
        &mut self,
        plan: &TablePlan,
        ty: &FuncType,
    ) -> Result<(Value<'c>, Vec<Value<'c>>), CompileError> {
        self.safepoint();
        let element = self.pop_callee(plan)?;
        let args = self.pop_many(ty.params.len())?;
        self.note_call(ty);
        Ok((element, args))
    }

    /// Calls a function by its index if it is defined here, else by `foreign`.
    pub(super) fn native_or_foreign(
        &mut self,
        function: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
        foreign: impl FnOnce(&mut Self) -> Vec<Value<'c>>,
    ) -> Result<Vec<Value<'c>>, CompileError> {
        let (native_block, foreign_block, done) = (
            self.b.block("direct"),
            self.b.block("foreign"),
            self.b.block("called"),
        );
        self.branch_if_foreign(function, foreign_block, native_block);
        self.b.continue_at(native_block);
        let direct = self.call_by_index(function, ty, args)?;
        let direct_end = self.b.current();
        self.b.jump(done);
        self.b.continue_at(foreign_block);
        let helped = foreign(self);
        let helped_end = self.b.current();
        self.b.jump(done);
        self.b.continue_at(done);
        let pairs = ty.results.iter().zip(direct).zip(helped);
        let mut results = Vec::with_capacity(ty.results.len());
        for ((ty, direct), helped) in pairs {
            let phi = self.b.phi(self.unit.machine_type(*ty));
            phi.add(direct, direct_end);
            phi.add(helped, helped_end);
            results.push(phi.value());
        }
        Ok(results)
    }

    /// The function index in a table element; traps unless it is there, not null and of the type.
    pub(super) fn checked_element(
        &mut self,
        plan: &TablePlan,
        element: Value<'c>,
        ty: TypeIdx,
    ) -> Value<'c> {
        let size = self.table_length(plan);
        let outside = self.b.icmp(IntCompare::Uge, element, size);
        self.trap_if(outside, TrapId::UndefinedElement);
        let function = self.read_element(plan, element);
        let null = self.b.int(Type::I32, table::NULL_ELEMENT.into());
        let is_null = self.b.icmp(IntCompare::Eq, function, null);
        self.trap_if(is_null, TrapId::UninitializedElement);
        let types = self.func_types();
        let index = self.scaled(function, 4);
        let address = self.b.index(types, index);
        let found = self
            .b
            .load(Type::I32, address, Access::constant(Region::Instance, 4));
        let wanted = self.b.int(Type::I32, ty.0.into());
        let different = self.b.icmp(IntCompare::Ne, found, wanted);
        self.trap_if(different, TrapId::InvalidFunctionTypeIndex);
        function
    }

    /// `index * bytes` as wide as a pointer.
    pub(super) fn scaled(&mut self, index: Value<'c>, bytes: u32) -> Value<'c> {
        let size = self.unit.size_type();
        let index = self.b.cast(Cast::ZExt, index, size);
        let shift = self.b.int(size, bytes.trailing_zeros().into());
        self.b.binary(Binary::Shl, index, shift)
    }

    /// Imports lie below the defined functions, functions of other instances above.
    pub(super) fn branch_if_foreign(
        &mut self,
        function: Value<'c>,
        foreign: Block<'c>,
        native: Block<'c>,
    ) {
        let imports = self.b.int(Type::I32, self.unit.plan.import_count().into());
        let defined = self.b.int(Type::I32, self.unit.plan.defined_count().into());
        let position = self.b.binary(Binary::Sub, function, imports);
        let is_foreign = self.b.icmp(IntCompare::Uge, position, defined);
        self.b.branch_rarely(is_foreign, foreign, native);
    }

    /// Calls a body through its address.
    fn call_body_pointer(
        &mut self,
        callee: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Result<Vec<Value<'c>>, CompileError> {
        let places = self.result_places(ty);
        let args = self.own_args(ty, args, &places)?;
        let signals = Signals::of_reference(self.unit.plan);
        let signature = self.interface(ty, signals).signature;
        let answer = match self.unit.bounces() {
            true => self.go_on(&signature, callee),
            false => self.b.call_pointer(&signature, callee, &args),
        };
        let first = self.take_answer(answer, signals);
        Ok(self.machine_results(ty, first, &places))
    }

    /// Calls a function of this module by its index in the function index space: its entry, or its
    /// body where entries speak another convention.
    fn call_by_index(
        &mut self,
        function: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Result<Vec<Value<'c>>, CompileError> {
        if self.unit.plan.calls_bodies() {
            let callee = self.body_by_index(function);
            return self.call_body_pointer(callee, ty, args);
        }
        let pointers = self.func_ptrs();
        let bytes = self.unit.pointer_bytes();
        let index = self.scaled(function, bytes);
        let address = self.b.index(pointers, index);
        let callee = self.b.load(
            Type::Ptr,
            address,
            Access::constant(Region::Instance, bytes),
        );
        let places = self.result_places(ty);
        let args: Vec<_> = std::iter::once(self.exec_env)
            .chain(args.iter().copied())
            .chain(places.iter().copied())
            .collect();
        let first = self.b.call_pointer(&self.unit.signature(ty), callee, &args);
        self.leave_if_exception();
        Ok(self.machine_results(ty, first, &places))
    }

    /// Calls a table element through the runtime; results come back in consecutive cells.
    pub(super) fn call_element(
        &mut self,
        table: TableIdx,
        element: Value<'c>,
        ty: &FuncType,
        args: &[Value<'c>],
    ) -> Vec<Value<'c>> {
        let params = ty.param_cells(self.unit.plan.references);
        let array = self.argument_array(params.max(ty.result_cells(self.unit.plan.references)));
        self.store_args(array, ty, args);
        let table = self.b.int(Type::I32, table.0.into());
        let argc = self.b.int(Type::I32, params.into());
        let args = [self.exec_env, table, element, argc, array];
        let answer = self.helper(Builtin::AotCallIndirect, &args);
        self.leave_if_call_failed(answer);
        let mut cell = 0;
        let mut results = Vec::with_capacity(ty.results.len());
        for ty in &ty.results {
            let address = self.cell(array, cell);
            results.push(self.b.load(self.unit.machine_type(*ty), address, CELL));
            cell += self.unit.cells(*ty);
        }
        results
    }

    /// Counts the stack a call of this type takes, by the rule of spec C.2.2.
    pub(super) fn note_call(&mut self, ty: &FuncType) {
        let bytes = super::stack::call_bytes(ty, self.unit.plan.references);
        self.call_bytes = self.call_bytes.max(bytes);
    }
}
