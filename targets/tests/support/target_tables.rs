//! The tables of `docs/targets.md`, made from the targets themselves: one block for all, one per architecture.
//!
//! Used by the test that keeps the document fresh, and by the example `target_tables`, which prints them.

use std::fmt::Write as _;

use targets::reloc::{Calc, Row, Stored, Via};
use targets::{ALL, Arch, Emission, FloatAbi, RelocModel, TailForm, Target, profile};

/// The blocks of the document.
pub(crate) fn blocks() -> Vec<(&'static str, String)> {
    let mut blocks = vec![("targets", overview()), ("profiles", profiles())];
    for target in ALL {
        let name = target.arch.file();
        if blocks.iter().all(|(known, _)| *known != name) {
            blocks.push((name, architecture(target.arch)));
        }
    }
    blocks
}

/// A Markdown table.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        writeln!(out, "| {} |", row.join(" | ")).expect("writing to a string");
    }
    out
}

/// In code quotes; nothing if there is nothing.
fn code(text: &str) -> String {
    match text {
        "" => String::new(),
        _ => format!("`{text}`"),
    }
}

fn codes<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<_> = texts.into_iter().map(code).collect();
    texts.join(", ")
}

fn overview() -> String {
    let head = [
        "target",
        "pointer",
        "byte order",
        "ELF machine",
        "arch string",
        "baseline CPU",
        "ABI",
        "floats are passed",
        "bounds checks",
    ];
    let rows = ALL.iter().map(|target| {
        vec![
            code(target.name),
            target.width.bytes().to_string(),
            format!("{:?}", target.endian).to_lowercase(),
            target.elf_machine.to_string(),
            code(target.aot_arch),
            code(target.llvm.cpu),
            code(target.abis[0].name),
            floats(target.float_abi).to_owned(),
            match target.guard_pages {
                true => "guard pages".to_owned(),
                false => "code".to_owned(),
            },
        ]
    });
    table(&head, rows)
}

fn floats(abi: FloatAbi) -> &'static str {
    match abi {
        FloatAbi::Soft => "in integer registers",
        FloatAbi::Single => "in float registers if of 32 bits",
        FloatAbi::Double => "in float registers",
    }
}

fn profiles() -> String {
    let head = ["profile", "target", "CPU", "features", "ABI", "what it is"];
    let rows = profile::ALL.iter().map(|profile| {
        vec![
            code(profile.name),
            code(profile.target.name),
            code(profile.cpu),
            code(profile.features),
            code(profile.abi),
            profile.about.to_owned(),
        ]
    });
    table(&head, rows)
}

fn architecture(arch: Arch) -> String {
    let targets: Vec<_> = ALL.iter().copied().filter(|it| it.arch == arch).collect();
    let mut parts = grouped(&targets, |target| target.notes.to_owned());
    parts.push(compilation(&targets));
    parts.push(abis(&targets));
    parts.extend(forbidden(&targets));
    parts.extend(grouped(&targets, |target| {
        format!(
            "Relocations of containers:\n\n{}",
            rows(target.relocs, Some(target.stock_relocs))
        )
    }));
    parts.extend(grouped(&targets, |target| match target.object_relocs {
        [] => String::new(),
        object => format!(
            "Relocations of object files, resolved when a file is made:\n\n{}",
            rows(object, None)
        ),
    }));
    parts.extend(grouped(&targets, stub));
    parts.extend(grouped(&targets, helpers));
    parts.join("\n\n").replace("\n\n\n", "\n\n")
}

/// What targets have to say, said once by those that say the same; nothing that is empty.
fn grouped(targets: &[&'static Target], text: impl Fn(&Target) -> String) -> Vec<String> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for target in targets {
        let text = text(target);
        match groups.iter_mut().find(|(known, _)| *known == text) {
            Some((_, names)) => names.push(target.name),
            None => groups.push((text, vec![target.name])),
        }
    }
    let all = groups.len() == 1;
    groups.retain(|(text, _)| !text.is_empty());
    let said = groups.into_iter().map(|(text, names)| match all {
        true => text,
        false => format!("{}: {text}", codes(names)),
    });
    said.collect()
}

