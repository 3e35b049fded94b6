//! Options that say what to compile for and how, shared by every command that compiles.

use super::resources::positive;
use super::{Failure, list};
use clap::Args;
use std::num::NonZeroU32;
use targets::triple::Selection;
use targets::{Abi, Target};
use wamrc::Options;
use wamrc::options::{
    AddressMap, AotVersion, AuxStackCheck, BoundsCheck, Cpu, Intrinsics, JumpTables, OptLevel,
    Partitioning, Proposal, Runtime, RuntimeCalls, SizeLevel, StackCheck,
};

/// Target when none is given. A constant, not the host: the same command line gives the same file
/// everywhere.
const DEFAULT_TARGET: &str = "x86_64";

/// What to compile for and how.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one per option, as clap wants them"
)]
#[group(id = "settings")]
pub(super) struct Settings {
    /// Version of the AOT file: 6 (WAMR's main branch) or 5 (WAMR 2.4.1 to 2.4.5)
    #[arg(long, value_name = "N", default_value = "6", value_parser = ["5", "6"],
          hide_possible_values = true, help_heading = "Output")]
    aot_version: String,

    /// Copy these custom sections of the module, in this order; `name` keeps the function names
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Output"
    )]
    emit_custom_sections: Vec<String>,

    /// Tell in the file which instruction of the module its code was made from, for wamrc objdump. It takes about as
    /// many bytes as the code
    #[arg(short = 'g', long, help_heading = "Output")]
    address_map: bool,

    /// Machine to compile for, by name or triple; `help` lists them
    #[arg(long, value_name = "TARGET", default_value = DEFAULT_TARGET, help_heading = "Target")]
    target: String,

    /// ABI of the target; `help` lists them [default: the target's]
    #[arg(long, value_name = "ABI", help_heading = "Target")]
    target_abi: Option<String>,

    /// CPU to compile for; `help` lists them, `native` is this machine's [default: the target's
    /// portable baseline]
    #[arg(long, value_name = "CPU", help_heading = "Target")]
    pub(super) cpu: Option<String>,

    /// CPU features to add and remove, as +a,-b; `+help` lists them
    #[arg(
        long,
        value_name = "FEATURES",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true,
        help_heading = "Target"
    )]
    cpu_features: String,

    /// Runtime the file has to load on: wamrc, or stock for the default build of stock WAMR. What its
    /// loader could not apply is an error
    #[arg(long, value_name = "RUNTIME", default_value = "wamrc", value_parser = ["wamrc", "stock"],
          hide_possible_values = true, help_heading = "Target")]
    runtime: String,

    /// Code for an SGX enclave: the same as --bounds-checks=1 --stack-bounds-checks=1 (also spelled -sgx)
    #[arg(long, help_heading = "Target", conflicts_with_all = ["bounds_checks", "stack_bounds_checks"])]
    sgx: bool,

    /// How hard to optimise: 0 to 3
    #[arg(long, value_name = "LEVEL", default_value = "3", value_parser = ["0", "1", "2", "3"],
          hide_possible_values = true, help_heading = "Code")]
    opt_level: String,

    /// The same with the letters of C compilers: 0 compiles fastest, 3 is the default, s and z make small code
    #[arg(short = 'O', value_name = "LEVEL", value_parser = level, conflicts_with = "opt_level",
          help_heading = "Code")]
    optimise: Option<OptLevel>,

    /// Compile all functions of the module together. Else large modules are compiled in parts, side by side
    #[arg(long, help_heading = "Code")]
    whole_module: bool,

    /// Bytes of WebAssembly code in a part [default: 4096]. The file depends on it
    #[arg(
        long,
        value_name = "BYTES",
        value_parser = positive::<NonZeroU32>,
        conflicts_with = "whole_module",
        help_heading = "Code"
    )]
    part_size: Option<NonZeroU32>,

    /// Code model: 0 large, 1 medium, 2 kernel, 3 small. The code is the same for all: it reaches
    /// everything from anywhere
    #[arg(long, value_name = "LEVEL", default_value = "3", value_parser = ["0", "1", "2", "3"],
          hide_possible_values = true, help_heading = "Code")]
    size_level: String,

    /// Check memory accesses in the code (1) or by guard pages of the runtime (0) [default: 0 on
    /// 64-bit targets]
    #[arg(long, value_name = "0|1", value_parser = ["0", "1"], hide_possible_values = true,
          help_heading = "Code")]
    bounds_checks: Option<String>,

    /// Check the native stack in the code (1) or by a guard page (0) [default: as --bounds-checks
    /// has it for the target]
    #[arg(long, value_name = "0|1", value_parser = ["0", "1"], hide_possible_values = true,
          help_heading = "Code")]
    stack_bounds_checks: Option<String>,

    /// Do not check the program's own stack pointer
    #[arg(long, help_heading = "Code")]
    disable_aux_stack_check: bool,

    /// Do not make jump tables
    #[arg(long, help_heading = "Code")]
    disable_llvm_jump_tables: bool,

    /// Make a file whose code is executed where the file is, in flash for example: the same as
    /// --enable-indirect-mode --disable-llvm-intrinsics. Code that could not be is an error
    #[arg(long, help_heading = "Code")]
    xip: bool,

    /// Call the runtime through a table instead of directly, and mark the file as one whose code can
    /// stay where it is
    #[arg(long, help_heading = "Code")]
    enable_indirect_mode: bool,

    /// Have the runtime carry out the operations that LLVM would call helper routines for
    #[arg(long, help_heading = "Code")]
    disable_llvm_intrinsics: bool,

    /// Instead of those, have it carry out these operations: groups (all, i32.common, fpxint, …) and
    /// single ones, separated by commas; `help` lists them
    #[arg(long, value_name = "LIST", help_heading = "Code")]
    enable_builtin_intrinsics: Option<String>,

    /// Refuse modules that use SIMD
    #[arg(long, help_heading = "Proposals")]
    disable_simd: bool,

    /// Refuse modules that use bulk memory
    #[arg(long, help_heading = "Proposals")]
    disable_bulk_memory: bool,

    /// Refuse modules that use reference types
    #[arg(long, help_heading = "Proposals")]
    disable_ref_types: bool,
}

