//! What files tell of the origin of their code, on every machine: it begins at instructions of the module, in order.
//!
//! Asking for it changes nothing else on x86-64. On other machines LLVM may put the instructions at the entry of a function
//! in another order, because with debug information it notes where the frame is between them.

#[path = "support/fixtures.rs"]
mod fixtures;

use aot_format::{AddressMap, Artifact, CustomSection, View, address_map};
use std::collections::BTreeSet;
use targets::{Emission, Target};
use wamrc::options::{self, Partitioning};
use wamrc::wasm::{self, WasmOffset};
use wamrc::{Options, disassembly};

/// A machine other than the first takes one fixture in so many, the next machine others.
const SHARE: usize = 24;

fn compile(wasm: &[u8], options: &Options, map: options::AddressMap) -> Vec<u8> {
    let options = Options {
        address_map: map,
        ..options.clone()
    };
    let output = wamrc::compile(wasm, &options).expect("compiled");
    output.bytes
}

/// Whether two files are the same but for what one tells of origins.
fn are_same(plain: &[u8], mapped: &[u8], target: &Target) -> bool {
    if target.name == targets::X86_64.name {
        return without_map(mapped) == plain;
    }
    let [plain, mapped] = [plain, mapped].map(|file| View::read(file).expect("a container"));
    plain.text().code.len() == mapped.text().code.len()
}

/// The file without what it tells of origins.
fn without_map(file: &[u8]) -> Vec<u8> {
    let view = View::read(file).expect("a container");
    let mut artifact = Artifact::from_view(&view);
    artifact.custom.retain(
        |section| !matches!(section, CustomSection::Raw { name, .. } if *name == address_map::NAME),
    );
    artifact.write().expect("a container")
}

fn check(wasm: &[u8], options: &Options) -> Result<(), String> {
    let plain = compile(wasm, options, options::AddressMap::Omit);
    let mapped = compile(wasm, options, options::AddressMap::Emit);
    if !are_same(&plain, &mapped, options.target) {
        return Err("the map changes other things".to_owned());
    }
    let view = View::read(&mapped).expect("a container");
    let map = AddressMap::find(&view).map_err(|error| error.to_string())?;
    let origins: Vec<_> = map.iter().flat_map(|map| map.origins).collect();
    if !origins.is_sorted_by(|first, second| first.text_offset < second.text_offset) {
        return Err("the map is not in order".to_owned());
    }
    let code = view.text().code.len();
    if origins.iter().any(|it| it.text_offset as usize > code) {
        return Err("the map goes beyond the code".to_owned());
    }
    let offsets = origins.iter().map(|it| WasmOffset(it.wasm_offset.into()));
    let offsets: BTreeSet<WasmOffset> = offsets.filter(|offset| offset.0 > 0).collect();
    let known = wasm::spell(wasm, &offsets);
    match offsets.iter().find(|offset| !known.contains_key(*offset)) {
        Some(offset) => Err(format!("no instruction begins at {offset}")),
        None => Ok(()),
    }
}

fn check_target(position: usize, target: &'static Target) -> Vec<String> {
    let share = if position == 0 { 1 } else { SHARE };
    let mut failures = Vec::new();
    for path in fixtures::valid()
        .iter()
        .skip(position % share)
        .step_by(share)
    {
        if let Err(message) = check(&fixtures::wasm(path), &Options::new(target)) {
            failures.push(format!("{}: {}: {message}", target.name, path.display()));
        }
    }
    failures
}

#[test]
fn maps_are_right_and_change_nothing() {
    let emitted = |target: &&&Target| !matches!(target.llvm.emission, Emission::External(_));
    let targets = targets::ALL.iter().filter(emitted).enumerate();
    let failures: Vec<String> = targets
        .flat_map(|(position, target)| check_target(position, target))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Functions that are small enough to know where each of their instructions goes.
const TEXT: &str = r#"(module (memory 1)
    (func (export "first") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "second") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1))))"#;

#[test]
fn listings_quote_the_module() {
    let wasm = wat::parse_str(TEXT).expect("a module");
    for target in [&targets::X86_64, &targets::THUMBV7EM, &targets::RISCV32] {
        let mut options = Options::new(target);
        options.partitioning = Partitioning::Parts(std::num::NonZeroU32::MIN);
        let file = compile(&wasm, &options, options::AddressMap::Emit);
        let view = View::read(&file).expect("a container");
        let names = disassembly::function_names(&view);
        let mut listings = disassembly::disassemble(&view, &names, |_| true).expect("code");
        disassembly::quote_origins(&mut listings, &wasm);
        for (function, instruction) in [("first", "i32.load"), ("second", "i32.div_u")] {
            let mine = listings
                .iter()
                .find(|listing| listing.part.name.contains(function));
            let text = mine.expect("a listing").to_string();
            assert!(text.contains(instruction), "{}:\n{text}", target.name);
        }
    }
}
