//! One function body: validated operator by operator, and searched for what matters elsewhere.
//!
//! The search costs one comparison per operator in the pass that validation makes anyway.

use super::body::{Body, LocalRun, Roots, Uses};
use super::index::{ElemIdx, FuncIdx, MemoryIdx, TableIdx, WasmOffset};
use super::parse::{Failure, val_type};
use super::types::heap_type;
use crate::error::CompileError;
use aot_format::{HeapType, RefType, ValType};
use wasmparser::{FrameKind, FuncValidator, FunctionBody, Operator, ValidatorResources};

/// Validates a body and gathers its facts; module-wide ones are added to `uses`.
pub(super) fn scan_body<'a>(
    validator: &mut FuncValidator<ValidatorResources>,
    body: &FunctionBody<'a>,
    uses: &mut Uses,
) -> Result<Body<'a>, Failure> {
    let mut facts = Facts::default();
    facts.note_params(validator);
    let mut declarations = body.get_binary_reader();
    validator.read_locals(&mut declarations)?;
    let locals = read_locals(body, uses)?;
    let reader = body.get_binary_reader_for_operators()?;
    let offset = WasmOffset(reader.original_position());
    let end = body.range().end;
    let mut operators = wasmparser::OperatorsReader::new(reader.clone());
    while !operators.eof() {
        let (operator, position) = operators.read_with_offset()?;
        if is_safepoint(&operator) {
            facts.note_roots(validator);
        }
        validator.op(position, &operator)?;
        facts.count += 1;
        facts.height = facts.height.max(validator.operand_stack_height());
        facts.note(&operator, WasmOffset(position), uses);
        facts.note_exceptions(&operator, validator, uses);
        if is_vector_operator(body, position) {
            uses.note_simd(WasmOffset(position));
        }
    }
    operators.finish()?;
    // The type of a call's result, a global or a block can be a vector's, too; vectors that are only
    // passed through are rare enough to count them everywhere once the module has any.
    let width = match () {
        () if uses.simd.is_some() => ValType::V128.cells(),
        () if facts.wide || locals.iter().any(|run| run.ty.cells() > 1) => 2,
        () => 1,
    };
    Ok(Body {
        operators: reader,
        offset,
        size: u32::try_from(end.saturating_sub(offset.0)).unwrap_or(u32::MAX),
        local_cells: locals
            .iter()
            .map(|run| run.count.saturating_mul(run.ty.cells()))
            .sum(),
        locals,
        hints: Vec::new(),
        max_stack_cells: facts.height.saturating_mul(width),
        max_stack_height: facts.height,
        operator_count: facts.count,
        calls: facts.calls,
        rethrows: facts.rethrows,
        roots: facts.all_roots(),
        grows_memory: facts.grows_memory,
    })
}

/// Whether the operator at this offset has the prefix of vector operators.
fn is_vector_operator(body: &FunctionBody<'_>, position: u64) -> bool {
    const PREFIX: u8 = 0xfd;
    let start = usize::try_from(position - body.range().start).unwrap_or(usize::MAX);
    body.as_bytes().get(start) == Some(&PREFIX)
}

fn read_locals(body: &FunctionBody<'_>, uses: &mut Uses) -> Result<Vec<LocalRun>, Failure> {
    let mut locals = Vec::new();
    let mut reader = body.get_locals_reader()?;
    for _ in 0..reader.get_count() {
        let offset = reader.original_position();
        let (count, ty) = reader.read()?;
        let ty = val_type(ty, offset)?;
        note_operand_type(ty, WasmOffset(offset), uses);
        locals.push(LocalRun { count, ty });
    }
    Ok(locals)
}

/// How many of the open blocks are of some kinds.
fn frames(validator: &FuncValidator<ValidatorResources>, of: impl Fn(FrameKind) -> bool) -> u32 {
    let frames = (0..).map_while(|depth| validator.get_control_frame(depth));
    let found = frames.filter(|frame| of(frame.kind));
    found.fold(0, |count, _| count + 1)
}

fn in_loop(validator: &FuncValidator<ValidatorResources>) -> bool {
    frames(validator, |kind| kind == FrameKind::Loop) > 0
}

fn is_exception(ty: wasmparser::ValType) -> bool {
    let wasmparser::ValType::Ref(ty) = ty else {
        return false;
    };
    let heap = heap_type(ty.heap_type());
    matches!(heap, Some(HeapType::Exn | HeapType::NoExn))
}

/// Facts of one body.
#[derive(Default)]
struct Facts {
    count: u32,
    height: u32,
    wide: bool,
    calls: bool,
    rethrows: bool,
    /// Greatest number of handlers of the older form around a safepoint.
    handlers: u32,
    /// A reference to an exception has come to be.
    exception_seen: bool,
    /// There has been a safepoint in a loop.
    loops_collect: bool,
    grows_memory: bool,
    roots: Roots,
}

