//! Every option of stock wamrc, and what becomes of it here.
//!
//! Nothing is ignored silently: an option works as in stock, or is accepted with a remark why it is not needed, or is refused
//! with the reason and what to do instead. Those that work are declared in `settings` and `compile`; the others are
//! declared from this table.

use super::Failure;
use super::message;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;

/// What follows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    /// A list of these words, or nothing.
    Words(&'static [&'static str]),
}

/// What becomes of an option.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It has stock's meaning.
    Works,
    /// It is not needed: why.
    Unnecessary(&'static str),
    /// It cannot be had: why, and what to do instead.
    Refused(&'static str, &'static str),
}

/// An option of stock wamrc.
struct Row {
    /// Without the dashes.
    name: &'static str,
    takes: Takes,
    fate: Fate,
}

const fn works(name: &'static str) -> Row {
    Row {
        name,
        takes: Takes::Nothing,
        fate: Fate::Works,
    }
}

const fn unnecessary(name: &'static str, takes: Takes, why: &'static str) -> Row {
    Row {
        name,
        takes,
        fate: Fate::Unnecessary(why),
    }
}

const fn refused(
    name: &'static str,
    takes: Takes,
    why: &'static str,
    instead: &'static str,
) -> Row {
    Row {
        name,
        takes,
        fate: Fate::Refused(why, instead),
    }
}

const BY_CONTENT: &str = "a module that uses it says so itself";
const SEGUE: &[&str] = &[
    "i32.load",
    "i64.load",
    "f32.load",
    "f64.load",
    "v128.load",
    "i32.store",
    "i64.store",
    "f32.store",
    "f64.store",
    "v128.store",
];
const FRAMES: &[&str] = &["bounds-checks", "ip", "func-idx", "trap-ip", "values"];

/// All of them, in the order of stock's help.
#[rustfmt::skip]
const OPTIONS: &[Row] = &[
    works("target"),
    works("target-abi"),
    works("cpu"),
    works("cpu-features"),
    works("opt-level"),
    works("size-level"),
    works("sgx"),
    works("bounds-checks"),
    works("stack-bounds-checks"),
    works("stack-usage"),
    works("format"),
    works("disable-bulk-memory"),
    unnecessary("enable-bulk-memory-opt", Takes::Nothing, "always on"),
    unnecessary("enable-extended-const", Takes::Nothing, "always on"),
    unnecessary("enable-multi-thread", Takes::Nothing, BY_CONTENT),
    unnecessary("enable-tail-call", Takes::Nothing, BY_CONTENT),
    works("disable-simd"),
    works("disable-ref-types"),
    unnecessary("enable-call-indirect-overlong", Takes::Nothing, "always on"),
    unnecessary("enable-lime1", Takes::Nothing, "always on"),
    unnecessary("enable-gc", Takes::Nothing, BY_CONTENT),
    works("disable-aux-stack-check"),
    refused("enable-dump-call-stack", Takes::Nothing,
        "the code keeps no frames for call stacks",
        "--emit-custom-sections=name keeps the names of functions for wamrc inspect and objdump"),
    refused("call-stack-features", Takes::Words(FRAMES),
        "the code keeps no frames for call stacks",
        "--emit-custom-sections=name keeps the names of functions for wamrc inspect and objdump"),
    refused("enable-perf-profiling", Takes::Nothing,
        "the code does no bookkeeping for the runtime",
        "profile the running program with the system's profiler, and read addresses with wamrc objdump"),
    refused("enable-memory-profiling", Takes::Nothing,
        "the code does no bookkeeping for the runtime",
        "--stack-bounds-checks=1 checks the native stack; `memory.size` says how large a memory is"),
    works("xip"),
    works("enable-indirect-mode"),
    works("disable-llvm-intrinsics"),
    works("enable-builtin-intrinsics"),
    works("disable-llvm-jump-tables"),
    unnecessary("disable-llvm-lto", Takes::Nothing, "no link-time optimisation is done"),
    refused("enable-llvm-passes", Takes::Value,
        "what is run is fixed for each level, so that the same options give the same file",
        "--opt-level chooses; --format=llvmir-unopt writes IR for LLVM's opt"),
    refused("mllvm", Takes::Value,
        "LLVM's hidden options differ between its versions",
        "--opt-level and --cpu-features choose; --format=llvmir-opt writes IR for LLVM's llc"),
    refused("enable-llvm-pgo", Takes::Nothing,
        "code is not instrumented",
        "branch hints in the module are used: optimise it with a profile where it is made"),
    refused("use-prof-file", Takes::Value,
        "profiles are not read",
        "branch hints in the module are used: optimise it with a profile where it is made"),
    unnecessary("enable-segue", Takes::Words(SEGUE),
        "the address of the memory is kept in a register that the code chooses"),
    works("emit-custom-sections"),
    unnecessary("native-lib", Takes::Value, "calls of imports reach whatever the runtime links"),
    unnecessary("invoke-c-api-import", Takes::Nothing,
        "imports are called in a form that serves the C API, too"),
    refused("enable-linux-perf", Takes::Nothing,
        "the code keeps no frame pointers and the runtime writes no map",
        "profile the running program with perf, and read addresses with wamrc objdump"),
    refused("enable-shared-heap", Takes::Nothing,
        "every access would have to look where its address belongs",
        "let the modules import the same memory"),
    refused("enable-shared-chain", Takes::Nothing,
        "every access would have to look where its address belongs",
        "let the modules import the same memory"),
    works("verbose"),
    works("version"),
    works("llvm-version"),
    works("help"),
];

