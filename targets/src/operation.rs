//! Operations of WebAssembly that a machine may have no instructions for, so that LLVM makes calls of helper routines of
//! them.
//!
//! Which routines, is in `libcall.rs`; here is when. Code that is executed in place has no direct calls of a runtime:
//! the compiler has it call routines for these operations through the table of such files instead. What helper
//! routines remain then, extraction finds, so a row too few is an error message, not a wrong file.

use crate::feature::Set;

/// Operations that machines have or lack together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operations {
    /// Arithmetic, comparison and square root of f32.
    F32,
    /// Arithmetic, comparison and square root of f64.
    F64,
    /// Division and square root of f32.
    F32Divide,
    /// `ceil`, `floor`, `trunc` and `nearest` of f32.
    F32Round,
    /// `ceil`, `floor`, `trunc` and `nearest` of f64.
    F64Round,
    /// Conversions between f32 and i32.
    F32I32,
    /// Conversions between f64 and i32.
    F64I32,
    /// Conversions between f32 and i64.
    F32I64,
    /// Conversions between f64 and i64.
    F64I64,
    /// Conversions between f32 and f64.
    F32F64,
    /// Division and remainder of i32.
    I32Divide,
    /// Division and remainder of i64.
    I64Divide,
    /// Multiplication of i64.
    I64Multiply,
    /// Shifts of i64.
    I64Shift,
    /// Counts of leading and trailing zeros, and of ones.
    Count,
    /// Constants of f32 and f64, which are data at an absolute address.
    FloatConstants,
}

/// Operations a target has no instructions for, unless its CPU has a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack {
    /// LLVM's name of the feature; empty if none helps.
    pub unless: &'static str,
    /// What is lacking.
    pub operations: &'static [Operations],
}

impl Lack {
    /// A row.
    #[must_use]
    pub const fn new(unless: &'static str, operations: &'static [Operations]) -> Lack {
        Lack { unless, operations }
    }

    /// Whether a machine with these features lacks the operations.
    #[must_use]
    pub fn holds(&self, features: &Set) -> bool {
        self.unless.is_empty() || !features.has(self.unless)
    }
}
