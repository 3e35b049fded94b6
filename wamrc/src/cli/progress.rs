//! How far long compilations have come: on terminals, or as JSON lines.

use super::message;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal as _;
use std::time::Duration;
use wamrc::report::Progress as At;

/// A stage without parts.
const SPINNER: &str = "{spinner} {msg} ({elapsed})";
/// One with parts.
const BAR: &str = "{spinner} {msg} [{bar:30}] {pos}/{len} ({elapsed}, {eta} left)";

/// Shows the current stage; draws nothing when standard error is not a terminal.
pub(super) struct Progress<'a> {
    bar: ProgressBar,
    file: &'a str,
    lines: bool,
}

impl<'a> Progress<'a> {
    /// Starts with a file, hidden if asked to.
    pub(super) fn start(quiet: bool, file: &'a str) -> Self {
        let lines = message::is_json() && !quiet;
        let bar = match quiet || lines || !std::io::stderr().is_terminal() {
            true => ProgressBar::hidden(),
            false => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
        };
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, file, lines }
    }

    /// Shows how far it is.
    pub(super) fn show(&self, at: At) {
        if self.lines {
            return self.print(at);
        }
        let template = match at.total {
            0 | 1 => SPINNER,
            _ => BAR,
        };
        if at.done == 0
            && let Ok(style) = ProgressStyle::with_template(template)
        {
            self.bar.set_style(style);
            self.bar.set_message(at.stage.to_string());
        }
        self.bar.set_length(at.total as u64);
        self.bar.set_position(at.done as u64);
    }

    fn print(&self, at: At) {
        message::print_line(&json!({
            "type": "stage",
            "file": self.file,
            "stage": at.stage.to_string(),
            "done": at.done,
            "total": at.total,
        }));
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
