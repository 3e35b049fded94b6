//! Extraction from objects made for the purpose: what is resolved, what is left, what is refused.

mod machines;

use super::{CodeOffset, Extracted, ObjectError, Relocation, extract};
use crate::options::Runtime;
use crate::wasm::TypeIdx;
use object::elf;
use object::write::{Object, Relocation as Written, SectionId, StandardSection, Symbol, SymbolId};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope,
};
use targets::X86_64;

fn empty() -> Object<'static> {
    Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little)
}

fn section(
    object: &mut Object<'_>,
    name: &str,
    kind: SectionKind,
    bytes: &[u8],
    align: u64,
) -> SectionId {
    let id = object.add_section(vec![], name.as_bytes().to_vec(), kind);
    object.append_section_data(id, bytes, align);
    id
}

fn text(object: &mut Object<'_>, bytes: &[u8]) -> SectionId {
    let id = object.section_id(StandardSection::Text);
    object.append_section_data(id, bytes, 16);
    id
}

fn define(object: &mut Object<'_>, name: &str, section: SectionId, value: u64) -> SymbolId {
    symbol(
        object,
        name,
        object::write::SymbolSection::Section(section),
        value,
    )
}

fn declare(object: &mut Object<'_>, name: &str) -> SymbolId {
    symbol(object, name, object::write::SymbolSection::Undefined, 0)
}

fn symbol(
    object: &mut Object<'_>,
    name: &str,
    section: object::write::SymbolSection,
    value: u64,
) -> SymbolId {
    object.add_symbol(Symbol {
        name: name.as_bytes().to_vec(),
        value,
        size: 0,
        kind: SymbolKind::Text,
        scope: SymbolScope::Linkage,
        weak: false,
        section,
        flags: SymbolFlags::None,
    })
}

fn relocate(
    object: &mut Object<'_>,
    section: SectionId,
    offset: u64,
    r_type: elf::RelocationType,
    symbol: SymbolId,
    addend: i64,
) {
    let flags = RelocationFlags::Elf { r_type };
    object
        .add_relocation(
            section,
            Written {
                offset,
                symbol,
                addend,
                flags,
            },
        )
        .unwrap();
}

fn take(object: &Object<'_>) -> Result<Extracted, ObjectError> {
    extract(&[object.write().unwrap()], &X86_64, Runtime::Ours)
}

#[test]
fn constants_lie_in_front_and_distances_are_resolved() {
    let mut object = empty();
    let code = text(&mut object, &[0x90; 32]);
    let small = section(
        &mut object,
        ".rodata.cst8",
        SectionKind::ReadOnlyData,
        &[8; 8],
        8,
    );
    let large = section(
        &mut object,
        ".rodata.cst16",
        SectionKind::ReadOnlyData,
        &[16; 16],
        16,
    );
    define(&mut object, "aot_func#0", code, 0);
    let second = define(&mut object, "aot_func#1", code, 16);
    let constant = define(&mut object, ".LCPI0_0", small, 0);
    let thunk = section(&mut object, ".text.hot.", SectionKind::Text, &[0xc3; 4], 4);
    define(&mut object, "aot_thunk#3", thunk, 0);
    relocate(&mut object, code, 4, elf::R_X86_64_PC32, constant, -4);
    relocate(&mut object, code, 8, elf::R_X86_64_PLT32, second, -4);
    // A jump table entry: constant to code.
    relocate(&mut object, large, 0, elf::R_X86_64_PC32, second, 0);
    let extracted = take(&object).unwrap();
    // 16-aligned constants first, then the 8-aligned ones, then code at a multiple of 16.
    assert_eq!(extracted.constant_bytes, 32);
    assert_eq!(extracted.text.len(), 32 + 32 + 4);
    assert_eq!(extracted.align, 16);
    let word = |at: usize| i32::from_le_bytes(*extracted.text[at..].first_chunk().unwrap());
    assert_eq!(word(36), 16 - 36 - 4, "constant at 16");
    assert_eq!(word(40), 48 - 40 - 4, "second function at 48");
    assert_eq!(word(0), 48, "jump table entry at 0");
    assert_eq!(extracted.relocations, []);
    assert_eq!(extracted.functions[&0], CodeOffset(32));
    assert_eq!(extracted.functions[&1], CodeOffset(48));
    assert_eq!(extracted.thunks[&TypeIdx(3)], CodeOffset(64));
}

