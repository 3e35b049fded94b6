//! Child processes: run and show, run and capture, run with a time limit.
//!
//! A program that hangs must fail a task, not stop it; so captured runs have a
//! limit. Output goes to files, because a pipe that nobody drains would block
//! the child.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What a captured child did.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The exit code; none if a signal or the time limit ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// Wall time from start to end.
    pub(crate) time: Duration,
    /// Whether the limit ended it.
    pub(crate) timed_out: bool,
    /// Most memory it had, in bytes, as far as it was looked at; 0 where that cannot be seen.
    pub(crate) peak: u64,
}

impl Finished {
    /// Both outputs as text, for a failure report.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&self.stderr));
        text
    }

    /// How it ended, in words.
    pub(crate) fn ending(&self) -> String {
        match (self.timed_out, self.code) {
            (true, _) => format!("stopped after {:.0} s", self.time.as_secs_f64()),
            (false, Some(code)) => format!("exit code {code}"),
            (false, None) => "ended by a signal".to_owned(),
        }
    }
}

/// Runs a child with its output on ours; an error unless it succeeds.
pub(crate) fn stream(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}

/// Runs a child, copying its output to ours, and returns the output as text
/// with whether the child succeeded.
pub(crate) fn stream_and_read(command: &mut Command) -> Result<(bool, String)> {
    use std::io::{BufRead, BufReader};
    let shown = show(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {shown}"))?;
    let mut text = String::new();
    if let Some(pipe) = child.stdout.take() {
        for line in BufReader::new(pipe).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            text.push_str(&line);
            text.push('\n');
        }
    }
    Ok((child.wait()?.success(), text))
}

/// Runs a child with captured output and a time limit.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<Finished> {
    let shown = show(command);
    let files = Files::new()?;
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(File::create(&files.stdout)?)
        .stderr(File::create(&files.stderr)?)
        .spawn()
        .with_context(|| format!("cannot start {shown}"))?;
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let id = child.id();
    // A blocking wait gives exact times; a second thread keeps the limit and looks at the memory.
    let watch = std::thread::spawn(move || {
        let mut peak = 0;
        while receiver.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            peak = peak_bytes(id).unwrap_or(peak);
            if start.elapsed() >= limit {
                let _ = Command::new("kill")
                    .args(["-KILL", &id.to_string()])
                    .status();
                return (true, peak);
            }
        }
        (false, peak)
    });
    let status = child.wait()?;
    let time = start.elapsed();
    drop(sender);
    let (timed_out, peak) = watch.join().unwrap_or_default();
    Ok(Finished {
        code: status.code(),
        stdout: std::fs::read(&files.stdout)?,
        stderr: std::fs::read(&files.stderr)?,
        time,
        timed_out,
        peak,
    })
}

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Most memory a running process has had, in bytes, where the system says so.
fn peak_bytes(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Captures a child that must succeed.
pub(crate) fn succeed(command: &mut Command, limit: Duration) -> Result<Finished> {
    let done = capture(command, limit)?;
    match done.code {
        Some(0) => Ok(done),
        _ => bail!("{}: {}\n{}", show(command), done.ending(), done.text()),
    }
}

/// Captures a child that must succeed; its output as text.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = succeed(command, Duration::from_secs(900))?;
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Whether a program of this name is on the search path.
pub(crate) fn exists(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The command line as a person would type it.
pub(crate) fn show(command: &Command) -> String {
    let mut text = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// Two files of this process's own, removed at the end.
struct Files {
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Files {
    fn new() -> Result<Files> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = crate::workspace::scratch("output")?;
        let stem = format!("{}-{number}", std::process::id());
        Ok(Files {
            stdout: folder.join(format!("{stem}.out")),
            stderr: folder.join(format!("{stem}.err")),
        })
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.stdout);
        let _ = std::fs::remove_file(&self.stderr);
    }
}
