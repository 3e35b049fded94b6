//! Lists: targets, CPUs, CPU features, ABIs, versions.

use super::Failure;
use targets::Target;
use wamrc::llvm;

/// Prints the targets with their baseline.
pub(super) fn targets() -> Result<(), Failure> {
    let width = targets::ALL
        .iter()
        .map(|target| target.name.len())
        .max()
        .unwrap_or(0);
    println!("{:width$}  baseline CPU  LLVM triple", "target");
    for target in targets::ALL {
        println!(
            "{:width$}  {:12}  {}",
            target.name, target.llvm.cpu, target.llvm.triple
        );
    }
    Ok(())
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

/// Prints the ABI names of a target.
pub(super) fn abis(target: &Target) {
    println!("ABIs of target {}:\n  gnu", target.name);
}

/// Prints the compiler's version.
pub(super) fn version() {
    println!(
        "wamrc {} (AOT format 6, also writes 5)",
        env!("CARGO_PKG_VERSION")
    );
}

/// Prints the version of LLVM.
pub(super) fn llvm_version() {
    println!("LLVM version: {}", llvm::version());
}
