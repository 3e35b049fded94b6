//! Assembly as LLVM prints it, to an object file, by an assembler of another package.
//!
//! For machines whose object writer LLVM lacks (ARC). The text goes through a folder of its own in the system's folder for
//! such things, under names that are always the same, so that nothing of the place can reach the object.

use super::error::LlvmError;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use targets::External;

const SOURCE: &str = "code.s";
const OBJECT: &str = "code.o";

/// Assembles what a machine has printed.
///
/// # Errors
/// [`LlvmError::NoAssembler`] if it cannot be started; [`LlvmError::Step`] with its message if it does not accept the text,
/// or with the system's if a file cannot be written or read.
pub(super) fn assemble(external: &External, assembly: &str) -> Result<Vec<u8>, LlvmError> {
    let folder = Folder::new().map_err(|error| failed(&error))?;
    std::fs::write(folder.path.join(SOURCE), assembly).map_err(|error| failed(&error))?;
    let mut words = external.assembler.iter();
    let program = words.next().copied().unwrap_or_default();
    let output = Command::new(program)
        .args(words)
        .args(["-o", OBJECT, SOURCE])
        .current_dir(&folder.path)
        .output()
        .map_err(|error| LlvmError::NoAssembler {
            program,
            package: external.package,
            message: error.to_string(),
        })?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(failed(&text.trim()));
    }
    std::fs::read(folder.path.join(OBJECT)).map_err(|error| failed(&error))
}

fn failed(message: &dyn std::fmt::Display) -> LlvmError {
    LlvmError::Step {
        step: "assemble",
        message: message.to_string(),
    }
}

/// A folder of our own that ends with its user.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> std::io::Result<Folder> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let parent = std::env::temp_dir();
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("wamrc-{}-{number}", std::process::id()));
            match std::fs::create_dir(&path) {
                // Left behind by a process of the same number that was killed, or somebody's trap.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                result => return result.map(|()| Folder { path }),
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed does no harm but to take room.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
