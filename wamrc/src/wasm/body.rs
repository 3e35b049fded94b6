//! Function bodies and the facts gathered while they were validated.
//!
//! The operators themselves are not kept: lowering reads them again from the bytes.

use super::hint::Hint;
use super::index::{ElemIdx, FuncIdx, MemoryIdx, TableIdx, WasmOffset};
use super::module::ValType;
use crate::error::CompileError;
use aot_format::HeapType;
use std::collections::BTreeSet;

/// A run of declared locals of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalRun {
    /// How many.
    pub count: u32,
    /// Their type.
    pub ty: ValType,
}

/// The body of a defined function.
#[derive(Clone, Debug)]
pub struct Body<'a> {
    /// The operators, from the first after the local declarations to the final `end`.
    pub(super) operators: wasmparser::BinaryReader<'a>,
    /// Where the operators start in the file.
    pub offset: WasmOffset,
    /// Bytes the operators take.
    pub size: u32,
    /// Declared locals, without the parameters.
    pub locals: Vec<LocalRun>,
    /// Which way conditional branches usually go, by ascending offset of the operator.
    pub hints: Vec<(WasmOffset, Hint)>,
    /// 32-bit cells of the declared locals.
    pub local_cells: u32,
    /// An upper bound of the 32-bit cells the operand stack needs: the greatest number of operands
    /// times the widest operand of the function.
    pub max_stack_cells: u32,
    /// Greatest number of operands on the stack.
    pub max_stack_height: u32,
    /// Number of operators.
    pub operator_count: u32,
    /// Contains a call of any kind.
    pub calls: bool,
    /// What the collector may have to know of.
    pub roots: Roots,
    /// Contains `rethrow`.
    pub rethrows: bool,
    /// Contains `memory.grow`.
    pub grows_memory: bool,
}

/// References on the operand stack where a collection may happen: at calls and allocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// A collection may happen.
    pub safepoint: bool,
    /// Greatest number of references below and including the operands of such an operator.
    pub references: u32,
    /// How many exception references there are among them at most.
    pub exceptions: u32,
    /// An exception may be referred to then, by an operand, a local, or a handler that may throw it
    /// again.
    pub holds_exceptions: bool,
}

/// What the bodies and segments of a module use, as far as layout or the file's requirements
/// depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Memories that `memory.grow` is applied to.
    pub memory_grow: BTreeSet<MemoryIdx>,
    /// `memory.size` occurs.
    pub memory_size: bool,
    /// First use of vectors: an operator or a type.
    pub simd: Option<WasmOffset>,
    /// First operator or segment form of bulk memory, including passive segments.
    pub bulk_memory: Option<WasmOffset>,
    /// `memory.init` or `data.drop` occurs, or a passive data segment exists: needs the runtime's
    /// bulk memory support.
    pub data_segments_at_run_time: bool,
    /// First use of reference types: an operator, a type, a segment form.
    pub reference_types: Option<WasmOffset>,
    /// First use of a type or operator for which references must be addresses of objects
    /// (`aot_format::Representation`).
    pub objects: Option<WasmOffset>,
    /// An operator that is carried out by the runtime's table helpers occurs (`table.init`,
    /// `table.copy`, `table.fill`, `table.grow`, `elem.drop`).
    pub table_helpers: bool,
    /// Tables that `table.grow` is applied to.
    pub table_grow: BTreeSet<TableIdx>,
    /// Tables written at run time by any operator of the module.
    pub table_write: BTreeSet<TableIdx>,
    /// Passive element segments used by `table.init`.
    pub elem_init: BTreeSet<ElemIdx>,
    /// Functions that `ref.func` names in bodies.
    pub ref_func: BTreeSet<FuncIdx>,
    /// Tables that `call_indirect` or `return_call_indirect` is applied to.
    pub call_indirect: BTreeSet<TableIdx>,
    /// A tail call occurs.
    pub tail_calls: bool,
    /// Exceptions are thrown or caught.
    pub exceptions: bool,
    /// References to exceptions can come to be: types mention them, or handlers may ask for them.
    pub exception_references: bool,
    /// Exceptions are caught: a block with handlers occurs.
    pub handlers: bool,
}

impl<'a> Body<'a> {
    /// A reader positioned at the first operator.
    #[must_use]
    pub fn operators(&self) -> wasmparser::OperatorsReader<'a> {
        wasmparser::OperatorsReader::new(self.operators.clone())
    }

    /// What the conditional branch at this offset usually does, if the module says so.
    #[must_use]
    pub fn hint(&self, offset: WasmOffset) -> Option<Hint> {
        let found = self.hints.binary_search_by_key(&offset, |(at, _)| *at);
        self.hints.get(found.ok()?).map(|(_, hint)| *hint)
    }
}

impl Body<'_> {
    /// Whether a collection may happen by other means than direct calls; and the functions that are
    /// called directly, with repetitions.
    ///
    /// # Errors
    /// None for a body that was validated.
    pub fn collections(&self) -> Result<(bool, Vec<FuncIdx>), CompileError> {
        super::scan::read_collections(self)
    }
}

impl Uses {
    /// Notes a use of vectors, keeping the first offset.
    pub(super) fn note_simd(&mut self, offset: WasmOffset) {
        self.simd.get_or_insert(offset);
    }

    /// Notes a use of bulk memory, keeping the first offset.
    pub(super) fn note_bulk_memory(&mut self, offset: WasmOffset) {
        self.bulk_memory.get_or_insert(offset);
    }

    /// Notes a use of reference types, keeping the first offset.
    pub(super) fn note_reference_types(&mut self, offset: WasmOffset) {
        self.reference_types.get_or_insert(offset);
    }

    /// Notes a type or operator that needs references to be objects, keeping the first offset.
    pub(super) fn note_objects(&mut self, offset: WasmOffset) {
        self.note_reference_types(offset);
        self.objects.get_or_insert(offset);
    }

    /// Notes a type that lets references to exceptions come from elsewhere.
    pub(super) fn note_exceptions(&mut self, ty: ValType) {
        let heap = ty.reference().map(|reference| reference.heap);
        self.exception_references |= matches!(heap, Some(HeapType::Exn | HeapType::NoExn));
    }

    /// Notes a type of a declaration.
    pub(super) fn note_type(&mut self, ty: ValType, offset: WasmOffset) {
        if let Some(reference) = ty.reference() {
            self.note_reference_types(offset);
            self.note_exceptions(ty);
            if !reference.is_index() {
                self.note_objects(offset);
            }
        }
        if ty == ValType::V128 {
            self.note_simd(offset);
        }
    }
}
