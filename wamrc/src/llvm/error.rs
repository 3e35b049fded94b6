//! Failures reported by LLVM itself.
//!
//! The text is LLVM's; the step says what the compiler was doing.

/// LLVM refused something. Unless the message is about the chosen CPU or features, this is a bug of
/// the compiler.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlvmError {
    /// The target triple is not one this build of LLVM has.
    #[error("llvm does not know the target {triple:?}: {message}")]
    Target {
        /// The triple asked for.
        triple: String,
        /// LLVM's explanation.
        message: String,
    },
    /// The processor name is not one of the target's.
    #[error("unknown cpu {cpu:?} for target {triple:?}")]
    Cpu {
        /// The name asked for.
        cpu: String,
        /// The target's triple.
        triple: String,
    },
    /// A feature name is not one of the target's.
    #[error("unknown cpu feature {feature:?} for target {triple:?}")]
    Feature {
        /// The name asked for, without sign.
        feature: String,
        /// The target's triple.
        triple: String,
    },
    /// The ABI needs what the processor does not have.
    #[error(
        "abi {abi} needs the cpu feature {feature:?}, which cpu {cpu:?} lacks with these features"
    )]
    Abi {
        /// The ABI asked for.
        abi: &'static str,
        /// The feature, without sign.
        feature: &'static str,
        /// The processor.
        cpu: String,
    },
    /// LLVM has the target as a plugin, and there is none.
    #[error(
        "llvm has the target {triple:?} as a plugin only: build it by `{recipe}`, or name it in {variable}"
    )]
    NoPlugin {
        /// The triple asked for.
        triple: String,
        /// The command that builds it.
        recipe: &'static str,
        /// The environment variable that may say where it is.
        variable: &'static str,
    },
    /// A plugin of LLVM cannot be used.
    #[error("{path} {problem}: build it again by `{recipe}`")]
    Plugin {
        /// The plugin's file.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
        /// The command that builds it.
        recipe: &'static str,
    },
    /// The target needs an assembler that is not there.
    #[error(
        "cannot start the assembler {program}, which Debian's package {package} brings: {message}"
    )]
    NoAssembler {
        /// Its name.
        program: &'static str,
        /// The package that has it.
        package: &'static str,
        /// The system's explanation.
        message: String,
    },
    /// A step inside LLVM, or one that makes an object of what LLVM has printed, failed.
    #[error("llvm failed in {step}: {message}")]
    Step {
        /// What was being done: "verify", "passes", "emit", "assemble".
        step: &'static str,
        /// LLVM's explanation.
        message: String,
    },
}
