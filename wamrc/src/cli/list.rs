//! Lists: targets, CPUs, CPU features, ABIs, versions.

use super::Failure;
use clap::Args;
use targets::{Endian, FloatAbi, Target, profile};
use wamrc::llvm;

/// Options of the list of targets.
#[derive(Debug, Default, Args)]
#[group(id = "targets-options")]
pub(super) struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the targets with their baseline.
pub(super) fn targets(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.json {
        let targets = targets::ALL.iter().map(|target| describe(target));
        println!("{:#}", serde_json::Value::from_iter(targets));
        return Ok(());
    }
    let head = [
        "target",
        "baseline CPU",
        "ABI",
        "floats",
        "memory checks",
        "LLVM triple",
    ];
    let targets = targets::ALL.iter().map(|target| {
        [
            target.name,
            target.llvm.cpu,
            target.abis.first().map_or("", |abi| abi.name),
            floats(target.float_abi),
            checks(target),
            target.llvm.triple,
        ]
    });
    print_table(head, targets);
    println!();
    let head = ["profile", "target", "CPU", "features", "ABI", "what it is"];
    let profiles = profile::ALL.iter().map(|profile| {
        [
            profile.name,
            profile.target.name,
            profile.cpu,
            profile.features,
            profile.abi,
            profile.about,
        ]
    });
    print_table(head, profiles);
    Ok(())
}

/// Prints rows with columns as wide as they need.
fn print_table<'a, const N: usize>(head: [&'a str; N], rows: impl Iterator<Item = [&'a str; N]>) {
    let rows: Vec<[&str; N]> = std::iter::once(head).chain(rows).collect();
    for row in &rows {
        let mut line = String::new();
        for (column, text) in row.iter().enumerate() {
            let width = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|text| text.len());
            line.push_str(&format!(
                "{text:width$}  ",
                width = width.max().unwrap_or(0)
            ));
        }
        println!("{}", line.trim_end());
    }
}

/// What a target implies.
fn describe(target: &Target) -> serde_json::Value {
    let abis: Vec<_> = target
        .abis
        .iter()
        .map(|abi| serde_json::json!({"name": abi.name, "floats": floats(abi.float_abi)}))
        .collect();
    let features = [target.llvm.features, target.llvm.always].join(",");
    serde_json::json!({
        "name": target.name,
        "pointer_bits": target.width.bits(),
        "byte_order": match target.endian {
            Endian::Little => "little",
            Endian::Big => "big",
        },
        "elf_machine": target.elf_machine,
        "aot_arch": target.aot_arch,
        "llvm_triple": target.llvm.triple,
        "cpu": target.llvm.cpu,
        "cpu_features": features.trim_matches(','),
        "floats": floats(target.float_abi),
        "memory_checks": checks(target),
        "abis": abis,
        "profiles": profiles(target),
        "notes": target.notes,
    })
}

/// The profiles of a target.
fn profiles(target: &Target) -> serde_json::Value {
    let own = profile::ALL
        .iter()
        .filter(|profile| profile.target.name == target.name);
    own.map(|profile| {
        serde_json::json!({
            "name": profile.name,
            "cpu": profile.cpu,
            "cpu_features": profile.features,
            "abi": profile.abi,
            "about": profile.about,
        })
    })
    .collect()
}

/// Where floats are passed.
fn floats(abi: FloatAbi) -> &'static str {
    match abi {
        FloatAbi::Soft => "integer registers",
        FloatAbi::Single => "float registers for f32",
        FloatAbi::Double => "float registers",
    }
}

/// Who checks accesses to linear memory, unless asked otherwise.
fn checks(target: &Target) -> &'static str {
    match target.guard_pages {
        true => "guard pages",
        false => "code",
    }
}

/// Prints the CPU names of a target.
pub(super) fn cpus(target: &Target) {
    println!(
        "CPUs of target {} (and: native, the CPU this compiler runs on):",
        target.name
    );
    for name in llvm::cpu_names(target.llvm.triple) {
        println!("  {name}");
    }
}

/// Prints the CPU features of a target.
pub(super) fn cpu_features(target: &Target) {
    let features = llvm::feature_names(target.llvm.triple);
    let width = features
        .iter()
        .map(|feature| feature.name.len())
        .max()
        .unwrap_or(0);
    println!(
        "CPU features of target {}; use as --cpu-features=+a,-b:",
        target.name
    );
    for feature in features {
        println!("  {:width$}  {}", feature.name, feature.help);
    }
}

/// Prints the ABI names of a target, the default first.
pub(super) fn abis(target: &Target) {
    println!("ABIs of target {}, the default first:", target.name);
    let width = target
        .abis
        .iter()
        .map(|abi| abi.name.len())
        .max()
        .unwrap_or(0);
    for abi in target.abis {
        println!("  {:width$}  floats in {}", abi.name, floats(abi.float_abi));
    }
}

/// Prints the compiler's version.
pub(super) fn version() -> Result<(), Failure> {
    println!(
        "wamrc {} (AOT format 6, also writes 5)",
        env!("CARGO_PKG_VERSION")
    );
    Ok(())
}

/// Prints the names of operations that the runtime can carry out.
pub(super) fn intrinsics() {
    for name in wamrc::lower::intrinsic_names() {
        println!("{name}");
    }
}

/// Prints the version of LLVM.
pub(super) fn llvm_version() -> Result<(), Failure> {
    println!("LLVM version: {}", llvm::version());
    Ok(())
}
