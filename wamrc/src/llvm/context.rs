//! The LLVM context and the handles that live in it.
//!
//! One context belongs to one thread; modules of different contexts never meet. The context also
//! receives LLVM's diagnostics, of which only the frame sizes asked for by `warn-stack-size` are of
//! interest here.

#![allow(unsafe_code, reason = "the diagnostic handler is a C callback")]

use super::alias::Scopes;
use super::types::{Type, Types};
use inkwell::context::Context as Inkwell;
use inkwell::values::{BasicValueEnum, FunctionValue};
use llvm_sys::LLVMDiagnosticSeverity;
use llvm_sys::core::{
    LLVMContextSetDiagnosticHandler, LLVMDisposeMessage, LLVMGetDiagInfoDescription,
    LLVMGetDiagInfoSeverity,
};
use llvm_sys::prelude::LLVMDiagnosticInfoRef;
use std::cell::RefCell;
use std::ffi::{CStr, c_void};

/// Size of the machine stack frame of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackSize {
    /// Symbol of the function.
    pub symbol: String,
    /// Bytes, without the return address.
    pub bytes: u64,
}

/// A value of the code being built: an instruction's result, a parameter or a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value<'c>(pub(super) BasicValueEnum<'c>);

/// A function, defined or declared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Function<'c> {
    pub(super) value: FunctionValue<'c>,
    pub(super) returns: Option<Type>,
    /// The integer in which a float result is returned besides.
    pub(super) bits: Option<Type>,
    /// Where the table of the runtime's functions holds its address, if it is called through it.
    pub(super) slot: Option<u32>,
}

impl<'c> Function<'c> {
    /// The parameter at a position; `None` past the last.
    #[must_use]
    pub fn param(&self, position: u32) -> Option<Value<'c>> {
        self.value.get_nth_param(position).map(Value)
    }
}

/// What LLVM reported while a module of the context was compiled.
#[derive(Default)]
struct Diagnostics {
    stack_sizes: Vec<StackSize>,
    errors: Vec<String>,
}

/// An LLVM context with its diagnostics.
pub struct Context {
    inner: Inkwell,
    /// Invariant: boxed, so that the address given to LLVM in `new` stays valid while `inner` lives.
    diagnostics: Box<RefCell<Diagnostics>>,
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl Context {
    /// A fresh context.
    #[must_use]
    pub fn new() -> Self {
        let inner = Inkwell::create();
        let diagnostics = Box::new(RefCell::new(Diagnostics::default()));
        let address: *const RefCell<Diagnostics> = &raw const *diagnostics;
        // SAFETY: `receive` matches LLVM's handler type; `address` is boxed in the same struct as
        // the context, and LLVM calls the handler only while the context is in use.
        unsafe {
            LLVMContextSetDiagnosticHandler(
                inner.raw(),
                Some(receive),
                address.cast_mut().cast::<c_void>(),
            );
        }
        Self { inner, diagnostics }
    }

    pub(super) fn inner(&self) -> &Inkwell {
        &self.inner
    }

    pub(super) fn types(&self) -> Types<'_> {
        Types::new(&self.inner)
    }

    pub(super) fn scopes(&self) -> Scopes<'_> {
        Scopes::new(&self.inner)
    }

    /// Takes the frame sizes reported since the last call, in the order LLVM compiled the functions.
    #[must_use]
    pub fn take_stack_sizes(&self) -> Vec<StackSize> {
        std::mem::take(&mut self.diagnostics.borrow_mut().stack_sizes)
    }

    /// Takes the errors reported since the last call.
    pub(super) fn take_errors(&self) -> Vec<String> {
        std::mem::take(&mut self.diagnostics.borrow_mut().errors)
    }
}

/// Receives one diagnostic from LLVM.
extern "C" fn receive(info: LLVMDiagnosticInfoRef, target: *mut c_void) {
    // SAFETY: LLVM passes a diagnostic that is valid during the call.
    let severity = unsafe { LLVMGetDiagInfoSeverity(info) };
    // SAFETY: as above; the text returned is a NUL-terminated string owned by us.
    let text = unsafe { LLVMGetDiagInfoDescription(info) };
    // SAFETY: `text` is the string of the line above, not yet disposed of.
    let message = unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned();
    // SAFETY: `text` came from LLVMGetDiagInfoDescription and is not used afterwards.
    unsafe { LLVMDisposeMessage(text) };
    // SAFETY: `target` is the address installed in `Context::new`, alive as long as the context.
    let diagnostics = unsafe { &*target.cast::<RefCell<Diagnostics>>() };
    let Ok(mut diagnostics) = diagnostics.try_borrow_mut() else {
        return;
    };
    if let Some(size) = parse_stack_size(&message) {
        diagnostics.stack_sizes.push(size);
    } else if severity == LLVMDiagnosticSeverity::LLVMDSError {
        diagnostics.errors.push(message);
    }
}

/// Reads LLVM's "stack frame size (BYTES) exceeds limit (0) in function 'NAME'".
fn parse_stack_size(message: &str) -> Option<StackSize> {
    let rest = message.split_once("stack frame size (")?.1;
    let (bytes, rest) = rest.split_once(')')?;
    let symbol = rest.split_once("function '")?.1.split_once('\'')?.0;
    Some(StackSize {
        symbol: symbol.to_owned(),
        bytes: bytes.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::parse_stack_size;

    #[test]
    fn frame_sizes_are_read_from_the_diagnostic() {
        let size = parse_stack_size(
            "<unknown>:0:0: stack frame size (1048) exceeds limit (0) in function 'aot_func#7'",
        );
        let size = size.expect("a frame size");
        assert_eq!((size.symbol.as_str(), size.bytes), ("aot_func#7", 1048));
        assert_eq!(parse_stack_size("something else"), None);
    }
}
