//! What other machines than x86-64 want of extraction: pairs, addends in fields, pages, Thumb.

use super::{declare, define, relocate, section};
use crate::object::{CodeOffset, Extracted, ObjectError, Relocation, extract};
use crate::options::Runtime;
use object::elf;
use object::write::{Object, SectionId, StandardSection};
use object::{Architecture, BinaryFormat, Endianness, SectionKind};
use targets::Target;

fn object(architecture: Architecture, endian: Endianness) -> Object<'static> {
    Object::new(BinaryFormat::Elf, architecture, endian)
}

fn text(object: &mut Object<'_>, words: &[u32], endian: Endianness) -> SectionId {
    let id = object.section_id(StandardSection::Text);
    for word in words {
        let bytes = match endian {
            Endianness::Little => word.to_le_bytes(),
            Endianness::Big => word.to_be_bytes(),
        };
        object.append_section_data(id, &bytes, 4);
    }
    id
}

fn take(object: &Object<'_>, target: &Target) -> Result<Extracted, ObjectError> {
    extract(&[object.write().unwrap()], target, Runtime::Ours)
}

fn word(extracted: &Extracted, at: usize) -> u32 {
    u32::from_le_bytes(*extracted.text[at..].first_chunk().unwrap())
}

fn left(offset: u64, number: elf::RelocationType, symbol: &str, addend: i64) -> Relocation {
    Relocation {
        offset,
        number: number.0,
        symbol: symbol.to_owned(),
        addend,
    }
}

/// The low part names the label of its high part, wherever that is.
#[test]
fn low_parts_find_their_high_part() {
    let mut riscv = object(Architecture::Riscv64, Endianness::Little);
    // auipc a0, 0; nop; lw a0, 0(a0)
    let code = text(
        &mut riscv,
        &[0x0000_0517, 0x13, 0x0005_2503],
        Endianness::Little,
    );
    let data = section(
        &mut riscv,
        ".rodata",
        SectionKind::ReadOnlyData,
        &[7; 0x1008],
        8,
    );
    let constant = define(&mut riscv, ".Lconstant", data, 0x1000);
    let label = define(&mut riscv, ".Lpcrel_hi0", code, 0);
    relocate(&mut riscv, code, 8, elf::R_RISCV_PCREL_LO12_I, label, 0);
    relocate(&mut riscv, code, 0, elf::R_RISCV_PCREL_HI20, constant, 4);
    let extracted = take(&riscv, &targets::RISCV64).unwrap();
    assert_eq!(extracted.relocations, []);
    // The constant at 0x1004, the code at 0x1008: the distance is -4.
    assert_eq!(word(&extracted, 0x1008), 0x0000_0517, "upper part 0");
    assert_eq!(word(&extracted, 0x1010), 0xffc5_2503, "lower part -4");
    let mut alone = object(Architecture::Riscv64, Endianness::Little);
    let code = text(&mut alone, &[0x13, 0x0005_2503], Endianness::Little);
    let label = define(&mut alone, ".Lpcrel_hi0", code, 0);
    relocate(&mut alone, code, 4, elf::R_RISCV_PCREL_LO12_I, label, 0);
    assert_eq!(
        take(&alone, &targets::RISCV64).unwrap_err().to_string(),
        ".text+0x4: R_RISCV_PCREL_LO12_I refers to no relocation of the same section"
    );
}

/// Halves of a difference of two symbols, at one place.
#[test]
fn differences_are_resolved() {
    let mut riscv = object(Architecture::Riscv32, Endianness::Little);
    let code = text(&mut riscv, &[0x13; 8], Endianness::Little);
    let table = section(&mut riscv, ".rodata", SectionKind::ReadOnlyData, &[0; 8], 4);
    let start = define(&mut riscv, ".Ltable", table, 0);
    let case = define(&mut riscv, ".Lcase", code, 12);
    relocate(&mut riscv, table, 4, elf::R_RISCV_ADD32, case, 0);
    relocate(&mut riscv, table, 4, elf::R_RISCV_SUB32, start, 0);
    let extracted = take(&riscv, &targets::RISCV32).unwrap();
    assert_eq!(
        (word(&extracted, 4), extracted.relocations),
        (8 + 12, vec![])
    );
}

