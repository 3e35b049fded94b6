//! What an object can contain that a container cannot.

use std::fmt;
use targets::reloc::RelocError;

/// Where in an object something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Name of the object's section.
    pub section: String,
    /// Offset in that section, in bytes.
    pub offset: u64,
    /// The function whose code contains the place, if it is code.
    pub function: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}+{:#x}", self.section, self.offset)?;
        match &self.function {
            Some(function) => write!(formatter, " (in {function})"),
            None => Ok(()),
        }
    }
}

/// Why an object could not be turned into the pieces of a container.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// Not an object file of the expected kind.
    #[error("unreadable object: {message}")]
    Unreadable {
        /// What is wrong with it.
        message: String,
    },
    /// An object for another machine.
    #[error("object is for machine {found}, expected {expected}")]
    Machine {
        /// Its ELF machine number.
        found: u16,
        /// The target's ELF machine number.
        expected: u16,
    },
    /// A section that has no place in a container.
    #[error("section {section} of {size} bytes has no place in a container")]
    Section {
        /// Its name.
        section: String,
        /// Its size in bytes.
        size: u64,
    },
    /// A section needs more alignment than loaders give.
    #[error("section {section} needs alignment {align}, loaders give at most {limit}")]
    Alignment {
        /// Its name.
        section: String,
        /// What it needs, in bytes.
        align: u64,
        /// What is possible, in bytes.
        limit: u64,
    },
    /// A symbol is defined twice.
    #[error("symbol {symbol} is defined twice")]
    Duplicate {
        /// The symbol.
        symbol: String,
    },
    /// A symbol that is neither in the object nor in a runtime.
    #[error("{place} refers to {symbol}, which no runtime provides")]
    Symbol {
        /// Where it is used.
        place: Place,
        /// The symbol.
        symbol: String,
    },
    /// A relocation number the target's loaders do not apply.
    #[error("{place} refers to {symbol} by relocation {number}, which loaders cannot apply")]
    Number {
        /// Where it is.
        place: Place,
        /// The symbol.
        symbol: String,
        /// The relocation's number.
        number: u32,
    },
    /// The lower part of an address that does not say where its upper part is.
    #[error("{place}: {name} refers to no relocation of the same section")]
    Pair {
        /// Where it is.
        place: Place,
        /// The relocation's name.
        name: &'static str,
    },
    /// A relocation that loaders apply, but not in this section or against this symbol.
    #[error("{place} refers to {symbol} by {name}, which loaders only apply {only}")]
    Form {
        /// Where it is.
        place: Place,
        /// The symbol.
        symbol: String,
        /// The relocation's name.
        name: &'static str,
        /// Where they do apply it.
        only: &'static str,
    },
    /// A relocation number that stock's loader does not apply.
    #[error("{place} refers to {symbol} by {name}, which stock WAMR does not apply on {target}")]
    StockNumber {
        /// Where it is.
        place: Place,
        /// The symbol.
        symbol: String,
        /// The relocation's name.
        name: &'static str,
        /// The target.
        target: &'static str,
    },
    /// A symbol that the default build of stock's runtime does not have.
    #[error("{place} refers to {symbol}, which the default build of stock WAMR does not provide")]
    StockSymbol {
        /// Where it is used.
        place: Place,
        /// The symbol.
        symbol: String,
    },
    /// A relocation whose value does not fit.
    #[error("{place} refers to {symbol} by {name}: {error}")]
    Value {
        /// Where it is.
        place: Place,
        /// The symbol.
        symbol: String,
        /// The relocation's name.
        name: &'static str,
        /// What does not fit.
        error: RelocError,
    },
}

impl ObjectError {
    pub(super) fn unprovided(place: Place, symbol: String) -> Self {
        Self::Symbol { place, symbol }
    }
}
