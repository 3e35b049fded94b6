//! Snapshots: every ABI offset for both pointer widths, and the text of containers.
//!
//! A change of `snapshots/abi/` means that code compiled before no longer fits: the version of the format, or of our
//! record, must change with it.

#[path = "support/generate.rs"]
mod generate;

use std::fmt::Write as _;

use aot_format::abi::builtins::Builtin;
use aot_format::abi::traps::TrapId;
use aot_format::abi::{exec_env, extra, frame, instance, memory, table};
use aot_format::{View, dump};
use targets::PtrWidth;

/// Compares text with a snapshot of this folder and name.
fn check(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../../snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Lines `offset size name` of one struct.
macro_rules! fields {
    ($out:ident, $width:ident, $name:literal, $field:path) => {{
        type Field = $field;
        writeln!($out, "{} {} bytes", $name, Field::struct_size($width)).unwrap();
        for field in Field::ALL {
            let (offset, size) = (field.offset($width), field.slot().size($width));
            writeln!($out, "  {offset} {size} {}", field.name()).unwrap();
        }
    }};
}

#[test]
fn abi_offsets() {
    for (width, name) in [(PtrWidth::W32, "32"), (PtrWidth::W64, "64")] {
        let mut out = String::new();
        fields!(out, width, "exec_env", exec_env::Field);
        fields!(out, width, "instance", instance::Field);
        fields!(out, width, "memory", memory::Field);
        fields!(out, width, "table", table::Field);
        fields!(out, width, "extra", extra::Field);
        fields!(out, width, "frame", frame::Field);
        fields!(out, width, "tiny_frame", frame::TinyField);
        check("abi", &format!("offsets__all@{name}-bit"), &out);
    }
}

#[test]
fn abi_names() {
    let mut out = String::new();
    for trap in TrapId::ALL {
        writeln!(out, "{} {} {}", trap.number(), trap.name(), trap.message()).unwrap();
    }
    check("abi", "traps__all", &out);
    let mut out = String::new();
    for builtin in Builtin::ALL {
        let (name, when) = (builtin.name(), builtin.when());
        let (params, result) = (builtin.params(), builtin.result());
        writeln!(out, "{name} {params:?} -> {result:?} {when:?}").unwrap();
    }
    check("abi", "builtins__all", &out);
}

#[test]
fn containers() {
    for (seed, name) in [
        (7, "generated__7"),
        (21, "generated__21"),
        (33, "generated__33"),
    ] {
        let bytes = generate::artifact(seed).write().unwrap();
        let view = View::read(&bytes).unwrap();
        check("container", name, &dump::to_string(&view));
    }
    let bytes = generate::objects::objects(34).write().unwrap();
    let view = View::read(&bytes).unwrap();
    check("container", "objects__34", &dump::to_string(&view));
}
