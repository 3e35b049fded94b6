//! What shells and manuals know of the command line, made from its declaration.

use super::{Failure, output};
use anyhow::Context as _;
use clap::Args;
use clap_complete::Shell;

/// Options of `wamrc completions`.
#[derive(Debug, Args)]
#[group(id = "completions-options")]
pub(super) struct Completions {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the completions for a shell.
pub(super) fn completions(arguments: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::command(), "wamrc", &mut script);
    Ok(output::print(&script)?)
}

/// Options of `wamrc man`.
#[derive(Debug, Args)]
#[group(id = "man-options")]
pub(super) struct Manual {
    /// The page of this command; without, that of wamrc
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints a manual page.
pub(super) fn manual(arguments: &Manual) -> Result<(), Failure> {
    let mut command = super::command();
    command.build();
    let command = match &arguments.command {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::usage(format!("{name}: no such command (see wamrc --help)")))?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .context("cannot make the manual page")?;
    Ok(output::print(&page)?)
}
