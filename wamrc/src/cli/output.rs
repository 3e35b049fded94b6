//! Output files: complete or not there at all.

use super::interrupt::Temporary;
use anyhow::Context as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes a file so that its name never denotes a partial one: the bytes go to a temporary file
/// beside it, which is then renamed. What is not a regular file (a pipe, a device) is written
/// directly; `-` is standard output.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    if path.as_os_str() == "-" {
        return print(bytes);
    }
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            anyhow::bail!("cannot write {}: it is a directory", path.display())
        }
        Ok(metadata) if !metadata.is_file() => return fs::write(path, bytes).with_context(failed),
        _ => {}
    }
    // A link stays one: what it leads to is replaced.
    let real = fs::canonicalize(path);
    replace(real.as_deref().unwrap_or(path), bytes).with_context(failed)
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let (temporary, mut file) = Temporary::create(temporary_name(path))?;
    file.write_all(bytes)?;
    drop(file);
    temporary.persist(path)
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Writes to standard output. A reader that has seen enough is no error.
pub(super) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}
