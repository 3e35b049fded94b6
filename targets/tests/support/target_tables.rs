//! The tables of `docs/targets.md`, made from the targets themselves.
//!
//! Used by the test that keeps the document fresh, and by the example `target_tables`, which prints them.

use std::fmt::Write as _;

use targets::reloc::{Calc, Row, Stored, Via};
use targets::{ALL, Target};

/// The blocks of the document.
pub(crate) fn blocks() -> Vec<(&'static str, String)> {
    vec![("targets", overview()), ("relocations", relocations())]
}

fn overview() -> String {
    let mut out = String::from(
        "| target | pointer | byte order | ELF machine | arch string | LLVM triple | baseline CPU | bounds checks | far-call stub |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for target in ALL {
        let checks = if target.guard_pages {
            "guard pages"
        } else {
            "code"
        };
        let stub = match target.stub {
            Some(stub) => format!("{} bytes", stub.size()),
            None => "none".to_owned(),
        };
        writeln!(
            out,
            "| `{}` | {} | {:?} | {} | `{}` | `{}` | `{}` | {checks} | {stub} |",
            target.name,
            target.width.bytes(),
            target.endian,
            target.elf_machine,
            target.aot_arch,
            target.llvm.triple,
            target.llvm.cpu,
        )
        .expect("writing to a string");
    }
    out
}

fn relocations() -> String {
    ALL.iter().map(|target| rows(target)).collect()
}

fn rows(target: &Target) -> String {
    let mut out = format!("**{}**\n\n", target.name);
    out.push_str("| number | name | value | bytes | must fit | align | `S` is |\n");
    out.push_str("|---|---|---|---|---|---|---|\n");
    for row in target.relocs {
        let via = match row.via {
            Via::Direct => "the symbol",
            Via::Stub => "a stub for the runtime's symbols, else the symbol",
            Via::Slot => "a slot holding the symbol's address",
        };
        writeln!(
            out,
            "| {} | `{}` | {} | {} | {} | {} | {via} |",
            row.number,
            row.name,
            formula(row),
            row.field.size(),
            row.range,
            row.align,
        )
        .expect("writing to a string");
    }
    out
}

fn formula(row: &Row) -> String {
    let stored = match row.stored {
        Stored::Ignored => "",
        Stored::Added => " + V",
    };
    match row.calc {
        Calc::Abs => format!("S + A{stored}"),
        Calc::Rel => format!("S + A{stored} − P"),
        Calc::RelDown => format!("S + A{stored} − (P & ~3)"),
        Calc::RelUp => format!("S + A{stored} − ((P + 3) & ~3)"),
        Calc::Page => format!("Page(S + A{stored}) − Page(P)"),
        Calc::Region => format!("S + A{stored} − Region(P + 4)"),
        Calc::Plus => "V + S + A".to_owned(),
        Calc::Minus => "V − S − A".to_owned(),
    }
}
