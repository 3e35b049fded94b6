//! A container as JSON. Names are those of the format's documentation; numbers are plain.

use aot_format::{
    CustomSection, DeclaredLimits, ElemMode, FeatureFlags, FieldType, InitExpr, Record, Relies,
    Seq, SubType, TypeDef, View,
};
use serde_json::{Value, json};
use wamrc::disassembly::{Instruction, Listing};

/// Everything but code and segment contents.
pub(super) fn describe(view: &View<'_>) -> Value {
    let text = view.text();
    json!({
        "version": view.version(),
        "target": target(view),
        "memories": list(view.memories().iter(), |memory| json!({
            "flags": memory.flags,
            "page_bytes": memory.page_bytes,
            "init_pages": memory.init_pages,
            "max_pages": memory.max_pages,
        })),
        "data": list(view.data().iter(), |segment| json!({
            "passive": segment.passive,
            "memory": segment.memory,
            "offset": expression(&segment.offset),
            "bytes": segment.bytes.len(),
        })),
        "tables": tables(view),
        "elements": elements(view),
        "types": list(view.types().iter(), |ty| sub_type(&ty)),
        "imports": imports(view),
        "globals": list(view.globals().iter(), |global| json!({
            "type": global.ty.to_string(),
            "mutable": global.mutable,
            "init": expression(&global.init),
        })),
        "functions": list(view.functions().iter(), |function| json!({
            "offset": function.text_offset,
            "type": function.type_index,
            "local_cells": function.max_local_cells,
            "stack_cells": function.max_stack_cells,
        })),
        "exports": list(view.exports().iter(), |export| json!({
            "name": export.name,
            "kind": export.kind.name(),
            "index": export.index,
        })),
        "aux": aux(view),
        "bytes": { "code": text.code.len(), "literal": text.literal.len() },
        "object_data": list(view.object_data().iter(), |section| json!({
            "name": section.name,
            "bytes": section.bytes.len(),
        })),
        "relocations": relocations(view),
        "custom_sections": list(view.custom().iter(), |section| custom(&section)),
        "record": view.record().map(|record| self::record(&record)),
    })
}

fn target(view: &View<'_>) -> Value {
    let target = view.target();
    json!({
        "arch": target.arch.as_str(),
        "machine": target.e_machine,
        "pointer_bits": target.width().bits(),
        "mode": format!("{:?}", target.e_type).to_lowercase(),
        "features": names(FeatureFlags::ALL, |flag| target.features.contains(flag)),
    })
}

fn tables(view: &View<'_>) -> Value {
    list(view.tables().iter(), |table| {
        json!({
            "element": table.elem.to_string(),
            "flags": table.flags,
            "init": table.init,
            "max": table.max,
            "slots": table.slots(),
        })
    })
}

fn elements(view: &View<'_>) -> Value {
    list(view.elems().iter(), |segment| {
        json!({
            "mode": match segment.usage() {
                ElemMode::Active => "active",
                ElemMode::Passive => "passive",
                ElemMode::Declarative => "declarative",
            },
            "table": segment.table,
            "offset": expression(&segment.offset),
            "values": list(segment.values.iter(), |value| expression(&value)),
        })
    })
}

fn imports(view: &View<'_>) -> Value {
    json!({
        "globals": list(view.import_globals().iter(), |global| json!({
            "module": global.module,
            "name": global.name,
            "type": global.ty.to_string(),
            "mutable": global.mutable,
        })),
        "functions": list(view.import_funcs().iter(), |function| json!({
            "module": function.module,
            "name": function.name,
            "type": function.type_index,
        })),
    })
}

fn relocations(view: &View<'_>) -> Value {
    list(view.relocations().iter(), |group| {
        json!({
            "group": group.section,
            "relocations": list(group.relocs.iter(), |relocation| json!({
                "offset": relocation.offset,
                "number": relocation.kind,
                "symbol": relocation.symbol,
                "addend": relocation.addend,
            })),
        })
    })
}

/// Code, as `disassembly` has it.
pub(in super::super) fn code(listings: &[Listing]) -> Value {
    list(listings.iter(), |listing| {
        json!({
            "name": listing.part.name,
            "offset": listing.part.offset,
            "bytes": listing.part.size,
            "instructions": list(listing.instructions.iter(), instruction),
        })
    })
}

fn instruction(instruction: &Instruction) -> Value {
    let Instruction {
        line,
        reference,
        origin,
    } = instruction;
    let mut value = json!({
        "offset": line.address,
        "bytes": line.size,
        "text": line.text,
        "refers_to": reference.as_ref().map(ToString::to_string),
    });
    if let (Some(origin), Some(object)) = (origin, value.as_object_mut()) {
        object.insert("wasm_offset".to_owned(), json!(origin.offset.0));
        object.insert("wasm_instruction".to_owned(), json!(origin.text));
    }
    value
}

