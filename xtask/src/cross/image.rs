//! Builds the runner as an image, with a linker script of its own for each machine.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;

use anyhow::Result;

use super::build;
use super::machine::{Layout, Machine};
use crate::bare::Library;
use crate::{process, workspace};

/// Bytes of native stack: the suite recurses some thousand calls deep, and overflows it on purpose.
const STACK_BYTES: u64 = 512 << 10;

/// Builds the image for a machine.
pub(super) fn build(machine: &Machine, layout: Layout) -> Result<PathBuf> {
    let folder = workspace::target().join("cross/image");
    std::fs::create_dir_all(&folder)?;
    let text = layout.script();
    // Cargo links again when the name changes, not when the text does.
    let script = folder.join(format!("{}-{:016x}.ld", machine.name, sum(&text)));
    replace(&script, &text)?;
    let flags = format!(
        "-Clinker=ld.lld-22 -Clinker-flavor=ld.lld -Clink-arg=-T{}",
        script.display()
    );
    let mut command = build::command(machine, Library::Core, &flags)?;
    command
        .args(["-p", "spec-image", "--manifest-path"])
        .arg(workspace::root().join("xtask/runner/Cargo.toml"));
    process::stream(&mut command)?;
    Ok(build::folder(machine).join("release/spec-image"))
}

fn sum(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Writes a file unless it says so already: what is built from it then stays.
pub(super) fn replace(path: &PathBuf, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    Ok(std::fs::write(path, text)?)
}

impl Layout {
    /// The linker script.
    fn script(&self) -> String {
        let Layout { code, data, end } = self;
        let data = match data {
            0 => String::new(),
            address => format!(". = {address:#x};"),
        };
        format!(
            "ENTRY(_start)
SECTIONS {{
  . = {code:#x};
  .vectors : {{ KEEP(*(.vectors)) }}
  .text : {{ *(.text._start) *(.text .text.*) }}
  .rodata : {{ *(.rodata .rodata.* .srodata .srodata.*) }}
  {data}
  .data : ALIGN(16) {{ *(.data .data.* .sdata .sdata.*) }}
  .bss (NOLOAD) : ALIGN(16) {{ *(.bss .bss.* .sbss .sbss.* COMMON) }}
  . = ALIGN(4096);
  __stack_low = .;
  . += {STACK_BYTES};
  __stack_high = .;
  __memory_low = .;
  __memory_high = {end:#x};
  /DISCARD/ : {{ *(.ARM.exidx* .ARM.extab* .eh_frame* .comment .note*) }}
}}
"
        )
    }
}
