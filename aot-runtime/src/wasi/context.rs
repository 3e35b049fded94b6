//! What one guest sees of the world: arguments, environment, open files. Built by the embedder, used by the functions.
//!
//! Nothing is inherited unless the embedder says so: without streams the guest finds empty input and its output is
//! dropped, without preopened directories it has no files.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::Dir;
use rustix::termios::isatty;

use super::table::{Descriptor, Directory, Node, Table};
use super::types::{FdFlags, FileType, Rights};

/// The state behind the WASI functions of one guest.
pub struct WasiCtx {
    /// Arguments, the program's name first; no NUL inside.
    pub(crate) args: Vec<Vec<u8>>,
    /// Environment as `NAME=value`; no NUL inside.
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) table: Table,
}

/// Why a context could not be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// An argument or environment entry holds a NUL byte, which ends strings in the guest.
    Nul {
        /// The string, as far as it is text.
        text: String,
    },
    /// A directory to preopen could not be opened.
    Preopen {
        /// The directory on the host.
        host: PathBuf,
        /// What the host said.
        source: io::Error,
    },
    /// A stream for the guest could not be prepared.
    Stream {
        /// Its number in the guest: 0, 1 or 2.
        fd: u32,
        /// What the host said.
        source: io::Error,
    },
    /// More files than a table can number.
    TooManyFiles,
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BuildError::Nul { text } => {
                write!(out, "argument or variable {text:?} contains a NUL byte")
            }
            BuildError::Preopen { host, source } => {
                write!(out, "directory {}: {source}", host.display())
            }
            BuildError::Stream { fd, source } => write!(out, "stream {fd}: {source}"),
            BuildError::TooManyFiles => write!(out, "too many preopened directories"),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BuildError::Preopen { source, .. } | BuildError::Stream { source, .. } => Some(source),
            BuildError::Nul { .. } | BuildError::TooManyFiles => None,
        }
    }
}

/// Where one of the guest's three streams leads.
#[derive(Default)]
enum Stream {
    /// Nowhere: reads end at once, writes vanish.
    #[default]
    Null,
    /// The stream of the same number of this process.
    Inherit,
    Given(OwnedFd),
}

/// Collects what a guest may see; see [`WasiCtx::builder`].
#[derive(Default)]
pub struct Builder {
    args: Vec<Vec<u8>>,
    env: Vec<Vec<u8>>,
    streams: [Stream; 3],
    preopens: Vec<(Dir, String)>,
}

impl WasiCtx {
    /// A builder of a context without arguments, environment, streams and directories.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// What a call needs that may wait: the files.
    pub(super) fn for_waiting(&self) -> WasiCtx {
        WasiCtx {
            args: Vec::new(),
            env: Vec::new(),
            table: self.table.files(),
        }
    }
}

impl Builder {
    /// Adds one argument. The first is the program's name.
    pub fn arg(mut self, arg: impl Into<Vec<u8>>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments in order.
    pub fn args<A: Into<Vec<u8>>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds one variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push(format!("{name}={value}").into_bytes());
        self
    }

    /// Lets the guest use this process's standard input, output and error.
    pub fn inherit_stdio(mut self) -> Self {
        self.streams = [Stream::Inherit, Stream::Inherit, Stream::Inherit];
        self
    }

    /// Reads standard input from `fd`.
    pub fn stdin(mut self, fd: impl Into<OwnedFd>) -> Self {
        self.streams[0] = Stream::Given(fd.into());
        self
    }

    /// Writes standard output to `fd`.
    pub fn stdout(mut self, fd: impl Into<OwnedFd>) -> Self {
        self.streams[1] = Stream::Given(fd.into());
        self
    }

    /// Writes standard error to `fd`.
    pub fn stderr(mut self, fd: impl Into<OwnedFd>) -> Self {
        self.streams[2] = Stream::Given(fd.into());
        self
    }