fn list<T>(items: impl Iterator<Item = T>, describe: impl FnMut(T) -> Value) -> Value {
    Value::Array(items.map(describe).collect())
}

fn names<T: Copy>(all: &[(T, &'static str)], contains: impl Fn(T) -> bool) -> Value {
    list(all.iter().filter(|(bit, _)| contains(*bit)), |(_, name)| {
        json!(name)
    })
}

fn sub_type(ty: &SubType<'_>) -> Value {
    let field =
        |field: &FieldType| json!({ "type": field.storage.to_string(), "mutable": field.mutable });
    let mut value = match ty.def {
        TypeDef::Func(ty) => json!({
            "params": list(ty.param_types(), |ty| json!(ty.to_string())),
            "results": list(ty.result_types(), |ty| json!(ty.to_string())),
        }),
        TypeDef::Struct(fields) => json!({ "fields": list(fields.iter(), |it| field(&it)) }),
        TypeDef::Array(element) => json!({ "element": field(&element) }),
        TypeDef::Same(earlier) => json!({ "same": earlier }),
    };
    let plain = SubType::alone(ty.def);
    if let (true, Some(value)) = (*ty != plain, value.as_object_mut()) {
        value.insert("final".into(), json!(ty.is_final));
        value.insert("parent".into(), json!(ty.parent));
        value.insert("group".into(), json!([ty.group_index, ty.group_len]));
    }
    value
}

fn aux(view: &View<'_>) -> Value {
    let aux = view.aux();
    json!({
        "start": aux.start,
        "data_end_global": aux.data_end_global,
        "data_end": aux.data_end,
        "heap_base_global": aux.heap_base_global,
        "heap_base": aux.heap_base,
        "stack_top_global": aux.stack_top_global,
        "stack_bottom": aux.stack_bottom,
        "stack_size": aux.stack_size,
    })
}

/// Floats are given as bits: JSON has no NaN.
fn expression(expression: &InitExpr<'_>) -> Value {
    match expression {
        InitExpr::None => Value::Null,
        InitExpr::I32(value) => json!({ "i32.const": value.cast_signed() }),
        InitExpr::I64(value) => json!({ "i64.const": value.cast_signed() }),
        InitExpr::F32(bits) => json!({ "f32.const": format!("{bits:#010x}") }),
        InitExpr::F64(bits) => json!({ "f64.const": format!("{bits:#018x}") }),
        InitExpr::V128(bits) => json!({ "v128.const": format!("{bits:#034x}") }),
        InitExpr::GlobalGet(global) => json!({ "global.get": global }),
        InitExpr::RefNull(None) => json!("ref.null"),
        InitExpr::RefNull(Some(heap)) => json!({ "ref.null": heap.to_string() }),
        InitExpr::I31(value) => json!({ "ref.i31": value.cast_signed() }),
        InitExpr::RefFunc(function) => json!({ "ref.func": function }),
        InitExpr::Binary(binary) => {
            // Nesting is bounded by the format's limits.
            let operands = binary.operands();
            json!({ binary.op.name(): list(operands.iter(), self::expression) })
        }
        InitExpr::Construct(new) => {
            let operands = list(new.operands().iter(), |operand| self::expression(&operand));
            json!({ new.op.name(): { "type": new.type_index, "operands": operands } })
        }
    }
}

fn custom(section: &CustomSection<'_>) -> Value {
    match section {
        CustomSection::Raw { name, bytes } => json!({ "name": name, "bytes": bytes.len() }),
        CustomSection::NativeSymbols(symbols) => {
            json!({ "native_symbols": list(symbols.iter(), |symbol| json!(symbol)) })
        }
        CustomSection::FunctionNames(names) => json!({
            "function_names": list(names.names.iter(), |name| json!([name.index, name.name])),
        }),
        CustomSection::Unknown { sub_type, bytes } => {
            json!({ "sub_type": sub_type, "bytes": bytes.len() })
        }
    }
}

fn record(record: &Record<'_>) -> Value {
    json!({
        "compiler": record.compiler,
        "cpu": record.cpu,
        "cpu_features": record.features,
        "float_abi": record.float_abi.name(),
        "relies_on": names(Relies::ALL, |bit| record.relies.contains(bit)),
        "thunks": list(record.thunks.iter(), |thunk| json!({
            "type": thunk.type_index,
            "offset": thunk.text_offset,
        })),
        "link_imports": list(record.link_imports.iter(), |import| json!({
            "kind": import.kind.name(),
            "index": import.index,
            "module": import.module,
            "name": import.name,
        })),
        "memory_limits": limits(record.memory_limits),
        "table_limits": limits(record.table_limits),
    })
}

fn limits(limits: Seq<'_, DeclaredLimits>) -> Value {
    list(
        limits.iter(),
        |limits| json!({ "min": limits.min, "max": limits.max }),
    )
}
