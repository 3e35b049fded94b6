//! Stable textual form of a container, for `wamrc inspect` and snapshots (feature `alloc`).
//!
//! One line per item, sections in file order, indices as wasm counts them (imports first). Bytes of code and data are
//! shown by size and a checksum, small data also as text; `wamrc inspect --disassemble` shows code.

use alloc::string::String;
use core::fmt::{self, Write as _};

use crate::section::custom::CustomSection;
use crate::section::init_data::expr::InitExpr;
use crate::section::init_data::list::Types;
use crate::section::init_data::table::{ElemMode, ElemSegment};
use crate::section::init_data::types::{FieldType, SubType, TypeDef};
use crate::section::native_symbol::NativeSymbol;
use crate::section::relocation::{Place, RelocGroup};
use crate::section::tags::Tags;
use crate::section::target_info::{ExecMode, FeatureFlags};
use crate::section::wamrc::{DeclaredLimits, Record};
use crate::seq::Seq;
use crate::view::View;

/// The whole container as text.
#[must_use]
pub fn to_string(view: &View<'_>) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut out, view);
    out
}

fn write_all(out: &mut String, view: &View<'_>) -> fmt::Result {
    writeln!(out, "aot version {}", view.version())?;
    target(out, view)?;
    memories(out, view)?;
    tables(out, view)?;
    globals(out, view)?;
    functions(out, view)?;
    aux(out, view)?;
    bytes(out, view)?;
    exports(out, view)?;
    for group in view.relocations() {
        relocations(out, view, &group)?;
    }
    for section in view.custom() {
        custom(out, &section)?;
    }
    if let Some(tags) = view.tags() {
        self::tags(out, &tags)?;
    }
    match view.record() {
        Some(record) => self::record(out, &record),
        None => Ok(()),
    }
}

fn target(out: &mut String, view: &View<'_>) -> fmt::Result {
    let target = view.target();
    let mode = match target.e_type {
        ExecMode::Relocatable => "relocatable",
        ExecMode::Xip => "execute in place",
    };
    writeln!(
        out,
        "target {} {:?} {mode}, machine {}, abi {}, flags {:#x}",
        target.arch.as_str(),
        target.bin_type,
        target.e_machine,
        target.abi_type,
        target.e_flags
    )?;
    write!(out, "features")?;
    let mut unknown = target.features.0;
    for (flag, name) in FeatureFlags::ALL {
        if target.features.contains(*flag) {
            write!(out, " {name}")?;
        }
        unknown &= !flag.0;
    }
    if unknown != 0 {
        write!(out, " unknown {unknown:#x}")?;
    }
    writeln!(out)
}

fn memories(out: &mut String, view: &View<'_>) -> fmt::Result {
    for (index, memory) in view.memories().iter().enumerate() {
        writeln!(
            out,
            "memory {index} pages {}..{} of {} bytes, flags {:#x}",
            memory.init_pages, memory.max_pages, memory.page_bytes, memory.flags
        )?;
    }
    for (index, data) in view.data().iter().enumerate() {
        write!(out, "data {index} ")?;
        if data.passive {
            write!(out, "passive")?;
        } else {
            write!(out, "memory {} offset {}", data.memory, Expr(data.offset))?;
        }
        writeln!(out, " {}", Contents(data.bytes))?;
    }
    Ok(())
}

fn tables(out: &mut String, view: &View<'_>) -> fmt::Result {
    for (index, table) in view.tables().iter().enumerate() {
        write!(
            out,
            "table {index} {} {}..{}, {} slots, flags {:#x}",
            table.elem,
            table.init,
            table.max,
            table.slots(),
            table.flags
        )?;
        match table.value {
            InitExpr::None => writeln!(out)?,
            value => writeln!(out, " = {}", Expr(value))?,
        }
    }
    for (index, elem) in view.elems().iter().enumerate() {
        write!(out, "elem {index} ")?;
        element_segment(out, &elem)?;
    }
    Ok(())
}

fn element_segment(out: &mut String, elem: &ElemSegment<'_>) -> fmt::Result {
    match elem.usage() {
        ElemMode::Active => write!(out, "table {} offset {}", elem.table, Expr(elem.offset))?,
        ElemMode::Passive => write!(out, "passive")?,
        ElemMode::Declarative => write!(out, "declarative")?,
    }
    write!(out, " mode {} type {:#04x} [", elem.mode, elem.elem_type)?;
    for (index, value) in elem.values.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(out, "{separator}{}", Expr(value))?;
    }
    writeln!(out, "]")
}

fn globals(out: &mut String, view: &View<'_>) -> fmt::Result {
    for (index, ty) in view.types().iter().enumerate() {
        write!(out, "type {index} ")?;
        definition(out, &ty)?;
    }
    let mutability = |mutable| if mutable { "mut " } else { "" };
    for (index, global) in view.import_globals().iter().enumerate() {
        let (mutable, ty) = (mutability(global.mutable), global.ty);
        let (module, name) = (global.module, global.name);
        writeln!(
            out,
            "global {index} {mutable}{ty} import {module:?} {name:?}"
        )?;
    }
    let defined = view.import_globals().len();
    for (index, global) in (defined..).zip(view.globals().iter()) {
        let (mutable, ty) = (mutability(global.mutable), global.ty);
        writeln!(out, "global {index} {mutable}{ty} = {}", Expr(global.init))?;
    }
    Ok(())
}

