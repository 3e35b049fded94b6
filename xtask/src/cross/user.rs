//! Builds the runner as a static program for machines that no prebuilt Rust compiles for: Xtensa.
//!
//! Rust's own LLVM lacks the back end; the system's Rust uses the system's LLVM, which has it, but whose object writer
//! is not to be relied on there. So Rust makes bitcode of everything, and the tools of LLVM do the rest by way of
//! assembly, in which literals are moved to sections of their own in front of the functions that use them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::build;
use super::image::replace;
use super::machine::Machine;
use crate::bare::{Library, Way};
use crate::{process, workspace};

/// Bytes of native stack.
const STACK_BYTES: u64 = 4 << 20;

/// Builds the program; `start` is the file with its first instructions.
pub(super) fn build(machine: &Machine, start: &str) -> Result<PathBuf> {
    let llvm = &targets::by_name(machine.target)
        .with_context(|| format!("no target {}", machine.target))?
        .llvm;
    let folder = workspace::target().join("cross/user").join(machine.name);
    std::fs::create_dir_all(&folder)?;
    // The last option is for the system call only.
    let features = format!("-mattr={},+exception", llvm.features);
    let library = library(machine, &folder)?;
    let at = |name: &str| folder.join(name);
    let tool = |name: &str, arguments: &[&str], from: &Path, to: &Path| -> Result<()> {
        let mut command = Command::new(name);
        command.args(arguments).arg(from).arg("-o").arg(to);
        process::stream(&mut command)
    };
    tool("llvm-link-22", &[], &library, &at("whole.bc"))?;
    let passes = ["-passes=lower-atomic"];
    tool("opt-22", &passes, &at("whole.bc"), &at("single.bc"))?;
    print_assembly(&features, &at("single.bc"), &at("printed.s"))?;
    let printed = std::fs::read_to_string(at("printed.s"))?;
    std::fs::write(at("runner.s"), literals_first(&printed))?;
    let triple = format!("-triple={}", llvm.triple);
    let assemble = [triple.as_str(), &features, "-filetype=obj"];
    let start = workspace::root()
        .join("xtask/runner/user/start")
        .join(start);
    tool("llvm-mc-22", &assemble, &at("runner.s"), &at("runner.o"))?;
    tool("llvm-mc-22", &assemble, &start, &at("start.o"))?;
    replace(&at("runner.ld"), &script())?;
    let mut link = Command::new("xtensa-lx106-elf-ld");
    link.args(["--no-relax", "--gc-sections", "--no-warn-rwx-segments"])
        .args(["-z", "noexecstack", "-T"])
        .args(["runner.ld", "start.o", "runner.o"].map(at))
        .arg("-o")
        .arg(at("runner"));
    process::stream(&mut link)?;
    Ok(at("runner"))
}

/// Ways to call the code generator. LLVM 22 keeps no register for the addresses of variables in frames between one and two
/// KiB, and ends with an error where it then needs one; where that is depends on how registers and stack are given out.
const WAYS: &[&[&str]] = &[
    &["-O2", "-regalloc=basic", "-no-stack-coloring"],
    &["-O2", "-regalloc=basic"],
    &["-O2"],
    &["-O1", "-regalloc=basic", "-no-stack-coloring"],
];

/// How long one of them may take.
const LIMIT: Duration = Duration::from_secs(600);

/// Generates code in the first way that works.
fn print_assembly(features: &str, bitcode: &Path, assembly: &Path) -> Result<()> {
    let mut errors = String::new();
    for way in WAYS {
        let mut command = Command::new("llc-22");
        command.args(*way).arg(features);
        command.args(["-function-sections", "-data-sections"]);
        command.arg(bitcode).arg("-o").arg(assembly);
        let done = process::capture(&mut command, LIMIT)?;
        if done.code == Some(0) {
            return Ok(());
        }
        let text = done.text();
        let error = text.lines().find(|line| line.contains("ERROR"));
        let _ = writeln!(
            errors,
            "llc-22 {}: {} {}",
            way.join(" "),
            done.ending(),
            error.unwrap_or_default()
        );
    }
    bail!("no way to generate code works:\n{errors}");
}

