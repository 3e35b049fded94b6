//! Exceptions (core spec 3.3.8, 4.4.8; the legacy form by its own specification).
//!
//! No unwinder: an exception is pending in the runtime while functions return, each saying so to its
//! caller (`plan::ExceptionPlan`). A block with handlers has a landing: the place in this function where
//! its exceptions arrive as objects. There the tag's address is compared clause by clause; what no
//! clause wants goes to the landing further out, or out of the function. A throw whose handler is known
//! is a branch.

use super::control::Kind;
use super::function::FunctionLowering;
use super::thunk::{first_slots, read_slot, write_slot};
use crate::error::CompileError;
use crate::llvm::{Access, Block, IntCompare, Region, Type, Value};
use crate::wasm::{FuncType, TagIdx};
use aot_format::abi::builtins::Builtin;
use aot_format::abi::traps::TrapId;
use aot_format::abi::{exception, exec_env};
use aot_format::{Hierarchy, ValType};
use wasmparser::{BlockType, Catch, TryTable};

/// Where the exceptions of a block with handlers arrive, as far as any do.
#[derive(Clone, Copy, Default)]
pub(super) struct Landing<'c> {
    /// The exception is pending in the runtime.
    pending: Option<Block<'c>>,
    /// The exception is in [`Unwinding::slot`].
    caught: Option<Block<'c>>,
}

/// A handler that stands behind what it handles.
#[derive(Clone, Copy)]
pub(super) struct Handler<'c> {
    /// The exception it handles; nothing if none arrives.
    exception: Option<Value<'c>>,
    /// Where exceptions go that no handler so far has wanted.
    next: Option<Block<'c>>,
}

