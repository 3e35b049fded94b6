//! temp
use super::Failure;
use std::path::PathBuf;
/// temp
#[derive(Debug, clap::Args)]
#[group(id = "inspect-options")]
pub(super) struct Arguments {
    /// File
    file: PathBuf,
}
pub(super) fn run(_: &Arguments) -> Result<(), Failure> {
    Ok(())
}
