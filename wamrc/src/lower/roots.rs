//! Root frames: how compiled code shows its references to the collector (spec C.14, D.12.3).
//!
//! A function that may hold a reference while a collection can happen keeps a frame in its native
//! frame, linked into the execution environment between entry and return. Locals are kept up to date in
//! their cells; operands are written just before an operator that may collect. A cell may hold on to a
//! reference that is no longer needed, never to one that is no longer valid: objects do not move.

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Access, Region, Type, Value};
use crate::plan::RootPlan;
use crate::wasm::FuncIdx;
use aot_format::abi::{exec_env, frame};

/// Access to the frame: no compiled code but this function's touches it.
const FRAME: Region = Region::Argument;

/// The frame of the function being lowered.
#[derive(Clone)]
pub(super) struct RootFrame<'c> {
    /// Where the frame is.
    frame: Value<'c>,
    /// The frame linked before.
    previous: Value<'c>,
    /// For each local its cell, if it is a reference.
    locals: Vec<Option<u32>>,
    plan: RootPlan,
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// Links the frame; to be called once, when the locals have been declared.
    pub(super) fn link_roots(
        &mut self,
        function: FuncIdx,
        plan: RootPlan,
    ) -> Result<(), CompileError> {
        let pointer = self.unit.pointer_bytes();
        let width = self.unit.options.target.width;
        let header = frame::Field::struct_size(width);
        let cells = plan.locals.saturating_add(plan.operands);
        let bytes = cells.saturating_mul(pointer).saturating_add(header);
        let frame = self.b.words(bytes.div_ceil(8));
        let previous = self.exec_env_field_now(exec_env::Field::CurFrame);
        let flags = self.unit.llvm.ones(cells.saturating_mul(pointer / 4));
        let index = self.b.int(self.unit.size_type(), function.0.into());
        let first = self.b.offset(frame, header.into());
        let end = self.b.offset(first, u64::from(cells * pointer));
        for (field, value) in [
            (frame::Field::PrevFrame, previous),
            (frame::Field::FuncIndex, index),
            (frame::Field::Sp, end),
            (frame::Field::FrameRef, flags),
        ] {
            let address = self.b.offset(frame, field.offset(width).into());
            self.b.store(value, address, Access::new(FRAME, pointer));
        }
        let mut next = 0;
        let mut locals = Vec::with_capacity(self.locals.len());
        for local in &self.locals {
            locals.push((local.ty == Type::Ptr).then_some(next));
            next += u32::from(local.ty == Type::Ptr);
        }
        self.roots = Some(RootFrame {
            frame,
            previous,
            locals,
            plan,
        });
        for (position, local) in (0_u32..).zip(self.locals.clone()) {
            if local.ty == Type::Ptr {
                let value = self.b.read(local.ty, local.slot);
                self.show_local(position, value);
            }
        }
        let null = self.b.zero(Type::Ptr);
        for position in 0..plan.operands {
            self.write_cell(plan.locals + position, null);
        }
        self.set_current_frame(frame);
        Ok(())
    }

    /// Sets a local, also in the frame.
    pub(super) fn write_local(&mut self, index: u32, value: Value<'c>) -> Result<(), CompileError> {
        let local = self.local(index)?;
        self.b.write(local.slot, value);
        self.show_local(index, value);
        Ok(())
    }

    fn show_local(&mut self, index: u32, value: Value<'c>) {
        let position = usize::try_from(index).unwrap_or(usize::MAX);
        let cell = self
            .roots
            .as_ref()
            .and_then(|roots| *roots.locals.get(position)?);
        if let Some(cell) = cell {
            self.write_cell(cell, value);
        }
    }

    /// To be called before an operator that may collect, with its operands still on the stack: shows
    /// them and all below.
    pub(super) fn safepoint(&mut self) {
        let Some(plan) = self.roots.as_ref().map(|roots| roots.plan) else {
            return;
        };
        let held = self.held_exceptions();
        let operands = self.stack.iter().copied().chain(held);
        let references: Vec<_> = operands
            .filter(|value| self.b.type_of(*value) == Type::Ptr)
            .collect();
        debug_assert!(
            references.len() <= plan.operands as usize,
            "cells of operands"
        );
        for (position, value) in (0..plan.operands).zip(references) {
            self.write_cell(plan.locals + position, value);
        }
    }

    /// Unlinks the frame, before the function is left.
    pub(super) fn unlink_roots(&mut self) {
        if let Some(roots) = &self.roots {
            let previous = roots.previous;
            self.set_current_frame(previous);
        }
    }

    fn write_cell(&mut self, cell: u32, value: Value<'c>) {
        let Some(roots) = &self.roots else {
            return;
        };
        let pointer = self.unit.pointer_bytes();
        let header = frame::Field::struct_size(self.unit.options.target.width);
        let offset = u64::from(header) + u64::from(cell) * u64::from(pointer);
        let address = self.b.offset(roots.frame, offset);
        self.b.store(value, address, Access::new(FRAME, pointer));
    }

    fn exec_env_field_now(&mut self, field: exec_env::Field) -> Value<'c> {
        let offset = field.offset(self.unit.options.target.width);
        let address = self.b.offset(self.exec_env, offset.into());
        let access = Access::new(Region::Instance, self.unit.pointer_bytes());
        self.b.load(Type::Ptr, address, access)
    }

    fn set_current_frame(&mut self, frame: Value<'c>) {
        let offset = exec_env::Field::CurFrame.offset(self.unit.options.target.width);
        let address = self.b.offset(self.exec_env, offset.into());
        let access = Access::new(Region::Instance, self.unit.pointer_bytes());
        self.b.store(frame, address, access);
    }
}
