//! How far long compilations have come, on terminals only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::time::Duration;
use wamrc::report::Progress as At;

/// A stage without parts.
const SPINNER: &str = "{spinner} {msg} ({elapsed})";
/// One with parts.
const BAR: &str = "{spinner} {msg} [{bar:30}] {pos}/{len} ({elapsed}, {eta} left)";

/// Shows the current stage; draws nothing when standard error is not a terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Starts, hidden if asked to.
    pub(super) fn start(quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Shows how far it is.
    pub(super) fn show(&self, at: At) {
        let template = match at.total {
            0 | 1 => SPINNER,
            _ => BAR,
        };
        if at.done == 0
            && let Ok(style) = ProgressStyle::with_template(template)
        {
            self.0.set_style(style);
            self.0.set_message(at.stage.to_string());
        }
        self.0.set_length(at.total as u64);
        self.0.set_position(at.done as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
