//! `Plan` and `Extracted` to the bytes of a container.
//!
//! Nothing is decided here: the plan and the extraction say what there is, this file says where the
//! format wants it (spec A.4 to A.10). Writing reads the result back and checks it, so a file that
//! a loader would refuse is an error of the compiler, not of the device.

mod declaration;
mod expression;
mod frame;
mod record;

pub use frame::Frames;

use crate::error::CompileError;
use crate::object::{CodeOffset, Extracted};
use crate::options::{Options, RuntimeCalls};
use crate::plan::{Plan, Requirements};
use crate::wasm::{FuncIdx, Module};
use crate::{CpuNames, llvm};
use aot_format::{
    AddressMap, Artifact, AuxInfo, CustomSection, ExecMode, FeatureFlags, FunctionEntry,
    FunctionName, FunctionNames, Origin, Reloc, RelocGroup, Representation, TargetInfo, View,
    address_map, limits,
};
use declaration::Declarations;
use expression::Pairs;
use record::Lists;
use std::borrow::Cow;

/// Builds the container.
///
/// # Errors
/// `Limit` and `Container` for what the format cannot express, `Internal` if the code does not
/// match the plan.
pub fn assemble(
    module: &Module<'_>,
    plan: &Plan,
    mut extracted: Extracted,
    frames: &Frames,
    (options, cpu): (&Options, &CpuNames),
    table: &[String],
) -> Result<Vec<u8>, CompileError> {
    check_limits(module)?;
    frames.patch(&mut extracted, plan, options.target.endian)?;
    let cells = expression::cells(module);
    let pairs = Pairs::new(&cells, plan.references);
    let declarations = Declarations::new(module, plan, &pairs)?;
    let lists = Lists::new(module, &extracted);
    let names = function_names(module);
    let relocations: Vec<Reloc<'_>> = extracted.relocations.iter().map(relocation).collect();
    let group = RelocGroup {
        section: ".rela.text",
        relocs: relocations.as_slice().into(),
    };
    let compiler = format!(
        "wamrc {} (LLVM {})",
        env!("CARGO_PKG_VERSION"),
        llvm::version()
    );
    let target = TargetInfo::new(
        options.target,
        extracted.flags,
        features(&plan.requirements),
    );
    // Their list goes from the last slot to the first (spec A.10).
    let symbols: Vec<&str> = table.iter().rev().map(String::as_str).collect();
    let in_place = options.runtime_calls == RuntimeCalls::Table;
    let mut custom = custom_sections(module, options, &names);
    let address_map = address_map(&extracted.origins);
    if let Some(bytes) = &address_map {
        custom.push(CustomSection::Raw {
            name: address_map::NAME,
            bytes,
        });
    }
    if !symbols.is_empty() {
        custom.insert(0, CustomSection::NativeSymbols(symbols.as_slice().into()));
    }
    let mut artifact = Artifact {
        version: options.aot_version.number(),
        memories: declarations.memories(),
        data: declarations.data(),
        tables: declarations.tables(),
        elems: declarations.elems(),
        types: declarations.types(),
        import_globals: declarations.import_globals(),
        globals: declarations.globals(),
        import_funcs: declarations.import_funcs(),
        aux: aux(module, plan),
        literal: Cow::Owned(alignment(extracted.align)),
        text: code(&extracted, plan),
        functions: functions(module, plan, &extracted)?,
        exports: declaration::exports(module),
        relocations: match relocations.is_empty() {
            true => Vec::new(),
            false => vec![group],
        },
        custom,
        tags: lists.tags(&plan.exceptions),
        record: Some(lists.record(plan, options, cpu, &compiler)),
        ..Artifact::new(target)
    };
    if in_place {
        artifact.target.e_type = ExecMode::Xip;
        let align = extracted.align.max(IN_PLACE_ALIGN);
        artifact.literal = Cow::Owned(padding_in_place(&artifact.write()?, align)?);
    }
    Ok(artifact.write()?)
}

/// The contents of the section with the origins of the code, if there are any.
fn address_map(origins: &[Origin]) -> Option<Vec<u8>> {
    let origins = Some(origins).filter(|origins| !origins.is_empty())?.into();
    Some(AddressMap { origins }.write())
}

/// What the code of a file that is executed in place is at a multiple of, as far as the file is, in bytes.
const IN_PLACE_ALIGN: u64 = 16;

/// Bytes in front of the code that align it in the file, given the file with other bytes there.
fn padding_in_place(file: &[u8], align: u64) -> Result<Vec<u8>, CompileError> {
    let view = View::read(file).map_err(|error| CompileError::internal(error.to_string()))?;
    let literal = view.text().literal.as_ptr() as usize;
    let at = literal.wrapping_sub(file.as_ptr() as usize) as u64;
    let size = at.next_multiple_of(align).saturating_sub(at);
    Ok(vec![0; usize::try_from(size).unwrap_or(0)])
}

/// Custom sections that were asked for and are not there.
#[must_use]
pub fn missing_custom_sections<'o>(module: &Module<'_>, options: &'o Options) -> Vec<&'o str> {
    let missing = |name: &&String| !module.custom.iter().any(|section| section.name == **name);
    options
        .custom_sections
        .iter()
        .filter(missing)
        .map(String::as_str)
        .collect()
}

