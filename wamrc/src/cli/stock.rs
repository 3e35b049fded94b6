//! Options of stock wamrc that are not options here: not supported yet, or without effect.
//!
//! Nothing is ignored silently: an option that would change the code is refused by name, one that
//! cannot matter is listed with the reason why not.

use super::Failure;
use std::ffi::OsString;

/// Options that would change the output but are not implemented.
const PENDING: &[&str] = &[
    "--sgx",
    "--stack-usage",
    "--enable-multi-thread",
    "--enable-gc",
    "--enable-dump-call-stack",
    "--call-stack-features",
    "--enable-perf-profiling",
    "--enable-memory-profiling",
    "--enable-llvm-passes",
    "--mllvm",
    "--enable-llvm-pgo",
    "--use-prof-file",
    "--enable-segue",
    "--enable-linux-perf",
    "--enable-shared-heap",
    "--enable-shared-chain",
];

/// Options that are accepted without effect, with the reason.
pub(super) const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("enable-bulk-memory-opt", "always on"),
    ("enable-extended-const", "always on"),
    ("enable-call-indirect-overlong", "always on"),
    ("enable-lime1", "always on"),
    (
        "enable-tail-call",
        "only permits a proposal; modules that use it are refused",
    ),
    ("disable-llvm-lto", "no link-time optimisation is done"),
    (
        "invoke-c-api-import",
        "imports are called in a form that serves the C API, too",
    ),
];

/// Gives `-sgx`, the only long option with a single dash, its second one.
pub(super) fn respell(argument: OsString) -> OsString {
    if argument == "-sgx" {
        "--sgx".into()
    } else {
        argument
    }
}

/// Refuses options that are not implemented.
pub(super) fn refuse_pending(arguments: &[OsString]) -> Result<(), Failure> {
    for argument in arguments.iter().skip(1) {
        let text = argument.to_string_lossy();
        if text == "--" {
            break;
        }
        let name = text.split('=').next().unwrap_or_default();
        if PENDING.contains(&name) {
            let spelled = if name == "--sgx" { "-sgx" } else { name };
            let message = format!("option {spelled} is not supported yet");
            return Err(Failure::Usage(message));
        }
    }
    Ok(())
}

/// The paragraph of `--help` about these options.
pub(super) fn describe() -> String {
    let mut text = String::from("Options of stock wamrc without effect here:\n");
    for (name, reason) in WITHOUT_EFFECT {
        text.push_str(&format!("  --{name:<30}  {reason}\n"));
    }
    text.push_str("\nOptions of stock wamrc that are not supported yet:\n");
    for row in PENDING.chunks(3) {
        text.push_str("  ");
        text.push_str(&row.join(", "));
        text.push('\n');
    }
    text
}
