//! Output files: complete or not there at all.

use anyhow::Context as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes a file so that its name never denotes a partial one: the bytes go to a temporary file
/// beside it, which is then renamed. What is not a regular file (a pipe, a device) is written
/// directly; `-` is standard output.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    if path.as_os_str() == "-" {
        return std::io::stdout()
            .write_all(bytes)
            .context("cannot write to standard output");
    }
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            anyhow::bail!("cannot write {}: it is a directory", path.display())
        }
        Ok(metadata) if !metadata.is_file() => return fs::write(path, bytes).with_context(failed),
        _ => {}
    }
    let temporary = temporary_name(path);
    let result = create(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        // It may not exist; the error that matters is the first one.
        drop(fs::remove_file(&temporary));
    }
    result.with_context(failed)
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}
