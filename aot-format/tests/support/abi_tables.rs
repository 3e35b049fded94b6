//! The tables of `docs/abi.md` and `docs/aot-format.md`, made from the code.
//!
//! Used by the test that keeps the documents fresh, and by the example `abi_tables`, which prints them.

use aot_format::abi::builtins::{Builtin, Type, When};
use aot_format::abi::slot::Slot;
use aot_format::abi::traps::TrapId;
use aot_format::abi::{exec_env, extra, frame, instance, memory, object, table};
use aot_format::{FeatureFlags, Relies, SectionId, ValType, limits};
use targets::PtrWidth::{W32, W64};

/// A Markdown table of one struct: `fields!(FIELD_ENUM)`.
macro_rules! fields {
    ($field:path) => {{
        type Field = $field;
        let rows = Field::ALL.iter().map(|field| {
            let (wide, narrow) = (field.offset(W64), field.offset(W32));
            let kind = slot(field.slot());
            format!("| {wide} | {narrow} | `{}` | {kind} |\n", field.name())
        });
        let (wide, narrow) = (Field::struct_size(W64), Field::struct_size(W32));
        let rows: String = rows.collect();
        format!(
            "| 64-bit | 32-bit | field | holds |\n|---|---|---|---|\n{rows}| {wide} | {narrow} | *size* | |\n"
        )
    }};
}
/// The blocks of `docs/abi.md`.
pub(crate) fn abi() -> Vec<(&'static str, String)> {
    vec![
        ("exec_env", fields!(exec_env::Field)),
        ("instance", fields!(instance::Field)),
        ("memory", fields!(memory::Field)),
        ("table", fields!(table::Field)),
        ("extra", fields!(extra::Field)),
        ("frame", fields!(frame::Field)),
        ("tiny_frame", fields!(frame::TinyField)),
        ("traps", traps()),
        ("rtt", fields!(object::Field)),
        ("builtins", builtins()),
    ]
}

/// The blocks of `docs/aot-format.md`.
pub(crate) fn format() -> Vec<(&'static str, String)> {
    vec![
        ("sections", sections()),
        ("value_types", value_types()),
        ("features", features()),
        ("relies", relies()),
        ("limits", caps()),
    ]
}

fn slot(slot: Slot) -> String {
    match slot {
        Slot::U8 => "u8".to_owned(),
        Slot::U16 => "u16".to_owned(),
        Slot::U32 => "u32".to_owned(),
        Slot::U64 => "u64".to_owned(),
        Slot::Native => "pointer".to_owned(),
        Slot::NativeInt => "integer of pointer size".to_owned(),
        Slot::Wide => "pointer in 8 bytes".to_owned(),
        Slot::WideInt => "integer of pointer size in 8 bytes".to_owned(),
        Slot::Bytes(count) => format!("{count} bytes"),
    }
}

fn traps() -> String {
    let mut out = String::from("| number | name | message |\n|---|---|---|\n");
    for trap in TrapId::ALL {
        let (number, name, message) = (trap.number(), trap.name(), trap.message());
        out += &format!("| {number} | `{name}` | {message} |\n");
    }
    out
}

fn builtins() -> String {
    let mut out =
        String::from("| symbol | parameters | result | builds | what |\n|---|---|---|---|---|\n");
    for builtin in Builtin::ALL {
        let params: Vec<&str> = builtin.params().iter().map(|ty| type_name(*ty)).collect();
        out += &format!(
            "| `{}` | {} | {} | {} | {} |\n",
            builtin.name(),
            params.join(", "),
            type_name(builtin.result()),
            build(builtin.when()),
            builtin.doc()
        );
    }
    out
}

fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Void => "–",
        Type::Instance => "instance",
        Type::ExecEnv => "exec_env",
        Type::Pointer => "pointer",
        Type::Bool => "bool",
        Type::I32 => "i32",
        Type::I64 => "i64",
        Type::Size => "size",
        Type::F32 => "f32",
        Type::F64 => "f64",
    }
}

fn build(when: When) -> &'static str {
    match when {
        When::Always => "all",
        When::BulkMemory => "bulk memory",
        When::SharedMemory => "shared memory",
        When::RefTypes => "reference types",
        When::StackFrame => "stack frames",
        When::Intrinsics => "intrinsics",
        When::SharedHeap => "shared heap",
        When::StaticPgo => "static PGO",
        When::GarbageCollection => "garbage collection",
        When::Stringref => "stringref",
        When::Ours => "ours alone",
    }
}

fn sections() -> String {
    let mut out = String::from("| number | section |\n|---|---|\n");
    for section in SectionId::ALL {
        out += &format!("| {} | {section} |\n", *section as u32);
    }
    out
}

fn value_types() -> String {
    let mut out = String::from("| code | type | bytes as a global | cells |\n|---|---|---|---|\n");
    for ty in ValType::ALL {
        let (code, size, cells) = (ty.code(), ty.size(), ty.cells());
        out += &format!("| `{code:#04X}` | {ty} | {size} | {cells} |\n");
    }
    out
}

fn features() -> String {
    let mut out = String::from("| bit | feature |\n|---|---|\n");
    for (flag, name) in FeatureFlags::ALL {
        out += &format!("| {} | {name} |\n", flag.0.trailing_zeros());
    }
    out
}

fn relies() -> String {
    let mut out = String::from("| bit | relies on |\n|---|---|\n");
    for (bit, name) in Relies::ALL {
        out += &format!("| {} | {name} |\n", bit.0.trailing_zeros());
    }
    out
}

fn caps() -> String {
    let rows = [
        ("bytes of a file", limits::FILE_BYTES),
        (
            "bytes of a string, with its zero (written)",
            limits::STRING_BYTES as u64,
        ),
        ("nesting of an initialiser", limits::INIT_EXPR_DEPTH.into()),
        ("slots of a table", limits::TABLE_SLOTS.into()),
        ("exports", limits::EXPORTS.into()),
        ("object data sections", limits::OBJECT_DATA.into()),
        ("relocation groups", limits::RELOCATION_GROUPS.into()),
    ];
    let rows = rows.map(|(what, limit)| format!("| {what} | {limit} |\n"));
    format!("| what | at most |\n|---|---|\n{}", rows.concat())
}