/// A carry out of the low part's stored addend goes into the high part; both are explicit afterwards.
#[test]
fn high_parts_get_the_carry_of_their_low_part() {
    for (endian, target) in [
        (Endianness::Big, &targets::MIPS),
        (Endianness::Little, &targets::MIPSEL),
    ] {
        let mut mips = object(Architecture::Mips, endian);
        // lui at, 1; lui v0, 1; lw at, -4(at)
        let code = text(&mut mips, &[0x3c01_0001, 0x3c02_0001, 0x8c21_fffc], endian);
        let symbol = define(&mut mips, "inner", code, 8);
        relocate(&mut mips, code, 0, elf::R_MIPS_HI16, symbol, 0);
        relocate(&mut mips, code, 4, elf::R_MIPS_HI16, symbol, 0);
        relocate(&mut mips, code, 8, elf::R_MIPS_LO16, symbol, 0);
        let extracted = take(&mips, target).unwrap();
        let expected = [
            left(0, elf::R_MIPS_HI16, ".text", 0x1_0004),
            left(4, elf::R_MIPS_HI16, ".text", 0x1_0004),
            left(8, elf::R_MIPS_LO16, ".text", 4),
        ];
        assert_eq!(extracted.relocations, expected, "{}", target.name);
    }
}

/// Bit 0 of a function's symbol says Thumb: in addresses, not in the places of functions.
#[test]
fn thumb_is_in_addresses_only() {
    let mut thumb = object(Architecture::Arm, Endianness::Little);
    // A branch with its stored addend of -4, a place for a distance.
    let code = text(&mut thumb, &[0xfffe_f7ff, 0, 0, 0], Endianness::Little);
    let function = define(&mut thumb, "aot_func#0", code, 9);
    define(&mut thumb, "$t.0", code, 0);
    let trap = declare(&mut thumb, "aot_set_exception_with_id");
    relocate(&mut thumb, code, 0, elf::R_ARM_THM_PC22, trap, 0);
    relocate(&mut thumb, code, 4, elf::R_ARM_REL32, function, 0);
    let extracted = take(&thumb, &targets::THUMBV7M).unwrap();
    assert_eq!(extracted.functions[&0], CodeOffset(8));
    assert_eq!(word(&extracted, 4), 9 - 4);
    assert_eq!(
        extracted.relocations,
        [left(0, elf::R_ARM_THM_PC22, "aot_set_exception_with_id", 0)]
    );
    assert_eq!(
        word(&extracted, 0),
        0xfffe_f7ff,
        "the addend stays where it is"
    );
    assert_eq!(extracted.names, [(CodeOffset(8), "aot_func#0".to_owned())]);
}

/// Pages are counted from where loaders place the image: its alignment behind the start of a page.
#[test]
fn pages_are_those_of_the_image() {
    let mut a64 = object(Architecture::Aarch64, Endianness::Little);
    // adrp x0; ldr x0, [x0]
    let code = text(&mut a64, &[0x9000_0000, 0xf940_0000], Endianness::Little);
    let data = section(
        &mut a64,
        ".rodata",
        SectionKind::ReadOnlyData,
        &[1; 0xff8],
        16,
    );
    let constant = define(&mut a64, ".Lconstant", data, 0x10);
    relocate(
        &mut a64,
        code,
        0,
        elf::R_AARCH64_ADR_PREL_PG_HI21,
        constant,
        0,
    );
    relocate(
        &mut a64,
        code,
        4,
        elf::R_AARCH64_LDST64_ABS_LO12_NC,
        constant,
        0,
    );
    let extracted = take(&a64, &targets::AARCH64).unwrap();
    assert_eq!((extracted.align, extracted.relocations.len()), (16, 0));
    // The code at 0xff8 is in the second page, 8 bytes behind its start: 0x10 + 0xff8.
    assert_eq!(
        word(&extracted, 0xff8),
        0xf000_0000 | 0x00ff_ffe0,
        "one page back"
    );
    assert_eq!(
        word(&extracted, 0xffc),
        0xf940_1000,
        "0x10 + 0x10 in its page"
    );
}