fn compilation(targets: &[&'static Target]) -> String {
    let head = [
        "target",
        "LLVM triple",
        "CPU",
        "features",
        "with every CPU",
        "addresses",
        "object files",
        "tail calls",
    ];
    let rows = targets.iter().map(|target| {
        let llvm = &target.llvm;
        vec![
            code(target.name),
            code(llvm.triple),
            code(llvm.cpu),
            code(llvm.features),
            code(llvm.always),
            match llvm.reloc_model {
                RelocModel::Static => "absolute".to_owned(),
                RelocModel::Pic => "position independent".to_owned(),
            },
            match llvm.emission {
                Emission::Object => "by LLVM".to_owned(),
                Emission::Reassembled => "by LLVM's assembler".to_owned(),
                Emission::External(_) => "by GNU as".to_owned(),
            },
            match target.tail_calls.form {
                TailForm::Guaranteed => "`tailcc`".to_owned(),
                TailForm::Sibling => "`fastcc`".to_owned(),
                TailForm::Absent => "not by LLVM".to_owned(),
            },
        ]
    });
    table(&head, rows)
}

fn abis(targets: &[&'static Target]) -> String {
    let head = ["target", "ABI", "floats are passed", "LLVM", "needs"];
    let rows = targets.iter().flat_map(|target| {
        target.abis.iter().enumerate().map(|(position, abi)| {
            let default = if position == 0 { " (default)" } else { "" };
            let triple = abi.triple.unwrap_or(target.llvm.triple);
            let llvm = if abi.llvm.is_empty() {
                triple
            } else {
                abi.llvm
            };
            vec![
                code(target.name),
                format!("{}{default}", code(abi.name)),
                floats(abi.float_abi).to_owned(),
                code(llvm),
                codes(abi.requires.iter().copied()),
            ]
        })
    });
    table(&head, rows)
}

/// Features that are refused.
fn forbidden(targets: &[&'static Target]) -> Vec<String> {
    grouped(targets, |target| {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for (feature, reason) in target.forbids {
            match reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, features)) => features.push(feature),
                None => reasons.push((reason, vec![feature])),
            }
        }
        let said = reasons.into_iter();
        let said: Vec<_> = said
            .map(|(reason, features)| format!("{} ({reason})", codes(features)))
            .collect();
        match said.is_empty() {
            true => String::new(),
            false => format!("Refused features: {}.", said.join("; ")),
        }
    })
}

fn rows(rows: &[Row], stock: Option<&[u32]>) -> String {
    let mut head = vec![
        "number", "name", "value", "bytes", "must fit", "align", "`S` is",
    ];
    head.extend(stock.map(|_| "stock"));
    let lines = rows.iter().map(|row| {
        let mut line = vec![
            row.number.to_string(),
            code(row.name),
            formula(row),
            row.field.size.to_string(),
            row.range.to_string(),
            row.align.to_string(),
            match row.via {
                Via::Direct => "the symbol",
                Via::Stub => "a stub for the runtime's symbols, else the symbol",
                Via::Slot => "a slot holding the symbol's address",
            }
            .to_owned(),
        ];
        line.extend(stock.map(|stock| match stock.contains(&row.number) {
            true => "yes".to_owned(),
            false => "no".to_owned(),
        }));
        line
    });
    table(&head, lines)
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

fn stub(target: &Target) -> String {
    let Some(stub) = target.stub else {
        return "No stub: calls reach everything.".to_owned();
    };
    let bytes: Vec<_> = stub
        .bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let patches: Vec<_> = stub
        .patches
        .iter()
        .map(|patch| format!("`{}` at {}", patch.row.name, patch.offset))
        .collect();
    format!(
        "Stub, {} bytes: `{}`, patched by {}.",
        stub.size(),
        bytes.join(" "),
        patches.join(", ")
    )
}

fn helpers(target: &Target) -> String {
    match target.libcalls.len() {
        0 => "No helper routines.".to_owned(),
        count => format!(
            "Up to {count} helper routines, which our runtime has; stock's resolves {} names of the kind.",
            target.stock_libcalls.len()
        ),
    }
}