/// Everything as an archive of bitcode.
fn library(machine: &Machine, folder: &Path) -> Result<PathBuf> {
    let description = folder.join(format!("{}.json", machine.rust));
    replace(&description, &description_of(machine)?)?;
    let way = Way::system(machine.rust)?;
    let mut command = way.cargo();
    command
        .args(["build", "--quiet", "--release", "-Zjson-target-spec"])
        .arg("--target")
        .arg(&description)
        .args(["-p", "spec-user", "--manifest-path"])
        .arg(workspace::root().join("xtask/runner/Cargo.toml"))
        .arg("--target-dir")
        .arg(build::target_folder(machine))
        .current_dir(workspace::root());
    way.add_build_std(&mut command, Library::Core);
    process::stream(&mut command)?;
    Ok(build::folder(machine).join("release/libspec_user.a"))
}

/// The machine for rustc, which has no description of it for LLVM as it is published.
fn description_of(machine: &Machine) -> Result<String> {
    let llvm = &targets::by_name(machine.target)
        .with_context(|| format!("no target {}", machine.target))?
        .llvm;
    let description = serde_json::json!({
        "arch": "xtensa",
        "llvm-target": llvm.triple,
        "cpu": llvm.cpu,
        "features": llvm.features,
        "data-layout": "e-m:e-p:32:32-i8:8:32-i16:16:32-i64:64-n32",
        "target-pointer-width": 32,
        "max-atomic-width": 32,
        "atomic-cas": false,
        "singlethread": true,
        "panic-strategy": "abort",
        "relocation-model": machine.relocations,
        "default-uwtable": false,
        "emit-debug-gdb-scripts": false,
        "linker-flavor": "gnu",
        "obj-is-bitcode": true,
    });
    Ok(serde_json::to_string_pretty(&description)?)
}

/// Replaces LLVM's directives for literals by words in a section for each function, which comes before the function's:
/// literals are reached backwards. LLVM computes that distance wrongly within a section, and leaves it to the linker
/// between sections. Unwinding tables are dropped: their directives do not come back through the assembler.
fn literals_first(printed: &str) -> String {
    let mut text = String::with_capacity(printed.len());
    let (mut sections, mut inside) = (0, false);
    for line in printed.lines() {
        let mut words = line.trim_start().splitn(2, char::is_whitespace);
        match (words.next(), words.next()) {
            (Some(".literal_position"), _) => {}
            (Some(word), _) if word.starts_with(".cfi_") => {}
            (Some(".literal"), Some(rest)) => {
                let (name, value) = rest.split_once(',').unwrap_or((rest, "0"));
                if !inside {
                    let _ = writeln!(
                        text,
                        "\t.section .literal.{sections}, \"ax\", @progbits\n\t.p2align 2"
                    );
                    sections += 1;
                    inside = true;
                }
                let _ = writeln!(text, "{name}:\n\t.long {}", value.trim());
            }
            _ => {
                inside = false;
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

/// The linker script. Compiled code runs where its memory is, which is a variable of the program.
fn script() -> String {
    format!(
        "ENTRY(_start)
PHDRS {{ all PT_LOAD FILEHDR PHDRS FLAGS(7); }}
SECTIONS {{
  . = 0x400000 + SIZEOF_HEADERS;
  .text : SUBALIGN(4) {{ KEEP(*(.text._start)) *(.literal.* .text .text.*) }} :all
  .rodata : {{ *(.rodata .rodata.*) }}
  .data : ALIGN(4096) {{ *(.data .data.*) }}
  .bss : ALIGN(4096) {{
    *(.bss .bss.* COMMON)
    . = ALIGN(16);
    __stack_low = .;
    . += {STACK_BYTES};
    __stack_high = .;
  }}
  /DISCARD/ : {{ *(.comment .note* .eh_frame* .xt.* .xtensa.info) }}
}}
"
    )
}

#[cfg(test)]
mod tests;