fn functions(out: &mut String, view: &View<'_>) -> fmt::Result {
    for (index, import) in view.import_funcs().iter().enumerate() {
        let (module, name) = (import.module, import.name);
        writeln!(
            out,
            "func {index} type {} import {module:?} {name:?}",
            import.type_index
        )?;
    }
    let defined = view.import_funcs().len();
    for (index, function) in (defined..).zip(view.functions().iter()) {
        writeln!(
            out,
            "func {index} type {} at {:#x}, cells {} + {}",
            function.type_index,
            function.text_offset,
            function.max_local_cells,
            function.max_stack_cells
        )?;
    }
    Ok(())
}

fn aux(out: &mut String, view: &View<'_>) -> fmt::Result {
    let aux = view.aux();
    if let Some(start) = aux.start {
        writeln!(out, "start func {start}")?;
    }
    if let Some(global) = aux.data_end_global {
        writeln!(out, "data end global {global} = {:#x}", aux.data_end)?;
    }
    if let Some(global) = aux.heap_base_global {
        writeln!(out, "heap base global {global} = {:#x}", aux.heap_base)?;
    }
    if let Some(global) = aux.stack_top_global {
        let (bottom, size) = (aux.stack_bottom, aux.stack_size);
        writeln!(
            out,
            "stack top global {global}, bottom {bottom:#x}, size {size:#x}"
        )?;
    }
    Ok(())
}

fn bytes(out: &mut String, view: &View<'_>) -> fmt::Result {
    for (index, data) in view.object_data().iter().enumerate() {
        writeln!(out, "object data {index} {} {}", data.name, Sum(data.bytes))?;
    }
    let text = view.text();
    if !text.literal.is_empty() {
        writeln!(out, "literal {}", Sum(text.literal))?;
    }
    writeln!(out, "code {}", Sum(text.code))
}

fn exports(out: &mut String, view: &View<'_>) -> fmt::Result {
    for export in view.exports() {
        let (kind, index) = (export.kind.name(), export.index);
        writeln!(out, "export {:?} {kind} {index}", export.name)?;
    }
    Ok(())
}

fn relocations(out: &mut String, view: &View<'_>, group: &RelocGroup<'_>) -> fmt::Result {
    write!(out, "relocations {} of ", group.section)?;
    match view.place(group) {
        Some(Place::Code) => writeln!(out, "code")?,
        Some(Place::Literal) => writeln!(out, "literal")?,
        Some(Place::Data(index)) => writeln!(out, "object data {index}")?,
        None => writeln!(out, "nothing")?,
    }
    let target = view.target().target();
    for reloc in group.relocs {
        write!(out, "  {:#x} ", reloc.offset)?;
        match target.and_then(|target| target.row(reloc.kind)) {
            Some(row) => write!(out, "{}", row.name)?,
            None => write!(out, "type {}", reloc.kind)?,
        }
        writeln!(out, " {} {:+}", reloc.symbol, reloc.addend)?;
    }
    Ok(())
}

fn custom(out: &mut String, section: &CustomSection<'_>) -> fmt::Result {
    match section {
        // Shown as the record and the tags.
        CustomSection::Raw { name, .. }
            if [crate::section::wamrc::NAME, crate::section::tags::NAME].contains(name) =>
        {
            Ok(())
        }
        CustomSection::Raw { name, bytes } => writeln!(out, "custom {name:?} {}", Sum(bytes)),
        CustomSection::NativeSymbols(symbols) => {
            writeln!(out, "native symbols")?;
            for (name, index) in symbols.iter().zip((0..symbols.len()).rev()) {
                match NativeSymbol::parse(name) {
                    NativeSymbol::Empty => writeln!(out, "  {index} empty {name:?}")?,
                    NativeSymbol::Word32(bits) => writeln!(out, "  {index} {bits:#010x}")?,
                    NativeSymbol::Word64(bits) => writeln!(out, "  {index} {bits:#018x}")?,
                    NativeSymbol::Address(name) => writeln!(out, "  {index} {name}")?,
                }
            }
            Ok(())
        }
        CustomSection::FunctionNames(names) => {
            writeln!(out, "function names")?;
            names
                .names
                .iter()
                .try_for_each(|func| writeln!(out, "  {} {:?}", func.index, func.name))
        }
        CustomSection::Unknown { sub_type, bytes } => {
            writeln!(out, "custom type {sub_type} {}", Sum(bytes))
        }
    }
}

