//! Wrong command lines in one line: the option, what it was given, what it takes.
//!
//! clap says the same in several lines and with the whole usage; the help is one `--help` away.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error as _;

/// The error without decoration.
pub(super) fn one_line(error: &clap::Error) -> String {
    let argument = text(error, ContextKind::InvalidArg).unwrap_or_default();
    // clap adds the placeholder of the value.
    let option = argument.split([' ', '[']).next().unwrap_or_default();
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => match expected(error) {
            Some(expected) => format!("{option}: a value is missing: {expected}"),
            None => format!("{argument}: the value is missing"),
        },
        ErrorKind::InvalidValue => match expected(error) {
            Some(expected) => format!("{option}={value}: {expected}"),
            None => format!("{option}={value}: not a value it takes"),
        },
        ErrorKind::ValueValidation => match error.source() {
            Some(reason) => format!("{option}={value}: {reason}"),
            None => format!("{option}={value}: not a value it takes"),
        },
        ErrorKind::UnknownArgument if option.starts_with('-') => {
            let similar = text(error, ContextKind::SuggestedArg);
            let similar = similar.map_or(String::new(), |it| format!("; there is {it}"));
            format!("unknown option {option}{similar} (see wamrc --help)")
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            format!("unexpected argument {option:?} (see wamrc --help)")
        }
        ErrorKind::TooManyValues => format!("{option}={value}: the option takes no value"),
        ErrorKind::ArgumentConflict => {
            let other = text(error, ContextKind::PriorArg).unwrap_or_default();
            let other = other.split(' ').next().unwrap_or_default();
            match other {
                "" => format!("{option} does not go with the other arguments"),
                other => format!("{option} does not go with {other}"),
            }
        }
        ErrorKind::MissingRequiredArgument => format!("{argument} is missing (see wamrc --help)"),
        _ => first_line(error),
    }
}

/// What the option takes, if that is a list.
fn expected(error: &clap::Error) -> Option<String> {
    let ContextValue::Strings(values) = error.get(ContextKind::ValidValue)? else {
        return None;
    };
    let (last, others) = values.split_last()?;
    Some(match others {
        [] => format!("expected {last}"),
        others => format!("expected {} or {last}", others.join(", ")),
    })
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        _ => None,
    }
}

/// What clap prints first.
fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
