//! The IR every operator family is lowered to, for each fixture in `fixtures/wat`.
//!
//! A fixture starts with `;;!` lines: `options:` with flags as the command line spells them, `--target` first. Each is
//! lowered for every target of the fixture, checked by LLVM's verifier, compared with
//! `snapshots/ir/<family>__<case>@<target>.snap`, and compiled twice to the same object. The fixtures in
//! `errors` are not lowered; see `errors.rs`.

use std::path::Path;
use wamrc::Options;
use wamrc::llvm::{Context, Machine, MachineOptions};
use wamrc::options::{AuxStackCheck, BoundsCheck, StackCheck};
use wamrc::snapshot::normalise_ir;
use wamrc::{lower, plan, wasm};

/// The line of a fixture that is a long list of cases, whose results matter and whose IR nobody would read.
const RUN_ONLY: &str = ";;! run only";

/// What the `;;!` lines of a fixture ask for.
fn read_options(text: &str) -> Options {
    let mut options = Options::new(&targets::X86_64);
    for line in text.lines().map_while(|line| line.strip_prefix(";;!")) {
        let Some(flags) = line.trim().strip_prefix("options:") else {
            continue;
        };
        for flag in flags.split_whitespace() {
            if let Some(name) = flag.strip_prefix("--target=") {
                let target = targets::by_name(name);
                options = Options::new(target.unwrap_or_else(|| panic!("no target {name}")));
                continue;
            }
            match flag {
                "--bounds-checks=1" => options.bounds_check = BoundsCheck::Emit,
                "--stack-bounds-checks=1" => options.stack_check = StackCheck::Emit,
                "--disable-aux-stack-check" => options.aux_stack_check = AuxStackCheck::Omit,
                other => panic!("unknown flag {other}"),
            }
        }
    }
    options
}

/// The IR and the optimised object of a module.
fn compile(binary: &[u8], options: &Options) -> (String, Vec<u8>) {
    let module = wasm::parse(binary).expect("a valid module");
    let plan = plan::plan(&module, options).expect("a plan");
    let machine = Machine::new(&MachineOptions {
        target: options.target,
        abi: options.abi,
        cpu: options.target.llvm.cpu,
        features: options.target.llvm.features,
        level: options.opt_level,
        in_place: false,
    });
    let machine = machine.expect("a machine");
    let context = Context::new();
    let features = targets::feature::Set::of(options.target, options.target.llvm.cpu, "");
    let [partition] = plan.partitions.list.as_slice() else {
        panic!("fixtures are compiled whole");
    };
    let whole = (&module, &plan);
    let lowered = lower::lower(&context, &machine, whole, partition, options, &features);
    let lowered = lowered.expect("code");
    lowered.module.verify().expect("valid IR");
    let ir = lowered.module.print();
    let optimised = lowered.module.optimise(&machine, options.opt_level);
    optimised.expect("optimised code");
    lowered.module.verify().expect("valid optimised IR");
    (ir, machine.emit(&lowered.module).expect("an object"))
}

fn check(path: &Path) {
    let family = path.parent().and_then(Path::file_name).expect("a family");
    let case = path.file_stem().expect("a name");
    if family == "errors" {
        return;
    }
    let name = format!("{}__{}", family.display(), case.display());
    let text = std::fs::read_to_string(path).expect("a fixture");
    if text.lines().any(|line| line == RUN_ONLY) {
        return;
    }
    let binary = wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let options = read_options(&text);
    let (ir, object) = compile(&binary, &options);
    let again = compile(&binary, &options);
    assert!(
        (&ir, &object) == (&again.0, &again.1),
        "{name} differs when compiled again"
    );
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/ir");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_suffix(options.target.name);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, normalise_ir(&ir)));
}

#[test]
fn operator_families() {
    insta::glob!("../../fixtures/wat", "*/*.wat", check);
}
