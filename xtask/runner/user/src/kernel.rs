//! The few system calls that the runner makes, by Xtensa's numbers.
//!
//! Contract: `system_call` is the assembly in `start`; it passes three words on and returns the kernel's answer.

use alloc::ffi::CString;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

const OPEN: usize = 8;
const CLOSE: usize = 9;
const READ: usize = 12;
const WRITE: usize = 13;
const EXIT: usize = 118;

/// Bytes read at a time.
const PIECE_BYTES: usize = 64 << 10;

unsafe extern "C" {
    fn system_call(number: usize, first: usize, second: usize, third: usize) -> isize;
}

/// The kernel refused: the number of the error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused(isize);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error {} of the system", self.0)
    }
}

fn call(number: usize, words: [usize; 3]) -> Result<usize, Refused> {
    let [first, second, third] = words;
    // SAFETY: the callers below pass addresses of memory that is theirs, for as long as the call takes.
    let answer = unsafe { system_call(number, first, second, third) };
    usize::try_from(answer).map_err(|_| Refused(-answer))
}

/// A file's content.
pub(crate) fn read(path: &str) -> Result<Vec<u8>, Refused> {
    /// Neither file nor name: what the kernel says to a name with a zero in it.
    const INVALID: isize = 22;
    let path = CString::new(path).map_err(|_| Refused(INVALID))?;
    let file = call(OPEN, [path.as_ptr() as usize, 0, 0])?;
    let mut bytes = Vec::new();
    let mut piece = alloc::vec![0_u8; PIECE_BYTES];
    let result = loop {
        match call(READ, [file, piece.as_mut_ptr() as usize, piece.len()]) {
            Ok(0) => break Ok(bytes),
            Ok(length) => bytes.extend_from_slice(piece.get(..length).unwrap_or_default()),
            Err(refused) => break Err(refused),
        }
    };
    call(CLOSE, [file, 0, 0])?;
    result
}

/// Prints a line.
pub(crate) fn print(line: fmt::Arguments<'_>) {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
    let mut rest = text.as_bytes();
    while let Ok(length) = call(WRITE, [1, rest.as_ptr() as usize, rest.len()]) {
        rest = rest.get(length..).unwrap_or_default();
        if rest.is_empty() || length == 0 {
            break;
        }
    }
}

/// Ends the program.
pub(crate) fn exit(code: i32) -> ! {
    loop {
        let _ = call(EXIT, [code.unsigned_abs() as usize, 0, 0]);
    }
}

/// What LLVM calls where nothing can go on.
#[unsafe(no_mangle)]
extern "C" fn abort() -> ! {
    exit(134)
}
