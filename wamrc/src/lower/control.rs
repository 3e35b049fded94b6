//! Structured control: blocks, branches, returns (core spec 3.3.8, 4.4.8).
//!
//! A wasm block becomes an LLVM block only if something branches to its end; loop parameters and
//! block results become phis. Nesting is a vector, so depth costs no native stack.

use super::exception::{Handler, Landing};
use super::function::FunctionLowering;
use super::interface::Signals;
use crate::error::CompileError;
use crate::llvm::{Access, Block, Cast, IntCompare, Phi, Region, Type, Value};
use crate::wasm::{Hint, TypeIdx, ref_type, val_type};
use aot_format::abi::traps::TrapId;
use wasmparser::{BlockType, BrTable, Catch};

/// Where a branch to a frame goes.
pub(super) enum Kind<'c> {
    /// To the end of the block (or the function).
    Block,
    /// To the start of the loop.
    Loop {
        header: Block<'c>,
        phis: Vec<Phi<'c>>,
    },
    /// As `Block`; while no `else` has been seen, the block taken if the condition is false and
    /// the parameters it starts with.
    If {
        otherwise: Option<(Block<'c>, Vec<Value<'c>>)>,
    },
    /// As `Block`, with handlers outside (`lower/exception.rs`).
    TryTable {
        landing: Landing<'c>,
        catches: Vec<Catch>,
    },
    /// As `Block`; handlers follow.
    Try { landing: Landing<'c> },
    /// As `Block`, a handler that stands behind what it handles.
    Catch(Handler<'c>),
}

/// An open block.
pub(super) struct Frame<'c> {
    pub(super) kind: Kind<'c>,
    /// Result types.
    results: Vec<Type>,
    /// Operands below the block's parameters.
    pub(super) height: usize,
    /// The block behind the end, once something branches to it.
    end: Option<Block<'c>>,
    /// For each branch to the end: where from.
    sources: Vec<Block<'c>>,
    /// The results of each branch to the end, one branch after the other.
    values: Vec<Value<'c>>,
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn push_function_frame(&mut self) {
        let results = self.results.clone();
        self.push_frame(Kind::Block, results, 0);
    }

    pub(super) fn push_frame(&mut self, kind: Kind<'c>, results: Vec<Type>, params: usize) {
        let height = self.stack.len().saturating_sub(params);
        self.frames.push(Frame {
            kind,
            results,
            height,
            end: None,
            sources: Vec::new(),
            values: Vec::new(),
        });
    }

    /// Parameter and result types of a block.
    pub(super) fn block_types(
        &self,
        ty: BlockType,
    ) -> Result<(Vec<Type>, Vec<Type>), CompileError> {
        match ty {
            BlockType::Empty => Ok((Vec::new(), Vec::new())),
            BlockType::Type(ty) => Ok((Vec::new(), vec![self.parsed_type(ty)?])),
            BlockType::FuncType(index) => {
                let ty = self.unit.module.func_type(TypeIdx(index));
                let machine =
                    |types: &[_]| types.iter().map(|&ty| self.unit.machine_type(ty)).collect();
                Ok((machine(&ty.params), machine(&ty.results)))
            }
        }
    }

    fn parsed_type(&self, ty: wasmparser::ValType) -> Result<Type, CompileError> {
        let ty = val_type(ty).ok_or_else(|| self.internal("unknown type"))?;
        Ok(self.unit.machine_type(ty))
    }

    pub(super) fn start_block(&mut self, ty: BlockType) -> Result<(), CompileError> {
        let (params, results) = self.block_types(ty)?;
        self.push_frame(Kind::Block, results, params.len());
        Ok(())
    }

    pub(super) fn start_loop(&mut self, ty: BlockType) -> Result<(), CompileError> {
        let (params, results) = self.block_types(ty)?;
        let header = self.b.block("loop");
        let before = self.b.current();
        self.b.jump(header);
        self.b.continue_at(header);
        let initial = self.pop_many(params.len())?;
        let mut phis = Vec::with_capacity(params.len());
        for (ty, value) in params.iter().zip(initial) {
            let phi = self.b.phi(*ty);
            phi.add(value, before);
            phis.push(phi);
        }
        self.stack.extend(phis.iter().map(|phi| phi.value()));
        self.push_frame(Kind::Loop { header, phis }, results, params.len());
        Ok(())
    }

    pub(super) fn start_if(&mut self, ty: BlockType) -> Result<(), CompileError> {
        let (params, results) = self.block_types(ty)?;
        let condition = self.pop_condition()?;
        let (then, otherwise) = (self.b.block("then"), self.b.block("else"));
        self.branch_as_hinted(condition, then, otherwise);
        self.b.continue_at(then);
        let start = self.stack.len().saturating_sub(params.len());
        let initial = self.stack.get(start..).unwrap_or_default().to_vec();
        let otherwise = Some((otherwise, initial));
        self.push_frame(Kind::If { otherwise }, results, params.len());
        Ok(())
    }

    pub(super) fn start_else(&mut self) -> Result<(), CompileError> {
        if self.reachable {
            self.branch(0)?;
        }
        match self.take_otherwise() {
            Some((block, params)) => {
                self.continue_with_otherwise(block, params);
                Ok(())
            }
            None => Err(self.internal("else without if")),
        }
    }

    /// The innermost frame's `else` block, if that has not been started.
    fn take_otherwise(&mut self) -> Option<(Block<'c>, Vec<Value<'c>>)> {
        match &mut self.frames.last_mut()?.kind {
            Kind::If { otherwise } => otherwise.take(),
            _ => None,
        }
    }

    fn continue_with_otherwise(&mut self, block: Block<'c>, params: Vec<Value<'c>>) {
        let height = self.frames.last().map_or(0, |frame| frame.height);
        self.stack.truncate(height);
        self.stack.extend(params);
        self.b.move_to_end(block);
        self.b.continue_at(block);
        self.reachable = true;
    }

    pub(super) fn end_block(&mut self) -> Result<(), CompileError> {
        if let Some((block, params)) = self.take_otherwise() {
            // Without else the parameters are the results.
            if self.reachable {
                self.branch(0)?;
            }
            self.continue_with_otherwise(block, params);
        }
        self.end_handlers()?;
        let branched = self.frames.last().is_some_and(|frame| frame.end.is_some());
        if branched && self.reachable {
            self.branch(0)?;
        }
        let Some(frame) = self.frames.pop() else {
            return Err(self.internal("end outside of a block"));
        };
        if let Some(end) = frame.end {
            self.stack.truncate(frame.height);
            self.b.move_to_end(end);
            self.b.continue_at(end);
            self.merge(&frame);
            self.reachable = true;
        } else if !self.reachable {
            self.stack.truncate(frame.height);
        }
        if self.frames.is_empty() && self.reachable {
            self.return_results()?;
        }
        Ok(())
    }

    /// Pushes the results of a block at whose end control meets.
    fn merge(&mut self, frame: &Frame<'c>) {
        let count = frame.results.len();
        for (column, ty) in frame.results.iter().enumerate() {
            let mut values = frame.values.iter().skip(column).step_by(count);
            if frame.sources.len() == 1
                && let Some(only) = values.next()
            {
                self.stack.push(*only);
                continue;
            }
            let phi = self.b.phi(*ty);
            for (value, source) in values.zip(&frame.sources) {
                phi.add(*value, *source);
            }
            self.stack.push(phi.value());
        }
    }

    /// The block a branch of this depth goes to, with the operands on top of the stack handed over.
    /// To be called once per edge of the control flow.
    pub(super) fn edge(&mut self, depth: u32) -> Result<Block<'c>, CompileError> {
        let source = self.b.current();
        let position = usize::try_from(depth).unwrap_or(usize::MAX);
        let index = self.frames.len().checked_sub(position.saturating_add(1));
        let Some(frame) = index.and_then(|index| self.frames.get_mut(index)) else {
            return Err(self.internal("branch out of the function"));
        };
        if let Kind::Loop { header, phis } = &frame.kind {
            let start = self.stack.len().saturating_sub(phis.len());
            for (phi, value) in phis.iter().zip(self.stack.iter().skip(start)) {
                phi.add(*value, source);
            }
            return Ok(*header);
        }
        let start = self.stack.len().saturating_sub(frame.results.len());
        frame.values.extend(self.stack.iter().skip(start));
        frame.sources.push(source);
        Ok(*frame.end.get_or_insert_with(|| self.b.block("end")))
    }

    /// Unconditional branch.
    pub(super) fn branch(&mut self, depth: u32) -> Result<(), CompileError> {
        let target = self.edge(depth)?;
        self.b.jump(target);
        self.reachable = false;
        Ok(())
    }

    pub(super) fn branch_if(&mut self, depth: u32) -> Result<(), CompileError> {
        let condition = self.pop_condition()?;
        self.branch_on(condition, depth)
    }

    /// Branches if the `Bool` is set, with the operands that are on the stack now.
    fn branch_on(&mut self, condition: Value<'c>, depth: u32) -> Result<(), CompileError> {
        let target = self.edge(depth)?;
        let next = self.b.block("");
        self.branch_as_hinted(condition, target, next);
        self.b.continue_at(next);
        Ok(())
    }

    /// A conditional branch, with the module's hint if there is one for it.
    fn branch_as_hinted(&mut self, condition: Value<'c>, then: Block<'c>, otherwise: Block<'c>) {
        match self.hint {
            None => self.b.branch(condition, then, otherwise),
            Some(hint) => self
                .b
                .branch_hinted(condition, then, otherwise, hint == Hint::Taken),
        }
    }

    pub(super) fn branch_on_null(&mut self, depth: u32) -> Result<(), CompileError> {
        let value = self.pop()?;
        let null = self.is_null(value);
        self.branch_on(null, depth)?;
        self.push(value);
        Ok(())
    }

    pub(super) fn branch_on_non_null(&mut self, depth: u32) -> Result<(), CompileError> {
        let value = self.pop()?;
        let null = self.is_null(value);
        let there = self.negated(null);
        self.push(value);
        self.branch_on(there, depth)?;
        self.drop_value()
    }

    pub(super) fn branch_on_cast(
        &mut self,
        depth: u32,
        to: wasmparser::RefType,
        holds: bool,
    ) -> Result<(), CompileError> {
        let to = ref_type(to).ok_or_else(|| self.internal("unknown type"))?;
        let value = self.pop()?;
        let mut condition = self.is_of(value, to)?;
        if !holds {
            condition = self.negated(condition);
        }
        self.push(value);
        self.branch_on(condition, depth)
    }

    pub(super) fn branch_table(&mut self, table: &BrTable<'_>) -> Result<(), CompileError> {
        let selector = self.pop()?;
        let default = self.edge(table.default())?;
        let mut cases = Vec::new();
        for (depth, key) in table.targets().zip(0_u32..) {
            let depth = depth?;
            if depth != table.default() {
                cases.push((key, self.edge(depth)?));
            }
        }
        self.b.switch(selector, default, &cases);
        self.reachable = false;
        Ok(())
    }

    /// Branch to the end of the function.
    pub(super) fn branch_out(&mut self) -> Result<(), CompileError> {
        let depth = self.frames.len().saturating_sub(1);
        self.branch(u32::try_from(depth).unwrap_or(u32::MAX))
    }

    /// The end of the function.
    fn return_results(&mut self) -> Result<(), CompileError> {
        let values = self.pop_many(self.results.len())?;
        for (value, pointer) in values.iter().skip(1).zip(&self.result_pointers) {
            self.b
                .store(*value, *pointer, Access::new(Region::Argument, 4));
        }
        self.unlink_roots();
        match self.signals {
            Signals::No => self.b.ret(values.first().copied()),
            Signals::Yes => {
                let nothing = self.b.int(Type::Bool, 0);
                self.b.ret_flagged(values.first().copied(), nothing);
            }
        }
        self.reachable = false;
        Ok(())
    }

    pub(super) fn raise_unreachable(&mut self) {
        let block = self.trap_block(TrapId::Unreachable);
        self.b.jump(block);
        self.reachable = false;
    }

    pub(super) fn select(&mut self) -> Result<(), CompileError> {
        let condition = self.pop_condition()?;
        let [then, otherwise] = self.pop_array()?;
        let value = self.b.select(condition, then, otherwise);
        self.push(value);
        Ok(())
    }

    /// Pops an i32 and answers whether it is not zero.
    pub(super) fn pop_condition(&mut self) -> Result<Value<'c>, CompileError> {
        let value = self.pop()?;
        if let Some(comparison) = self.b.operand_of(value, Cast::ZExt)
            && self.b.type_of(comparison) == Type::Bool
        {
            return Ok(comparison);
        }
        let zero = self.b.zero(Type::I32);
        Ok(self.b.icmp(IntCompare::Ne, value, zero))
    }
}
