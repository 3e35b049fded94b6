//! The machine code is made for, and making it.
//!
//! Code refers to its own file by short distances or absolute addresses, whatever the target says is
//! good: the loader maps text and data together and reaches runtime functions through stubs, so no
//! larger code model is needed and `--size-level` does not change the code.

use super::error::LlvmError;
use super::module::Module;
use super::passes::{self, reported};
use super::{assembler, reassembly};
use crate::options::OptLevel;
use inkwell::module::Module as Inkwell;
use inkwell::targets::{FileType, Target, TargetMachine, TargetTriple};
use std::fmt;
use targets::{Abi, Emission, Nans};

mod aarch64;
mod arm;
mod initialisation;
mod mips;
mod plugin;
mod probe;
mod raw;
mod riscv;
mod x86;
mod xtensa;

pub(super) use initialisation::initialise;

/// A name LLVM knows and what it says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameAndHelp {
    /// The name.
    pub name: &'static str,
    /// One line of explanation.
    pub help: &'static str,
}

const fn feature(name: &'static str, help: &'static str) -> NameAndHelp {
    NameAndHelp { name, help }
}

/// What to make code for.
#[derive(Clone, Copy, Debug)]
pub struct MachineOptions<'a> {
    /// The target.
    pub target: &'a targets::Target,
    /// Its ABI; `None` for the default.
    pub abi: Option<&'a Abi>,
    /// LLVM processor name.
    pub cpu: &'a str,
    /// Features as LLVM spells them: `+a,-b`; may be empty.
    pub features: &'a str,
    /// Effort of the code generator.
    pub level: OptLevel,
    /// The code will be executed where the file is, which may be anywhere in a page.
    pub in_place: bool,
}

impl MachineOptions<'_> {
    /// LLVM's triple.
    fn triple(&self) -> &str {
        let of_abi = self.abi.and_then(|abi| abi.triple);
        of_abi.unwrap_or(self.target.llvm.triple)
    }

    /// LLVM's name of the ABI, empty if the triple says it.
    fn abi_name(&self) -> &str {
        self.abi.map_or(self.target.llvm.abi, |abi| abi.llvm)
    }
}

impl fmt::Display for MachineOptions<'_> {
    /// All that the code depends on.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            target,
            cpu,
            features,
            level,
            in_place,
            ..
        } = self;
        let (triple, abi) = (self.triple(), self.abi_name());
        write!(
            formatter,
            "{} {triple} {abi} {cpu} {features} {level:?} {in_place}",
            target.name
        )
    }
}

/// A target machine.
pub struct Machine {
    inner: TargetMachine,
    triple: TargetTriple,
    emission: Emission,
    signed_words: bool,
    nans: Nans,
    level: OptLevel,
}

impl Machine {
    /// Sets the machine up.
    ///
    /// # Errors
    /// [`LlvmError::Target`], [`LlvmError::Cpu`] and [`LlvmError::Feature`] name what LLVM does not
    /// know, [`LlvmError::Abi`] what the ABI lacks, [`LlvmError::NoPlugin`] and [`LlvmError::Plugin`] what has to be built
    /// first.
    pub fn new(options: &MachineOptions<'_>) -> Result<Self, LlvmError> {
        initialise();
        if let Emission::External(external) = options.target.llvm.emission {
            plugin::register(options.triple(), external)?;
        }
        check_names(options)?;
        if let Some(abi) = options.abi {
            // Asked of the default ABI: LLVM would complain on standard error of one it cannot have.
            let default = MachineOptions {
                abi: None,
                ..*options
            };
            for feature in abi.requires {
                if !probe::has(&default, feature)? {
                    return Err(LlvmError::Abi {
                        abi: abi.name,
                        feature,
                        cpu: options.cpu.to_owned(),
                    });
                }
            }
        }
        Self::create(options)
    }

    /// Sets the machine up, whatever it is asked to be.
    fn create(options: &MachineOptions<'_>) -> Result<Self, LlvmError> {
        let llvm = &options.target.llvm;
        let unknown = |message: String| LlvmError::Target {
            triple: options.triple().to_owned(),
            message,
        };
        // `thumbv7m-none-gnueabi` would have an unknown environment without: LLVM counts components from the left.
        let triple = TargetMachine::normalize_triple(&TargetTriple::create(options.triple()));
        let target = Target::from_triple(&triple).map_err(|text| unknown(text.to_string()))?;
        let inner = raw::create(&target, &triple, options)
            .ok_or_else(|| unknown("no target machine".to_owned()))?;
        inner.set_asm_verbosity(false);
        Ok(Self {
            inner,
            triple,
            emission: llvm.emission,
            signed_words: options.target.signed_words,
            nans: options.target.nans,
            level: options.level,
        })
    }

    pub(super) fn inner(&self) -> &TargetMachine {
        &self.inner
    }

    /// Gives a module the triple and data layout of the machine.
    pub(super) fn describe(&self, module: &Inkwell<'_>) {
        module.set_triple(&self.triple);
        module.set_data_layout(&self.inner.get_target_data().get_data_layout());
    }

    /// Whether constants can hold the distance between two symbols.
    pub(super) fn has_distances(&self) -> bool {
        self.emission == Emission::Object
    }