/// Variables of the environment that stock heeds.
const VARIABLES: &[&str] = &[
    "WAMRC_LLC_COMPILER",
    "WAMRC_LLC_FLAGS",
    "WAMRC_ASM_COMPILER",
    "WAMRC_ASM_FLAGS",
];

/// Gives `-sgx`, the only long option with a single dash, its second one.
pub(super) fn respell(arguments: &mut [OsString]) {
    let options = arguments
        .iter_mut()
        .take_while(|argument| *argument != "--");
    for argument in options.filter(|argument| *argument == "-sgx") {
        *argument = "--sgx".into();
    }
}

/// Declares the options that are unnecessary or refused.
pub(super) fn declare(command: Command) -> Command {
    let others = OPTIONS
        .iter()
        .filter(|row| !matches!(row.fate, Fate::Works));
    command.args(others.map(argument))
}

fn argument(row: &'static Row) -> Arg {
    let argument = Arg::new(row.name).long(row.name).hide(true);
    match row.takes {
        Takes::Nothing => argument.action(ArgAction::SetTrue),
        Takes::Value => argument.action(ArgAction::Append),
        // An option without a list is not to swallow the input file.
        Takes::Words(words) => argument
            .num_args(0..=1)
            .require_equals(true)
            .value_delimiter(',')
            .default_missing_value("")
            .value_parser(move |text: &str| word(text, words)),
    }
}

fn word(text: &str, words: &[&str]) -> Result<String, String> {
    match text.is_empty() || words.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("expected {}", words.join(", "))),
    }
}

/// Refuses what has to be, and says of the rest why it is not needed; one sentence each.
pub(super) fn judge(matches: &ArgMatches) -> Result<Vec<String>, Failure> {
    let given = |row: &&Row| {
        matches!(matches.try_contains_id(row.name), Ok(true))
            && matches.value_source(row.name) == Some(ValueSource::CommandLine)
    };
    let mut remarks = Vec::new();
    for row in OPTIONS.iter().filter(given) {
        match row.fate {
            Fate::Works => {}
            Fate::Unnecessary(why) => {
                remarks.push(format!("--{} is not needed: {why}", row.name));
            }
            Fate::Refused(why, instead) => {
                let name = row.name;
                let message = format!("--{name} is not supported: {why}; instead: {instead}");
                return Err(Failure::usage(message));
            }
        }
    }
    for name in VARIABLES {
        if std::env::var_os(name).is_some() {
            remarks.push(format!(
                "the variable {name} has no effect: code is generated within the compiler"
            ));
        }
    }
    Ok(remarks)
}

/// Prints the remarks of [`judge`].
pub(super) fn print(remarks: &[String]) {
    remarks.iter().for_each(|remark| message::remark(remark));
}

/// The paragraph of `--help` about these options.
pub(super) fn describe() -> String {
    let mut unnecessary = String::new();
    let mut refused = String::new();
    for row in OPTIONS {
        match row.fate {
            Fate::Works => {}
            Fate::Unnecessary(why) => {
                unnecessary.push_str(&format!("  --{:<30}  {why}\n", row.name));
            }
            Fate::Refused(why, _) => refused.push_str(&format!("  --{:<30}  {why}\n", row.name)),
        }
    }
    format!(
        "Options of stock wamrc that are accepted and not needed:\n{unnecessary}\n\
         Options of stock wamrc that are refused (the error says what to do instead):\n{refused}"
    )
}

#[cfg(test)]
mod tests {
    use super::{Fate, OPTIONS};

    /// Options that work are declared elsewhere; the table must not promise more.
    #[test]
    fn what_works_is_an_option() {
        let mut command = super::super::command();
        command.build();
        let known: Vec<_> = command
            .get_arguments()
            .filter_map(clap::Arg::get_long)
            .collect();
        for row in OPTIONS {
            let name = row.name;
            assert!(known.contains(&name), "--{name} is not declared");
            if let Fate::Refused(why, instead) = row.fate {
                assert!(!why.is_empty() && !instead.is_empty(), "--{name}");
            }
        }
    }
}