fn level(text: &str) -> Result<OptLevel, String> {
    let level = OptLevel::ALL.iter().find(|(name, _)| *name == text);
    level
        .map(|(_, level)| *level)
        .ok_or_else(|| "expected 0, 1, 2, 3, s or z".to_owned())
}

impl Settings {
    /// Prints the list that `help` as a value asks for; false if none was asked for.
    pub(super) fn print_list(&self) -> Result<bool, Failure> {
        if self.target == "help" {
            list::targets(&list::Arguments::default())?;
            return Ok(true);
        }
        let target = self.selection()?.target;
        if self.target_abi.as_deref() == Some("help") {
            list::abis(target);
        } else if self.cpu.as_deref() == Some("help") {
            list::cpus(target);
        } else if matches!(self.cpu_features.as_str(), "help" | "+help") {
            list::cpu_features(target);
        } else if self.enable_builtin_intrinsics.as_deref() == Some("help") {
            list::intrinsics();
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn selection(&self) -> Result<Selection, Failure> {
        targets::triple::parse(&self.target).map_err(|error| {
            let name = &self.target;
            Failure::usage(format!(
                "--target={name}: {error} (--target=help lists the targets)"
            ))
        })
    }

    /// The compiler's options.
    pub(super) fn options(&self) -> Result<Options, Failure> {
        let selection = self.selection()?;
        let mut options = Options::select(&selection);
        self.choose_machine(selection.target, &mut options)?;
        self.choose_runtime_calls(&mut options)?;
        self.choose_checks(&mut options);
        if self.aot_version == "5" {
            options.aot_version = AotVersion::V5;
        }
        let named = level(&self.opt_level).unwrap_or(OptLevel::O3);
        options.opt_level = self.optimise.unwrap_or(named);
        options.partitioning = match (self.whole_module, self.part_size) {
            (true, _) => Partitioning::Whole,
            (false, Some(bytes)) => Partitioning::Parts(bytes),
            (false, None) => options.partitioning,
        };
        if self.address_map {
            options.address_map = AddressMap::Emit;
        }
        options.size_level = match self.size_level.as_str() {
            "0" => SizeLevel::Large,
            "1" => SizeLevel::Medium,
            "2" => SizeLevel::Kernel,
            _ => SizeLevel::Small,
        };
        if self.disable_llvm_jump_tables {
            options.jump_tables = JumpTables::Avoid;
        }
        let proposal = |disabled| match disabled {
            true => Proposal::Refuse,
            false => Proposal::Accept,
        };
        options.simd = proposal(self.disable_simd);
        options.bulk_memory = proposal(self.disable_bulk_memory);
        options.reference_types = proposal(self.disable_ref_types);
        options
            .custom_sections
            .clone_from(&self.emit_custom_sections);
        Ok(options)
    }

    fn choose_machine(&self, target: &Target, options: &mut Options) -> Result<(), Failure> {
        if let Some(name) = self.target_abi.as_deref() {
            options.abi = abi(name, target)?;
        }
        if self.runtime == "stock" {
            options.runtime = Runtime::Stock;
        }
        match self.cpu.as_deref() {
            None => {}
            Some("native") => options.cpu = Cpu::Native,
            Some(name) => options.cpu = Cpu::Named(name.to_owned()),
        }
        if !options.cpu_features.is_empty() && !self.cpu_features.is_empty() {
            options.cpu_features.push(',');
        }
        options.cpu_features.push_str(&self.cpu_features);
        if self.sgx && target.name != DEFAULT_TARGET {
            let name = target.name;
            return Err(Failure::usage(format!(
                "-sgx: {name} has no enclaves, {DEFAULT_TARGET} has"
            )));
        }
        Ok(())
    }

    fn choose_checks(&self, options: &mut Options) {
        let enclave = self.sgx.then_some("1");
        match self.bounds_checks.as_deref().or(enclave) {
            None => {}
            Some("0") => options.bounds_check = BoundsCheck::GuardPages,
            Some(_) => options.bounds_check = BoundsCheck::Emit,
        }
        match self.stack_bounds_checks.as_deref().or(enclave) {
            None => {}
            Some("0") => options.stack_check = StackCheck::GuardPage,
            Some(_) => options.stack_check = StackCheck::Emit,
        }
        if self.disable_aux_stack_check {
            options.aux_stack_check = AuxStackCheck::Omit;
        }
    }

    /// How code calls the runtime, and what for.
    fn choose_runtime_calls(&self, options: &mut Options) -> Result<(), Failure> {
        if self.xip || self.enable_indirect_mode {
            options.runtime_calls = RuntimeCalls::Table;
        }
        let list = self.enable_builtin_intrinsics.as_deref();
        if self.xip || self.disable_llvm_intrinsics {
            // The list replaces the target's.
            options.intrinsics = list.map_or(Intrinsics::OfTarget, |list| {
                Intrinsics::Listed(list.split(',').map(str::to_owned).collect())
            });
        } else if list.is_some() {
            return Err(Failure::usage(
                "--enable-builtin-intrinsics goes with --disable-llvm-intrinsics or --xip",
            ));
        }
        Ok(())
    }
}

/// The ABI of this name. Stock's `gnu` is the default of targets that do not know it.
fn abi(name: &str, target: &Target) -> Result<Option<&'static Abi>, Failure> {
    let known = target.abi(name);
    if known.is_some() || name == "gnu" {
        return Ok(known);
    }
    let names: Vec<_> = target.abis.iter().map(|abi| abi.name).collect();
    Err(Failure::usage(format!(
        "--target-abi={name}: not an ABI of {}, which has {}",
        target.name,
        names.join(", ")
    )))
}
