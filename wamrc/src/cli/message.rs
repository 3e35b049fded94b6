//! Messages on standard error: lines for people, or one JSON object per line for programs.
//!
//! `docs/cli.md` has the form of the objects. Which form is used is known before the command line is parsed, so that its
//! own errors have it, too.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Options of every command.
#[derive(Clone, Copy, Debug, Args)]
#[group(id = "message-options")]
pub(super) struct Arguments {
    /// Say nothing but errors
    #[arg(short, long, global = true, help_heading = "Messages")]
    pub(super) quiet: bool,

    /// Form of messages on standard error: text, or json for one object per line
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        global = true,
        hide_possible_values = true,
        help_heading = "Messages"
    )]
    message_format: Form,
}

impl Arguments {
    /// Keeps the form that the command line has asked for, now that it is understood.
    pub(super) fn settle(self) {
        JSON.store(self.message_format == Form::Json, Ordering::Relaxed);
    }
}

/// Form of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Whether this process's messages are for programs.
static JSON: AtomicBool = AtomicBool::new(false);

/// Looks for the form in a command line that has not been parsed, and keeps it.
pub(super) fn choose_form(arguments: &[OsString]) {
    let mut arguments = arguments.iter().skip(1).map(|it| it.to_string_lossy());
    while let Some(argument) = arguments.next().filter(|it| it != "--") {
        let value = match argument.strip_prefix("--message-format") {
            Some("") => arguments.next().map(|value| value.to_string()),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(value) = value {
            JSON.store(value == "json", Ordering::Relaxed);
        }
    }
}

/// Whether messages are for programs.
pub(super) fn is_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// An error with what is known about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diagnostic {
    /// What is wrong, starting with the file if it is about one.
    pub(super) message: String,
    /// The file.
    pub(super) file: Option<String>,
    /// Byte offset in it.
    pub(super) offset: Option<u64>,
    /// Index of the function there.
    pub(super) function: Option<u32>,
    /// Its name.
    pub(super) name: Option<String>,
    /// The instruction there.
    pub(super) instruction: Option<String>,
    /// What to do.
    pub(super) help: Option<String>,
}

impl Diagnostic {
    /// One without anything but the message.
    pub(super) fn plain(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// Prints it, as an error.
    pub(super) fn print(&self) {
        if is_json() {
            return print_line(&self.to_json());
        }
        let (red, bold, plain) = match colours() {
            true => ("\x1b[1;31m", "\x1b[1m", "\x1b[0m"),
            false => ("", "", ""),
        };
        let mut text = format!("{red}error:{plain} {}\n", self.message);
        let place = [
            self.function.map(|index| match &self.name {
                Some(name) => format!("in function {index} ({name})"),
                None => format!("in function {index}"),
            }),
            self.instruction.as_ref().map(|it| format!("at `{it}`")),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        if !place.is_empty() {
            text.push_str(&format!("  {}\n", place.join(", ")));
        }
        if let Some(help) = &self.help {
            text.push_str(&format!("  {bold}help:{plain} {help}\n"));
        }
        write(&text);
    }

    fn to_json(&self) -> Value {
        let fields = [
            ("file", self.file.as_ref().map(|it| json!(it))),
            ("offset", self.offset.map(|it| json!(it))),
            (
                "function",
                self.function
                    .map(|index| json!({ "index": index, "name": self.name })),
            ),
            ("instruction", self.instruction.as_ref().map(|it| json!(it))),
            ("help", self.help.as_ref().map(|it| json!(it))),
        ];
        let mut object = Map::new();
        object.insert("type".into(), json!("error"));
        object.insert("message".into(), json!(self.message));
        for (name, value) in fields {
            if let Some(value) = value {
                object.insert(name.into(), value);
            }
        }
        Value::Object(object)
    }
}

/// Prints a remark: something worth knowing that is no error.
pub(super) fn remark(text: &str) {
    if is_json() {
        print_line(&json!({ "type": "remark", "message": text }));
    } else {
        write(&format!("remark: {text}\n"));
    }
}

/// Prints an object on a line of its own.
pub(super) fn print_line(object: &Value) {
    write(&format!("{object}\n"));
}

/// Nothing sensible is left to do if standard error cannot be written to.
fn write(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn colours() -> bool {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    wanted && std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::Diagnostic;
    use serde_json::json;

    #[test]
    fn only_what_is_known_is_said() {
        let mut error = Diagnostic::plain("wrong");
        assert_eq!(
            error.to_json(),
            json!({ "type": "error", "message": "wrong" })
        );
        error.offset = Some(18);
        error.function = Some(3);
        let expected = json!({ "type": "error", "message": "wrong", "offset": 18,
            "function": { "index": 3, "name": null } });
        assert_eq!(error.to_json(), expected);
    }
}
