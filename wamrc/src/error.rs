//! Everything that can go wrong between wasm bytes and container bytes.
//!
//! One variant per situation a user could tell apart (architecture section 9): the module is
//! wrong, the module needs something that does not exist yet, an option makes no sense, the result
//! cannot be expressed in the container, or the compiler itself is at fault.

use crate::llvm::LlvmError;
use crate::wasm::WasmOffset;

/// Why a module was not compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// The input is not a WebAssembly module at all.
    #[error("not a WebAssembly module: starts with {found}, expected 00 61 73 6d")]
    NotWasm {
        /// The first bytes of the input, printed.
        found: String,
    },
    /// The module is malformed or does not validate.
    #[error("invalid module at {offset}: {message}")]
    Invalid {
        /// What is wrong, in wasmparser's words.
        message: String,
        /// Where in the wasm file.
        offset: WasmOffset,
    },
    /// The module uses a feature that is not implemented.
    #[error("uses {feature} at {offset}: not supported yet")]
    Unsupported {
        /// Name of the feature.
        feature: &'static str,
        /// First use in the wasm file.
        offset: WasmOffset,
    },
    /// The module uses a feature that an option forbids.
    #[error("uses {feature} at {offset}, which {option} forbids")]
    Forbidden {
        /// Name of the feature.
        feature: &'static str,
        /// First use in the wasm file.
        offset: WasmOffset,
        /// The option as spelled on the command line.
        option: &'static str,
    },
    /// A count or size exceeds what the container or the target can express.
    #[error("{what} is {value}, the limit is {limit}{}", at(*.offset))]
    Limit {
        /// What is too large.
        what: &'static str,
        /// Its size.
        value: u64,
        /// The greatest size possible.
        limit: u64,
        /// Where in the wasm file, if it is there.
        offset: Option<WasmOffset>,
    },
    /// The instance of the module would be too large for the offsets code uses.
    #[error("memories, globals and tables of an instance take more than 2 GiB")]
    Layout,
    /// Code that is to be executed in place would have to be changed first.
    #[error("function {function} cannot be executed in place: it refers to {symbol}, {cause}")]
    InPlace {
        /// Index of the function, and its name if the module has names; or what it is instead.
        function: String,
        /// The symbol.
        symbol: String,
        /// Why it is referred to in that way, or what helps.
        cause: &'static str,
    },
    /// Code calls a function through the table that stock's runtime does not have.
    #[error("the code calls {symbol}, which the default build of stock WAMR does not provide")]
    StockTable {
        /// The function.
        symbol: String,
    },
    /// A name of an operation that is none.
    #[error("unknown intrinsic {name:?}")]
    UnknownIntrinsic {
        /// The name.
        name: String,
    },
    /// Target, ABI, CPU and features do not go together.
    #[error(transparent)]
    Combination(#[from] targets::feature::Combination),
    /// The object file the code generator made cannot be turned into a container.
    #[error(transparent)]
    Object(#[from] crate::object::ObjectError),
    /// LLVM reported a failure.
    #[error(transparent)]
    Llvm(#[from] LlvmError),
    /// The container could not be written.
    #[error(transparent)]
    Container(#[from] aot_format::WriteError),
    /// A violated assumption: a bug of this compiler.
    #[error("internal error, please report it: {message}")]
    Internal {
        /// What was found.
        message: String,
    },
}

impl CompileError {
    /// Whether an option, not the module, is at fault: an unknown CPU or feature, an ABI it cannot have.
    #[must_use]
    pub fn is_about_options(&self) -> bool {
        match self {
            Self::Combination(_) | Self::UnknownIntrinsic { .. } => true,
            Self::Llvm(error) => matches!(
                error,
                LlvmError::Cpu { .. } | LlvmError::Feature { .. } | LlvmError::Abi { .. }
            ),
            _ => false,
        }
    }

    /// Where in the wasm file the cause is, if it is at one place.
    #[must_use]
    pub fn offset(&self) -> Option<WasmOffset> {
        match self {
            Self::Invalid { offset, .. }
            | Self::Unsupported { offset, .. }
            | Self::Forbidden { offset, .. } => Some(*offset),
            Self::Limit { offset, .. } => *offset,
            _ => None,
        }
    }

    /// A violated assumption.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal {
            message: message.into(),
        }
    }
}

fn at(offset: Option<WasmOffset>) -> String {
    offset.map_or_else(String::new, |offset| format!(" (at {offset})"))
}