fn tags(out: &mut String, tags: &Tags<'_>) -> fmt::Result {
    let handles = if tags.handles { "handled" } else { "thrown" };
    writeln!(out, "exceptions {handles}")?;
    for (index, tag) in tags.imports.iter().enumerate() {
        let (ty, module, name) = (tag.type_index, tag.module, tag.name);
        writeln!(out, "  tag {index} type {ty} import {module:?} {name:?}")?;
    }
    for (index, tag) in (tags.imports.len()..).zip(tags.defined) {
        writeln!(out, "  tag {index} type {}", tag.type_index)?;
    }
    for export in tags.exports {
        writeln!(out, "  tag {} export {:?}", export.index, export.name)?;
    }
    Ok(())
}

fn record(out: &mut String, record: &Record<'_>) -> fmt::Result {
    writeln!(out, "wamrc record {}", record.compiler)?;
    write!(out, "  cpu {} features {:?}", record.cpu, record.features)?;
    writeln!(out, " float abi {}", record.float_abi.name())?;
    for name in record.relies.names() {
        writeln!(out, "  relies on {name}")?;
    }
    if record.relies.unknown() != 0 {
        writeln!(out, "  relies on unknown {:#x}", record.relies.unknown())?;
    }
    for thunk in record.thunks {
        writeln!(
            out,
            "  thunk type {} at {:#x}",
            thunk.type_index, thunk.text_offset
        )?;
    }
    for import in record.link_imports {
        let (kind, index) = (import.kind.name(), import.index);
        let (module, name) = (import.module, import.name);
        writeln!(out, "  {kind} {index} import {module:?} {name:?}")?;
    }
    limits(out, "memory", record.memory_limits)?;
    limits(out, "table", record.table_limits)
}

fn limits(out: &mut String, kind: &str, limits: Seq<'_, DeclaredLimits>) -> fmt::Result {
    for (index, limits) in limits.iter().enumerate() {
        write!(out, "  {kind} {index} declared {}..", limits.min)?;
        match limits.max {
            Some(max) => writeln!(out, "{max}")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// Types, separated by commas.
struct List<'a>(Types<'a>);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, ty) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{ty}")?;
        }
        Ok(())
    }
}

fn definition(out: &mut String, ty: &SubType<'_>) -> fmt::Result {
    let mutability = |field: &FieldType| if field.mutable { "mut " } else { "" };
    match ty.def {
        TypeDef::Func(func) => write!(out, "({}) -> ({})", List(func.params), List(func.results))?,
        TypeDef::Struct(fields) => {
            write!(out, "struct (")?;
            for (index, field) in fields.iter().enumerate() {
                let separator = if index == 0 { "" } else { ", " };
                write!(out, "{separator}{}{}", mutability(&field), field.storage)?;
            }
            write!(out, ")")?;
        }
        TypeDef::Array(element) => {
            write!(out, "array {}{}", mutability(&element), element.storage)?;
        }
        TypeDef::Same(earlier) => write!(out, "same as {earlier}")?,
    }
    if !ty.is_final {
        write!(out, " open")?;
    }
    if let Some(parent) = ty.parent {
        write!(out, " below {parent}")?;
    }
    if ty.group_len != 1 {
        write!(out, " group {}/{}", ty.group_index, ty.group_len)?;
    }
    writeln!(out)
}

/// An expression in wasm's words; floats as bits.
struct Expr<'a>(InitExpr<'a>);

impl fmt::Display for Expr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            InitExpr::None => f.write_str("none"),
            InitExpr::I32(bits) => write!(f, "i32 {}", bits.cast_signed()),
            InitExpr::I64(bits) => write!(f, "i64 {}", bits.cast_signed()),
            InitExpr::F32(bits) => write!(f, "f32 {bits:#010x}"),
            InitExpr::F64(bits) => write!(f, "f64 {bits:#018x}"),
            InitExpr::V128(bits) => write!(f, "v128 {bits:#034x}"),
            InitExpr::GlobalGet(index) => write!(f, "global {index}"),
            InitExpr::RefNull(Some(heap)) => write!(f, "null {heap}"),
            InitExpr::RefNull(None) | InitExpr::RefFunc(u32::MAX) => f.write_str("null"),
            InitExpr::I31(bits) => write!(f, "(ref.i31 {})", bits.cast_signed()),
            InitExpr::Construct(new) => {
                write!(f, "({}", new.op.name())?;
                if new.op.is_typed() {
                    write!(f, " {}", new.type_index)?;
                }
                for operand in new.operands() {
                    write!(f, " {}", Expr(operand))?;
                }
                f.write_str(")")
            }
            InitExpr::RefFunc(index) => write!(f, "func {index}"),
            InitExpr::Binary(binary) => {
                let [left, right] = binary.operands();
                write!(f, "({} {} {})", binary.op.name(), Expr(left), Expr(right))
            }
        }
    }
}

/// Bytes by number and checksum (FNV-1a of 64 bits).
struct Sum<'a>(&'a [u8]);

impl fmt::Display for Sum<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = self.0.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3)
        });
        write!(f, "{} bytes, sum {sum:016x}", self.0.len())
    }
}

/// Bytes, as text as well when there are few.
struct Contents<'a>(&'a [u8]);

impl fmt::Display for Contents<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() <= 64 {
            write!(f, "\"{}\"", self.0.escape_ascii())
        } else {
            write!(f, "{}", Sum(self.0))
        }
    }
}