    /// Gives the guest the directory `host` under the name `guest`.
    ///
    /// # Errors
    /// [`BuildError::Preopen`] when it cannot be opened as a directory, [`BuildError::Nul`] for a NUL in the name.
    pub fn preopen(self, host: impl AsRef<Path>, guest: &str) -> Result<Self, BuildError> {
        let host = host.as_ref();
        let failed = |source| BuildError::Preopen {
            host: host.to_owned(),
            source,
        };
        // Opened for reading, not merely as a place to start from: the guest may list and sync it.
        let file = File::open(host).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_dir() {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        self.preopen_dir(Dir::from_std_file(file), guest)
    }

    /// Gives the guest an open directory under the name `guest`.
    ///
    /// # Errors
    /// [`BuildError::Nul`] for a NUL in the name.
    pub fn preopen_dir(mut self, dir: Dir, guest: &str) -> Result<Self, BuildError> {
        refuse_nul(guest.as_bytes())?;
        self.preopens.push((dir, guest.to_owned()));
        Ok(self)
    }

    /// The context.
    ///
    /// # Errors
    /// [`BuildError`] when a string holds a NUL byte or a stream cannot be duplicated.
    pub fn build(self) -> Result<WasiCtx, BuildError> {
        self.args
            .iter()
            .chain(&self.env)
            .try_for_each(|text| refuse_nul(text))?;
        let mut table = Table::default();
        let data = [Rights::FD_READ, Rights::FD_WRITE, Rights::FD_WRITE];
        for ((fd, stream), data) in (0..).zip(self.streams).zip(data) {
            let descriptor = stream
                .open(fd, data)
                .map_err(|source| BuildError::Stream { fd, source })?;
            table
                .insert(descriptor)
                .map_err(|_| BuildError::TooManyFiles)?;
        }
        for (dir, name) in self.preopens {
            let descriptor = preopened(dir, name);
            table
                .insert(descriptor)
                .map_err(|_| BuildError::TooManyFiles)?;
        }
        Ok(WasiCtx {
            args: self.args,
            env: self.env,
            table,
        })
    }
}

impl Stream {
    fn open(self, fd: u32, data: Rights) -> io::Result<Descriptor> {
        let file = match self {
            Stream::Null => File::options().read(true).write(true).open("/dev/null")?,
            Stream::Given(fd) => File::from(fd),
            Stream::Inherit => File::from(match fd {
                0 => io::stdin().as_fd().try_clone_to_owned()?,
                1 => io::stdout().as_fd().try_clone_to_owned()?,
                _ => io::stderr().as_fd().try_clone_to_owned()?,
            }),
        };
        let filetype = cap_std::fs::Metadata::from_just_metadata(file.metadata()?).file_type();
        let mut rights = Rights::FILE.without(Rights::DATA).with(data);
        if !seekable(&file) {
            rights = rights.without(Rights::POSITION);
        }
        Ok(Descriptor {
            node: Node::Stream(Arc::new(file)),
            filetype: FileType::from(filetype),
            flags: FdFlags::NONE,
            rights,
            inheriting: Rights::NONE,
        })
    }
}

/// Whether a file has a position to move. C libraries take a character device without one for a terminal, and only
/// terminals must look so to them.
pub(crate) fn seekable(file: &File) -> bool {
    !isatty(file) && rustix::fs::tell(file).is_ok()
}

fn preopened(dir: Dir, name: String) -> Descriptor {
    Descriptor {
        node: Node::Directory(Directory {
            dir,
            preopen: Some(name),
            listing: None,
        }),
        filetype: FileType::Directory,
        flags: FdFlags::NONE,
        rights: Rights::DIRECTORY,
        inheriting: Rights::DIRECTORY.with(Rights::FILE),
    }
}

fn refuse_nul(text: &[u8]) -> Result<(), BuildError> {
    if text.contains(&0) {
        let text = String::from_utf8_lossy(text).into_owned();
        return Err(BuildError::Nul { text });
    }
    Ok(())
}