/// Exceptions on their way within a function.
#[derive(Default)]
pub(super) struct Unwinding<'c> {
    /// Holds the exception on the way to a landing.
    slot: Option<Value<'c>>,
    /// Handlers of this function do not count.
    pub(super) past_handlers: bool,
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    pub(super) fn start_try_table(&mut self, table: &TryTable) -> Result<(), CompileError> {
        let (params, results) = self.block_types(table.ty)?;
        let kind = Kind::TryTable {
            landing: Landing::default(),
            catches: table.catches.clone(),
        };
        self.push_frame(kind, results, params.len());
        Ok(())
    }

    pub(super) fn start_try(&mut self, ty: BlockType) -> Result<(), CompileError> {
        let (params, results) = self.block_types(ty)?;
        let landing = Landing::default();
        self.push_frame(Kind::Try { landing }, results, params.len());
        Ok(())
    }

    pub(super) fn throw(&mut self, tag: u32) -> Result<(), CompileError> {
        let count = self.tag_type(tag)?.params.len();
        self.safepoint();
        let values = self.pop_many(count)?;
        self.reachable = false;
        match self.known_handler(tag) {
            None => {
                let exception = self.new_exception(tag, &values)?;
                self.unwind(exception, self.frames.len())
            }
            Some((clause, outside)) => {
                let reference = match clause {
                    Catch::OneRef { .. } | Catch::AllRef { .. } => {
                        Some(self.new_exception(tag, &values)?)
                    }
                    Catch::One { .. } | Catch::All { .. } => None,
                };
                let (label, payload) = match clause {
                    Catch::One { label, .. } | Catch::OneRef { label, .. } => (label, values),
                    Catch::All { label } | Catch::AllRef { label } => (label, Vec::new()),
                };
                self.stack.extend(payload.into_iter().chain(reference));
                let target = self.edge(outside + label)?;
                self.b.jump(target);
                Ok(())
            }
        }
    }

    pub(super) fn throw_ref(&mut self) -> Result<(), CompileError> {
        let exception = self.pop()?;
        let null = self.is_null(exception);
        self.trap_if(null, TrapId::NullReference);
        self.reachable = false;
        self.unwind(exception, self.frames.len())
    }

    pub(super) fn rethrow(&mut self, depth: u32) -> Result<(), CompileError> {
        let position = usize::try_from(depth).unwrap_or(usize::MAX);
        let index = self.frames.len().checked_sub(position.saturating_add(1));
        let frame = index.and_then(|index| self.frames.get(index));
        let exception = match frame.map(|frame| &frame.kind) {
            Some(Kind::Catch(handler)) => handler.exception,
            _ => None,
        };
        let exception = exception.ok_or_else(|| self.internal("rethrow outside of a handler"))?;
        self.reachable = false;
        self.unwind(exception, self.frames.len())
    }

    /// The clause that a throw in this place reaches and the depth its labels count from, if both are
    /// known now.
    fn known_handler(&self, thrown: u32) -> Option<(Catch, u32)> {
        let imported = |tag: u32| {
            let tag = self.unit.module.tags.get(TagIdx(tag).position());
            tag.is_some_and(|tag| tag.origin.import().is_some())
        };
        for (frame, outside) in self.frames.iter().rev().zip(1..) {
            let catches = match &frame.kind {
                Kind::TryTable { catches, .. } => catches,
                // What it catches is written further on.
                Kind::Try { .. } => return None,
                _ => continue,
            };
            for clause in catches {
                match *clause {
                    Catch::All { .. } | Catch::AllRef { .. } => return Some((*clause, outside)),
                    Catch::One { tag, .. } | Catch::OneRef { tag, .. } => {
                        if tag == thrown {
                            return Some((*clause, outside));
                        }
                        // Two imports can be one tag.
                        if imported(tag) && imported(thrown) {
                            return None;
                        }
                    }
                }
            }
        }
        None
    }

    // Objects.

    fn tag_type(&self, tag: u32) -> Result<&FuncType, CompileError> {
        let module = self.unit.module;
        let tag = module.tags.get(TagIdx(tag).position());
        let tag = tag.ok_or_else(|| self.internal("unknown tag"))?;
        Ok(module.func_type(tag.ty))
    }

    fn new_exception(&mut self, tag: u32, values: &[Value<'c>]) -> Result<Value<'c>, CompileError> {
        let types = self.tag_type(tag)?.params.clone();
        let slots = self.payload_slots(&types);
        for (slot, value) in first_slots(&types).zip(values) {
            write_slot(&self.b, slots, slot, *value);
        }
        let tag = self.b.int(Type::I32, tag.into());
        let args = [self.exec_env, tag, slots];
        let exception = self.helper(Builtin::WamrcExceptionNew, &args);
        let exception = exception.ok_or_else(|| self.internal("exception without a value"))?;
        if !self.unit.plan.checks.traps_unwind() {
            let null = self.is_null(exception);
            let leave = self.leave_block();
            self.leave_if(null, leave);
        }
        Ok(exception)
    }

    /// An array for the slots of a payload.
    fn payload_slots(&mut self, types: &[ValType]) -> Value<'c> {
        let cells = types
            .iter()
            .map(|ty| self.unit.cells(*ty).next_multiple_of(2));
        self.argument_array(cells.sum())
    }

    fn payload(&mut self, tag: u32, exception: Value<'c>) -> Result<Vec<Value<'c>>, CompileError> {
        let types = self.tag_type(tag)?.params.clone();
        let slots = if types.iter().any(|ty| differs(*ty)) {
            let slots = self.payload_slots(&types);
            self.helper(
                Builtin::WamrcExceptionRead,
                &[self.exec_env, exception, slots],
            );
            slots
        } else {
            let width = self.unit.options.target.width;
            self.b.offset(exception, exception::payload(width).into())
        };
        let pairs = first_slots(&types).zip(&types);
        let values =
            pairs.map(|(slot, ty)| read_slot(&self.b, slots, slot, self.unit.machine_type(*ty)));
        Ok(values.collect())
    }

    /// Whether an exception is of a tag, as a `Bool`.
    fn is_of_tag(&mut self, exception: Value<'c>, tag: u32) -> Value<'c> {
        let width = self.unit.options.target.width;
        let place = self.b.offset(exception, exception::tag(width).into());
        let found = self
            .b
            .load(Type::I32, place, Access::new(Region::Object, 4));
        let tags = self.exec_env_field(exec_env::Field::Tags, Type::Ptr);
        let place = self.b.offset(tags, u64::from(tag) * 4);
        let constant = Access::constant(Region::Instance, 4);
        let wanted = self.b.load(Type::I32, place, constant);
        self.b.icmp(IntCompare::Eq, found, wanted)
    }

    /// Exceptions that open handlers may throw again, outermost first.
    pub(super) fn held_exceptions(&self) -> Vec<Value<'c>> {
        if !self.rethrows {
            return Vec::new();
        }
        let handled = self.frames.iter().filter_map(|frame| match &frame.kind {
            Kind::Catch(handler) => handler.exception,
            _ => None,
        });
        handled.collect()
    }

    // The way to a handler.

    /// The innermost block with handlers among the `limit` outermost blocks.
    fn landing_among(&mut self, limit: usize) -> Option<&mut Landing<'c>> {
        let mut frames = self.frames.iter_mut().take(limit).rev();
        frames.find_map(|frame| match &mut frame.kind {
            Kind::TryTable { landing, .. } | Kind::Try { landing } => Some(landing),
            _ => None,
        })
    }

    /// Where to go with an exception (or, if traps return, a trap) that is pending in the runtime.
    pub(super) fn unwind_block(&mut self) -> Block<'c> {
        if self.unwinding.past_handlers {
            return self.leave_block();
        }
        let limit = self.frames.len();
        let Some(landing) = self.landing_among(limit).copied() else {
            return self.leave_block();
        };
        if let Some(block) = landing.pending {
            return block;
        }
        let block = self.b.block("unwind");
        if let Some(landing) = self.landing_among(limit) {
            landing.pending = Some(block);
        }
        let current = self.b.current();
        self.b.continue_at(block);
        if let Some(exception) = self.helper(Builtin::WamrcCatch, &[self.exec_env]) {
            if !self.unit.plan.checks.traps_unwind() {
                let null = self.is_null(exception);
                let leave = self.leave_block();
                self.leave_if(null, leave);
            }
            self.land(exception, limit);
        }
        self.b.continue_at(current);
        block
    }

    /// Jumps to the landing of the innermost block with handlers; false if there is none.
    fn land(&mut self, exception: Value<'c>, limit: usize) -> bool {
        let Some(landing) = self.landing_among(limit).copied() else {
            return false;
        };
        let slot = match self.unwinding.slot {
            Some(slot) => slot,
            None => *self.unwinding.slot.insert(self.b.slot(Type::Ptr)),
        };
        self.b.write(slot, exception);
        let caught = landing.caught.unwrap_or_else(|| self.b.block("landing"));
        if let Some(landing) = self.landing_among(limit) {
            landing.caught = Some(caught);
        }
        self.b.jump(caught);
        true
    }

    /// Hands an exception to the handlers of the `limit` outermost blocks, or out of the function; ends
    /// the block.
    fn unwind(&mut self, exception: Value<'c>, limit: usize) -> Result<(), CompileError> {
        if self.land(exception, limit) {
            return Ok(());
        }
        self.helper(Builtin::WamrcThrow, &[self.exec_env, exception]);
        if self.unit.plan.checks.traps_unwind() && !self.unit.plan.exceptions.handles {
            self.b.unreachable();
        } else {
            let leave = self.leave_block();
            self.b.jump(leave);
        }
        Ok(())
    }

    // Handlers.

    /// At the end of a block: its handlers, if it has any.
    pub(super) fn end_handlers(&mut self) -> Result<(), CompileError> {
        let limit = self.frames.len().saturating_sub(1);
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        let kind = std::mem::replace(&mut frame.kind, Kind::Block);
        match kind {
            Kind::TryTable { landing, catches } => {
                self.end_body()?;
                match self.arrive(landing) {
                    Some(exception) => self.lower_clauses(exception, &catches),
                    None => Ok(()),
                }
            }
            Kind::Try { landing } => {
                self.end_body()?;
                match self.arrive(landing) {
                    Some(exception) => self.unwind(exception, limit),
                    None => Ok(()),
                }
            }
            Kind::Catch(handler) => {
                self.end_body()?;
                if let (Some(exception), Some(next)) = (handler.exception, handler.next) {
                    self.b.continue_at(next);
                    self.unwind(exception, limit)?;
                }
                Ok(())
            }
            other => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.kind = other;
                }
                Ok(())
            }
        }
    }

    /// The end of a block whose exceptions go to the handlers of an outer one.
    pub(super) fn end_with_delegate(&mut self, depth: u32) -> Result<(), CompileError> {
        self.end_body()?;
        let position = usize::try_from(depth).unwrap_or(usize::MAX);
        let outer = self.frames.len().saturating_sub(1);
        let limit = outer.saturating_sub(position);
        if let Some(frame) = self.frames.last_mut()
            && let Kind::Try { landing } = frame.kind
        {
            frame.kind = Kind::Block;
            if let Some(exception) = self.arrive(landing) {
                self.unwind(exception, limit)?;
            }
        }
        self.end_block()
    }

    /// Starts a handler of the innermost block, for a tag or for everything.
    pub(super) fn start_catch(&mut self, tag: Option<u32>) -> Result<(), CompileError> {
        let Some(frame) = self.frames.last_mut() else {
            return Err(self.internal("handler outside of a block"));
        };
        let height = frame.height;
        let kind = std::mem::replace(&mut frame.kind, Kind::Block);
        let exception = match kind {
            Kind::Try { landing } => {
                self.end_body()?;
                self.arrive(landing)
            }
            Kind::Catch(handler) => {
                self.end_body()?;
                handler.next.and_then(|next| {
                    self.b.continue_at(next);
                    handler.exception
                })
            }
            _ => return Err(self.internal("handler without a block")),
        };
        self.stack.truncate(height);
        let mut handler = Handler {
            exception,
            next: None,
        };
        if let Some(exception) = exception {
            if let Some(tag) = tag {
                let (matched, next) = (self.b.block("catch"), self.b.block(""));
                let same = self.is_of_tag(exception, tag);
                self.b.branch(same, matched, next);
                handler.next = Some(next);
                self.b.continue_at(matched);
                let payload = self.payload(tag, exception)?;
                self.stack.extend(payload);
            }
            self.reachable = true;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = Kind::Catch(handler);
        }
        Ok(())
    }

    /// Ends what control may come from to the end of the innermost block.
    fn end_body(&mut self) -> Result<(), CompileError> {
        if self.reachable {
            self.branch(0)?;
        }
        Ok(())
    }

    /// Continues where the exceptions of a block arrive; nothing if none do.
    fn arrive(&mut self, landing: Landing<'c>) -> Option<Value<'c>> {
        let block = landing.caught?;
        let slot = self.unwinding.slot?;
        self.b.move_to_end(block);
        self.b.continue_at(block);
        Some(self.b.read(Type::Ptr, slot))
    }

    /// The clauses of a `try_table`, whose frame is still open.
    fn lower_clauses(
        &mut self,
        exception: Value<'c>,
        catches: &[Catch],
    ) -> Result<(), CompileError> {
        let limit = self.frames.len().saturating_sub(1);
        let height = self.frames.last().map_or(0, |frame| frame.height);
        for clause in catches {
            self.stack.truncate(height);
            let (tag, label, reference) = match *clause {
                Catch::One { tag, label } => (Some(tag), label, false),
                Catch::OneRef { tag, label } => (Some(tag), label, true),
                Catch::All { label } => (None, label, false),
                Catch::AllRef { label } => (None, label, true),
            };
            let mut next = None;
            if let Some(tag) = tag {
                let (matched, other) = (self.b.block("catch"), self.b.block(""));
                let same = self.is_of_tag(exception, tag);
                self.b.branch(same, matched, other);
                next = Some(other);
                self.b.continue_at(matched);
                let payload = self.payload(tag, exception)?;
                self.stack.extend(payload);
            }
            if reference {
                self.push(exception);
            }
            // Labels count from outside of this block.
            let target = self.edge(label + 1)?;
            self.b.jump(target);
            match next {
                Some(next) => self.b.continue_at(next),
                None => {
                    self.stack.truncate(height);
                    return Ok(());
                }
            }
        }
        self.stack.truncate(height);
        self.unwind(exception, limit)
    }
}

/// Whether a reference of this type looks different in a payload than in code.
fn differs(ty: ValType) -> bool {
    let heap = ty.reference().map(|reference| reference.heap.hierarchy());
    heap.is_some_and(|family| !matches!(family, Some(Hierarchy::Any | Hierarchy::Exn)))
}
