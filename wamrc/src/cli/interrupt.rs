//! Files that are to be gone when the process is asked to end: output that is not complete.
//!
//! SIGINT and SIGTERM end the process as they do without this file, after the registered files were removed. Creating,
//! renaming and removing happen under one lock, which the last act of the process never releases: no file slips through.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// The registered files.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn files() -> MutexGuard<'static, Vec<PathBuf>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to listen for signals, once. Before there is a file to lose, they have their usual effect.
fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        // Without a listener the process still ends; what it was writing then stays behind.
        if let Ok(signals) = Signals::new([SIGINT, SIGTERM]) {
            std::thread::spawn(|| clean_up(signals));
        }
    });
}

fn clean_up(mut signals: Signals) {
    if let Some(signal) = signals.forever().next() {
        let files = files();
        for file in files.iter() {
            drop(fs::remove_file(file));
        }
        // Ends the process, with the status that shells expect.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
}

/// A new file that does not outlive the process, nor this value, unless it gets its final name.
pub(super) struct Temporary(PathBuf);

impl Temporary {
    /// Creates the file.
    pub(super) fn create(path: PathBuf) -> io::Result<(Self, File)> {
        listen();
        let mut files = files();
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        files.push(path.clone());
        Ok((Self(path), file))
    }

    /// Gives the file its final name, in place of what has it.
    pub(super) fn persist(self, path: &Path) -> io::Result<()> {
        let mut files = files();
        let renamed = fs::rename(&self.0, path);
        if renamed.is_ok() {
            files.retain(|file| *file != self.0);
        }
        // Dropping the value takes the lock, too.
        drop(files);
        renamed
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let mut files = files();
        if let Some(position) = files.iter().position(|file| *file == self.0) {
            drop(fs::remove_file(&self.0));
            files.remove(position);
        }
    }
}
