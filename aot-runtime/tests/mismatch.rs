//! Files for other machines: refused when they are loaded, before any of their code runs, by name.
#![cfg(all(
    feature = "std",
    unix,
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64"
    )
))]

use std::ptr::NonNull;

use aot_format::{Artifact, BinType, FeatureFlags, FloatAbi, TargetInfo};
use aot_runtime::platform::{self, Access, Capabilities, Placement, Platform};
use aot_runtime::{LoadOptions, Module};
use targets::Endian;

#[path = "support/machine.rs"]
mod machine;

/// What becomes of the changed module.
fn load(options: &LoadOptions, change: impl FnOnce(&mut Artifact<'_>)) -> String {
    match Module::load(&machine::module(change), options) {
        Ok(_) => "loaded".into(),
        Err(error) => error.to_string(),
    }
}

/// What becomes of the module as if it were for another target.
fn load_for(target: &targets::Target) -> String {
    load(&LoadOptions::default(), |artifact| {
        artifact.target = TargetInfo::new(target, 0, FeatureFlags::NONE);
    })
}

/// The target the module's code is for.
fn native() -> &'static targets::Target {
    let mut native = "";
    machine::module(|artifact| {
        let target = artifact.target.target();
        native = target.map_or("", |target| target.name);
    });
    targets::by_name(native).expect("the module's target")
}

#[test]
fn every_other_architecture_is_named() {
    let this = native();
    assert_eq!(load_for(this), "loaded");
    let ours = |target: &targets::Target| target.elf_machine == this.elf_machine;
    let mut refused = 0;
    for target in targets::ALL.iter().filter(|target| !ours(target)) {
        let told = load_for(target);
        let expected = format!("the file is for {}, this machine is ", target.aot_arch);
        assert!(told.starts_with(&expected), "{}: {told}", target.name);
        refused += 1;
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn the_other_byte_order_is_named() {
    let told = load(&LoadOptions::default(), |artifact| {
        artifact.target.bin_type = BinType::elf(native().width, Endian::Big);
    });
    assert_eq!(
        told,
        "the file is for big-endian machines, this one is little-endian"
    );
}

#[test]
fn the_other_way_to_pass_floats_is_named() {
    let told = load(&LoadOptions::default(), |artifact| {
        if let Some(record) = &mut artifact.record {
            record.float_abi = FloatAbi::Soft;
        }
    });
    assert_eq!(
        told,
        "the file is compiled for the soft-float abi, this runtime for the double-float one"
    );
}

/// The hosted platform on a processor that lacks something.
struct Lacking;

// SAFETY: never asked for memory: everything here fails before.
unsafe impl Platform for Lacking {
    fn capabilities(&self) -> Capabilities {
        platform::hosted()
            .expect("a hosted platform")
            .capabilities()
    }
    fn page_bytes(&self) -> usize {
        4096
    }
    fn reserve(&self, _bytes: usize, _placement: Placement) -> Option<NonNull<u8>> {
        unreachable!("nothing is placed")
    }
    fn protect(&self, _at: NonNull<u8>, _bytes: usize, _access: Access) -> bool {
        unreachable!("nothing is placed")
    }
    fn release(&self, _at: NonNull<u8>, _bytes: usize) {}
    fn sync_code(&self, _at: NonNull<u8>, _bytes: usize) {}
    fn lacks<'a>(&self, _cpu: &'a str, features: &'a str) -> Option<&'a str> {
        let mut needed = features
            .split(',')
            .filter_map(|name| name.strip_prefix('+'));
        needed.find(|name| *name == "mve")
    }
}

#[test]
fn what_the_processor_lacks_is_named() {
    let needing = |features: &'static str| {
        let options = LoadOptions {
            platform: &Lacking,
            trust_stock_checked: false,
        };
        load(&options, |artifact| {
            if let Some(record) = &mut artifact.record {
                record.features = features;
            }
        })
    };
    assert_eq!(
        needing("+dsp,+mve,-fpregs"),
        "the file needs the processor feature mve, which this machine does not have"
    );
}

/// AMD has left these out of every processor since 2017, and nobody else ever had them.
#[test]
#[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
fn the_processor_itself_is_asked() {
    if std::arch::is_x86_feature_detected!("tbm") {
        return;
    }
    let told = load(&LoadOptions::default(), |artifact| {
        if let Some(record) = &mut artifact.record {
            record.features = "+sse3,+tbm";
        }
    });
    assert_eq!(
        told,
        "the file needs the processor feature tbm, which this machine does not have"
    );
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_relocation_out_of_reach_names_symbol_and_distance() {
    let told = load(&LoadOptions::default(), |artifact| {
        artifact.relocations = vec![aot_format::RelocGroup {
            section: ".rela.text",
            relocs: [aot_format::Reloc {
                offset: 1,
                addend: 0x10_0000_0000 + 1,
                kind: 2,
                symbol: ".text",
            }]
            .as_slice()
            .into(),
        }];
    });
    assert_eq!(
        told,
        "relocation R_X86_64_PC32 against .text in .rela.text: value 0x1000000000 outside signed 32 bits"
    );
}
