//! The machine code is made for, and making it.
//!
//! Code is always position independent with 32-bit distances inside the file: the loader maps text
//! and data together and reaches runtime functions through stubs, so no larger code model is needed
//! and `--size-level` does not change the code.

use super::error::LlvmError;
use super::module::Module;
use super::passes::{codegen, reported};
use crate::options::OptLevel;
use inkwell::module::Module as Inkwell;
use inkwell::targets::{
    CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetMachine, TargetTriple,
};
use std::sync::Once;

mod x86;

/// A name LLVM knows and what it says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameAndHelp {
    /// The name.
    pub name: &'static str,
    /// One line of explanation.
    pub help: &'static str,
}

/// What to make code for.
#[derive(Clone, Copy, Debug)]
pub struct MachineOptions<'a> {
    /// LLVM triple.
    pub triple: &'a str,
    /// LLVM processor name.
    pub cpu: &'a str,
    /// Features as LLVM spells them: `+a,-b`; may be empty.
    pub features: &'a str,
    /// Effort of the code generator.
    pub level: OptLevel,
}

/// A target machine.
pub struct Machine {
    inner: TargetMachine,
    triple: TargetTriple,
}

impl Machine {
    /// Sets the machine up.
    ///
    /// # Errors
    /// [`LlvmError::Target`], [`LlvmError::Cpu`] and [`LlvmError::Feature`] name what LLVM does not
    /// know.
    pub fn new(options: &MachineOptions<'_>) -> Result<Self, LlvmError> {
        initialise();
        check_names(options)?;
        let unknown = |message: String| LlvmError::Target {
            triple: options.triple.to_owned(),
            message,
        };
        let triple = TargetTriple::create(options.triple);
        let target = Target::from_triple(&triple).map_err(|text| unknown(text.to_string()))?;
        let inner = target
            .create_target_machine(
                &triple,
                options.cpu,
                options.features,
                codegen(options.level),
                RelocMode::PIC,
                CodeModel::Small,
            )
            .ok_or_else(|| unknown("no target machine".to_owned()))?;
        inner.set_asm_verbosity(false);
        Ok(Self { inner, triple })
    }

    pub(super) fn inner(&self) -> &TargetMachine {
        &self.inner
    }

    /// Gives a module the triple and data layout of the machine.
    pub(super) fn describe(&self, module: &Inkwell<'_>) {
        module.set_triple(&self.triple);
        module.set_data_layout(&self.inner.get_target_data().get_data_layout());
    }

    /// Compiles a module to an object file.
    ///
    /// # Errors
    /// [`LlvmError::Step`] if LLVM reports an error.
    pub fn emit(&self, module: &Module<'_>) -> Result<Vec<u8>, LlvmError> {
        self.write(module, FileType::Object)
    }

    /// Compiles a module to assembly text.
    ///
    /// # Errors
    /// [`LlvmError::Step`] if LLVM reports an error.
    pub fn emit_assembly(&self, module: &Module<'_>) -> Result<String, LlvmError> {
        let text = self.write(module, FileType::Assembly)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn write(&self, module: &Module<'_>, kind: FileType) -> Result<Vec<u8>, LlvmError> {
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
    if is_x86(triple) { x86::CPUS } else { &[] }
}

/// Feature names of a triple's architecture, ascending; empty for one we have no table of.
#[must_use]
pub fn feature_names(triple: &str) -> &'static [NameAndHelp] {
    if is_x86(triple) { x86::FEATURES } else { &[] }
}

/// The processor this compiler runs on, with its features: only for `--cpu=native`.
#[must_use]
pub fn host_cpu() -> (String, String) {
    let cpu = TargetMachine::get_host_cpu_name().to_string();
    let features = TargetMachine::get_host_cpu_features().to_string();
    (cpu, features)
}

fn is_x86(triple: &str) -> bool {
    let arch = triple.split('-').next().unwrap_or_default();
    arch == "x86_64" || (arch.starts_with('i') && arch.ends_with("86"))
}

fn check_names(options: &MachineOptions<'_>) -> Result<(), LlvmError> {
    let triple = options.triple.to_owned();
    let cpus = cpu_names(options.triple);
    if !cpus.is_empty() && !options.cpu.is_empty() && cpus.binary_search(&options.cpu).is_err() {
        return Err(LlvmError::Cpu {
            cpu: options.cpu.to_owned(),
            triple,
        });
    }
    let features = feature_names(options.triple);
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

pub(super) fn initialise() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| Target::initialize_x86(&InitializationConfig::default()));
}
