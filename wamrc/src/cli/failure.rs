//! Why a command did not succeed, and how the process ends then.
//!
//! Exit codes: 1 the work failed (or two files differ), 2 the command line makes no sense.

use super::message::Diagnostic;
use super::usage;
use std::process::ExitCode;

/// Why the command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line makes no sense.
    Usage(String),
    /// clap's own message, which may also be the help text.
    Clap(clap::Error),
    /// The work failed.
    Work(anyhow::Error),
    /// The work failed for reasons with a position in a file.
    Diagnosed(Vec<Diagnostic>),
    /// What was printed already says why.
    Printed,
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Work(error)
    }
}

impl Failure {
    /// A wrong command line.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// Prints the failure and says how the process ends.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Usage(message) => {
                Diagnostic::plain(message).print();
                ExitCode::from(2)
            }
            Self::Clap(error) if error.use_stderr() => {
                Diagnostic::plain(usage::one_line(error)).print();
                ExitCode::from(2)
            }
            Self::Clap(error) => {
                // Help; nothing sensible is left to do if it cannot be printed.
                drop(error.print());
                ExitCode::SUCCESS
            }
            Self::Work(error) => {
                Diagnostic::plain(format!("{error:#}")).print();
                ExitCode::FAILURE
            }
            Self::Diagnosed(errors) => {
                errors.iter().for_each(Diagnostic::print);
                ExitCode::FAILURE
            }
            Self::Printed => ExitCode::FAILURE,
        }
    }
}
