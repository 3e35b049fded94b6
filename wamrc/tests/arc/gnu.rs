//! GNU's assembler, linker and disassembler for ARC, as another opinion.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SectionKind};

use crate::load::Loaded;

/// Whether the tools are there; says so if not.
pub(crate) fn at_hand() -> bool {
    let there = Command::new("arc-linux-gnu-ld")
        .arg("--version")
        .output()
        .is_ok();
    if !there {
        println!("skipped: Debian's package binutils-arc-linux-gnu is not installed");
    }
    there
}

/// What the linker made of an object.
pub(crate) struct Linked {
    folder: Folder,
    /// Constants and code.
    pub(crate) image: Vec<u8>,
    /// Jumps to functions of the runtime.
    pub(crate) stubs: Vec<u8>,
}

/// Numbers for stack checks, which the compiler fills in when it knows them.
const SIZES: &str = ".aot_stack_sizes";

/// Links an object as a loader has loaded it. Calls of the runtime go to jumps that the assembler makes.
pub(crate) fn link(code: &[u8], loaded: &Loaded) -> Linked {
    let folder = Folder::new();
    folder.write("code.o", code);
    folder.write("stubs.s", jumps(loaded).as_bytes());
    folder.write("script", script(code, loaded).as_bytes());
    let options = ["-mcpu=archs", "-o", "stubs.o", "stubs.s"];
    folder.run("arc-linux-gnu-as", &options);
    // The linker would merge equal constants.
    let plain = [4, 8, 16, 32]
        .map(|size| format!("--set-section-flags=.rodata.cst{size}=alloc,readonly,data,contents"));
    let mut arguments: Vec<&str> = plain.iter().map(String::as_str).collect();
    arguments.push("code.o");
    folder.run("arc-linux-gnu-objcopy", &arguments);
    let arguments = ["-T", "script", "-o", "linked", "code.o", "stubs.o"];
    folder.run("arc-linux-gnu-ld", &arguments);
    let bytes = std::fs::read(folder.path.join("linked")).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let section = |name: &str| {
        let section = file.section_by_name(name);
        section.map_or_else(Vec::new, |section| section.data().unwrap().to_vec())
    };
    let (mut image, stubs) = (section(".image"), section(".stubs"));
    let sizes = file
        .symbols()
        .find(|symbol| symbol.name() == Ok("aot_stack_sizes"));
    if let Some(sizes) = sizes {
        let count = object::File::parse(code)
            .unwrap()
            .section_by_name(SIZES)
            .unwrap()
            .size();
        let start = usize::try_from(sizes.address() - loaded.base).unwrap();
        let numbers = start..start + usize::try_from(count).unwrap();
        image[numbers.clone()].copy_from_slice(&loaded.image[numbers]);
    }
    Linked {
        folder,
        image,
        stubs,
    }
}

/// What stands for the runtime.
fn jumps(loaded: &Loaded) -> String {
    let mut text = ".section .stubs,\"ax\",@progbits\n".to_owned();
    for (name, address) in &loaded.runtime {
        writeln!(text, "\t.globl {name}\n{name}:\n\tj {address:#x}").unwrap();
    }
    text
}

/// Where the linker is to put what: constants first, by falling alignment, then code.
fn script(code: &[u8], loaded: &Loaded) -> String {
    let file = object::File::parse(code).unwrap();
    let (mut constants, mut functions) = (Vec::new(), Vec::new());
    for section in file.sections().filter(|section| section.size() > 0) {
        let name = section.name().unwrap().to_owned();
        match section.kind() {
            SectionKind::Text => functions.push(name),
            SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => {
                constants.push((section.align(), name));
            }
            SectionKind::Data if name == SIZES => constants.push((section.align(), name)),
            _ => {}
        }
    }
    constants.sort_by_key(|(align, _)| std::cmp::Reverse(*align));
    functions.sort_by_key(|name| name != ".text");
    let names = constants.into_iter().map(|(_, name)| name).chain(functions);
    let inputs: String = names.map(|name| format!("*({name}) ")).collect();
    format!(
        "SECTIONS {{\n.image {:#x} : {{ {inputs}}} =0\n.stubs {:#x} : {{ *(.stubs) }}\n\
         /DISCARD/ : {{ *(*) }} }}\n",
        loaded.base, loaded.stubs_at
    )
}

impl Linked {
    /// Disassembles the image the loader made, with the names the linker knows.
    pub(crate) fn disassemble(&self, loaded: &Loaded) -> String {
        self.folder.write("image", &loaded.image);
        self.folder.write("stubs", &loaded.stubs);
        let arguments = [
            "--update-section=.image=image",
            "--update-section=.stubs=stubs",
            "linked",
        ];
        if loaded.stubs.is_empty() {
            self.folder.run(
                "arc-linux-gnu-objcopy",
                &["--update-section=.image=image", "linked"],
            );
        } else {
            self.folder.run("arc-linux-gnu-objcopy", &arguments);
        }
        let listing = self.folder.run("arc-linux-gnu-objdump", &["-d", "linked"]);
        // The first lines are about the file.
        let lines = listing
            .lines()
            .skip_while(|line| !line.starts_with("Disassembly"));
        lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
    }
}

/// A folder of a test's own.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("arc-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder { path }
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path.join(name), bytes).unwrap();
    }

    /// Runs a tool that must succeed; what it printed.
    fn run(&self, tool: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(tool);
        command.args(arguments).current_dir(&self.path);
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{tool}: {error}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{tool} {arguments:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
