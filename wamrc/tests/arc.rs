//! ARC, whose code nothing at hand executes: every fixture is compiled, loaded for an address of choice and compared, byte
//! by byte, with what GNU ld makes of the same object there.
//!
//! Compiling takes LLVM's ARC target (`cargo xtask arc-backend`) and GNU's tools for ARC; without them the tests say so and
//! pass. The snapshots are what `arc-linux-gnu-objdump` reads in loaded images.

#[path = "arc/gnu.rs"]
mod gnu;
#[path = "arc/load.rs"]
mod load;

use std::path::Path;
use std::process::Command;

use aot_format::abi::native_symbols;
use aot_format::{Symbol, View};
use targets::{ARC, Emission};
use wamrc::llvm::LlvmError;
use wamrc::options::Format;
use wamrc::{CompileError, Options};

/// Where images are loaded: the highest bit is set, and no half of an address is zero.
const PAGE: u64 = 0x9001_2000;

/// Address of the first function of the runtime, far out of a call's reach.
const RUNTIME: u64 = 0x2345_6780;

/// Fixtures whose images are shown.
const SHOWN: [&str; 3] = ["call__direct", "call__import", "control__br_table"];

/// Whether there is something to test with.
fn at_hand() -> bool {
    let empty = b"\0asm\x01\0\0\0";
    match wamrc::compile(empty, &Options::new(&ARC)) {
        Ok(_) => gnu::at_hand(),
        Err(CompileError::Llvm(
            error @ (LlvmError::NoPlugin { .. } | LlvmError::NoAssembler { .. }),
        )) => {
            println!("skipped: {error}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

fn compile(wasm: &[u8], format: Format) -> Vec<u8> {
    let mut options = Options::new(&ARC);
    options.format = format;
    match wamrc::compile(wasm, &options) {
        Ok(output) => output.bytes,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn images_are_those_of_gnu_ld() {
    if !at_hand() {
        return;
    }
    insta::glob!("../../fixtures/wat", "*/*.wat", check);
}

fn check(path: &Path) {
    let family = path.parent().and_then(Path::file_name).expect("a family");
    if family == "errors" {
        return;
    }
    let case = path.file_stem().expect("a name");
    let name = format!("{}__{}", family.display(), case.display());
    let text = std::fs::read_to_string(path).expect("a fixture");
    let wasm = wat::parse_str(&text).expect("a module");
    let file = compile(&wasm, Format::Aot);
    let view = View::read(&file).expect("a file that can be read");
    only_known_relocations(&name, &view);
    let loaded = load::load(&view, PAGE, RUNTIME);
    let linked = gnu::link(&compile(&wasm, Format::Object), &loaded);
    assert_eq!(linked.image.len(), loaded.image.len(), "{name}");
    let differs = linked
        .image
        .iter()
        .zip(&loaded.image)
        .position(|(theirs, ours)| theirs != ours);
    assert_eq!(differs.map(|at| format!("{at:#x}")), None, "{name}");
    assert_eq!(linked.stubs, loaded.stubs, "{name}");
    let listing = linked.disassemble(&loaded);
    calls_arrive(&name, &listing);
    far_slots_go_through_r30(&name, &listing);
    if SHOWN.contains(&name.as_str()) {
        assert!(
            file == compile(&wasm, Format::Aot),
            "{name} differs when compiled again"
        );
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../snapshots/asm");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_suffix(ARC.name);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name.clone(), listing));
    }
}

/// What the file leaves to its loader is what the loader's table has.
fn only_known_relocations(name: &str, view: &View<'_>) {
    for group in view.relocations() {
        for relocation in group.raw() {
            assert!(ARC.row(relocation.kind).is_some(), "{name}: {relocation:?}");
            let symbol = view.symbols().name(relocation.symbol).expect("a symbol");
            let known = match view.symbol(symbol) {
                Symbol::Runtime(symbol) => {
                    native_symbols::provided(symbol) || ARC.libcalls.contains(&symbol)
                }
                Symbol::Section(_) | Symbol::Function(_) => true,
            };
            assert!(known, "{name}: {symbol}");
        }
    }
}

/// Every direct call of the listing goes to the start of something that has a name.
fn calls_arrive(name: &str, listing: &str) {
    for line in listing.lines() {
        let mut words = line.split_whitespace();
        if !words.any(|word| word == "bl" || word == "bl_s") {
            continue;
        }
        let target = line.rsplit_once('<').map(|(_, target)| target);
        let target = target.and_then(|target| target.strip_suffix('>'));
        // Within a function it would read `<name+0x…>`.
        assert!(
            target.is_some_and(|target| !target.contains("+0x")),
            "{name}: {line}"
        );
    }
}

/// The register kept free for stores to far slots of the frame holds the address of one, for the next instruction only
/// (`xtask/src/arc/correction.rs`); returns how many there are.
fn far_slots_go_through_r30(name: &str, listing: &str) -> usize {
    let texts = listing
        .lines()
        .filter_map(|line| Some(line.split_once(":\t")?.1));
    let instructions: Vec<&str> = texts
        .filter_map(|text| Some(text.split_once('\t')?.1))
        .collect();
    let uses = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|word| word == "r30")
    };
    let mut count = 0;
    let mut rest = instructions.as_slice();
    while let [first, others @ ..] = rest {
        rest = others;
        if !uses(first) {
            continue;
        }
        let operands: Vec<&str> = first.split(['\t', ',']).collect();
        let [operation, "r30", "sp" | "fp", _] = operands.as_slice() else {
            panic!("{name}: {first}")
        };
        assert!(["add", "sub"].contains(operation), "{name}: {first}");
        let second = others
            .first()
            .expect("an instruction that uses the address");
        assert!(
            second.starts_with("st") && second.ends_with(",[r30]"),
            "{name}: {second}"
        );
        rest = &others[1..];
        count += 1;
    }
    count
}

#[test]
fn frames_of_any_size_are_stored_to() {
    if !at_hand() {
        return;
    }
    // More values alive than there are registers, by far, and loops and calls between their making and their use.
    let count = 200;
    let mut text = "(module (func $f (param i64) (result i64) (local.get 0))\n".to_owned();
    text.push_str("(func (export \"f\") (param i64) (result i64)\n");
    for value in 0..count {
        text.push_str(&format!(
            "(call $f (i64.add (local.get 0) (i64.const {value})))\n"
        ));
    }
    text.push_str(&"(i64.xor)\n".repeat(count - 1));
    text.push_str("))");
    let wasm = wat::parse_str(&text).expect("a module");
    let file = compile(&wasm, Format::Aot);
    let view = View::read(&file).expect("a file that can be read");
    let loaded = load::load(&view, PAGE, RUNTIME);
    let linked = gnu::link(&compile(&wasm, Format::Object), &loaded);
    let listing = linked.disassemble(&loaded);
    let stores = far_slots_go_through_r30("frames", &listing);
    assert!(stores > count, "{stores} far stores");
}

/// A program that no plugin lies near says how to get one, in one sentence; one that is not what it is taken for, too.
#[test]
fn what_is_missing_is_said() {
    let Emission::External(external) = ARC.llvm.emission else {
        panic!("ARC needs nothing from outside")
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("arc-missing");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    // A build folder of its own, in which no plugin was built; without the mark the one of this test would be found.
    std::fs::write(folder.join("CACHEDIR.TAG"), "").unwrap();
    std::fs::create_dir(folder.join("debug")).unwrap();
    let program = folder.join("debug/wamrc");
    // A link, not a copy: a process that another test starts during copying would hold the file open for writing, and
    // such a file cannot be executed.
    std::fs::hard_link(env!("CARGO_BIN_EXE_wamrc"), &program).unwrap();
    let wasm = folder.join("empty.wasm");
    std::fs::write(&wasm, b"\0asm\x01\0\0\0").unwrap();
    let say = |plugin: Option<&Path>| {
        let mut command = Command::new(&program);
        command.env_remove(external.variable);
        if let Some(plugin) = plugin {
            command.env(external.variable, plugin);
        }
        command.args(["--target=arc", "-o", "out.aot", "empty.wasm"]);
        let output = command.current_dir(&folder).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(
        say(None),
        "error: empty.wasm: llvm has the target \"arc\" as a plugin only: build it by `cargo xtask arc-backend`, or name \
         it in WAMRC_ARC_BACKEND\n"
    );
    for (plugin, problem) in [
        (folder.join("none.so"), "does not exist"),
        (wasm.clone(), "cannot be loaded next to this LLVM library"),
    ] {
        assert_eq!(
            say(Some(&plugin)),
            format!(
                "error: empty.wasm: {} {problem}: build it again by `cargo xtask arc-backend`\n",
                plugin.display()
            )
        );
    }
    if at_hand() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wamrc"));
        command.env("PATH", &folder).current_dir(&folder);
        command.args(["--target=arc", "-o", "out.aot", "empty.wasm"]);
        let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
        let expected = "error: empty.wasm: cannot start the assembler arc-linux-gnu-as, which Debian's package \
                        binutils-arc-linux-gnu brings: ";
        assert!(
            said.starts_with(expected) && said.lines().count() == 1,
            "{said}"
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
