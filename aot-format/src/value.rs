//! Value types by their codes.
//!
//! Spec: `aot-v6.md` A.5.2 (the codes of the wasm specification; garbage-collection types are not read).

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};

/// A value type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// Function reference.
    FuncRef,
    /// External reference.
    ExternRef,
}

impl ValType {
    /// Every one, in the order of the codes.
    pub const ALL: &'static [ValType] = &[
        ValType::I32,
        ValType::I64,
        ValType::F32,
        ValType::F64,
        ValType::V128,
        ValType::FuncRef,
        ValType::ExternRef,
    ];

    /// The code in the file.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            ValType::I32 => 0x7F,
            ValType::I64 => 0x7E,
            ValType::F32 => 0x7D,
            ValType::F64 => 0x7C,
            ValType::V128 => 0x7B,
            ValType::FuncRef => 0x70,
            ValType::ExternRef => 0x6F,
        }
    }

    /// The type of this code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<ValType> {
        Some(match code {
            0x7F => ValType::I32,
            0x7E => ValType::I64,
            0x7D => ValType::F32,
            0x7C => ValType::F64,
            0x7B => ValType::V128,
            0x70 => ValType::FuncRef,
            0x6F => ValType::ExternRef,
            _ => return None,
        })
    }

    /// Bytes a value takes in the packed globals (references are indices in files without garbage collection).
    #[must_use]
    pub const fn size(self) -> u32 {
        match self {
            ValType::I32 | ValType::F32 | ValType::FuncRef | ValType::ExternRef => 4,
            ValType::I64 | ValType::F64 => 8,
            ValType::V128 => 16,
        }
    }

    /// Cells of 32 bits a value takes in argument arrays.
    #[must_use]
    pub const fn cells(self) -> u32 {
        self.size() / 4
    }

    /// Whether it is a reference type.
    #[must_use]
    pub const fn is_reference(self) -> bool {
        matches!(self, ValType::FuncRef | ValType::ExternRef)
    }

    /// Name in wasm text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ValType::I32 => "i32",
            ValType::I64 => "i64",
            ValType::F32 => "f32",
            ValType::F64 => "f64",
            ValType::V128 => "v128",
            ValType::FuncRef => "funcref",
            ValType::ExternRef => "externref",
        }
    }

    pub(crate) fn decode(cursor: &mut Cursor<'_>) -> Result<ValType, ReadError> {
        let at = *cursor;
        let code = cursor.u8()?;
        ValType::from_code(code).ok_or(at.error(ReadErrorKind::ValType(code)))
    }
}

impl core::fmt::Display for ValType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}