    /// Whether the C convention wants 32-bit integers sign-extended.
    pub(super) fn signed_words(&self) -> bool {
        self.signed_words
    }

    /// What functions say of their size.
    pub(super) fn attributes(&self) -> &'static [&'static str] {
        passes::attributes(self.level)
    }

    /// What NaNs operations make.
    pub(super) fn nans(&self) -> Nans {
        self.nans
    }

    /// Compiles a module to an object file.
    ///
    /// # Errors
    /// [`LlvmError::Step`] if LLVM or an assembler reports an error, [`LlvmError::NoAssembler`] if the target takes one that
    /// is not there.
    pub fn emit(&self, module: &Module<'_>) -> Result<Vec<u8>, LlvmError> {
        match self.emission {
            Emission::Object => self.write(module, FileType::Object),
            Emission::Reassembled => reassembly::assemble(self, &self.emit_assembly(module)?),
            Emission::External(external) => {
                assembler::assemble(external, &self.emit_assembly(module)?)
            }
        }
    }

    /// Compiles a module to assembly text.
    ///
    /// # Errors
    /// [`LlvmError::Step`] if LLVM reports an error.
    pub fn emit_assembly(&self, module: &Module<'_>) -> Result<String, LlvmError> {
        if self.emission == Emission::Reassembled {
            module.reserve_spare_slots();
        }
        let text = self.write(module, FileType::Assembly)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    pub(super) fn write(&self, module: &Module<'_>, kind: FileType) -> Result<Vec<u8>, LlvmError> {
        let buffer = self
            .inner
            .write_to_memory_buffer(&module.inner, kind)
            .map_err(|message| LlvmError::Step {
                step: "emit",
                message: message.to_string(),
            })?;
        reported(module.context, "emit")?;
        let bytes = buffer.as_slice();
        // inkwell's slice includes the NUL LLVM keeps behind every buffer.
        Ok(bytes
            .strip_suffix(&[0])
            .filter(|_| buffer.get_size() < bytes.len())
            .unwrap_or(bytes)
            .to_vec())
    }
}

/// Version of the LLVM that is linked, as `major.minor.patch`.
#[must_use]
pub fn version() -> String {
    let (major, minor, patch) = inkwell::support::get_llvm_version();
    format!("{major}.{minor}.{patch}")
}

/// Processor names of a triple's architecture, ascending; empty for one we have no table of.
#[must_use]
pub fn cpu_names(triple: &str) -> &'static [&'static str] {
    names(triple).map_or(&[], |names| names.cpus)
}

/// Feature names of a triple's architecture, ascending; empty for one we have no table of.
#[must_use]
pub fn feature_names(triple: &str) -> &'static [NameAndHelp] {
    names(triple).map_or(&[], |names| names.features)
}

/// Names of one of LLVM's targets.
struct Names {
    /// How the triples begin.
    prefixes: &'static [&'static str],
    cpus: &'static [&'static str],
    features: &'static [NameAndHelp],
}

/// Every table, by the first word of triples.
#[rustfmt::skip]
const NAMES: &[Names] = &[
    Names { prefixes: &["x86_64", "i386", "i486", "i586", "i686"], cpus: x86::CPUS, features: x86::FEATURES },
    Names { prefixes: &["aarch64"], cpus: aarch64::CPUS, features: aarch64::FEATURES },
    Names { prefixes: &["arm", "thumb"], cpus: arm::CPUS, features: arm::FEATURES },
    Names { prefixes: &["riscv32", "riscv64"], cpus: riscv::CPUS, features: riscv::FEATURES },
    Names { prefixes: &["mips"], cpus: mips::CPUS, features: mips::FEATURES },
    Names { prefixes: &["xtensa"], cpus: xtensa::CPUS, features: xtensa::FEATURES },
];

fn names(triple: &str) -> Option<&'static Names> {
    let starts = |prefix: &&str| triple.starts_with(prefix);
    NAMES.iter().find(|names| names.prefixes.iter().any(starts))
}

/// The processor this compiler runs on, with its features: only for `--cpu=native`.
#[must_use]
pub fn host_cpu() -> (String, String) {
    let cpu = TargetMachine::get_host_cpu_name().to_string();
    let features = TargetMachine::get_host_cpu_features().to_string();
    (cpu, features)
}

fn check_names(options: &MachineOptions<'_>) -> Result<(), LlvmError> {
    let triple = options.triple().to_owned();
    let cpus = cpu_names(options.triple());
    if !cpus.is_empty() && !options.cpu.is_empty() && cpus.binary_search(&options.cpu).is_err() {
        return Err(LlvmError::Cpu {
            cpu: options.cpu.to_owned(),
            triple,
        });
    }
    let features = feature_names(options.triple());
    for feature in options
        .features
        .split(',')
        .filter(|feature| !feature.is_empty())
    {
        let name = feature.strip_prefix(['+', '-']).unwrap_or_default();
        if !features.is_empty()
            && features
                .binary_search_by_key(&name, |known| known.name)
                .is_err()
        {
            let feature = feature.trim_start_matches(['+', '-']).to_owned();
            return Err(LlvmError::Feature { feature, triple });
        }
    }
    Ok(())
}