impl Facts {
    /// Counts the references on the operand stack before an operator that may collect.
    fn note_roots(&mut self, validator: &FuncValidator<ValidatorResources>) {
        let (mut references, mut exceptions) = (0, 0);
        for depth in 0.. {
            let Some(operand) = validator.get_operand_type(depth) else {
                break;
            };
            references +=
                u32::from(operand.is_some_and(|ty| matches!(ty, wasmparser::ValType::Ref(_))));
            exceptions += u32::from(operand.is_some_and(is_exception));
        }
        self.handlers = self.handlers.max(frames(validator, |kind| {
            matches!(kind, FrameKind::LegacyCatch | FrameKind::LegacyCatchAll)
        }));
        self.loops_collect |= in_loop(validator);
        let roots = &mut self.roots;
        roots.safepoint = true;
        roots.references = roots.references.max(references);
        roots.exceptions = roots.exceptions.max(exceptions);
        roots.holds_exceptions |= self.exception_seen;
    }

    /// Notes exceptions among the parameters, before the locals are declared.
    fn note_params(&mut self, validator: &FuncValidator<ValidatorResources>) {
        let mut types = (0..).map_while(|local| validator.get_local_type(local));
        self.exception_seen = types.any(is_exception);
    }

    /// Notes where a reference to an exception first comes to be: what is before, and not in a loop with
    /// it, knows none.
    fn note_exceptions(
        &mut self,
        operator: &Operator<'_>,
        validator: &FuncValidator<ValidatorResources>,
        uses: &Uses,
    ) {
        let pushes = matches!(
            operator,
            Operator::End
                | Operator::Call { .. }
                | Operator::CallIndirect { .. }
                | Operator::CallRef { .. }
                | Operator::GlobalGet { .. }
                | Operator::TableGet { .. }
        );
        if self.exception_seen || !pushes || !uses.exception_references {
            return;
        }
        let mut operands = (0..).map_while(|depth| validator.get_operand_type(depth));
        if operands.any(|operand| operand.is_some_and(is_exception)) {
            self.exception_seen = true;
            self.roots.holds_exceptions |= self.loops_collect && in_loop(validator);
        }
    }

    /// What the collector has to know of: also the exceptions that handlers may throw again.
    fn all_roots(&self) -> Roots {
        let held = if self.rethrows { self.handlers } else { 0 };
        Roots {
            references: self.roots.references.saturating_add(held),
            exceptions: self.roots.exceptions.saturating_add(held),
            holds_exceptions: self.roots.holds_exceptions || held > 0,
            ..self.roots
        }
    }

    fn note(&mut self, operator: &Operator<'_>, offset: WasmOffset, uses: &mut Uses) {
        match operator {
            // The callee may return 64-bit values.
            Operator::Call { .. } => (self.calls, self.wide) = (true, true),
            Operator::ReturnCall { .. } => {
                (self.calls, self.wide) = (true, true);
                uses.tail_calls = true;
            }
            Operator::CallRef { .. } => {
                (self.calls, self.wide) = (true, true);
                uses.note_objects(offset);
            }
            Operator::ReturnCallRef { .. } => {
                (self.calls, self.wide) = (true, true);
                uses.tail_calls = true;
                uses.note_objects(offset);
            }
            Operator::CallIndirect { table_index, .. } => {
                (self.calls, self.wide) = (true, true);
                uses.call_indirect.insert(TableIdx(*table_index));
            }
            Operator::ReturnCallIndirect { table_index, .. } => {
                (self.calls, self.wide) = (true, true);
                uses.call_indirect.insert(TableIdx(*table_index));
                uses.tail_calls = true;
            }
            Operator::MemoryGrow { mem } => {
                self.grows_memory = true;
                uses.memory_grow.insert(MemoryIdx(*mem));
            }
            Operator::MemorySize { .. } => uses.memory_size = true,
            Operator::MemoryInit { .. } | Operator::DataDrop { .. } => {
                uses.note_bulk_memory(offset);
                uses.data_segments_at_run_time = true;
            }
            Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } => {
                uses.note_bulk_memory(offset);
            }
            Operator::Rethrow { .. } => self.rethrows = true,
            _ if note_exception(operator, uses) => self.wide = true,
            _ if note_table(operator, offset, uses) => {}
            _ if note_object(operator, offset, uses) => self.wide = true,
            // Any other operator may push a 64-bit value; finding out which would cost more than
            // the cells are worth.
            _ => self.wide = true,
        }
    }
}

/// Notes operators on exceptions; false if the operator is none.
fn note_exception(operator: &Operator<'_>, uses: &mut Uses) -> bool {
    match operator {
        Operator::Try { .. } | Operator::TryTable { .. } => {
            uses.exceptions = true;
            uses.handlers = true;
            uses.exception_references |= matches!(operator, Operator::TryTable { .. });
        }
        Operator::Throw { .. } | Operator::ThrowRef => uses.exceptions = true,
        _ => return false,
    }
    true
}

