//! Machine code as text, through LLVM's disassembler.

#![allow(unsafe_code, reason = "the disassembler has only a C interface")]

use super::error::LlvmError;
use super::machine::initialise;
use llvm_sys::disassembler::{
    LLVMCreateDisasmCPUFeatures, LLVMDisasmDispose, LLVMDisasmInstruction,
};
use std::ffi::{CStr, CString, c_char};
use std::ptr;

/// One instruction, or bytes that are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Address of the first byte.
    pub address: u64,
    /// Number of bytes.
    pub size: usize,
    /// Text in LLVM's syntax for the target, one blank between words; `.byte 0x…` where no instruction
    /// begins.
    pub text: String,
}

/// Disassembles `bytes`, the first of which is at `address`. Where no instruction begins, it goes on `unit` bytes behind.
///
/// # Errors
/// [`LlvmError::Target`] if LLVM has no disassembler for the triple.
pub fn disassemble(
    triple: &str,
    cpu: &str,
    features: &str,
    bytes: &[u8],
    address: u64,
    unit: usize,
) -> Result<Vec<Line>, LlvmError> {
    initialise();
    let unknown = || LlvmError::Target {
        triple: triple.to_owned(),
        message: "no disassembler".to_owned(),
    };
    let text = |text: &str| CString::new(text).map_err(|_| unknown());
    let (name, cpu, features) = (text(triple)?, text(cpu)?, text(features)?);
    // SAFETY: the three strings are NUL-terminated and outlive the call; no callbacks are given.
    let context = unsafe {
        LLVMCreateDisasmCPUFeatures(
            name.as_ptr(),
            cpu.as_ptr(),
            features.as_ptr(),
            ptr::null_mut(),
            0,
            None,
            None,
        )
    };
    if context.is_null() {
        return Err(unknown());
    }
    let mut lines = Vec::new();
    let mut rest = bytes.to_vec();
    let mut position = 0;
    while let Some(window) = rest.get_mut(position..).filter(|window| !window.is_empty()) {
        let mut output = [0 as c_char; 256];
        let at = address.wrapping_add(position as u64);
        // SAFETY: `window` and `output` are live buffers of the lengths passed; `context` is the
        // disassembler created above.
        let size = unsafe {
            LLVMDisasmInstruction(
                context,
                window.as_mut_ptr(),
                window.len() as u64,
                at,
                output.as_mut_ptr(),
                output.len(),
            )
        };
        let line = if size == 0 {
            let bytes = window.iter().take(unit.max(1));
            let digits: Vec<String> = bytes.map(|byte| format!("{byte:#04x}")).collect();
            Line {
                address: at,
                size: digits.len(),
                text: format!(".byte {}", digits.join(", ")),
            }
        } else {
            // SAFETY: LLVM terminates the text it wrote into `output` with a NUL.
            let text = unsafe { CStr::from_ptr(output.as_ptr()) };
            let words: Vec<_> = text
                .to_str()
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            Line {
                address: at,
                size,
                text: words.join(" "),
            }
        };
        position += line.size;
        lines.push(line);
    }
    // SAFETY: `context` is the disassembler created above and not used again.
    unsafe { LLVMDisasmDispose(context) };
    Ok(lines)
}