#[test]
fn runtime_symbols_are_left_to_the_loader() {
    let mut object = empty();
    let code = text(&mut object, &[0; 32]);
    let sizes = section(
        &mut object,
        ".aot_stack_sizes",
        SectionKind::Data,
        &[0xff; 8],
        4,
    );
    let sizes = define(&mut object, "aot_stack_sizes", sizes, 0);
    let trap = declare(&mut object, "aot_set_exception_with_id");
    relocate(&mut object, code, 20, elf::R_X86_64_PLT32, trap, -4);
    relocate(&mut object, code, 8, elf::R_X86_64_PC32, sizes, 0);
    let extracted = take(&object).unwrap();
    let left = Relocation {
        offset: 36,
        number: 4,
        symbol: "aot_set_exception_with_id".to_owned(),
        addend: -4,
    };
    assert_eq!(extracted.relocations, [left]);
    // The sizes are constants in front of the code, to be filled in.
    assert_eq!(extracted.stack_sizes, Some(CodeOffset(0)));
    assert_eq!(extracted.constant_bytes, 16);
    let word = |at: usize| i32::from_le_bytes(*extracted.text[at..].first_chunk().unwrap());
    assert_eq!((word(0), word(24)), (-1, -24));
}

#[test]
fn absolute_addresses_of_the_image_are_left_to_the_loader() {
    let mut object = empty();
    let code = text(&mut object, &[0; 16]);
    let table = section(&mut object, ".data.rel.ro", SectionKind::Data, &[0; 8], 8);
    let function = define(&mut object, "aot_func#0", code, 4);
    relocate(&mut object, table, 0, elf::R_X86_64_64, function, 3);
    let extracted = take(&object).unwrap();
    // Table at 0, code at 16, the function 4 further on.
    let expected = Relocation {
        offset: 0,
        number: 1,
        symbol: ".text".to_owned(),
        addend: 23,
    };
    assert_eq!(extracted.relocations, [expected]);
}

#[test]
fn objects_are_merged_in_order() {
    let mut first = empty();
    let code = text(&mut first, &[1; 8]);
    define(&mut first, "aot_func#0", code, 0);
    let other = declare(&mut first, "aot_func#1");
    relocate(&mut first, code, 4, elf::R_X86_64_PLT32, other, -4);
    let mut second = empty();
    let code = text(&mut second, &[2; 8]);
    define(&mut second, "aot_func#1", code, 0);
    let objects = [first.write().unwrap(), second.write().unwrap()];
    let extracted = extract(&objects, &X86_64, Runtime::Ours).unwrap();
    assert_eq!(extracted.functions[&1], CodeOffset(16));
    assert_eq!(
        extracted.text[4..8],
        8_i32.to_le_bytes(),
        "a call across objects"
    );
    let error = extract(
        &[objects[0].clone(), objects[0].clone()],
        &X86_64,
        Runtime::Ours,
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "symbol aot_func#0 is defined twice");
}

#[test]
fn unwind_tables_and_notes_are_dropped() {
    let mut object = empty();
    text(&mut object, &[0xc3]);
    section(
        &mut object,
        ".eh_frame",
        SectionKind::ReadOnlyData,
        &[1; 24],
        8,
    );
    section(
        &mut object,
        ".note.GNU-stack",
        SectionKind::Note,
        &[1; 8],
        4,
    );
    section(
        &mut object,
        ".comment",
        SectionKind::OtherString,
        b"by hand\0",
        1,
    );
    let extracted = take(&object).unwrap();
    assert_eq!((extracted.text, extracted.constant_bytes), (vec![0xc3], 0));
}