/// What readers of the format refuse although the format could express it.
fn check_limits(module: &Module<'_>) -> Result<(), CompileError> {
    let over = |what, value: u64, limit: u32| {
        let limit = u64::from(limit);
        match value > limit {
            true => Err(CompileError::Limit {
                what,
                value,
                limit,
                offset: None,
            }),
            false => Ok(()),
        }
    };
    over(
        "number of exports",
        module.exports.len() as u64,
        limits::EXPORTS,
    )?;
    for table in &module.tables {
        over(
            "initial size of a table",
            table.limits.min,
            limits::TABLE_SLOTS,
        )?;
    }
    Ok(())
}

/// Bytes in front of the code that give it its alignment: loaders map the section's body, which
/// starts with a 32-bit size, at a page boundary (spec A.6).
fn alignment(align: u64) -> Vec<u8> {
    let size = align.saturating_sub(4);
    vec![0; usize::try_from(size).unwrap_or(0)]
}

/// The code. Loaders refuse an empty section if there are functions, even if all of them were
/// inlined away and no one asks for their addresses.
fn code<'a>(extracted: &'a Extracted, plan: &Plan) -> Cow<'a, [u8]> {
    if extracted.text.is_empty() && !plan.functions.is_empty() {
        return Cow::Owned(vec![0; 4]);
    }
    Cow::Borrowed(&extracted.text)
}

fn features(requirements: &Requirements) -> FeatureFlags {
    let mut flags = FeatureFlags::NONE;
    if requirements.simd {
        flags |= FeatureFlags::SIMD;
    }
    if requirements.bulk_memory {
        flags |= FeatureFlags::BULK_MEMORY;
    }
    if requirements.reference_types {
        flags |= FeatureFlags::REF_TYPES;
    }
    if requirements.multi_memory {
        flags |= FeatureFlags::MULTI_MEMORY;
    }
    if requirements.garbage_collection {
        flags |= FeatureFlags::GARBAGE_COLLECTION;
    }
    flags
}

fn aux(module: &Module<'_>, plan: &Plan) -> AuxInfo {
    let stack = &plan.aux_stack;
    AuxInfo {
        func_count: plan.defined_count(),
        start: module.start.map(|function| function.0),
        data_end_global: stack.data_end_global.map(|global| global.0),
        data_end: u64::from(stack.data_end),
        heap_base_global: stack.heap_base_global.map(|global| global.0),
        heap_base: u64::from(stack.heap_base),
        stack_top_global: stack.stack_top_global.map(|global| global.0),
        stack_bottom: u64::from(stack.stack_bottom),
        stack_size: stack.stack_size,
    }
}

/// Entry, type and frame cells of each defined function. One that nothing can ask for may have no entry; then the place of
/// its body is told, for people who read the code, and if it was inlined away 0, as in stock files.
fn functions(
    module: &Module<'_>,
    plan: &Plan,
    extracted: &Extracted,
) -> Result<Vec<FunctionEntry>, CompileError> {
    let planned = plan.functions.iter().zip(module.defined_functions());
    let entries = planned.map(|(function, (_, _, body))| {
        let found = extracted.functions.get(&function.defined);
        let CodeOffset(text_offset) = match (found, function.escapes) {
            (Some(offset), _) => *offset,
            (None, false) => CodeOffset(0),
            (None, true) => {
                let symbol = &function.symbol;
                return Err(CompileError::internal(format!(
                    "{symbol} is not in the object"
                )));
            }
        };
        let params = module.func_type(function.ty).param_cells(plan.references);
        // With garbage collection the references are in frames that the code links itself; nothing is
        // to be looked for in frames of a runtime's making.
        let (max_local_cells, max_stack_cells) = match plan.references.representation {
            Representation::Index => (
                params.saturating_add(body.local_cells),
                body.max_stack_cells,
            ),
            Representation::Object => (0, 0),
        };
        Ok(FunctionEntry {
            text_offset,
            type_index: function.ty.0,
            max_local_cells,
            max_stack_cells,
        })
    });
    entries.collect()
}

fn relocation(relocation: &crate::object::Relocation) -> Reloc<'_> {
    Reloc {
        offset: relocation.offset,
        addend: relocation.addend,
        kind: relocation.number,
        symbol: &relocation.symbol,
    }
}

fn function_names<'a>(module: &Module<'a>) -> Vec<FunctionName<'a>> {
    let names = module.function_names.iter();
    names
        .map(|(FuncIdx(index), name)| FunctionName {
            index: *index,
            name,
        })
        .collect()
}

/// The custom sections asked for, in the order asked for. The name section has a form of its own.
fn custom_sections<'a>(
    module: &Module<'a>,
    options: &Options,
    names: &'a [FunctionName<'a>],
) -> Vec<CustomSection<'a>> {
    let mut sections = Vec::new();
    for wanted in &options.custom_sections {
        if wanted == "name" {
            if !names.is_empty() {
                // Loaders only check that so many bytes are there; the count alone has four.
                let names = FunctionNames {
                    wasm_bytes: 4,
                    names: names.into(),
                };
                sections.push(CustomSection::FunctionNames(names));
            }
            continue;
        }
        let found = module
            .custom
            .iter()
            .filter(|section| section.name == wanted);
        sections.extend(found.map(|section| CustomSection::Raw {
            name: section.name,
            bytes: section.bytes,
        }));
    }
    sections
}