/// Notes operators on tables and references; false if the operator is none.
fn note_table(operator: &Operator<'_>, offset: WasmOffset, uses: &mut Uses) -> bool {
    match *operator {
        Operator::TableInit { elem_index, table } => {
            uses.note_bulk_memory(offset);
            uses.elem_init.insert(ElemIdx(elem_index));
            uses.table_write.insert(TableIdx(table));
            uses.table_helpers = true;
        }
        Operator::TableCopy { dst_table, .. } => {
            uses.note_bulk_memory(offset);
            uses.table_write.insert(TableIdx(dst_table));
            uses.table_helpers = true;
        }
        Operator::ElemDrop { .. } => {
            uses.note_bulk_memory(offset);
            uses.table_helpers = true;
        }
        Operator::TableFill { table } => {
            uses.note_reference_types(offset);
            uses.table_write.insert(TableIdx(table));
            uses.table_helpers = true;
        }
        Operator::TableGrow { table } => {
            uses.note_reference_types(offset);
            uses.table_write.insert(TableIdx(table));
            uses.table_grow.insert(TableIdx(table));
            uses.table_helpers = true;
        }
        Operator::TableSet { table } => {
            uses.note_reference_types(offset);
            uses.table_write.insert(TableIdx(table));
        }
        Operator::RefFunc { function_index } => {
            uses.note_reference_types(offset);
            uses.ref_func.insert(FuncIdx(function_index));
        }
        Operator::RefNull { hty } => {
            if let Some(heap) = heap_type(hty) {
                note_operand_type(ValType::Ref(RefType::nullable(heap)), offset, uses);
            }
        }
        Operator::TypedSelect { ty } => {
            uses.note_reference_types(offset);
            note_parsed_type(ty, offset, uses);
        }
        Operator::TableGet { .. }
        | Operator::TableSize { .. }
        | Operator::RefIsNull
        | Operator::TypedSelectMulti { .. } => uses.note_reference_types(offset),
        _ => return false,
    }
    true
}

/// Notes operators of the garbage collection and function references proposals, and block types that
/// need them; false if the operator is none.
fn note_object(operator: &Operator<'_>, offset: WasmOffset, uses: &mut Uses) -> bool {
    match operator {
        Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
            if let wasmparser::BlockType::Type(ty) = *blockty {
                note_parsed_type(ty, offset, uses);
            }
        }
        _ if is_object_operator(operator) => uses.note_objects(offset),
        _ => return false,
    }
    true
}

fn note_parsed_type(ty: wasmparser::ValType, offset: WasmOffset, uses: &mut Uses) {
    if let Some(ty) = super::types::val_type(ty) {
        note_operand_type(ty, offset, uses);
    }
}

/// Notes the type of a local or operand. Exceptions are objects in every representation.
fn note_operand_type(ty: ValType, offset: WasmOffset, uses: &mut Uses) {
    match ty.reference().map(|reference| reference.heap) {
        Some(HeapType::Exn | HeapType::NoExn) => uses.note_reference_types(offset),
        _ => uses.note_type(ty, offset),
    }
}

/// Whether a body may collect by other means than direct calls; and the functions it calls directly.
pub(super) fn read_collections(body: &Body<'_>) -> Result<(bool, Vec<FuncIdx>), CompileError> {
    let mut calls = Vec::new();
    let mut collects = false;
    let mut operators = body.operators();
    while !operators.eof() {
        match operators.read()? {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                calls.push(FuncIdx(function_index));
            }
            operator => collects |= is_safepoint(&operator),
        }
    }
    Ok((collects, calls))
}

/// Whether the collector may run during an operator.
fn is_safepoint(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::CallRef { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::ReturnCallRef { .. }
            | Operator::RefFunc { .. }
            | Operator::TableInit { .. }
            | Operator::StructNew { .. }
            | Operator::StructNewDefault { .. }
            | Operator::ArrayNew { .. }
            | Operator::ArrayNewDefault { .. }
            | Operator::ArrayNewFixed { .. }
            | Operator::ArrayNewData { .. }
            | Operator::ArrayNewElem { .. }
            | Operator::ExternConvertAny
            // Throwing what exists already allocates nothing.
            | Operator::Throw { .. }
    )
}

/// Operators that only make sense where references are objects. Calls are noted elsewhere.
fn is_object_operator(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::RefEq
            | Operator::RefAsNonNull
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. }
            | Operator::RefTestNonNull { .. }
            | Operator::RefTestNullable { .. }
            | Operator::RefCastNonNull { .. }
            | Operator::RefCastNullable { .. }
            | Operator::RefI31
            | Operator::AnyConvertExtern
            | Operator::ExternConvertAny
    )
}