/// What a loader could not apply is refused here, naming section, function and symbol.
#[test]
fn what_loaders_cannot_apply_is_refused() {
    type Prepare = fn(&mut Object<'_>, SectionId);
    let cases: [(&str, Prepare); 7] = [
        (
            ".text+0x14 (in aot_func#1) refers to memcmp, which no runtime provides",
            |object, code| {
                let symbol = declare(object, "memcmp");
                relocate(object, code, 20, elf::R_X86_64_PLT32, symbol, -4);
            },
        ),
        (
            ".text+0x0 (in aot_func#0) refers to .text by relocation 37, which loaders cannot apply",
            |object, code| {
                let symbol = define(object, "indirect", code, 16);
                relocate(object, code, 0, elf::R_X86_64_IRELATIVE, symbol, 0);
            },
        ),
        (
            ".text+0x0 (in aot_func#0) refers to aot_invoke_native by R_X86_64_PC32, which loaders \
             only apply to what is mapped nearby",
            |object, code| {
                let symbol = declare(object, "aot_invoke_native");
                relocate(object, code, 0, elf::R_X86_64_PC32, symbol, -4);
            },
        ),
        (
            ".text+0x0 (in aot_func#0) refers to .text by R_X86_64_GOTPCREL, which loaders only \
             apply to functions of the module",
            |object, code| {
                let symbol = define(object, "global", code, 16);
                relocate(object, code, 0, elf::R_X86_64_GOTPCREL, symbol, -4);
            },
        ),
        (
            ".text+0x1e (in aot_func#1) refers to .text by R_X86_64_PC32: field of 4 bytes at \
             0x1e outside its section of 0x20 bytes",
            |object, code| {
                let symbol = define(object, "near", code, 0);
                relocate(object, code, 30, elf::R_X86_64_PC32, symbol, 0);
            },
        ),
        (
            "section .data of 4 bytes has no place in a container",
            |object, _| {
                section(object, ".data", SectionKind::Data, &[1; 4], 4);
            },
        ),
        (
            "section .rodata needs alignment 8192, loaders give at most 4096",
            |object, _| {
                section(object, ".rodata", SectionKind::ReadOnlyData, &[1; 4], 8192);
            },
        ),
    ];
    for (expected, prepare) in cases {
        let mut object = empty();
        let code = text(&mut object, &[0; 32]);
        define(&mut object, "aot_func#0", code, 0);
        define(&mut object, "aot_func#1", code, 16);
        prepare(&mut object, code);
        let error = take(&object).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn other_files_are_refused() {
    let error = extract(&[b"no object".to_vec()], &X86_64, Runtime::Ours).unwrap_err();
    assert!(matches!(error, ObjectError::Unreadable { .. }), "{error}");
    let other = Object::new(BinaryFormat::Elf, Architecture::Aarch64, Endianness::Little);
    let error = extract(&[other.write().unwrap()], &X86_64, Runtime::Ours).unwrap_err();
    assert_eq!(
        error,
        ObjectError::Machine {
            found: 183,
            expected: 62
        }
    );
    let coff = Object::new(BinaryFormat::Coff, Architecture::X86_64, Endianness::Little);
    let error = extract(&[coff.write().unwrap()], &X86_64, Runtime::Ours).unwrap_err();
    assert_eq!(error.to_string(), "unreadable object: not an ELF file");
    // Damage is an error or changes nothing that matters, never a panic.
    let mut object = empty();
    let code = text(&mut object, &[0; 16]);
    let symbol = define(&mut object, "aot_func#0", code, 0);
    relocate(&mut object, code, 0, elf::R_X86_64_PC32, symbol, 0);
    let bytes = object.write().unwrap();
    for position in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[position] ^= 0xff;
        drop(extract(&[damaged], &X86_64, Runtime::Ours));
        drop(extract(
            &[bytes[..position].to_vec()],
            &X86_64,
            Runtime::Ours,
        ));
    }
}
